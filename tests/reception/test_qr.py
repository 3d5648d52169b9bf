"""A QR code is drawn as SVG that carries nothing of its text."""

import pytest
from django.utils.safestring import SafeString

from reception import qr


@pytest.mark.parametrize("text", ["FD1:F000012", "<script>alert(1)</script>", 'FD1:病历"12'])
def test_what_is_drawn_is_a_picture_and_no_text(text: str) -> None:
    drawn = qr.draw(text, css_class="plastic-code")
    assert isinstance(drawn, SafeString)
    assert drawn.startswith("<svg ") and drawn.rstrip().endswith("</svg>")
    assert drawn.count("<") == drawn.count(">") == 4
    assert text not in drawn and "script" not in drawn
    assert drawn != qr.draw(f"{text}1", css_class="plastic-code")
