"""The rooms from left to right, and what stands in them."""

from django.apps import apps
from django.db import models

ROOMS = ["clinic", "reception", "triage", "consultations", "followups", "complaints"]


def own_models() -> list[type[models.Model]]:
    """Return the models the rooms declare; not the history tables a library makes beside them."""
    return [
        model
        for room in ROOMS
        for model in apps.get_app_config(room).get_models()
        if not any(base.__module__.startswith("pghistory") for base in model.__mro__)
    ]
