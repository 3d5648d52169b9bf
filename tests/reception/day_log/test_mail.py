"""Parcels and letters: handed out in rounds, sent back unopened."""

from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from clinic.models import Branch, Staff
from clinic.roles import Role
from reception import services
from reception.models import LogOpen, LogStep
from reception.selectors.day_log import (
    mail_of_leavers,
    mail_to_hand_out,
)
from tests.conftest import MakeStaff
from tests.reception.day_log.scenes import parcel, text_of

pytestmark = pytest.mark.usefixtures("now")


def test_several_are_handed_out_in_one_round_all_or_none(
    desk: Client, branch: Branch, consultant: Staff, clerk: Staff, now: datetime
) -> None:
    first, second = parcel(branch, clerk, now, for_staff=consultant), parcel(branch, clerk, now)
    other = parcel(branch, clerk, now)
    assert "王欣" in text_of(desk.get(reverse("reception:mail")))
    ticked = {"take": [first.pk, second.pk], f"taker-{first.pk}": "王欣", f"taker-{second.pk}": "", "taker": ""}
    assert desk.post(reverse("reception:mail"), ticked).status_code == 422
    assert LogOpen.objects.count() == 3
    assert desk.post(reverse("reception:mail"), ticked | {"taker": "何佳音"}).status_code == 302
    assert {step.entry_id: step.taker for step in LogStep.objects.all()} == {first.pk: "王欣", second.pk: "何佳音"}
    assert [one.pk for one in mail_to_hand_out(branch, branch.today(now))] == [other.pk]
    assert desk.post(reverse("reception:mail"), ticked | {"taker": "何佳音"}).status_code == 409
    assert desk.post(reverse("reception:mail"), {"take": []}).status_code == 422


def test_what_is_refused_of_a_round_of_mail_stays_ticked_and_typed(
    desk: Client, branch: Branch, consultant: Staff, clerk: Staff, now: datetime
) -> None:
    first, second = parcel(branch, clerk, now, for_staff=consultant), parcel(branch, clerk, now)
    long = "何" * 51
    typed = {"take": [first.pk], f"taker-{first.pk}": long, f"taker-{second.pk}": "改过", "taker": "前台 <b>"}
    answer = desk.post(reverse("reception:mail"), typed)
    page = text_of(answer)
    assert answer.status_code == 422
    assert "51" in page and f'value="{long}"' in page and 'value="前台 &lt;b&gt;"' in page
    assert f'value="{first.pk}" checked' in page and f'value="{second.pk}">' in page
    assert f'href="#taker-{first.pk}"' in page
    assert not LogStep.objects.exists()
    services.settle_entry(entry=first, what="handed_out", taker="张", staff=clerk, now=now)
    late = desk.post(reverse("reception:mail"), typed | {"take": [first.pk, second.pk], f"taker-{first.pk}": "王"})
    assert late.status_code == 409
    assert f'value="{second.pk}" checked' in text_of(late) and 'value="改过"' in text_of(late)


def test_mail_for_people_who_have_left_goes_back_unopened(
    desk: Client, branch: Branch, staff_with: MakeStaff, clerk: Staff, now: datetime
) -> None:
    today = branch.today(now)
    gone = staff_with(Role.NURSE, display_name="唐莉", active_until=today - timedelta(days=1))
    leaving = staff_with(Role.NURSE, display_name="韩梅", active_until=today)
    back, kept = parcel(branch, clerk, now, for_staff=gone), parcel(branch, clerk, now, for_staff=leaving)
    assert [one.pk for one in mail_of_leavers(branch, today)] == [back.pk]
    assert [one.pk for one in mail_to_hand_out(branch, today)] == [kept.pk]
    assert desk.post(reverse("reception:mail"), {"take": [back.pk], "then": "return"}).status_code == 302
    assert LogStep.objects.get().what == "returned"
    assert not mail_of_leavers(branch, today).exists()


def test_another_branchs_mail_is_not_handed_out(
    desk: Client, other_branch: Branch, staff_with: MakeStaff, now: datetime
) -> None:
    theirs = parcel(other_branch, staff_with(Role.RECEPTION, branch=other_branch), now)
    assert desk.post(reverse("reception:mail"), {"take": [theirs.pk], "taker": "x"}).status_code == 422
    assert LogOpen.objects.count() == 1
