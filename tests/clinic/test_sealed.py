"""S2: the application's own role cannot change what is append-only, not even by switching triggers off."""

import pytest
from django.db import ProgrammingError, connection, transaction

from clinic.management.commands.prepare import Command

pytestmark = pytest.mark.django_db
SEALED = ("clinic_auditentry", "triage_ledgerentry", "triage_decision", "complaints_weeklyreport", "consultations_deal")


@pytest.mark.parametrize("table", SEALED)
def test_the_role_of_the_application_may_only_read_and_add(table: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("create role sealed_probe")
        cursor.execute("grant usage on schema public to sealed_probe")
        cursor.execute("grant select, insert, update, delete on all tables in schema public to sealed_probe")
        Command().seal()
        cursor.execute("select tgname from pg_trigger where tgrelid = %s::regclass", [table])
        names = ",".join(name for (name,) in cursor.fetchall())
        cursor.execute("set local role sealed_probe")
        cursor.execute("select set_config('pgtrigger.ignore', %s, true)", ["{" + names + "}"])
        cursor.execute(f"select count(*) from {table}")
        for attack in (f"update {table} set id = id", f"delete from {table}", f"truncate {table}"):
            with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
                cursor.execute(attack)
        with transaction.atomic():
            cursor.execute("update clinic_project set rank = rank")
        cursor.execute("reset role")
