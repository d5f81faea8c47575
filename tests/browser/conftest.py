"""What a failed test shows beside its traceback: every open window, and what the servers said."""

from __future__ import annotations

import contextlib
from collections.abc import Generator
from typing import Any

import pytest
from playwright.sync_api import Browser, Error, expect

from tests.support.servers import Application

MOST_LOG = 4000
PATIENCE_MS = 20_000
"""How long a page may take on a busy machine; what is there at once is not waited for."""

expect.set_options(timeout=PATIENCE_MS)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Function, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.failed and call.when == "call":
        for value in item.funcargs.values():
            report.sections += _describe(value)
    return report


def _describe(value: Any) -> list[tuple[str, str]]:
    if isinstance(value, Browser):
        return [_describe_page(page) for context in value.contexts for page in context.pages]
    application = getattr(value, "application", value)
    if isinstance(application, Application):
        return [("server", application.log()[-MOST_LOG:])]
    return []


def _describe_page(page: Any) -> tuple[str, str]:
    text = "?"
    with contextlib.suppress(Error):
        text = page.locator("body").inner_text(timeout=2000)
    return f"window {page.url}", text
