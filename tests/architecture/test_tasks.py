"""Tasks that something else names as a word: the schedule and the events."""

from importlib import import_module
from importlib.util import find_spec
from typing import Any

import pytest
from django.conf import settings

from clinic.config.celery import app
from clinic.words import JOB_WORDS
from tests.architecture.rooms import ROOMS


def _schedules() -> list[tuple[str, str, dict[str, Any]]]:
    found = []
    for room in ROOMS:
        if find_spec(f"{room}.tasks") is not None:
            schedule = getattr(import_module(f"{room}.tasks"), "SCHEDULE", {})
            found += [(room, name, plan) for name, plan in schedule.items()]
    return found


@pytest.mark.parametrize(
    ("room", "name", "plan"), _schedules(), ids=lambda value: value if isinstance(value, str) else ""
)
def test_every_periodic_task_exists(room: str, name: str, plan: dict[str, Any]) -> None:
    app.loader.import_default_modules()
    assert plan["task"] in app.tasks, f"{room}.tasks.SCHEDULE[{name!r}] names a task that does not exist"


def test_every_kind_of_long_work_starts_a_task() -> None:
    assert set(JOB_WORDS) <= settings.EVENT_TASKS.keys()


def test_every_event_starts_tasks_that_exist() -> None:
    app.loader.import_default_modules()
    for event, tasks in settings.EVENT_TASKS.items():
        for task in tasks:
            assert task in app.tasks, f"EVENT_TASKS[{event!r}] names {task}, which does not exist"
