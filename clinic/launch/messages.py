"""The Chinese translation: collect the messages, fill them in, compile them, check them.

``collect``   take up every message of the source tree into the .po file, drop those no longer used
``put FILE``  set translations from a JSON file: ``{"msgid": "msgstr", "plural msgid": ["msgstr"]}``
``compile``   write the .mo file Django reads (without GNU gettext)
``check``     fail when a message is missing, superfluous, untranslated, fuzzy, or its placeholders differ

A message with a context is named ``"context\\u0004msgid"`` in JSON.
"""

import argparse
import contextlib
import fcntl
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import polib

from clinic.launch.paths import ROOT

LANGUAGE = "zh_Hans"
SUFFIXES = (".py", ".html", ".txt")
NOT_SEARCHED = {"tests", "docs", "static", "locale", "node_modules", "__pycache__"}
HEADER = {
    "Project-Id-Version": "front desk",
    "Language": LANGUAGE,
    "MIME-Version": "1.0",
    "Content-Type": "text/plain; charset=UTF-8",
    "Content-Transfer-Encoding": "8bit",
    "Plural-Forms": "nplurals=1; plural=0;",
}
PLACEHOLDER = re.compile(r"%\((\w+)\)[#0\- +]*\d*(?:\.\d+)?[a-zA-Z]|%[#0\- +]*\d*(?:\.\d+)?([sdifr])|\{(\w*)\}")


class MessagesError(Exception):
    """Something the caller has to put right; the text says what."""


def po_path(root: Path = ROOT) -> Path:
    """Return the path of the one translation file."""
    return root / "locale" / LANGUAGE / "LC_MESSAGES" / "django.po"


@contextlib.contextmanager
def locked(root: Path) -> Iterator[None]:
    """Let one process at a time change the translation file."""
    folder = po_path(root).parent
    folder.mkdir(parents=True, exist_ok=True)
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def load(root: Path) -> polib.POFile:
    """Read the translation file; an empty one when there is none yet."""
    path = po_path(root)
    po = polib.pofile(str(path), encoding="utf-8") if path.exists() else polib.POFile(encoding="utf-8")
    po.metadata = dict(HEADER)
    po.metadata_is_fuzzy = False
    po.header = ""
    po.wrapwidth = 120
    return po


def save(po: polib.POFile, root: Path) -> None:
    """Write the file sorted by message, so that two people's additions seldom touch the same lines."""
    po.sort(key=lambda entry: (entry.msgid, entry.msgctxt or ""))
    path = po_path(root)
    fresh = path.with_suffix(".po.new")
    po.save(str(fresh))
    fresh.replace(path)


def sources(root: Path) -> list[Path]:
    """List the files that may hold messages: tracked or new ones, never ignored ones."""
    listing = subprocess.run(
        ["git", "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        capture_output=True,
        check=False,
    )
    if listing.returncode == 0:
        names = [Path(os.fsdecode(name)) for name in listing.stdout.split(b"\0") if name]
    else:
        names = [path.relative_to(root) for path in root.rglob("*")]
    return sorted(
        name
        for name in set(names)
        if name.suffix in SUFFIXES
        and not NOT_SEARCHED.intersection(name.parts[:-1])
        and not any(part.startswith(".") for part in name.parts[:-1])
        and (root / name).is_file()
    )


def extract(root: Path) -> polib.POFile:
    """Return every message of the source tree, found by Django's own extractor in a temporary copy."""
    if shutil.which("xgettext") is None:
        raise MessagesError("GNU gettext is not installed: apt-get install gettext")
    with tempfile.TemporaryDirectory(prefix="messages-") as name:
        copy = Path(name)
        for path in sources(root):
            target = copy / path
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(root / path, target)
        (copy / "locale" / LANGUAGE).mkdir(parents=True, exist_ok=True)
        environment = {key: value for key, value in os.environ.items() if key != "DJANGO_SETTINGS_MODULE"}
        command = ["-m", "django", "makemessages", "-l", LANGUAGE, "--no-location", "--keep-pot", "-v", "0"]
        done = subprocess.run(
            [sys.executable, "-P", *command], cwd=copy, env=environment, capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            raise MessagesError((done.stderr or done.stdout).strip())
        template = copy / "locale" / "django.pot"
        return polib.pofile(str(template), encoding="utf-8") if template.exists() else polib.POFile()


def key(entry: polib.POEntry) -> str:
    """Name an entry as the JSON files do."""
    return f"{entry.msgctxt}\u0004{entry.msgid}" if entry.msgctxt else entry.msgid


def collect(root: Path = ROOT) -> int:
    """Bring the translation file up to date with the sources; print what came, went and is open."""
    with locked(root):
        template = extract(root)
        po = load(root)
        known = {key(entry): entry for entry in po if not entry.obsolete}
        fresh = polib.POFile(encoding="utf-8", wrapwidth=120)
        fresh.metadata = dict(HEADER)
        added = 0
        for found in template:
            before = known.pop(key(found), None)
            entry = polib.POEntry(
                msgid=found.msgid,
                msgctxt=found.msgctxt,
                msgid_plural=found.msgid_plural,
                comment=found.comment,
                flags=[flag for flag in found.flags if flag != "fuzzy"],
            )
            if found.msgid_plural:
                entry.msgstr_plural = {0: ""}
                if before is not None:
                    entry.msgstr_plural[0] = dict(before.msgstr_plural).get(0, "") or before.msgstr
            elif before is not None:
                entry.msgstr = before.msgstr or dict(before.msgstr_plural).get(0, "")
            added += before is None
            fresh.append(entry)
        save(fresh, root)
        compile_messages(root, force=True)
    untranslated = [key(entry) for entry in fresh if not entry.translated()]
    print(f"{len(fresh)} messages, {added} new, {len(known)} dropped, {len(untranslated)} untranslated")
    for name in untranslated:
        print(json.dumps(name, ensure_ascii=False))
    return 0


def put(file: Path, root: Path = ROOT) -> int:
    """Set translations from a JSON file, clear their fuzzy marks, compile. Messages not in use are refused."""
    wanted = json.loads(file.read_text(encoding="utf-8"))
    if not isinstance(wanted, dict):
        raise MessagesError(f"{file}: an object of msgid → msgstr is expected")
    with locked(root):
        po = load(root)
        entries = {key(entry): entry for entry in po if not entry.obsolete}
        unknown = []
        for name, text in wanted.items():
            entry = entries.get(name)
            if entry is None:
                unknown.append(name)
                continue
            if isinstance(text, list):
                text = text[0]
            if entry.msgid_plural:
                entry.msgstr_plural = {0: text}
            else:
                entry.msgstr = text
            entry.flags = [flag for flag in entry.flags if flag != "fuzzy"]
            entry.previous_msgid = None
        save(po, root)
        compile_messages(root, force=True)
    print(f"{len(wanted) - len(unknown)} translations set")
    for name in unknown:
        print(f"not a message of the sources (collect first?): {name!r}", file=sys.stderr)
    return 1 if unknown else 0


def compile_messages(root: Path = ROOT, *, force: bool = False) -> int:
    """Write the .mo file when it is missing or older than its source."""
    path = po_path(root)
    target = path.with_suffix(".mo")
    if not path.exists():
        return 0
    if force or not target.exists() or target.stat().st_mtime_ns <= path.stat().st_mtime_ns:
        fresh = target.with_suffix(".mo.new")
        polib.pofile(str(path), encoding="utf-8").save_as_mofile(str(fresh))
        fresh.replace(target)
    return 0


def placeholders(text: str, flags: list[str]) -> list[str]:
    """List the names a formatted message fills in, sorted; nothing for a plain message."""
    kinds = {"python-format": 0, "python-brace-format": 1}
    wanted = {kinds[flag] for flag in flags if flag in kinds}
    found = PLACEHOLDER.finditer(text.replace("%%", ""))
    return sorted({match.group(0) for match in found if match.group(0).startswith("{") == (1 in wanted) and wanted})


def faults(po: polib.POFile, template: polib.POFile) -> list[str]:
    """Say what is wrong with a translation file, one line for each fault; empty when nothing is."""
    found: list[str] = []
    entries = {key(entry): entry for entry in po if not entry.obsolete}
    used = {key(entry): entry for entry in template}
    found += [f"missing, run `collect`: {name!r}" for name in used if name not in entries]
    found += [f"no longer used, run `collect`: {name!r}" for name in entries if name not in used]
    for name, entry in entries.items():
        if entry.fuzzy:
            found.append(f"fuzzy: {name!r}")
        if not entry.translated() and not entry.fuzzy:
            found.append(f"untranslated: {name!r}")
            continue
        flags = used[name].flags if name in used else entry.flags
        texts = list(dict(entry.msgstr_plural).values()) if entry.msgid_plural else [entry.msgstr]
        expected = placeholders(entry.msgid_plural or entry.msgid, flags)
        for text in texts:
            if placeholders(text, flags) != expected:
                found.append(f"placeholders differ: {name!r} → {text!r}")
    return found


def check(root: Path = ROOT) -> int:
    """Compare the translation file with the sources; print each fault; 1 when there is one."""
    found = faults(load(root), extract(root))
    for line in found:
        print(line)
    print(f"{len(found)} faults in {po_path(root).relative_to(root)}" if found else "every message is translated")
    return 1 if found else 0


def main(arguments: list[str] | None = None) -> int:
    """Run one of the four commands."""
    parser = argparse.ArgumentParser(prog="python -m clinic.launch.messages", description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("collect", help="take up every message of the sources")
    commands.add_parser("put", help="set translations from a JSON file").add_argument("file", type=Path)
    commands.add_parser("compile", help="write the .mo file")
    commands.add_parser("check", help="fail on anything missing, superfluous, untranslated or fuzzy")
    options = parser.parse_args(arguments)
    try:
        match options.command:
            case "collect":
                return collect()
            case "put":
                return put(options.file)
            case "compile":
                return compile_messages()
            case _:
                return check()
    except MessagesError as error:
        print(error, file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
