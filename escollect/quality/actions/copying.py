"""The index of long utterances: what is written into it, and the near-copies that are found there."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from uuid import UUID

from escollect.conversations.models import Conversation, Event
from escollect.domain.quality.copies import ALIKE, BANDS, get_likeness, sketch
from escollect.domain.quality.rules.base import numbered
from escollect.domain.transcript import SEEKER, Copy, Transcript
from escollect.infra.serial import one_at_a_time
from escollect.infra.sets import insert_rows
from escollect.quality.models import Fingerprint

CHUNK = 1000
CANDIDATES = 30
"""So many of the likeliest are compared with an utterance, and no more."""

ENOUGH_OWN = 3
ENOUGH_OTHERS = 20
"""What stands in the index so often already is not written into it again, so that no look-up grows long."""

Place = tuple[UUID, int]
KEYS = tuple(f"key{band}" for band in range(BANDS))


@dataclass(frozen=True, slots=True)
class Author:
    """Who wrote an utterance: the person behind the participant; `file` where it was imported from one."""

    role: str
    person: UUID
    file: tuple[int, str] | None


@dataclass(frozen=True, slots=True)
class _Entry:
    """A row of the index: its primary key, which tells the order, and the keys of its bands."""

    pk: int
    keys: Sequence[int]


def get_sketches(transcript: Transcript) -> dict[int, tuple[int, ...]]:
    """The sketches of the long utterances by their numbers."""
    found = {}
    for seq, utterance in numbered(transcript):
        keys = sketch(utterance.text)
        if keys is not None:
            found[seq] = keys
    return found


def find_copies(
    transcripts: Sequence[Transcript], sketches: Mapping[UUID, Mapping[int, tuple[int, ...]]]
) -> dict[UUID, tuple[Copy, ...]]:
    """The copies in these conversations of what was looked at earlier, and put them into the index.

    Takes the turn of all who do the same until the transaction ends: the order of the rows is the order in
    which transactions end, so of two that are looked at at once one finds the other. Looking at a
    conversation again finds what it found before.
    """
    if not any(sketches.values()):
        return {UUID(one.id): () for one in transcripts}
    one_at_a_time("quality.fingerprints")
    own = _put(sketches)
    near = _find_near(own)
    texts, authors = _read(transcripts, near)
    copies: dict[UUID, list[Copy]] = defaultdict(list)
    full = []
    for place, entry in own.items():
        found = list(_compare(place, near.get(place, ()), texts, authors))
        matches = Counter(copy.own for copy in found)
        if matches[True] >= ENOUGH_OWN or matches[False] >= ENOUGH_OTHERS:
            full.append(entry.pk)
        copies[place[0]].extend(_likeliest(found))
    if full:
        Fingerprint.objects.filter(pk__in=full).delete()
    return {UUID(one.id): tuple(copies.get(UUID(one.id), ())) for one in transcripts}


def _put(sketches: Mapping[UUID, Mapping[int, tuple[int, ...]]]) -> dict[Place, _Entry]:
    """The entries of these utterances, those written that are not there yet."""
    there = _get_entries(sketches)
    new = [
        (conversation, seq, *keys)
        for conversation, by_seq in sketches.items()
        for seq, keys in by_seq.items()
        if (conversation, seq) not in there
    ]
    for start in range(0, len(new), CHUNK):
        insert_rows(Fingerprint, ("conversation", "seq", *KEYS), new[start : start + CHUNK])
    return _get_entries(sketches) if new else there


def _get_entries(conversations: Iterable[UUID]) -> dict[Place, _Entry]:
    rows = Fingerprint.objects.filter(conversation_id__in=list(conversations)).order_by("pk")
    found = rows.values_list("conversation_id", "seq", "pk", *KEYS)
    return {(conversation, seq): _Entry(pk, keys) for conversation, seq, pk, *keys in found}


def _find_near(own: Mapping[Place, _Entry]) -> dict[Place, list[Place]]:
    """For each utterance the earlier ones of other conversations that share a band, the likeliest first."""
    shared: dict[Place, Counter[Place]] = defaultdict(Counter)
    batch = list({conversation for conversation, _seq in own})
    for band, name in enumerate(KEYS):
        mine: dict[int, list[tuple[int, Place]]] = defaultdict(list)
        for place, entry in own.items():
            mine[entry.keys[band]].append((entry.pk, place))
        # Those of the batch are known already, and would be most of what the index has to say.
        within = ((key, pk, place) for key, alike in mine.items() if len(alike) > 1 for pk, place in alike)
        for key, pk, other in chain(_look_up(name, list(mine), batch), within):
            for own_pk, place in mine[key]:
                if pk < own_pk and other[0] != place[0]:
                    shared[place][other] += 1
    return {
        place: [other for other, _ in counted.most_common(CANDIDATES)] for place, counted in shared.items()
    }


def _look_up(name: str, keys: Sequence[int], batch: Sequence[UUID]) -> Iterator[tuple[int, int, Place]]:
    """Key, primary key and place of what has one of these keys and is not of the batch, in order."""
    for start in range(0, len(keys), CHUNK):
        rows = Fingerprint.objects.filter(**{f"{name}__in": keys[start : start + CHUNK]})
        rows = rows.exclude(conversation_id__in=batch).order_by("pk")
        for key, pk, conversation, seq in rows.values_list(name, "pk", "conversation_id", "seq"):
            yield key, pk, (conversation, seq)


def _read(
    transcripts: Iterable[Transcript], near: Mapping[Place, Iterable[Place]]
) -> tuple[dict[Place, str], dict[Place, Author]]:
    """The texts and authors of these conversations and of the candidates."""
    texts: dict[Place, str] = {}
    roles: dict[Place, str] = {}
    for transcript in transcripts:
        for seq, utterance in numbered(transcript):
            texts[UUID(transcript.id), seq] = utterance.text
            roles[UUID(transcript.id), seq] = utterance.role
    missing = {other for others in near.values() for other in others} - texts.keys()
    conversations = list({conversation for conversation, _ in missing})
    for start in range(0, len(conversations), CHUNK):
        events = Event.objects.filter(
            conversation_id__in=conversations[start : start + CHUNK],
            seq__in={seq for _, seq in missing},
            kind=Event.Kind.MSG,
        ).order_by()
        for conversation, seq, author, text in events.values_list("conversation_id", "seq", "author", "text"):
            if (conversation, seq) in missing:
                texts[conversation, seq], roles[conversation, seq] = text, author
    return texts, _get_authors(near, roles)


def _get_authors(near: Mapping[Place, Iterable[Place]], roles: Mapping[Place, str]) -> dict[Place, Author]:
    places = {other for others in near.values() for other in others} | near.keys()
    conversations = list({conversation for conversation, _ in places})
    people: dict[UUID, tuple[UUID, UUID, tuple[int, str] | None]] = {}
    for start in range(0, len(conversations), CHUNK):
        rows = Conversation.objects.filter(pk__in=conversations[start : start + CHUNK]).order_by()
        for pk, study, source, seeker, supporter in rows.values_list(
            "pk", "study_id", "source", "seeker__person_id", "supporter__person_id"
        ):
            people[pk] = seeker, supporter, (study, source) if source else None
    authors = {}
    for place in places:
        if place in roles and place[0] in people:
            seeker, supporter, file = people[place[0]]
            authors[place] = Author(roles[place], seeker if roles[place] == SEEKER else supporter, file)
    return authors


def _compare(
    place: Place, others: Iterable[Place], texts: Mapping[Place, str], authors: Mapping[Place, Author]
) -> Iterator[Copy]:
    for other in others:
        if other not in authors:
            continue
        likeness = get_likeness(texts[place], texts[other])
        if likeness >= ALIKE:
            mine, theirs = authors[place], authors[other]
            own, one_file = mine.person == theirs.person, mine.file is not None and mine.file == theirs.file
            yield Copy(place[1], str(other[0]), other[1], own, round(likeness, 3), one_file)


def _likeliest(found: Sequence[Copy]) -> list[Copy]:
    """An utterance's nearest copies: of one's own and of somebody else's, in the same file and outside it."""
    nearest: dict[tuple[bool, bool], Copy] = {}
    for copy in found:
        kind = copy.own, copy.one_file
        if kind not in nearest or copy.likeness > nearest[kind].likeness:
            nearest[kind] = copy
    return [nearest[kind] for kind in sorted(nearest, reverse=True)]
