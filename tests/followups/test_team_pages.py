"""Lists by whose they are, why a card stands on one, and the supervisor's pages of the agents."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from clinic.models import Branch, Staff
from clinic.roles import Role
from followups.models import AgentAbsence, CallAgent, CallBack, CallShare
from followups.services import build_call_backs, give_cards, record_attempt, report_absence, share_out, take_card
from tests.conftest import MakeClient, MakeStaff
from tests.factories.followups import FollowedVisitorFactory, OperationFactory, a_call

pytestmark = pytest.mark.django_db

TODAY = date(2026, 3, 11)


@pytest.fixture
def agents(staff_with: MakeStaff) -> list[Staff]:
    return [staff_with(Role.CUSTOMER_SERVICE, display_name=name, name_key=name) for name in ("周琳", "吴月", "郑可")]


@pytest.fixture
def client(client_as: MakeClient, agents: list[Staff]) -> Client:
    return client_as(agents[0])


@pytest.fixture
def supervisor(client_as: MakeClient) -> Client:
    return client_as(Role.SERVICE_SUPERVISOR)


def named(branch: Branch, now: datetime, name: str, to: Staff | None = None, **changes: Any) -> CallBack:
    call = a_call(branch, now=now, visitor=FollowedVisitorFactory.create(registered_in=branch, name=name))
    CallBack.objects.filter(pk=call.pk).update(shared_to=to, **changes)
    return CallBack.objects.get(pk=call.pk)


def page(client: Client, name: str, *args: int, **query: Any) -> str:
    response = client.get(reverse(f"followups:{name}", args=args), query)
    assert response.status_code == 200
    return response.content.decode()


def shown(client: Client, *names: str, **query: Any) -> set[str]:
    html = page(client, "worklist", **query)
    return {name for name in names if name in html}


def test_a_list_shows_mine_first_and_the_others_when_asked(
    client: Client, agents: list[Staff], branch: Branch, now: datetime
) -> None:
    names = ("钱一", "孙二", "李三")
    for name, to in zip(names, (agents[0], None, agents[1]), strict=True):
        named(branch, now, name, to)
    assert shown(client, *names) == {"钱一"} and page(client, "count") == "1"
    assert shown(client, *names, whose="everybody") == {"孙二"}
    assert shown(client, *names, whose="team") == set(names)
    assert "吴月" in page(client, "worklist", whose="team")
    # What is still to come is shared out in its morning: it stands on everybody's list.
    CallBack.objects.filter(visitor__name="孙二", call_on=TODAY).update(call_on=TODAY + timedelta(days=1))
    assert shown(client, *names, tab="tomorrow") == {"孙二"}


def test_without_anything_of_mine_everybodys_is_shown(
    client: Client, agents: list[Staff], branch: Branch, now: datetime
) -> None:
    named(branch, now, "孙二")
    named(branch, now, "李三", agents[1])
    assert shown(client, "孙二", "李三") == {"孙二"}
    # A card in my hand is mine.
    take_card(call_back=CallBack.objects.get(visitor__name="孙二", call_on=TODAY), staff=agents[0], now=now)
    assert shown(client, "孙二", "李三", whose="mine") == {"孙二"}


def test_the_counts_follow_the_choice(client: Client, agents: list[Staff], branch: Branch, now: datetime) -> None:
    for number in range(3):
        named(branch, now, f"孙{number}", agents[min(number, 1)])
    html = page(client, "worklist", tab="today", whose="team")
    assert 'Today <span class="num">3</span>' in html
    html = page(client, "worklist", tab="today")
    assert 'Today <span class="num">1</span>' in html
    assert 'Today <span class="num">0</span>' in page(client, "worklist", kind="in_person")
    assert 'Today <span class="num">3</span>' in page(client, "worklist", kind="phone", whose="team")


def test_only_a_supervisor_looks_at_one_agents_list(
    client: Client, supervisor: Client, agents: list[Staff], branch: Branch, now: datetime
) -> None:
    names = ("钱一", "李三")
    named(branch, now, "钱一", agents[0])
    named(branch, now, "李三", agents[1], concern="unreached", concern_at=now)
    assert shown(supervisor, *names, agent=agents[0].pk) == {"钱一"}
    assert shown(supervisor, *names, agent=agents[1].pk, tab="supervisor") == {"李三"}
    assert shown(supervisor, *names, agent=agents[0].pk, tab="supervisor") == set()
    assert shown(client, *names, agent=agents[1].pk) == {"钱一"}, "she has no right to look at another's"


def test_the_choice_stays_while_cards_are_worked(
    client: Client, agents: list[Staff], branch: Branch, now: datetime
) -> None:
    other = named(branch, now, "李三", agents[1])
    answer = client.post(reverse("followups:next"), {"tab": "today"})
    assert answer.headers["Location"] == f"{reverse('followups:worklist')}?tab=today", "another's is not taken"
    answer = client.post(reverse("followups:next"), {"tab": "today", "whose": "team", "kind": "phone"})
    assert answer.headers["Location"] == f"{reverse('followups:card', args=[other.pk])}?tab=today&kind=phone&whose=team"
    assert 'name="whose" value="team"' in client.get(answer.headers["Location"]).content.decode()


def test_a_card_says_why_it_stands_on_a_list(
    client: Client, agents: list[Staff], branch: Branch, now: datetime, supervisor: Client
) -> None:
    call = a_call(branch, now=now)
    assert "Why on my list?" not in page(client, "card", call.pk)
    assert share_out(branch=branch, day=TODAY, now=now) == 1
    html = page(client, "card", call.pk)
    assert "She has had the fewest calls" in html and '周琳</strong> <span class="num">0</span>' in html
    assert "Why on my list?" in html or "Why there?" in html
    give_cards(call_backs=[call.pk], to=agents[:1], staff=supervisor.staff, now=now)  # type: ignore[attr-defined]
    take_card(call_back=call, staff=agents[1], now=now)
    html = page(client, "card", call.pk)
    assert "She took it herself" in html and "(周琳)" in html and "Why there?" in html


def team_row(client: Client, agent: Staff) -> str:
    html = page(client, "team")
    return html.split(f'data-agent="{agent.pk}"')[1].split("</tr>")[0]


def test_the_team_page_counts(supervisor: Client, agents: list[Staff], branch: Branch, now: datetime) -> None:
    agent = agents[0]
    named(branch, now, "钱一", agent, call_on=TODAY - timedelta(days=1))
    named(branch, now, "孙二", agent)
    named(branch, now, "周四", agent, concern="unreached", concern_at=now)
    done, busy = named(branch, now, "李三", agent), named(branch, now, "吴五", None)
    record_attempt(call_back=done, result="reached", recovery="normal", satisfaction=4, staff=agent, now=now)
    record_attempt(call_back=busy, result="busy", staff=agent, now=now)
    take_card(call_back=CallBack.objects.get(visitor__name="孙二", call_on=TODAY), staff=agent, now=now)
    row = team_row(supervisor, agent)
    link = f"{reverse('followups:worklist')}?tab="
    assert f'{link}today&amp;agent={agent.pk}">2</a>' in row
    assert f'{link}overdue&amp;agent={agent.pk}"' in row and f'{link}supervisor&amp;agent={agent.pk}">1</a>' in row
    tries = f"{reverse('followups:team_tries', args=[agent.pk])}?figure="
    assert f'{tries}done">1</a>' in row and f'{tries}tries">2</a>' in row
    assert f'{tries}reached">50 %</a>' in row and f'{tries}satisfaction">4.0</a>' in row
    assert "50 %" in row and "4.0" in row and "孙二" in row
    assert "No card open" in team_row(supervisor, agents[1])


def test_an_absence_is_seen_and_reported_from_the_page(
    supervisor: Client, agents: list[Staff], branch: Branch, now: datetime
) -> None:
    agent = agents[0]
    call = named(branch, now, "钱一", agent)
    address = reverse("followups:team_absent", args=[agent.pk])
    wrong = supervisor.post(address, {"first_on": "2026-03-12", "last_on": "2026-03-11", "reason": "开会"})
    assert wrong.status_code == 422 and "The last day lies before the first." in wrong.content.decode()
    assert 'value="开会"' in wrong.content.decode(), "what was typed is kept"
    done = supervisor.post(address, {"first_on": "2026-03-11", "last_on": "2026-03-13", "reason": "发烧"})
    assert done.headers["Location"] == reverse("followups:team_agent", args=[agent.pk])
    assert CallBack.objects.get(pk=call.pk).shared_to in agents[1:]
    assert "until 03-13" in team_row(supervisor, agent)
    assert "发烧" in page(supervisor, "team_agent", agent.pk)
    absence = AgentAbsence.objects.get()
    back = supervisor.post(reverse("followups:absence_withdraw", args=[absence.pk]))
    assert back.status_code == 302 and "No card open" in team_row(supervisor, agent)
    assert supervisor.post(reverse("followups:absence_withdraw", args=[absence.pk])).status_code == 409


def test_reassigning_begins_with_a_preview(
    supervisor: Client, agents: list[Staff], branch: Branch, now: datetime
) -> None:
    agent = agents[0]
    calls = [named(branch, now, f"顾客{number}", agent) for number in range(4)]
    address = reverse("followups:team_agent", args=[agent.pk])
    nobody = supervisor.post(address, {"do": "preview", "which": "all"})
    assert nobody.status_code == 422 and "Choose who gets them." in nobody.content.decode()
    mixed = supervisor.post(address, {"do": "preview", "which": "all", "to": ["everybody", agents[1].pk]})
    assert mixed.status_code == 422
    none = supervisor.post(address, {"do": "preview", "which": "ticked", "to": [agents[1].pk]})
    assert none.status_code == 422 and "None of her calls is chosen." in none.content.decode()
    wanted = {"which": "all", "to": [agents[1].pk, agents[2].pk]}
    html = supervisor.post(address, {"do": "preview", **wanted}).content.decode()
    assert f'data-gets="{agents[1].pk}"><strong>2</strong>' in html and "Put 4 calls on these lists" in html
    assert CallBack.objects.filter(shared_to=agent).count() == 4, "nothing is written yet"
    mark = html.split('name="mark" value="')[1].split('"')[0]
    # Without the numbers having been looked at, or after her list has changed, they are shown first.
    assert supervisor.post(address, {"do": "give", **wanted}).status_code == 409
    CallBack.objects.filter(pk=calls[3].pk).update(shared_to=None)
    changed = supervisor.post(address, {"do": "give", "mark": mark, **wanted})
    assert changed.status_code == 409 and "Put 3 calls on these lists" in changed.content.decode()
    mark = changed.content.decode().split('name="mark" value="')[1].split('"')[0]
    given = supervisor.post(address, {"do": "give", "mark": mark, **wanted}, follow=True)
    assert "3 calls changed lists." in given.content.decode()
    assert CallBack.objects.filter(shared_to__in=agents[1:]).count() == 3
    assert set(CallShare.objects.values_list("why", flat=True)) == {"supervisor"}


def test_ticked_ones_go_to_everybodys_list(
    supervisor: Client, agents: list[Staff], branch: Branch, now: datetime
) -> None:
    first, second = (named(branch, now, name, agents[0]) for name in ("钱一", "孙二"))
    address = reverse("followups:team_agent", args=[agents[0].pk])
    wanted = {"which": "ticked", "card": [first.pk], "to": ["everybody"]}
    html = supervisor.post(address, {"do": "preview", **wanted}).content.decode()
    assert f'id="card-{first.pk}" checked' in html and f'id="card-{second.pk}" checked' not in html
    mark = html.split('name="mark" value="')[1].split('"')[0]
    assert supervisor.post(address, {"do": "give", "mark": mark, **wanted}).status_code == 302
    assert [CallBack.objects.get(pk=call.pk).shared_to for call in (first, second)] == [None, agents[0]]
    assert supervisor.post(reverse("followups:share_out"), follow=True).status_code == 200
    assert CallBack.objects.get(pk=first.pk).shared_to is None, "for today it is everybody's"


def test_what_an_agent_takes_is_settled_on_her_page(supervisor: Client, agents: list[Staff], now: datetime) -> None:
    address = reverse("followups:team_takes", args=[agents[0].pk])
    assert supervisor.post(address, {"takes_part": "on", "kinds": ["nothing"]}).status_code == 422
    supervisor.post(address, {"takes_part": "on", "kinds": ["laser", "surgery"], "languages": ["en"]})
    settled = CallAgent.objects.get()
    assert (settled.takes_part, settled.kinds, settled.languages) == (True, ["laser", "surgery"], ["en"])
    html = page(supervisor, "team_agent", agents[0].pk)
    assert html.count(" checked") == 4, "she takes part, two departments, a language"
    supervisor.post(address, {})
    assert "by hand only" in team_row(supervisor, agents[0]), "she can be found, and made to take part again"


def test_the_page_of_who_left_lets_her_calls_be_given_away(
    supervisor: Client, agents: list[Staff], branch: Branch, now: datetime
) -> None:
    named(branch, now, "钱一", agents[0], call_on=TODAY + timedelta(days=3))
    Staff.objects.filter(pk=agents[0].pk).update(active_until=TODAY - timedelta(days=1))
    assert "Does not work here" in team_row(supervisor, agents[0])
    html = page(supervisor, "team_agent", agents[0].pk)
    assert "钱一" in html and "What she takes" not in html


def test_only_supervisors_see_the_team(
    client: Client, supervisor: Client, agents: list[Staff], other_branch: Branch, staff_with: MakeStaff
) -> None:
    for name, args in (("team", []), ("team_panel", []), ("team_agent", [agents[0].pk])):
        assert client.get(reverse(f"followups:{name}", args=args)).status_code == 403
        assert supervisor.get(reverse(f"followups:{name}", args=args)).status_code == 200
    for name in ("team_agent", "team_absent", "team_takes"):
        assert client.post(reverse(f"followups:{name}", args=[agents[0].pk])).status_code == 403
    elsewhere = staff_with(Role.CUSTOMER_SERVICE, branch=other_branch)
    assert supervisor.get(reverse("followups:team_agent", args=[elsewhere.pk])).status_code == 404
    assert "Call team" in page(supervisor, "team") and "Call team" not in page(client, "worklist")


@pytest.mark.parametrize("rows", [1, 50])
def test_queries_of_the_team(
    supervisor: Client,
    branch: Branch,
    staff_with: MakeStaff,
    now: datetime,
    rows: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    people = [staff_with(Role.CUSTOMER_SERVICE) for _each in range(rows)]
    OperationFactory.create_batch(rows, branch=branch)
    build_call_backs(now=now)
    share_out(branch=branch, day=TODAY, now=now)
    for person in people:
        report_absence(
            agent=person,
            first_on=date(2026, 3, 20),
            last_on=date(2026, 3, 21),
            staff=supervisor.staff,  # type: ignore[attr-defined]
            now=now,
        )
    page(supervisor, "team")
    with django_assert_num_queries(9):
        page(supervisor, "team")
    with django_assert_num_queries(9):
        page(supervisor, "team_panel")


def test_a_figure_opens_the_tries_it_counts(
    supervisor: Client, client: Client, agents: list[Staff], branch: Branch, now: datetime
) -> None:
    agent, names = agents[0], {"钱一", "孙二", "李三", "周四"}
    record_attempt(
        call_back=named(branch, now, "钱一"), result="reached", recovery="normal", satisfaction=4, staff=agent, now=now
    )
    record_attempt(call_back=named(branch, now, "孙二"), result="busy", staff=agent, now=now)
    record_attempt(
        call_back=named(branch, now, "李三"),
        result="reached",
        recovery="normal",
        staff=agent,
        now=now - timedelta(days=3),
    )
    record_attempt(call_back=named(branch, now, "周四"), result="busy", staff=agents[1], now=now)

    def behind(figure: str) -> set[str]:
        html = page(supervisor, "team_tries", agent.pk, figure=figure)
        return {name for name in names if name in html}

    assert behind("done") == {"钱一"} and behind("tries") == behind("nonsense") == {"钱一", "孙二"}
    assert behind("reached") == {"钱一", "孙二", "李三"} and behind("satisfaction") == {"钱一"}
    assert "No such tries" in page(supervisor, "team_tries", agents[2].pk)
    assert client.get(reverse("followups:team_tries", args=[agent.pk])).status_code == 403


@pytest.mark.parametrize("rows", [1, 50])
def test_queries_of_the_tries_behind_a_figure(
    supervisor: Client,
    branch: Branch,
    agents: list[Staff],
    now: datetime,
    rows: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for _each in range(rows):
        record_attempt(call_back=a_call(branch, now=now), result="busy", staff=agents[0], now=now)
    page(supervisor, "team_tries", agents[0].pk)
    with django_assert_num_queries(7):
        page(supervisor, "team_tries", agents[0].pk)


@pytest.mark.parametrize("rows", [1, 50])
def test_queries_of_an_agents_page(
    supervisor: Client,
    branch: Branch,
    agents: list[Staff],
    now: datetime,
    rows: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    OperationFactory.create_batch(rows, branch=branch)
    build_call_backs(now=now)
    CallBack.objects.update(shared_to=agents[0])
    address = reverse("followups:team_agent", args=[agents[0].pk])
    page(supervisor, "team_agent", agents[0].pk)
    with django_assert_num_queries(9):
        page(supervisor, "team_agent", agents[0].pk)
    wanted = {"do": "preview", "which": "all", "to": [agents[1].pk, agents[2].pk]}
    with django_assert_num_queries(22):
        assert supervisor.post(address, wanted).status_code == 200


@pytest.mark.parametrize("rows", [1, 50])
def test_queries_of_sharing_out(
    branch: Branch, agents: list[Staff], now: datetime, rows: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    OperationFactory.create_batch(3 * rows, branch=branch)
    build_call_backs(now=now)
    with django_assert_num_queries(19):
        assert share_out(branch=branch, day=TODAY, now=now) == 3 * rows
    with django_assert_num_queries(7):
        assert share_out(branch=branch, day=TODAY, now=now) == 0
