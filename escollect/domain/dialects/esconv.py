"""`esconv`: the strict dialect of the published ESConv.json, as releases have it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from escollect.domain.dialects.base import Container, Dialect
from escollect.domain.esconv import lacks, read_record, write_record
from escollect.domain.transcript import Transcript


def _write(transcript: Transcript, extras: Mapping[str, str], utterance_ids: Sequence[str]) -> str:
    return json.dumps(write_record(transcript, extras, utterance_ids))


def _recognises(_record: object) -> bool:
    return True


DIALECT = Dialect(
    name="esconv",
    about="The published ESConv.json: an array of records of ten keys, one utterance a turn, texts only.",
    suffix=".json",
    container=Container.ARRAY,
    read=read_record,
    write=_write,
    lacks=lacks,
    recognises=_recognises,
)
