"""What all sockets of this process do together: storing, reading, and noting who is there."""

from __future__ import annotations

from collections.abc import Sequence

from escollect.conversations import actions
from escollect.conversations.actions import Seen
from escollect.conversations.gathering import messages
from escollect.conversations.news import Asked, News, get_news
from escollect.infra.collector import Collector

__all__ = ["messages", "news", "presence"]


def _read(batch: Sequence[Asked]) -> list[News]:
    return get_news(batch)


def _note(batch: Sequence[Seen]) -> list[bool]:
    return actions.seen_many(batch)


news: Collector[Asked, News] = Collector("news", _read)
presence: Collector[Seen, bool] = Collector("presence", _note)
