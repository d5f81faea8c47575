"""A conversation as the rules, the statistics and the exporters see it: immutable, without
database or clock.

Ratings live in the room's event log; a corpus carries them as feedback on seeker utterances. The
two functions at the end go from one form to the other (corpus format, section 1).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

SEEKER = "seeker"
SUPPORTER = "supporter"
ROLES: tuple[str, ...] = (SEEKER, SUPPORTER)

MESSAGE = "msg"
RATING = "rating"


@dataclass(frozen=True, slots=True)
class Telemetry:
    """How an utterance was written, in counts: never what was typed, deleted or pasted.

    `ms` runs from the first key to sending; a client that did not count leaves None.
    """

    keys: int | None = None
    ms: int | None = None
    paste_chars: int | None = None
    blurs: int | None = None


@dataclass(frozen=True, slots=True)
class Copy:
    """The utterance `seq` stood in an earlier conversation; `own` when the same person wrote it there.

    `likeness` is the share of word pairs that both have, 0 to 1. `one_file` says that both conversations
    were imported from the same file.
    """

    seq: int
    conversation: str
    other_seq: int
    own: bool
    likeness: float
    one_file: bool = False


@dataclass(frozen=True, slots=True)
class Utterance:
    """One message. Feedback (1-5) is on seeker utterances only, a strategy on supporter utterances
    only. `id` is the name it had in the file that it was read from.
    `original` is the first label, where an adjudicator of relabelling chose another one.

    `at`, `seen` (the last number on the writer's screen) and `tele` are there where they are asked for
    and the utterance was written here.
    """

    role: str
    text: str
    strategy: str | None = None
    feedback: int | None = None
    seq: int | None = None
    id: str | None = None
    at: datetime | None = None
    seen: int | None = None
    tele: Telemetry | None = None
    original: str | None = None


@dataclass(frozen=True, slots=True)
class Transcript:
    """A conversation with its surveys; every survey field is None where it was not answered.

    `extra` holds the answers to a study's own questions, as keys and texts that a record can carry.
    Intensities, empathy and relevance are 1-5. `relevance` is what the seeker gave;
    `supporter_relevance` is how far, to the supporter, the seeker went into detail. `copies` is None
    where nobody searched.
    """

    id: str
    finished: bool
    utterances: tuple[Utterance, ...]
    end_reason: str | None = None
    experience_type: str | None = None
    emotion_type: str | None = None
    problem_type: str | None = None
    situation: str | None = None
    initial_intensity: int | None = None
    empathy: int | None = None
    relevance: int | None = None
    final_intensity: int | None = None
    supporter_relevance: int | None = None
    seeker_question1: str | None = None
    seeker_question2: str | None = None
    supporter_question1: str | None = None
    supporter_question2: str | None = None
    extra: tuple[tuple[str, str], ...] = ()
    copies: tuple[Copy, ...] | None = None

    @property
    def seeker_answered(self) -> bool:
        """Whether the seeker answered the post-chat survey (any of its three scores is there)."""
        return not (self.empathy is None and self.relevance is None and self.final_intensity is None)

    def by(self, role: str) -> tuple[Utterance, ...]:
        """The utterances of one role, in order."""
        return tuple(utterance for utterance in self.utterances if utterance.role == role)


class Entry(NamedTuple):
    """One entry of a room's log, of the two kinds that make a transcript: `msg` and `rating`.

    A tuple, because judging makes millions of them.
    """

    kind: str
    role: str
    text: str = ""
    strategy: str | None = None
    value: int | None = None
    seq: int | None = None
    at: datetime | None = None
    seen: int | None = None
    tele: Telemetry | None = None


def utterances_from(entries: Iterable[Entry]) -> tuple[Utterance, ...]:
    """The utterances of a log in order, with each rating placed as feedback; other kinds of entry
    are passed over.

    A rating annotates the first seeker utterance sent after it; after the seeker's last utterance
    it annotates that one. Where two fall on one utterance the later counts. A rating without any
    seeker utterance is lost.
    """
    utterances: list[Utterance] = []
    last_seeker: int | None = None
    pending: int | None = None
    for entry in entries:
        if entry.kind == RATING:
            pending = entry.value
        elif entry.kind == MESSAGE:
            feedback = None
            if entry.role == SEEKER:
                last_seeker, feedback, pending = len(utterances), pending, None
            said = Utterance(entry.role, entry.text, entry.strategy, feedback, entry.seq)
            if entry.at is not None or entry.tele is not None:
                said = replace(said, at=entry.at, seen=entry.seen, tele=entry.tele)
            utterances.append(said)
    if pending is not None and last_seeker is not None:
        utterances[last_seeker] = replace(utterances[last_seeker], feedback=pending)
    return tuple(utterances)


def entries_from(utterances: Iterable[Utterance]) -> Iterator[Entry]:
    """The log that gives these utterances back: a rating stands right before the seeker utterance
    that carries it.

    Sequence numbers count from 1, as in a room.
    """
    seq = 0
    for utterance in utterances:
        if utterance.feedback is not None:
            seq += 1
            yield Entry(RATING, SEEKER, value=utterance.feedback, seq=seq)
        seq += 1
        yield Entry(MESSAGE, utterance.role, utterance.text, utterance.strategy, seq=seq)
