"""The rehearsal format: what is refused and how, and what is printed."""

import io
import json
import os
import re
import subprocess
import sys
from argparse import Namespace
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from tests.triage.rehearsal.scenarios import scenarios
from triage.engine.explain import Language
from triage.engine.rehearsal.command import run
from triage.engine.rehearsal.lines import rehearse
from triage.engine.rehearsal.reader import read_day

ROOT = Path(__file__).resolve().parents[3]

HEAD = """\
day: 2026-03-02
projects: [eyes, skin]
consultants: [{id: A}, {id: B}]
seats: [A, B]
events:
"""
AT_NINE = HEAD + '  - {at: "09:00", arrive: v1, projects: [eyes]}\n'


def played(text: str, folder: Path, *, policy: str | None = None, explain: str | None = None) -> tuple[int, str, str]:
    """Exit status, what was printed, what was complained about."""
    day = folder / "day.yaml"
    day.write_text(text, encoding="utf-8")
    out, problems = io.StringIO(), io.StringIO()
    status = run(Namespace(day=str(day), policy=policy, explain=explain), out, problems)
    return status, out.getvalue(), problems.getvalue()


def lines(text: str, **options: Any) -> list[dict[str, Any]]:
    day = read_day(text, policy=options.pop("policy", None))
    return [json.loads(line) for line in rehearse(day, **options)]


# Refused ------------------------------------------------------------------------------------------------------------

# What stands there, the line it stands in, and what has to be named.
MISTAKES = [
    (HEAD + '  - {at: "09:00", arrive: v1, colour: red}\n', 6, "colour"),
    ("colour: red\n" + HEAD, 1, "colour"),
    (HEAD.replace("{id: B}", "{id: B, colour: red}"), 3, "colour"),
    (HEAD + '  - {at: "9 o\'clock", arrive: v1}\n', 6, "9 o'clock"),
    (HEAD + '  - {at: "25:00", arrive: v1}\n', 6, "25:00"),
    (HEAD.replace("2026-03-02", "2026-02-30"), 1, "2026-02-30"),
    (HEAD + '  - {at: "09:00", seat: Q, is: busy}\n', 6, "consultant Q"),
    (HEAD.replace("seats: [A, B]", "seats: [A, Q]"), 4, "consultant Q"),
    (HEAD + '  - {at: "09:00", arrive: v1, projects: [wings]}\n', 6, "project wings"),
    (HEAD.replace("{id: B}", "{id: B, scope: [wings]}"), 3, "project wings"),
    ("policy: {preset: standard, colour: red}\n" + HEAD, 1, "colour"),
    ("policy:\n  preset: standard\n  busy_wait_minutes: 100000\n" + HEAD, 3, "busy_wait_minutes"),
    ("policy: {return_to: nobody}\n" + HEAD, 1, "return_to"),
    ("policy: {minor_until: 60, elder_from: 18}\n" + HEAD, 1, "elder_from"),
    ("policy: {priority: {eyes: [Q]}}\n" + HEAD, 1, "Q"),
    ("policy: sloppy\n" + HEAD, 1, "sloppy"),
    ("policy: &a {make_up: *a}\n" + HEAD, 1, "policy"),
    (AT_NINE + '  - {at: "08:59", arrive: v2}\n', 7, "08:59"),
    (HEAD.replace("seats: [A, B]", "seats: [A, B, A]"), 4, "A has two seats"),
    (HEAD.replace("{id: B}", "{id: A}"), 3, "A stands here twice"),
    (HEAD + '  - {at: "09:00", finish: v1}\n', 6, "v1"),
    (HEAD + '  - {at: "09:00", arrive: v1, enter: v1}\n', 6, "arrive and enter"),
    (HEAD + '  - {at: "09:00", arrive: [v1, v2]}\n', 6, "group"),
    (HEAD + '  - {at: "09:00", seat: A, is: busy, free_in: 99999999999999}\n', 6, "99999999999999"),
    (HEAD + '  - {at: "09:00", ? [a, b] : c}\n', 6, "event"),
    (AT_NINE + '  - {at: "09:01", correct: v1, as: transfer}\n', 7, "to"),
    (AT_NINE + '  - {at: "09:01", correct: v1, as: forgotten}\n', 7, "forgotten"),
    ("- a list\n", 1, "mapping"),
    ("day: [\n", 2, ""),
    # Well written, but it cannot happen.
    (AT_NINE + '  - {at: "09:01", leave: v1}\n  - {at: "09:02", finish: v1}\n', 8, "v1"),
    (AT_NINE + '  - {at: "09:01", arrive: v1}\n', 7, "v1"),
    (AT_NINE + '  - {at: "09:01", close: true}\n  - {at: "09:02", enter: v1}\n', 8, "closed"),
    (AT_NINE + '  - {at: "09:01", correct: v1, as: undo}\n  - {at: "09:02", deal: v1}\n', 8, "v1"),
]


@pytest.mark.parametrize(("text", "line", "named"), MISTAKES)
def test_a_mistake_is_named_with_its_line(text: str, line: int, named: str, tmp_path: Path) -> None:
    status, printed, problems = played(text, tmp_path)
    assert (status, printed) == (2, "")
    found = [said for said in problems.splitlines() if re.search(rf"\bline {line}: ", said)]
    assert any(named in said for said in found), problems


def test_every_mistake_is_named_and_nothing_is_played(tmp_path: Path) -> None:
    text = AT_NINE.replace("[eyes]", "[wings]") + '  - {at: "08:00", seat: Q, is: asleep}\n  - {at: "08:30", fly: v1}\n'
    status, printed, problems = played("policy: {colour: red}\n" + text, tmp_path)
    assert (status, printed) == (2, "")
    named = [(1, "colour"), (7, "wings"), (8, "08:00"), (8, "Q"), (8, "asleep"), (9, "nothing happens")]
    for line, word in named:
        assert re.search(rf"line {line}: .*{word}", problems), (line, word, problems)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    out, problems = io.StringIO(), io.StringIO()
    given = Namespace(day=str(tmp_path / "none.yaml"), policy=None, explain=None)
    assert run(given, out, problems) == 2
    assert (out.getvalue(), "none.yaml" in problems.getvalue()) == ("", True)


# Read ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("on", "off"), [("on", "off"), ("true", "false"), ("On", "Off"), ('"on"', '"off"')])
def test_on_and_off_may_have_become_switches(on: str, off: str) -> None:
    text = HEAD.replace("{id: A}", f"{{id: A, state: {off}}}").replace("{id: B}", f"{{id: B, state: {on}}}")
    first, second, _ = lines(
        f"policy: {{make_up: [{off}]}}\n{text}"
        '  - {at: "09:00", arrive: v1}\n'
        f'  - {{at: "09:01", seat: A, is: {on}}}\n'
        f'  - {{at: "09:01", seat: B, is: {off}}}\n'
        '  - {at: "09:02", arrive: v2}\n'
    )
    assert (first["consultant"], first["passed"]) == ("B", [{"seat": "A", "cause": "off", "owed": True}])
    assert (second["consultant"], second["turn"]) == ("A", "make_up")


def test_times_need_no_quotes() -> None:
    assert [line.get("at") for line in lines(HEAD + "  - {at: 09:30, arrive: v1}\n")] == ["09:30", None]


def test_another_policy_takes_the_place_of_the_files() -> None:
    text = "policy: {preset: standard, decline: suspend}\n" + AT_NINE + '  - {at: "09:01", decline: v1}\n'
    assert [line.get("consultant") for line in lines(text)] == ["A", "B", None]
    assert [line.get("consultant") for line in lines(text, policy="strict")] == ["A", "A", None]


# Printed ------------------------------------------------------------------------------------------------------------

DECISION = {
    "at",
    "visitor",
    "visit_type",
    "type_rule",
    "decision",
    "consultant",
    "rule",
    "turn",
    "turn_rule",
    "owner",
    "passed",
    "ignored",
    "wait_minutes",
}


def test_the_keys_of_each_line() -> None:
    text = (
        AT_NINE
        + '  - {at: "09:01", enter: v1}\n'
        + '  - {at: "09:02", correct: v1, as: cannot_do}\n'
        + '  - {at: "09:03", deal: v1, amount: 12000}\n'
        + '  - {at: "09:04", arrive: v2, projects: [skin]}\n'
        + '  - {at: "09:05", decline: v2}\n'
        + '  - {at: "09:06", name: B, for: v2, by: supervisor}\n'
        + '  - {at: "09:07", leave: v2}\n'
    )
    arrive, correct, deal, _, decline, name, leave, board = lines(text)
    assert set(arrive) == set(name) == DECISION
    assert set(correct) == set(decline) == {*DECISION, "previous_turn"}
    assert deal == {"at": "09:03", "visitor": "v1", "shares": {"A": "1"}}
    assert leave == {"at": "09:07", "visitor": "v2", "previous_turn": "returned"}
    assert set(board) == {"board", "pointer", "events"}
    assert board["events"] == 8
    assert {seat: set(holds) for seat, holds in board["board"].items()} == {
        seat: {"turns", "receptions", "owed"} for seat in ("A", "B")
    }


def test_teams_are_named_on_each_line() -> None:
    text = AT_NINE.replace("{id: B}", "{id: B}, {id: X}").replace("[A, B]", "[[A, X], [B]]")
    decided, board = lines(text)
    assert set(decided) == {*DECISION, "team"}
    assert decided["team"] == ["A", "X"]
    assert list(board["board"]) == ["A", "B"]


def test_shares_of_a_deal_sum_to_one() -> None:
    text = AT_NINE + '  - {at: "09:01", deal: v1}\n  - {at: "09:02", correct: v1, as: misallocated, owner: B}\n'
    _, made, corrected, _ = lines(text)
    assert made["shares"] == {"A": "1"}
    assert corrected["shares"] == {"A": "0.5", "B": "0.5"}


@pytest.mark.parametrize(("language", "letters"), [("en", "[a-z]"), ("zh", "[一-鿿]")])
def test_every_decision_of_every_day_is_explained(language: Language, letters: str) -> None:
    for scenario in scenarios():
        for line in map(json.loads, rehearse(scenario.day, language=language)):
            if "decision" not in line:
                assert "explain" not in line
                continue
            said = line["explain"]
            assert said, (scenario.name, line)
            assert all(re.search(letters, one) and not re.search("[{}]", one) for one in said), (scenario.name, said)


def test_a_correction_says_itself_in_its_explanation() -> None:
    text = AT_NINE + '  - {at: "09:01", correct: v1, as: undo}\n'
    undone = lines(text, language="en")[1]
    assert undone["explain"][0] == "First visit: nobody has the visit now."
    assert any(said.startswith("K8: ") for said in undone["explain"])


# The command --------------------------------------------------------------------------------------------------------


def rehearsed(*arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
    """`manage.py rehearse` on its own, with no variable of a system set."""
    kept = {key: os.environ[key] for key in ("PATH", "SYSTEMROOT") if key in os.environ}
    return subprocess.run(
        [sys.executable, "manage.py", "rehearse", *arguments],
        cwd=ROOT,
        env={**kept, "PYTHONIOENCODING": "utf-8"},
        input=given,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def test_the_command_needs_no_environment(tmp_path: Path) -> None:
    day = tmp_path / "day.yaml"
    day.write_text(AT_NINE, encoding="utf-8")
    done = rehearsed(str(day), "--policy", "strict", "--explain", "zh")
    decided, board = map(json.loads, done.stdout.splitlines())
    assert (done.returncode, done.stderr) == (0, "")
    assert (decided["consultant"], board["pointer"]) == ("A", "B")
    assert decided["explain"][0].startswith("初诊")


def test_the_command_of_django_plays_the_same(tmp_path: Path) -> None:
    day = tmp_path / "day.yaml"
    day.write_text(AT_NINE, encoding="utf-8")
    out, problems = io.StringIO(), io.StringIO()
    call_command("rehearse", str(day), stdout=out, stderr=problems)
    assert out.getvalue() == played(AT_NINE, tmp_path)[1]
    with pytest.raises(SystemExit) as ended:
        call_command("rehearse", str(tmp_path / "none.yaml"), stdout=out, stderr=problems)
    assert (ended.value.code, "none.yaml" in problems.getvalue()) == (2, True)


def test_the_command_ends_with_two_and_prints_nothing() -> None:
    done = rehearsed("-", given=AT_NINE + '  - {at: "09:01", leave: v1}\n  - {at: "09:02", finish: v1}\n')
    assert (done.returncode, done.stdout) == (2, "")
    assert "line 8: " in done.stderr
