"""What counts as an order before a treatment, and which signatures close one."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from clinic.models import Department, Staff
from clinic.problems import Refused
from clinic.roles import Role
from consultations import services
from consultations.models import Deal, SignedForm, Treatment
from consultations.selectors.readiness import missing_before
from tests.conftest import MakeStaff
from tests.consultations.conftest import Morning
from tests.consultations.test_services_course import codes, go, project_of
from tests.factories.consultations import TreatmentFactory
from tests.factories.treatments import make_package, make_ready

pytestmark = pytest.mark.django_db


def ordered(deal: Deal, morning: Morning) -> bool:
    """Say whether a treatment somebody else filed for the deal's nose has an order."""
    treatment = TreatmentFactory.build(
        doctor=morning.doctor, project=morning.nose, visitor=deal.visitor, treated_on=morning.board.day
    )
    return "no_order" not in [one.code for one in missing_before(treatment)]


def test_only_a_deal_that_stands_is_an_order(morning: Morning, supervisor: Staff) -> None:
    consultation = morning.enter(morning.arrive())
    deal = services.record_deal(
        consultation=consultation,
        kind="deposit",
        deposit=Decimal(0),
        lines=[services.Line(morning.nose, Decimal(1000))],
        staff=consultation.consultant,
        now=morning.now,
    )
    assert ordered(deal, morning)
    common: dict[str, Any] = {"staff": supervisor, "now": morning.now}
    other = services.correct_deal(
        deal=deal, lines=[services.Line(morning.eyes, Decimal(1000))], reason="录错项目", **common
    )
    assert not ordered(other, morning)
    back = services.correct_deal(
        deal=other, lines=[services.Line(morning.nose, Decimal(1000))], reason="又改回", **common
    )
    assert ordered(back, morning)
    assert not ordered(services.void_deal(deal=back, reason="没有买", **common), morning)


def next_filed_by_a_nurse(morning: Morning, treatment: Treatment, nurse: Staff, days: int) -> Treatment:
    """Let a nurse file the next session, as the page of a treatment offers it."""
    filed = services.set_next_visit(
        treatment=treatment,
        next_visit_on=morning.board.day + timedelta(days=days),
        file_session=True,
        staff=nurse,
        now=morning.now,
    )
    assert filed is not None and filed.ordered_by is None
    return filed


def has_order(treatment: Treatment) -> bool:
    return "no_order" not in [one.code for one in missing_before(treatment)]


def test_the_sessions_of_a_package_are_ordered_with_it_and_no_further_one(
    morning: Morning, staff_with: MakeStaff
) -> None:
    consultation, nurse = morning.enter(morning.arrive()), staff_with(Role.NURSE)
    line = make_package(consultation, morning.nose, sessions=2)
    first = services.file_treatment(
        visitor=consultation.visitor,
        project=morning.nose,
        doctor=morning.doctor,
        treated_on=morning.board.day,
        state="planned",
        consultation=consultation,
        deal_line=line,
        staff=consultation.consultant,
        branch=morning.branch,
        now=morning.now,
    )
    second = next_filed_by_a_nurse(morning, first, nurse, 7)
    assert (second.session, has_order(first), has_order(second)) == (2, True, True)
    third = next_filed_by_a_nurse(morning, second, nurse, 14)
    assert third.deal_line is None and third.consultation == consultation
    assert not has_order(third), "all that was bought is taken: neither the deal nor the consultation orders more"
    services.order_treatment(treatment=third, staff=morning.doctor, now=morning.now)
    assert has_order(Treatment.objects.get(pk=third.pk))


def test_a_session_that_is_free_again_is_an_order(morning: Morning, staff_with: MakeStaff) -> None:
    consultation = morning.enter(morning.arrive())
    line = make_package(consultation, morning.nose, sessions=1)
    treatment = TreatmentFactory.create(
        doctor=morning.doctor, project=morning.nose, visitor=consultation.visitor, deal_line=line, session=1
    )
    assert not ordered(line.deal, morning)
    services.cancel_treatment(treatment=treatment, reason="感冒", staff=morning.doctor, now=morning.now)
    assert ordered(line.deal, morning)


@pytest.fixture
def session(morning: Morning) -> Treatment:
    """A care session of today, filed in the consultation."""
    consultation = morning.enter(morning.arrive())
    return make_ready(
        TreatmentFactory.create(
            doctor=morning.doctor,
            project=project_of(morning, Department.Kind.LASER),
            visitor=consultation.visitor,
            consultation=consultation,
            treated_on=morning.board.day,
        )
    )


def sign(morning: Morning, treatment: Treatment, minutes: int = 0) -> SignedForm:
    return services.note_signed_form(
        visitor=treatment.visitor,
        treatment=treatment,
        kind="care_session",
        answer="signed",
        staff=morning.doctor,
        now=morning.now + timedelta(minutes=minutes),
    )


def close(morning: Morning, treatment: Treatment, minutes: int = 0) -> Treatment:
    return go(treatment, "discharged", by=morning.doctor, now=morning.now + timedelta(minutes=minutes))


def test_a_session_is_signed_when_it_is_over(morning: Morning, session: Treatment) -> None:
    with pytest.raises(Refused, match="form_early"):
        sign(morning, session)
    session = go(session, "arrived", "in_theatre", "done", by=morning.doctor, now=morning.now)
    sign(morning, session)
    assert close(morning, session).stage == "discharged"


def test_a_signature_within_the_consultation_closes_no_session(
    morning: Morning, session: Treatment, client: Client
) -> None:
    consultation = session.consultation
    assert consultation is not None
    about: dict[str, Any] = {"visitor": session.visitor, "consultation": consultation, "project": session.project}
    with pytest.raises(Refused, match="form_of_treatment"):
        services.note_signed_form(
            kind="care_session", answer="signed", staff=consultation.consultant, now=morning.now, **about
        )
    # As it may have been noted before.
    SignedForm.objects.create(
        kind="care_session", answer="signed", staff=consultation.consultant, at=morning.now, **about
    )
    session = go(session, "done", by=morning.doctor, now=morning.now)
    with pytest.raises(Refused, match="unready") as refused:
        close(morning, session)
    assert codes(refused) == ["unsigned_care_session"]


def test_a_session_that_is_done_again_is_signed_again(morning: Morning, session: Treatment) -> None:
    session = go(session, "arrived", "in_theatre", "done", by=morning.doctor, now=morning.now)
    first = sign(morning, session)
    session = services.correct_stage(
        treatment=session, stage="in_theatre", reason="还没做", staff=morning.doctor, now=morning.now
    )
    session = go(session, "done", by=morning.doctor, now=morning.now + timedelta(minutes=30))
    with pytest.raises(Refused, match="unready"):
        close(morning, session, minutes=31)
    assert sign(morning, session, minutes=31) != first
    close(morning, session, minutes=32)


def test_the_page_asks_for_what_ends_a_treatment_only_when_it_is_done(
    morning: Morning, session: Treatment, client: Client
) -> None:
    client.force_login(morning.doctor)
    address = reverse("consultations:treatment_papers", args=[session.pk])
    button = 'name="kind" value="care_session"'
    assert button not in client.get(address).text
    go(session, "done", by=morning.doctor, now=morning.now)
    assert button in client.get(address).text
