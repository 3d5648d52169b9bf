"""Who may open the pages of the front desk, and how its lists go on after a refused form."""

import re
from datetime import datetime

import pytest
from django.urls import reverse

from clinic.roles import Role
from reception import services
from reception.models import Display
from tests.conftest import MakeClient, MakeStaff
from tests.factories.reception import VisitFactory
from tests.reception.scenes import text_of

pytestmark = pytest.mark.usefixtures("now")


@pytest.mark.parametrize(
    ("role", "page", "status"),
    [
        (Role.CONSULTANT, "desk", 403),
        (Role.MANAGER, "desk", 403),
        (Role.DESK_SUPERVISOR, "desk", 200),
        (Role.AUDITOR, "register", 200),
        (Role.MANAGER, "register", 200),
        (Role.CONSULTANT, "register", 403),
        (Role.NURSE, "visitors", 403),
        (Role.CUSTOMER_SERVICE, "visitors", 200),
    ],
)
def test_pages_are_for_those_who_work_on_them(client_as: MakeClient, role: Role, page: str, status: int) -> None:
    VisitFactory()
    assert client_as(role).get(reverse(f"reception:{page}")).status_code == status


def test_an_auditor_reads_the_register_without_a_way_into_the_cards(client_as: MakeClient) -> None:
    visit = VisitFactory()
    page = text_of(client_as(Role.AUDITOR).get(reverse("reception:register")))
    assert visit.visitor.name in page
    assert reverse("reception:visitor", args=[visit.visitor_id]) not in page


@pytest.mark.parametrize(
    ("sent_to", "listed_at"),
    [("display_pair", "displays"), ("kiosk_start", "kiosks"), ("interference_record", "interference")],
)
def test_after_a_refused_form_the_pages_of_the_list_are_there(
    sent_to: str,
    listed_at: str,
    client_as: MakeClient,
    staff_with: MakeStaff,
    monkeypatch: pytest.MonkeyPatch,
    now: datetime,
) -> None:
    supervisor = staff_with(Role.DESK_SUPERVISOR)
    for module in ("displays", "intake", "days"):
        monkeypatch.setattr(f"reception.views.{module}.PAGE", 1)
    for number in range(2):
        Display.objects.create(
            token_hash=f"{number}", asked_at=now, branch=supervisor.branch, paired_at=now, paired_by=supervisor
        )
        services.start_kiosk(label=f"{number}", staff=supervisor, now=now)
        services.record_interference(
            person=staff_with(Role.CONSULTANT), kind="operated", note="x", staff=supervisor, now=now
        )
    client = client_as(supervisor)
    answer = client.post(reverse(f"reception:{sent_to}"), {})
    assert answer.status_code == 422
    following = re.search(r'rel="next" href="([^"]+)"', text_of(answer))
    assert following is not None
    assert following[1].startswith(reverse(f"reception:{listed_at}"))
    assert client.get(following[1]).status_code == 200
