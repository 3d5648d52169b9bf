"""Packages: session k of n, each once, never more than were bought; a cancelled session is free again."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clinic.models import Project
from clinic.problems import Refused, Stale
from clinic.roles import Role
from consultations import services
from consultations.models import Deal, DealLine, Treatment
from consultations.selectors.packages import lines_of, open_lines
from reception.models import Visitor
from tests.conftest import MakeStaff
from tests.consultations.conftest import Morning
from tests.factories.consultations import TreatmentFactory
from tests.factories.treatments import make_package

pytestmark = pytest.mark.django_db
TOMORROW = date(2026, 3, 12)


def package(morning: Morning, sessions: int = 3) -> DealLine:
    return make_package(morning.enter(morning.arrive()), morning.nose, sessions=sessions)


def file(morning: Morning, line: DealLine, day: int, **said: object) -> Treatment:
    given = {
        "visitor": line.deal.visitor,
        "project": line.project,
        "doctor": morning.doctor,
        "treated_on": TOMORROW + timedelta(days=day),
        "state": "planned",
        "deal_line": line,
        "staff": morning.doctor,
        "branch": morning.branch,
        "now": morning.now,
    }
    return services.file_treatment(**(given | said))  # type: ignore[arg-type]


def test_sessions_are_counted_and_the_fourth_of_three_is_refused(morning: Morning) -> None:
    line = package(morning)
    assert [file(morning, line, day).session for day in range(3)] == [1, 2, 3]
    with pytest.raises(Refused, match="package_used") as refused:
        file(morning, line, 3)
    assert "All 3 sessions" in str(refused.value.message)
    assert not open_lines(line.deal.visitor).exists()
    assert lines_of(line.deal.visitor).get().left == 0  # type: ignore[attr-defined]


def test_a_cancelled_session_is_given_again(morning: Morning) -> None:
    line = package(morning)
    sessions = [file(morning, line, day) for day in range(3)]
    services.cancel_treatment(treatment=sessions[1], reason="感冒", staff=morning.doctor, now=morning.now)
    assert lines_of(line.deal.visitor).get().left == 1  # type: ignore[attr-defined]
    assert file(morning, line, 5).session == 2


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(sessions=st.integers(1, 4), moves=st.lists(st.integers(0, 5), min_size=1, max_size=10))
def test_whatever_is_filed_and_cancelled_every_session_is_there_once(
    morning: Morning, sessions: int, moves: list[int]
) -> None:
    with transaction.atomic():
        line = make_package(morning.enter(morning.arrive(f"张{sessions}")), morning.nose, sessions=sessions)
        for day, move in enumerate(moves):
            live = list(Treatment.objects.filter(deal_line=line).exclude(state="cancelled").order_by("session"))
            if move < len(live) and move % 2:
                services.cancel_treatment(treatment=live[move], reason="x", staff=morning.doctor, now=morning.now)
                continue
            if len(live) == sessions:
                with pytest.raises(Refused, match="package_used"):
                    file(morning, line, day)
            else:
                file(morning, line, day)
            taken = list(
                Treatment.objects.filter(deal_line=line).exclude(state="cancelled").values_list("session", flat=True)
            )
            assert len(taken) == len(set(taken)) <= sessions
            assert set(taken) <= set(range(1, sessions + 1))
        transaction.set_rollback(True)


def test_a_package_of_another_visitor_or_project_is_refused(morning: Morning) -> None:
    line = package(morning)
    with pytest.raises(Refused, match="package_of_another"):
        file(morning, line, 0, visitor=morning.register("王美"))
    with pytest.raises(Refused, match="package_project"):
        file(morning, line, 0, project=morning.eyes)
    assert not Treatment.objects.exists()


def test_the_package_of_a_merged_record_is_hers(morning: Morning) -> None:
    line, survivor = package(morning), morning.register("张小美")
    Visitor.objects.filter(pk=line.deal.visitor_id).update(merged_into=survivor)
    line = DealLine.objects.get(pk=line.pk)
    assert file(morning, line, 0, visitor=survivor).session == 1
    assert open_lines(survivor).get() == line


def test_the_next_session_stays_in_the_package_while_there_is_one(morning: Morning) -> None:
    line = package(morning, sessions=2)
    first = file(morning, line, 0)
    second = services.set_next_visit(
        treatment=first,
        next_visit_on=TOMORROW + timedelta(days=28),
        file_session=True,
        staff=morning.doctor,
        now=morning.now,
    )
    assert second is not None and second.session == 2
    third = services.set_next_visit(
        treatment=second,
        next_visit_on=TOMORROW + timedelta(days=56),
        file_session=True,
        staff=morning.doctor,
        now=morning.now,
    )
    assert third is not None and third.deal_line is None


def test_the_database_gives_a_session_once(morning: Morning) -> None:
    line = package(morning)
    file(morning, line, 0)
    with pytest.raises(IntegrityError, match="treatment_session_once"), transaction.atomic():
        TreatmentFactory.create(doctor=morning.doctor, visitor=line.deal.visitor, deal_line=line, session=1)
    with pytest.raises(IntegrityError, match="treatment_session_of_a_package"):
        TreatmentFactory.create(doctor=morning.doctor, visitor=line.deal.visitor, deal_line=line)


def corrected(morning: Morning, line: DealLine, *lines: tuple[Project, int]) -> Deal:
    return services.correct_deal(
        deal=line.deal,
        lines=[services.Line(project, Decimal(500), sessions) for project, sessions in lines],
        reason="少录了一次",
        staff=morning.first,
        now=morning.now,
    )


def test_sessions_that_were_taken_stay_taken_when_the_deal_is_corrected(morning: Morning) -> None:
    line = package(morning, sessions=2)
    taken = [file(morning, line, day) for day in range(2)]
    services.cancel_treatment(treatment=taken[0], reason="感冒", staff=morning.doctor, now=morning.now)
    deal = corrected(morning, line, (morning.nose, 4), (morning.eyes, 1))
    now = lines_of(deal.visitor).get(project=morning.nose)
    assert (now.deal_id, now.used, now.left) == (deal.pk, 1, 3)  # type: ignore[attr-defined]
    assert [file(morning, now, day).session for day in (3, 4, 5)] == [1, 3, 4]


def test_a_deal_is_not_corrected_to_fewer_sessions_than_were_taken(morning: Morning) -> None:
    line = package(morning)
    first = file(morning, line, 0)
    file(morning, line, 1)
    # Of the two only the second is still taken: no fewer than two all the same.
    services.cancel_treatment(treatment=first, reason="感冒", staff=morning.doctor, now=morning.now)
    for lines in ([(morning.nose, 1)], [(morning.eyes, 5)]):
        with pytest.raises(Refused, match="sessions_taken") as refused:
            corrected(morning, line, *lines)
        assert "Session 2 of" in str(refused.value.message)
    with pytest.raises(Refused, match="sessions_taken"):
        services.void_deal(deal=line.deal, reason="录错", staff=morning.first, now=morning.now)
    assert lines_of(line.deal.visitor).get().deal_id == line.deal_id


def test_sessions_follow_when_only_the_shares_of_a_deal_change(morning: Morning, staff_with: MakeStaff) -> None:
    line = package(morning)
    file(morning, line, 0)
    services.share_deal(
        deal=line.deal,
        part="sales",
        people=[(morning.first, None), (morning.second, None)],
        reason="两人接待",
        staff=staff_with(Role.CONSULTING_SUPERVISOR, branch=morning.branch),
        now=morning.now,
    )
    assert lines_of(line.deal.visitor).get().left == 2  # type: ignore[attr-defined]


def test_a_session_is_not_filed_on_a_line_that_was_corrected_meanwhile(morning: Morning) -> None:
    line = package(morning)
    corrected(morning, line, (morning.nose, 4))
    with pytest.raises(Stale, match="corrected"):
        file(morning, line, 0)
