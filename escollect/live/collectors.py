"""What all sockets of this process do together: storing, reading, and noting who is there."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from escollect.conversations import actions
from escollect.conversations.actions import Act, Answer, Joining, Seen
from escollect.conversations.gathering import messages
from escollect.conversations.news import Asked, News, Side, get_news, get_sides
from escollect.conversations.places import LobbyView, get_lobby_views
from escollect.conversations.selectors import RoomView
from escollect.infra.collector import Collector
from escollect.live.handshake import Identity, get_identities

__all__ = ["joins", "lobby", "messages", "news", "places", "presence", "sessions", "sides"]


def _read(batch: Sequence[Asked]) -> list[News]:
    return get_news(batch)


def _note(batch: Sequence[Seen]) -> list[bool]:
    return actions.seen_many(batch)


def _act(batch: Sequence[Act]) -> list[Answer]:
    return actions.act_many(batch)


def _stand(batch: Sequence[UUID]) -> list[LobbyView]:
    views = get_lobby_views(set(batch))
    return [views[participant] for participant in batch]


def _identify(batch: Sequence[str]) -> list[Identity | None]:
    found = get_identities(set(batch))
    return [found.get(key) for key in batch]


def _find_sides(batch: Sequence[tuple[UUID, UUID]]) -> list[Side | None]:
    return get_sides(batch)


def _join(batch: Sequence[Joining]) -> list[RoomView | Exception]:
    return actions.join_many(batch)


news: Collector[Asked, News] = Collector("news", _read)
presence: Collector[Seen, bool] = Collector("presence", _note)
lobby: Collector[Act, LobbyView] = Collector("lobby", _act)
sessions: Collector[str, Identity | None] = Collector("sessions", _identify)
sides: Collector[tuple[UUID, UUID], Side | None] = Collector("sides", _find_sides)
joins: Collector[Joining, RoomView] = Collector("joins", _join)
places: Collector[UUID, LobbyView] = Collector("places", _stand)
