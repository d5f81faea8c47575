"""The two sockets of the live door."""

from __future__ import annotations

from escollect.domain.codes import Close
from escollect.live.lobby import LobbyConsumer
from escollect.live.room import RoomConsumer
from escollect.live.socket import Socket, refuse

__all__ = ["LobbyConsumer", "NowhereConsumer", "RoomConsumer"]


class NowhereConsumer(Socket):
    """A socket at an address that does not exist: an answer instead of an exception."""

    async def enter(self) -> None:
        """Nobody gets in."""
        raise refuse(Close.UNKNOWN)
