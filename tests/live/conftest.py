from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from uuid import UUID

import pytest
from asgiref.sync import sync_to_async
from django.db import connections

from escollect.infra import bus, exchange
from escollect.live import registry
from escollect.people.models import Participant
from tests.live import people


@dataclass
class World:
    """A room that both were let into, everybody's sessions, and a stranger."""

    seeker: Participant
    supporter: Participant
    stranger: Participant
    conversation: UUID
    sessions: dict[str, str]

    def client(self, who: str, **options: object) -> people.Client:
        """A socket to the room, with the session of `who`."""
        return people.Client(f"/ws/c/{self.conversation}/", self.sessions.get(who), **options)  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
async def no_connection_left() -> AsyncIterator[None]:
    """Neither Redis nor the thread of the sockets may be held when the loop and the test database end."""
    yield
    await exchange.leave()
    await sync_to_async(connections.close_all)()


@pytest.fixture
def world() -> Iterator[World]:
    study = people.make_study()
    seeker, supporter, stranger = (
        people.make_participant(study, role) for role in ("seeker", "supporter", "seeker")
    )
    conversation = people.make_room(seeker, supporter)
    named = {"seeker": seeker, "supporter": supporter, "stranger": stranger}
    sessions = {name: people.make_session(participant) for name, participant in named.items()}
    yield World(seeker, supporter, stranger, conversation, sessions)
    registry.reopen()
    bus.flush()
