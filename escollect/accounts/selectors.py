from __future__ import annotations

import hashlib

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q

from escollect.accounts.models import ApiToken, StaffRole, User
from escollect.accounts.permissions import ALLOWED, Thing
from escollect.infra.clock import now

Login = User | AnonymousUser


def get_roles(user: Login) -> frozenset[StaffRole]:
    """The staff roles of a login: its groups; every role for a superuser, none without a live login."""
    if not isinstance(user, User) or not user.is_active:
        return frozenset()
    if user.is_superuser:
        return frozenset(StaffRole)
    names = user.groups.values_list("name", flat=True)
    return frozenset(StaffRole(name) for name in names if name in StaffRole.values)


def may(user: Login, thing: Thing) -> bool:
    """Whether the login may see or do `thing` (see `accounts.permissions.ALLOWED`)."""
    return not get_roles(user).isdisjoint(ALLOWED[thing])


def get_actor(by: User | None) -> str:
    """Who acts, as the audit names them; None is the system, or somebody at the server's own command line."""
    return "system" if by is None else f"staff:{by.get_username()}"


def hash_token(token: str) -> str:
    """What is stored of a token: its SHA-256 as hex. Tokens are random, so no salt is needed."""
    return hashlib.sha256(token.encode()).hexdigest()


def get_token(token: str) -> ApiToken | None:
    """The stored token with its user; None when unknown, revoked, expired or of a closed login."""
    return (
        ApiToken.objects.select_related("user")
        .filter(Q(expires_at=None) | Q(expires_at__gt=now()))
        .filter(digest=hash_token(token), revoked_at=None, user__is_active=True)
        .first()
    )


def get_token_roles(token: ApiToken) -> frozenset[StaffRole]:
    """What a token may act as: the roles of its login, narrowed to the token's scopes when it has any."""
    roles = get_roles(token.user)
    return roles & frozenset(token.scopes) if token.scopes else roles
