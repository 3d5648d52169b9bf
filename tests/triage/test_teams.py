"""Teams of a desk: written down, seated at the next opening, and rotating as the rulebook says."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from clinic.models import Branch, Project, Staff
from clinic.problems import Refused, Stale
from clinic.roles import Role
from reception.models import Visit
from tests.factories.triage import NINE, TODAY, Morning, make_consultant
from triage import services
from triage.engine.policy import policy_from_json
from triage.engine.rehearsal.compare import differences, play, seats_of
from triage.models import Board, Decision, Policy, TeamMember
from triage.selectors.boards import board_rows, state_of
from triage.selectors.integrity import check_board
from triage.selectors.rehearsal import past_day
from triage.selectors.teams import team_places, version_of
from triage.services.teams import Seating

HTMX = {"HX-Request": "true"}


class Teams:
    """Two teams of a doctor and a consultant: 王医生 and 李敏, 周医生 and 陈静; 何平 is in none."""

    def __init__(self, branch: Branch) -> None:
        self.branch = branch
        self.clerk = make_consultant(branch, "前台", Role.RECEPTION)
        self.manager = make_consultant(branch, "经理", Role.MANAGER)
        self.wang, self.zhou = (make_consultant(branch, name, Role.DOCTOR) for name in ("王医生", "周医生"))
        self.li, self.chen, self.he = (make_consultant(branch, name) for name in ("李敏", "陈静", "何平"))

    @property
    def version(self) -> str:
        return version_of(team_places(self.branch, "front", TODAY))

    def set(self, *seatings: Seating, expected: str | None = None) -> None:
        services.set_teams(
            branch=self.branch,
            desk="front",
            seatings=seatings,
            expected=self.version if expected is None else expected,
            staff=self.manager,
            now=NINE,
        )

    def usual(self) -> None:
        self.set(
            Seating(self.wang, 1, 1, self.zhou),
            Seating(self.li, 1, 2, self.chen),
            Seating(self.zhou, 2, 1, self.wang),
            Seating(self.chen, 2, 2, self.li),
        )

    def open(self, day: int = 0, **rules: Any) -> Morning:
        when = TODAY + timedelta(days=day)
        if not Policy.objects.filter(branch=self.branch).exists():
            Policy.objects.create(branch=self.branch, version=1, starts_on=when, preset="teams", settings=rules)
        board = services.open_board(
            branch=self.branch,
            day=when,
            consultants=[self.li, self.chen, self.he],
            staff=self.clerk,
            now=NINE + timedelta(days=day),
        )
        morning = Morning(self.branch, self.clerk, [self.wang, self.li, self.zhou, self.chen], board)
        morning.projects = {project.code: project for project in Project.objects.all()}
        morning.now = NINE + timedelta(days=day)
        return morning


@pytest.fixture
def teams(branch: Branch) -> Teams:
    return Teams(branch)


def receivers(morning: Morning, count: int) -> list[str]:
    """The names of those who receive the next visitors; each is finished at once."""
    names = []
    for _ in range(count):
        visit = morning.arrive("eyes")
        decision = morning.allocate(visit)
        assert decision.consultant is not None
        names.append(decision.consultant.display_name)
        morning.serve(visit)
        morning.later()
    return names


def test_the_seats_of_a_team_board_are_teams_and_their_turn_is_two_visitors_long(teams: Teams) -> None:
    teams.usual()
    morning = teams.open()

    state = state_of(morning.board)
    assert [len(team) for team in state.teams] == [2, 2]
    assert state.keys == (str(teams.wang.pk), str(teams.zhou.pk))
    assert receivers(morning, 5) == ["王医生", "李敏", "周医生", "陈静", "王医生"]
    rows = board_rows(Board.objects.get(pk=morning.board.pk), morning.now)
    assert [(row.name, row.leads, row.place, row.turns, row.pointed) for row in rows] == [
        ("王医生", True, 1, 3, True), ("李敏", False, 1, 0, False),
        ("周医生", True, 2, 2, False), ("陈静", False, 2, 0, False),
    ]  # fmt: skip


def test_a_member_who_is_off_is_replaced_by_her_sister(teams: Teams) -> None:
    teams.usual()
    morning = teams.open()
    morning.say(teams.wang, "off")

    assert receivers(morning, 2) == ["周医生", "李敏"]
    state = state_of(Board.objects.get(pk=morning.board.pk))
    assert state.pointer() == str(teams.zhou.pk)


def test_a_turn_left_unfinished_goes_on_the_next_day(teams: Teams) -> None:
    teams.usual()
    assert receivers(teams.open(), 3) == ["王医生", "李敏", "周医生"]
    tomorrow = teams.open(1)

    assert state_of(tomorrow.board).used == 1
    assert receivers(tomorrow, 3) == ["陈静", "王医生", "李敏"]


def test_a_day_of_teams_is_rehearsed_as_it_happened(teams: Teams) -> None:
    teams.usual()
    receivers(teams.open(), 3)
    morning = teams.open(1)
    receivers(morning, 2)
    morning.say(teams.li, "busy")
    morning.say(teams.zhou, "off")
    waits = morning.arrive("nose")
    morning.allocate(waits)
    services.undo_allocation(visit=waits, staff=teams.clerk, now=morning.later(0.1))
    morning.allocate(waits)
    services.record_leave(visit=waits, staff=teams.clerk, now=morning.later(1))
    services.check_in(board=morning.board, consultant=teams.he, staff=teams.clerk, now=morning.later())
    receivers(morning, 4)

    board = Board.objects.get(pk=morning.board.pk)
    past = past_day(board)
    played = play(past.day)
    assert not played.skipped and differences(past, played) == []
    assert seats_of(played.player.board) == seats_of(past.board)
    assert played.player.board.pointers == past.board.pointers and played.player.board.used == past.board.used
    assert not check_board(board).problems
    assert Decision.objects.filter(board=board).count() >= 8


def test_without_teams_the_seats_are_persons(teams: Teams) -> None:
    morning = teams.open()

    assert state_of(morning.board).teams == ()
    assert [int(seat.consultant) for seat in state_of(morning.board).seats] == [
        teams.li.pk, teams.chen.pk, teams.he.pk,
    ]  # fmt: skip


def test_under_rules_for_persons_teams_do_not_count(teams: Teams) -> None:
    teams.usual()
    Policy.objects.create(branch=teams.branch, version=1, starts_on=TODAY, preset="standard")

    assert state_of(teams.open().board).teams == ()


def test_who_left_is_in_no_team_any_more(teams: Teams) -> None:
    teams.usual()
    Staff.objects.filter(pk=teams.wang.pk).update(active_until=TODAY - timedelta(days=1))

    assert state_of(teams.open().board).teams == ((str(teams.li.pk),), (str(teams.zhou.pk), str(teams.chen.pk)))


def test_teams_and_places_are_numbered_without_gaps(teams: Teams) -> None:
    teams.set(Seating(teams.chen, 9, 5), Seating(teams.wang, 3, 7), Seating(teams.li, 3, 2))

    rows = TeamMember.objects.values_list("team", "position", "staff__display_name")
    assert list(rows) == [(1, 1, "李敏"), (1, 2, "王医生"), (2, 1, "陈静")]


def test_teams_somebody_changed_meanwhile_are_not_written_over(teams: Teams) -> None:
    seen = teams.version
    teams.usual()
    with pytest.raises(Stale, match="teams_moved"):
        teams.set(Seating(teams.he, 1, 1), expected=seen)

    assert TeamMember.objects.count() == 4


def test_a_member_of_another_desks_team_is_not_taken_from_it(teams: Teams) -> None:
    TeamMember.objects.create(branch=teams.branch, desk="laser", team=1, position=1, staff=teams.zhou)
    with pytest.raises(Refused, match="elsewhere") as refused:
        teams.usual()

    assert "周医生" in str(refused.value.message) and "Laser" in str(refused.value.message)
    assert TeamMember.objects.get().desk == "laser"


@pytest.mark.parametrize("wrong", ["herself", "in no team", "of another branch"])
def test_what_cannot_be_is_refused_by_name(teams: Teams, other_branch: Branch, wrong: str) -> None:
    stranger = make_consultant(other_branch, "外院")
    seating = {
        "herself": Seating(teams.li, 1, 1, teams.li),
        "in no team": Seating(teams.li, 1, 1, teams.he),
        "of another branch": Seating(stranger, 1, 1),
    }[wrong]
    with pytest.raises(Refused) as refused:
        teams.set(seating)
    assert seating.staff.display_name in str(refused.value.message)
    assert not TeamMember.objects.exists()


def test_the_page_writes_teams_down_and_says_what_is_wrong(teams: Teams, client_as: Callable[..., Client]) -> None:
    client = client_as(teams.manager)
    address = reverse("triage:teams")
    assert "No team yet" in client.get(address).content.decode()
    given = {
        "version": "",
        f"team_{teams.wang.pk}": 1,
        f"position_{teams.wang.pk}": 1,
        f"team_{teams.li.pk}": 1,
        f"position_{teams.li.pk}": 2,
        f"sister_{teams.li.pk}": teams.he.pk,
    }
    refused = client.post(address, given)
    assert refused.status_code == 422 and "李敏" in refused.content.decode()
    assert f'value="{teams.he.pk}" selected' in refused.content.decode()

    del given[f"sister_{teams.li.pk}"]
    assert client.post(address, given, follow=True).status_code == 200
    assert TeamMember.objects.count() == 2
    stale = client.post(address, given)
    assert stale.status_code == 409 and "meanwhile" in stale.content.decode()
    assert client.post(address, {**given, f"team_{teams.li.pk}": "x"}).status_code == 422
    assert client_as(Role.RECEPTION).get(address).status_code == 403
    assert client.get(f"{address}?desk=%00").status_code == 200


def test_the_desk_opens_the_day_of_teams_and_a_doctor_of_one_sees_the_board_and_her_queue(
    teams: Teams, now: object, client_as: Callable[..., Client]
) -> None:
    teams.usual()
    day = teams.branch.today(now)  # type: ignore[arg-type]
    Policy.objects.create(branch=teams.branch, version=1, starts_on=day, preset="teams")
    desk, doctor = client_as(teams.clerk), client_as(teams.wang)
    page = desk.get(reverse("triage:desk_board")).content.decode()
    assert "Without a team" in page and "何平" in page
    people = [teams.wang, teams.li, teams.zhou, teams.chen]
    given = {
        "desk": "front",
        "seat": [one.pk for one in people],
        "presence": ["here", "here", "off", "later"],
        "place": [1, 2, 3, 4],
    }
    opened = desk.post(reverse("triage:open_board"), given, headers=HTMX)
    assert opened.status_code == 200
    board = Board.objects.get()
    assert [seat.presence.value for seat in state_of(board).seats] == ["on", "on", "off", "late"]

    for address in ("triage:board", "triage:board_panel", "triage:wall", "triage:board_fairness"):
        assert doctor.get(reverse(address, args=[board.pk])).status_code == 200, address
    assert doctor.post(reverse("triage:reorder", args=[board.pk])).status_code == 403
    outsider = client_as(make_consultant(teams.branch, "别的医生", Role.DOCTOR))
    assert outsider.get(reverse("triage:board", args=[board.pk])).status_code == 404
    morning = Morning(teams.branch, teams.clerk, people, board)
    morning.now = now  # type: ignore[assignment]
    visit = morning.arrive("eyes")
    morning.allocate(visit)
    visit.refresh_from_db()
    assert (visit.consultant, visit.state) == (teams.wang, Visit.State.WAITING)
    queue = doctor.get(reverse("consultations:queue")).content.decode()
    assert str(visit) in queue


def test_somebody_without_a_team_is_given_a_seat_from_the_board(
    teams: Teams, now: object, client_as: Callable[..., Client]
) -> None:
    teams.usual()
    day = teams.branch.today(now)  # type: ignore[arg-type]
    Policy.objects.create(branch=teams.branch, version=1, starts_on=day, preset="teams")
    desk = client_as(teams.clerk)
    desk.post(reverse("triage:open_board"), {"desk": "front"}, headers=HTMX)
    board = Board.objects.get()
    assert "Give a seat" in desk.get(reverse("triage:board", args=[board.pk])).content.decode()
    desk.post(reverse("triage:check_in", args=[board.pk]), {"consultant": teams.he.pk}, headers=HTMX)

    board.refresh_from_db()
    assert state_of(board).teams[-1] == (str(teams.he.pk),)
    assert "Give a seat" not in desk.get(reverse("triage:board", args=[board.pk])).content.decode()


def test_a_day_of_persons_is_rehearsed_under_team_rules(teams: Teams) -> None:
    Policy.objects.create(branch=teams.branch, version=1, starts_on=TODAY, preset="standard")
    morning = teams.open()
    for one in (teams.li, teams.chen, teams.he):
        services.check_in(board=morning.board, consultant=one, staff=teams.clerk, now=morning.now)
    assert receivers(morning, 5) == ["李敏", "陈静", "何平", "李敏", "陈静"]
    teams.usual()
    board = Board.objects.get(pk=morning.board.pk)

    played = play(past_day(board, rules=policy_from_json("teams")).day)
    told = [line.decision.consultant for lines in played.lines.values() for line in lines if line.decision]
    # The doctors had no seat that day and are taken to have been there; who is in no team has come as one of her own.
    assert told == [str(one.pk) for one in (teams.wang, teams.li, teams.zhou, teams.chen, teams.he)]
    assert [len(team) for team in played.player.board.teams] == [2, 2, 1]


def test_a_day_of_teams_is_rehearsed_under_rules_for_persons(teams: Teams) -> None:
    teams.usual()
    morning = teams.open()
    receivers(morning, 5)

    played = play(past_day(Board.objects.get(pk=morning.board.pk), rules=policy_from_json("standard")).day)
    told = [line.decision.consultant for lines in played.lines.values() for line in lines if line.decision]
    assert told == [str(one.pk) for one in (teams.wang, teams.li, teams.zhou, teams.chen, teams.wang)]
    assert played.player.board.teams == () and seats_of(played.player.board)[str(teams.li.pk)]["turns"] == 1
