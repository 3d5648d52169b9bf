"""A script's places filled in. Knows the places, not where their words come from."""

import re
from collections.abc import Mapping

PLACES = ("visitor", "staff", "hospital", "project", "doctor", "days", "date", "next")
# Whatever stands in brackets, also in those of a Chinese keyboard.
_BRACKETS = re.compile(r"[{｛][^{}｛｝\n]*[}｝]")
_PLACE = re.compile(r"\{(" + "|".join(PLACES) + r")\}")


def fill(script: str, words: Mapping[str, str]) -> str:
    """Return the script with each place such as ``{visitor}`` replaced; a name that looks like a place stays a name.

    Raises KeyError when a place of the script has no word.
    """
    return _PLACE.sub(lambda match: words[match[1]], script)


def unknown_places(script: str) -> list[str]:
    """Return what looks like a place of the script and is none, each once, as it stands there."""
    return [found for found in dict.fromkeys(_BRACKETS.findall(script)) if not _PLACE.fullmatch(found)]
