"""Where things lie: the source tree, and the state of one running system beside it."""

import os
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class State:
    """The folder that holds everything one system keeps: secrets, data, logs, its run file.

    ``.local`` in the source tree unless ``LAUNCH_STATE`` or ``--state`` names another.
    """

    folder: Path

    @classmethod
    def chosen(cls, folder: str | None = None) -> "State":
        """Return the state in *folder*, else in ``$LAUNCH_STATE``, else in ``.local``."""
        named = folder or os.environ.get("LAUNCH_STATE")
        return cls(Path(named).resolve() if named else ROOT / ".local")

    @property
    def lock(self) -> Path:
        """The file the running supervisor holds locked."""
        return self.folder / "run.lock"

    @property
    def run_file(self) -> Path:
        """Who runs: pids with their start times, the address."""
        return self.folder / "run.json"

    @property
    def secrets(self) -> Path:
        """Generated once, mode 600."""
        return self.folder / "secrets.json"

    @property
    def environment(self) -> Path:
        """The settings of the system that ran last, as ``NAME=value`` lines, mode 600."""
        return self.folder / "env"

    @property
    def logs(self) -> Path:
        """One rotated log for each process."""
        return self.folder / "log"

    @property
    def static(self) -> Path:
        """What ``collectstatic`` gathers and Caddy serves."""
        return self.folder / "static"

    @property
    def caddy(self) -> Path:
        """Caddy's own data, its certificate authority among it."""
        return self.folder / "caddy"

    def prepare(self) -> None:
        """Create the folder; nobody else may look into it, except to pass through."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o711)
        self.logs.mkdir(exist_ok=True)
        self.logs.chmod(0o700)
