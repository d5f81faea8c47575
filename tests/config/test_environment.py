from __future__ import annotations

from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from escollect.config import environment

PROJECT = Path(__file__).parents[2]
VARIABLES = ("PORT", "DEBUG", "DATABASE_URL", "REDIS_URL", "PUBLIC_URL", "ALLOWED_HOSTS", "ESCOLLECT_HOME")


@pytest.fixture(autouse=True)
def nothing_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "0"),
        ("PORT", "65536"),
        ("PORT", "eighty"),
        ("DEBUG", "maybe"),
        ("DATABASE_URL", "mysql://u:hunter2@db/x"),
        ("REDIS_URL", "127.0.0.1:6379"),
        ("PUBLIC_URL", "chat.example.org"),
    ],
)
def test_a_wrong_value_stops_the_start_with_a_sentence_that_names_it(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ImproperlyConfigured, match=rf"^{name} ") as refused:
        environment.read()
    assert "hunter2" not in str(refused.value)


def test_without_variables_everything_is_embedded(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SECRET_KEY", raising=False)
    assert environment.read() == environment.Environment(
        home=PROJECT / "var",
        port=8000,
        debug=False,
        database_url=f"sqlite:///{PROJECT / 'var' / 'db.sqlite3'}",
        redis_url="",
        secret_key="",
        allowed_hosts=[],
        public_url="http://127.0.0.1:8000",
    )


def test_pages_and_sockets_come_from_the_public_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUBLIC_URL", "https://chat.example.org/")
    read = environment.read()
    assert (read.origins(), read.socket_origins()) == (
        ["https://chat.example.org"],
        ["wss://chat.example.org"],
    )
