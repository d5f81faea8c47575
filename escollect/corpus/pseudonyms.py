"""Who is who in a release, without saying who it is: names that hold within it, and its splits."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from itertools import groupby
from uuid import UUID

from django.conf import settings

from escollect.corpus.layouts.base import SPLITS
from escollect.corpus.models import Release, ReleaseItem
from escollect.people.models import Person

SHARES = (0.8, 0.9, 1.0)
"""The upper ends of the splits on a line from 0 to 1."""

CHUNK = 2000


def hash_person(release: Release, person: UUID) -> str:
    """The name of a person in this release; in another one it is another name."""
    return "p" + _digest(f"release/{release.study.slug}/{release.version}/{person}").hex()[:20]


def choose_split(supporter: UUID) -> str:
    """The split of all of a supporter's conversations, in every release: 80, 10 and 10 % of the supporters.

    It depends on the person alone, so growth moves nobody, and no supporter is in two splits.
    """
    place = int.from_bytes(_digest(f"split/{supporter}")[:8], "big") / 2**64
    return next(split for split, end in zip(SPLITS, SHARES, strict=True) if place < end)


def _digest(text: str) -> bytes:
    return hmac.new(settings.PSEUDONYM_KEY.encode(), text.encode(), hashlib.sha256).digest()


def count_overlap(release: Release) -> dict[str, int]:
    """The seekers of the accepted conversations, and how many of them are in more than one split."""
    pairs = (
        ReleaseItem.objects.filter(release=release, part=ReleaseItem.Part.ACCEPTED)
        .order_by("conversation__seeker__person_id")
        .values_list("conversation__seeker__person_id", "conversation__supporter__person_id")
        .iterator(chunk_size=CHUNK)
    )
    seekers = several = 0
    for _seeker, group in groupby(pairs, key=lambda pair: pair[0]):
        seekers += 1
        several += len({choose_split(supporter) for _who, supporter in group}) > 1
    return {"seekers": seekers, "in_several_splits": several}


def get_speakers(release: Release) -> Iterator[str]:
    """Everybody who speaks in the accepted conversations, by the name that they have in the release."""
    items = ReleaseItem.objects.filter(release=release, part=ReleaseItem.Part.ACCEPTED)
    sought = items.values("conversation__seeker__person_id")
    supported = items.values("conversation__supporter__person_id")
    people = Person.objects.filter(pk__in=sought.union(supported)).order_by("pk")
    for person in people.values_list("pk", flat=True).iterator(chunk_size=CHUNK):
        yield hash_person(release, person)
