"""One parent for every process of the system: starts, restarts, logs and stops them."""

import contextlib
import os
import selectors
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from clinic.launch.logs import Log, Terminal
from clinic.launch.processes import MARK, Account, Identity, adopt_orphans, end, left_of, start
from clinic.launch.runfile import RunFile

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 30.0
STEADY_SECONDS = 60.0


class Stopped(Exception):
    """Somebody asked the system to stop."""


class Failed(Exception):
    """The system cannot start; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Program:
    """A process to keep running.

    ``stop`` lists what is sent to it after how many seconds, until it goes; the last resort follows by itself after
    ``stop_seconds``, whose longest among those that stop first and among those that stop ``last`` stay below six
    together. ``death_signal`` is what the kernel sends it when the supervisor dies suddenly. What a ``shown`` one says
    is for the terminal; a ``direct`` one writes into its log itself, for a supervisor that is busy elsewhere.
    """

    name: str
    argv: Sequence[str]
    env: Mapping[str, str]
    cwd: Path
    stop: tuple[tuple[float, signal.Signals], ...] = ((0.0, signal.SIGTERM),)
    stop_seconds: float = 3.5
    death_signal: signal.Signals = signal.SIGTERM
    account: Account | None = None
    last: bool = False
    shown: bool = False
    direct: bool = False


@dataclass(slots=True)
class Child:
    """A program and the process that runs it now."""

    program: Program
    log: Log
    process: "subprocess.Popen[bytes] | None" = None
    identity: Identity | None = None
    started: float = 0.0
    pause: float = FIRST_PAUSE
    due: float | None = None
    status: int | None = None
    keep: bool = True


@dataclass(slots=True)
class Supervisor:
    """The parent. One thread: it must be the main one, for the kernel's parent-death signal."""

    run: RunFile
    logs: Path
    terminal: Terminal
    children: dict[str, Child] = field(default_factory=dict)
    stopping: bool = False
    _asked: int = 0
    _selector: selectors.BaseSelector = field(default_factory=selectors.DefaultSelector)
    _wake: int = -1

    def __post_init__(self) -> None:
        adopt_orphans()
        self._wake, writing = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self._selector.register(self._wake, selectors.EVENT_READ)
        signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda number, frame: None)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._ask)

    def _ask(self, number: int, frame: FrameType | None) -> None:
        self._asked += 1

    def start(self, program: Program) -> Child:
        """Start a program and keep it running from now on."""
        child = Child(program, Log(program.name, self.logs, self.terminal, shown=program.shown))
        self.children[program.name] = child
        self._launch(child)
        return child

    def finish(self, program: Program) -> int:
        """Run a program to its end and return its exit status; raise Stopped when asked to stop meanwhile."""
        child = Child(program, Log(program.name, self.logs, self.terminal, shown=program.shown), keep=False)
        self.children[program.name] = child
        self._launch(child)
        while child.status is None:
            self.pump(0.5)
        del self.children[program.name]
        child.log.close()
        return child.status

    def wait(self, ready: Callable[[], bool], *, seconds: float, what: str, needs: Sequence[Child] = ()) -> None:
        """Go on as soon as *ready* says so; raise Failed after *seconds*, or when a needed child keeps dying."""
        deadline = time.monotonic() + seconds
        while not ready():
            for child in needs:
                if child.pause > FIRST_PAUSE * 4:
                    raise Failed(f"{child.program.name} does not start; see {child.log.path}")
            if time.monotonic() > deadline:
                raise Failed(f"{what} is not there after {seconds:.0f} s; see {self.logs}")
            self.pump(0.03)

    def forever(self) -> None:
        """Keep everything running until somebody asks to stop."""
        with contextlib.suppress(Stopped):
            while True:
                self.pump(30.0)

    def pump(self, seconds: float) -> None:
        """Do what there is to do, for at most *seconds*; raise Stopped when asked to stop."""
        if self._asked and not self.stopping:
            raise Stopped
        now = time.monotonic()
        dues = [child.due - now for child in self.children.values() if child.due is not None]
        for chosen, _ in self._selector.select(max(0.0, min([seconds, *dues]))):
            if chosen.fd == self._wake:
                with contextlib.suppress(BlockingIOError):
                    os.read(self._wake, 4096)
            else:
                self._read(chosen.fd, chosen.data)
        self._reap()
        if not self.stopping:
            for child in self.children.values():
                if child.due is not None and child.due <= time.monotonic():
                    self._launch(child)

    def stop(self) -> bool:
        """Stop everything, the databases last; return whether all of it is gone."""
        self.stopping = True
        self.terminal.calm = True
        asked = self._asked
        for last in (False, True):
            stage = [child for child in self.children.values() if child.program.last is last and child.process]
            began = time.monotonic()
            sent: dict[tuple[str, float], bool] = {}
            while any(child.process for child in stage):
                passed = time.monotonic() - began
                for child in stage:
                    if child.process is None or child.identity is None:
                        continue
                    for after, number in child.program.stop:
                        if passed >= after and not sent.get((child.program.name, after)):
                            sent[child.program.name, after] = True
                            child.identity.send(number)
                    # A second Ctrl-C means: now.
                    if passed > child.program.stop_seconds or self._asked > asked + 1:
                        child.log.note("does not stop by itself: ended by force")
                        child.identity.send(signal.SIGKILL)
                        child.program = _without_patience(child.program)
                self.pump(0.05)
        self.pump(0.0)
        return not any(child.process for child in self.children.values())

    def _launch(self, child: Child) -> None:
        program = child.program
        reading = -1
        if program.direct:
            writing = os.open(child.log.path, os.O_WRONLY | os.O_TRUNC | os.O_APPEND | os.O_CLOEXEC)
        else:
            reading, writing = os.pipe2(os.O_CLOEXEC)
            os.set_blocking(reading, False)
        try:
            child.process = start(
                program.argv,
                env={**program.env, MARK: self.run.mark},
                cwd=program.cwd,
                output=writing,
                account=program.account,
                death_signal=program.death_signal,
            )
        finally:
            os.close(writing)
        child.identity = Identity.of(child.process.pid)
        child.started = time.monotonic()
        child.due = None
        if reading >= 0:
            self._selector.register(reading, selectors.EVENT_READ, child)
        if child.identity is not None:
            self.run.add_child(program.name, child.identity)

    def _read(self, descriptor: int, child: Child) -> None:
        try:
            data = os.read(descriptor, 65536)
        except BlockingIOError:
            return
        if data:
            child.log.take(data)
        else:
            self._selector.unregister(descriptor)
            os.close(descriptor)

    def _reap(self) -> None:
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            for child in self.children.values():
                if child.process is not None and child.process.pid == pid:
                    child.process.returncode = os.waitstatus_to_exitcode(status)
                    self._ended(child, child.process.returncode)

    def _ended(self, child: Child, code: int) -> None:
        """Clear up behind a child that ended, and set the time of its next start."""
        identity = child.identity
        child.process, child.identity, child.status = None, None, code
        for chosen in list(self._selector.get_map().values()):
            if chosen.data is child:
                self._read(chosen.fd, child)
        if identity is not None:
            for orphan in left_of(identity, self.run.mark):
                orphan.send(signal.SIGKILL)
        self.run.remove_child(child.program.name)
        if self.stopping or not child.keep:
            return
        if time.monotonic() - child.started > STEADY_SECONDS:
            child.pause = FIRST_PAUSE
        child.due = time.monotonic() + child.pause
        child.log.note(f"{ending(code)}; starting it again in {child.pause:g} s")
        child.pause = min(child.pause * 2, LONGEST_PAUSE)


def _without_patience(program: Program) -> Program:
    """Return the program as one that is not asked again."""
    return Program(program.name, program.argv, program.env, program.cwd, (), 3600.0, last=program.last)


def ending(code: int) -> str:
    """Say in words how a process ended."""
    if code < 0:
        with contextlib.suppress(ValueError):
            return f"ended by {signal.Signals(-code).name}"
        return f"ended by signal {-code}"
    return f"ended with status {code}"


def clean_up(run: RunFile, *, seconds: float = 6.0) -> list[str]:
    """End what an earlier supervisor that died suddenly left running; return the names of what was ended.

    Raise Failed when something withstands even force.
    """
    ended: list[str] = []
    children = run.children()
    for last in (False, True):
        names = [name for name in children if (name in ("postgres", "valkey")) is last]

        def remaining(names: list[str] = names) -> list[Identity]:
            return [process for name in names for process in left_of(children[name], run.mark)]

        ended += [name for name in names if left_of(children[name], run.mark)]
        if end(remaining, seconds=seconds, polite=signal.SIGINT if last else signal.SIGTERM):
            raise Failed(f"left over from an earlier start and not to be ended: {', '.join(names)}")
    return ended
