"""The pages of a hand-over: choosing, preview, moving by hand, carrying out, taking back, and the notice."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from clinic.models import Branch, Job, Staff
from clinic.roles import Role
from consultations import services
from consultations.models import HandOver
from consultations.services import hand_overs as service
from consultations.tasks import carry_out_hand_over
from consultations.views import hand_overs as views
from reception.models import Visitor
from tests.conftest import MakeClient, MakeStaff
from tests.consultations.hand_overs.scenes import Leaving, give_visitors


@pytest.fixture
def desk(scene: Leaving, client_as: MakeClient) -> Client:
    return client_as(scene.supervisor)


def _sent(scene: Leaving, carried: dict[str, Any], **more: object) -> dict[str, Any]:
    chosen = {"to": [one.pk for one in scene.colleagues], "rule": "evenly"}
    return {**chosen, **carried, "do": "carry_out", "reason": "韩梅离职", **more}


def test_the_list_says_who_has_visitors_those_who_left_first(scene: Leaving, desk: Client) -> None:
    give_visitors(scene.leaver, 3)
    give_visitors(scene.colleagues[0], 1)
    answer = desk.get(reverse("consultations:hand_overs"))
    assert [one.display_name for one in answer.context["leavers"]] == ["韩梅", "陈静", "李敏", "王欣"]
    assert [one.number for one in answer.context["leavers"]] == [3, 1, 0, 0]
    assert scene.url in answer.content.decode()


def test_a_leaver_with_nobody_says_what_to_do(scene: Leaving, desk: Client) -> None:
    assert "no visitors to hand over" in desk.get(scene.url).content.decode()
    give_visitors(scene.leaver, 1)
    Staff.objects.filter(pk__in=[one.pk for one in scene.colleagues]).update(active_until="2026-03-10")
    assert "no colleague to give them to" in desk.get(scene.url).content.decode()


def test_the_preview_writes_nothing_and_is_the_same_when_loaded_again(scene: Leaving, desk: Client) -> None:
    give_visitors(scene.leaver, 7)
    before = scene.owners()
    first, again = scene.preview(desk), scene.preview(desk)
    assert (first["mark"], first["seen"]) == (again["mark"], again["seen"])
    assert scene.owners() == before and not HandOver.objects.exists()
    asked: dict[str, Any] = {"to": [one.pk for one in scene.colleagues], "rule": "evenly"}
    by_address = desk.get(scene.url, asked)
    assert by_address.context["plan"].mark == first["mark"]


def test_carried_out_as_the_preview_showed(scene: Leaving, desk: Client) -> None:
    give_visitors(scene.leaver, 7)
    plan = scene.plan()
    answer = desk.post(scene.url, _sent(scene, scene.preview(desk)))
    made = HandOver.objects.get()
    assert answer.headers["Location"] == reverse("consultations:hand_over", args=[made.pk])
    assert scene.owners() == {line.row.visitor: line.to.pk for line in plan.lines}
    page = desk.get(answer.headers["Location"]).content.decode()
    assert "7 visitors of 韩梅 were handed over." in page and "韩梅离职" in page


def test_one_is_moved_by_hand_and_moved_back(scene: Leaving, desk: Client) -> None:
    visitors = give_visitors(scene.leaver, 9)
    target = scene.colleagues[2].pk
    said = {"do": "move", "moved": [visitors[0].pk, visitors[3].pk], "move_to": target}
    carried = scene.preview(desk, **said)
    assert carried["moves"] == f"{visitors[0].pk}:{target},{visitors[3].pk}:{target}"
    kept = scene.preview(desk, do="show", moves=carried["moves"], only=target)
    assert kept["moves"] == carried["moves"]
    assert scene.preview(desk, do="unmove", moves=carried["moves"])["moves"] == ""
    desk.post(scene.url, _sent(scene, carried))
    assert scene.owners()[visitors[0].pk] == scene.owners()[visitors[3].pk] == target
    assert HandOver.objects.get().by_hand == 2


def test_to_move_somebody_she_has_to_be_ticked(scene: Leaving, desk: Client) -> None:
    give_visitors(scene.leaver, 2)
    answer = desk.post(scene.url, _sent(scene, scene.preview(desk), do="move", move_to=scene.colleagues[1].pk))
    assert answer.status_code == 422 and "Tick whom to move." in answer.content.decode()


@pytest.mark.parametrize("other", [{"to": 1}, {"rule": "projects"}])
def test_another_choice_than_was_previewed_is_shown_before_it_is_carried_out(
    scene: Leaving, desk: Client, other: dict[str, Any]
) -> None:
    give_visitors(scene.leaver, 4)
    if "to" in other:
        other = {"to": [one.pk for one in scene.colleagues[:2]]}
    answer = desk.post(scene.url, _sent(scene, scene.preview(desk), **other))
    page = answer.content.decode()
    assert answer.status_code == 409 and 'value="韩梅离职"' in page
    assert "were chosen since the preview" in page and "What is known of some visitors" not in page
    assert not HandOver.objects.exists()
    carry = answer.context["carry"]
    fresh = {name: carry[name].value() for name in ("moves", "seen", "mark", "shared", "request_key")}
    assert desk.post(scene.url, _sent(scene, fresh, **other)).status_code == 302


def test_what_was_ticked_stays_ticked_while_others_are_looked_for(scene: Leaving, desk: Client) -> None:
    here, there = give_visitors(scene.leaver, 2)
    said = scene.preview(desk)
    typed = {"do": "show", "q": here.file_number, "moved": [here.pk, there.pk], "move_to": scene.colleagues[1].pk}
    page = desk.post(scene.url, _sent(scene, said, **typed)).content.decode()
    assert f'value="{here.pk}" id="moved-{here.pk}" checked' in page
    assert f'<input type="hidden" name="moved" value="{there.pk}">' in page
    assert "and 1 ticked on another page" in page


def test_who_moves_somebody_by_hand_stays_on_her_page_of_the_list(
    scene: Leaving, desk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "PAGE", 2)
    visitors = give_visitors(scene.leaver, 6)
    said = _sent(scene, scene.preview(desk), do="", page="2")
    shown = desk.post(scene.url, said)
    assert shown.context["page"].number == 2
    # A browser sends what stands in the form before the button that was pressed: the pager's own page counts.
    page = shown.content.decode()
    assert page.index('<input type="hidden" name="page" value="2">') < page.index('name="page" value="3"')
    assert desk.post(scene.url, said | {"page": ["2", "3"]}).context["page"].number == 3
    moved = desk.post(scene.url, said | {"do": "move", "moved": visitors[0].pk, "move_to": scene.colleagues[1].pk})
    assert moved.context["page"].number == 2
    for do in ("show", "preview"):
        assert desk.post(scene.url, said | {"do": do}).context["page"].number == 1, do


def test_a_stale_preview_is_answered_409_with_what_changed_and_keeps_what_was_chosen(
    scene: Leaving, desk: Client
) -> None:
    visitors = give_visitors(scene.leaver, 6)
    moves = f"{visitors[0].pk}:{scene.colleagues[1].pk}"
    carried = scene.preview(desk, moves=moves)
    give_visitors(scene.leaver, 2)
    Visitor.objects.filter(pk=visitors[5].pk).update(owner=scene.colleagues[0])
    answer = desk.post(scene.url, _sent(scene, carried))
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "2 visitors came to the leaver" in page and visitors[5].name in page
    assert 'value="韩梅离职"' in page and f'value="{moves}"' in page
    carry = answer.context["carry"]
    fresh = {name: carry[name].value() for name in ("moves", "seen", "mark", "request_key")}
    assert fresh["request_key"] != carried["request_key"]
    assert desk.post(scene.url, _sent(scene, fresh)).status_code == 302
    assert scene.owners()[visitors[0].pk] == scene.colleagues[1].pk


def test_sent_twice_it_is_done_once(scene: Leaving, desk: Client) -> None:
    give_visitors(scene.leaver, 2)
    sent = _sent(scene, scene.preview(desk))
    assert desk.post(scene.url, sent).headers["Location"] == desk.post(scene.url, sent).headers["Location"]
    assert HandOver.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"to": []}, "Choose who takes the visitors over."),
        ({"rule": "one"}, "choose one colleague"),
        ({"rule": "by_height"}, "Select a valid choice"),
        ({"reason": " "}, "This field is required"),
        ({"to": ["999999"]}, "is no consultant of this branch any more"),
    ],
)
def test_what_is_wrong_stands_on_the_page(scene: Leaving, desk: Client, change: dict[str, object], says: str) -> None:
    give_visitors(scene.leaver, 2)
    moves = f"{Visitor.objects.earliest('pk').pk}:{scene.colleagues[1].pk}"
    answer = desk.post(scene.url, _sent(scene, scene.preview(desk, moves=moves), **change))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert says in page
    assert f'value="{moves}"' in page, "what was moved by hand is kept"
    assert not HandOver.objects.exists()


@pytest.mark.parametrize("junk", ["", "x", "1:", ":1", "-1:2", "9" * 40 + ":1", "\x00"])
def test_what_no_form_of_ours_sends_breaks_nothing(scene: Leaving, desk: Client, junk: str) -> None:
    give_visitors(scene.leaver, 2)
    said = {"moves": junk, "seen": junk, "move_to": junk, "moved": [junk], "only": junk, "q": junk, "page": junk}
    for do in ("move", "show", "carry_out", "unmove", junk):
        answer = desk.post(scene.url, _sent(scene, {"mark": junk, "request_key": junk}, **said, do=do))
        assert answer.status_code in (200, 409, 422)
    assert not HandOver.objects.exists()


def test_a_leaver_of_another_branch_is_not_there(desk: Client, other_branch: Branch, staff_with: MakeStaff) -> None:
    other = staff_with(Role.CONSULTANT, branch=other_branch)
    assert desk.get(reverse("consultations:hand_over_new", args=[other.pk])).status_code == 404


def test_names_are_written_as_they_are(scene: Leaving, desk: Client) -> None:
    (visitor, *_rest) = give_visitors(scene.leaver, 2)
    Visitor.objects.filter(pk=visitor.pk).update(name="O'Brien <b>")
    answer = desk.post(scene.url, {"to": [scene.colleagues[0].pk], "rule": "one", "do": "show", "q": "o'br"})
    page = answer.content.decode()
    assert "O&#x27;Brien &lt;b&gt;" in page
    assert [line.row.visitor for line in answer.context["page"]] == [visitor.pk]


@pytest.mark.parametrize("number", [1, 50])
def test_the_query_counts(
    scene: Leaving, desk: Client, number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    give_visitors(scene.leaver, number)
    desk.get(scene.url)
    with django_assert_num_queries(8):
        desk.post(scene.url, {"to": [one.pk for one in scene.colleagues], "rule": "projects", "do": "preview"})
    made = scene.hand_over(scene.plan())
    for _ in range(number - 1):
        give_visitors(scene.leaver, 1)
        scene.hand_over(scene.plan())
    with django_assert_num_queries(6):
        desk.get(reverse("consultations:hand_overs"))
    with django_assert_num_queries(9):
        desk.get(reverse("consultations:hand_over", args=[made.pk]))


def test_taken_back_on_its_page(scene: Leaving, desk: Client) -> None:
    visitors = give_visitors(scene.leaver, 4)
    made = scene.hand_over(scene.plan())
    Visitor.objects.filter(pk=visitors[0].pk).update(owner=scene.supervisor)
    page = desk.get(reverse("consultations:hand_over", args=[made.pk])).content.decode()
    assert "1 would stay where she is" in page
    gone = desk.get(reverse("consultations:hand_over", args=[made.pk]), {"gone": 1})
    assert [line.visitor_id for line in gone.context["page"]] == [visitors[0].pk]
    url = reverse("consultations:hand_over_take_back", args=[made.pk])
    assert desk.post(url, {"reason": ""}).status_code == 422
    answer = desk.post(url, {"reason": "交错人"}, follow=True)
    assert "3 visitors were taken back." in answer.content.decode()
    assert "1 stays where she is" in answer.content.decode()
    again = desk.post(url, {"reason": "再来一次"})
    assert again.status_code == 409 and "has taken this back already" in again.content.decode()


def test_what_is_too_old_cannot_be_taken_back(scene: Leaving, desk: Client) -> None:
    give_visitors(scene.leaver, 1)
    made = scene.hand_over(scene.plan(), now=scene.now - timedelta(days=8))
    url = reverse("consultations:hand_over", args=[made.pk])
    assert "take-back" not in desk.get(url).content.decode()
    answer = desk.post(reverse("consultations:hand_over_take_back", args=[made.pk]), {"reason": "晚了"})
    assert answer.status_code == 422 and "these are over" in answer.content.decode()


def test_the_new_owner_is_told_until_she_has_seen_it(scene: Leaving, client_as: MakeClient) -> None:
    give_visitors(scene.leaver, 3)
    made = scene.hand_over(scene.plan())
    hers = client_as(scene.colleagues[0])
    notice = reverse("consultations:hand_over_notice")
    assert "1 visitor of 韩梅" in hers.get(notice).content.decode()
    seen = hers.post(reverse("consultations:hand_over_seen", args=[made.pk]), headers={"HX-Request": "true"})
    assert "韩梅" not in seen.content.decode() and "韩梅" not in hers.get(notice).content.decode()
    services.take_back_hand_over(hand_over=made, reason="错了", staff=scene.supervisor, now=scene.now)
    assert "was taken back from you" in hers.get(notice).content.decode()
    # Her colleague has seen neither: the visitors are not his, and only that is told.
    told = client_as(scene.colleagues[1]).get(notice).content.decode()
    assert "was taken back from you" in told and "yours now" not in told


def test_many_become_a_job_that_is_carried_out_and_leads_to_its_result(
    scene: Leaving, desk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "AT_ONCE", 5)
    give_visitors(scene.leaver, 7)
    answer = desk.post(scene.url, _sent(scene, scene.preview(desk)))
    job = Job.objects.get(kind="consultations.hand_over")
    assert answer.headers["Location"] == reverse("clinic:job", args=[job.pk])
    assert not HandOver.objects.exists() and job.total == 7


@pytest.mark.django_db(transaction=True)
def test_the_job_gives_all_or_nothing_and_twice_is_once(scene: Leaving, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reception.services.owners.STEP", 3)
    give_visitors(scene.leaver, 8)
    plan = scene.plan()
    asked = {
        "leaver": scene.leaver,
        "receivers": scene.colleagues,
        "rule": "evenly",
        "moves": {},
        "seen": plan.visitors,
        "mark": plan.mark,
        "reason": "离职",
        "request_key": None,
        "staff": scene.supervisor,
        "now": scene.now,
    }
    job = service.start_hand_over(**asked)  # type: ignore[arg-type]
    made = service.carry_out_hand_over(job_id=str(job.pk), now=scene.now)
    job.refresh_from_db()
    assert job.state == Job.State.DONE and job.result_url == reverse("consultations:hand_over", args=[made.pk])
    assert scene.owners() == {line.row.visitor: line.to.pk for line in plan.lines}
    stale = service.start_hand_over(**asked)  # type: ignore[arg-type]
    carry_out_hand_over(str(stale.pk))
    stale.refresh_from_db()
    assert stale.state == Job.State.FAILED and "沈慧" in stale.error
    assert HandOver.objects.count() == 1
