"""The same thing done at once from several windows: it happens once, and the others are told."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import pytest

from clinic.models import Staff
from consultations import services
from consultations.models import Consultation, Deal, DealAccount, Payment, Treatment
from reception.models import Visit
from tests.at_once import AT_ONCE, at_once
from tests.consultations.conftest import Morning
from tests.factories.consultations import make_deal
from triage import services as triage
from triage.selectors.boards import state_of

pytestmark = pytest.mark.django_db(transaction=True)


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


def test_entered_in_many_windows_is_entered_once(morning: Morning) -> None:
    consultation = morning.take(morning.arrive())

    def enter() -> object:
        return services.enter_room(consultation=consultation, staff=morning.first, now=morning.now)

    assert at_once(*[enter] * AT_ONCE) == ["ok"] * AT_ONCE
    consultation.refresh_from_db()
    assert consultation.state == Consultation.State.IN_ROOM
    morning.board.refresh_from_db()
    seat = state_of(morning.board).seat(str(morning.first.pk))
    assert seat is not None and seat.receptions == 1


def test_a_drug_added_in_many_windows_is_added_once(morning: Morning) -> None:
    def add() -> object:
        return services.add_drug(
            name="玻尿酸丙", name_en="Hyaluronic C", unit="ml", staff=morning.doctor, now=morning.now
        )

    assert at_once(*[add] * AT_ONCE) == ["drug_known"] * (AT_ONCE - 1) + ["ok"]


def test_finished_in_many_windows_is_finished_once(morning: Morning) -> None:
    consultation = morning.enter(morning.arrive())
    services.record_no_deal(
        consultation=consultation, reason="price", call_again_on=None, staff=morning.first, now=morning.now
    )

    def finish() -> object:
        return services.finish_consultation(consultation=consultation, staff=morning.first, now=morning.now)

    assert at_once(*[finish] * AT_ONCE) == ["ok"] * AT_ONCE
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
