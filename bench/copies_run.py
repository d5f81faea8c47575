"""Searches for copies on the database of the environment: `python -m bench.copies_run UTTERANCES SEED`.

Started by bench.copies on a database of its own: it fills it. The last line of stdout is one JSON object.
"""

from __future__ import annotations

import json
import os
import random
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any
from uuid import UUID

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "escollect.config.settings")
django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import transaction  # noqa: E402

from escollect.conversations.imports import Origin, add_imported  # noqa: E402
from escollect.conversations.transcripts import get_transcripts  # noqa: E402
from escollect.domain.quality.copies import ALIKE, get_pairs, sketch  # noqa: E402
from escollect.domain.transcript import SEEKER, SUPPORTER, Copy, Transcript, Utterance  # noqa: E402
from escollect.people.imports import add_pairs  # noqa: E402
from escollect.quality.actions.copying import find_copies, get_sketches  # noqa: E402
from escollect.quality.models import Fingerprint  # noqa: E402
from escollect.studies.actions import open_study  # noqa: E402
from escollect.studies.models import StudyVersion  # noqa: E402

STUDY = Path(__file__).parents[1] / "fixtures" / "studies" / "esconv.yaml"
BATCH = 250
LENGTH = 30
"""Utterances of a conversation, as in the published corpus; half of them are long enough for a sketch."""

PLANTED = 200
ALONE = 50
COMPARED = 20
VOCABULARY = [f"word{number}" for number in range(3000)]
WEIGHTS = [1 / (rank + 3) for rank in range(len(VOCABULARY))]
Copies = dict[UUID, tuple[Copy, ...]]


def make(chance: random.Random, words: int) -> str:
    """An utterance with words as frequent as in a language: the commonest often, most of them seldom."""
    return " ".join(chance.choices(VOCABULARY, WEIGHTS, k=words))


def make_conversations(chance: random.Random, count: int) -> Iterator[Transcript]:
    """Conversations of which no long utterance is a copy, but by the rarest accident."""
    for number in range(count):
        roles = (SEEKER, SUPPORTER) * (LENGTH // 2)
        said = tuple(Utterance(role, make(chance, chance.choice((4, 7, 18, 26)))) for role in roles)
        yield Transcript(f"made-{number}", True, said)


def change(chance: random.Random, text: str) -> str:
    """The text with one word replaced."""
    words = text.split()
    words[chance.randrange(len(words))] = "changed"
    return " ".join(words)


def store(version: StudyVersion, transcripts: list[Transcript]) -> list[UUID]:
    """Store conversations; nobody has looked at them."""
    with transaction.atomic():
        pairs = add_pairs(version, len(transcripts))
        rows = add_imported(Origin(version, "made by the bench", "CC-BY-4.0"), transcripts, pairs)
    return [row.pk for row in rows]


def search(ids: list[UUID], *, keep: bool = True) -> tuple[Copies, float, float]:
    """Look for copies as judging does; with the seconds of the clock and those of this process."""
    transcripts = list(get_transcripts(ids))
    began, worked = time.perf_counter(), time.process_time()
    with transaction.atomic():
        sketches = {UUID(one.id): get_sketches(one) for one in transcripts}
        found = find_copies(transcripts, sketches)
        transaction.set_rollback(not keep)
    return found, time.perf_counter() - began, time.process_time() - worked


def clock(work: Callable[[], object]) -> float:
    """How long it takes, in seconds."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def plant(chance: random.Random, texts: list[str]) -> list[Transcript]:
    """A conversation for each of these texts, which stands in it with one word changed."""
    made = []
    for number, text in enumerate(texts):
        said = (Utterance(SEEKER, make(chance, 20)), Utterance(SEEKER, change(chance, text)))
        made.append(Transcript(f"planted-{number}", True, said))
    return made


def main() -> None:
    """Fill the index, look for more at several sizes of it, and compare with all as a yardstick."""
    count, seed = int(sys.argv[1]), int(sys.argv[2])
    chance = random.Random(seed)
    call_command("migrate", verbosity=0)
    version = open_study(STUDY.read_text("utf-8"), None)
    steps: list[dict[str, Any]] = []
    texts: list[str] = []
    made = make_conversations(chance, count // LENGTH)
    while batch := [one for _, one in zip(range(BATCH), made, strict=False)]:
        ids = store(version, batch)
        _, wall, cpu = search(ids)
        texts += [one.text for transcript in batch for one in transcript.utterances]
        each = {"wall_ms": round(1000 * wall / len(ids), 2), "cpu_ms": round(1000 * cpu / len(ids), 2)}
        steps.append({"utterances": len(texts), **each})
        print(json.dumps(steps[-1]), flush=True)
    long = [text for text in texts if sketch(text) is not None]
    planted = store(version, plant(chance, chance.sample(long, PLANTED)))
    found, _, _ = search(planted, keep=False)
    alone = [search(store(version, [one]), keep=False) for one in make_conversations(chance, ALONE)]
    pairs = [get_pairs(text) for text in long]

    def compare(text: str) -> int:
        mine = get_pairs(text)
        return sum(len(mine & theirs) >= ALIKE * len(mine | theirs) for theirs in pairs)

    all_pairs = [clock(partial(compare, text)) for text in chance.sample(long, COMPARED)]
    result = {
        "utterances": len(texts),
        "in_the_index": Fingerprint.objects.count(),
        "first_batch": steps[0],
        "last_batch": steps[-1],
        "one_conversation_ms": round(1000 * median(wall for _, wall, _ in alone), 1),
        "planted": PLANTED,
        "planted_found": sum(bool(copies) for copies in found.values()),
        "false": sum(bool(copies) for one, _, _ in alone for copies in one.values()),
        "compare_with_all_ms_an_utterance": round(1000 * median(all_pairs), 1),
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
