"""Rate limits of a process that every door shares: neither coming back nor another door refills a bucket."""

from __future__ import annotations

from collections import OrderedDict
from uuid import UUID

from escollect.domain.bucket import Bucket

REMEMBERED = 10_000

_utterances: OrderedDict[UUID, Bucket] = OrderedDict()


def get_utterance_bucket(participant: UUID, rate: float, burst: float) -> Bucket:
    """The participant's bucket of utterances in this process; the longest unused are forgotten first."""
    bucket = _utterances.pop(participant, None)
    if bucket is None or (bucket.rate, bucket.burst) != (rate, burst):
        bucket = Bucket(rate, burst)
    _utterances[participant] = bucket
    if len(_utterances) > REMEMBERED:
        _utterances.popitem(last=False)
    return bucket
