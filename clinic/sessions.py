"""Django's sessions in the database, read by a prepared statement: every request of everybody begins with it."""

from typing import Any

from django.contrib.sessions.backends import db
from django.utils import timezone

from clinic.statements import Statement, run

_READ = "select session_data from django_session where session_key = %s and expire_date > %s"


class SessionStore(db.SessionStore):
    """Django's own store; only reading is different."""

    def load(self) -> dict[str, Any]:
        """Return what the session holds; nothing, and no key any more, when there is none or it has expired."""
        key = self.session_key
        # A cookie can say anything; PostgreSQL holds no NUL.
        row = None
        if key and "\x00" not in key:
            (found,) = run(Statement(_READ, (key, timezone.now())))
            row = found.fetchone()
        if row is None:
            self._session_key = None
            return {}
        return self.decode(row[0])
