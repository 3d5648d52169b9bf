"""S7: what people send as a picture is judged by its content, drawn anew without metadata, or refused in a sentence."""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from clinic.models import StoredFile
from clinic.pictures import LONGEST_SIDE, MOST_BYTES, SMALL_SIDE, Picture, Trouble, Unusable, drawn_anew
from clinic.problems import Refused
from clinic.roles import Role
from clinic.services.files import SENTENCES, empty_file, read_picture, store_picture
from tests.conftest import MakeStaff
from tests.factories.photographs import a_picture

PLACE = {0x8825: {1: "N", 2: (31.0, 14.0, 0.0), 3: "E", 4: (121.0, 28.0, 0.0)}, 0x010F: "SpyCam", 0x9286: b"secret"}


def opened(content: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(content))
    picture.load()
    return picture


def with_place() -> bytes:
    exif = Image.Exif()
    exif[0x010F] = "SpyCam"
    exif[0x0112] = 6
    exif.get_ifd(0x8825).update(PLACE[0x8825])  # type: ignore[arg-type]
    return a_picture(size=(80, 40), exif=exif, comment=b"secret words")


def png_of(width: int, height: int) -> bytes:
    """Return a PNG that says it is very large and holds next to nothing."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    rows = b"\0" * min(64 * (1 + -(-width // 8)), 1024**2)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def with_an_archive() -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("a.txt", "a")
    return a_picture() + archive.getvalue()


def damaged_png() -> bytes:
    raw = bytearray(a_picture("PNG"))
    raw[60] ^= 0xFF
    return bytes(raw)


HOSTILE: dict[str, tuple[Callable[[], bytes], str, Trouble]] = {
    "nothing": (lambda: b"", "a.jpg", Trouble.EMPTY),
    "an svg": (
        lambda: b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        "a.svg",
        Trouble.CARRIES,
    ),
    "a quiet svg": (lambda: b"<svg width='1' height='1'></svg>", "a.jpg", Trouble.KIND),
    "html named jpg": (lambda: b"<!DOCTYPE html><title>x</title>", "a.jpg", Trouble.CARRIES),
    "html with a head": (lambda: b"\xff\xd8\xff\xe0<html><body>", "a.jpg", Trouble.CARRIES),
    "words": (lambda: b"this is no picture", "a.jpg", Trouble.KIND),
    "a gif": (lambda: a_picture("GIF"), "a.jpg", Trouble.KIND),
    "a bitmap": (lambda: a_picture("BMP"), "a.bmp", Trouble.KIND),
    "a tiff": (lambda: a_picture("TIFF"), "a.jpg", Trouble.KIND),
    "a pdf": (lambda: a_picture("PDF"), "a.jpg", Trouble.CARRIES),
    "an icon": (lambda: a_picture("ICO"), "a.png", Trouble.KIND),
    "a program": (lambda: b"MZ" + b"\0" * 400, "a.jpg", Trouble.KIND),
    "heic": (lambda: b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0" * 64, "IMG_1.HEIC", Trouble.HEIC),
    "half a jpeg": (lambda: a_picture(size=(400, 300))[:-900], "a.jpg", Trouble.BROKEN),
    "a head of a jpeg": (lambda: a_picture()[:24], "a.jpg", Trouble.BROKEN),
    "half a png": (lambda: a_picture("PNG", size=(400, 300))[:200], "a.png", Trouble.BROKEN),
    "half a webp": (lambda: a_picture("WEBP", size=(400, 300))[:-200], "a.webp", Trouble.BROKEN),
    "a damaged png": (damaged_png, "a.png", Trouble.BROKEN),
    "a bomb": (lambda: png_of(50_000, 50_000), "a.png", Trouble.PIXELS),
    "a wide bomb": (lambda: png_of(2_000_000_000, 40), "a.png", Trouble.PIXELS),
    "a large png": (lambda: png_of(8_000, 5_000), "a.png", Trouble.PIXELS),
    "no width": (lambda: png_of(0, 40), "a.png", Trouble.KIND),
    "one byte too many": (lambda: b"\xff" * (MOST_BYTES + 1), "a.jpg", Trouble.LARGE),
    "picture and page": (lambda: a_picture() + b"<script>alert(1)</script>", "a.jpg", Trouble.CARRIES),
    "page in a comment": (lambda: a_picture(comment=b"<?php system($_GET['c']); ?>"), "a.jpg", Trouble.CARRIES),
    "picture and archive": (with_an_archive, "a.jpg", Trouble.CARRIES),
    "picture and document": (lambda: a_picture() + b"%PDF-1.7 ...", "a.jpg", Trouble.CARRIES),
    "a name with tags": (a_picture, "<b>nose</b>.jpg", Trouble.NAME),
    "a name turned around": (a_picture, "nose\u202egpj.exe", Trouble.NAME),
    "a name with NUL": (a_picture, "nose\x00.jpg", Trouble.NAME),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_what_is_no_clean_picture_is_refused_in_a_sentence(case: str) -> None:
    made, name, trouble = HOSTILE[case]
    with pytest.raises(Refused) as refused:
        read_picture(file=io.BytesIO(made()), name=name)
    assert refused.value.code == trouble.value
    assert str(refused.value.message).endswith(".")


def test_every_trouble_has_a_sentence() -> None:
    assert set(SENTENCES) == set(Trouble)
    assert {trouble for _made, _name, trouble in HOSTILE.values()} == set(Trouble)


@pytest.mark.parametrize(
    ("kind", "mode", "how"),
    [
        ("JPEG", "RGB", {}),
        ("JPEG", "L", {}),
        ("JPEG", "CMYK", {}),
        ("JPEG", "RGB", {"progressive": True}),
        ("PNG", "RGB", {}),
        ("PNG", "RGBA", {}),
        ("PNG", "P", {}),
        ("PNG", "1", {}),
        ("PNG", "LA", {}),
        ("PNG", "I;16", {}),
        ("WEBP", "RGB", {"lossless": True}),
        ("WEBP", "RGBA", {}),
    ],
)
def test_what_cameras_write_is_taken(kind: str, mode: str, how: dict[str, Any]) -> None:
    raw = a_picture(kind, mode=mode, size=(120, 90), **how) if mode != "I;16" else _grey_of_sixteen_bits()
    picture = drawn_anew(raw, "照片 (2).jpg")
    seen = opened(picture.content)
    assert (seen.format, seen.mode, seen.size) == ("JPEG", "RGB", (picture.width, picture.height))
    assert opened(picture.thumbnail).size == (120, 90)
    pixel = seen.getpixel((60, 45))
    if mode != "1":
        assert isinstance(pixel, tuple) and 40 < max(pixel) < 250, "the ellipse is seen, neither black nor burnt out"


def _grey_of_sixteen_bits() -> bytes:
    written = io.BytesIO()
    Image.new("I;16", (120, 90), 128 * 256).save(written, "PNG")
    return written.getvalue()


def test_a_picture_of_several_in_one_file_is_its_first() -> None:
    """Phones write JPEGs that hold a second picture, or a film behind the first."""
    written = io.BytesIO()
    first, second = opened(a_picture(size=(90, 60))), opened(a_picture(size=(90, 60)))
    first.save(written, "MPO", save_all=True, append_images=[second])
    assert drawn_anew(written.getvalue()).width == 90
    film = b"\0\0\0\x18ftypmp42" + b"\0" * 500
    assert drawn_anew(a_picture(size=(90, 60)) + film).width == 90


def test_a_large_picture_of_a_phone_is_taken() -> None:
    written = io.BytesIO()
    Image.new("L", (8064, 6048), 120).save(written, "JPEG", quality=30)
    picture = drawn_anew(written.getvalue())
    assert (picture.width, picture.height) == (LONGEST_SIDE, LONGEST_SIDE * 3 // 4)


def test_nothing_said_beside_the_pixels_is_kept() -> None:
    raw = with_place()
    assert b"SpyCam" in raw and b"secret words" in raw
    picture = drawn_anew(raw)
    for content in (picture.content, picture.thumbnail):
        seen = opened(content)
        assert not dict(seen.getexif())
        assert not {"exif", "comment", "icc_profile", "xmp", "photoshop"} & set(seen.info)
        assert b"SpyCam" not in content and b"secret" not in content and b"Exif" not in content
    assert (picture.width, picture.height) == (40, 80), "turned as the camera was held"


def test_it_is_drawn_no_larger_than_it_is_looked_at() -> None:
    picture = drawn_anew(a_picture(size=(5000, 2500)))
    assert (picture.width, picture.height) == (LONGEST_SIDE, LONGEST_SIDE // 2)
    assert opened(picture.thumbnail).size == (SMALL_SIDE, SMALL_SIDE // 2)


def _with_red_and_blue_exchanged() -> bytes:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    table = 128 + 4 + 12 * int.from_bytes(profile[128:132], "big")
    tags = profile[:table].replace(b"rXYZ", b"????").replace(b"bXYZ", b"rXYZ").replace(b"????", b"bXYZ")
    return tags + profile[table:]


def test_colours_are_told_in_srgb() -> None:
    """The same numbers mean another colour in another profile: they are turned, not just passed on."""
    odd = _with_red_and_blue_exchanged()
    red, _green, blue = opened(drawn_anew(a_picture("PNG", colour="#cc4433", icc_profile=odd)).content).getpixel(
        (1, 40)
    )  # type: ignore[misc]
    assert blue > 150 > red
    assert drawn_anew(a_picture(icc_profile=b"no profile at all")).width == 64


def test_the_same_file_is_drawn_the_same() -> None:
    raw = a_picture("PNG")
    assert drawn_anew(raw) == drawn_anew(raw)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300), st.integers(0, 400), st.sampled_from(["JPEG", "PNG", "WEBP"]))
def test_any_damage_ends_in_a_picture_or_a_trouble(damage: bytes, at: int, kind: str) -> None:
    raw = bytearray(a_picture(kind, size=(40, 30)))
    raw[at : at + len(damage)] = damage
    try:
        assert isinstance(drawn_anew(bytes(raw)), Picture)
    except Unusable as error:
        assert error.trouble in Trouble


@pytest.mark.django_db
def test_a_stored_file_is_emptied_once_and_changed_never(staff_with: MakeStaff, now: datetime) -> None:
    staff = staff_with(Role.NURSE)
    file = store_picture(picture=drawn_anew(a_picture()), staff=staff, now=now)
    for wrong in ({"content": b"other"}, {"sha256": "0" * 64}, {"emptied_at": now}, {"content": b"", "thumbnail": b""}):
        with pytest.raises(DatabaseError), transaction.atomic():
            StoredFile.objects.filter(pk=file.pk).update(**wrong)
    with pytest.raises(DatabaseError), transaction.atomic():
        StoredFile.objects.filter(pk=file.pk).delete()
    empty_file(file=file, now=now)
    empty_file(file=file, now=now)
    file.refresh_from_db()
    assert (bytes(file.content), bytes(file.thumbnail), file.emptied_at) == (b"", b"", now)
    with pytest.raises(DatabaseError), transaction.atomic():
        StoredFile.objects.filter(pk=file.pk).update(content=b"back")
