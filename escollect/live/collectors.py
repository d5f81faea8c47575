"""What all sockets of this process do together: storing, reading, and noting who is there."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from escollect.conversations import actions
from escollect.conversations.actions import Act, Answer, Seen
from escollect.conversations.gathering import messages
from escollect.conversations.news import Asked, News, get_news
from escollect.conversations.places import LobbyView, get_lobby_views
from escollect.infra.collector import Collector

__all__ = ["lobby", "messages", "news", "places", "presence"]


def _read(batch: Sequence[Asked]) -> list[News]:
    return get_news(batch)


def _note(batch: Sequence[Seen]) -> list[bool]:
    return actions.seen_many(batch)


def _act(batch: Sequence[Act]) -> list[Answer]:
    return actions.act_many(batch)


def _stand(batch: Sequence[UUID]) -> list[LobbyView]:
    views = get_lobby_views(set(batch))
    return [views[participant] for participant in batch]


news: Collector[Asked, News] = Collector("news", _read)
presence: Collector[Seen, bool] = Collector("presence", _note)
lobby: Collector[Act, Answer] = Collector("lobby", _act)
places: Collector[UUID, LobbyView] = Collector("places", _stand)
