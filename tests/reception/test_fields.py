"""Words typed into the forms of the reception: tidied first, judged by their length afterwards."""

import pytest
from django.core.exceptions import ValidationError

from reception.forms.fields import LineField, TextField


def test_a_line_is_tidied_before_its_length_is_judged() -> None:
    line = LineField(max_length=5)
    assert line.clean(" 王\x00 \u202e 小\r\n美 ") == "王 小 美"
    with pytest.raises(ValidationError, match="At most 5 characters; this has 6"):
        line.clean("王小美王小美")
    with pytest.raises(ValidationError, match="required"):
        line.clean(" \x00 ")


def test_a_text_keeps_its_lines() -> None:
    text = TextField(max_length=4, required=False)
    assert text.clean("一\r\n二\x00\u202e\n") == "一\n二"
    assert text.clean(None) == ""
    with pytest.raises(ValidationError, match="At most 4 characters; this has 5"):
        text.clean("一\n二\n三")


def test_words_kept_untidily_have_not_changed_when_they_come_back() -> None:
    line = LineField(required=False)
    assert not line.has_changed("王  小美 ", "王 小美")
    assert line.has_changed("王  小美 ", "王小美")
