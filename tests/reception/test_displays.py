"""E14, S1: the screens in the waiting room: paired by a code, of one branch, showing as little as the policy says."""

from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from clinic.live import tickets, topics
from clinic.models import AuditEntry, Branch, OutboxEvent, Staff
from clinic.roles import Role
from reception import services
from reception.devices import hash_of
from reception.masking import called_name
from reception.models import Display, Visit, WaitingRoom
from reception.services.displays import MOST_WAITING, MOST_WAITING_OF_AN_ADDRESS
from reception.views.displays import CODES_OF_AN_ADDRESS
from tests.conftest import MakeClient, MakeStaff
from tests.factories.reception import VisitFactory, VisitorFactory

DISPLAY, CALLS = "/display/", "/display/calls/?paired=1"


@pytest.fixture
def supervisor(staff_with: MakeStaff) -> Staff:
    return staff_with(Role.DESK_SUPERVISOR)


@pytest.fixture
def consultant(staff_with: MakeStaff) -> Staff:
    return staff_with(Role.CONSULTANT, display_name="李敏", room="3号咨询室")


def paired(client_as: MakeClient, supervisor: Staff, name: str = "大厅") -> Client:
    """Return a screen that was paired as people pair it."""
    screen = Client()
    screen.get(DISPLAY)
    code = Display.objects.latest("pk").code
    answer = client_as(supervisor).post(
        reverse("reception:display_pair"), {"code": f"{code[:3]} {code[3:]}", "name": name}
    )
    assert answer.status_code == 302
    return screen


def called(name: str, consultant: Staff, now: datetime, *, minutes: int = 0) -> Visit:
    visit = VisitFactory(visitor=VisitorFactory(name=name), consultant=consultant, branch=consultant.branch, now=now)
    return services.record_progress(visit=visit, state=Visit.State.ACCEPTED, now=now + timedelta(minutes=minutes))


def test_a_screen_shows_a_code_until_it_is_paired_and_then_who_is_called(
    client_as: MakeClient, supervisor: Staff, consultant: Staff, now: datetime
) -> None:
    screen = Client()
    page = screen.get(DISPLAY)
    waiting = Display.objects.get()
    assert f"{waiting.code[:3]} {waiting.code[3:]}" in page.content.decode()
    assert screen.get("/display/calls/?paired=0").status_code == 200
    assert screen.get(DISPLAY).status_code == 200 and Display.objects.count() == 1
    client_as(supervisor).post(reverse("reception:display_pair"), {"code": waiting.code, "name": "大厅"})
    assert screen.get("/display/calls/?paired=0").status_code == 205
    visit = called("王小美", consultant, now)
    shown = screen.get(DISPLAY).content.decode()
    assert "王*美" in shown and "3号咨询室" in shown and f"{visit}" in shown
    assert "王小美" not in shown
    assert AuditEntry.objects.filter(action="reception.pair_display", staff=supervisor).count() == 1


def test_only_the_hash_of_the_token_is_stored(client_as: MakeClient, supervisor: Staff, now: datetime) -> None:
    screen = paired(client_as, supervisor)
    cookie = screen.cookies["display"]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/display/")
    assert cookie["max-age"] == 400 * 24 * 3600
    row = Display.objects.values().get()
    assert cookie.value not in map(str, row.values())
    assert row["token_hash"] == hash_of(cookie.value)
    assert row["code"] == ""


def test_without_a_token_nothing_is_told(consultant: Staff, now: datetime) -> None:
    called("王小美", consultant, now)
    stranger = Client()
    stranger.cookies["display"] = "guessed"
    assert stranger.get(CALLS).status_code == 205
    assert "王" not in stranger.get(DISPLAY).content.decode()
    assert stranger.get("/display/calls/?paired=1").content == b""


def test_a_screen_taken_off_shows_nothing_more(
    client_as: MakeClient, supervisor: Staff, consultant: Staff, now: datetime
) -> None:
    screen = paired(client_as, supervisor)
    called("王小美", consultant, now)
    assert len(screen.get(CALLS).json()["calls"]) == 1
    client = client_as(supervisor)
    address = reverse("reception:display_revoke", args=[Display.objects.get().pk])
    assert client.post(address).status_code == 302
    assert client.post(address).status_code == 409
    assert screen.get(CALLS).status_code == 205
    assert "王" not in screen.get(DISPLAY).content.decode()


@pytest.mark.parametrize(("policy", "shown"), [("full", "王小美"), ("none", ""), ("masked", "王*美")])
def test_names_stand_there_as_the_branch_says(
    policy: str, shown: str, client_as: MakeClient, supervisor: Staff, consultant: Staff, now: datetime
) -> None:
    screen = paired(client_as, supervisor)
    assert client_as(supervisor).post(reverse("reception:display_names"), {"names": policy}).status_code == 302
    assert WaitingRoom.objects.filter(branch=supervisor.branch, names=policy).exists()
    called("王小美", consultant, now)
    (call,) = screen.get(CALLS).json()["calls"]
    assert call["name"] == shown
    assert "王" not in call["spoken"]


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("王小美", "王*美"),
        ("欧阳娜娜", "欧*娜"),
        ("王美", "王*"),
        ("曾", "曾*"),
        ("王 小美", "王*美"),
        ("O'Brien <b>", "O* B*"),
        ("anna maria lee", "A* M* L*"),
        ("🙂", "*"),
        ("名" * 50, "名*名"),
    ],
)
def test_a_name_is_masked(name: str, masked: str) -> None:
    assert called_name(name) == masked


def test_the_newest_call_comes_first_and_who_is_done_goes(
    client_as: MakeClient, supervisor: Staff, consultant: Staff, now: datetime
) -> None:
    screen = paired(client_as, supervisor)
    first = called("王一", consultant, now)
    second = called("王二", consultant, now, minutes=3)
    VisitFactory(visitor=VisitorFactory(name="王三"), consultant=consultant, branch=consultant.branch, now=now)
    numbers = [call["number"] for call in screen.get(CALLS).json()["calls"]]
    assert numbers == [str(second), str(first)]
    services.record_progress(visit=first, state=Visit.State.IN_ROOM, now=now)
    assert [call["number"] for call in screen.get(CALLS).json()["calls"]] == [str(first)]
    services.record_progress(visit=first, state=Visit.State.FINISHED, now=now)
    assert [call["number"] for call in screen.get(CALLS).json()["calls"]] == [str(second)]


def test_who_is_accepted_into_a_taken_room_is_called_when_it_is_free(
    client_as: MakeClient, supervisor: Staff, consultant: Staff, staff_with: MakeStaff, now: datetime
) -> None:
    screen = paired(client_as, supervisor)
    inside = called("王一", consultant, now)
    services.record_progress(visit=inside, state=Visit.State.IN_ROOM, now=now)
    waits = called("王二", consultant, now, minutes=1)
    elsewhere = called("王三", staff_with(Role.CONSULTANT, room="5号咨询室"), now, minutes=2)
    calls = screen.get(CALLS).json()["calls"]
    assert [call["number"] for call in calls] == [str(elsewhere), str(inside)]
    services.record_progress(visit=inside, state=Visit.State.FINISHED, now=now + timedelta(minutes=3))
    calls = screen.get(CALLS).json()["calls"]
    assert [call["number"] for call in calls] == [str(waits), str(elsewhere)], "called now, and as the newest"
    told = OutboxEvent.objects.order_by("-pk").values_list("topics", flat=True)[0]
    assert topics.register(consultant.branch_id) in told


def test_a_call_is_spoken_digit_by_digit_and_names_the_room_or_the_consultant(
    client_as: MakeClient, supervisor: Staff, consultant: Staff, staff_with: MakeStaff, now: datetime
) -> None:
    screen = paired(client_as, supervisor)
    called("王一", consultant, now)
    called("王二", staff_with(Role.CONSULTANT, display_name="陈静"), now, minutes=1)
    assert [call["spoken"] for call in screen.get(CALLS).json()["calls"]] == [
        "请零零二号，到陈静。",
        "请零零一号，到3号咨询室。",
    ]


def test_another_branch_is_not_on_the_screen(
    client_as: MakeClient, supervisor: Staff, staff_with: MakeStaff, other_branch: Branch, now: datetime
) -> None:
    screen = paired(client_as, supervisor)
    called("王小美", staff_with(Role.CONSULTANT, branch=other_branch), now)
    assert screen.get(CALLS).json()["calls"] == []
    stranger = client_as(staff_with(Role.DESK_SUPERVISOR, branch=other_branch))
    assert stranger.post(reverse("reception:display_revoke", args=[Display.objects.get().pk])).status_code == 404


def test_a_screen_hears_one_topic_that_carries_no_data(client_as: MakeClient, supervisor: Staff, now: datetime) -> None:
    screen = paired(client_as, supervisor)
    ticket = tickets.read(screen.get(CALLS).json()["ticket"])
    assert ticket.topics == (topics.register(supervisor.branch_id),)
    assert ticket.staff_id == 0


def test_a_code_is_over_after_a_quarter_of_an_hour(client_as: MakeClient, supervisor: Staff, now: datetime) -> None:
    screen = Client()
    screen.get(DISPLAY)
    old = Display.objects.get()
    Display.objects.update(asked_at=now - timedelta(minutes=16))
    answer = client_as(supervisor).post(reverse("reception:display_pair"), {"code": old.code, "name": "大厅"})
    assert answer.status_code == 422
    assert screen.get("/display/calls/?paired=0").status_code == 205
    screen.get(DISPLAY)
    assert Display.objects.get().pk != old.pk


def test_asking_for_codes_fills_no_table_and_keeps_no_screen_away(branch: Branch, now: datetime) -> None:
    hospital = Client(REMOTE_ADDR="10.1.1.1")
    assert hospital.get(DISPLAY).status_code == 200
    own = Display.objects.get()
    for number in range(MOST_WAITING):
        assert Client(REMOTE_ADDR=f"10.0.0.{number // 4}").get(DISPLAY).status_code == 200
    assert Client(REMOTE_ADDR="10.2.2.2").get(DISPLAY).status_code == 200
    assert Display.objects.count() == MOST_WAITING
    assert hospital.get(DISPLAY).context["display"].code == own.code


def test_of_one_address_the_oldest_codes_give_way(branch: Branch, now: datetime) -> None:
    other = Client(REMOTE_ADDR="10.0.0.2")
    other.get(DISPLAY)
    for _time in range(MOST_WAITING_OF_AN_ADDRESS):
        Client(REMOTE_ADDR="10.0.0.1").get(DISPLAY)
    kept = list(Display.objects.order_by("pk").values_list("pk", flat=True))
    assert Client(REMOTE_ADDR="10.0.0.1").get(DISPLAY).status_code == 200
    now_there = list(Display.objects.order_by("pk").values_list("pk", flat=True))
    assert now_there[:-1] == [kept[0], *kept[2:]]
    assert "10.0.0.1" not in str(list(Display.objects.values()))


def test_an_address_asks_for_no_more_codes_than_it_can_need(branch: Branch, now: datetime) -> None:
    answers = [Client(REMOTE_ADDR="10.0.0.1").get(DISPLAY).status_code for _ in range(CODES_OF_AN_ADDRESS + 3)]
    assert answers == [200] * CODES_OF_AN_ADDRESS + [503] * 3
    assert Client(REMOTE_ADDR="10.0.0.2").get(DISPLAY).status_code == 200


@pytest.mark.parametrize("number", [1, 50])
def test_a_screen_asks_as_little_for_fifty_as_for_one(
    number: int,
    client_as: MakeClient,
    supervisor: Staff,
    consultant: Staff,
    now: datetime,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    screen = paired(client_as, supervisor)
    for place in range(number):
        called(f"王{place}", consultant, now, minutes=place)
    screen.get(CALLS)
    with django_assert_num_queries(3):
        screen.get(CALLS)
    for place in range(number):
        Display.objects.create(
            token_hash=str(place), asked_at=now, branch=supervisor.branch, paired_at=now, paired_by=supervisor, name="x"
        )
    client = client_as(supervisor)
    client.get(reverse("reception:displays"))
    with django_assert_num_queries(5):
        client.get(reverse("reception:displays"))
