"""Chromium for browser tests: Debian's, with everything off that talks to the network by itself.

Preferably its headless shell: the same pages at a third of the processor's time.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

from tests.support.databases import find_program

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]


@contextmanager
def open_chromium() -> Iterator[Browser]:
    """A running browser; pages of different people belong in contexts of their own."""
    with sync_playwright() as playwright:
        program = shutil.which("chromium-headless-shell") or find_program("chromium")
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()
