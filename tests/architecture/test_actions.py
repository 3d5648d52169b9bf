"""Every action of the audit log and every kind of long work has words for its reader, and nothing else has."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.utils.functional import Promise

from clinic.words import ACTION_WORDS, JOB_WORDS
from complaints.models import ComplaintEntry
from consultations.models import Consultation
from tests.architecture.rooms import ROOMS

# What stands for the changing part of an action, and all it can be.
ENDINGS = {
    "kind.value": ComplaintEntry.Kind.values,
    "current.outcome": Consultation.Outcome.values,
}


@pytest.mark.parametrize(("argument", "words"), [("action", ACTION_WORDS), ("kind", JOB_WORDS)])
def test_whatever_is_recorded_has_words(argument: str, words: dict[str, Promise]) -> None:
    recorded = {
        name
        for room in ROOMS
        for path in (Path(settings.BASE_DIR) / room).rglob("*.py")
        if "views" not in path.parts
        for name in _recorded_in(ast.parse(path.read_text()), argument)
    }
    assert recorded == set(words)


def _recorded_in(tree: ast.Module, argument: str) -> Iterator[str]:
    for function in [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]:
        for call in [node for node in ast.walk(function) if isinstance(node, ast.Call)]:
            if argument == "kind" and ast.unparse(call.func) != "jobs.start":
                continue
            for said in call.keywords:
                if said.arg == argument:
                    yield from _meant(said.value, function)


def _meant(value: ast.expr, function: ast.FunctionDef) -> Iterator[str]:
    """What an argument `action` can be; an action that is handed on was read where it was given."""
    if isinstance(value, ast.Constant) and isinstance(value.value, str) and "." in value.value:
        yield value.value
    elif isinstance(value, ast.JoinedStr):
        head, changing = value.values
        assert isinstance(head, ast.Constant) and isinstance(changing, ast.FormattedValue)
        said = ast.unparse(changing.value)
        for ending in ENDINGS[said] if said in ENDINGS else _assigned(said, function):
            yield str(head.value) + ending
    elif isinstance(value, ast.Name) and value.id not in {argument.arg for argument in function.args.kwonlyargs}:
        yield from _assigned(value.id, function)
    else:
        assert isinstance(value, ast.Name | ast.Constant), ast.unparse(value)


def _assigned(name: str, function: ast.FunctionDef) -> Iterator[str]:
    """Every text that is given to a name in a function."""
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and [ast.unparse(target) for target in node.targets] == [name]:
            for piece in ast.walk(node.value):
                if isinstance(piece, ast.Constant) and isinstance(piece.value, str):
                    yield piece.value
