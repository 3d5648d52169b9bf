"""Files that people send: judged, drawn anew, kept, emptied."""

import hashlib
from datetime import datetime
from typing import IO

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from clinic.models import Staff, StoredFile
from clinic.pictures import MOST_BYTES, Picture, Trouble, Unusable, drawn_anew
from clinic.problems import Refused

SENTENCES: dict[Trouble, Promise] = {
    Trouble.EMPTY: _("The file is empty. Take the picture again, or choose another file."),
    Trouble.NAME: _("The name of this file holds signs that hide what it is. Rename the file and send it again."),
    Trouble.LARGE: _("The file has more than 20 MB. Send a smaller picture."),
    Trouble.HEIC: _(
        "HEIC pictures cannot be read here. Set the camera to “most compatible” (JPEG), or export the picture as JPEG."
    ),
    Trouble.KIND: _("This is no picture in JPEG, PNG or WebP, whatever its name says. Send the picture itself."),
    Trouble.PIXELS: _(
        "The picture has too many pixels: 64 million are the most in a JPEG, 32 million in PNG and WebP."
        " Send a smaller one."
    ),
    Trouble.CARRIES: _("The file is a picture and something else at once. It is not kept; send the picture alone."),
    Trouble.BROKEN: _("The picture is damaged or cut off. Send it again from the camera."),
}


def read_picture(*, file: IO[bytes], name: str) -> Picture:
    """Return the picture somebody sent, drawn anew; takes its time, so it is called outside of transactions.

    Raises Refused with the code and the sentence of the trouble.
    """
    try:
        # One byte more than is allowed tells that there is more, however much there is.
        return drawn_anew(file.read(MOST_BYTES + 1), name)
    except Unusable as error:
        raise Refused(SENTENCES[error.trouble], code=error.trouble.value) from error


def hash_of(picture: Picture) -> str:
    """Return the SHA-256 a picture is stored under: the same file sent again has the same."""
    return hashlib.sha256(picture.content).hexdigest()


@transaction.atomic
def store_picture(*, picture: Picture, staff: Staff, now: datetime) -> StoredFile:
    """Keep a picture that `read_picture` gave."""
    return StoredFile.objects.create(
        content_type="image/jpeg",
        size=len(picture.content),
        sha256=hash_of(picture),
        width=picture.width,
        height=picture.height,
        content=picture.content,
        thumbnail=picture.thumbnail,
        branch=staff.branch,
        uploaded_by=staff,
        uploaded_at=now,
    )


@transaction.atomic
def empty_file(*, file: StoredFile, now: datetime) -> None:
    """Take the content of a file away for good; its row stays. An empty one is left as it is."""
    StoredFile.objects.filter(pk=file.pk, emptied_at=None).update(content=b"", thumbnail=b"", emptied_at=now)
