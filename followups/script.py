"""A script's places filled in. Knows the places, not where their words come from."""

import re
from collections.abc import Mapping

PLACES = ("visitor", "staff", "hospital", "project", "doctor", "days", "date", "next")
_PLACE = re.compile(r"\{(" + "|".join(PLACES) + r")\}")


def fill(script: str, words: Mapping[str, str]) -> str:
    """Return the script with each place such as ``{visitor}`` replaced; a name that looks like a place stays a name.

    Raises KeyError when a place of the script has no word.
    """
    return _PLACE.sub(lambda match: words[match[1]], script)
