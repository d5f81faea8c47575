"""How fast the training's analysis is: `python -m bench.training_analysis --trainees 1000`.

Fills a database of its own, which has to be empty, with made-up trainees, of whom some support later, and
asks for `/desk/training/` as staff do, inside this process: the time is the server's, without network.
`cold` is the first time after somebody began or was graded, `warm` any other. On PostgreSQL:
`python -m tests.support.with_servers python -m bench.training_analysis`; without, it takes SQLite in a
temporary folder. The last line of stdout is one JSON object; times are medians in milliseconds, `cpu_ms`
without what the machine did besides (and without PostgreSQL's own work).
"""

from __future__ import annotations

import argparse
import json
import os
import random
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from uuid import UUID

import django

if "DATABASE_URL" not in os.environ:
    os.environ["ESCOLLECT_HOME"] = tempfile.mkdtemp(prefix="esc-bench-")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "escollect.config.settings")
django.setup()

from django.core.cache import cache  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

from escollect.accounts.models import User  # noqa: E402
from escollect.conversations.models import Conversation, Event  # noqa: E402
from escollect.ops.trainees import make_attempts  # noqa: E402
from escollect.people.imports import add_pairs, add_people  # noqa: E402
from escollect.people.models import Role  # noqa: E402
from escollect.studies.actions import open_study  # noqa: E402
from escollect.studies.models import StudyVersion  # noqa: E402
from escollect.training.actions.history import add_history  # noqa: E402
from escollect.training.models import Answer  # noqa: E402
from escollect.training.selectors import get_tutorial  # noqa: E402

STUDY = Path(__file__).resolve().parents[1] / "fixtures" / "studies" / "demo.yaml"
SEED = 2021
RATINGS = 8
NOW = datetime(2024, 5, 1, tzinfo=UTC)
PAGES = ("/desk/training/", "/desk/training/?module=question", "/desk/training/?attempts=all")


def fill(trainees: int, conversations: int) -> None:
    """A study with so many trainees, the first of whom had so many conversations in all."""
    version = open_study(STUDY.read_text("utf-8"), None)
    rng = random.Random(SEED)
    people = add_people(version, [Role.SUPPORTER] * trainees)
    tutorial = get_tutorial("en")
    able = [(one, rng.gauss(0, 1), False) for one in people]
    for start in range(0, trainees, 100):
        add_history(tutorial, make_attempts(tutorial, able[start : start + 100], NOW, SEED + start))
    add_conversations(version, [one.pk for one in people[: trainees // 4]], conversations, rng)


def add_conversations(
    version: StudyVersion, supporters: Sequence[UUID], count: int, rng: random.Random
) -> None:
    """Finished and judged conversations with stars, spread over the supporters."""
    seekers = [seeker for seeker, _partner in add_pairs(version, count)]
    rooms = [
        Conversation(
            study_id=version.study_id,
            version=version,
            licence="CC-BY-4.0",
            seeker=seeker,
            supporter_id=supporters[at % len(supporters)],
            state=Conversation.State.FINISHED,
            verdict=rng.choice(["accepted", "rejected"]),
        )
        for at, seeker in enumerate(seekers)
    ]
    Conversation.objects.bulk_create(rooms, batch_size=500)
    stars = [
        Event(conversation=room, seq=seq, kind="rating", author="seeker", value=rng.randint(1, 5))
        for room in rooms
        for seq in range(1, RATINGS + 1)
    ]
    Event.objects.bulk_create(stars, batch_size=500)


def measure(client: Client, address: str, repeats: int) -> dict[str, object]:
    """The page asked for `repeats` times without what was kept, and as often with it."""
    found: dict[str, object] = {}
    for name in ("cold", "warm"):
        times, busy = [], []
        for _ in range(repeats):
            if name == "cold":
                cache.clear()
            began, worked = perf_counter(), process_time()
            with CaptureQueriesContext(connection) as asked:
                answer = client.get(address)
            times.append(1000 * (perf_counter() - began))
            busy.append(1000 * (process_time() - worked))
            assert answer.status_code == 200, address
        in_sql = 1000 * sum(float(one["time"]) for one in asked.captured_queries)
        found[name] = {
            "ms": round(median(times)),
            "cpu_ms": round(median(busy)),
            "sql_ms": round(in_sql),
            "queries": len(asked),
        }
    return found


def main() -> None:
    """Fill, measure, report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trainees", type=int, default=1000)
    parser.add_argument("--conversations", type=int, default=2000)
    parser.add_argument("--repeats", type=int, default=5)
    given = parser.parse_args()
    call_command("migrate", verbosity=0)
    if StudyVersion.objects.exists():
        raise SystemExit("The database is not empty; the bench fills one of its own.")
    fill(given.trainees, given.conversations)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(User.objects.create_superuser("bench"))
    pages = {address: measure(client, address, given.repeats) for address in PAGES}
    counts = {"answers": Answer.objects.count(), "conversations": given.conversations}
    print(json.dumps({"database": connection.vendor, **counts, "pages": pages}))


if __name__ == "__main__":
    main()
