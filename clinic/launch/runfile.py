"""The run file: who runs, so that the next `up` or `down` finds exactly our processes and no stranger's."""

import fcntl
import json
import os
import secrets
from pathlib import Path
from typing import Any

from clinic.launch.paths import State
from clinic.launch.processes import Identity, boot_id


class RunFile:
    """What stands in the run file; every change is written at once, whole."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.mark = secrets.token_hex(8)
        self.facts: dict[str, Any] = {}
        self._children: dict[str, Identity] = {}

    @classmethod
    def read(cls, path: Path) -> "RunFile | None":
        """Return the run file of this boot of the machine; None when there is none."""
        try:
            content = json.loads(path.read_text())
            if content["boot"] != boot_id():
                return None
            run = cls(path)
            run.mark = content["mark"]
            run.facts = content["facts"]
            run._children = {name: Identity(*identity) for name, identity in content["children"].items()}
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            return None
        return run

    def children(self) -> dict[str, Identity]:
        """Return the processes by name."""
        return dict(self._children)

    @property
    def supervisor(self) -> Identity | None:
        """The supervisor that wrote the file."""
        identity = self.facts.get("supervisor")
        return Identity(*identity) if identity else None

    def set(self, **facts: Any) -> None:
        """Write down facts about this run: the address, who may sign in …"""
        self.facts |= facts
        self._write()

    def add_child(self, name: str, identity: Identity) -> None:
        """Write down a started child."""
        self._children[name] = identity
        self._write()

    def remove_child(self, name: str) -> None:
        """Forget a child that is gone with all its own children."""
        if self._children.pop(name, None) is not None:
            self._write()

    def _write(self) -> None:
        content = {
            "boot": boot_id(),
            "mark": self.mark,
            "facts": self.facts,
            "children": {name: [identity.pid, identity.started] for name, identity in self._children.items()},
        }
        fresh = self.path.with_suffix(".new")
        fresh.write_text(json.dumps(content, indent=1))
        fresh.replace(self.path)

    def remove(self) -> None:
        """Remove the file: nothing of ours runs any more."""
        self.path.unlink(missing_ok=True)


def take_lock(state: State) -> int | None:
    """Return a descriptor that holds the state's lock until this process ends; None when another holds it."""
    descriptor = os.open(state.lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor
