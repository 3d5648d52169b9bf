"""Deals by lines, payments and balances, corrections as entries, shares on the database, membership levels."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Sum
from django.utils.module_loading import import_string
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from clinic.models import AuditEntry, Job, MembershipLevel, OutboxEvent, Staff
from clinic.problems import Refused, Stale
from clinic.roles import Role
from clinic.services import levels
from consultations import services, tasks
from consultations.models import Consultation, Deal, DealAccount, DealLine, DealShare, Participant, Payment
from consultations.selectors.deals import effective_deals
from reception import services as reception
from reception import tasks as reception_tasks
from reception.models import Standing, Visit, Visitor
from reception.selectors.visitors import latest_history_id
from tests.conftest import MakeStaff
from tests.consultations.conftest import Morning
from tests.consultations.test_services_outcomes import check_constraints
from tests.factories.consultations import make_deal
from triage import services as triage
from triage.engine.facts.words import Fault
from triage.selectors.corrections import Correction, Kind

pytestmark = pytest.mark.django_db


@pytest.fixture
def supervisor(staff_with: MakeStaff) -> Staff:
    return staff_with(Role.CONSULTING_SUPERVISOR, display_name="主管")


def buy(
    morning: Morning, consultation: Consultation, *lines: services.Line, kind: str = "deposit", deposit: int = 1000
) -> Deal:
    return services.record_deal(
        consultation=consultation,
        kind=kind,
        lines=list(lines) or [services.Line(morning.nose, Decimal(4200))],
        deposit=Decimal(deposit),
        staff=consultation.consultant,
        now=morning.now,
    )


@pytest.fixture
def deal(morning: Morning) -> Deal:
    """4,200 for a nose, 1,000 of it received, the consultation over."""
    consultation = morning.enter(morning.arrive())
    made = buy(morning, consultation)
    services.finish_consultation(consultation=consultation, staff=morning.first, now=morning.now)
    return made


def note(morning: Morning, deal: Deal, kind: str, amount: str, **more: Any) -> Payment:
    given: dict[str, Any] = {"received_on": morning.board.day, "staff": morning.first, "now": morning.now} | more
    return services.note_payment(deal=deal, kind=kind, amount=Decimal(amount), **given)


def account(deal: Deal) -> Any:
    row = DealAccount.objects.get(deal=deal.first)
    return row.amount, row.received, row.due


def standing_of(deal: Deal) -> Any:
    return Visitor.objects.values_list("standing", flat=True).get(pk=deal.visitor_id)


def shares_of(deal: Deal, part: str = "sales") -> dict[int, str]:
    rows = DealShare.objects.filter(deal=deal, part=part).values_list("staff_id", "share")
    return {staff: str(share) for staff, share in rows}


def test_a_deal_has_a_line_for_each_project_and_the_deposit_is_noted(morning: Morning) -> None:
    consultation = morning.enter(morning.arrive())
    made = buy(
        morning,
        consultation,
        services.Line(morning.nose, Decimal("4200.50"), 6),
        services.Line(morning.eyes, Decimal(0)),
    )
    check_constraints()

    assert made.amount == Decimal("4200.50")
    assert list(made.lines.order_by("pk").values_list("project", "sessions", "amount")) == [
        (morning.nose.pk, 6, Decimal("4200.50")),
        (morning.eyes.pk, 1, Decimal(0)),
    ]
    assert set(made.projects.all()) == {morning.nose, morning.eyes}
    (payment,) = made.payments.all()
    assert (payment.kind, payment.amount, payment.received_on) == ("deposit", Decimal(1000), morning.board.day)
    assert account(made) == (Decimal("4200.50"), 1000, Decimal("3200.50"))


def test_what_is_paid_in_full_has_no_balance(morning: Morning) -> None:
    made = buy(morning, morning.enter(morning.arrive()), kind="paid")
    assert [one.kind for one in made.payments.all()] == ["full"]
    assert account(made) == (4200, 4200, 0)


def test_the_database_wants_the_lines_to_come_to_the_amount(morning: Morning) -> None:
    made = make_deal(morning.take(morning.arrive()), amount=100)
    check_constraints()
    with pytest.raises(IntegrityError, match="do not sum to its amount"), transaction.atomic():
        DealLine.objects.create(deal=made, project=morning.nose, amount=99)
        check_constraints()
    DealLine.objects.create(deal=made, project=morning.nose, amount=100)
    check_constraints()


WRONG_LINES: dict[str, tuple[list[tuple[str, str, int]], str]] = {
    "nothing": ([], "projects_missing"),
    "the same twice": ([("nose", "1", 1), ("nose", "2", 1)], "project_twice"),
    "less than nothing": ([("nose", "-1", 1)], "amount_negative"),
    "no session": ([("nose", "1", 0)], "sessions_missing"),
    "a deposit of everything": ([("nose", "1000", 1)], "deposit_range"),
}


@pytest.mark.parametrize(("lines", "code"), WRONG_LINES.values(), ids=WRONG_LINES)
def test_a_deal_that_cannot_be(morning: Morning, lines: list[tuple[str, str, int]], code: str) -> None:
    consultation = morning.enter(morning.arrive())
    with pytest.raises(Refused, match=code):
        services.record_deal(
            consultation=consultation,
            kind="deposit",
            lines=[services.Line(getattr(morning, name), Decimal(amount), times) for name, amount, times in lines],
            deposit=Decimal(1000),
            staff=morning.first,
            now=morning.now,
        )
    assert not Deal.objects.exists()


def test_who_pays_the_balance_has_paid(morning: Morning, deal: Deal) -> None:
    assert standing_of(deal) == Standing.DEPOSIT
    note(morning, deal, "balance", "1200")
    assert (account(deal)[2], standing_of(deal)) == (2000, Standing.DEPOSIT)
    note(morning, deal, "balance", "2000", receipt_number="A-17")
    assert (account(deal)[2], standing_of(deal)) == (0, Standing.PAID)
    deal.refresh_from_db()
    assert deal.kind == Deal.Kind.DEPOSIT
    assert AuditEntry.objects.filter(action="consultations.note_payment").count() == 2


def test_a_refund_of_everything_leaves_what_is_left(morning: Morning, deal: Deal) -> None:
    other = make_deal(deal.consultation, amount=300, kind="deposit", received=100)
    note(morning, deal, "refund", "400", reason="不做了")
    assert (account(deal), standing_of(deal)) == ((4200, 600, 3600), Standing.DEPOSIT)
    note(morning, deal, "refund", "600", reason="不做了")
    assert standing_of(deal) == Standing.DEPOSIT
    note(morning, other, "refund", "100", reason="不做了")
    assert standing_of(deal) == Standing.NO_DEAL


def test_what_an_old_system_knew_of_her_outlasts_a_refund(morning: Morning, deal: Deal) -> None:
    Visitor.objects.filter(pk=deal.visitor_id).update(standing=Standing.PAID)
    note(morning, deal, "refund", "1000", reason="不做了")
    assert standing_of(deal) == Standing.PAID


REFUSED_PAYMENTS: dict[str, tuple[str, str, dict[str, Any], str, str]] = {
    "nothing": ("balance", "0", {}, "amount_missing", "more than nothing"),
    "more than is open": ("balance", "3200.01", {}, "more_than_open", "more than is open: 3,200.00"),
    "the whole although a part was paid": ("full", "3200", {}, "not_whole", "4,200.00"),
    "more back than was received": ("refund", "1000.01", {"reason": "x"}, "more_than_received", "received: 1,000.00"),
    "a refund without a reason": ("refund", "1", {"reason": " "}, "reason_missing", "given back"),
    "tomorrow": ("balance", "1", {"ahead": 1}, "received_ahead", "lie ahead"),
}


@pytest.mark.parametrize(("kind", "amount", "more", "code", "says"), REFUSED_PAYMENTS.values(), ids=REFUSED_PAYMENTS)
def test_a_payment_that_cannot_be(
    morning: Morning, deal: Deal, kind: str, amount: str, more: dict[str, Any], code: str, says: str
) -> None:
    given = {name: value for name, value in more.items() if name != "ahead"}
    received_on = morning.board.day + timedelta(days=more.get("ahead", 0))
    with pytest.raises(Refused, match=code) as refused:
        note(morning, deal, kind, amount, received_on=received_on, **given)
    assert says in str(refused.value.message)
    assert account(deal) == (4200, 1000, 3200)


def test_the_database_holds_a_balance_between_nothing_and_all(morning: Morning, deal: Deal) -> None:
    for kind, amount in (("balance", "3200.01"), ("refund", "1000.01")):
        with pytest.raises(IntegrityError, match="deal_account_range"), transaction.atomic():
            Payment.objects.create(
                deal=deal,
                kind=kind,
                amount=Decimal(amount),
                reason="x",
                received_on=morning.board.day,
                noted_at=morning.now,
                noted_by=morning.first,
            )


def test_the_same_form_is_noted_once_and_another_with_its_key_is_told(morning: Morning, deal: Deal) -> None:
    key = uuid4()
    first = note(morning, deal, "balance", "100", request_key=key)
    assert note(morning, deal, "balance", "100.00", request_key=key) == first
    with pytest.raises(Stale, match="request_used"):
        note(morning, deal, "balance", "200", request_key=key)
    assert account(deal)[1] == 1100


def test_who_saw_an_earlier_balance_is_told_what_was_noted_meanwhile(morning: Morning, deal: Deal) -> None:
    seen = deal.payments.get().pk
    note(morning, deal, "balance", "100", seen=seen)
    with pytest.raises(Stale, match="noted_meanwhile") as stale:
        note(morning, deal, "balance", "100", seen=seen)
    assert "100.00" in str(stale.value.message) and "3,100.00" in str(stale.value.message)
    note(morning, deal, "balance", "100", seen=stale.value.detail["seen"])
    assert account(deal)[1] == 1200


def correct(morning: Morning, payment: Payment, kind: str, amount: str, **more: Any) -> Payment:
    given: dict[str, Any] = {
        "received_on": morning.board.day,
        "reason": "记错了",
        "staff": morning.first,
        "now": morning.now,
    } | more
    return services.correct_payment(payment=payment, kind=kind, amount=Decimal(amount), **given)


def test_a_mistaken_note_is_corrected_by_an_entry_that_names_it(morning: Morning, deal: Deal) -> None:
    wrong = note(morning, deal, "balance", "3200")
    right = correct(morning, wrong, "balance", "320")
    assert right.corrects == wrong
    assert (account(deal), standing_of(deal)) == ((4200, 1320, 2880), Standing.DEPOSIT)
    with pytest.raises(Stale, match="corrected") as stale:
        correct(morning, wrong, "balance", "32")
    assert "320.00" in str(stale.value.message)
    correct(morning, right, "balance", "0")
    assert account(deal) == (4200, 1000, 3200)


def test_a_deposit_cannot_be_corrected_to_less_than_was_given_back(morning: Morning, deal: Deal) -> None:
    deposit = deal.payments.get()
    note(morning, deal, "refund", "800", reason="不做了")
    with pytest.raises(Refused, match="more_than_received"):
        correct(morning, deposit, "deposit", "700")
    correct(morning, deposit, "deposit", "900")
    assert account(deal)[1] == 100


@pytest.mark.parametrize(
    ("kind", "amount", "more", "code"),
    [
        ("deposit", "1000", {}, "nothing_changed"),
        ("deposit", "-1", {}, "amount_negative"),
        ("deposit", "4200.01", {}, "more_than_open"),
        ("deposit", "900", {"reason": " "}, "reason_missing"),
    ],
)
def test_a_correction_of_a_note_that_cannot_be(
    morning: Morning, deal: Deal, kind: str, amount: str, more: dict[str, Any], code: str
) -> None:
    with pytest.raises(Refused, match=code):
        correct(morning, deal.payments.get(), kind, amount, **more)


def test_a_note_is_hers_to_correct_on_the_same_day_and_a_supervisors_later(
    morning: Morning, deal: Deal, supervisor: Staff
) -> None:
    payment, tomorrow = deal.payments.get(), morning.now + timedelta(days=1)
    for staff, now in ((morning.second, morning.now), (morning.first, tomorrow)):
        with pytest.raises(Refused, match="not_yours"):
            correct(morning, payment, "deposit", "900", staff=staff, now=now)
    assert correct(morning, payment, "deposit", "900", staff=supervisor, now=tomorrow).amount == 900


def replace(morning: Morning, deal: Deal, amount: str, **more: Any) -> Deal:
    given: dict[str, Any] = {"reason": "价格写错", "staff": morning.first, "now": morning.now} | more
    return services.correct_deal(deal=deal, lines=[services.Line(morning.eyes, Decimal(amount), 3)], **given)


def test_a_deal_is_corrected_by_an_entry_and_its_payments_move_along(morning: Morning, deal: Deal) -> None:
    services.share_deal(
        deal=deal, part="execution", people=[(morning.doctor, None)], reason="", staff=morning.first, now=morning.now
    )
    second = replace(morning, deal, "5000")
    third = replace(morning, second, "1000", reason="再改")
    check_constraints()

    assert (third.corrects, third.original, third.made_at) == (second, deal, deal.made_at)
    assert list(effective_deals()) == [third]
    assert account(deal) == (1000, 1000, 0)
    assert standing_of(deal) == Standing.PAID
    assert shares_of(third) == {morning.first.pk: "1.0000"}
    assert shares_of(third, "execution") == {morning.doctor.pk: "1.0000"}
    with pytest.raises(Refused, match="more_than_open"):
        note(morning, deal, "balance", "1")
    with pytest.raises(Stale, match="corrected") as stale:
        replace(morning, second, "7000")
    assert "1,000.00" in str(stale.value.message)
    assert [one.detail["reason"] for one in AuditEntry.objects.filter(action="consultations.correct_deal")] != []


def test_a_deal_is_not_corrected_to_less_than_was_received(morning: Morning, deal: Deal) -> None:
    with pytest.raises(Refused, match="received_more") as refused:
        replace(morning, deal, "400")
    assert "600.00 more" in str(refused.value.message)


@pytest.mark.parametrize("code", ["reason_missing", "nothing_changed"])
def test_a_correction_of_a_deal_says_what_and_why(morning: Morning, deal: Deal, code: str) -> None:
    reason = " " if code == "reason_missing" else "一样"
    lines = [services.Line(morning.nose, Decimal("4200.00"))]
    with pytest.raises(Refused, match=code):
        services.correct_deal(deal=deal, lines=lines, reason=reason, staff=morning.first, now=morning.now)


def test_a_deal_is_hers_to_correct_on_the_same_day_and_a_supervisors_later(
    morning: Morning, deal: Deal, supervisor: Staff
) -> None:
    tomorrow = morning.now + timedelta(days=1)
    for staff, now in ((morning.second, morning.now), (morning.first, tomorrow)):
        with pytest.raises(Refused, match="not_yours"):
            replace(morning, deal, "5000", staff=staff, now=now)
    assert replace(morning, deal, "5000", staff=supervisor, now=tomorrow).corrector == supervisor


def test_a_void_deal_is_no_deal_once_the_money_is_back(morning: Morning, deal: Deal) -> None:
    common: dict[str, Any] = {"reason": "录错顾客", "staff": morning.first, "now": morning.now}
    with pytest.raises(Refused, match="still_received"):
        services.void_deal(deal=deal, **common)
    note(morning, deal, "refund", "1000", reason="录错顾客")
    voided = services.void_deal(deal=deal, **common)
    check_constraints()
    assert (account(deal), standing_of(deal)) == ((0, 0, 0), Standing.NO_DEAL)
    assert not effective_deals().exists()
    consultation = deal.consultation
    consultation.refresh_from_db()
    assert (consultation.outcome, consultation.no_deal_reason) == ("no_deal", "录错顾客")
    with pytest.raises(Refused, match="void_already"):
        services.void_deal(deal=voided, **common)

    again = replace(morning, voided, "500")
    consultation.refresh_from_db()
    assert (again.void, consultation.outcome, account(deal)) == (False, "deal", (500, 0, 500))


def test_a_deal_made_void_in_the_room_leaves_the_outcome_open(morning: Morning) -> None:
    consultation = morning.enter(morning.arrive())
    made = buy(morning, consultation, deposit=0)
    services.void_deal(deal=made, reason="按错", staff=morning.first, now=morning.now)
    with pytest.raises(Refused, match="outcome_missing"):
        services.finish_consultation(consultation=consultation, staff=morning.first, now=morning.now)
    morning.part(consultation)


def share(morning: Morning, deal: Deal, *people: tuple[Staff, str | None], **more: Any) -> Deal:
    given: dict[str, Any] = {"part": "sales", "reason": "商定", "staff": morning.first, "now": morning.now} | more
    said = [(person, None if share is None else Decimal(share)) for person, share in people]
    return services.share_deal(deal=deal, people=said, **given)


def test_shares_changed_by_hand_are_an_entry_of_a_supervisor(morning: Morning, deal: Deal, supervisor: Staff) -> None:
    with pytest.raises(Refused, match="not_yours"):
        share(morning, deal, (morning.second, "1"))
    with pytest.raises(Refused, match="reason_missing"):
        share(morning, deal, (morning.second, "1"), reason="", staff=supervisor)
    changed = share(morning, deal, (morning.first, "0.3333"), (morning.second, "0.6667"), staff=supervisor)
    check_constraints()
    assert changed.corrects == deal
    assert shares_of(changed) == {morning.first.pk: "0.3333", morning.second.pk: "0.6667"}
    assert shares_of(deal) == {morning.first.pk: "1.0000"}
    assert [line.amount for line in changed.lines.all()] == [4200]


@pytest.mark.parametrize(
    ("shares", "code"),
    [
        ([], "people_missing"),
        (["0.5", "0.4999"], "shares_sum"),
        (["1", "0"], "shares_sum"),
        (["0.5", None], "shares_sum"),
    ],
)
def test_shares_that_cannot_be(
    morning: Morning, deal: Deal, supervisor: Staff, shares: list[str | None], code: str
) -> None:
    people = list(zip((morning.second, morning.doctor), shares, strict=False))
    with pytest.raises(Refused, match=code):
        share(morning, deal, *people, staff=supervisor)
    with pytest.raises(Refused, match="person_twice"):
        share(morning, deal, (morning.second, "0.5"), (morning.second, "0.5"), staff=supervisor)


def test_who_carries_it_out_is_written_down_once_and_then_corrected(
    morning: Morning, deal: Deal, supervisor: Staff
) -> None:
    with pytest.raises(Refused, match="not_yours"):
        share(morning, deal, (morning.doctor, None), part="execution", reason="", staff=morning.second)
    three = [(person, None) for person in (morning.doctor, morning.first, morning.second)]
    same = share(morning, deal, *three, part="execution", reason="")
    check_constraints()
    assert same == deal
    assert sorted(shares_of(deal, "execution").values()) == ["0.3333", "0.3333", "0.3334"]
    with pytest.raises(Refused, match="not_yours"):
        share(morning, deal, (morning.doctor, None), part="execution", reason="")
    changed = share(morning, deal, (morning.doctor, None), part="execution", staff=supervisor)
    check_constraints()
    assert (changed.corrects, shares_of(changed, "execution")) == (deal, {morning.doctor.pk: "1.0000"})


@pytest.mark.parametrize(("policy", "whose"), [("new", "second"), ("first", "first")])
def test_k4_a_deal_goes_by_the_policy_of_the_board(morning: Morning, policy: str, whose: str) -> None:
    morning.run_by({"change_credit": policy})
    visit = morning.arrive()
    triage.correct_visit(
        visit=visit,
        correction=Correction(Kind.CHANGE_CONSULTANT, reason="想换人"),
        expected_sequence=None,
        staff=morning.clerk,
        now=morning.now,
    )
    visit.refresh_from_db()
    assert (visit.rule, visit.consultant) == ("K4", morning.second)
    made = buy(morning, morning.enter(visit))
    assert shares_of(made) == {getattr(morning, whose).pk: "1.0000"}


def test_a_panel_leaves_thirty_per_cent_to_those_who_had_her_first(morning: Morning) -> None:
    consultation = morning.enter(morning.arrive())
    for staff, had_first in ((morning.doctor, True), (morning.second, False)):
        Participant.objects.create(
            consultation=consultation,
            staff=staff,
            part="panel",
            had_first=had_first,
            asked_at=morning.now,
            asked_by=morning.first,
        )
    made = buy(morning, consultation)
    check_constraints()
    assert shares_of(made) == {
        morning.first.pk: "0.1500",
        morning.doctor.pk: "0.1500",
        morning.second.pk: "0.7000",
    }


@pytest.mark.parametrize("fault", [None, Fault.RECEIVER, Fault.VISITOR])
def test_k6_what_the_receiver_closed_is_shared_by_the_rules_and_once(
    morning: Morning, staff_with: MakeStaff, fault: Fault | None
) -> None:
    consultation = morning.enter(morning.arrive())
    made = buy(morning, consultation)
    services.finish_consultation(consultation=consultation, staff=morning.first, now=morning.now)
    visit = consultation.visit
    visit.refresh_from_db()
    triage.correct_visit(
        visit=visit,
        correction=Correction(Kind.MISALLOCATED, consultant=morning.second, fault=fault, reason="有首诊"),
        expected_sequence=None,
        staff=staff_with(Role.DESK_SUPERVISOR),
        now=morning.now,
    )
    event = OutboxEvent.objects.get(event="visit_misallocated")
    (name,) = settings.EVENT_TASKS["visit_misallocated"]
    task = import_string(name)
    assert task is tasks.share_misallocated
    assert task(**event.payload) == 1
    assert task(**event.payload) == 0
    check_constraints()
    (standing,) = effective_deals()
    half = {morning.first.pk: "0.5000", morning.second.pk: "0.5000"}
    assert shares_of(standing) == (half if fault is None else {morning.second.pk: "1.0000"})
    assert (standing.corrects, standing.reason[:2]) == (made, "K6")


@pytest.fixture
def three_levels() -> list[MembershipLevel]:
    return [
        MembershipLevel.objects.create(name=name, name_en=name_en, from_amount=amount)
        for name, name_en, amount in (("银卡", "Silver", 1000), ("金卡", "Gold", 4200), ("钻石", "Diamond", 9000))
    ]


def level_of(deal: Deal) -> str | None:
    return Visitor.objects.values_list("level__name_en", flat=True).get(pk=deal.visitor_id)


def test_a_level_follows_what_was_paid_and_given_back(
    morning: Morning, three_levels: list[MembershipLevel], deal: Deal
) -> None:
    assert level_of(deal) == "Silver"
    balance = note(morning, deal, "balance", "3200")
    assert level_of(deal) == "Gold"
    correct(morning, balance, "balance", "3199.99")
    assert level_of(deal) == "Silver"
    note(morning, deal, "refund", "4000", reason="不做了")
    assert level_of(deal) is None


def test_a_level_counts_the_records_merged_into_hers_and_comes_back_with_them(
    morning: Morning, three_levels: list[MembershipLevel], deal: Deal
) -> None:
    note(morning, deal, "balance", "3000")
    survivor = morning.register("张小妹")
    seen = {one.pk: latest_history_id(one) for one in (survivor, deal.visitor)}
    deal.visitor.refresh_from_db()
    merge = reception.merge_visitors(
        survivor=survivor, other=deal.visitor, keep={}, seen=seen, staff=morning.clerk, now=morning.now
    )
    survivor.refresh_from_db()
    assert (str(survivor.level), level_of(deal)) == ("Silver", None)
    note(morning, deal, "balance", "200")
    survivor.refresh_from_db()
    assert (str(survivor.level), survivor.standing) == ("Gold", Standing.PAID)
    reception.take_merge_back(merge=merge, staff=morning.clerk, now=morning.now)
    survivor.refresh_from_db()
    assert (survivor.level, level_of(deal)) == (None, "Gold")


def test_changed_levels_are_given_out_to_everybody_by_a_job(
    morning: Morning, three_levels: list[MembershipLevel], deal: Deal, staff_with: MakeStaff
) -> None:
    manager, now = staff_with(Role.MANAGER), morning.now
    silver = three_levels[0]

    def done(job: Job | None) -> str | None:
        assert job is not None
        (name,) = settings.EVENT_TASKS[job.kind]
        assert name == "reception.tasks.recompute_levels"
        reception_tasks.recompute_levels_task(str(job.pk))
        reception_tasks.recompute_levels_task(str(job.pk))
        job.refresh_from_db()
        assert (job.state, job.done) == (Job.State.DONE, job.total)
        return level_of(deal)

    change: dict[str, Any] = {"level": silver, "staff": manager, "now": now}
    assert done(levels.change_level(changes={"from_amount": Decimal(1001)}, **change)) is None
    assert done(levels.change_level(changes={"from_amount": Decimal(999)}, **change)) == "Silver"
    assert levels.change_level(changes={"name": "白银卡"}, **change) is None
    assert (
        done(levels.add_level(name="铜卡", name_en="Bronze", from_amount=Decimal(500), staff=manager, now=now))
        == "Silver"
    )
    assert done(levels.remove_level(level=silver, staff=manager, now=now)) == "Bronze"


@pytest.mark.parametrize(("amount", "code"), [(0, "amount_missing"), (-1, "amount_missing"), (4200, "amount_taken")])
def test_a_level_that_cannot_be(
    three_levels: list[MembershipLevel], staff_with: MakeStaff, now: datetime, amount: int, code: str
) -> None:
    manager = staff_with(Role.MANAGER)
    with pytest.raises(Refused, match=code):
        levels.add_level(name="x", name_en="x", from_amount=Decimal(amount), staff=manager, now=now)
    with pytest.raises(Refused, match=code):
        levels.change_level(level=three_levels[0], changes={"from_amount": Decimal(amount)}, staff=manager, now=now)
    gone = three_levels[0]
    levels.remove_level(level=MembershipLevel.objects.get(pk=gone.pk), staff=manager, now=now)
    with pytest.raises(Stale, match="level_gone"):
        levels.change_level(level=gone, changes={"name": "y"}, staff=manager, now=now)


@pytest.fixture
def crowd(morning: Morning, staff_with: MakeStaff) -> list[Staff]:
    """Six people beside the consultant in whose room the visitor is."""
    morning.enter(morning.arrive())
    return [morning.second, morning.doctor, *(staff_with(Role.DOCTOR) for _ in range(4))]


places = st.integers(0, 5)


@examples(max_examples=25, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    owner=st.none() | places,
    panel=st.dictionaries(places, st.booleans(), max_size=6),
    wrong=st.none() | st.tuples(places, st.none() | st.sampled_from(Fault)),
    execution=st.sets(places, max_size=6),
    by_hand=st.sets(places, max_size=6),
)
def test_o4_every_way_through_the_services_sums_to_exactly_one(
    morning: Morning,
    supervisor: Staff,
    crowd: list[Staff],
    owner: int | None,
    panel: dict[int, bool],
    wrong: tuple[int, Fault | None] | None,
    execution: set[int],
    by_hand: set[int],
) -> None:
    consultation = Consultation.objects.select_related("visit").get()
    with transaction.atomic():
        Visit.objects.filter(pk=consultation.visit_id).update(owner=None if owner is None else crowd[owner])
        for place, had_first in panel.items():
            Participant.objects.create(
                consultation=consultation,
                staff=crowd[place],
                part="panel",
                had_first=had_first,
                asked_at=morning.now,
                asked_by=morning.first,
            )
        made = buy(morning, consultation)
        if execution:
            people = [(crowd[place], None) for place in sorted(execution)]
            made = share(morning, made, *people, part="execution", reason="")
        if wrong is not None:
            whose, fault = wrong
            done = services.share_misallocated(
                visit=consultation.visit, owner=crowd[whose], fault=fault, staff=supervisor, now=morning.now
            )
            made = done[-1] if done else made
        if by_hand and {crowd[place].pk for place in by_hand} != set(shares_of(made)):
            made = share(morning, made, *((crowd[place], None) for place in sorted(by_hand)), staff=supervisor)
        replace(morning, made, "7000", staff=supervisor)
        check_constraints()
        sums = DealShare.objects.order_by().values_list("deal", "part").annotate(whole=Sum("share"))
        assert {whole for _deal, _part, whole in sums} == {Decimal(1)}
        assert {part for _deal, part, _whole in sums} == ({"sales", "execution"} if execution else {"sales"})
        transaction.set_rollback(True)
