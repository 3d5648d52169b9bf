"""What a view says so that its page listens."""

from collections.abc import Iterable

from django.http import HttpRequest

from clinic.access import staff_of


def listen(request: HttpRequest, topics: Iterable[str]) -> None:
    """Let the page that answers this request listen to these topics (see `clinic.live.topics`).

    The view has checked that the person may see them. Fragments on the page refetch themselves with
    `hx-trigger="live-<topic> from:body"`.
    """
    staff_of(request)
    request.live_topics = frozenset(topics)  # type: ignore[attr-defined]
