"""A department's desk: who is expected and taken in, and how far she has come."""

from datetime import datetime

import pytest

from clinic.models import AuditEntry, Branch, Department
from clinic.problems import Refused, Stale
from consultations import services
from consultations.models import Consultation, DeskCase, Treatment
from reception.models import Visit
from tests.consultations.desk_scenes import Desk, open_desk, state
from tests.factories.consultations import TreatmentFactory

pytestmark = pytest.mark.django_db


# Who comes


def test_a_review_is_expected_where_she_was_treated(desk: Desk, branch: Branch, now: datetime) -> None:
    laser = open_desk(branch, now, kind="laser")
    treatment = desk.operated(desk.people[1])
    visit = desk.arrive(treatment.visitor)
    (row,) = desk.expected()
    assert (row.visit, row.purpose, row.doctor) == (visit, "review", desk.people[1])
    assert laser.expected() == []
    desk.take_in(visit, treatment)
    assert desk.expected() == []


def test_a_project_named_at_the_desk_decides_the_department(desk: Desk, branch: Branch, now: datetime) -> None:
    laser = open_desk(branch, now, kind="laser")
    visitor = desk.visitor()
    desk.operated(desk.people[0], visitor)
    laser.operated(laser.people[0], visitor)
    visit = desk.arrive(visitor)
    assert len(desk.expected()) == len(laser.expected()) == 1
    visit.wishes.create(project=laser.project, position=0)
    assert desk.expected() == [] and len(laser.expected()) == 1


def test_of_several_doctors_the_last_is_offered_first(desk: Desk) -> None:
    visitor = desk.visitor()
    desk.operated(desk.people[0], visitor, days=3)
    other = TreatmentFactory.create(
        doctor=desk.people[1], visitor=visitor, treated_on=desk.board.day, state=Treatment.State.DONE
    )
    desk.arrive(visitor)
    (row,) = desk.expected()
    assert [one.doctor for one in row.choices] == [desk.people[1], desk.people[0]]
    assert row.choices[0] == other and row.doctor is None


def test_todays_treatment_is_expected_once_its_visitor_is_here(desk: Desk) -> None:
    treatment = desk.operated(desk.people[0], days=0, state=Treatment.State.PLANNED)
    assert desk.expected() == []
    visit = desk.arrive(treatment.visitor, visit_type="first", purpose="consult", state=Visit.State.FINISHED)
    (row,) = desk.expected()
    assert (row.visit, row.purpose, list(row.choices)) == (visit, "treatment", [treatment])
    case = desk.take_in(visit, treatment, purpose="treatment")
    assert desk.expected() == [] and case.doctor == desk.people[0]


@pytest.mark.parametrize("gone", [Visit.State.LEFT, Visit.State.VOID])
def test_who_is_gone_is_not_expected_nor_taken_in(desk: Desk, gone: str) -> None:
    treatment = desk.operated(desk.people[0])
    visit = desk.arrive(treatment.visitor, state=gone)
    assert desk.expected() == []
    with pytest.raises(Stale) as stale:
        desk.take_in(visit, treatment)
    assert stale.value.code == "gone"


def test_a_suspected_infection_is_not_taken_in(desk: Desk) -> None:
    treatment = desk.operated(desk.people[0])
    visit = desk.arrive(treatment.visitor, isolated_at=desk.now)
    assert desk.expected() == []
    with pytest.raises(Stale) as stale:
        desk.take_in(visit, treatment)
    assert stale.value.code == "isolated"


def test_taken_in_twice_is_taken_in_once(desk: Desk) -> None:
    treatment = desk.operated(desk.people[0])
    visit = desk.arrive(treatment.visitor)
    first = desk.take_in(visit, treatment)
    desk.later()
    assert desk.take_in(visit, treatment) == first
    assert DeskCase.objects.get().arrived_at == first.arrived_at


@pytest.mark.parametrize("wrong", ["another visitor's", "another department's", "not done"])
def test_a_treatment_that_does_not_fit_is_refused(desk: Desk, branch: Branch, now: datetime, wrong: str) -> None:
    visit = desk.arrive()
    made = {
        "another visitor's": lambda: desk.operated(desk.people[0]),
        "another department's": lambda: open_desk(branch, now, kind="laser").operated(desk.people[0], visit.visitor),
        "not done": lambda: desk.operated(desk.people[0], visit.visitor, state="planned"),
    }[wrong]()
    with pytest.raises(Refused) as refused:
        desk.take_in(visit, made)
    assert refused.value.code == "treatment_unfit"


def test_a_consultant_sends_her_visitor_on(desk: Desk, branch: Branch, now: datetime) -> None:
    visit = desk.arrive(visit_type="first", purpose="consult", state=Visit.State.FINISHED, consultant=desk.people[0])
    consultation = Consultation.objects.create(
        visit=visit,
        visitor=visit.visitor,
        consultant=desk.people[0],
        branch=branch,
        day=visit.day,
        offered_at=now,
        state=Consultation.State.WITHDRAWN,
    )
    with pytest.raises(Stale, match="moved_away"):
        services.send_to_desk(consultation=consultation, department=desk.department, staff=desk.people[0], now=desk.now)
    Consultation.objects.filter(pk=consultation.pk).update(
        state="finished", outcome="no_deal", no_deal_reason="价格", entered_at=now, finished_at=now
    )
    sent = services.send_to_desk(
        consultation=consultation, department=desk.department, staff=desk.people[0], now=desk.now
    )
    assert sent == services.send_to_desk(
        consultation=consultation, department=desk.department, staff=desk.people[0], now=desk.now
    )
    (row,) = desk.expected()
    assert (row.case, row.purpose) == (sent, "consult")
    assert desk.take_in(visit, purpose="consult").pk == sent.pk
    assert state(sent) == "waiting" and desk.expected() == []
    reception = Department.objects.get(branch=branch, kind="reception")
    with pytest.raises(Refused) as refused:
        services.send_to_desk(consultation=consultation, department=reception, staff=desk.people[0], now=desk.now)
    assert refused.value.code == "no_desk"
    with pytest.raises(Refused) as refused:
        desk.take_in(visit, purpose="consult", department=reception)
    assert refused.value.code == "no_desk"


# How far she has come


def test_each_step_is_taken_once_and_in_order(desk: Desk) -> None:
    case = desk.take_in()
    for service in (services.call_case, services.enter_case):
        with pytest.raises(Refused) as refused:
            desk.work(service, case)
        assert refused.value.code == "nobody_has_her"
    with pytest.raises(Stale):
        desk.work(services.finish_case, case)
    case = desk.give(case)
    called = desk.work(services.call_case, case)
    assert called.called_at == case.called_at
    entered = desk.work(services.enter_case, called)
    desk.later()
    assert desk.work(services.enter_case, entered).entered_at == entered.entered_at
    with pytest.raises(Stale):
        desk.work(services.leave_case, entered, reason="")
    done = desk.work(services.finish_case, entered)
    desk.later()
    assert desk.work(services.finish_case, done).ended_at == done.ended_at
    with pytest.raises(Stale):
        desk.work(services.call_case, done)
    said = set(AuditEntry.objects.values_list("action", flat=True))
    assert {f"consultations.{one}" for one in ("take_in", "enter_case", "finish_case")} <= said


def test_numbing_runs_is_told_and_ends(desk: Desk) -> None:
    case = desk.take_in()
    for minutes in (0, 181):
        with pytest.raises(Refused):
            desk.work(services.start_numbing, case, minutes=minutes)
    case = desk.work(services.start_numbing, case, minutes=30)
    (row,) = desk.waiting()
    assert (row.numbing.minutes, row.numbing.nearly_over) == (30, False)
    desk.later(28)
    (row,) = desk.waiting()
    assert (row.numbing.minutes, row.numbing.nearly_over) == (2, True)
    seen = desk.work(services.see_numbing, case).numbing_seen_at
    desk.later()
    assert desk.work(services.see_numbing, case).numbing_seen_at == seen
    assert AuditEntry.objects.get(action="consultations.see_numbing").staff == desk.clerk
    assert desk.work(services.start_numbing, case, minutes=20).numbing_seen_at is None
    assert desk.work(services.end_numbing, case).numbing_over_at is None
