from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

ROOT = Path(__file__).resolve().parent.parent.parent


@dataclass(frozen=True, slots=True)
class Environment:
    """What the process was told from outside; docs/settings.md describes every variable."""

    home: Path
    port: int
    debug: bool
    database_url: str
    redis_url: str
    secret_key: str
    allowed_hosts: list[str]
    public_url: str

    def origins(self) -> list[str]:
        """The full origins that pages and sockets of this site are served from."""
        own = [self.public_url]
        host = urlsplit(self.public_url).hostname
        if host in ("127.0.0.1", "localhost"):
            port = urlsplit(self.public_url).port
            suffix = f":{port}" if port else ""
            own = [f"http://127.0.0.1{suffix}", f"http://localhost{suffix}"]
        return own

    def socket_origins(self) -> list[str]:
        """The same origins with the websocket schemes, for the content security policy."""
        return [origin.replace("http", "ws", 1) for origin in self.origins()]


def read() -> Environment:
    """Read the environment.

    Raises ImproperlyConfigured with a sentence that names the variable when a value is wrong.
    """
    port = _port(os.environ.get("PORT", "8000"))
    home = _home(os.environ.get("ESCOLLECT_HOME") or str(ROOT / "var"))
    public_url = os.environ.get("PUBLIC_URL") or f"http://127.0.0.1:{port}"
    _check_url("PUBLIC_URL", public_url, ("http", "https"), "https://chat.example.org")
    redis_url = os.environ.get("REDIS_URL", "")
    if redis_url:
        _check_url("REDIS_URL", redis_url, ("redis", "rediss", "unix"), "redis://127.0.0.1:6379/0")
    database_url = os.environ.get("DATABASE_URL") or f"sqlite:///{home / 'db.sqlite3'}"
    _check_url(
        "DATABASE_URL",
        database_url,
        ("sqlite", "postgres", "postgresql"),
        "postgresql://user:password@127.0.0.1/escollect",
    )
    return Environment(
        home=home,
        port=port,
        debug=_flag("DEBUG", os.environ.get("DEBUG", "")),
        database_url=database_url,
        redis_url=redis_url,
        secret_key=os.environ.get("SECRET_KEY", ""),
        allowed_hosts=[h.strip() for h in os.environ.get("ALLOWED_HOSTS", "").split(",") if h.strip()],
        public_url=public_url.rstrip("/"),
    )


def database(env: Environment) -> dict[str, Any]:
    """Django's settings of the database; SQLite takes its write lock when a transaction begins."""
    config: dict[str, Any] = dict(environ.Env.db_url_config(env.database_url))
    if config["ENGINE"].endswith("sqlite3"):
        config["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": ("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;"),
        }
        config["TEST"] = {"NAME": str(env.home / "test.sqlite3")}
    else:
        config["CONN_HEALTH_CHECKS"] = True
    config["CONN_MAX_AGE"] = 600
    return config


def channel_layer(env: Environment) -> dict[str, Any]:
    """The channel layer: in this process, or over Redis when REDIS_URL is set."""
    if not env.redis_url:
        return {"BACKEND": "channels.layers.InMemoryChannelLayer", "CONFIG": {}}
    return {
        "BACKEND": "escollect.infra.layer.ResilientRedisLayer",
        "CONFIG": {"url": env.redis_url},
    }


def _home(value: str) -> Path:
    home = Path(value).absolute()
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ImproperlyConfigured(
            f"ESCOLLECT_HOME is {value!r}; it must be a folder that can be written ({error.strerror})."
        ) from error
    if not os.access(home, os.W_OK):
        raise ImproperlyConfigured(f"ESCOLLECT_HOME is {value!r}; this folder cannot be written to.")
    return home


def _port(value: str) -> int:
    if not value.isascii() or not value.isdigit() or not 0 < int(value) < 65536:
        raise ImproperlyConfigured(f"PORT is {value!r}; it must be a number from 1 to 65535.")
    return int(value)


def _flag(name: str, value: str) -> bool:
    words = {"": False, "0": False, "off": False, "false": False, "no": False}
    words |= {"1": True, "on": True, "true": True, "yes": True}
    if value.lower() not in words:
        raise ImproperlyConfigured(f"{name} is {value!r}; write on or off.")
    return words[value.lower()]


def _check_url(name: str, value: str, schemes: tuple[str, ...], example: str) -> None:
    scheme = urlsplit(value).scheme
    if scheme not in schemes:
        # The value may hold a password, so only its beginning is told.
        raise ImproperlyConfigured(
            f"{name} starts with {scheme or 'no scheme'}; it must be an address that starts with "
            f"{', '.join(s + '://' for s in schemes)}, for example {example}."
        )
