from __future__ import annotations

import logging
from io import StringIO

import pytest
from django.test import Client

from escollect.config.logs import HideInvites
from escollect.people.actions import invite
from tests.support.rooms import make_study


@pytest.mark.django_db
def test_the_token_of_a_refused_invite_is_not_in_the_log() -> None:
    (handler,) = (
        one
        for one in logging.getLogger().handlers
        if isinstance(one, logging.StreamHandler) and any(isinstance(f, HideInvites) for f in one.filters)
    )
    study = make_study()
    token = invite(study, "seeker")[1]
    study.state = "paused"
    study.save()
    written = StringIO()
    before = handler.setStream(written)
    try:
        assert Client().get(f"/join/{token}/").status_code == 403
    finally:
        handler.setStream(before)
    assert "Forbidden: /join/…/" in written.getvalue()
    assert token not in written.getvalue()
