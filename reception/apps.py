from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


def write_first_texts(sender: AppConfig, using: str, **_more: Any) -> None:
    """Put the first texts of the consents into a database that has this room's tables and lacks them."""
    from reception.models import ConsentText
    from reception.services import ensure_consent_texts

    with connections[using].cursor() as cursor:
        there = ConsentText._meta.db_table in connections[using].introspection.table_names(cursor)
    if there:
        ensure_consent_texts(now=timezone.now())


class ReceptionConfig(AppConfig):
    name = "reception"
    verbose_name = _("Reception")

    def ready(self) -> None:
        """Write the texts after every migrate and flush."""
        post_migrate.connect(write_first_texts, sender=self, dispatch_uid="reception.write_first_texts")
