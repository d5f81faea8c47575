"""kill -9, and a restart much later: nobody's conversation has ended meanwhile."""

import json
import signal
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.servers import Embedded, Production

pytestmark = pytest.mark.servers

AWAY = 3_000
BEGIN = """
from tests.support.rooms import make_pair, say
from escollect.domain.events import Role
make_pair().go_live().ack(Role.SEEKER, say())
"""
LET_PASS = f"""
from datetime import timedelta
from django.db.models import F
from escollect.infra.models import Heartbeat
from tests.support.rooms import pass_time
pass_time({AWAY})
Heartbeat.objects.update(at=F("at") - timedelta(seconds={AWAY}))
"""
LOOK = """
import json
from escollect.audit.models import AuditRow
from escollect.conversations.models import Conversation
from escollect.infra import clock
room = Conversation.objects.get()
left = None if room.idle_by is None else (room.idle_by - clock.now()).total_seconds()
times = AuditRow.objects.filter(action="service.away").count()
print(json.dumps({"state": room.state, "left": left, "times": times}))
"""


def run(server: Embedded | Production, code: str) -> Any:
    """Run code beside the application; the last line that it prints as JSON."""
    done = server.manage("shell", "--no-imports", "-c", code, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1]) if done.stdout.strip() else None


def look_for(server: Embedded | Production, seconds: float) -> list[dict[str, Any]]:
    """What is seen of the room for so long, in which the sweep comes several times."""
    seen, until = [], time.monotonic() + seconds
    while time.monotonic() < until:
        seen.append(run(server, LOOK))
    return seen


def check(seen: list[dict[str, Any]]) -> None:
    assert {one["state"] for one in seen} == {"live"}
    # Of 420 s of silence that are allowed, those before the kill and after the restart are gone, no other.
    assert 200 < seen[-1]["left"] <= 420
    assert seen[-1]["times"] == 1


def test_a_room_lives_through_a_kill_and_a_late_restart(start_embedded: Callable[[], Embedded]) -> None:
    server = start_embedded()
    run(server, BEGIN)
    server.kill()
    run(server, LET_PASS)
    server.start()
    check(look_for(server, 7))


def test_a_room_lives_through_both_web_processes_being_away_while_the_scheduler_is_not(
    production_servers: Production,
) -> None:
    servers = production_servers
    run(servers, BEGIN)
    for web in servers.webs:
        web.kill()
    run(servers, LET_PASS)
    assert {one["state"] for one in look_for(servers, 7)} == {"live"}
    servers.webs = [servers.start_web(number) for number in range(2)]
    for url in servers.urls:
        servers.wait_ready(url)
    check(look_for(servers, 7))
    for web in servers.webs:
        assert web.stop(signal.SIGTERM) == 0
