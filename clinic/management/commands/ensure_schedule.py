"""Write the periodic tasks of every room to the scheduler's tables."""

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import transaction
from django_celery_beat.models import CrontabSchedule, IntervalSchedule, PeriodicTask

OURS = "declared in the source"


class Command(BaseCommand):
    """Make the scheduler's table say what `SCHEDULE` in each room's `tasks.py` says. Safe to run at every start."""

    help = __doc__

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        """Create, change and remove rows of ours; rows somebody added by hand are left alone."""
        wanted = {name: plan for room in _rooms() for name, plan in _schedule(room).items()}
        PeriodicTask.objects.filter(description=OURS).exclude(name__in=wanted).delete()
        for name, plan in wanted.items():
            if "seconds" in plan:
                every, _made = IntervalSchedule.objects.get_or_create(every=plan["seconds"], period="seconds")
                when: dict[str, Any] = {"interval": every, "crontab": None}
            else:
                cron, _made = CrontabSchedule.objects.get_or_create(
                    **{"timezone": settings.CELERY_TIMEZONE} | plan["crontab"]
                )
                when = {"interval": None, "crontab": cron}
            fields = {"task": plan["task"], "kwargs": "{}", "enabled": True, "description": OURS} | when
            row = PeriodicTask.objects.filter(name=name).first()
            if row is None:
                PeriodicTask.objects.create(name=name, **fields)
            elif any(getattr(row, field) != value for field, value in fields.items()):
                for field, value in fields.items():
                    setattr(row, field, value)
                row.save()
        self.stdout.write(f"{len(wanted)} periodic tasks")


def _rooms() -> list[str]:
    here = settings.BASE_DIR
    return [config.name for config in apps.get_app_configs() if config.path.startswith(str(here / config.name))]


def _schedule(room: str) -> dict[str, dict[str, Any]]:
    if find_spec(f"{room}.tasks") is None:
        return {}
    return dict(getattr(import_module(f"{room}.tasks"), "SCHEDULE", {}))
