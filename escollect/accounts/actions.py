from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import Group
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from escollect.accounts.models import ApiToken, StaffRole, User
from escollect.accounts.selectors import get_actor, hash_token
from escollect.audit.actions import record
from escollect.infra.clock import now

TOKEN_DAYS = 365
MAX_TOKEN_DAYS = 3650
MAX_USERNAME = 90
TOKEN_PREFIX = "esc_"
TOUCH_SECONDS = 60


def ensure_roles(**_signal: Any) -> None:
    """Make the staff groups that are missing; also the receiver of `post_migrate`."""
    for role in StaffRole:
        Group.objects.get_or_create(name=role.value)


@transaction.atomic
def create_staff(username: str, role: str, password: str | None = None, by: User | None = None) -> User:
    """Make a staff login with a role, or give the role to a login that exists; `by` whom, for the audit.

    Without a password a new login cannot sign in to the desk (its tokens work). A password given for a
    login that exists replaces the old one. Raises ValueError with a sentence when a value is wrong.
    """
    if role not in StaffRole.values:
        raise ValueError(f"{role!r} is no staff role; choose one of {', '.join(StaffRole.values)}.")
    user = _get_or_make(username)
    if password is not None:
        _check_password(password, user)
        user.set_password(password)
    user.is_staff = True
    user.save()
    group, _ = Group.objects.get_or_create(name=role)
    user.groups.add(group)
    new = {"role": role, "password": "unchanged" if password is None else "set"}
    record("staff.role_given", actor=get_actor(by), obj=user, new=new)
    return user


@transaction.atomic
def create_token(
    username: str, role: str | None = None, name: str = "", days: int | None = TOKEN_DAYS
) -> str:
    """Make a REST token and return it; only its hash is kept, so this is the one time it is seen.

    The login is made when missing. With `role` the login gets that role and the token acts in it alone;
    without, the token has whatever roles the login has. `days` until it expires; None means never.
    Raises ValueError with a sentence when a value is wrong.
    """
    if days is not None and not 1 <= days <= MAX_TOKEN_DAYS:
        raise ValueError(f"A token lives for at least 1 day and at most {MAX_TOKEN_DAYS} days, not {days}.")
    user = _get_or_make(username) if role is None else create_staff(username, role)
    token = TOKEN_PREFIX + secrets.token_urlsafe(32)
    made = ApiToken.objects.create(
        user=user,
        name=name,
        digest=hash_token(token),
        scopes=[] if role is None else [role],
        expires_at=None if days is None else now() + timedelta(days=days),
    )
    new = {"login": user.get_username(), "name": name, "scopes": made.scopes}
    record("token.made", actor=get_actor(None), obj=made, new=new)
    return token


@transaction.atomic
def revoke_token(token: ApiToken, by: User | None = None) -> None:
    """End a token now. Revoking it twice keeps the first time."""
    if ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=now()):
        record("token.revoked", actor=get_actor(by), obj=token)


def touch_token(token: ApiToken) -> None:
    """Note that a token was used; written at most once a minute so that reads stay reads."""
    moment = now()
    if token.last_used_at is None or moment - token.last_used_at > timedelta(seconds=TOUCH_SECONDS):
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=moment)


def _check_password(password: str, user: User) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise ValueError(f"This password cannot be used: {' '.join(error.messages)}") from error


def _get_or_make(username: str) -> User:
    user = User.objects.filter(username=username).first()
    if user is not None:
        return user
    user = User(username=username)
    user.set_unusable_password()
    try:
        if len(username) > MAX_USERNAME:
            raise ValidationError(f"Use at most {MAX_USERNAME} characters.")
        user.full_clean(exclude=["password"])
    except ValidationError as error:
        raise ValueError(f"{username!r} cannot be a login: {' '.join(error.messages)}") from error
    user.save()
    return user
