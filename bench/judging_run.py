"""Judges on the database of the environment: `python -m bench.judging_run CONVERSATIONS SEED`.

Started by bench.judging on a database of its own: it fills it. The last line of stdout is one JSON object.
"""

from __future__ import annotations

import json
import os
import random
import sys
import time
from collections.abc import Callable, Iterator
from itertools import islice, product
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "escollect.config.settings")
django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import transaction  # noqa: E402

from escollect.conversations.imports import Origin, add_imported  # noqa: E402
from escollect.conversations.models import Conversation  # noqa: E402
from escollect.conversations.transcripts import get_transcripts  # noqa: E402
from escollect.domain.quality.policy import decide  # noqa: E402
from escollect.domain.transcript import SEEKER, SUPPORTER, Transcript, Utterance  # noqa: E402
from escollect.people.imports import add_pairs  # noqa: E402
from escollect.quality.actions import (  # noqa: E402
    judge_missing,
    run_simulation,
    simulate,
    start_simulation,
)
from escollect.quality.actions.examining import look  # noqa: E402
from escollect.quality.models import Verdict  # noqa: E402
from escollect.quality.selectors import get_policy, get_rules  # noqa: E402
from escollect.studies.actions import open_study  # noqa: E402
from escollect.studies.models import Study, StudyVersion  # noqa: E402

STUDY = Path(__file__).parents[1] / "fixtures" / "studies" / "esconv.yaml"
BATCH = 500
SAMPLE = 1000
STRATEGIES = ("Question", "Reflection of feelings", "Self-disclosure", "Providing Suggestions", "Others")
SYLLABLES = ("ba", "de", "fi", "go", "lu", "ma", "ne", "ri", "so", "tu", "va", "we")
WORDS = tuple("".join(parts) for parts in product(SYLLABLES, repeat=3))


def make_transcripts(count: int, seed: int) -> Iterator[Transcript]:
    """Conversations as long as those of the published corpus: 29.8 utterances of 17.8 words on average."""
    chance = random.Random(seed)
    for number in range(count):
        utterances = []
        for at in range(chance.randint(14, 46)):
            said = " ".join(chance.choices(WORDS, k=chance.randint(3, 32)))
            stars = chance.choice((3, 4, 5)) if at % 4 == 3 else None
            utterances.append(
                Utterance(SUPPORTER, said, chance.choice(STRATEGIES))
                if at % 2
                else Utterance(SEEKER, said, feedback=stars)
            )
        yield Transcript(
            id=f"made-{number}",
            finished=True,
            utterances=tuple(utterances),
            experience_type="Current Experience",
            emotion_type="anxiety",
            problem_type="job crisis",
            situation="My contract ends next month.",
            initial_intensity=chance.randint(2, 5),
            final_intensity=chance.randint(1, 4),
            empathy=chance.randint(1, 5),
            relevance=chance.randint(2, 5),
        )


def fill(version: StudyVersion, count: int, seed: int) -> None:
    """Store the conversations; nothing judges them yet."""
    made = make_transcripts(count, seed)
    origin = Origin(version, "made by the bench", "CC-BY-4.0")
    while batch := list(islice(made, BATCH)):
        with transaction.atomic():
            add_imported(origin, batch, add_pairs(version, len(batch)))


def measure(study: Study, count: int) -> dict[str, dict[str, int]]:
    """Conversations in a second: the rules on transcripts in memory, simulating, and judging in bulk.

    `rules` is the policy alone, as simulating needs it; `rules and findings` is what judging works out.
    """
    policy = get_policy("esconv-2021")
    rules = get_rules(policy)
    ids = list(Conversation.objects.filter(study=study).order_by("pk").values_list("pk", flat=True))
    known = list(get_transcripts(ids[:SAMPLE], with_writing=True))
    speeds = {
        "rules": _clock(len(known), lambda: [decide(rules, one) for one in known]),
        "rules and findings": _clock(
            len(known), lambda: [(decide(rules, one), look(one, rules)) for one in known]
        ),
        "simulate": _clock(count, lambda: simulate(rules, study)),
    }
    simulation = start_simulation(policy.definition, study, None, version=policy)
    speeds["simulate as a job"] = _clock(count, lambda: run_simulation(simulation.pk))
    speeds["judge"] = _clock(count, lambda: judge_missing(study, policy))
    assert Verdict.objects.filter(policy=policy).count() == count
    return speeds


def _clock(count: int, work: Callable[[], object]) -> dict[str, int]:
    """How many in a second of the clock, and in a second of this process's processor time."""
    wall, processor = time.perf_counter(), time.process_time()
    work()
    processor, wall = time.process_time() - processor, time.perf_counter() - wall
    return {"wall": round(count / wall), "processor": round(count / processor)}


def main() -> None:
    """Fill the database and measure."""
    count, seed = int(sys.argv[1]), int(sys.argv[2])
    call_command("migrate", verbosity=0)
    version = open_study(STUDY.read_text("utf-8"), None)
    fill(version, count, seed)
    sys.stdout.write(json.dumps(measure(version.study, count)) + "\n")


if __name__ == "__main__":
    main()
