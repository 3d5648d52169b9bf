"""The same thing done at once from several windows: it happens once, and the others are told."""

import threading
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from django.db import connection

from clinic.models import Staff
from clinic.problems import Refused
from consultations import services
from consultations.models import Consultation, Deal, DealAccount, Payment, Treatment
from reception.models import Visit
from tests.consultations.conftest import Morning
from tests.factories.consultations import make_deal
from triage import services as triage
from triage.selectors.boards import state_of

pytestmark = pytest.mark.django_db(transaction=True)
AT_ONCE = 6


def at_once(*jobs: Callable[[], object]) -> list[str]:
    """Run all jobs at the same moment, each on a connection of its own; return `ok` or the code of the refusal."""
    ready = threading.Barrier(len(jobs))
    answers: list[str] = []

    def run(job: Callable[[], object]) -> None:
        try:
            ready.wait()
            job()
            answers.append("ok")
        except Refused as refused:
            answers.append(refused.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[job]) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == len(jobs), "a window got neither an answer nor a refusal"
    return sorted(answers)


def test_accepted_in_many_windows_is_one_consultation(morning: Morning) -> None:
    visit = morning.arrive()

    def accept() -> object:
        return services.accept_visit(visit=Visit.objects.get(pk=visit.pk), staff=morning.first, now=morning.now)

    assert at_once(*[accept] * AT_ONCE) == ["ok"] * AT_ONCE
    assert Consultation.objects.count() == 1


def test_the_deal_of_many_windows_is_one_deal(morning: Morning) -> None:
    consultation = morning.enter(morning.arrive())

    def sell() -> object:
        return services.record_deal(
            consultation=consultation,
            kind="paid",
            lines=[services.Line(morning.nose, Decimal(100))],
            staff=morning.first,
            now=morning.now,
            expected_version=consultation.version,
        )

    assert at_once(*[sell] * AT_ONCE) == ["changed"] * (AT_ONCE - 1) + ["ok"]
    assert Deal.objects.count() == 1


def test_two_visitors_cannot_enter_one_room_at_once(morning: Morning) -> None:
    first = morning.take(morning.arrive("张一"))
    morning.take(morning.arrive("张二"))

    triage.set_seat_state(
        board=morning.board, consultant=morning.second, state="off", staff=morning.clerk, now=morning.now
    )
    triage.set_seat_state(
        board=morning.board, consultant=morning.first, state="busy", free_in=5, staff=morning.clerk, now=morning.now
    )
    third = morning.take(morning.arrive("张三"))
    assert third.consultant == first.consultant == morning.first

    def enter(one: Consultation) -> Callable[[], object]:
        return lambda: services.enter_room(consultation=one, staff=morning.first, now=morning.now)

    assert at_once(enter(first), enter(third)) == ["ok", "room_taken"]
    assert Consultation.objects.filter(state=Consultation.State.IN_ROOM).count() == 1
    assert Visit.objects.filter(state=Visit.State.IN_ROOM).count() == 1
    morning.board.refresh_from_db()
    seat = state_of(morning.board).seat(str(morning.first.pk))
    assert seat is not None and seat.receptions == 1


def test_finished_in_many_windows_is_finished_once(morning: Morning) -> None:
    consultation = morning.enter(morning.arrive())
    services.record_no_deal(
        consultation=consultation, reason="price", call_again_on=None, staff=morning.first, now=morning.now
    )

    def finish() -> object:
        return services.finish_consultation(consultation=consultation, staff=morning.first, now=morning.now)

    answers = at_once(*[finish] * AT_ONCE)
    assert "ok" in answers
    consultation.visitor.refresh_from_db()
    assert consultation.visitor.consulted_by == [morning.first.pk]
    morning.board.refresh_from_db()
    assert state_of(morning.board).seat_of(str(consultation.visit_id)) is None


def test_filed_in_many_windows_is_one_treatment(morning: Morning) -> None:
    visitor = morning.register("王美")
    tomorrow = morning.board.day + timedelta(days=1)

    def file() -> object:
        return services.file_treatment(
            visitor=visitor,
            project=morning.nose,
            doctor=morning.doctor,
            treated_on=tomorrow,
            state="planned",
            staff=morning.first,
            branch=morning.branch,
            now=morning.now,
        )

    assert at_once(*[file] * AT_ONCE) == ["already_filed"] * (AT_ONCE - 1) + ["ok"]
    assert Treatment.objects.count() == 1


def test_a_record_written_by_many_windows_keeps_the_first_and_tells_the_others(morning: Morning) -> None:
    consultation = morning.take(morning.arrive())
    told: list[bool] = []

    def save(text: str) -> Callable[[], object]:
        def write() -> None:
            written = services.write_record(
                consultation=consultation,
                typed={"notes": text},
                seen={"notes": ""},
                staff=morning.first,
                now=morning.now,
            )
            told.append(bool(written.theirs))

        return write

    assert at_once(*(save(f"window {number}") for number in range(AT_ONCE))) == ["ok"] * AT_ONCE
    assert sorted(told) == [False] + [True] * (AT_ONCE - 1)
    consultation.refresh_from_db()
    assert consultation.record_version == 1


def test_declined_twice_is_written_against_nobody_else(morning: Morning) -> None:
    visit = morning.arrive()

    def decline() -> object:
        return services.decline_visit(
            visit=Visit.objects.get(pk=visit.pk), reason="不适", staff=morning.first, now=morning.now
        )

    assert at_once(*[decline] * AT_ONCE) == ["moved_away"] * (AT_ONCE - 1) + ["ok"]
    board = morning.board
    board.refresh_from_db()
    suspended = [seat.consultant for seat in state_of(board).seats if seat.suspended]
    assert suspended == [str(morning.first.pk)]
    assert Consultation.objects.filter(state="declined").count() == 1


def test_a_balance_paid_in_many_windows_is_paid_once(morning: Morning) -> None:
    deal = make_deal(morning.take(morning.arrive()), amount=1000, kind="deposit")

    def pay(key: UUID | None) -> Callable[[], object]:
        return lambda: services.note_payment(
            deal=deal,
            kind="balance",
            amount=Decimal(700),
            received_on=morning.board.day,
            request_key=key,
            staff=morning.first,
            now=morning.now,
        )

    same = uuid4()
    assert at_once(*[pay(same)] * AT_ONCE) == ["ok"] * AT_ONCE
    assert Payment.objects.count() == 1
    assert at_once(*[pay(None)] * AT_ONCE) == ["more_than_open"] * AT_ONCE
    assert DealAccount.objects.get().due == 300


def test_payments_of_many_people_at_once_never_come_to_more_than_all(morning: Morning) -> None:
    deal = make_deal(morning.take(morning.arrive()), amount=1000, kind="deposit")
    people = [morning.first, morning.second, morning.doctor] * 2

    def pay(staff: Staff) -> Callable[[], object]:
        return lambda: services.note_payment(
            deal=deal,
            kind="deposit",
            amount=Decimal(300),
            received_on=morning.board.day,
            staff=staff,
            now=morning.now,
        )

    assert at_once(*(pay(staff) for staff in people)) == ["more_than_open"] * 3 + ["ok"] * 3
    account = DealAccount.objects.get()
    assert account.received == 900 and account.due == 100


def test_a_deal_corrected_in_many_windows_has_one_entry_more(morning: Morning) -> None:
    deal = make_deal(morning.take(morning.arrive()), amount=1000, kind="deposit")

    def correct() -> object:
        return services.correct_deal(
            deal=deal,
            lines=[services.Line(morning.nose, Decimal(900))],
            reason="价格写错",
            staff=morning.first,
            now=deal.made_at,
        )

    assert at_once(*[correct] * AT_ONCE) == ["corrected"] * (AT_ONCE - 1) + ["ok"]
    assert Deal.objects.count() == 2
