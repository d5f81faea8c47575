"""Staff from outside: a REST token, a login, and what they read and make with it."""

from __future__ import annotations

import json
from typing import Any
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import Page

from tests.support.processes import wait_until
from tests.support.servers import Embedded, Production

STUDY = "fixtures/studies/esconv.yaml"
PASSWORD = "correct horse battery staple"


class Staff:
    """An admin with a REST token, in an application with the paper's study open."""

    def __init__(self, application: Embedded | Production, study: str = STUDY) -> None:
        self.application = application
        self.token = application.make_token()
        assert application.manage("open_study", study) == {"study": "esconv", "version": 1}

    def call(self, path: str, body: Any = None) -> Any:
        """GET, or POST when there is a body; the answer's JSON."""
        request = Request(
            f"{self.application.url}/api/v1/{path}",
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Token {self.token}", "Content-Type": "application/json"},
        )
        with urlopen(request, timeout=20) as answer:
            return json.loads(answer.read())

    def invite(self, role: str, **more: Any) -> str:
        """The invite of a fresh participant."""
        return str(self.call("participants/", {"study": "esconv", "role": role, **more})["invite_url"])

    def verdict(self, conversation: str) -> Any:
        """The conversation once the policy has decided, which takes a moment."""
        wait_until(
            lambda: self.call(f"conversations/{conversation}/")["verdict"] is not None,
            lambda: f"no verdict; {self.application.log()}",
        )
        return self.call(f"conversations/{conversation}/")

    def sign_in(self, page: Page) -> None:
        """Sign in at the desk as a superuser."""
        self.application.environment["DJANGO_SUPERUSER_PASSWORD"] = PASSWORD
        self.application.manage(
            "createsuperuser", "--noinput", "--username", "grace", "--email", "g@example.org", check=False
        )
        page.goto("/desk/")
        page.locator("[name=username]").fill("grace")
        page.locator("[name=password]").fill(PASSWORD)
        page.locator("main [type=submit]").click()


def staff_of(request: pytest.FixtureRequest) -> Staff:
    """The staff of the application that the fixture's parameter names: embedded or production."""
    names = {"embedded": "embedded_server", "production": "production_servers"}
    return Staff(request.getfixturevalue(names[request.param]))
