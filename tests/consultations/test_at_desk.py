"""A treatment and its department's desk are told once: who is here, who is with whom, who is free again."""

from datetime import datetime, timedelta

import pytest

from clinic.models import AuditEntry, Branch, OutboxEvent, Staff
from clinic.problems import Refused
from clinic.roles import Role
from clinic.selectors.story import story_of
from consultations import services
from consultations.models import DeskCase, Treatment
from consultations.selectors.treatments import treatments_for
from reception.models import Visit
from reception.views.story import asked_by
from tests.consultations.desk_scenes import Desk, open_desk
from tests.consultations.test_services_course import go
from tests.factories.treatments import make_ready
from tests.factories.triage import make_consultant
from triage import services as triage
from triage.selectors.boards import state_of

pytestmark = pytest.mark.django_db
TO_BE_TREATED = {
    "purpose": Visit.Purpose.CONSULT,
    "visit_type": Visit.VisitType.OTHER,
    "type_rule": "C5",
    "rule": "A1",
}


@pytest.fixture
def nurse(desk: Desk) -> Staff:
    return desk.people[2]


def planned(desk: Desk, doctor: Staff, *, here: bool = True) -> Treatment:
    treatment = make_ready(desk.operated(doctor, days=0, state=Treatment.State.PLANNED))
    if here:
        desk.arrive(treatment.visitor, **TO_BE_TREATED)
    return treatment


def case_of(treatment: Treatment) -> DeskCase:
    return DeskCase.objects.get(treatment=treatment)


def busy(desk: Desk) -> list[str]:
    desk.board.refresh_from_db()
    names = {str(one.pk): one.display_name for one in desk.people}
    return [names[seat.consultant] for seat in state_of(desk.board).seats if any(one.entered for one in seat.visits)]


def test_a_doctor_in_theatre_is_busy_at_the_desk_until_it_is_done(desk: Desk, nurse: Staff) -> None:
    doctor = desk.people[1]
    treatment = planned(desk, doctor)
    treatment = go(treatment, "arrived", by=nurse, now=desk.later())
    assert (case_of(treatment).state, case_of(treatment).purpose) == ("waiting", "treatment")
    treatment = go(treatment, "preparing", "in_theatre", by=nurse, now=desk.later())
    case = case_of(treatment)
    assert (case.state, case.staff, case.entered_at) == ("with_staff", doctor, desk.now)
    assert busy(desk) == [doctor.display_name]
    treatment = go(treatment, "done", by=nurse, now=desk.later(40))
    assert case_of(treatment).state == "done" and busy(desk) == []
    assert Visit.objects.get(visitor=treatment.visitor).state == Visit.State.FINISHED
    assert desk.holds()


def test_who_the_desk_takes_in_for_a_treatment_has_arrived(desk: Desk) -> None:
    treatment = planned(desk, desk.people[0])
    visit = Visit.objects.get(visitor=treatment.visitor)
    for _twice in range(2):
        desk.take_in(visit, treatment, purpose="treatment")
    treatment.refresh_from_db()
    assert (treatment.stage, treatment.arrived_at, treatment.visit) == ("arrived", desk.now, visit)
    assert treatment.course.count() == 1


def test_a_review_does_not_move_the_treatment_that_is_reviewed(desk: Desk) -> None:
    treatment = desk.operated(desk.people[0])
    stage = treatment.stage
    desk.take_in(treatment=treatment)
    treatment.refresh_from_db()
    assert treatment.stage == stage


def test_whoever_the_desk_named_is_the_doctor_once_she_is_in_theatre(desk: Desk, nurse: Staff) -> None:
    first, second = desk.people[:2]
    treatment = planned(desk, first)
    case = desk.take_in(Visit.objects.get(visitor=treatment.visitor), treatment, purpose="treatment")
    desk.work(services.name_for_case, case, consultant=second, reason="王医生请假", turn=None)
    treatment.refresh_from_db()
    treatment = go(treatment, "preparing", "in_theatre", by=nurse, now=desk.later())
    assert busy(desk) == [second.display_name]
    assert treatment.doctor == second
    told = OutboxEvent.objects.order_by("-pk").values_list("topics", flat=True)
    assert any({f"queue-{first.pk}", f"queue-{second.pk}"} <= set(one) for one in told)
    assert go(treatment, "done", by=nurse, now=desk.later()).doctor == second
    assert case_of(treatment).state == "done"


def test_who_is_with_another_stays_with_the_doctor_that_was_written_down_since(desk: Desk, nurse: Staff) -> None:
    first, second = desk.people[:2]
    treatment = go(planned(desk, first), "arrived", "preparing", by=nurse, now=desk.later())
    desk.work(services.enter_case, desk.give(case_of(treatment)))
    treatment = services.change_treatment(treatment=treatment, doctor=second, staff=desk.clerk, now=desk.later())
    assert go(treatment, "in_theatre", by=nurse, now=desk.later()).doctor == second


def test_the_treatment_goes_on_when_the_desk_has_no_board_or_no_free_doctor(desk: Desk, nurse: Staff) -> None:
    doctor = desk.people[0]
    desk.say(doctor, "out", reason="meal")
    treatment = go(planned(desk, doctor), "arrived", "preparing", "in_theatre", "done", by=nurse, now=desk.later())
    assert case_of(treatment).state == "done" and treatment.state == Treatment.State.DONE
    triage.close_board(board=desk.board, staff=desk.clerk, now=desk.later())
    second = go(planned(desk, desk.people[1]), "arrived", "preparing", "in_theatre", "done", by=nurse, now=desk.later())
    assert second.state == Treatment.State.DONE


def test_nothing_is_told_of_who_is_not_registered_today(desk: Desk, nurse: Staff) -> None:
    treatment = go(planned(desk, desk.people[0], here=False), "arrived", by=nurse, now=desk.later())
    assert not DeskCase.objects.filter(treatment=treatment).exists()


def test_numbing_runs_at_the_desk_whoever_starts_it(desk: Desk, nurse: Staff) -> None:
    treatment = go(planned(desk, desk.people[0]), "arrived", by=nurse, now=desk.later())
    case = desk.work(services.start_numbing, case_of(treatment), minutes=30)
    (row,) = desk.waiting()
    assert row.case == case and row.numbing is not None and row.numbing.minutes == 30


def test_a_desk_of_another_kind_is_not_told(desk: Desk, branch: Branch, now: datetime) -> None:
    laser = open_desk(branch, now, kind="laser")
    nurse = make_consultant(branch, "皮肤科护士", Role.NURSE, department=laser.department)
    treatment = go(planned(desk, desk.people[0]), "arrived", by=nurse, now=desk.later())
    assert case_of(treatment).department == desk.department


def test_who_is_done_at_the_front_desk_is_still_told_of_at_the_department(desk: Desk, nurse: Staff) -> None:
    doctor = desk.people[0]
    treatment = planned(desk, doctor)
    Visit.objects.filter(visitor=treatment.visitor).update(state=Visit.State.FINISHED, rule="A12")
    go(treatment, "arrived", "preparing", "in_theatre", by=nurse, now=desk.later())
    assert busy(desk) == [doctor.display_name]


def test_a_visit_the_front_desk_still_asks_about_is_not_ended_by_a_department(desk: Desk, nurse: Staff) -> None:
    treatment = planned(desk, desk.people[0])
    Visit.objects.filter(visitor=treatment.visitor).update(rule="A8", type_rule="C4")
    go(treatment, "arrived", "preparing", "in_theatre", "done", by=nurse, now=desk.later())
    assert case_of(treatment).state == "done"
    assert Visit.objects.get(visitor=treatment.visitor).state == Visit.State.REGISTERED


def test_who_is_put_back_after_the_desk_was_done_can_be_taken_in_again(desk: Desk, nurse: Staff) -> None:
    doctor = desk.people[0]
    treatment = planned(desk, doctor)
    Visit.objects.filter(visitor=treatment.visitor).update(rule="A12", consultant=None)
    treatment = go(treatment, "arrived", "preparing", "in_theatre", "done", by=nurse, now=desk.later())
    assert desk.expected() == []
    services.undo_stage(treatment=treatment, staff=nurse, now=desk.now)
    assert [row.choices for row in desk.expected()] == [[treatment]]


def test_an_arrival_that_is_taken_back_is_expected_again(desk: Desk, nurse: Staff) -> None:
    treatment = go(planned(desk, desk.people[0]), "arrived", by=nurse, now=desk.later())
    services.undo_stage(treatment=treatment, staff=nurse, now=desk.now)
    assert case_of(treatment).state == "sent" and desk.waiting() == []
    assert len(desk.expected()) == 1
    told = story_of(asked_by(nurse, treatment.visitor)).entries
    arrived = Visit.objects.get(visitor=treatment.visitor).arrived_at
    assert [one.at for one in told if one.place.source == "desk_case"] == [arrived]


def test_another_doctor_of_the_treatment_is_the_one_the_desk_gives_her_to(desk: Desk, nurse: Staff) -> None:
    first, second = desk.people[:2]
    treatment = go(planned(desk, first), "arrived", by=nurse, now=desk.later())
    services.change_treatment(treatment=treatment, doctor=second, staff=desk.clerk, now=desk.later())
    assert desk.give(case_of(treatment)).staff == second


def test_who_treats_her_in_the_place_of_another_is_its_doctor_from_then_on(desk: Desk, nurse: Staff) -> None:
    first, second = desk.people[:2]
    treatment = go(planned(desk, first), "arrived", by=nurse, now=desk.later())
    desk.say(first, "out")
    case = desk.work(services.agree_to_another, case_of(treatment), expected_version=case_of(treatment).version)
    given = desk.give(case)
    assert given.staff == second
    assert treatments_for(second).get() == treatment, "to look at before she is in"
    desk.work(services.enter_case, given)
    treatment.refresh_from_db()
    assert treatment.doctor == second
    assert AuditEntry.objects.get(action="consultations.change_treatment").detail["to"][1] == second.pk


def test_a_review_with_another_leaves_the_operating_doctor(desk: Desk) -> None:
    first, second = desk.people[:2]
    treatment = desk.operated(first)
    desk.say(first, "out")
    case = desk.take_in(treatment=treatment)
    case = desk.work(services.agree_to_another, case, expected_version=case.version)
    desk.work(services.enter_case, desk.give(case))
    treatment.refresh_from_db()
    assert treatment.doctor == first and treatments_for(second).get() == treatment


def test_a_cancelled_treatment_leaves_nobody_busy(desk: Desk, nurse: Staff) -> None:
    treatment = go(planned(desk, desk.people[0]), "arrived", "preparing", "in_theatre", by=nurse, now=desk.later())
    services.cancel_treatment(treatment=treatment, reason="血压高", staff=desk.clerk, now=desk.later())
    assert busy(desk) == [] and case_of(treatment).state == "done"


def test_a_result_that_was_seen_is_not_seen_any_more_once_it_is_put_back(desk: Desk, nurse: Staff) -> None:
    doctor = desk.people[0]
    treatment = go(planned(desk, doctor), "arrived", "preparing", "in_theatre", "done", by=nurse, now=desk.later())
    treatment = services.note_result_seen(treatment=treatment, staff=doctor, now=desk.later())
    treatment = services.correct_stage(
        treatment=treatment, stage="in_theatre", reason="补打", staff=nurse, now=desk.later()
    )
    assert treatment.result_seen_at is None


def test_done_at_the_desk_does_not_end_a_case_before_its_treatment(desk: Desk, nurse: Staff) -> None:
    treatment = go(planned(desk, desk.people[0]), "arrived", "preparing", by=nurse, now=desk.later())
    case = desk.work(services.enter_case, desk.give(case_of(treatment)))
    with pytest.raises(Refused, match="treatment_open") as refused:
        desk.work(services.finish_case, case)
    assert str(treatment.stage_word) in str(refused.value.message)
    assert case_of(treatment).state == "with_staff"
    treatment.refresh_from_db()
    go(treatment, "in_theatre", "done", by=nurse, now=desk.later())
    assert case_of(treatment).state == "done"


def test_who_is_put_back_from_the_theatre_is_let_go_by_the_desk(desk: Desk, nurse: Staff) -> None:
    treatment = go(planned(desk, desk.people[0]), "arrived", "preparing", "in_theatre", by=nurse, now=desk.later())
    services.correct_stage(treatment=treatment, stage="preparing", reason="血压高", staff=nurse, now=desk.later())
    assert desk.work(services.finish_case, case_of(treatment)).state == "done" and busy(desk) == []


def test_a_treatment_of_another_day_does_not_keep_a_case_open(desk: Desk, nurse: Staff) -> None:
    treatment = go(planned(desk, desk.people[0]), "arrived", by=nurse, now=desk.later())
    case = desk.work(services.enter_case, desk.give(case_of(treatment)))
    Treatment.objects.filter(pk=treatment.pk).update(treated_on=desk.board.day + timedelta(days=3))
    assert desk.work(services.finish_case, case).state == "done"
