"""Words that the Chinese screens use for one thing are one word."""

from collections.abc import Iterator
from pathlib import Path

import polib
import pytest
from django.conf import settings

from clinic.launch.messages import po_path
from triage.engine import sentences_zh

# Said nowhere → what is said instead.
ONE_WORD = {"诊室": "咨询室"}
THIS = Path(__file__)


def _texts() -> Iterator[Path]:
    """Return the files beside the catalogue in which Chinese words for the screens stand."""
    yield Path(sentences_zh.__file__)
    for folder in ("templates", "tests"):
        yield from (
            file
            for file in (settings.BASE_DIR / folder).rglob("*")
            if file.suffix in {".html", ".txt", ".py", ".yaml"} and file != THIS
        )


@pytest.mark.parametrize("word", ONE_WORD)
def test_a_thing_is_called_one_way(word: str) -> None:
    said = [entry.msgstr for entry in polib.pofile(str(po_path(settings.BASE_DIR)))]
    assert sum(ONE_WORD[word] in sentence for sentence in said) > 5
    assert [sentence for sentence in said if word in sentence] == []
    texts = {str(file.relative_to(settings.BASE_DIR)): file.read_text(encoding="utf-8") for file in _texts()}
    assert len(texts) > 300
    assert [name for name, text in texts.items() if word in text] == []
