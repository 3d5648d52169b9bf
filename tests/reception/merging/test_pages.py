"""Merging on the screens, and the pairs that may be one person."""

from datetime import date
from itertools import pairwise

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from clinic.models import AuditEntry, Branch, Staff
from clinic.roles import Role
from reception import services
from reception.models import Merge, PossibleDuplicate
from tests.conftest import MakeClient
from tests.factories.reception import MORNING, VisitorFactory
from tests.reception.merging.scenes import chosen, merge, pair, text_of

pytestmark = pytest.mark.usefixtures("now")


def test_from_the_search_to_the_preview_to_one_record_and_back(page: Client) -> None:
    ours = VisitorFactory(name="王小美", phone="13800138000")
    theirs = VisitorFactory(name="O'Brien <b>", phone="13900139001", heard_from="朋友")
    address = reverse("reception:visitor_merge", args=[ours.pk])
    assert "No record looks like hers" in text_of(page.get(address))
    found = text_of(page.post(address, {"q": "9001"}))
    assert f"{address}?other={theirs.pk}" in found
    drawn = text_of(page.get(address, {"other": theirs.pk}))
    assert "O&#x27;Brien &lt;b&gt;" in drawn and "139****9001" in drawn and "13900139001" not in drawn
    assert reverse("reception:visitor_merge", args=[theirs.pk]) + f"?other={ours.pk}" in drawn
    answer = page.post(address, chosen(ours, theirs, name="other"))
    assert answer.status_code == 302
    ours.refresh_from_db()
    assert (ours.name, ours.heard_from) == ("O'Brien <b>", "朋友")
    hers = text_of(page.get(answer.headers["Location"]))
    assert "was merged into this record by 孙主管" in hers
    back = reverse("reception:visitor_merge_back", args=[theirs.pk])
    assert back in hers
    assert page.post(back).status_code == 302
    ours.refresh_from_db()
    assert (ours.name, ours.heard_from) == ("王小美", "")
    assert page.post(back).status_code == 409


def test_what_was_chosen_is_kept_when_somebody_changed_a_card_meanwhile(page: Client, supervisor: Staff) -> None:
    ours, theirs = VisitorFactory(name="王小美"), VisitorFactory(name="曾小妹")
    sent = chosen(ours, theirs, name="other")
    services.change_visitor(visitor=theirs, staff=supervisor, now=MORNING, heard_from="朋友")
    address = reverse("reception:visitor_merge", args=[ours.pk])
    answer = page.post(address, sent)
    assert answer.status_code == 409
    assert "changed since the page was drawn" in text_of(answer)
    rows = {row.difference.name: row.chosen for row in answer.context["form"].rows}
    assert rows["name"] == "other"
    again = sent | {name: answer.context["form"].data[name] for name in ("seen_survivor", "seen_other")}
    assert page.post(address, again).status_code == 302


def test_merging_the_wrong_way_round_after_it_was_done_is_409(page: Client) -> None:
    ours, theirs = VisitorFactory(), VisitorFactory()
    sent, turned = chosen(ours, theirs), chosen(theirs, ours)
    assert page.post(reverse("reception:visitor_merge", args=[ours.pk]), sent).status_code == 302
    for survivor, said in ((ours, sent), (theirs, turned)):
        answer = page.post(reverse("reception:visitor_merge", args=[survivor.pk]), said)
        assert answer.status_code == 409
        assert "was merged into" in text_of(answer)
    assert page.get(reverse("reception:visitor_merge", args=[ours.pk]), {"other": theirs.pk}).status_code == 409


@pytest.mark.parametrize(
    "wrong",
    [
        {"other": "x"},
        {"other": ""},
        {"other": "999999"},
        {"seen_other": "x"},
        {"keep_name": "nobody"},
        {"seen_survivor": ""},
    ],
)
def test_nothing_wrong_is_merged(page: Client, wrong: dict[str, str]) -> None:
    ours, theirs = VisitorFactory(), VisitorFactory()
    answer = page.post(reverse("reception:visitor_merge", args=[ours.pk]), chosen(ours, theirs) | wrong)
    assert answer.status_code == 422
    assert not Merge.objects.exists()


def test_pages_of_a_merged_record_lead_to_the_visitor_and_say_so(page: Client, supervisor: Staff) -> None:
    ours, theirs = VisitorFactory(name="王小美"), VisitorFactory(name="曾小妹")
    merge(ours, theirs, supervisor)
    hers = reverse("reception:visitor", args=[ours.pk])
    for name in ("visitor", "visitor_card", "visitor_history", "visitor_merge"):
        answer = page.get(reverse(f"reception:{name}", args=[theirs.pk]))
        assert (answer.status_code, answer.headers["Location"]) == (302, hers), name
    assert f"曾小妹 ({theirs.file_number}) was merged into 王小美" in text_of(page.get(hers))
    fragment = page.get(reverse("reception:visitor_now", args=[theirs.pk]), headers={"HX-Request": "true"})
    assert fragment.headers["HX-Redirect"] == hers
    assert page.post(reverse("reception:visitor_card", args=[theirs.pk]), {"name": "x"}).status_code == 409
    assert page.get(reverse("reception:visitor", args=[10**9])).status_code == 404
    form = page.get(reverse("reception:arrival_new"), {"visitor": theirs.pk}, headers={"HX-Request": "true"})
    assert f'name="visitor" value="{ours.pk}"' in text_of(form)


def test_others_may_not_merge(client_as: MakeClient) -> None:
    ours, theirs = VisitorFactory(), VisitorFactory()
    client = client_as(Role.RECEPTION)
    assert client.get(reverse("reception:duplicates")).status_code == 403
    assert client.post(reverse("reception:visitor_merge", args=[ours.pk]), chosen(ours, theirs)).status_code == 403
    assert reverse("reception:visitor_merge", args=[ours.pk]) not in text_of(
        client.get(reverse("reception:visitor", args=[ours.pk]))
    )


def test_pairs_are_noticed_when_a_record_is_written(page: Client, supervisor: Staff) -> None:
    assert "No possible duplicates" in text_of(page.get(reverse("reception:duplicates")))
    pair(phone="", birth_on=date(1990, 2, 1))
    mother, daughter = (VisitorFactory(name=name, phone="13800138000") for name in ("曾母", "曾小美"))
    pair(phone="")
    drawn = page.get(reverse("reception:duplicates"))
    latest = drawn.context["pairs"][0]
    assert (latest.first, latest.second) == (mother, daughter)
    assert [one.reason for one in drawn.context["pairs"]] == ["phone", "person"]
    assert page.get(reverse("reception:duplicates"), headers={"HX-Request": "true"}).status_code == 200
    services.change_visitor(visitor=daughter, staff=supervisor, now=MORNING, phone="13900139001")
    assert [one.reason for one in page.get(reverse("reception:duplicates")).context["pairs"]] == ["person"]


def test_two_persons_are_not_asked_about_again(page: Client, supervisor: Staff) -> None:
    mother, daughter = (VisitorFactory(name=name, phone="13800138000") for name in ("曾母", "曾小美"))
    noticed = PossibleDuplicate.objects.get()
    dismiss = reverse("reception:duplicate_dismiss")
    for _ in range(2):
        assert page.post(dismiss, {"pair": noticed.pk}).status_code == 302
    services.change_visitor(visitor=daughter, staff=supervisor, now=MORNING, name="曾晓美")
    services.note_all_duplicates(now=MORNING)
    assert page.get(reverse("reception:duplicates")).context["pairs"] == []
    assert AuditEntry.objects.filter(action="reception.dismiss_duplicate").count() == 1
    merge(mother, daughter, supervisor)
    assert page.post(dismiss, {"pair": noticed.pk}).status_code == 409
    for wrong in ("", "x", "999999"):
        assert page.post(dismiss, {"pair": wrong}).status_code == 409


def test_a_pair_leaves_the_list_when_it_is_merged_and_comes_back_with_it(page: Client, supervisor: Staff) -> None:
    done = merge(*pair(phone="13800138000"), supervisor)
    assert page.get(reverse("reception:duplicates")).context["pairs"] == []
    services.take_merge_back(merge=done, staff=supervisor, now=MORNING)
    assert len(page.get(reverse("reception:duplicates")).context["pairs"]) == 1


def test_at_night_every_pair_is_found_whoever_wrote_the_records_and_only_once(branch: Branch) -> None:
    people = [VisitorFactory(name="王小美", phone="13800138000") for _ in range(4)]
    pair(phone="", birth_on=date(1990, 2, 1))
    PossibleDuplicate.objects.all().delete()
    assert services.note_all_duplicates(now=MORNING) == 4
    assert services.note_all_duplicates(now=MORNING) == 0
    chain = PossibleDuplicate.objects.filter(reason="phone").order_by("first").values_list("first", "second")
    assert list(chain) == [(one.pk, two.pk) for one, two in pairwise(people)]


@pytest.mark.parametrize("pairs", [1, 50])
def test_the_list_of_pairs_asks_the_same_at_one_row_and_at_fifty(
    page: Client, pairs: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(pairs):
        pair(phone=f"138{number:08d}")
    page.get(reverse("reception:duplicates"))
    with django_assert_num_queries(4):
        page.get(reverse("reception:duplicates"))
