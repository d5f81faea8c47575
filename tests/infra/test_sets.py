"""Statements over many rows tell how many rows there were, on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest

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
