"""Every template compiles, keeps to the content security policy, and links only to addresses that exist."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.template import Template
from django.template.base import Node
from django.template.defaulttags import URLNode
from django.template.loader import get_template
from django.urls import URLPattern, URLResolver, get_resolver

FOLDER = Path(settings.BASE_DIR) / "templates"
NAMES = sorted(str(path.relative_to(FOLDER)) for path in FOLDER.rglob("*.html"))
# What the policy refuses in the browser, and what htmx would have to evaluate.
FORBIDDEN = {
    "inline style": re.compile(r"<style\b|\sstyle\s*=", re.IGNORECASE),
    "inline script": re.compile(r"<script\b(?![^>]*\bsrc=)(?![^>]*type=\"application/json\")", re.IGNORECASE),
    "inline handler": re.compile(r"\son[a-z]+\s*=", re.IGNORECASE),
    "htmx handler": re.compile(
        r"\b(?:data-)?hx-on\b|hx-vals\s*=\s*[\"']js:|hx-trigger\s*=\s*\"[^\"]*\[", re.IGNORECASE
    ),
    "javascript address": re.compile(r"javascript:", re.IGNORECASE),
}

# Looking for staff, projects and entries of the audit log: no visitor's name or number is typed there.
NO_VISITORS = frozenset({"clinic/staff_list.html", "clinic/projects.html", "clinic/audit.html"})
_FORM = re.compile(r"<form\b([^>]*)>(.*?)</form>", re.DOTALL)
# The attributes of a form, where a tag may hold a “>”; what it sends with htmx it sends without as well.
_SENDS = re.compile(r"<form\b((?:\{%.*?%\}|\{\{.*?\}\}|[^>{])*)>(.*?)</form>", re.DOTALL)
_POSTS = re.compile(r"\shx-post=")
_PLAIN = {"method": re.compile(r"\smethod=\"post\""), "action": re.compile(r"\saction=\"[^\"]")}
# A box for any text, or fields of which a template does not say what they are.
_TYPED = re.compile(r"<input\b(?=[^>]*\btype=\"(?:search|text|tel)\")|<input\b(?![^>]*\btype=)|\{\{ *(?:field|form)\b")
_BY_ADDRESS = re.compile(r"<input\b(?=[^>]*\bhx-get=)(?=[^>]*\btype=\"(?:search|text|tel)\")|\bhx-push-url=\"true\"")


def _named(patterns: list[URLPattern | URLResolver], namespace: str = "") -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from _named(pattern.url_patterns, inner)
        elif pattern.name:
            yield namespace + pattern.name


def _linked(template: Template) -> set[str]:
    nodes = [node for node in template.nodelist.get_nodes_by_type(Node) if isinstance(node, URLNode)]
    return {node.view_name.var for node in nodes if isinstance(node.view_name.var, str)}


@pytest.mark.parametrize("name", NAMES)
def test_template_compiles_and_links_to_addresses_that_exist(name: str) -> None:
    template = get_template(name).template  # type: ignore[attr-defined]
    assert _linked(template) <= set(_named(get_resolver().url_patterns))


@pytest.mark.parametrize("name", NAMES)
def test_template_keeps_to_the_content_security_policy(name: str) -> None:
    text = re.sub(r"\{#.*?#\}|\{% comment %\}.*?\{% endcomment %\}", "", (FOLDER / name).read_text(), flags=re.DOTALL)
    # What a tag is given by name is no attribute.
    text = re.sub(r"\{%.*?%\}", "", text)
    found = {what for what, pattern in FORBIDDEN.items() if pattern.search(text)}
    assert not found


@pytest.mark.parametrize("name", sorted(set(NAMES) - NO_VISITORS))
def test_s5_nobody_is_looked_for_by_an_address(name: str) -> None:
    text = (FOLDER / name).read_text()
    by_get = [
        inside
        for tag, inside in _FORM.findall(text)
        if 'method="post"' not in tag and "hx-post" not in tag and "hx-get" not in tag
    ]
    assert not [inside for inside in by_get if _TYPED.search(inside)]
    assert not _BY_ADDRESS.search(text)


@pytest.mark.parametrize("name", NAMES)
def test_a_form_that_htmx_sends_is_whole_without_it(name: str) -> None:
    """Sent by the browser itself, it puts nothing that was typed into the address; offline it says why it is held."""
    lacking = []
    for attributes, inside in _SENDS.findall((FOLDER / name).read_text()):
        if _POSTS.search(attributes):
            lacking += [what for what, pattern in _PLAIN.items() if not pattern.search(attributes)]
            lacking += [] if "{% csrf_token %}" in inside else ["csrf_token"]
    assert not lacking
