from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from escollect.accounts.actions import create_token
from escollect.conversations.actions import submit
from escollect.domain.events import Role
from escollect.domain.wire import Ack
from escollect.quality.actions import load_policies, work_jobs
from escollect.quality.models import Flag
from escollect.studies.models import Study
from tests.support.rooms import Pair, end, make_pair, make_study, rate, say

V1 = "/api/v1/"


class Api:
    """A script with a token."""

    def __init__(self, token: str | None, **headers: str) -> None:
        given = {"authorization": f"Token {token}"} if token else {}
        self.client = Client(headers={**given, **headers}, raise_request_exception=True)

    def get(self, path: str, **query: Any) -> Any:
        return self.client.get(V1 + path, query)

    def post(self, path: str, body: Any) -> Any:
        return self.client.post(V1 + path, body, content_type="application/json")

    def call(self, method: str, path: str, body: Any = None) -> Any:
        return self.post(path, body or {}) if method == "POST" else self.get(path)


@dataclass
class World:
    """An open study with one judged conversation, and a token for every role."""

    study: Study
    pair: Pair
    tokens: dict[str, str]

    def api(self, role: str) -> Api:
        return Api(self.tokens.get(role))


def finish(pair: Pair, feedback: int = 5) -> Pair:
    """A judged conversation of sixteen utterances that the paper's policy accepts."""
    pair.go_live()
    for block in range(4):
        lines = [
            pair.command(role, say(f"{role.title()} line {2 * block + at} with enough words in it", strategy))
            for at in (0, 1)
            for role, strategy in ((Role.SUPPORTER, "Question"), (Role.SEEKER, None))
        ]
        assert all(isinstance(reply, Ack) for reply in submit(lines))
        request = pair.row.open_request
        assert request is not None
        pair.ack(Role.SEEKER, rate(request, feedback))
    pair.ack(Role.SEEKER, end("done"))
    for role in Role:
        pair.answer(role)
    work_jobs()
    return pair


@pytest.fixture(autouse=True)
def _no_counts_from_other_tests() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def world() -> World:
    load_policies()
    study = make_study()
    pair = finish(make_pair(study))
    Flag.objects.create(conversation=pair.row, kind="copies", evidence=[{"seq": 2}])
    tokens = {role: create_token(f"the-{role}", role) for role in ("researcher", "reviewer", "admin")}
    tokens["nobody"] = create_token("the-nobody")
    return World(study, pair, tokens)
