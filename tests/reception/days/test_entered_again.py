"""A void entry is entered again (R2)."""

import pytest
from django.urls import reverse

from clinic.models import Branch
from clinic.roles import Role
from reception import services
from reception.models import (
    Visit,
)
from tests.conftest import MakeClient, MakeStaff
from tests.factories.reception import MORNING, ProjectFactory, VisitFactory, VisitorFactory
from tests.reception.days.scenes import refused

pytestmark = pytest.mark.usefixtures("now")


def test_a_void_entry_is_entered_again_once_and_remembered(branch: Branch, staff_with: MakeStaff) -> None:
    desk = staff_with(Role.RECEPTION)
    void = VisitFactory()
    common = {"visitor": void.visitor, "branch": branch, "projects": [], "staff": desk, "now": MORNING}
    refused("already_here", lambda: services.register_arrival(**common, replaces=void))
    services.void_visit(visit=void, reason="项目选错", staff=desk, now=MORNING)
    again = services.register_arrival(**common, replaces=void)
    assert (again.replaces, again.number) == (void, 2)
    services.void_visit(visit=again, reason="还是错", staff=desk, now=MORNING)
    assert refused("replaced", lambda: services.register_arrival(**common, replaces=void)).status == 409
    assert Visit.objects.count() == 2, "the number is given again"
    assert services.register_arrival(**common, replaces=again).number == 3


def test_entering_again_opens_the_form_as_the_void_entry_was(client_as: MakeClient) -> None:
    desk = client_as(Role.RECEPTION)
    nose, eyes = ProjectFactory.create_batch(2)
    referrer = VisitorFactory(name="林介绍")
    void = VisitFactory(
        projects=[eyes, nose], note="怕疼 <b>", circumstances={"referrer": referrer, "referral_by": "slip"}
    )
    answer = desk.post(
        reverse("reception:visit_void", args=[void.pk]), {"reason": "选错"}, headers={"HX-Request": "true"}
    )
    address = f"{reverse('reception:desk')}?visitor={void.visitor_id}&again={void.pk}"
    assert address.replace("&", "&amp;") in answer.content.decode()
    form = desk.get(address).context["form"]
    page = desk.get(address).content.decode()
    assert f'value="{eyes.pk},{nose.pk}"' in page
    assert "怕疼 &lt;b&gt;" in page and "林介绍" in page
    sent = {name: form[name].value() or "" for name in form.fields}
    sent |= {"visitor": void.visitor_id, "claims_history": "", "emergency": ""}
    sent = {name: value for name, value in sent.items() if value not in (False, None)}
    desk.post(reverse("reception:arrival_create"), sent, headers={"HX-Request": "true"})
    made = Visit.objects.get(replaces=void)
    assert made.referrer == referrer and made.wishes.count() == 2
    panel = desk.get(reverse("reception:register_panel")).content.decode()
    assert f"→ {made}" in panel
    gone = f"{reverse('reception:desk')}?visitor={void.visitor_id}&again=999999"
    assert desk.get(gone).status_code == 404
