"""What somebody typed stays: refused forms keep it and say why, and know what was done on the page meanwhile."""

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from clinic.models import Department, Staff
from clinic.roles import Role
from consultations import services
from consultations.models import DiscountRequest, Treatment
from consultations.services import Planned
from tests.conftest import MakeClient, MakeStaff
from tests.consultations.conftest import Morning, typed_lines
from tests.consultations.test_services_course import TODAY, go, treatment_of

pytestmark = pytest.mark.django_db


def post(client: Client, name: str, pk: int, target: str, **given: Any) -> Any:
    headers = {"HX-Request": "true", "HX-Target": target}
    return client.post(reverse(f"consultations:{name}", args=[pk]), given, headers=headers)


def drawn(answer: Any, form: str) -> str:
    """Return a form, from its id on."""
    return str(answer.content.decode()).partition(f'id="{form}"')[2].partition("</form>")[0]


def versions(answer: Any, form: str) -> list[str]:
    """Return the versions that the browser would send with a form, whether they stand in it or name it."""
    outside = re.findall(rf'name="version" value="(\d+)" form="{form}"', answer.content.decode())
    return outside + re.findall(r'name="version" value="(\d+)"', drawn(answer, form))


# --- a treatment ---


@pytest.fixture
def treatment(morning: Morning) -> Treatment:
    return treatment_of(morning)


def moved(treatment: Treatment, **said: Any) -> dict[str, Any]:
    """Return what the form of a change sends, with what it was drawn with."""
    first = {"treated_on": treatment.treated_on.isoformat(), "doctor": treatment.doctor_id, "notes": treatment.notes}
    return first | {f"initial-{name}": value for name, value in first.items()} | said


def test_after_a_step_on_the_page_the_forms_beside_it_still_save(
    morning: Morning, treatment: Treatment, client_as: MakeClient
) -> None:
    client = client_as(morning.doctor)
    address = reverse("consultations:treatment", args=[treatment.pk])
    page = client.get(address)
    assert versions(page, "change-treatment") == versions(page, "cancel-treatment") == ["1"]
    work = post(client, "treatment_stage", treatment.pk, "treatment-work", stage="arrived", version="1")
    for form in ("change-treatment", "cancel-treatment"):
        assert re.findall(rf'name="version" value="(\d+)" form="{form}"', work.content.decode()) == ["2"], form
    assert client.post(address, moved(treatment, notes="术前禁食", version="2")).status_code == 302
    treatment.refresh_from_db()
    assert (treatment.notes, treatment.stage) == ("术前禁食", "arrived")


def test_a_change_that_is_refused_keeps_what_was_typed(
    morning: Morning, treatment: Treatment, client_as: MakeClient
) -> None:
    client = client_as(morning.doctor)
    address = reverse("consultations:treatment", args=[treatment.pk])
    go(treatment, "arrived", by=morning.doctor, now=morning.now)
    stale = client.post(address, moved(treatment, notes="术前禁食", version="1"))
    form = drawn(stale, "change-treatment")
    assert stale.status_code == 409
    assert "error-summary" in form and 'value="术前禁食"' in form
    assert versions(stale, "change-treatment") == ["2"]
    wrong = client.post(address, moved(treatment, treated_on="2026-03-20", version="2"))
    assert wrong.status_code == 422
    assert "She is here already" in drawn(wrong, "change-treatment")
    assert 'value="2026-03-20"' in drawn(wrong, "change-treatment")


def test_a_cancelling_that_is_refused_keeps_its_reason(
    morning: Morning, treatment: Treatment, client_as: MakeClient
) -> None:
    client = client_as(morning.doctor)
    go(treatment, "arrived", by=morning.doctor, now=morning.now)
    stale = post(client, "treatment_cancel", treatment.pk, "", reason="改约", version="1")
    form = drawn(stale, "cancel-treatment")
    assert stale.status_code == 409
    assert "error-summary" in form and 'value="改约"' in form
    assert versions(stale, "cancel-treatment") == ["2"]
    again = client.post(
        reverse("consultations:treatment_cancel", args=[treatment.pk]), {"reason": "改约", "version": "2"}
    )
    assert again.status_code == 302
    late = client.post(
        reverse("consultations:treatment", args=[treatment.pk]), moved(treatment, notes="x", version="3")
    )
    assert late.status_code == 409
    assert 'id="change-treatment"' not in late.content.decode(), "it is cancelled: nothing is changed any more"


def test_what_another_changed_meanwhile_stays(morning: Morning, treatment: Treatment, client_as: MakeClient) -> None:
    before = moved(treatment)
    services.change_treatment(
        treatment=treatment, treated_on=TODAY + timedelta(days=3), staff=morning.doctor, now=morning.now
    )
    address = reverse("consultations:treatment", args=[treatment.pk])
    assert client_as(morning.doctor).post(address, before | {"notes": "术前禁食", "version": "2"}).status_code == 302
    treatment.refresh_from_db()
    assert (treatment.treated_on, treatment.notes) == (TODAY + timedelta(days=3), "术前禁食")


def test_a_step_that_was_wrong_is_put_back_where_it_was_made(
    morning: Morning, treatment: Treatment, client_as: MakeClient
) -> None:
    client = client_as(morning.doctor)
    assert 'id="back_stage"' not in client.get(reverse("consultations:treatment", args=[treatment.pk])).content.decode()
    work = post(client, "treatment_stage", treatment.pk, "treatment-work", stage="arrived", version="1")
    assert 'value="ordered"' in drawn(work, "step-wrong")
    work = post(client, "treatment_stage", treatment.pk, "treatment-work", stage="preparing", version="2")
    assert 'value="arrived"' in drawn(work, "step-wrong")


def test_where_the_guide_records_an_arrival_she_stands_in_its_row_and_can_take_it_back(
    morning: Morning, treatment: Treatment, client_as: MakeClient
) -> None:
    client = client_as(Role.ASSISTANT)
    page = client.get(reverse("consultations:guide"))
    assert "data-key-here" in drawn(page, f"arrived-{treatment.pk}")
    here = post(client, "treatment_stage", treatment.pk, "where", stage="arrived", version="1")
    assert 'data-key="u"' in drawn(here, f"undo-{treatment.pk}")
    others = client_as(Role.ASSISTANT).get(reverse("consultations:guide"))
    assert f'id="undo-{treatment.pk}"' not in others.content.decode()
    back = post(client, "treatment_stage_undo", treatment.pk, "where", version="2")
    assert f'id="arrived-{treatment.pk}"' in back.content.decode()
    treatment.refresh_from_db()
    assert treatment.stage == "ordered"


def test_of_two_arrivals_the_key_takes_back_the_latest(morning: Morning, client_as: MakeClient) -> None:
    first, second = treatment_of(morning), treatment_of(morning)
    client = client_as(Role.ASSISTANT)
    assistant: Staff = client.staff  # type: ignore[attr-defined]
    go(second, "arrived", by=assistant, now=morning.now - timedelta(seconds=4))
    go(first, "arrived", by=assistant, now=morning.now)
    page = client.get(reverse("consultations:guide"))
    assert 'data-key="u"' in drawn(page, f"undo-{first.pk}")
    assert drawn(page, f"undo-{second.pk}") and 'data-key="u"' not in drawn(page, f"undo-{second.pk}")


@pytest.mark.parametrize(("language", "site"), [("zh-hans", "额部"), ("en", "Forehead")])
def test_sites_are_offered_in_the_readers_language(
    morning: Morning, client_as: MakeClient, language: str, site: str
) -> None:
    treatment = treatment_of(morning, Department.Kind.NON_INVASIVE)
    address = reverse("consultations:treatment", args=[treatment.pk])
    page = client_as(morning.doctor).get(address, headers={"Accept-Language": language})
    assert f'<option value="{site}">' in page.content.decode()


# --- the consultation room: what came back refused is not saved ---


def test_a_form_that_came_back_counts_as_typed(morning: Morning, client_as: MakeClient) -> None:
    held = morning.enter(morning.arrive())
    client = client_as(morning.first)
    lines = typed_lines((morning.nose.pk, "1", "a lot"))
    page = client.get(reverse("consultations:consultation", args=[held.pk]))
    assert "data-typed" not in page.content.decode()
    for name, form, target, said in (
        ("deal", "deal-form", "work", {"kind": "paid", "version": "2", **lines}),
        ("no_deal", "no-deal-form", "work", {"reason": "", "version": "2"}),
        ("no_deal", "no-deal-form", "work", {"reason": "价格", "version": "1"}),
        ("file_treatment", "treatment-form", "work", {"project": morning.nose.pk}),
        ("change", "change-not_offered", "change-not_offered", {"kind": "not_offered", "version": "2"}),
        ("ask", "ask-form", "ask-form", {"question": "能做吗？"}),
        ("panel", "panel-form", "panel-form", {"members": [morning.doctor.pk]}),
        ("plan_add", "plan-form", "plan", {"sessions": "0"}),
    ):
        answer = post(client, name, held.pk, target, **said)
        assert answer.status_code in (409, 422), name
        assert " data-typed>" in drawn(answer, form), name
        assert answer.content.decode().count("data-typed") == 1, name


def test_what_was_asked_and_called_is_typed_no_more(morning: Morning, client_as: MakeClient) -> None:
    held = morning.enter(morning.arrive())
    client = client_as(morning.first)
    asked = post(client, "ask", held.pk, "ask-form", doctor=morning.doctor.pk, question="能做吗？")
    assert asked.status_code == 200 and "data-typed" not in asked.content.decode()
    done = post(client, "no_deal", held.pk, "work", reason="价格", version="2")
    assert done.status_code == 200 and "data-typed" not in done.content.decode()


def test_an_item_whose_discount_was_answered_meanwhile_is_saved_on_top(
    morning: Morning, client_as: MakeClient, staff_with: MakeStaff
) -> None:
    morning.nose.list_price = Decimal(12000)
    morning.nose.save()
    room, client = morning.enter(morning.arrive()), client_as(morning.first)
    what = Planned(project=morning.nose, quoted=Decimal(9600), why="老顾客")
    item = services.add_plan_item(consultation=room, what=what, staff=morning.first, now=morning.now)
    services.answer_discount(
        request=DiscountRequest.objects.get(),
        approve=True,
        answer="",
        staff=staff_with(Role.MANAGER),
        now=morning.now,
    )
    typed = {"project": morning.nose.pk, "sessions": 1, "quoted": "9600", "why": "老顾客", "risks": "出血"}
    stale = post(client, "plan_item", item.pk, "plan", version=1, **typed)
    form = drawn(stale, "plan-form")
    assert stale.status_code == 409
    assert "changed in another window" in form and ">\n出血</textarea>" in form
    assert 'name="version" value="2"' in form and "data-typed" in form
    assert post(client, "plan_item", item.pk, "plan", version=2, **typed).status_code == 200
    item.refresh_from_db()
    assert (item.risks, item.quoted_price) == ("出血", Decimal(9600))
    assert DiscountRequest.objects.count() == 1, "what was approved is not asked for again"
