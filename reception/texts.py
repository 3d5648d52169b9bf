"""Texts of several lines as people type them, without what nobody sees."""

import unicodedata


def clean_text(text: str) -> str:
    """Return a text without control and direction marks; line breaks and the joiners of emoji stay."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(
        character
        for character in plain
        if character in "\n\t\u200c\u200d" or unicodedata.category(character) not in ("Cc", "Cf", "Cs")
    ).strip()
