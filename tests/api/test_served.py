"""Releases through REST on the real application: built by its worker, downloaded through its server."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from tests.support.processes import wait_until
from tests.support.servers import Embedded

RECORDS = "fixtures/demo/conversations.json"
pytestmark = [pytest.mark.servers, pytest.mark.slow]


class Script:
    """A program with a token."""

    def __init__(self, server: Embedded) -> None:
        self.base = f"{server.url}/api/v1/"
        token = server.manage("create_token", "ada", "--staff-role", "researcher")["token"]
        self.headers = {"Authorization": f"Token {token}", "Content-Type": "application/json"}

    def read(self, path: str, body: Any = None) -> bytes:
        data = None if body is None else json.dumps(body).encode()
        with urlopen(Request(self.base + path, data, self.headers), timeout=30) as answer:
            found: bytes = answer.read()
        return found

    def call(self, path: str, body: Any = None) -> Any:
        return json.loads(self.read(path, body))


def test_a_release_made_by_rest_is_the_one_that_the_command_makes(
    embedded_server: Embedded, tmp_path: Path
) -> None:
    run, script = embedded_server.manage, Script(embedded_server)
    run("open_study", "fixtures/studies/demo.yaml")
    imported = run("import_corpus", RECORDS, "--study", "demo")
    made = script.call("releases/", {"study": "demo", "version": "1.0"})
    assert (made["state"], made["files"], made["sha256"]) == ("queued", [], "")

    def get_state() -> str:
        return str(script.call(f"releases/{made['id']}/")["state"])

    wait_until(lambda: get_state() in {"ready", "failed"}, embedded_server.log, 60)
    ready = script.call(f"releases/{made['id']}/")
    assert ready["state"] == "ready", ready
    assert 0 < ready["counts"]["accepted"] <= imported["conversations"]
    files = {
        file["name"]: script.read(f"releases/{made['id']}/files/{file['name']}") for file in ready["files"]
    }
    assert {file["name"]: file["sha256"] for file in ready["files"]} == {
        name: hashlib.sha256(content).hexdigest() for name, content in files.items()
    }
    assert len(json.loads(files["ESConv.json"])) == ready["counts"]["accepted"]
    out = tmp_path / "by-command"
    again = run("create_release", "--study", "demo", "--version", "1.0", "--out", str(out))
    assert again["sha256"] == ready["sha256"]
    made_again = {path.relative_to(out).as_posix(): path for path in out.rglob("*") if path.is_file()}
    assert {name: path.read_bytes() for name, path in made_again.items()} == files


@pytest.mark.browser
@pytest.mark.parametrize(("width", "look"), [(1280, "light"), (390, "dark")])
def test_the_reference_page_is_whole_in_a_browser(
    embedded_server: Embedded, browser: Browser, width: int, look: Any
) -> None:
    page = browser.new_page(
        reduced_motion="reduce", viewport={"width": width, "height": 900}, color_scheme=look
    )
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"{embedded_server.url}/api/v1/docs/")
    page.get_by_role("link", name="Read a conversation").click()
    page.locator("#conversations_retrieve summary").click()
    assert page.locator("#conversations_retrieve").get_by_text("verdicts[].rules[].held").is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == width
    violations = Axe().run(page).response["violations"]
    assert [(found["id"], found["nodes"][0]["target"]) for found in violations] == []
    assert complaints == []
    page.close()
