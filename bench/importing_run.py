"""Imports on the database of the environment: `python -m bench.importing_run CONVERSATIONS SEED`.

Started by bench.importing on a database of its own. The last line of stdout is one JSON object.
"""

from __future__ import annotations

import json
import os
import random
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "escollect.config.settings")
django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402

from escollect.conversations.models import Conversation, Event, SurveyResponse  # noqa: E402
from escollect.corpus.actions import import_records  # noqa: E402
from escollect.people.models import Participant, Person  # noqa: E402
from escollect.quality.models import QcJob  # noqa: E402
from escollect.studies.actions import open_study  # noqa: E402

STUDY = Path(__file__).parents[1] / "fixtures" / "studies" / "esconv.yaml"
TABLES = (Person, Participant, Conversation, Event, SurveyResponse, QcJob)
STRATEGIES = ("Question", "Reflection of feelings", "Self-disclosure", "Providing Suggestions", "Others")
WORDS = (
    "I think that it may help to tell somebody about the week and how it went because the nights are long "
    "and my work does not get easier when nobody listens to what you really want to say there"
)
SMALL, DISTINCT = 50, 1000


def make_records(count: int, seed: int) -> Iterator[dict[str, Any]]:
    """Records as long as those of the published corpus: 30 utterances of 17.5 words on average."""
    chance, words = random.Random(seed), WORDS.split()
    for number in range(count):
        dialog = []
        for at in range(chance.randint(14, 46)):
            said = " ".join(chance.choices(words, k=chance.randint(3, 32)))
            strategy, stars = {"strategy": chance.choice(STRATEGIES)}, {"feedback": chance.choice("345")}
            about = strategy if at % 2 else stars if at % 6 == 4 else {}
            dialog.append(
                {"speaker": "supporter" if at % 2 else "seeker", "annotation": about, "content": said}
            )
        yield {
            "experience_type": "Current Experience",
            "emotion_type": "sadness",
            "problem_type": "job crisis",
            "situation": f"It is week {number} since they closed the office.",
            "survey_score": {
                "seeker": {
                    "initial_emotion_intensity": "4",
                    "empathy": chance.choice("345"),
                    "relevance": "4",
                    "final_emotion_intensity": chance.choice("123"),
                },
                "supporter": {"relevance": "5"},
            },
            "dialog": dialog,
        }


def make_lines(count: int, seed: int) -> Iterator[str]:
    """JSON lines of `count` records, of which a thousand differ: making more would take the longest."""
    lines = [json.dumps(one) + "\n" for one in make_records(min(count, DISTINCT), seed)]
    return (lines[number % len(lines)] for number in range(count))


@contextmanager
def timed(into: dict[str, float]) -> Iterator[None]:
    """Seconds of the wall clock, and of processor time, with what the server spends on our connection.

    Processor time says the same on a machine that has other work.
    """
    wall, cpu = time.perf_counter(), time.process_time() + server_time()
    yield
    cpu = time.process_time() + server_time() - cpu
    into.update(seconds=round(time.perf_counter() - wall, 1), cpu=round(cpu, 1))


def server_time() -> float:
    """Seconds of processor time of the server's process behind our connection; 0 where there is none."""
    if connection.vendor != "postgresql":
        return 0.0
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        fields = Path(f"/proc/{cursor.fetchone()[0]}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def peak() -> float:
    """The most memory that this process ever held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def copy_again(folder: Path) -> dict[str, float]:
    """How long COPY needs for the rows that the import made, into tables with the same indexes."""
    found: dict[str, float] = {}
    with connection.cursor() as cursor:
        for model in TABLES:
            table = model._meta.db_table  # noqa: SLF001  Django's documented way to a model's table
            cursor.execute(f"CREATE TABLE copied_{table} (LIKE {table} INCLUDING ALL)")
            with (folder / table).open("wb") as file:
                cursor.copy_expert(f"COPY {table} TO STDOUT", file)
        with timed(found):
            for model in TABLES:
                table = model._meta.db_table  # noqa: SLF001  Django's documented way to a model's table
                with (folder / table).open("rb") as file:
                    cursor.copy_expert(f"COPY copied_{table} FROM STDIN", file)
    return found


def main(count: int, seed: int) -> dict[str, Any]:
    """The numbers of one import."""
    call_command("migrate", interactive=False, verbosity=0)
    study = open_study(STUDY.read_text("utf-8"), None).study
    answer: dict[str, Any] = {"conversations": count, "vendor": connection.vendor}
    with tempfile.TemporaryDirectory() as room:
        folder = Path(room)
        for name, size in (("small.jsonl", SMALL), ("large.jsonl", count)):
            with (folder / name).open("w", encoding="utf-8") as file:
                file.writelines(make_lines(size, seed))
        import_records(study, folder / "small.jsonl")
        idle, checked, taken = peak(), dict[str, float](), dict[str, float]()
        with timed(checked):
            import_records(study, folder / "large.jsonl", dry_run=True)
        answer |= {"idle_mb": round(idle), "check": checked, "check_peak_mb": round(peak())}
        print(json.dumps(answer), file=sys.stderr, flush=True)
        with timed(taken):
            result = import_records(study, folder / "large.jsonl")
        answer |= {"utterances": result.utterances, "import": taken, "peak_mb": round(peak())}
        if connection.vendor == "postgresql":
            answer["copy"] = copy_again(folder)
            answer["ratio"] = round(taken["cpu"] / max(0.1, answer["copy"]["cpu"]), 1)
    return answer


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]), int(sys.argv[2]))))
