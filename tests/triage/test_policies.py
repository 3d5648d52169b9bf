"""Versions of the rules: drafted in a form, compared, saved for an opening; who may, and what is refused."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from clinic.models import AuditEntry, Branch
from clinic.problems import Refused, Stale
from clinic.roles import Role
from tests.conftest import MakeClient
from tests.factories.triage import NINE, TODAY, Morning, make_consultant, open_morning
from triage import services
from triage.models import Policy, TeamMember
from triage.selectors.policies import policy_of_day, rules_of, versions_of

TOMORROW = TODAY + timedelta(days=1)
NEW = reverse("triage:policy_new")


def create(morning: Morning, **more: Any) -> Policy:
    asked: dict[str, Any] = {
        "branch": morning.branch,
        "preset": "standard",
        "settings": {"busy_wait_minutes": 5},
        "starts_on": TOMORROW,
        "reason": "周会决定",
        "staff": morning.clerk,
        "now": NINE,
    }
    return services.create_policy(**asked | more)


def test_a_version_begins_on_its_day_and_not_before(morning: Morning) -> None:
    policy = create(morning)

    assert (policy.version, policy.settings, policy.reason) == (2, {"busy_wait_minutes": 5}, "周会决定")
    assert policy_of_day(morning.branch, TODAY) == morning.board.policy
    assert policy_of_day(morning.branch, TOMORROW) == policy
    assert AuditEntry.objects.get(action="triage.create_policy").detail["version"] == 2


def test_only_what_differs_from_the_preset_is_kept(morning: Morning) -> None:
    policy = create(
        morning, preset="strict", settings={"decline": "forbidden", "make_up": ["off"], "opening": "roster"}
    )

    assert policy.settings == {"make_up": ["off"]}
    assert rules_of(policy).decline == "forbidden"


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"starts_on": TODAY}, "starts_too_early"),
        ({"starts_on": TODAY - timedelta(days=1)}, "starts_too_early"),
        ({"starts_on": date(9999, 1, 1)}, "starts_too_late"),
        ({"reason": "  "}, "reason_missing"),
        ({"settings": {}}, "nothing_changes"),
        ({"preset": "modern"}, "policy_wrong"),
    ],
)
def test_what_is_no_version_is_refused(morning: Morning, more: dict[str, Any], code: str) -> None:
    with pytest.raises(Refused) as refused:
        create(morning, **more)
    assert refused.value.code == code
    assert Policy.objects.count() == 1


def test_while_the_board_is_not_open_today_is_possible(branch: Branch) -> None:
    clerk = make_consultant(branch, "主任", Role.MANAGER)
    policy = services.create_policy(
        branch=branch, preset="even", settings={}, starts_on=TODAY, reason="开业", staff=clerk, now=NINE
    )
    assert policy.version == 1


def test_every_mistake_stands_at_its_key(morning: Morning) -> None:
    morning.project("eyes")
    somebody = str(morning.consultants[0].pk)
    settings = {
        "colour": "blue",
        "typing": "strange",
        "minor_until": 70,
        "busy_wait_minutes": 1000,
        "hide_project": "maybe",
        "make_up": ["busy", "rain"],
        "priority": {"eyes": [somebody, "999"], "wings": [somebody]},
    }
    with translation.override("en"), pytest.raises(Refused) as refused:
        create(morning, settings=settings)
    fields = refused.value.detail["fields"]
    assert set(fields) == {"colour", "typing", "busy_wait_minutes", "hide_project", "make_up", "priority"}
    assert fields["priority"] == [
        "This branch has no consultant “999”.", "This branch has no project “wings”.",
    ]  # fmt: skip
    with translation.override("en"), pytest.raises(Refused) as refused:
        create(morning, settings={"minor_until": 70})
    assert "Elders begin at 60" in refused.value.detail["fields"]["elder_from"][0]


def test_of_two_versions_for_one_day_the_newest_counts(morning: Morning) -> None:
    first = create(morning)
    second = create(morning, settings={"busy_wait_minutes": 7})

    assert policy_of_day(morning.branch, TOMORROW) == second
    states = {one.policy.version: one.state for one in versions_of(morning.branch, NINE)}
    assert states == {1: "in_force", first.version: "replaced", second.version: "planned"}
    back = create(morning, settings={})
    assert rules_of(back) == rules_of(morning.board.policy)


def test_a_version_made_on_an_old_list_is_stale(morning: Morning) -> None:
    create(morning, expected_version=1)
    with pytest.raises(Stale) as stale:
        create(morning, settings={"busy_wait_minutes": 7}, expected_version=1)
    assert stale.value.code == "policy_moved"


# Through the pages -----------------------------------------------------------------------------------------------


@pytest.fixture
def manager(branch: Branch, now: datetime, client_as: MakeClient) -> Client:
    client = client_as(Role.MANAGER)
    client.post(reverse("clinic:preferences"), {"language": "en"})
    return client


def typed(client: Client, **changes: Any) -> dict[str, Any]:
    """What the form sends when nothing but `changes` is changed."""
    form = client.get(NEW).context["form"]
    sent = {name: form[name].value() for name in form.fields}
    sent = {name: value.isoformat() if isinstance(value, date) else value for name, value in sent.items()}
    return {name: value for name, value in (sent | changes).items() if value is not None}


def test_the_form_shows_a_sentence_for_every_choice_and_marks_what_a_preset_changes(manager: Client) -> None:
    page = manager.get(NEW, {"preset": "strict"}).content.decode()

    assert "Consultants may not decline a visit." in page
    assert "Who declines loses the turn and is out of the rotation for the day." in page
    assert page.count("knob-differs") == 5


def test_a_draft_is_compared_before_it_is_saved(morning: Morning, manager: Client) -> None:
    sent = typed(manager, decline="forbidden", reason="无人可拒", priority_0="", busy_wait_minutes=3)
    compared = manager.post(NEW, sent)
    assert compared.status_code == 200
    assert [change.key for change in compared.context["changes"]] == ["busy_wait_minutes", "decline"]
    assert Policy.objects.count() == 1

    saved = manager.post(NEW, sent | {"step": "save"}, follow=True)
    policy = Policy.objects.get(version=2)
    assert (policy.settings, policy.starts_on) == ({"decline": "forbidden", "busy_wait_minutes": 3}, TOMORROW)
    page = saved.content.decode()
    assert "Version 2 begins on" in page and "无人可拒" in page and "Consultants may not decline a visit." in page
    again = manager.post(NEW, typed(manager, reason="改", hide_project="True") | {"step": "save"}, follow=True)
    assert "Version 3 replaces version 2" in again.content.decode()


def test_priority_lists_are_kept_in_their_order(morning: Morning, manager: Client) -> None:
    morning.project("eyes")
    first, second = (str(one.pk) for one in morning.consultants[:2])
    sent = typed(manager, reason="眼部专家", priority_0="eyes", priority_0_0=second, priority_0_1=first)
    page = manager.post(NEW, sent).content.decode()
    assert "Eyes (李敏 → 王欣)" in page

    manager.post(NEW, sent | {"step": "save"})
    assert Policy.objects.get(version=2).settings == {"priority": {"eyes": [second, first]}}


@pytest.mark.parametrize(
    ("changes", "at"),
    [
        ({"reason": ""}, "reason"),
        ({"minor_until": 61}, "elder_from"),
        ({"turn_size": 0}, "turn_size"),
        ({"typing": "nonsense"}, "typing"),
        ({"priority_0_0": "1"}, "priority_0"),
        ({"starts_on": "2026-03-11"}, "starts_on"),
    ],
)
def test_a_wrong_form_keeps_what_was_typed(morning: Morning, manager: Client, changes: dict[str, Any], at: str) -> None:
    if "priority_0_0" in changes:
        changes = {"priority_0_0": str(morning.consultants[0].pk)}
    sent = typed(manager, **{"reason": "我写的理由", "left_early_minutes": 77, **changes})
    answer = manager.post(NEW, sent | {"step": "save"})

    assert answer.status_code == 422
    assert at in answer.context["form"].errors
    page = answer.content.decode()
    assert 'value="77"' in page and "<title>Error:" in page
    assert Policy.objects.count() == 1


def test_a_stale_form_keeps_what_was_typed_and_may_be_sent_again(morning: Morning, manager: Client) -> None:
    sent = typed(manager, reason="我写的理由", busy_wait_minutes=3)
    create(morning, settings={"busy_wait_minutes": 7})
    answer = manager.post(NEW, sent | {"step": "save"})

    assert answer.status_code == 409
    page = answer.content.decode()
    assert "Somebody else has written a new version" in page and "我写的理由" in page
    assert Policy.objects.count() == 2
    version = answer.context["form"]["version"].value()
    assert manager.post(NEW, sent | {"step": "save", "version": version}).status_code == 302


@pytest.mark.parametrize(("language", "name"), [("en", "Strict"), ("zh-hans", "严格")])
def test_a_preset_is_called_by_its_name(branch: Branch, manager: Client, language: str, name: str) -> None:
    create(open_morning(branch), preset="strict")
    manager.post(reverse("clinic:preferences"), {"language": language})
    page = manager.get(reverse("triage:policy")).content.decode()
    assert f"<td>{name}</td>" in page
    assert ">strict<" not in page and ">standard<" not in page


@pytest.mark.parametrize("role", [Role.RECEPTION, Role.CONSULTANT, Role.DESK_SUPERVISOR, Role.AUDITOR])
def test_others_neither_draft_nor_see_drafts(branch: Branch, client_as: MakeClient, role: Role) -> None:
    client = client_as(role)
    for name in ("policies", "policy_new", "rehearsals"):
        assert client.get(reverse(f"triage:{name}")).status_code == 403
    assert client.post(NEW, {"step": "save"}).status_code == 403
    if role is not Role.RECEPTION:
        return
    assert reverse("triage:policies") not in client.get(reverse("triage:policy")).content.decode()


def test_the_list_costs_the_same_whatever_its_length(
    branch: Branch, manager: Client, django_assert_num_queries: Any
) -> None:
    morning = open_morning(branch)
    manager.get(reverse("triage:policies"))
    with django_assert_num_queries(LIST_QUERIES):
        manager.get(reverse("triage:policies"))
    for number in range(30):
        create(morning, settings={"busy_wait_minutes": 20 + number}, starts_on=TOMORROW + timedelta(days=number))
    with django_assert_num_queries(LIST_QUERIES):
        manager.get(reverse("triage:policies"))


LIST_QUERIES = 6


def test_comparing_needs_no_reason_and_saving_does(morning: Morning, manager: Client) -> None:
    sent = typed(manager, busy_wait_minutes=3)
    assert manager.post(NEW, sent | {"step": "compare"}).status_code == 200
    refused = manager.post(NEW, sent | {"step": "save"})
    assert refused.status_code == 422 and "reason" in refused.context["form"].errors
    assert Policy.objects.count() == 1


def test_team_rules_without_teams_are_pointed_out(morning: Morning, manager: Client) -> None:
    says = "no team is written down yet"
    sent = typed(manager, reason="分组") | {"preset": "teams", "step": "compare"}
    assert says in manager.post(NEW, sent).content.decode()
    assert says not in manager.post(NEW, sent | {"preset": "standard"}).content.decode()
    TeamMember.objects.create(
        branch=morning.branch, desk="front", team=1, position=1, staff=morning.consultants[0]
    )  # fmt: skip
    assert says not in manager.post(NEW, sent).content.decode()


def test_who_is_on_a_list_twice_is_named(morning: Morning, manager: Client) -> None:
    project, who = morning.project("eyes"), morning.consultants[0]
    sent = typed(manager, reason="名单") | {
        "priority_0": project.code, "priority_0_0": who.pk, "priority_0_1": who.pk, "step": "compare",
    }  # fmt: skip
    assert f"“{who.display_name}” is named twice" in manager.post(NEW, sent).content.decode()
