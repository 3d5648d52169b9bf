"""A treatment recorded as done although nobody said that she went in: it was done by whom the desk gave her to."""

from datetime import datetime, timedelta

import pytest

from clinic.models import Branch, Staff
from clinic.roles import Role
from consultations import services
from consultations.models import DeskCase, Treatment, TreatmentNotice
from tests.consultations.desk_scenes import Desk, open_desk
from tests.consultations.test_at_desk import busy, case_of, planned
from tests.consultations.test_ended_with_the_treatment import held
from tests.consultations.test_services_course import go
from tests.factories.triage import make_consultant

pytestmark = pytest.mark.django_db


@pytest.fixture
def injecting(branch: Branch, now: datetime) -> Desk:
    """The desk where one who has arrived may be recorded as done at once."""
    return open_desk(branch, now, kind="non_invasive")


def agreed(desk: Desk) -> Treatment:
    """Let the first doctor's visitor agree to another while that one is off, and be given to the second."""
    first, second, nurse = desk.people
    desk.say(first, "off")
    treatment = go(planned(desk, first), "arrived", by=nurse, now=desk.later())
    case = desk.work(services.agree_to_another, case_of(treatment), expected_version=case_of(treatment).version)
    assert desk.give(case).staff == second
    return treatment


def had_her(treatment: Treatment) -> tuple[Staff, Staff | None, str]:
    """Return the doctor of the treatment, who had her at the desk, and how far that has come."""
    treatment.refresh_from_db()
    case = DeskCase.objects.get(treatment=treatment)
    return treatment.doctor, case.staff, case.state


def test_whom_she_was_given_to_is_the_doctor_and_keeps_the_turn(injecting: Desk) -> None:
    second, nurse = injecting.people[1:]
    treatment = agreed(injecting)
    turns = injecting.turns()
    assert turns[1] == 1
    treatment = go(treatment, "done", by=nurse, now=injecting.later())
    assert treatment.doctor == second
    assert had_her(treatment) == (second, second, "done")
    assert (injecting.turns(), injecting.owed()) == (turns, [])
    assert (busy(injecting), held(injecting)) == ([], []) and injecting.holds()
    seen = services.note_result_seen(treatment=treatment, staff=second, now=injecting.later())
    assert seen.result_seen_by == second


def test_who_waits_for_a_doctor_who_is_busy(injecting: Desk) -> None:
    first, _second, nurse = injecting.people
    inside = go(planned(injecting, first), "arrived", "in_theatre", by=nurse, now=injecting.later())
    waits = go(planned(injecting, first), "arrived", by=nurse, now=injecting.later())
    assert injecting.give(case_of(waits)).state == "waiting"
    go(waits, "done", by=nurse, now=injecting.later())
    assert had_her(waits) == (first, first, "done")
    assert busy(injecting) == [first.display_name] and injecting.holds()
    go(inside, "done", by=nurse, now=injecting.later())
    assert (busy(injecting), held(injecting)) == ([], []) and injecting.holds()


def given_to_the_nurse(desk: Desk) -> Treatment:
    first, _second, nurse = desk.people
    treatment = go(planned(desk, first), "arrived", by=nurse, now=desk.later())
    desk.work(services.name_for_case, case_of(treatment), consultant=nurse, reason="护士操作", turn="counted")
    return treatment


def test_a_nurse_who_had_her_had_her_and_the_doctor_stays(injecting: Desk) -> None:
    first, _second, nurse = injecting.people
    treatment = go(given_to_the_nurse(injecting), "done", by=nurse, now=injecting.later())
    assert had_her(treatment) == (first, nurse, "done")
    assert injecting.turns()[2] == 1 and held(injecting) == [] and injecting.holds()


def test_a_doctor_who_says_that_it_is_done_leaves_her_to_her_doctor(injecting: Desk) -> None:
    first = injecting.people[0]
    treatment = go(given_to_the_nurse(injecting), "done", by=first, now=injecting.later())
    assert had_her(treatment) == (first, first, "done")
    assert held(injecting) == [] and injecting.holds()


def test_a_cancelled_one_was_with_nobody(injecting: Desk) -> None:
    first, second, _nurse = injecting.people
    treatment = services.cancel_treatment(
        treatment=agreed(injecting), reason="血压高", staff=injecting.clerk, now=injecting.later()
    )
    assert had_her(treatment) == (first, second, "left") and held(injecting) == []


def test_who_was_in_theatre_stays_with_the_doctor_of_the_treatment(desk: Desk) -> None:
    first, second, nurse = desk.people
    treatment = go(planned(desk, first), "arrived", "preparing", "in_theatre", by=nurse, now=desk.later())
    # The second doctor has no seat here any more: the board knows nobody who has her.
    desk.say(second, "off")
    treatment = services.change_treatment(treatment=treatment, doctor=second, staff=desk.clerk, now=desk.now)
    go(treatment, "done", by=nurse, now=desk.later(40))
    assert had_her(treatment) == (second, second, "done") and desk.holds()


def test_her_new_doctor_hears_of_tests_that_are_open(injecting: Desk) -> None:
    second, nurse = injecting.people[1:]
    laboratory = make_consultant(injecting.branch, "化验员", Role.LABORATORY)
    treatment = agreed(injecting)
    step = services.order_step(treatment=treatment, kind="tests_1", staff=nurse, now=injecting.later())
    services.answer_step(step=step, result="abnormal", words="偏高", staff=laboratory, now=injecting.later())
    head = treatment.project.department
    head.head = second
    head.save()
    services.advance_treatment(
        treatment=Treatment.objects.get(pk=treatment.pk),
        stage="done",
        in_spite="医生已看",
        staff=second,
        now=injecting.later() + timedelta(minutes=1),
    )
    assert TreatmentNotice.objects.filter(treatment=treatment, staff=second).exists()
