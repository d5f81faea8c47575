"""Pages for what goes wrong on our side: which one comes says whether trying again soon will help."""

from __future__ import annotations

import pytest
from django.db import InterfaceError, OperationalError
from django.test import Client

from escollect.web import entry

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("error", "status", "headline", "retry"),
    [
        (OperationalError("away"), 503, "We are not reachable for a moment", "5"),
        (InterfaceError("closed"), 503, "We are not reachable for a moment", "5"),
        (RuntimeError("a bug"), 500, "Something went wrong on our side", None),
    ],
)
def test_a_page_without_a_database_says_so_and_any_other_fault_is_ours(
    monkeypatch: pytest.MonkeyPatch, error: Exception, status: int, headline: str, retry: str | None
) -> None:
    def fail(*_arguments: object) -> None:
        raise error

    monkeypatch.setattr(entry, "get_open_studies", fail)
    response = Client(raise_request_exception=False).get("/")
    assert (response.status_code, response.headers.get("Retry-After")) == (status, retry)
    assert f"<h1>{headline}</h1>" in response.content.decode()
    assert str(error) not in response.content.decode()
