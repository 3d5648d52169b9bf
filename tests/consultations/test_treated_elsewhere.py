"""A treatment that is taken back takes nothing from what another system knew of a visitor."""

from datetime import timedelta
from typing import Any

import pytest

from clinic.models import Department
from clinic.roles import Role
from consultations import services
from consultations.models import Treatment
from reception import services as reception
from reception.models import Standing, Visitor
from tests.conftest import MakeStaff
from tests.consultations.conftest import Morning
from tests.consultations.test_services_course import go, project_of
from tests.factories.consultations import TreatmentFactory, VisitorFactory
from tests.factories.imports import as_csv, checked, imported
from tests.factories.treatments import make_ready

pytestmark = pytest.mark.django_db


def done(morning: Morning, visitor: Visitor) -> Treatment:
    project = project_of(morning, Department.Kind.LASER)
    made = TreatmentFactory.create(
        doctor=morning.doctor, project=project, visitor=visitor, treated_on=morning.board.day
    )
    treatment = go(make_ready(made), "arrived", "in_theatre", "done", by=morning.doctor, now=morning.now)
    visitor.refresh_from_db()
    assert visitor.standing == Standing.TREATED
    return treatment


def taken_back(morning: Morning, treatment: Treatment, how: str) -> str:
    common: dict[str, Any] = {
        "treatment": treatment,
        "staff": morning.doctor,
        "now": morning.now + timedelta(seconds=5),
    }
    match how:
        case "undo":
            services.undo_stage(**common)
        case "correct":
            services.correct_stage(stage="arrived", reason="记错", **common)
        case _:
            services.cancel_treatment(reason="记错", **common)
    return Visitor.objects.get(pk=treatment.visitor_id).standing


@pytest.mark.parametrize("how", ["undo", "correct", "cancel"])
@pytest.mark.parametrize("before", [Standing.NEW, Standing.PAID, Standing.TREATED])
def test_she_falls_no_further_than_she_had_come(morning: Morning, how: str, before: Standing) -> None:
    visitor = VisitorFactory.create(standing=before, registered_in=morning.branch)
    assert taken_back(morning, done(morning, visitor), how) == before


@pytest.mark.parametrize("on_file", [False, True])
def test_what_an_import_said_is_not_taken_back(morning: Morning, staff_with: MakeStaff, on_file: bool) -> None:
    if on_file:
        reception.register_visitor(
            name="王小美", phone="13800000001", branch=morning.branch, staff=morning.clerk, now=morning.now
        )
    manager = staff_with(Role.MANAGER)
    file = as_csv([["王小美", "13800000001", "已付款"]], header=["姓名", "手机", "成交状态"])
    how: dict[str, Any] = {"identify_by": "phone_name", "on_duplicate": "fill"}
    batch = checked(file, manager, morning.now, fields=["name", "phone", "standing"], **how)
    imported(batch, manager, morning.now)
    visitor = Visitor.objects.get()
    assert visitor.standing == Standing.PAID
    assert taken_back(morning, done(morning, visitor), "cancel") == Standing.PAID


def test_nor_does_what_a_record_merged_into_hers_had_come_to(morning: Morning) -> None:
    visitor = VisitorFactory.create(registered_in=morning.branch)
    VisitorFactory.create(standing=Standing.TREATED, registered_in=morning.branch, merged_into=visitor)
    assert taken_back(morning, done(morning, visitor), "undo") == Standing.TREATED
