"""Words that the Chinese screens use for one thing are one word."""

from pathlib import Path

import polib
import pytest
from django.conf import settings

from clinic.launch.messages import po_path
from triage.engine import sentences_zh

# Said nowhere → what is said instead.
ONE_WORD = {"诊室": "咨询室"}


@pytest.mark.parametrize("word", ONE_WORD)
def test_a_thing_is_called_one_way(word: str) -> None:
    said = [entry.msgstr for entry in polib.pofile(str(po_path(settings.BASE_DIR)))]
    assert sum(ONE_WORD[word] in sentence for sentence in said) > 5
    assert [sentence for sentence in said if word in sentence] == []
    assert word not in Path(sentences_zh.__file__).read_text()
