"""The way of a treatment: one step after the other, the gate before it, taking back, correcting, closing."""

from datetime import date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clinic.models import AuditEntry, Department, OutboxEvent, Project, Staff
from clinic.problems import Refused, Stale
from clinic.roles import Role
from consultations import services
from consultations.models import Drug, StageEntry, Treatment
from consultations.stages import BEFORE_DONE, Stage
from reception.models import Standing
from tests.conftest import MakeStaff
from tests.consultations.conftest import Morning
from tests.factories.consultations import ProjectFactory, TreatmentFactory
from tests.factories.treatments import DrugUseFactory, make_ready

pytestmark = pytest.mark.django_db
TODAY = date(2026, 3, 11)
WAY = {
    Department.Kind.SURGERY: ("arrived", "preparing", "in_theatre", "done", "observed", "discharged"),
    Department.Kind.NON_INVASIVE: ("arrived", "preparing", "in_theatre", "done", "observed", "discharged"),
    Department.Kind.LASER: ("arrived", "in_theatre", "done", "discharged"),
}


def project_of(morning: Morning, kind: str, **fields: str) -> Project:
    department = Department.objects.get(branch=morning.branch, kind=kind)
    made: Project = ProjectFactory.create(branch=morning.branch, department=department, **fields)
    return made


def treatment_of(morning: Morning, kind: str = Department.Kind.SURGERY, *, on: date = TODAY) -> Treatment:
    return make_ready(TreatmentFactory.create(doctor=morning.doctor, project=project_of(morning, kind), treated_on=on))


def go(treatment: Treatment, *stages: str, by: Staff, now: datetime) -> Treatment:
    for stage in stages:
        treatment = services.advance_treatment(
            treatment=treatment, stage=stage, expected_version=treatment.version, staff=by, now=now
        )
    return treatment


def codes(refused: pytest.ExceptionInfo[Refused]) -> list[str]:
    return list(refused.value.detail["missing"])


@pytest.mark.parametrize("kind", list(WAY))
def test_the_whole_way(morning: Morning, kind: str) -> None:
    treatment = treatment_of(morning, kind)
    *before, last = WAY[Department.Kind(kind)]
    treatment = go(treatment, *before, by=morning.doctor, now=morning.now)
    assert treatment.state == Treatment.State.DONE
    assert treatment.done_at == morning.now
    if kind == Department.Kind.NON_INVASIVE:
        with pytest.raises(Refused, match="unready") as refused:
            go(treatment, last, by=morning.doctor, now=morning.now)
        assert codes(refused) == ["result_unseen", "no_dose"]
        treatment = services.note_result_seen(treatment=treatment, staff=morning.doctor, now=morning.now)
        DrugUseFactory.create(treatment=treatment, drug=Drug.objects.earliest("pk"))
    if kind == Department.Kind.LASER:
        with pytest.raises(Refused, match="unready") as refused:
            go(treatment, last, by=morning.doctor, now=morning.now)
        assert codes(refused) == ["unsigned_care_session"]
        services.note_signed_form(
            visitor=treatment.visitor,
            treatment=treatment,
            kind="care_session",
            answer="signed",
            staff=morning.doctor,
            now=morning.now,
        )
    treatment = go(treatment, last, by=morning.doctor, now=morning.now)
    assert treatment.stage == "discharged"
    assert [entry.stage for entry in StageEntry.objects.filter(treatment=treatment)] == list(WAY[Department.Kind(kind)])
    treatment.visitor.refresh_from_db()
    assert treatment.visitor.standing == Standing.TREATED


def test_a_beautician_carries_out_care_and_begins_no_injection(morning: Morning, staff_with: MakeStaff) -> None:
    beautician = staff_with(Role.BEAUTICIAN)
    care = treatment_of(morning, Department.Kind.LASER)
    *before, last = WAY[Department.Kind.LASER]
    care = go(care, *before, by=beautician, now=morning.now)
    said = {"kind": "care_session", "answer": "signed", "staff": beautician, "now": morning.now}
    services.note_signed_form(visitor=care.visitor, treatment=care, **said)  # type: ignore[arg-type]
    care = go(care, last, by=beautician, now=morning.now)
    assert care.stage == "discharged"
    for kind in (Department.Kind.NON_INVASIVE, Department.Kind.SURGERY):
        treatment = go(treatment_of(morning, kind), "arrived", "preparing", by=beautician, now=morning.now)
        with pytest.raises(Refused, match="not_yours"):
            go(treatment, "in_theatre", by=beautician, now=morning.now)


def test_all_that_is_missing_is_said_at_once(morning: Morning, staff_with: MakeStaff) -> None:
    nurse = staff_with(Role.NURSE)
    botox = project_of(morning, Department.Kind.NON_INVASIVE, code="botulinum-face")
    treatment = TreatmentFactory.create(
        doctor=morning.doctor, project=botox, treated_on=TODAY, visitor=morning.register("曾小满")
    )
    treatment = go(treatment, "arrived", "preparing", by=nurse, now=morning.now)
    services.order_step(treatment=treatment, kind="tests_1", staff=nurse, now=morning.now)
    with pytest.raises(Refused, match="unready") as refused:
        go(treatment, "in_theatre", by=nurse, now=morning.now)
    assert codes(refused) == [
        "no_order",
        "no_file",
        "unsigned_treatment",
        "unsigned_photographs",
        "unsigned_no_pregnancy",
        "tests_out",
    ]
    for said in ("There is no order", "fill in the card", "No pregnancy for six months", "Ask the laboratory"):
        assert said in str(refused.value.message)
    treatment.refresh_from_db()
    assert treatment.stage == "preparing"


def test_a_refused_consent_holds_the_treatment(morning: Morning) -> None:
    treatment = treatment_of(morning)
    services.note_signed_form(
        visitor=treatment.visitor,
        treatment=treatment,
        kind="anaesthesia",
        answer="refused",
        staff=morning.doctor,
        now=morning.now,
    )
    treatment = go(treatment, "arrived", "preparing", by=morning.doctor, now=morning.now)
    with pytest.raises(Refused, match="unready") as refused:
        go(treatment, "in_theatre", by=morning.doctor, now=morning.now)
    assert codes(refused) == ["refused_anaesthesia"]


def test_only_the_head_of_the_department_goes_on_in_spite_of_it(morning: Morning, staff_with: MakeStaff) -> None:
    treatment = TreatmentFactory.create(doctor=morning.doctor, project=morning.nose, treated_on=TODAY)
    treatment = go(treatment, "arrived", "preparing", by=morning.doctor, now=morning.now)
    department = treatment.project.department
    department.head = staff_with(Role.DOCTOR)
    department.save()
    said = {"treatment": treatment, "stage": "in_theatre", "in_spite": "大出血，急诊手术", "now": morning.now}
    with pytest.raises(Refused, match="not_head"):
        services.advance_treatment(staff=morning.doctor, **said)  # type: ignore[arg-type]
    done = services.advance_treatment(staff=department.head, **said)  # type: ignore[arg-type]
    assert done.stage == "in_theatre"
    entry = AuditEntry.objects.get(action="consultations.go_on_without")
    assert entry.detail["reason"] == "大出血，急诊手术"
    assert "no_order" in entry.detail["missing"]


@pytest.mark.parametrize("stage", ["in_theatre", "done", "observed", "discharged", "ordered"])
def test_a_step_that_does_not_follow_is_refused(morning: Morning, stage: str) -> None:
    treatment = go(treatment_of(morning), "arrived", by=morning.doctor, now=morning.now)
    with pytest.raises(Refused, match="not_next"):
        go(treatment, stage, by=morning.doctor, now=morning.now)
    with pytest.raises(Refused, match="stage_unknown"):
        go(treatment, "asleep", by=morning.doctor, now=morning.now)


@pytest.mark.parametrize("role", [Role.CONSULTANT, Role.ASSISTANT, Role.DEPARTMENT_DESK])
def test_who_does_not_work_in_the_theatre_does_not_say_so(morning: Morning, staff_with: MakeStaff, role: Role) -> None:
    somebody = staff_with(role)
    treatment = go(treatment_of(morning), "arrived", by=somebody, now=morning.now)
    treatment = go(treatment, "preparing", by=morning.doctor, now=morning.now)
    with pytest.raises(Refused, match="not_yours"):
        go(treatment, "in_theatre", by=somebody, now=morning.now)


def test_arriving_on_another_day_moves_it_to_today_and_its_visit_is_known(morning: Morning) -> None:
    visit = morning.arrive()
    treatment = TreatmentFactory.create(
        doctor=morning.doctor, project=morning.nose, visitor=visit.visitor, treated_on=TODAY + timedelta(days=4)
    )
    treatment = go(treatment, "arrived", by=morning.doctor, now=morning.now)
    assert (treatment.treated_on, treatment.visit) == (TODAY, visit)
    assert OutboxEvent.objects.filter(event="treatment_filed", payload={"treatment_id": treatment.pk}).exists()


def test_what_is_recorded_afterwards_stays_on_its_day(morning: Morning) -> None:
    treatment = treatment_of(morning, on=TODAY - timedelta(days=2))
    treatment = go(treatment, "done", by=morning.doctor, now=morning.now)
    assert treatment.treated_on == TODAY - timedelta(days=2)
    ahead = treatment_of(morning, on=TODAY + timedelta(days=2))
    assert go(ahead, "done", by=morning.doctor, now=morning.now).treated_on == TODAY


def test_the_theatre_is_told_with_the_beginning(morning: Morning, staff_with: MakeStaff) -> None:
    nurse = staff_with(Role.NURSE)
    treatment = go(treatment_of(morning), "arrived", "preparing", by=nurse, now=morning.now)
    treatment = services.advance_treatment(
        treatment=treatment,
        stage="in_theatre",
        room=" 手术室2 ",
        expected_minutes=40,
        assistant=nurse,
        staff=nurse,
        now=morning.now,
    )
    treatment.refresh_from_db()
    assert (treatment.room, treatment.expected_minutes, treatment.assistant) == ("手术室2", 40, nurse)
    assert treatment.started_at == morning.now


def test_an_old_screen_takes_no_step(morning: Morning) -> None:
    treatment = treatment_of(morning)
    go(treatment, "arrived", by=morning.doctor, now=morning.now)
    with pytest.raises(Stale, match="changed") as stale:
        services.advance_treatment(
            treatment=treatment, stage="arrived", expected_version=1, staff=morning.doctor, now=morning.now
        )
    assert "It now says: Arrived" in str(stale.value.message)


def test_a_step_is_taken_back_within_ten_seconds_by_who_made_it(morning: Morning, staff_with: MakeStaff) -> None:
    nurse = staff_with(Role.NURSE)
    treatment = go(treatment_of(morning), "arrived", "preparing", "in_theatre", "done", by=nurse, now=morning.now)
    common = {"treatment": treatment, "now": morning.now + timedelta(seconds=9)}
    with pytest.raises(Refused, match="nothing_to_undo"):
        services.undo_stage(staff=morning.doctor, **common)  # type: ignore[arg-type]
    back = services.undo_stage(staff=nurse, **common)  # type: ignore[arg-type]
    assert (back.stage, back.state, back.done_at) == ("in_theatre", "planned", None)
    back.visitor.refresh_from_db()
    assert back.visitor.standing == Standing.NEW
    with pytest.raises(Refused, match="nothing_to_undo"):
        services.undo_stage(staff=nurse, **common)  # type: ignore[arg-type]


def test_later_it_is_corrected_with_a_reason(morning: Morning) -> None:
    treatment = go(treatment_of(morning), "arrived", "preparing", "in_theatre", by=morning.doctor, now=morning.now)
    late = morning.now + timedelta(seconds=13)
    with pytest.raises(Refused, match="undo_late"):
        services.undo_stage(treatment=treatment, staff=morning.doctor, now=late)
    with pytest.raises(Refused, match="reason_missing"):
        services.correct_stage(treatment=treatment, stage="arrived", reason=" ", staff=morning.doctor, now=late)
    with pytest.raises(Refused, match="not_earlier"):
        services.correct_stage(treatment=treatment, stage="done", reason="x", staff=morning.doctor, now=late)
    back = services.correct_stage(
        treatment=treatment, stage="arrived", reason="点错了人", staff=morning.doctor, now=late
    )
    assert (back.stage, back.started_at, back.arrived_at) == ("arrived", None, morning.now)
    last = StageEntry.objects.filter(treatment=treatment).latest("id")
    assert (last.sort, last.before, last.stage, last.reason) == ("correction", "in_theatre", "arrived", "点错了人")


def test_a_day_that_is_over_is_not_planned_again(morning: Morning) -> None:
    treatment = go(treatment_of(morning), "done", by=morning.doctor, now=morning.now)
    tomorrow = morning.now + timedelta(days=1)
    with pytest.raises(Refused, match="day_over"):
        services.correct_stage(treatment=treatment, stage="in_theatre", reason="x", staff=morning.doctor, now=tomorrow)


def test_only_her_doctor_has_seen_the_result(morning: Morning, staff_with: MakeStaff) -> None:
    treatment = go(
        treatment_of(morning, Department.Kind.NON_INVASIVE), "arrived", "in_theatre", by=morning.doctor, now=morning.now
    )
    with pytest.raises(Refused, match="not_done"):
        services.note_result_seen(treatment=treatment, staff=morning.doctor, now=morning.now)
    treatment = go(treatment, "done", by=morning.doctor, now=morning.now)
    with pytest.raises(Refused, match="not_yours"):
        services.note_result_seen(treatment=treatment, staff=staff_with(Role.DOCTOR), now=morning.now)
    seen = services.note_result_seen(treatment=treatment, staff=morning.doctor, now=morning.now)
    assert services.note_result_seen(treatment=seen, staff=morning.doctor, now=morning.now).version == seen.version


def test_who_is_here_is_not_moved_to_another_day(morning: Morning) -> None:
    treatment = go(treatment_of(morning), "arrived", by=morning.doctor, now=morning.now)
    with pytest.raises(Refused, match="already_here"):
        services.change_treatment(
            treatment=treatment, treated_on=TODAY + timedelta(days=1), staff=morning.doctor, now=morning.now
        )


def test_a_desk_files_and_a_doctor_orders(morning: Morning, staff_with: MakeStaff) -> None:
    desk = staff_with(Role.DEPARTMENT_DESK)
    treatment = services.file_treatment(
        visitor=morning.register("王美"),
        project=morning.nose,
        doctor=morning.doctor,
        treated_on=TODAY,
        state="planned",
        staff=desk,
        branch=morning.branch,
        now=morning.now,
    )
    assert treatment.ordered_by is None
    with pytest.raises(Refused, match="not_yours"):
        services.order_treatment(treatment=treatment, staff=desk, now=morning.now)
    ordered = services.order_treatment(treatment=treatment, staff=morning.doctor, now=morning.now)
    again = services.order_treatment(treatment=ordered, staff=morning.first, now=morning.now)
    assert (again.ordered_by, again.version) == (morning.doctor, ordered.version)


def test_the_next_visit_is_the_next_session(morning: Morning) -> None:
    treatment = go(treatment_of(morning), "done", by=morning.doctor, now=morning.now)
    common = {"treatment": treatment, "staff": morning.doctor, "now": morning.now}
    with pytest.raises(Refused, match="next_visit_over"):
        services.set_next_visit(next_visit_on=TODAY, **common)  # type: ignore[arg-type]
    with pytest.raises(Refused, match="too_far_ahead"):
        services.set_next_visit(next_visit_on=date(2206, 1, 1), **common)  # type: ignore[arg-type]
    on = date(2026, 4, 8)
    filed = services.set_next_visit(next_visit_on=on, file_session=True, **common)  # type: ignore[arg-type]
    assert filed is not None
    assert (filed.treated_on, filed.project, filed.doctor) == (on, treatment.project, treatment.doctor)
    treatment.refresh_from_db()
    assert treatment.next_visit_on == on


def test_a_complication_tells_the_doctor_and_the_head(morning: Morning, staff_with: MakeStaff) -> None:
    treatment = treatment_of(morning)
    department = treatment.project.department
    department.head = staff_with(Role.DOCTOR)
    department.save()
    said = {"text": "血肿 <b>", "staff": morning.doctor, "now": morning.now}
    with pytest.raises(Refused, match="not_begun"):
        services.note_complication(treatment=treatment, **said)  # type: ignore[arg-type]
    treatment = go(treatment, "arrived", "preparing", "in_theatre", by=morning.doctor, now=morning.now)
    for _time in range(2):
        services.note_complication(treatment=treatment, **said)  # type: ignore[arg-type]
    told = treatment.notices.values_list("staff_id", flat=True)
    assert sorted(told) == sorted([morning.doctor.pk, department.head.pk])


def test_the_database_keeps_stage_and_state_together(morning: Morning) -> None:
    done = TreatmentFactory.create(doctor=morning.doctor, state="done")
    done.refresh_from_db()
    assert done.stage == "discharged"
    with pytest.raises(IntegrityError, match="treatment_stage_fits_state"):
        TreatmentFactory.create(doctor=morning.doctor, state="planned", stage="observed")


@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    kind=st.sampled_from(sorted(WAY)),
    moves=st.lists(st.sampled_from([*(stage.value for stage in Stage), "undo", "back"]), min_size=3, max_size=14),
)
def test_whatever_is_tried_course_stage_state_and_standing_agree(morning: Morning, kind: str, moves: list[str]) -> None:
    with transaction.atomic():
        treatment = treatment_of(morning, kind)
        common = {"treatment": treatment, "staff": morning.doctor, "now": morning.now}
        for move in moves:
            try:
                if move == "undo":
                    services.undo_stage(**common)  # type: ignore[arg-type]
                elif move == "back":
                    services.correct_stage(stage="arrived", reason="x", **common)  # type: ignore[arg-type]
                else:
                    services.advance_treatment(stage=move, **common)  # type: ignore[arg-type]
            except Refused as refused:
                assert refused.status == 422, refused.code
        treatment.refresh_from_db()
        course = list(StageEntry.objects.filter(treatment=treatment))
        walked = ["ordered", *(entry.stage for entry in course)]
        assert [entry.before for entry in course] == walked[:-1]
        assert treatment.stage == walked[-1]
        assert (treatment.state == "done") is (Stage(treatment.stage) not in BEFORE_DONE)
        assert treatment.version == 1 + len(course)
        assert (treatment.done_at is not None) is (treatment.state == "done")
        treatment.visitor.refresh_from_db()
        assert (treatment.visitor.standing == Standing.TREATED) is (treatment.state == "done")
        transaction.set_rollback(True)
