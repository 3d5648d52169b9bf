"""Pictures as people send them: judged by what is in them, and drawn anew, so that nothing of the bytes sent is kept.

Knows no Django. Whoever takes a picture in says in words what a `Trouble` means.
"""

import io
import re
import struct
from dataclasses import dataclass
from enum import StrEnum

from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

MOST_BYTES = 20 * 1024**2
# The largest sensors of phones and cameras in use. A JPEG is decoded at a fraction of its size, the others whole.
MOST_PIXELS = 64_000_000
MOST_PIXELS_WHOLE = 32_000_000
LONGEST_SIDE = 2560
SMALL_SIDE = 320
QUALITY = 88
MOST_PROFILE = 2 * 1024**2

_READ = ("JPEG", "PNG", "WEBP")
# What turns the direction of writing around, and what no file system of a camera writes.
_DISGUISE = re.compile("[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069<>\x00-\x1f]")
# A file that is a picture and something else at once. Pictures hold none of these; what cameras append is let through.
_SOMETHING_ELSE = re.compile(rb"<script|<!doctype html|<html[\s>]|<\?php|<svg\s+xmlns|%PDF-1\.", re.IGNORECASE)
_END_OF_ZIP = b"PK\x05\x06"
_LONGEST_ZIP_END = 22 + 65_535


class Trouble(StrEnum):
    """Why a file is not taken in."""

    EMPTY = "empty"
    NAME = "name"
    LARGE = "large"
    HEIC = "heic"
    KIND = "kind"
    PIXELS = "pixels"
    CARRIES = "carries"
    BROKEN = "broken"


class Unusable(Exception):
    """The file is no picture that can be kept."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble.value)
        self.trouble = trouble


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture drawn anew: two JPEGs without any metadata, the second small, and the size of the first in pixels."""

    content: bytes
    thumbnail: bytes
    width: int
    height: int


def drawn_anew(raw: bytes, name: str = "") -> Picture:
    """Return the picture in a file that somebody sent, upright, in sRGB, no longer than LONGEST_SIDE.

    Raises Unusable. The name is looked at only for what would mislead a reader; what the file is, its bytes say.
    """
    if _DISGUISE.search(name):
        raise Unusable(Trouble.NAME)
    if not raw:
        raise Unusable(Trouble.EMPTY)
    if len(raw) > MOST_BYTES:
        raise Unusable(Trouble.LARGE)
    if raw[4:8] == b"ftyp" and raw[8:12] in (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1"):
        raise Unusable(Trouble.HEIC)
    if _carries_something_else(raw):
        raise Unusable(Trouble.CARRIES)
    try:
        with Image.open(io.BytesIO(raw), formats=_READ) as probe:
            most = MOST_PIXELS if probe.format in ("JPEG", "MPO") else MOST_PIXELS_WHOLE
            # Only the header is read so far: a picture that would fill the memory is never decoded.
            if probe.width * probe.height > most or min(probe.size) < 1:
                raise Unusable(Trouble.PIXELS)
            probe.verify()
    except UnidentifiedImageError:
        raise Unusable(Trouble.KIND) from None
    except Image.DecompressionBombError:
        raise Unusable(Trouble.PIXELS) from None
    except Unusable:
        raise
    except Exception:
        # Decoders raise whatever they stumble over in bytes made to mislead them.
        raise Unusable(Trouble.BROKEN) from None
    try:
        return _draw(raw)
    except Exception:
        raise Unusable(Trouble.BROKEN) from None


def _draw(raw: bytes) -> Picture:
    with Image.open(io.BytesIO(raw), formats=_READ) as sent:
        # A JPEG is decoded no larger than it is needed; every byte of it is read all the same.
        sent.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
        sent.load()
        profile = sent.info.get("icc_profile")
        ImageOps.exif_transpose(sent, in_place=True)
        upright = _with_every_shade(sent)
        upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    upright = _in_srgb(upright, profile)
    # A new canvas: what was said beside the pixels (place, time, camera, comments) stays behind.
    clean = Image.new("RGB", upright.size)
    clean.paste(upright)
    small = clean.copy()
    small.thumbnail((SMALL_SIDE, SMALL_SIDE), Image.Resampling.LANCZOS)
    return Picture(_jpeg(clean), _jpeg(small), clean.width, clean.height)


def _with_every_shade(picture: Image.Image) -> Image.Image:
    """Return the picture in a mode that can be drawn smaller: no palette, no single bits, no sixteen bits of grey."""
    if picture.mode.startswith("I"):
        return picture.convert("I").point(lambda value: value / 256).convert("L")
    if picture.mode in ("P", "PA", "LA"):
        return picture.convert("RGBA")
    return picture.convert("L") if picture.mode == "1" else picture


def _in_srgb(picture: Image.Image, profile: bytes | None) -> Image.Image:
    """Return the picture as RGB on white; colours by its profile, because a reddened skin is judged by them."""
    if picture.mode == "RGBA":
        ground = Image.new("RGBA", picture.size, "white")
        picture = Image.alpha_composite(ground, picture).convert("RGB")
    if profile and len(profile) <= MOST_PROFILE and picture.mode in ("RGB", "CMYK", "L"):
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            turned = ImageCms.profileToProfile(picture, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
        except (ImageCms.PyCMSError, OSError, TypeError, ValueError):
            turned = None
        if turned is not None:
            return turned
    return picture.convert("RGB")


def _jpeg(picture: Image.Image) -> bytes:
    written = io.BytesIO()
    picture.save(written, "JPEG", quality=QUALITY)
    return written.getvalue()


def _carries_something_else(raw: bytes) -> bool:
    """Say whether the bytes are a page, a document, a program or an archive as well."""
    if _SOMETHING_ELSE.search(raw):
        return True
    at = raw.rfind(_END_OF_ZIP, max(0, len(raw) - _LONGEST_ZIP_END))
    if at < 0 or at + 22 > len(raw):
        return False
    (comment,) = struct.unpack_from("<H", raw, at + 20)
    return bool(at + 22 + comment == len(raw))
