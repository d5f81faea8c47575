from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from escollect.studies.models import Study
from tests.web.desk.scenes import make_staff, make_study

Login = Callable[[str], Client]


@pytest.fixture
def study(db: None) -> Study:  # noqa: ARG001
    """An open study."""
    return make_study()


@pytest.fixture
def login(db: None) -> Login:  # noqa: ARG001
    """Gives a client that is signed in as a staff login of a role."""

    def sign_in(role: str) -> Client:
        client = Client()
        client.force_login(make_staff(role))
        return client

    return sign_in
