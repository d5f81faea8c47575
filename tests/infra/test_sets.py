"""Statements over many rows tell how many rows there were, on both databases."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from escollect.audit.models import AuditRow
from escollect.infra import sets
from escollect.infra.clock import now
from escollect.infra.models import Heartbeat

pytestmark = pytest.mark.django_db


def test_an_update_of_many_rows_counts_those_that_the_guard_let_through() -> None:
    before, after = now(), now() + timedelta(hours=1)
    beats = [Heartbeat.objects.create(name=name, at=before) for name in ("one", "two", "three")]
    rows = [(beat.pk, after) for beat in beats]
    assert sets.update_rows(Heartbeat, ["at"], rows, "infra_heartbeat.name <> 'two'") == 2
    assert sets.update_rows(Heartbeat, ["at"], rows, "1 = 0") == 0
    stored = dict(Heartbeat.objects.values_list("name", "at"))
    assert stored == {"one": after, "two": before, "three": after}


COLUMNS = ("at", "actor", "action", "old", "why", "object_type", "object_id")
TEXTS = ("plain", 'it\'s 100 %s "quoted" \\ {}', "日本語 und ü", "line\nbreak\ttab", "")


def test_rows_are_inserted_as_they_are_given_in_one_statement() -> None:
    moment = now()
    rows = [
        (
            moment + timedelta(seconds=n),
            f"staff:{n}",
            "test",
            None if n else json.dumps({"said": text}),
            text,
            "",
            "",
        )
        for n, text in enumerate(TEXTS)
    ]
    sets.insert_rows(AuditRow, COLUMNS, rows)
    stored = AuditRow.objects.order_by("pk").values_list(*COLUMNS)
    assert list(stored) == [
        (*row[:3], None if row[3] is None else json.loads(row[3]), *row[4:]) for row in rows
    ]


def test_a_query_is_compiled_once_for_all_lists_of_keys() -> None:
    by_key = sets.Picked(lambda: AuditRow.objects.order_by("-pk").values_list("actor", "at", "old"), "pk")
    moment = now()
    made = [AuditRow.objects.create(actor=f"staff:{n}", action="test", old=[n]) for n in range(4)]
    AuditRow.objects.update(at=moment)
    assert by_key.get([made[0].pk, made[2].pk]) == [("staff:2", moment, [2]), ("staff:0", moment, [0])]
    assert by_key.get([made[3].pk]) == [("staff:3", moment, [3])]
    assert by_key.get([]) == []
    with pytest.raises(ValueError, match="more than the keys"):
        sets.Picked(lambda: AuditRow.objects.filter(action="test").values_list("pk"), "pk").get([1])
