"""What a beautician is given at a desk, enters and cancels: care, and nothing else."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse

from clinic.models import Branch, Department, Staff
from clinic.problems import Refused
from clinic.roles import Role
from consultations import services
from consultations.models import DeskCase, Treatment
from consultations.selectors.desk_asked import asked_about
from consultations.selectors.desk_cases import wish_of
from tests.conftest import MakeClient, MakeStaff
from tests.consultations.conftest import Morning
from tests.consultations.desk_scenes import Desk, open_desk
from tests.consultations.test_at_desk import busy, case_of, planned
from tests.consultations.test_services_course import go, project_of
from tests.factories.consultations import TreatmentFactory
from tests.triage.compared import agrees
from triage.models import Decision
from triage.selectors.decisions import replayed
from triage.selectors.desks import propose_at_desk

pytestmark = pytest.mark.django_db
SURGERY, LASER, NEEDLES = Department.Kind.SURGERY, Department.Kind.LASER, Department.Kind.NON_INVASIVE


def with_a_beautician(branch: Branch, now: datetime, kind: str) -> Desk:
    return open_desk(branch, now, kind=kind, names=("周美容", "赵医生", "孙护士"))


# Given out


@pytest.mark.parametrize(
    ("kind", "purpose"),
    [
        (SURGERY, "treatment"),
        (SURGERY, "review"),
        (NEEDLES, "treatment"),
        (NEEDLES, "consult"),
        (LASER, "review"),
        (LASER, "consult"),
    ],
)
def test_what_she_may_not_do_passes_by_her(branch: Branch, now: datetime, kind: str, purpose: str) -> None:
    desk = with_a_beautician(branch, now, kind)
    beautician, doctor, nurse = desk.people
    given = [desk.give(desk.take_in(purpose=purpose)).staff for _visitor in range(2)]
    assert given == [doctor, nurse]
    assert desk.turns() == [0, 1, 1] and desk.owed() == []
    for one in Decision.objects.filter(board=desk.board):
        assert replayed(one).to_json() == one.answer
        assert {seat["seat"]: seat["says"] for seat in one.answer["seats"]}[str(beautician.pk)] == "barred"
    with pytest.raises(Refused, match="nobody_free"):
        desk.give(desk.take_in(purpose=purpose))
    assert desk.holds()
    agrees(desk, least=2)


def test_a_turn_owed_to_her_waits_for_care(branch: Branch, now: datetime) -> None:
    desk = with_a_beautician(branch, now, LASER)
    beautician, doctor, _nurse = desk.people
    desk.say(beautician, "busy")
    assert desk.give(desk.take_in(purpose="treatment")).staff == doctor
    assert desk.owed() == ["周美容"]
    desk.say(beautician, "free")
    assert desk.give(desk.take_in(purpose="consult")).staff != beautician
    assert desk.owed() == ["周美容"]
    assert desk.give(desk.take_in(purpose="treatment")).staff == beautician
    assert desk.owed() == [] and desk.holds()


def test_the_proposal_says_why_she_is_not_asked(branch: Branch, now: datetime) -> None:
    desk = with_a_beautician(branch, now, SURGERY)
    case = desk.take_in()
    proposal = propose_at_desk(case.visit, wish_of(DeskCase.objects.get(pk=case.pk)), desk.now)
    assert proposal is not None and proposal.answer.consultant == str(desk.people[1].pk)
    assert "may not do what the visitor comes for" in str(proposal.seats(proposal.in_words))


def test_who_is_a_nurse_as_well_is_asked(branch: Branch, now: datetime, staff_with: MakeStaff) -> None:
    desk = with_a_beautician(branch, now, SURGERY)
    desk.people[0].groups.add(staff_with(Role.NURSE).groups.get())
    assert desk.give(desk.take_in()).staff == desk.people[0]


def test_she_is_named_for_care_alone(branch: Branch, now: datetime) -> None:
    desk = with_a_beautician(branch, now, LASER)
    beautician = desk.people[0]
    named: dict[str, Any] = {"consultant": beautician, "reason": "顾客指名", "turn": None}
    review = desk.take_in()
    with pytest.raises(Refused) as refused:
        desk.work(services.name_for_case, review, **named)
    assert "周美容 is a beautician" in str(refused.value.message)
    assert desk.turns() == [0, 0, 0]
    care = desk.take_in(purpose="treatment")
    assert desk.work(services.name_for_case, care, **named).staff == beautician
    assert desk.holds()


@pytest.mark.parametrize(("purpose", "offered"), [("review", 2), ("treatment", 3)])
def test_only_who_may_see_to_her_is_offered_by_name(branch: Branch, now: datetime, purpose: str, offered: int) -> None:
    desk = with_a_beautician(branch, now, LASER)
    rows = asked_about(DeskCase.objects.get(pk=desk.take_in(purpose=purpose).pk), desk.now).context["rows"]
    assert rows == [(one.pk, one.display_name) for one in desk.people[-offered:]]


# Begun by the doctor


def given_to_the_nurse(desk: Desk) -> Treatment:
    """An operation of the first doctor, who was busy: she agreed to another, and the nurse was next."""
    treatment = planned(desk, desk.people[0])
    treatment = go(treatment, "arrived", "preparing", by=desk.people[2], now=desk.later())
    for one in desk.people[:2]:
        desk.say(one, "busy")
    case = desk.work(services.agree_to_another, case_of(treatment), expected_version=case_of(treatment).version)
    assert desk.give(case).staff == desk.people[2]
    for one in desk.people[:2]:
        desk.say(one, "free")
    return treatment


@pytest.mark.parametrize("inside", [False, True])
def test_a_doctor_who_begins_has_her_instead_of_the_nurse(desk: Desk, inside: bool) -> None:
    doctor, other, nurse = desk.people
    treatment = given_to_the_nurse(desk)
    if inside:
        desk.work(services.enter_case, case_of(treatment))
    treatment = go(treatment, "in_theatre", by=doctor, now=desk.later())
    case = case_of(treatment)
    assert (case.state, case.staff) == ("with_staff", doctor)
    assert busy(desk) == ["赵医生"]
    assert desk.give(desk.take_in()).staff in (other, nurse)
    go(treatment, "done", by=doctor, now=desk.later(30))
    assert busy(desk) == [] and desk.holds()


def test_a_nurse_who_begins_keeps_her(desk: Desk) -> None:
    treatment = given_to_the_nurse(desk)
    go(treatment, "in_theatre", by=desk.people[2], now=desk.later())
    assert case_of(treatment).staff == desk.people[2]


def test_a_doctor_the_board_does_not_know_leaves_it_as_it_is(desk: Desk) -> None:
    treatment = given_to_the_nurse(desk)
    desk.say(desk.people[0], "off")
    treatment = go(treatment, "in_theatre", by=desk.people[0], now=desk.later())
    assert treatment.stage == "in_theatre"
    assert (case_of(treatment).state, case_of(treatment).staff) == ("with_staff", desk.people[2])


# Entered and cancelled


def enters(morning: Morning, staff: Staff, kind: str) -> Treatment:
    return services.file_treatment(
        visitor=morning.register("王美"),
        project=project_of(morning, kind),
        doctor=morning.doctor,
        treated_on=morning.board.day - timedelta(days=1),
        state="done",
        staff=staff,
        branch=morning.branch,
        now=morning.now,
    )


@pytest.mark.parametrize("kind", [SURGERY, NEEDLES])
def test_yesterdays_operation_is_not_hers_to_enter(morning: Morning, staff_with: MakeStaff, kind: str) -> None:
    with pytest.raises(Refused, match="not_yours"):
        enters(morning, staff_with(Role.BEAUTICIAN), kind)
    assert not Treatment.objects.exists()
    for staff in (morning.first, morning.doctor, staff_with(Role.NURSE), staff_with(Role.DEPARTMENT_DESK)):
        assert enters(morning, staff, kind).state == "done"


def test_yesterdays_care_is(morning: Morning, staff_with: MakeStaff) -> None:
    assert enters(morning, staff_with(Role.BEAUTICIAN), LASER).state == "done"


def test_the_form_says_so(morning: Morning, staff_with: MakeStaff, client_as: MakeClient) -> None:
    beautician = staff_with(Role.BEAUTICIAN)
    had = TreatmentFactory.create(doctor=morning.doctor, project=morning.nose, treated_on=morning.board.day)
    answer = client_as(beautician).post(
        reverse("consultations:treatment_new", args=[had.visitor_id]),
        {
            "project": morning.nose.pk,
            "doctor": morning.doctor.pk,
            "treated_on": (morning.board.day - timedelta(days=1)).isoformat(),
            "state": "done",
        },
    )
    assert answer.status_code == 422 and "Your role does not record “Done”." in answer.content.decode()


def cancels(treatment: Treatment, staff: Staff, morning: Morning) -> None:
    services.cancel_treatment(treatment=treatment, reason="记错", staff=staff, now=morning.now)


def treated(morning: Morning, kind: str, stage: str) -> Treatment:
    state = "done" if stage == "done" else "planned"
    moment = {"done_at": morning.now} if stage == "done" else {}
    made: Treatment = TreatmentFactory.create(
        doctor=morning.doctor,
        project=project_of(morning, kind),
        treated_on=morning.board.day,
        state=state,
        stage=stage,
        **moment,
    )
    return made


@pytest.mark.parametrize("stage", ["arrived", "in_theatre", "done"])
def test_what_has_begun_is_cancelled_by_who_may_say_it_is_done(
    morning: Morning, staff_with: MakeStaff, stage: str
) -> None:
    beautician = staff_with(Role.BEAUTICIAN)
    for staff in (beautician, morning.first):
        with pytest.raises(Refused, match="not_yours"):
            cancels(treated(morning, SURGERY, stage), staff, morning)
    cancels(treated(morning, LASER, stage), beautician, morning)
    for role in (Role.DEPARTMENT_DESK, Role.NURSE, Role.DOCTOR):
        cancels(treated(morning, SURGERY, stage), staff_with(role), morning)


def test_the_head_cancels_and_what_is_ordered_everybody(morning: Morning, staff_with: MakeStaff) -> None:
    head = staff_with(Role.CONSULTING_SUPERVISOR)
    Department.objects.filter(branch=morning.branch, kind=SURGERY).update(head=head)
    cancels(treated(morning, SURGERY, "in_theatre"), head, morning)
    for staff in (staff_with(Role.BEAUTICIAN), morning.first):
        cancels(treated(morning, SURGERY, "ordered"), staff, morning)


@pytest.mark.parametrize(("stage", "shown"), [("ordered", True), ("in_theatre", False)])
def test_the_page_offers_it_to_who_may(
    morning: Morning, staff_with: MakeStaff, client_as: MakeClient, stage: str, shown: bool
) -> None:
    treatment = treated(morning, SURGERY, stage)
    address = reverse("consultations:treatment", args=[treatment.pk])
    cancel = reverse("consultations:treatment_cancel", args=[treatment.pk])
    assert (cancel in client_as(staff_with(Role.BEAUTICIAN)).get(address).content.decode()) is shown
    assert cancel in client_as(staff_with(Role.NURSE)).get(address).content.decode()
