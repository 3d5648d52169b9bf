"""The Redis stream through which changes reach the stream process. Knows no Django models."""

import json
from collections.abc import Sequence
from functools import cache

import redis
from django.conf import settings

STREAM = "live"
KEPT = 20_000


@cache
def _client() -> redis.Redis:
    return redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=1.0, socket_connect_timeout=0.5, decode_responses=True
    )


def publish(event_id: int, topics: Sequence[str]) -> None:
    """Append the topics to the stream; raise `redis.RedisError` when the server is away."""
    _client().xadd(STREAM, {"event": str(event_id), "topics": json.dumps(list(topics))}, maxlen=KEPT, approximate=True)
