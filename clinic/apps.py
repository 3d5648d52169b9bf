from typing import Any

from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


def _ensure_roles(**kwargs: Any) -> None:
    from clinic.services.staff import ensure_roles

    ensure_roles()


class ClinicConfig(AppConfig):
    name = "clinic"
    verbose_name = _("Hospital")

    def ready(self) -> None:
        from axes.signals import user_locked_out

        # Tasks sent from a page must know the broker, so the Celery application is made with Django's own start.
        from clinic.config import celery  # noqa: F401
        from clinic.senders import require_sender
        from clinic.services import sign_ins

        require_sender()

        post_migrate.connect(_ensure_roles, sender=self)
        user_logged_in.connect(sign_ins.note_sign_in)
        user_login_failed.connect(sign_ins.note_failure)
        user_locked_out.connect(sign_ins.note_lock_out)
        user_logged_out.connect(sign_ins.note_sign_out)
