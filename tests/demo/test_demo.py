"""The demo hospital obeys the rules: its ledgers replay, its decisions repeat, its screens have something to show."""

from datetime import datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.models import Count, Sum
from django.db.models.functions import Length

from clinic.models import Branch, Counter, Staff
from clinic.roles import Role
from complaints.demo.build import NotEmptyError, build_demo
from complaints.demo.people import PASSWORD, PEOPLE
from complaints.models import Complaint, WeeklyReport
from consultations.models import (
    Consultation,
    Deal,
    DeskCase,
    HandOver,
    OwnerHint,
    Participant,
    PriorityList,
    Stay,
    Treatment,
)
from consultations.selectors.figures import Period
from followups.models import CallAttempt, CallBack
from followups.services import build_call_backs
from reception.keys import search_keys
from reception.models import Standing, Visit, Visitor
from reception.selectors import find_visitors
from reception.selectors.duplicates import open_pairs
from reception.selectors.register import longest_wait
from tests.consultations.figures.recount import compare
from triage.engine.ledger import board_to_json, entry_from_json, fold
from triage.models import Board, Decision, LedgerEntry
from triage.selectors.decisions import replayed
from triage.selectors.gaps import gaps_of

MORNING = "2026-03-11T10:40+08:00"
HOURS = ("2026-03-11T00:04+08:00", "2026-03-11T23:50+08:00")
pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("demo")]


def _build(at: str, seed: int = 1) -> datetime:
    now = datetime.fromisoformat(at)
    build_demo(seed=seed, now=now, say=lambda line: None)
    _know_sizes()
    return now


def _know_sizes() -> None:
    """Let the planner know the tables, as it would a minute after the demo is committed: here nothing ever is."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def test_every_ledger_replays_and_every_room_has_its_share() -> None:
    now = _build(MORNING)
    today = Branch.objects.get().today(now)
    out = StringIO()
    call_command("check_ledger", stdout=out)
    for board in Board.objects.all():
        entries = LedgerEntry.objects.filter(board=board).order_by("sequence")
        assert board_to_json(fold(entry_from_json(entry.body) for entry in entries)) == board.state
    named = Decision.objects.filter(answer__named_by__isnull=False).values("pk")
    for decision in Decision.objects.exclude(pk__in=named).select_related("policy"):
        assert replayed(decision).to_json() == decision.answer
    assert {pair.reason for pair in open_pairs()} == {"phone", "person"}
    assert Board.objects.filter(closed_at=None, desk="front").count() == 1
    assert Visitor.objects.count() == 3000
    assert Board.objects.filter(desk="front").count() == 29
    assert Board.objects.exclude(desk="front").count() == 2
    counters = Counter.objects.filter(series=Visit.SERIES)
    assert counters.count() == 29
    for counter in counters:
        numbers = list(Visit.objects.filter(day=counter.period).order_by("number").values_list("number", flat=True))
        assert numbers == list(range(1, counter.last_number + 1))
    assert not Visit.objects.filter(day__lt=today, state__in=Visit.OPEN_STATES).exists()
    assert not Visitor.objects.exclude(standing=Standing.NEW).filter(owner=None).exists()
    assert not Deal.objects.annotate(whole=Sum("shares__share")).exclude(whole=1).exists()
    assert not Consultation.objects.filter(state="finished", outcome="").exists()
    assert set(Participant.objects.values_list("part", flat=True)) == {"second_opinion", "panel"}
    assert OwnerHint.objects.filter(settled_at=None).exists()
    assert Treatment.objects.filter(treated_on=today).count() > 3
    assert CallAttempt.objects.count() > 500
    assert Stay.objects.filter(discharged_at=None).count() == 3 and Stay.objects.exclude(ending="").count() == 2
    assert {gap.desk for gap in gaps_of(Branch.objects.get(), first=today, number=14)} == {"laser"}
    handed = HandOver.objects.get()
    assert handed.number > 30 and not Visitor.objects.filter(owner=handed.leaver).exists()
    assert Visitor.objects.filter(owner__display_name="韩梅").exists(), "somebody's visitors are left to be handed over"
    assert PriorityList.objects.get().places.exists()
    assert build_call_backs(now=now) == 0, "every call the plans ask for is there already"
    assert WeeklyReport.objects.count() >= 8
    roles = set(Staff.objects.values_list("groups__name", flat=True))
    assert {role.value for role in Role} <= roles
    _alive(now)


def test_the_figures_of_the_hospital_are_what_plain_statements_count() -> None:
    _figures_are_right(_build(MORNING, seed=2))


def _figures_are_right(now: datetime) -> None:
    _know_sizes()
    branch = Branch.objects.get()
    today = branch.today(now)
    compared = compare(Period(branch, today - timedelta(days=40), today))
    assert compared.people >= 10 and compared.deals > 100 and compared.turns > 300, compared
    assert compared.wrong == []


@pytest.mark.parametrize("at", HOURS)
def test_every_screen_is_alive_at_any_hour(at: str) -> None:
    _alive(_build(at, seed=3))


def _alive(now: datetime) -> None:
    branch = Branch.objects.get()
    here = dict(Visit.objects.filter(day=branch.today(now)).values_list("state").annotate(number=Count("pk")))
    assert here["waiting"] >= 2 and here["in_room"] >= 2 and here["finished"] >= 5 and here["registered"] >= 1, here
    board = Board.objects.get(day=branch.today(now), desk="front")
    assert any(question["rule"] == "A8" for question in board.state["pending"]), "the supervisor is asked something"
    at_desks = dict(DeskCase.objects.values_list("state").annotate(number=Count("pk")))
    assert at_desks["waiting"] >= 3 and at_desks["with_staff"] == 1 and at_desks["done"] == 3, at_desks
    assert longest_wait(branch, branch.today(now)) == 10, "who waits too long stands out in the register"
    open_calls = CallBack.objects.filter(state=CallBack.State.OPEN)
    assert open_calls.filter(call_on=branch.today(now)).exists()
    assert open_calls.filter(call_on__lt=branch.today(now)).exists()
    assert Complaint.objects.filter(state=Complaint.State.OPEN, level=Complaint.Level.MAJOR).exists()
    for model, field in ((Visit, "arrived_at"), (LedgerEntry, "at"), (CallAttempt, "at"), (Complaint, "received_at")):
        assert not model._default_manager.filter(**{f"{field}__gt": now}).exists(), f"{field} lies ahead"


def test_it_keeps_away_from_a_hospital_that_is_there(branch: Branch, now: datetime) -> None:
    with pytest.raises(NotEmptyError):
        build_demo(seed=1, now=now, say=lambda line: None)
    with pytest.raises(CommandError, match="not empty"):
        call_command("demo")
    assert not Visitor.objects.exists()


def _told() -> list[tuple[object, ...]]:
    return list(Visit.objects.order_by("day", "number").values_list("day", "number", "visitor__name", "rule", "turn"))


def test_the_command_tells_the_same_story_prints_the_logins_and_adds_a_crowd() -> None:
    with transaction.atomic():
        now = _build(MORNING, seed=5)
        first = _told()
        transaction.set_rollback(True)
    out = StringIO()
    call_command("demo", "--now", MORNING, "--seed", "5", "--size", "large", "--visitors", "3400", stdout=out)
    assert _told() == first
    _figures_are_right(now)

    printed = out.getvalue()
    for person in PEOPLE:
        assert (person.login_name in printed.split()) is not person.left
        assert Staff.objects.get(login_name=person.login_name).check_password(PASSWORD)
    again = StringIO()
    call_command("demo", "--logins", stdout=again)
    assert PASSWORD in again.getvalue() and printed.endswith(again.getvalue())

    assert Visitor.objects.count() == 3400
    crowd = Visitor.objects.order_by("-pk").prefetch_related("keys")[:400]
    assert len({visitor.phone for visitor in crowd}) == 400
    for visitor in crowd[:60]:
        given = {(key.kind, key.key) for key in visitor.keys.all()}
        assert given == search_keys(name=visitor.name, phone=str(visitor.phone), file_number=visitor.file_number)
        assert visitor in find_visitors(str(visitor.phone)[3:])
    assert not Visitor.objects.annotate(length=Length("phone")).exclude(length__in=(0, 14)).exists()
