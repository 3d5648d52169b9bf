"""The processes of our own that run beside the servers."""

import signal
import sys
from collections.abc import Mapping
from dataclasses import replace

from clinic.launch.paths import ROOT
from clinic.launch.supervisor import Program


def python(*arguments: str) -> list[str]:
    """Return a command of the Python we run under."""
    return [sys.executable, *arguments]


def module(environment: Mapping[str, str], name: str, *arguments: str) -> Program:
    """Describe a process of ours that runs a Python module."""
    return Program(name, python("-m", *arguments), {**environment, "PROCESS_NAME": name}, ROOT)


def page_programs(environment: Mapping[str, str], ports: Mapping[str, int]) -> list[Program]:
    """Describe the processes that answer: pages and streams."""
    return [
        module(
            environment,
            "web",
            *("granian", "clinic.config.wsgi:application", "--interface", "wsgi"),
            *("--host", "127.0.0.1", "--port", str(ports["web"]), "--workers", "2", "--blocking-threads", "2"),
            *("--workers-kill-timeout", "2", "--respawn-failed-workers", "--respawn-interval", "0.5"),
            *("--log-level", "warning"),
        ),
        module(
            environment,
            "live",
            *("uvicorn", "clinic.live.stream:application", "--host", "127.0.0.1", "--port", str(ports["live"])),
            *("--loop", "uvloop", "--http", "httptools", "--timeout-graceful-shutdown", "2"),
            *("--no-access-log", "--log-level", "warning", "--backlog", "8192"),
        ),
    ]


def task_programs(environment: Mapping[str, str]) -> list[Program]:
    """Describe the processes that work behind the pages: the tasks, and their clock."""
    celery = ("celery", "-A", "clinic.config.celery")
    worker = module(
        environment,
        "worker",
        *(*celery, "worker", "--concurrency", "2", "--loglevel", "WARNING"),
        *("--without-mingle", "--without-gossip", "-n", "worker@%h"),
    )
    # A warm stop first; then a cold one, which gives unfinished tasks back to the queue. When the supervisor dies
    # suddenly the broker goes too, and a cold stop that cannot reach it may never end: unfinished tasks are then given
    # out again after the visibility time.
    worker = replace(
        worker,
        stop=((0.0, signal.SIGTERM), (1.2, signal.SIGQUIT)),
        stop_seconds=4.0,
        death_signal=signal.SIGKILL,
    )
    return [worker, module(environment, "beat", *celery, "beat", "--loglevel", "WARNING", "--pidfile=")]
