"""The ledger: append-only in the database, chained, and what a board is folded from."""

from datetime import date, timedelta

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from clinic.models import AuditEntry, OutboxEvent
from clinic.roles import Role
from reception.models import Standing, Visit
from tests.factories.triage import Morning, make_consultant
from triage import services
from triage.engine.decision import Decision as Answer
from triage.engine.facts import VisitType
from triage.models import Board, Decision, LedgerEntry
from triage.selectors.decisions import replayed
from triage.selectors.facts import ChangedType, Said
from triage.tasks import check_ledgers


@pytest.mark.parametrize("table", ["triage_ledgerentry", "triage_decision", "triage_policy"])
@pytest.mark.parametrize("statement", ["update {} set id = id", "delete from {}", "truncate {} cascade"])
def test_what_was_written_cannot_be_changed(morning: Morning, table: str, statement: str) -> None:
    morning.allocate(morning.arrive("eyes"))
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(table))


def _busy_day(morning: Morning) -> None:
    """Arrivals, waits, an undo, a decline, a question, a name and an override."""
    clerk, staff = morning.clerk, morning.consultants
    supervisor = make_consultant(morning.branch, "主管", Role.CONSULTING_SUPERVISOR, Role.DESK_SUPERVISOR)
    staff[1].excluded.add(morning.project("breast", rank=1))
    first = morning.arrive("eyes", "breast")
    morning.allocate(first)
    morning.later()
    morning.allocate(morning.arrive("breast"))
    undone = morning.arrive("eyes")
    morning.allocate(undone)
    services.undo_allocation(visit=undone, staff=clerk, now=morning.now)
    morning.allocate(undone, said=Said(ChangedType(VisitType.RETURN, "说来过")))
    morning.say(staff[3], "busy", free_in=5)
    own = morning.arrive("skin", standing=Standing.PAID, owner=staff[3])
    morning.allocate(own)
    services.record_decline(visit=own, reason="熟人", staff=staff[3], now=morning.later())
    morning.serve(first)
    morning.say(staff[0], "out", until=morning.now + timedelta(hours=1))
    asked = morning.arrive("skin", standing=Standing.NO_DEAL, owner=staff[0])
    morning.allocate(asked)
    services.name_consultant(visit=asked, consultant=staff[2], by="owner", staff=clerk, now=morning.later())
    escalated = morning.arrive("skin")
    morning.allocate(escalated)
    services.name_consultant(
        visit=escalated,
        consultant=staff[1],
        by="supervisor",
        reason="她马上结束",
        staff=supervisor,
        now=morning.later(),
    )
    services.name_consultant(
        visit=morning.arrive("skin"), consultant=staff[2], by="supervisor", reason="语言", turn="free",
        staff=supervisor, now=morning.later(),
    )  # fmt: skip
    services.record_leave(visit=escalated, staff=clerk, now=morning.later())
    morning.allocate(morning.arrive("eyes", standing=Standing.TREATED, purpose=Visit.Purpose.REVIEW))


def test_stored_decisions_replayed_give_the_same_answers(morning: Morning) -> None:
    _busy_day(morning)

    decisions = list(Decision.objects.order_by("pk"))
    assert {one.outcome for one in decisions} >= {"assign", "ask_owner", "escalate", "none", "wait"}
    assert {one.rule for one in decisions} >= {"A1", "A6", "A7", "A8", "A12", "A14", "K9"} - {"A6"}
    for one in decisions:
        assert replayed(one) == Answer.from_json(one.answer), one.rule


def test_a_day_checks_out(morning: Morning, capsys: pytest.CaptureFixture[str]) -> None:
    _busy_day(morning)
    call_command("check_ledger")

    said = capsys.readouterr().out
    assert f"{morning.board.day} {morning.branch.code}/front" in said
    assert "chain whole, board agrees" in said
    assert "1 boards checked, 0 differ" in said
    assert check_ledgers() == 0


@pytest.mark.parametrize(
    ("damage", "found"),
    [
        (
            "update triage_ledgerentry set body = jsonb_set(body, '{reason}', '\"x\"') where sequence = 3",
            "3 was altered",
        ),
        ("update triage_ledgerentry set staff_id = null where sequence = 4", "4 was altered"),
        ("delete from triage_ledgerentry where sequence = 5", "6 stands at place 5"),
        ("delete from triage_ledgerentry where sequence = (select max(sequence) from triage_ledgerentry)", "counts"),
        ("update triage_board set state = jsonb_set(state, '{seats,0,counted}', '9')", "not what its ledger folds to"),
        ("update triage_board set last_hash = 'x'", "another last hash"),
    ],
)
def test_a_row_altered_behind_the_triggers_is_found(
    morning: Morning, capsys: pytest.CaptureFixture[str], damage: str, found: str
) -> None:
    _busy_day(morning)
    leaving, left = date(2199, 1, 1), date(2021, 1, 1)
    manager = make_consultant(morning.branch, "经理", Role.MANAGER, active_until=leaving)
    former = make_consultant(morning.branch, "前经理", Role.MANAGER, active_until=left)
    with connection.cursor() as cursor:
        cursor.execute("set local session_replication_role = replica")
        cursor.execute(damage)
        cursor.execute("set local session_replication_role = origin")
    with pytest.raises(SystemExit) as stopped:
        call_command("check_ledger", day=morning.board.day, branch=morning.branch.code)

    assert stopped.value.code == 1
    said = capsys.readouterr().out
    assert "DIFFERS" in said and found in said
    assert check_ledgers() == 1
    assert AuditEntry.objects.filter(action="triage.ledger_differs").exists()
    told = OutboxEvent.objects.latest("pk").topics
    assert f"staff-{manager.pk}" in told and f"staff-{former.pk}" not in told


def test_only_the_day_and_branch_asked_for_are_checked(morning: Morning, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("check_ledger", day=morning.board.day + timedelta(days=1))
    call_command("check_ledger", branch="nowhere")

    assert capsys.readouterr().out.count("0 boards checked") == 2


def test_yesterdays_board_goes_on_where_the_policy_says_so(morning: Morning) -> None:
    morning.allocate(morning.arrive("eyes"))
    morning.board.policy.__class__.objects.create(
        branch=morning.branch,
        version=2,
        starts_on=morning.board.day + timedelta(days=1),
        preset="even",
        settings={"carry_owed": True},
    )
    newcomer = make_consultant(morning.branch, "新人")
    roster = [newcomer, *reversed(morning.consultants[1:])]
    tomorrow = services.open_board(
        branch=morning.branch,
        day=morning.board.day + timedelta(days=1),
        consultants=roster,
        staff=morning.clerk,
        now=morning.now + timedelta(days=1),
    )

    state = Board.objects.get(pk=tomorrow.pk).state
    assert [int(seat["consultant"]) for seat in state["seats"]] == [
        *(one.pk for one in morning.consultants[1:]), newcomer.pk,
    ]  # fmt: skip
    assert state["pointers"]["first"] == str(morning.consultants[1].pk)
    assert LedgerEntry.objects.get(board=tomorrow).previous_hash == ""
