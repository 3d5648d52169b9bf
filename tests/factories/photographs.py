"""Pictures drawn with plain shapes, and photographs taken in as the product takes them in."""

import io
from datetime import datetime
from itertools import count
from typing import Any

from PIL import Image, ImageDraw

from clinic.models import Staff
from consultations.models import Photograph
from consultations.services import keep_photographs
from consultations.services.photographs import Shot
from reception.models import Visitor

_numbers = count(1)


def a_picture(
    kind: str = "JPEG", *, size: tuple[int, int] = (64, 48), colour: str = "#c98", mode: str = "RGB", **how: Any
) -> bytes:
    """Return a picture file with an ellipse on it; every call draws another one."""
    picture = Image.new("RGB", size, colour)
    drawing = ImageDraw.Draw(picture)
    drawing.ellipse((4, 4, size[0] - 4, size[1] - 4), fill="#653")
    # Its number in light and dark strips, which no compression takes for another's.
    for place, bit in enumerate(f"{next(_numbers):016b}"):
        left = place * size[0] / 16
        drawing.rectangle((left, 0, left + size[0] / 16 - 1, size[1] / 4), fill="white" if bit == "1" else "black")
    written = io.BytesIO()
    picture.convert(mode).save(written, kind, **how)
    return written.getvalue()


def a_shot(raw: bytes | None = None, *, name: str = "IMG_0001.jpg", view: str = "front") -> Shot:
    """Return a file as a browser sends it."""
    return Shot(io.BytesIO(a_picture() if raw is None else raw), name, view)


def keep_photograph(visitor: Visitor, *, staff: Staff, now: datetime, view: str = "front", **how: Any) -> Photograph:
    """Take one photograph in, before a treatment unless said otherwise."""
    how.setdefault("stage", Photograph.Stage.BEFORE)
    how.setdefault("taken_on", staff.branch.today(now))
    (outcome,) = keep_photographs(visitor=visitor, shots=[a_shot(view=view)], staff=staff, now=now, **how)
    assert outcome.photograph is not None, outcome.sentence
    return outcome.photograph
