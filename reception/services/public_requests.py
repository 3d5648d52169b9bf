"""How often somebody outside may ask: counted in the database, so that all web processes count together."""

from datetime import UTC, datetime, timedelta

from django.db import connection
from django.utils.crypto import salted_hmac

from reception.models import PublicRequests

SPAN = timedelta(minutes=10)
# Who has neither a code that holds nor a kiosk's token; a whole waiting room may stand behind one address.
MOST_OF_AN_ADDRESS = 120
# One card: drawn, in the other language, sent with mistakes, sent.
MOST_OF_A_CODE = 40
# One person after the other, a few steps each; nobody types this fast.
MOST_OF_A_KIOSK = 240
# What a desk could possibly take over.
MOST_OF_A_BRANCH = 60

_COUNT = """
insert into reception_publicrequests (subject, span_at, number) values (%s, %s, 1)
on conflict (subject, span_at) do update set number = reception_publicrequests.number + 1 returning number
"""


def may_ask(*, subject: str, most: int, now: datetime) -> bool:
    """Count one more request of a subject (an address, a branch); say whether that is within `most` of a SPAN.

    What the subject was cannot be read back from what is kept.
    """
    kept = hash_of_subject(subject)
    seconds = int(SPAN.total_seconds())
    begun = datetime.fromtimestamp(int(now.timestamp()) // seconds * seconds, UTC)
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [kept, begun])
        return int(cursor.fetchone()[0]) <= most


def hash_of_subject(subject: str) -> str:
    """Return what is kept of whoever asks from outside; an address cannot be read back from it."""
    return salted_hmac("reception.public_requests", subject, algorithm="sha256").hexdigest()


def forget_requests(*, now: datetime) -> int:
    """Delete the counts of spans that are over; return how many."""
    deleted, _by_model = PublicRequests.objects.filter(span_at__lt=now - 2 * SPAN).delete()
    return deleted
