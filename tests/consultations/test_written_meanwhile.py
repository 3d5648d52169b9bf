"""What somebody else wrote meanwhile is never overwritten unseen, and what was typed can still be saved on top."""

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from clinic.models import Staff
from consultations import services
from consultations.models import Deal, Payment, Treatment
from tests.conftest import MakeClient
from tests.consultations.conftest import Morning, typed_lines
from tests.consultations.deal_scenes import correct, replace, shares_of
from tests.consultations.test_services_course import TODAY, go, treatment_of

pytestmark = pytest.mark.django_db
WORK = {"HX-Request": "true", "HX-Target": "treatment-work"}


def carried(form: str) -> dict[str, str]:
    """Return what a drawn form carries of what it was drawn with."""
    return dict(re.findall(r'<input type="hidden" name="(initial-[a-z_]+)" value="([^"]*)"', form))


def drawn(answer: Any, form: str) -> str:
    """Return a form as the browser gets it."""
    found = re.search(rf'<form id="{form}".*?</form>', answer.content.decode(), flags=re.DOTALL)
    assert found, form
    return found[0]


# --- what follows a treatment ---

AFTER: dict[str, tuple[str, str, str, str]] = {
    "complication": ("treatment_complication", "血肿", "左侧血肿，已冰敷", "渗血"),
    "hand_over": ("treatment_hand_over", "八折", "八折；尾款未付", "赠面膜"),
    "next_visit_on": ("treatment_next_visit", "2026-03-18", "2026-03-20", "2026-03-25"),
}


def writes(name: str, treatment: Treatment, said: str, staff: Staff, morning: Morning) -> None:
    """Let a colleague write into the field on her own page."""
    common: dict[str, Any] = {"treatment": treatment, "staff": staff, "now": morning.now}
    if name == "complication":
        services.note_complication(text=said, **common)
    elif name == "hand_over":
        services.hand_over_treatment(text=said, **common)
    else:
        services.set_next_visit(next_visit_on=TODAY + timedelta(days=int(said[-2:]) - TODAY.day), **common)


@pytest.mark.parametrize(("name", "said"), AFTER.items(), ids=AFTER)
def test_what_a_colleague_wrote_afterwards_is_shown_before_it_is_replaced(
    morning: Morning, client_as: MakeClient, name: str, said: tuple[str, str, str, str]
) -> None:
    address, first, hers, mine = said
    treatment = go(treatment_of(morning), "arrived", "preparing", "in_theatre", by=morning.doctor, now=morning.now)
    writes(name, treatment, first, morning.doctor, morning)
    client = client_as(morning.doctor)
    page = client.get(reverse("consultations:treatment", args=[treatment.pk]))
    opened = carried(drawn(page, f"{name}-form"))
    assert list(opened.values()) == [first]

    writes(name, treatment, hers, morning.doctor, morning)
    treatment.refresh_from_db()
    send, typed = reverse(f"consultations:{address}", args=[treatment.pk]), {name: mine}
    # The page hears of every change, so the version is the newest; the text areas are as they were drawn.
    stale = client.post(send, typed | opened | {"version": treatment.version}, headers=WORK)
    form = drawn(stale, f"{name}-form")
    assert (stale.status_code, stale["HX-Retarget"], stale["HX-Reswap"]) == (409, f"#{name}-form", "outerHTML")
    assert "error-summary" in form and mine in form
    treatment.refresh_from_db()
    assert str(getattr(treatment, name)) == hers
    without_script = client.post(send, typed | opened)
    assert without_script.status_code == 409 and mine in drawn(without_script, f"{name}-form")
    assert "<title>Error:" in without_script.content.decode()

    again = client.post(send, typed | carried(form), headers=WORK)
    assert again.status_code == 200
    treatment.refresh_from_db()
    assert str(getattr(treatment, name)) == mine
    fresh = drawn(again, f"{name}-form")
    assert 'hx-swap-oob="true"' in fresh and list(carried(fresh).values()) == [mine]


def test_lines_end_as_they_will(morning: Morning, client_as: MakeClient) -> None:
    treatment = treatment_of(morning)
    client, address = client_as(morning.doctor), reverse("consultations:treatment_hand_over", args=[treatment.pk])
    for said, seen in (("八折\r\n赠面膜", ""), ("八折", "八折\n赠面膜")):
        answer = client.post(address, {"hand_over": said, "initial-hand_over": seen}, headers=WORK)
        assert answer.status_code == 200, said


# --- deals ---


def action(form: str) -> str:
    found = re.search(r' action="([^"]*)"', form)
    assert found
    return found[1]


def post_again(client: Client, stale: Any, form: str, typed: dict[str, Any]) -> Any:
    """Send what was typed once more, by the form that came back."""
    return client.post(action(drawn(stale, form)), typed)


def test_a_correction_on_top_of_another_is_saved(deal: Deal, morning: Morning, client_as: MakeClient) -> None:
    client = client_as(morning.first)
    address = reverse("consultations:deal_correct", args=[deal.pk])
    assert action(drawn(client.get(address), "deal-form")) == address
    newer = replace(morning, deal, "3500")
    typed = typed_lines((morning.nose.pk, "2", "3800")) | {"reason": "两次"}
    stale = client.post(address, typed)
    page = stale.content.decode()
    assert stale.status_code == 409 and "<title>Error:" in page
    told = page.partition('id="deal-meanwhile"')[2].partition("</section>")[0]
    assert all(word in told for word in ("3,500.00", str(morning.eyes), "王欣 100", "价格写错"))
    assert 'value="3800"' in drawn(stale, "deal-form") and 'value="两次"' in drawn(stale, "deal-form")
    saved = post_again(client, stale, "deal-form", typed)
    assert saved.status_code == 302
    last = Deal.objects.latest("pk")
    assert (last.corrects, last.amount) == (newer, Decimal(3800))


def test_a_correction_of_what_was_made_void_meanwhile_is_saved(
    deal: Deal, morning: Morning, client_as: MakeClient
) -> None:
    services.note_payment(
        deal=deal,
        kind="refund",
        amount=Decimal(1000),
        reason="不做了",
        received_on=morning.board.day,
        staff=morning.first,
        now=morning.now,
    )
    services.void_deal(deal=deal, reason="不做了", staff=morning.first, now=morning.now)
    client, typed = client_as(morning.first), typed_lines((morning.nose.pk, "1", "3800")) | {"reason": "又做了"}
    stale = client.post(reverse("consultations:deal_correct", args=[deal.pk]), typed)
    assert stale.status_code == 409 and "Nothing: the deal is void." in stale.content.decode()
    assert post_again(client, stale, "deal-form", typed).status_code == 302


def test_shares_on_top_of_a_correction_are_saved(
    deal: Deal, morning: Morning, client_as: MakeClient, supervisor: Staff
) -> None:
    client = client_as(supervisor)
    newer = replace(morning, deal, "3500")
    typed = {
        "shares-TOTAL_FORMS": "2",
        "shares-INITIAL_FORMS": "0",
        "shares-0-person": str(morning.first.pk),
        "shares-0-percent": "60",
        "shares-1-person": str(morning.doctor.pk),
        "shares-1-percent": "40",
        "reason": "协助",
    }
    stale = client.post(reverse("consultations:deal_sales", args=[deal.pk]), typed)
    assert stale.status_code == 409
    assert "3,500.00" in stale.content.decode() and 'value="60"' in drawn(stale, "shares-form")
    assert action(drawn(stale, "shares-form")) == reverse("consultations:deal_sales", args=[newer.pk])
    assert post_again(client, stale, "shares-form", typed).status_code == 302
    assert shares_of(Deal.objects.latest("pk")) == {morning.first.pk: "0.6000", morning.doctor.pk: "0.4000"}


def test_who_carries_it_out_meanwhile_asks_for_a_reason(
    deal: Deal, morning: Morning, client_as: MakeClient, supervisor: Staff
) -> None:
    client, typed = (
        client_as(supervisor),
        {"shares-TOTAL_FORMS": "1", "shares-INITIAL_FORMS": "0", "shares-0-person": str(morning.doctor.pk)},
    )
    newer = replace(morning, deal, "3500")
    services.share_deal(
        deal=newer, part="execution", people=[(morning.second, None)], reason="", staff=supervisor, now=morning.now
    )
    stale = client.post(reverse("consultations:deal_execution", args=[deal.pk]), typed)
    form = drawn(stale, "shares-form")
    assert stale.status_code == 409 and 'name="reason"' in form
    assert post_again(client, stale, "shares-form", typed).status_code == 422
    assert post_again(client, stale, "shares-form", typed | {"reason": "换人"}).status_code == 302


def test_who_may_not_see_the_newer_entry_is_only_told(
    deal: Deal, morning: Morning, client_as: MakeClient, supervisor: Staff
) -> None:
    """She was credited with a part of it, and is not any more."""
    entries = [deal]
    for people in ([morning.first, morning.second], [morning.first]):
        shared = [(one, None) for one in people]
        made = services.share_deal(
            deal=entries[-1], part="sales", people=shared, reason="协助", staff=supervisor, now=morning.now
        )
        entries.append(made)
    stale = client_as(morning.second).post(
        reverse("consultations:deal_correct", args=[entries[1].pk]),
        typed_lines((morning.nose.pk, "2", "3800")) | {"reason": "两次"},
    )
    assert stale.status_code == 409 and "deal-meanwhile" not in stale.content.decode()


def test_a_note_corrected_meanwhile_is_corrected_on_top(deal: Deal, morning: Morning, client_as: MakeClient) -> None:
    client, payment = client_as(morning.first), deal.payments.get()
    newest = correct(morning, correct(morning, payment, "deposit", "900"), "deposit", "950")
    typed = {"kind": "deposit", "amount": "800", "received_on": morning.board.day.isoformat(), "reason": "看错"}
    stale = client.post(reverse("consultations:payment_correct", args=[payment.pk]), typed)
    assert stale.status_code == 409 and 'value="800"' in stale.content.decode()
    address = reverse("consultations:payment_correct", args=[newest.pk])
    assert f'action="{address}"' in stale.content.decode()
    assert client.post(address, typed).status_code == 302
    assert Payment.objects.latest("pk").amount == 800
