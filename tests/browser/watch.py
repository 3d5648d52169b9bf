"""What a page must never do, noted while it is open."""

import json
import re
from functools import cache
from typing import Any

import polib
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from playwright.sync_api import ConsoleMessage, Page, Request, Response

# Two English words in a row on a Chinese page: names of people, addresses and keys apart, somebody forgot to translate.
ENGLISH = re.compile(r"\b[A-Za-z][a-z]+(?:[ ’'-]+[a-z]{2,})+\b")
VISIBLE_TEXT = """
() => {
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const parent = walker.currentNode.parentElement;
    const text = walker.currentNode.textContent.trim();
    const apart = 'kbd, code, pre, script, style, noscript, template, [lang=en], [data-name]';
    if (text && parent && !parent.closest(apart)) found.push(text);
  }
  for (const name of ['title', 'placeholder', 'aria-label'])
    for (const element of document.querySelectorAll(`[${name}]`))
      if (!element.closest('[lang=en]')) found.push(element.getAttribute(name).trim());
  return found;
}
"""
# The narrowest windows there are: a desk's, and a tablet's held upright.
DESK, TABLET = 1024, 768
WIDER_THAN_WINDOW = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
# A key may stand in every row of a table, where the row with the focus is meant; elsewhere it means one thing.
KEYS_OF_TWO = """
() => {
  const found = new Map();
  for (const element of document.querySelectorAll('[data-key]')) {
    if (element.closest('dialog, details:not([open]) > :not(summary)') || !element.checkVisibility()) continue;
    const key = element.dataset.key.toLowerCase();
    const means = element.closest('tr, [data-row]') ? 'a row' : element.id || element.textContent.trim();
    found.set(key, (found.get(key) ?? new Set()).add(means));
  }
  return [...found].filter(([, means]) => means.size > 1).map(([key, means]) => `${key}: ${[...means].join(' and ')}`);
}
"""
SETTLED = "() => !document.querySelector('.htmx-request') && document.readyState === 'complete'"


class Watch:
    """Listens to one page: console errors, refused content, failed requests."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.troubles: list[str] = []
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.troubles.append(f"script error: {error}"))
        page.on("requestfailed", self._failed)
        page.on("response", self._answered)

    def settle(self) -> None:
        """Wait until the page and the regions it loads are there."""
        self.page.wait_for_load_state("load")
        self.page.wait_for_function(SETTLED)

    def taken(self) -> list[str]:
        """Return what has gone wrong since the last time, and forget it."""
        found, self.troubles = self.troubles, []
        return found

    def faults(self, language: str, *, accessibility: bool = True, widths: tuple[int, ...] = (DESK,)) -> list[str]:
        """Return everything that is wrong with the page as it stands, also in windows as wide as these."""
        self.settle()
        found = self.taken()
        if accessibility:
            found += self.accessibility()
        if language == "zh":
            found += self.untranslated()
        found += self.keys()
        size = self.page.viewport_size
        for width in widths:
            self.page.set_viewport_size({"width": width, "height": 768})
            found += [f"at {width}: {wider}" for wider in self.width()]
        if size is not None:
            self.page.set_viewport_size(size)
        return found

    def accessibility(self) -> list[str]:
        """Return what axe finds, by rule and place."""
        found = Axe().run(self.page)
        return [
            f"axe {violation['id']} ({violation['impact']}): {_places(violation)}"
            for violation in found.response["violations"]
        ]

    def width(self) -> list[str]:
        """Return a line when the page is wider than its window."""
        wider = int(self.page.evaluate(WIDER_THAN_WINDOW))
        return [f"{wider} px wider than the window"] if wider > 0 else []

    def keys(self) -> list[str]:
        """Return each key that means two things at once."""
        return [f"key of two {found}" for found in self.page.evaluate(KEYS_OF_TWO)]

    def untranslated(self) -> list[str]:
        """Return English text on a page that should be Chinese."""
        shown: list[str] = self.page.evaluate(VISIBLE_TEXT)
        english = english_words()
        return sorted({f"untranslated: {text[:80]!r}" for text in shown if text in english or _looks_english(text)})

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.troubles.append(f"console: {message.text}")

    def _failed(self, request: Request) -> None:
        # Leaving a page ends its stream and what it was still loading.
        if request.failure != "net::ERR_ABORTED":
            self.troubles.append(f"request failed: {request.method} {request.url}: {request.failure}")

    def _answered(self, response: Response) -> None:
        if response.status >= 400:
            self.troubles.append(f"{response.status}: {response.request.method} {response.url}")


@cache
def english_words() -> frozenset[str]:
    """Return every English text that has a Chinese one of its own."""
    catalogue = polib.pofile(str(settings.BASE_DIR / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"))
    return frozenset(
        entry.msgid for entry in catalogue if entry.msgstr and entry.msgstr != entry.msgid and " " in entry.msgid
    )


def _looks_english(text: str) -> bool:
    return bool(ENGLISH.search(text)) and not re.search(r"[\u4e00-\u9fff]", text)


def _places(violation: dict[str, Any]) -> str:
    places = [json.dumps(node["target"], ensure_ascii=False) for node in violation["nodes"][:4]]
    return f"{violation['help']} at {', '.join(places)}"
