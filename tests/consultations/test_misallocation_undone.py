"""K6 taken back at once (K8): the deal is shared as if it had not been, in whatever order the worker hears of both."""

from collections.abc import Callable
from datetime import timedelta
from itertools import permutations

import pytest
from django.conf import settings
from django.utils.module_loading import import_string

from clinic.models import OutboxEvent, Staff
from clinic.problems import Refused
from clinic.roles import Role
from consultations import services
from consultations.models import Deal
from consultations.selectors.deals import effective_deals
from reception.models import Visit, Visitor
from tests.conftest import MakeStaff
from tests.consultations.conftest import Morning
from tests.consultations.deal_scenes import buy, replace, shares_of
from tests.consultations.test_services_outcomes import check_constraints
from triage import services as triage
from triage.models import Decision
from triage.selectors.corrections import Correction, Kind

pytestmark = pytest.mark.django_db
Task = Callable[[], int]


@pytest.fixture
def sold(morning: Morning) -> Deal:
    """Sold by the first consultant, the consultation over."""
    consultation = morning.enter(morning.arrive())
    made = buy(morning, consultation)
    services.finish_consultation(consultation=consultation, staff=morning.first, now=morning.now)
    return made


@pytest.fixture
def desk_supervisor(staff_with: MakeStaff) -> Staff:
    return staff_with(Role.DESK_SUPERVISOR)


def told_last(event: str) -> Task:
    """Return what the worker does for the newest event of a name."""
    (name,) = settings.EVENT_TASKS[event]
    task, said = import_string(name), OutboxEvent.objects.filter(event=event).latest("pk").payload
    return lambda: task(**said)


def misallocate(morning: Morning, deal: Deal, owner: Staff, by: Staff, *, minutes: int = 1) -> Task:
    visit = Visit.objects.get(pk=deal.consultation.visit_id)
    triage.correct_visit(
        visit=visit,
        correction=Correction(Kind.MISALLOCATED, consultant=owner, reason="有首诊"),
        expected_sequence=None,
        staff=by,
        now=morning.now + timedelta(minutes=minutes),
    )
    return told_last("visit_misallocated")


def take_back(deal: Deal, by: Staff) -> Task:
    visit = Visit.objects.get(pk=deal.consultation.visit_id)
    made_at = Decision.objects.filter(visit=visit).latest("pk").made_at
    triage.undo_allocation(visit=visit, staff=by, now=made_at + timedelta(seconds=5))
    return told_last("misallocation_undone")


def sales() -> dict[int, str]:
    """Return how the only deal is shared, by entries that the database takes."""
    check_constraints()
    return shares_of(effective_deals().get())


def test_the_deal_is_shared_by_k6_and_goes_back_with_it(morning: Morning, sold: Deal, desk_supervisor: Staff) -> None:
    share = misallocate(morning, sold, morning.second, desk_supervisor)
    assert (share(), share()) == (1, 0)
    assert sales() == {morning.first.pk: "0.5000", morning.second.pk: "0.5000"}
    undo = take_back(sold, desk_supervisor)
    assert (undo(), undo(), share()) == (1, 0, 0)
    assert sales() == {morning.first.pk: "1.0000"}
    standing = effective_deals().get()
    assert (standing.reason, standing.corrector, standing.amount) == ("K8 有首诊", desk_supervisor, sold.amount)
    assert Visitor.objects.get(pk=sold.visitor_id).owner == morning.first


@pytest.mark.parametrize("order", sorted(set(permutations(["share", "share", "undo", "undo"]))))
def test_a_worker_that_is_late_leaves_it_as_it_was_in_whatever_order(
    morning: Morning, sold: Deal, desk_supervisor: Staff, order: list[str]
) -> None:
    share = misallocate(morning, sold, morning.second, desk_supervisor)
    undo = take_back(sold, desk_supervisor)
    for one in order:
        assert {"share": share, "undo": undo}[one]() == 0
    assert sales() == {morning.first.pk: "1.0000"}
    assert Deal.objects.count() == 1


def test_what_a_supervisor_shared_since_stands(
    morning: Morning, sold: Deal, supervisor: Staff, desk_supervisor: Staff
) -> None:
    misallocate(morning, sold, morning.second, desk_supervisor)()
    services.share_deal(
        deal=effective_deals().get(),
        part="sales",
        people=[(morning.doctor, None)],
        reason="K6 商定",
        staff=supervisor,
        now=morning.now + timedelta(minutes=1, seconds=3),
    )
    assert take_back(sold, desk_supervisor)() == 0
    assert sales() == {morning.doctor.pk: "1.0000"}


def test_what_was_corrected_of_the_deal_since_stays_corrected(
    morning: Morning, sold: Deal, supervisor: Staff, desk_supervisor: Staff
) -> None:
    misallocate(morning, sold, morning.second, desk_supervisor)()
    since = morning.now + timedelta(minutes=1, seconds=3)
    replace(morning, effective_deals().get(), "3000", staff=supervisor, now=since)
    assert take_back(sold, desk_supervisor)() == 1
    assert sales() == {morning.first.pk: "1.0000"}
    assert effective_deals().get().amount == 3000


@pytest.mark.parametrize("again", ["another", "the_same"])
@pytest.mark.parametrize("order", sorted(permutations(["undo", "share", "share_again"])))
def test_k6_taken_back_and_said_again_ends_with_the_second_word(
    morning: Morning, sold: Deal, desk_supervisor: Staff, staff_with: MakeStaff, again: str, order: list[str]
) -> None:
    owner = staff_with(Role.CONSULTANT) if again == "another" else morning.second
    tasks = {"share": misallocate(morning, sold, morning.second, desk_supervisor)}
    if order[0] == "share":
        # A worker that is quick has shared it before it is taken back.
        assert tasks["share"]() == 1
    tasks["undo"] = take_back(sold, desk_supervisor)
    tasks["share_again"] = misallocate(morning, sold, owner, desk_supervisor, minutes=2)
    for one in [*order, *order]:
        tasks[one]()
    assert sales() == {morning.first.pk: "0.5000", owner.pk: "0.5000"}
    assert take_back(sold, desk_supervisor)() == 1
    assert sales() == {morning.first.pk: "1.0000"}


def test_only_k6_tells_the_worker_of_being_taken_back(morning: Morning) -> None:
    visit = morning.arrive()
    triage.undo_allocation(visit=visit, staff=morning.clerk, now=morning.now)
    assert not OutboxEvent.objects.filter(event="misallocation_undone").exists()
    with pytest.raises(Refused, match="undo_refused"):
        triage.undo_allocation(visit=visit, staff=morning.clerk, now=morning.now)
