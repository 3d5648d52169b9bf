"""Bring the database and the static files to the state of the code: tables, times of tasks, what is served."""

import hashlib
import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor

STAMP = ".collected"
# A session can switch triggers of pgtrigger off by a setting, so a trigger alone does not keep the application's role
# from rewriting the ledger: it may not have the right to change these rows either.
SEAL = r"""
do $$
declare
    granted record;
begin
    for granted in
        select distinct kept.oid::regclass as name, acl.grantee::regrole as role
        from pg_class kept, aclexplode(kept.relacl) acl
        where acl.grantee not in (0, kept.relowner) and acl.privilege_type in ('UPDATE', 'DELETE', 'TRUNCATE')
            and exists (select from pg_trigger where tgrelid = kept.oid and tgname like 'pgtrigger\_append\_only%')
    loop
        execute format('revoke update, delete, truncate on %s from %s', granted.name, granted.role);
    end loop;
end $$
"""


class Command(BaseCommand):
    """Run with the database's owner in DATABASE_URL; the application's own role may not change tables."""

    help = "Migrate the database, set the times of tasks, gather the static files: each only when there is need."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take where to write what was found."""
        parser.add_argument("--report", type=Path, help="write a JSON file that says whether the database is empty")

    def handle(self, *args: Any, report: Path | None, **options: Any) -> None:
        """Migrate, gather, report."""
        try:
            version = connection.cursor().connection.info.server_version // 10_000
        except OperationalError as error:
            raise CommandError(f"DATABASE_URL: the database is not reachable: {error}") from None
        if version < 18:
            raise CommandError(f"DATABASE_URL leads to PostgreSQL {version}; 18 or newer is needed")
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            call_command("migrate", interactive=False, verbosity=1)
        self.seal()
        call_command("ensure_schedule")
        self.gather()
        if report is not None:
            found = {"empty": not get_user_model().objects.exists(), "demo": "demo" in get_commands()}
            report.write_text(json.dumps(found))

    def seal(self) -> None:
        """Leave to every role but the owner only reading and adding rows of append-only tables."""
        with connection.cursor() as cursor:
            cursor.execute(SEAL)

    def gather(self) -> None:
        """Gather the static files unless none has changed since the last time."""
        digest = hashlib.sha256(settings.STORAGES["staticfiles"]["BACKEND"].encode())
        for finder in get_finders():
            for name, storage in finder.list([]):
                status = Path(storage.path(name)).stat()
                digest.update(f"{name} {status.st_size} {status.st_mtime_ns}\n".encode())
        stamp = Path(settings.STATIC_ROOT) / STAMP
        if stamp.exists() and stamp.read_text() == digest.hexdigest():
            return
        call_command("collectstatic", interactive=False, clear=True, verbosity=0)
        stamp.write_text(digest.hexdigest())
