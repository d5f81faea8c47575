"""Signing in with name and password, a limited number of wrong times."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING, Any

from django.contrib.auth.backends import ModelBackend
from django.core.exceptions import PermissionDenied

from escollect.accounts.models import User
from escollect.domain.bucket import Bucket

if TYPE_CHECKING:
    from django.http import HttpRequest  # noqa: TID251  the type that Django hands over

WRONG_TRIES = 10
SECONDS_A_TRY = 60
REMEMBERED = 10_000

Key = tuple[str, str]

_buckets: OrderedDict[Key, Bucket] = OrderedDict()
_lock = Lock()


def get_pause(request: HttpRequest | None, username: str) -> float:
    """Seconds until this name may be tried again from where the request comes from, 0 when it may be now."""
    with _lock:
        bucket = _buckets.get(_key(request, username))
        return 0.0 if bucket is None else bucket.wait(monotonic())


class ThrottledBackend(ModelBackend):
    """Django's own backend, closed to a name after ten wrong passwords from one address.

    Then one more try a minute. Counted in each process, for every page where somebody signs in; other
    addresses are not closed, so that nobody can lock the staff out by guessing.
    """

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **kwargs: Any,
    ) -> User | None:
        if username is None:
            return None
        # Without asking for the password: a right one is not to be told from a wrong one.
        if get_pause(request, username):
            raise PermissionDenied
        found = super().authenticate(request, username, password, **kwargs)
        user = found if isinstance(found, User) else None
        _note(_key(request, username), failed=user is None)
        return user


def _key(request: HttpRequest | None, username: str) -> Key:
    address = "" if request is None else str(request.META.get("REMOTE_ADDR", ""))
    return username.casefold(), address


def _note(key: Key, *, failed: bool) -> None:
    with _lock:
        bucket = _buckets.pop(key, None) or Bucket(1 / SECONDS_A_TRY, WRONG_TRIES)
        if not failed:
            return
        bucket.take(monotonic())
        _buckets[key] = bucket
        if len(_buckets) > REMEMBERED:
            _buckets.popitem(last=False)
