"""Nothing changes a signed day, whatever way it comes (S2)."""

from collections.abc import Callable
from threading import Thread
from typing import Any

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from clinic.management.commands.prepare import Command
from clinic.models import Branch, Staff
from clinic.roles import Role
from reception import services
from reception.models import (
    DayClose,
    DaySignature,
    Merge,
    Party,
    RegisterSheet,
    Visit,
    Visitor,
)
from reception.selectors.visitors import latest_history_id
from tests.conftest import MakeStaff
from tests.factories.reception import MORNING, ProjectFactory, VisitFactory, VisitorFactory
from tests.reception.days.scenes import (
    EVENING,
    TODAY,
    YESTERDAY,
    finished,
    refused,
    sign,
)

pytestmark = pytest.mark.usefixtures("now")


@pytest.fixture
def probe(closed: Callable[..., DayClose], staff_with: MakeStaff) -> Any:
    """A cursor of a role with the rights of the application's, after yesterday was closed and the tables sealed."""
    finished(staff_with(Role.CONSULTANT), projects=[ProjectFactory()])
    closed()
    VisitFactory()
    with connection.cursor() as cursor:
        cursor.execute("create role day_probe")
        cursor.execute("grant usage on schema public to day_probe")
        cursor.execute("grant select, insert, update, delete, truncate on all tables in schema public to day_probe")
        Command().seal()
        # What a transaction would check at its end stands in the way of emptying a table.
        cursor.execute("set constraints all immediate")
        cursor.execute("set local role day_probe")
        cursor.execute("select set_config('pgtrigger.ignore', '{reception_visit,append_only_rows}', true)")
        yield cursor
        cursor.execute("reset role")


SIGNED = "(select id from reception_visit where day = '2026-03-10')"


@pytest.mark.parametrize(
    "attack",
    [
        "update reception_visit set note = 'x' where day = '2026-03-10'",
        "update reception_visit set version = version + 1 where day = '2026-03-10'",
        "update reception_visit set state = 'waiting' where day = '2026-03-10'",
        "update reception_visit set day = '2026-03-09' where day = '2026-03-10'",
        "update reception_visit set number = number + 7 where day = '2026-03-10'",
        "update reception_visit set day = '2026-03-10', number = 0 where day = '2026-03-11'",
        f"delete from reception_visitproject where visit_id in {SIGNED}",
        f"update reception_visitproject set position = 9 where visit_id in {SIGNED}",
        f"delete from reception_visit where id in {SIGNED}",
        "truncate reception_visitproject",
        "truncate reception_visit cascade",
        "insert into reception_visitproject (visit_id, project_id, position)"
        f" select id, (select max(id) from clinic_project), 5 from reception_visit where id in {SIGNED}",
    ],
)
def test_s2_the_database_refuses_to_change_a_signed_day(probe: Any, attack: str) -> None:
    with pytest.raises((IntegrityError, ProgrammingError), match=r"signed|permission denied"), transaction.atomic():
        probe.execute(attack)


@pytest.mark.parametrize("table", ["reception_visit", "reception_visitproject", "reception_amendment"])
def test_s2_the_role_of_the_application_cannot_take_the_triggers_away(probe: Any, table: str) -> None:
    for attack in (
        f"alter table {table} disable trigger all",
        f"alter table {table} disable trigger user",
        "drop function reception_signed_visit() cascade",
        "set session_replication_role = replica",
    ):
        with pytest.raises(ProgrammingError, match=r"permission denied|must be owner"), transaction.atomic():
            probe.execute(attack)


def test_s2_visits_of_open_days_still_move(probe: Any) -> None:
    probe.execute("update reception_visit set note = 'x' where day = '2026-03-11'")
    assert probe.rowcount == 1


def test_sheets_signatures_and_closings_are_never_rewritten(closed: Callable[..., DayClose]) -> None:
    finished()
    closing = closed()
    for row in (closing, closing.sheet, DaySignature.objects.first()):
        assert row is not None
        with pytest.raises(ProgrammingError, match="Cannot update or delete"), transaction.atomic():
            type(row)._base_manager.filter(pk=row.pk)._raw_delete("default")


def test_s2_a_day_is_not_closed_in_the_database_without_four_people(branch: Branch, people: dict[Party, Staff]) -> None:
    finished()
    signature = sign(branch, YESTERDAY, Party.DESK, people[Party.DESK])
    with pytest.raises(IntegrityError, match="four parties"), transaction.atomic():
        DayClose.objects.create(
            branch=branch,
            day=YESTERDAY,
            sheet=signature.sheet,
            last_number=1,
            closed_at=EVENING,
            closed_by=people[Party.DESK],
        )


def test_what_other_rooms_would_write_into_a_closed_day_is_refused_in_words(closed: Callable[..., DayClose]) -> None:
    visit = finished()
    closed()
    for write in (
        lambda: services.record_circumstances(visit=visit, emergency=True),
        lambda: services.record_correction(
            visit=visit, visit_type="return", type_rule="C2", owner_id=None, rule="K1", turn="free"
        ),
    ):
        assert refused("day_closed", write).status == 409


@pytest.mark.django_db(transaction=True)
def test_an_arrival_while_the_day_is_being_closed_is_on_no_signed_sheet_and_is_not_lost(
    branch: Branch, people: dict[Party, Staff]
) -> None:
    finished(at=MORNING)
    visitor = VisitorFactory()
    for party, staff in people.items():
        sign(branch, TODAY, party, staff)
    arrived: list[Visit] = []

    def arrive() -> None:
        try:
            arrived.append(
                services.register_arrival(
                    visitor=visitor, branch=branch, projects=[], staff=people[Party.DESK], now=EVENING
                )
            )
        finally:
            connection.close()

    with transaction.atomic():
        services.close_day(branch=branch, day=TODAY, staff=people[Party.DESK], now=EVENING)
        coming = Thread(target=arrive)
        coming.start()
        coming.join(0.3)
        assert coming.is_alive(), "it waits for its number until the day is closed"
    coming.join()
    assert [visit.number for visit in arrived] == [2]
    assert DayClose.objects.get().last_number == 1


def test_s2_a_record_only_said_to_be_merged_takes_no_signed_visit_along(closed: Callable[..., DayClose]) -> None:
    visit, stranger = finished(), VisitorFactory()
    closed()
    Visitor.objects.filter(pk=visit.visitor_id).update(merged_into=stranger)
    with pytest.raises(IntegrityError, match="signed"), transaction.atomic():
        Visit.objects.filter(pk=visit.pk).update(visitor=stranger)


def test_s2_a_merging_that_stands_moves_nothing_but_what_came_with_it_and_is_not_rewritten(
    people: dict[Party, Staff], closed: Callable[..., DayClose]
) -> None:
    own, others = finished(), finished()
    closed()
    seen = {one.visitor_id: latest_history_id(one.visitor) for one in (own, others)}
    merged = services.merge_visitors(
        survivor=own.visitor, other=others.visitor, keep={}, seen=seen, staff=people[Party.DESK], now=EVENING
    )
    rows = Merge.objects.filter(pk=merged.pk)
    attacks: tuple[Callable[[], object], ...] = (
        lambda: Visit.objects.filter(pk=own.pk).update(visitor=merged.other),
        lambda: rows.update(other=VisitorFactory()),
        lambda: rows._raw_delete("default"),
    )
    for attack in attacks:
        with pytest.raises(IntegrityError), transaction.atomic():
            attack()
    services.take_merge_back(merge=merged, staff=people[Party.DESK], now=EVENING)
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.update(taken_back_at=None, taken_back_by=None)


def test_records_merged_later_take_the_visits_of_signed_days_along_and_back(
    branch: Branch, people: dict[Party, Staff], closed: Callable[..., DayClose]
) -> None:
    visit = finished()
    closed()
    sheet = RegisterSheet.objects.get()
    other, survivor, stranger = visit.visitor, VisitorFactory(), VisitorFactory()
    with pytest.raises(IntegrityError), transaction.atomic():
        Visit.objects.filter(pk=visit.pk).update(visitor=stranger)
    seen = {one.pk: latest_history_id(one) for one in (survivor, other)}
    merged = services.merge_visitors(
        survivor=survivor, other=other, keep={}, seen=seen, staff=people[Party.DESK], now=EVENING
    )
    visit.refresh_from_db()
    assert visit.visitor == survivor
    with pytest.raises(IntegrityError), transaction.atomic():
        Visit.objects.filter(pk=visit.pk).update(visitor=survivor, note="changed on the way")
    services.take_merge_back(merge=merged, staff=people[Party.DESK], now=EVENING)
    visit.refresh_from_db()
    assert visit.visitor == other
    assert RegisterSheet.objects.get().rows == sheet.rows
