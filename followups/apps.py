from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


def make_plans(sender: AppConfig, using: str, **_more: Any) -> None:
    """Put the starting plans into a database that has this room's tables and lacks them."""
    from followups.models import PlanStep
    from followups.services import ensure_plans

    with connections[using].cursor() as cursor:
        there = PlanStep._meta.db_table in connections[using].introspection.table_names(cursor)
    if there:
        ensure_plans()


class FollowupsConfig(AppConfig):
    name = "followups"
    verbose_name = _("Follow-ups")

    def ready(self) -> None:
        """Make the plans after every migrate and flush."""
        post_migrate.connect(make_plans, sender=self, dispatch_uid="followups.make_plans")
