"""The shares of a deal: by the rules, by hand, and on the database, where they sum to one."""

from decimal import Decimal
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction
from django.db.models import Sum
from django.utils.module_loading import import_string
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from clinic.models import OutboxEvent, Staff
from clinic.problems import Refused
from clinic.roles import Role
from consultations import services, tasks
from consultations.models import Consultation, Deal, DealShare, Participant
from consultations.selectors.deals import effective_deals
from reception.models import Visit
from tests.conftest import MakeStaff
from tests.consultations.conftest import Morning
from tests.consultations.deal_scenes import buy, replace, shares_of
from tests.consultations.test_services_outcomes import check_constraints
from triage import services as triage
from triage.engine.facts.words import Fault
from triage.selectors.corrections import Correction, Kind

pytestmark = pytest.mark.django_db


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
