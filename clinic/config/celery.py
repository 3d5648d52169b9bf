"""The Celery application; every room's `tasks.py` is found by name."""

import os

from celery import Celery
from celery.signals import worker_process_init

from clinic.config import memory

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.config.settings")
app = Celery("frontdesk")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_process_init.connect
def _begin(**_signal: object) -> None:
    memory.settle()
