from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


def make_drugs(sender: AppConfig, using: str, **_more: Any) -> None:
    """Put the starting drugs into a database that has this room's tables and lacks them."""
    from consultations.models import Drug
    from consultations.services import ensure_drugs

    with connections[using].cursor() as cursor:
        there = Drug._meta.db_table in connections[using].introspection.table_names(cursor)
    if there:
        ensure_drugs()


class ConsultationsConfig(AppConfig):
    name = "consultations"
    verbose_name = _("Consultations")

    def ready(self) -> None:
        """Make the drugs after every migrate and flush."""
        post_migrate.connect(make_drugs, sender=self, dispatch_uid="consultations.make_drugs")
