"""S2: the application's own role cannot change what is append-only, not even by switching triggers off.

Here the role is made for the test; `tests/launch/test_system.py` tries the same with the role of a running system.
That a row altered by a superuser all the same is found, `tests/triage/test_ledger.py` shows.
"""

from collections.abc import Iterator

import pytest
from django.db import ProgrammingError, connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import Model

from clinic.management.commands.prepare import Command
from tests.append_only import append_only_models, attacks_on

pytestmark = pytest.mark.django_db
# A hospital's memory: what it may never lose the protection of, however the models are declared.
KEPT = {
    "clinic_auditentry",
    "triage_policy",
    "triage_ledgerentry",
    "triage_decision",
    "consultations_deal",
    "consultations_dealshare",
    "consultations_payment",
    "followups_callattempt",
    "followups_followupreport",
    "reception_appointmententry",
    "reception_consent",
    "reception_consenttext",
    "reception_filestep",
    "reception_idpaperchange",
    "reception_logentry",
    "reception_logstep",
    "reception_precheck",
    "reception_prereportentry",
    "reception_roundtick",
    "reception_registersheet",
    "reception_daysignature",
    "reception_dayclose",
    "reception_interference",
    "complaints_complaintentry",
    "complaints_weeklyreport",
}


@pytest.fixture
def probe() -> Iterator[CursorWrapper]:
    """A cursor of a role that has what `roles.sql` gives the application's, after `prepare` has sealed the tables."""
    with connection.cursor() as cursor:
        cursor.execute("create role sealed_probe")
        cursor.execute("grant usage on schema public to sealed_probe")
        cursor.execute("grant select, insert, update, delete on all tables in schema public to sealed_probe")
        Command().seal()
        cursor.execute("set local role sealed_probe")
        yield cursor
        cursor.execute("reset role")


def test_s2_everything_a_hospital_must_keep_is_declared_append_only() -> None:
    assert {model._meta.db_table for model in append_only_models()} >= KEPT


@pytest.mark.parametrize("model", append_only_models(), ids=lambda model: model._meta.db_table)
def test_s2_the_role_of_the_application_may_only_read_and_add(probe: CursorWrapper, model: type[Model]) -> None:
    table = model._meta.db_table
    probe.execute("select tgname from pg_trigger where tgrelid = %s::regclass and not tgisinternal", [table])
    triggers = [name for (name,) in probe.fetchall()]
    ignored = "{" + ",".join(triggers) + "}"
    probe.execute("select set_config('pgtrigger.ignore', %s, true)", [ignored])
    probe.execute(f"select count(*) from {table}")
    # Who may not give a right only hears a warning; that nothing was given, the attacks show.
    probe.execute(f"grant all on {table} to current_user")
    for attack in attacks_on(model, triggers):
        with pytest.raises(ProgrammingError, match=r"permission denied|must be owner"), transaction.atomic():
            probe.execute(attack)


def test_s2_what_is_not_append_only_can_still_be_changed(probe: CursorWrapper) -> None:
    probe.execute("update clinic_project set rank = rank")
