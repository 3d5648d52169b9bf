"""Whoever reads the audit log reads words, whatever a service wrote into the details of an entry."""

import ast
from collections.abc import Iterator
from pathlib import Path

from django.apps import apps

from clinic.detail_words import DETAIL_WORDS
from clinic.launch.paths import ROOT

ROOMS = ("clinic", "reception", "triage", "consultations", "followups", "complaints")


def test_every_detail_that_is_written_has_a_word() -> None:
    fields = {field.name for model in apps.get_models() for field in model._meta.get_fields()}
    written = {name: place for path in _sources() for name, place in _details(path)}
    assert len(written) > 50
    assert {name: place for name, place in written.items() if name not in DETAIL_WORDS and name not in fields} == {}


def _sources() -> Iterator[Path]:
    for room in ROOMS:
        yield from (path for path in (ROOT / room).rglob("*.py") if "migrations" not in path.parts)


def _details(path: Path) -> Iterator[tuple[str, str]]:
    """Yield each name in a literal `detail` of an audit entry, with the file and line."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "record":
            for keyword in node.keywords:
                if keyword.arg == "detail" and isinstance(keyword.value, ast.Dict):
                    for key in keyword.value.keys:
                        if isinstance(key, ast.Constant) and not str(key.value).endswith(("_id", "_en")):
                            yield str(key.value), f"{path.name}:{node.lineno}"
