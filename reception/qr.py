"""QR codes, drawn into the page."""

import segno
from django.utils.safestring import SafeString, mark_safe


def draw(text: str, *, css_class: str, margin: int = 2) -> SafeString:
    """Return the QR code of a text as SVG that takes the size its class gives it, black on white in every theme.

    `margin`: so many modules of white around it; 4 where what stands around it may be dark.
    """
    drawn = segno.make_qr(text, error="m").svg_inline(border=margin, light="#fff", omitsize=True, svgclass=css_class)
    # The library writes paths, colours and the class that the code names; the text itself is not in it.
    return mark_safe(drawn)  # noqa: S308
