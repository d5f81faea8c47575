from __future__ import annotations

import base64
import json

import pytest

from escollect.audit.models import AuditRow
from escollect.infra.keyset import Slice, get_slice

KEYS = ("actor", "-id")


def _page(cursor: str = "") -> Slice[AuditRow]:
    return get_slice(AuditRow.objects.all(), KEYS, cursor, size=3)


@pytest.fixture
def expected(db: None) -> list[int]:  # noqa: ARG001
    """Eight rows of three actors; their ids in the order of the keys."""
    rows = [AuditRow.objects.create(actor=actor, action="x") for actor in "bacabcab"]
    return [row.pk for row in sorted(rows, key=lambda row: (row.actor, -row.pk))]


def test_pages_follow_each_other_and_lead_back(expected: list[int]) -> None:
    first = _page()
    second = _page(first.next)
    third = _page(second.next)
    found = [[row.pk for row in page.rows] for page in (first, second, third)]
    assert found == [expected[:3], expected[3:6], expected[6:]]
    assert (first.previous, third.next) == ("", "")
    back = _page(third.previous)
    assert [row.pk for row in back.rows] == expected[3:6]
    assert [row.pk for row in _page(back.previous).rows] == expected[:3]
    assert _page(back.previous).previous == ""


def test_a_row_that_arrives_shifts_no_page(expected: list[int]) -> None:
    first = _page()
    AuditRow.objects.create(actor="a", action="x")
    assert [row.pk for row in _page(first.next).rows] == expected[3:6]


@pytest.mark.parametrize(
    "cursor", ["nonsense", "ü", "WyJuIl0", "bnVsbA", "WyJ4IiwxLDJd", "WyJuIiwiYSIsImIiXQ", "A" * 99]
)
def test_a_cursor_that_cannot_be_read_means_the_first_page(cursor: str, expected: list[int]) -> None:
    assert [row.pk for row in _page(cursor).rows] == expected[:3]


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00+23:59", "2026-01-01T00:00:00", "tomorrow", 5, None])
def test_a_cursor_with_a_time_that_cannot_be_means_the_first_page(at: object, expected: list[int]) -> None:
    cursor = base64.urlsafe_b64encode(json.dumps(["n", {"at": at}, 1]).encode()).decode()
    found = get_slice(AuditRow.objects.all(), ("at", "id"), cursor, size=3)
    assert [row.pk for row in found.rows] == sorted(expected)[:3]
