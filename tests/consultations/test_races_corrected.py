"""A consultation is finished while the desk corrects its visit: that is known when she becomes somebody's (O1)."""

import threading
import time

import pytest
from django.db import connection, transaction

from consultations import services
from reception.models import Visit, Visitor
from tests.at_once import at_once
from tests.consultations.conftest import Morning
from triage import services as triage
from triage.selectors.corrections import Correction, Kind

pytestmark = pytest.mark.django_db(transaction=True)
PATIENCE = 20.0


def _until_somebody_waits() -> None:
    ends = time.monotonic() + PATIENCE
    while time.monotonic() < ends:
        with connection.cursor() as cursor:
            cursor.execute("select exists (select from pg_locks where not granted)")
            if cursor.fetchone()[0]:
                return
        time.sleep(0.02)
    raise AssertionError("nobody waited for the board")


@pytest.mark.parametrize("kind", [Kind.NOT_OFFERED, Kind.CANNOT_DO])
def test_o1_a_visit_that_is_corrected_meanwhile_makes_no_owner(morning: Morning, kind: Kind) -> None:
    held = morning.enter(morning.arrive())
    services.record_no_deal(consultation=held, reason="价格", call_again_on=None, staff=morning.first, now=morning.now)
    corrected = threading.Event()

    def correct() -> None:
        with transaction.atomic():
            triage.correct_visit(
                visit=Visit.objects.get(pk=held.visit_id),
                correction=Correction(kind, reason="不做"),
                expected_sequence=None,
                staff=morning.clerk,
                now=morning.now,
            )
            corrected.set()
            _until_somebody_waits()

    def finish() -> None:
        assert corrected.wait(PATIENCE)
        services.finish_consultation(consultation=held, staff=morning.first, now=morning.now)

    assert at_once(correct, finish) == ["ok", "ok"]
    held.refresh_from_db()
    visit = Visit.objects.get(pk=held.visit_id)
    assert (held.state, visit.state, visit.visit_type) == ("finished", "finished", "other")
    assert Visitor.objects.get(pk=held.visitor_id).owner is None
