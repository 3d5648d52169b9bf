"""What the processes say: all of it into rotated files, the part that matters onto the terminal."""

import os
import re
import sys
import time
from pathlib import Path

LARGEST = 5_000_000
KEPT = 3
NOTABLE = re.compile(
    r"\b(error|critical|fatal|panic|traceback|exception)\b|level='(warning|error|critical)'", re.IGNORECASE
)
# What is said because we ask before it is ready, or stop it.
EXPECTED = re.compile(r"database system is (starting up|shutting down)|due to administrator command")
LINES_AT_ONCE = 4
QUIET_SECONDS = 10.0


class Terminal:
    """Writes to the terminal as long as there is one; a closed one is no reason to stop a hospital's desk.

    A calm one shows what we say ourselves and nothing of the logs.
    """

    def __init__(self) -> None:
        self.open = True
        self.calm = False

    def say(self, text: str = "") -> None:
        """Write one line."""
        if self.open:
            try:
                print(text, flush=True)
            except OSError:
                self.open = False
                # Else the interpreter would complain once more on its way out.
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


class Log:
    """The log of one process: lines to its file, notable ones to the terminal, few at a time."""

    def __init__(self, name: str, folder: Path, terminal: Terminal, *, shown: bool = False) -> None:
        self.name = name
        self.path = folder / f"{name}.log"
        self.terminal = terminal
        self._all = shown
        self._file = self.path.open("ab")
        self._rest = b""
        self._shown = 0
        self._hidden = 0
        self._window = 0.0

    def take(self, data: bytes) -> None:
        """Take what the process wrote; half a line waits for its other half."""
        self._file.write(data)
        self._file.flush()
        if self._file.tell() > LARGEST:
            self._rotate()
        *lines, self._rest = (self._rest + data).split(b"\n")
        self._rest = self._rest[-10_000:]
        for line in lines:
            text = line.decode(errors="replace").rstrip()
            if self._all and text:
                self.terminal.say(f"{self.name:>10} │ {text}")
            elif not self.terminal.calm and NOTABLE.search(text) and not EXPECTED.search(text):
                self._show(text)

    def note(self, text: str) -> None:
        """Write a line of the supervisor about this process, to file and terminal."""
        stamp = time.strftime("%Y-%m-%d %H:%M:%S")
        self._file.write(f"{stamp} {text}\n".encode())
        self._file.flush()
        self.terminal.say(f"{self.name:>10} │ {text}")

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _show(self, text: str) -> None:
        now = time.monotonic()
        if now - self._window > QUIET_SECONDS:
            if self._hidden:
                self.terminal.say(f"{self.name:>10} │ … and {self._hidden} more such lines in {self.path}")
            self._window, self._shown, self._hidden = now, 0, 0
        if self._shown < LINES_AT_ONCE:
            self._shown += 1
            self.terminal.say(f"{self.name:>10} │ {text[:300]}")
        else:
            self._hidden += 1

    def _rotate(self) -> None:
        self._file.close()
        for number in range(KEPT, 0, -1):
            older = self.path.with_suffix(f".log.{number}")
            newer = self.path.with_suffix(f".log.{number - 1}") if number > 1 else self.path
            if newer.exists():
                newer.replace(older)
        self._file = self.path.open("ab")
