"""The past played again: under its own rules the same decisions, under others what would have been."""

import json
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from clinic.models import Branch, Job
from clinic.roles import Role
from reception.models import Standing, Visit
from tests.conftest import MakeClient
from tests.factories.triage import NINE, TODAY, Morning, VisitFactory, VisitorFactory, make_consultant, open_morning
from tests.triage.compared import agrees
from triage import services
from triage.engine.facts import VisitType
from triage.engine.ledger import Escalated
from triage.engine.policy import policy_from_json
from triage.engine.rehearsal.compare import differences, play, possible
from triage.engine.rehearsal.day import Name
from triage.engine.rehearsal.lines import rehearse
from triage.engine.rehearsal.reader import read_day
from triage.engine.rehearsal.writer import write_day
from triage.models import Board, Policy, Rehearsal
from triage.selectors.boards import state_of
from triage.selectors.facts import ChangedType, Said
from triage.selectors.rehearsal import past_day
from triage.services.ledger import append
from triage.tasks import rehearse_past_task


def mixed_day(morning: Morning) -> Morning:
    """A day with a bit of everything the desk can do."""
    first, second, third, fourth = morning.consultants
    supervisor = make_consultant(morning.branch, "前厅主管", Role.DESK_SUPERVISOR, Role.CONSULTING_SUPERVISOR)
    morning.project("breast", rank=1)
    second.excluded.add(morning.project("breast"))
    gone = make_consultant(morning.branch, "离职", active_until=morning.board.day - timedelta(days=9))
    gone.successor = fourth
    gone.save()

    served = morning.arrive("eyes")
    morning.allocate(served)
    morning.later(0.7)
    morning.allocate(morning.arrive("breast"))
    morning.allocate(morning.arrive("nose", standing=Standing.NO_DEAL, owner=third))
    morning.later(3.4)
    morning.serve(served)
    morning.allocate(morning.arrive("nose", standing=Standing.PAID, owner=gone))
    late = make_consultant(morning.branch, "迟到")
    services.check_in(board=morning.board, consultant=late, staff=morning.clerk, now=morning.later())
    undone = morning.arrive("eyes")
    morning.allocate(undone)
    services.undo_allocation(visit=undone, staff=morning.clerk, now=morning.later(0.1))
    morning.allocate(undone, said=Said(ChangedType(VisitType.RETURN, "旧系统")))
    morning.say(first, "busy", free_in=25)
    declined = morning.arrive("eyes", "breast")
    morning.allocate(declined)
    decliner = Visit.objects.get(pk=declined.pk).consultant
    assert decliner is not None
    services.record_decline(visit=declined, reason="不适", staff=decliner, now=morning.later(2))
    early = morning.arrive("eyes")
    morning.allocate(early)
    services.record_leave(visit=early, staff=morning.clerk, now=morning.later(4.9))
    second.excluded.clear()
    morning.say(third, "late")
    services.check_in(board=morning.board, consultant=third, staff=morning.clerk, now=morning.later())
    morning.say(fourth, "out", until=morning.now + timedelta(minutes=30))
    asked = morning.arrive("eyes", standing=Standing.NO_DEAL, owner=fourth)
    morning.allocate(asked)
    question = state_of(Board.objects.get(pk=morning.board.pk)).pending_for(str(asked.pk))
    if question is not None and question.rule == "A8":
        services.name_consultant(visit=asked, consultant=second, by="owner", staff=morning.clerk, now=morning.later())
    review = morning.arrive("nose", standing=Standing.TREATED, purpose=Visit.Purpose.REVIEW)
    morning.allocate(review)
    services.record_leave(visit=review, staff=morning.clerk, now=morning.later())
    for consultant in (*morning.consultants, late):
        morning.say(consultant, "busy")
    escalated = morning.arrive("breast")
    morning.allocate(escalated)
    services.name_consultant(visit=escalated, consultant=third, by="supervisor", staff=supervisor, now=morning.later(7))
    overridden = morning.arrive("eyes")
    services.name_consultant(
        visit=overridden, consultant=second, by="supervisor", reason="会说英语", staff=supervisor, now=morning.later()
    )
    for consultant in (first, second, third, late):
        morning.say(consultant, "free")
    for _ in range(5):
        morning.allocate(morning.arrive("eyes"))
        morning.later(1.3)
    return morning


@pytest.mark.parametrize(
    "rules",
    [
        {},
        {"owner_absent": "rotate", "typing": "simple", "busy_wait_minutes": 0},
        {"opening": "roster", "make_up": ["off", "out", "busy", "scope", "suspended"], "left_early_minutes": 4},
    ],
)
def test_a_day_under_its_own_rules_is_decided_the_same(branch: Branch, rules: dict[str, Any]) -> None:
    morning = open_morning(branch, **rules)
    agrees(mixed_day(morning))


def test_a_day_written_down_and_read_again_gives_the_same_lines(branch: Branch) -> None:
    board = Board.objects.get(pk=mixed_day(open_morning(branch)).board.pk)
    day = past_day(board).day

    assert rehearse(read_day(write_day(day))) == rehearse(day)


def test_what_cannot_happen_under_other_rules_is_left_out_and_told(branch: Branch) -> None:
    board = Board.objects.get(pk=mixed_day(open_morning(branch)).board.pk)
    drafts: list[dict[str, Any]] = [{"decline": "forbidden", "owner_absent": "rotate"}, {"make_up": []}]
    for rules in (*drafts, {"preset": "even"}):
        past = past_day(board, rules=policy_from_json(rules))
        played = play(past.day)
        found = differences(past, played)
        assert found and all(one.then is not None for one in found)
        refused = {(one.event.at, one.event.visitor) for one in played.skipped if isinstance(one.event, Name)}
        assert {(one.at, one.visit) for one in found if one.now is None} >= refused
        day = possible(past.day, played)
        assert rehearse(read_day(write_day(day))) == rehearse(day)


# The job, and its page ---------------------------------------------------------------------------------------------


def days_of(branch: Branch, *days: date) -> list[Board]:
    """A few visits on each day, by the same four consultants."""
    boards: list[Board] = []
    morning = open_morning(branch, day=days[0])
    for number, day in enumerate(days):
        if number:
            board = services.open_board(
                branch=branch,
                day=day,
                consultants=morning.consultants,
                present=morning.consultants,
                staff=morning.clerk,
                now=NINE + (day - days[0]),
            )
            morning = replace(morning, board=board, now=NINE + (day - days[0]))
        boards.append(morning.board)
        for place in range(6):
            if place == 2:
                morning.say(morning.consultants[2], "busy")
            if place == 4:
                morning.say(morning.consultants[2], "free")
            visit = VisitFactory.create(
                branch=branch,
                visitor=VisitorFactory.create(registered_in=branch),
                registered_by=morning.clerk,
                day=day,
                arrived_at=morning.now,
            )
            morning.allocate(visit)
            morning.serve(visit)
            morning.later()
    return boards


@pytest.fixture
def manager(branch: Branch, now: datetime, client_as: MakeClient) -> Client:
    client = client_as(Role.MANAGER)
    client.post(reverse("clinic:preferences"), {"language": "en"})
    return client


PAST = [date(2026, 3, 2), date(2026, 3, 3), date(2026, 3, 4)]


def start(manager: Client, boards: list[Board], **settings: Any) -> Job:
    policy = boards[0].policy
    if settings:
        policy = Policy.objects.create(
            branch=policy.branch, version=9, starts_on=TODAY + timedelta(days=30), preset="standard", settings=settings
        )
    days = {"desk": "front", "first_on": PAST[0].isoformat(), "last_on": PAST[-1].isoformat(), "policy": policy.pk}
    answer = manager.post(reverse("triage:rehearsals"), days)
    assert answer.status_code == 302, answer.context["form"].errors
    return Job.objects.get()


def test_a_month_is_played_day_by_day_and_its_result_shown(branch: Branch, manager: Client) -> None:
    boards = days_of(branch, *PAST)
    job = start(manager, boards, make_up=["off"], opening="roster")
    assert (job.total, job.state) == (3, Job.State.WAITING)
    rehearse_past_task(str(job.pk))

    job.refresh_from_db()
    rehearsal = Rehearsal.objects.get()
    assert (job.state, job.done, job.result_url) == (
        Job.State.DONE, 3, reverse("triage:rehearsal", args=[rehearsal.pk]),
    )  # fmt: skip
    result = rehearsal.result
    assert [day["day"] for day in result["days"]] == [day.isoformat() for day in PAST]
    assert result["decisions"] == 18
    assert {sum(seat[side]["turns"] for seat in result["seats"].values()) for side in ("then", "now")} == {18}
    assert result["differences"] and result["jain"]["now"] <= 1
    page = manager.get(job.result_url).content.decode()
    assert "18 decisions were played again." in page
    assert "王欣" in page and "make-up turn" in page


def test_a_result_agrees_with_the_command_on_the_same_day_written_down(branch: Branch, manager: Client) -> None:
    boards = days_of(branch, *PAST)
    job = start(manager, boards, make_up=[])
    rehearse_past_task(str(job.pk))

    for board, day in zip(boards, Rehearsal.objects.get().result["days"], strict=True):
        past = past_day(Board.objects.get(pk=board.pk), rules=policy_from_json({"make_up": []}))
        last = json.loads(rehearse(read_day(write_day(possible(past.day, play(past.day)))))[-1])
        assert (last["board"], last["pointer"]) == (day["now"], day["pointer"])


def test_where_rules_go_on_from_yesterday_it_is_yesterday_as_played(branch: Branch, manager: Client) -> None:
    boards = days_of(branch, *PAST)
    job = start(manager, boards, opening="continue", carry_owed=True)
    rehearse_past_task(str(job.pk))

    days = Rehearsal.objects.get().result["days"]
    rules = policy_from_json({"opening": "continue", "carry_owed": True})
    first = play(past_day(Board.objects.get(pk=boards[0].pk), rules=rules).day).player.board
    second = past_day(Board.objects.get(pk=boards[1].pk), rules=rules, before=first)
    assert second.day.carry.pointer == first.pointer() == days[0]["pointer"]
    assert play(second.day).player.board.pointer() == days[1]["pointer"]


def test_a_job_that_is_asked_to_stop_stops_and_leaves_no_result(branch: Branch, manager: Client) -> None:
    job = start(manager, days_of(branch, *PAST))
    Job.objects.filter(pk=job.pk).update(state=Job.State.RUNNING, cancel_requested=True)
    rehearse_past_task(str(job.pk))

    job.refresh_from_db()
    assert job.state == Job.State.CANCELLED
    assert not Rehearsal.objects.exists()
    rehearse_past_task(str(job.pk))
    assert not Rehearsal.objects.exists()


def test_a_day_that_cannot_be_played_fails_the_job_with_a_sentence(branch: Branch, manager: Client) -> None:
    boards = days_of(branch, *PAST)
    job = start(manager, boards)
    board = Board.objects.get(pk=boards[2].pk)
    visit = Visit.objects.filter(day=board.day).earliest("number")
    append(board=board, state=state_of(board), entries=[Escalated(at=NINE, visit=str(visit.pk))])
    with pytest.raises(LookupError):
        rehearse_past_task(str(job.pk))

    job.refresh_from_db()
    assert job.state == Job.State.FAILED
    assert "could not be played" in job.error
    assert not Rehearsal.objects.exists()


def test_r6_a_job_run_again_after_a_crash_keeps_one_result(branch: Branch, manager: Client) -> None:
    job = start(manager, days_of(branch, *PAST))
    rehearse_past_task(str(job.pk))
    Job.objects.filter(pk=job.pk).update(state=Job.State.RUNNING)
    rehearse_past_task(str(job.pk))

    assert Rehearsal.objects.get().result["differences"] == []


@pytest.mark.parametrize(
    ("days", "said"),
    [
        ({"first_on": "2026-03-04", "last_on": "2026-03-02"}, "up to 31 days"),
        ({"first_on": "2026-01-01", "last_on": "2026-03-02"}, "up to 31 days"),
        ({"first_on": "2025-03-01", "last_on": "2025-03-02"}, "no board on these days"),
        ({"first_on": "2026-03-11", "last_on": "2026-03-11"}, "no board on these days"),
        ({"first_on": "", "last_on": "2026-03-02"}, "required"),
    ],
)
def test_days_that_cannot_be_played_are_refused(
    branch: Branch, manager: Client, days: dict[str, str], said: str
) -> None:
    policy = open_morning(branch).board.policy
    answer = manager.post(reverse("triage:rehearsals"), {"desk": "front", "policy": policy.pk, **days})

    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not Job.objects.exists()


def test_a_draft_is_rehearsed_before_it_is_saved(branch: Branch, manager: Client) -> None:
    days_of(branch, *PAST)
    url = reverse("triage:policy_new")
    form = manager.get(url).context["form"]
    sent = {name: form[name].value() for name in form.fields if form[name].value() is not None}
    sent |= {"make_up": ["off"], "reason": "试", "starts_on": "2026-03-20", "step": "rehearse"}
    answer = manager.post(url, sent | {"desk": "front", "first_on": "2026-03-02", "last_on": "2026-03-03"})

    job = Job.objects.get()
    assert answer.headers["Location"] == reverse("clinic:job", args=[job.pk])
    assert (job.total, job.arguments["settings"]) == (2, {"make_up": ["off"]})
    assert "<h1>Rehearse the past</h1>" in manager.get(answer.headers["Location"]).content.decode()
    assert "Rehearse the past</a>" in manager.get(reverse("clinic:jobs")).content.decode()
    rehearse_past_task(str(job.pk))
    assert Rehearsal.objects.get().policy is None
    assert Policy.objects.count() == 1


def test_a_result_belongs_to_its_branch(branch: Branch, other_branch: Branch, manager: Client, client_as: Any) -> None:
    job = start(manager, days_of(branch, *PAST))
    rehearse_past_task(str(job.pk))
    url = reverse("triage:rehearsal", args=[Rehearsal.objects.get().pk])

    stranger = client_as(make_consultant(other_branch, "别院", Role.MANAGER))
    assert stranger.get(url).status_code == 404
    assert client_as(Role.RECEPTION).get(url).status_code == 403


@pytest.mark.parametrize(("language", "front", "name"), [("en", "Front desk", "Laser"), ("zh-hans", "前台", "激光")])
def test_desks_are_called_by_their_names(branch: Branch, manager: Client, language: str, front: str, name: str) -> None:
    branch.departments.filter(code="laser").update(name="激光")
    boards = days_of(branch, *PAST)
    laser = make_consultant(branch, "林医生", Role.DOCTOR, department=branch.departments.get(code="laser"))
    services.open_board(branch=branch, desk="laser", day=PAST[0], consultants=[laser], staff=None, now=NINE)
    rehearse_past_task(str(start(manager, boards).pk))
    Rehearsal.objects.update(desk="laser")
    manager.post(reverse("clinic:preferences"), {"language": language})
    response = manager.get(reverse("triage:rehearsals"))
    assert response.context["form"].fields["desk"].choices == [("front", front), ("laser", name)]
    page = response.content.decode()
    assert f"<td>{name}</td>" in page and "<td>laser</td>" not in page


def test_a_result_costs_the_same_whatever_differs(
    branch: Branch, manager: Client, django_assert_num_queries: Any
) -> None:
    job = start(manager, days_of(branch, *PAST), make_up=["off"])
    rehearse_past_task(str(job.pk))
    rehearsal = Rehearsal.objects.get()
    url = reverse("triage:rehearsal", args=[rehearsal.pk])
    manager.get(url)
    result = rehearsal.result
    for many in (1, 50):
        rows = (result["differences"] * 50)[:many]
        Rehearsal.objects.filter(pk=rehearsal.pk).update(result={**result, "differences": rows})
        with django_assert_num_queries(RESULT_QUERIES):
            manager.get(url)


RESULT_QUERIES = 5
