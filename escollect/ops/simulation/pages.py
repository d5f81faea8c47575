"""The pages as a browser without scripts uses them: forms, cookies, redirects."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from html.parser import HTMLParser
from http.client import HTTPException, HTTPMessage
from http.cookiejar import CookieJar
from typing import IO
from urllib.error import HTTPError
from urllib.parse import urlencode, urljoin, urlsplit
from urllib.request import HTTPCookieProcessor, HTTPRedirectHandler, ProxyHandler, Request, build_opener

from escollect.ops.simulation.log import Log

TIMEOUT_SECONDS = 30.0
TRIES = 8
LONGEST_PAUSE = 8.0
SERVER_ERROR = 500

JOIN = "/join/"

Fields = Mapping[str, str | Sequence[str]]


class Astray(Exception):
    """A page answered something that this life does not expect."""


def get_shown_path(url: str) -> str:
    """The path of an address as logs and errors may have it: without the secret of an invite."""
    path = urlsplit(url).path
    return f"{JOIN}…/" if path.startswith(JOIN) else path


class Page(HTMLParser):
    """What a form filler reads of a page; `facts` are the descriptions of its lists."""

    def __init__(self, url: str, status: int, html: str) -> None:
        super().__init__()
        self.url, self.status, self.html = url, status, html
        self.hidden: dict[str, str] = {}
        self.choices: dict[str, list[str]] = {}
        self.texts: list[str] = []
        self.links: list[str] = []
        self.facts: list[str] = []
        self.code: str | None = None
        self._reading = ""
        self._select = ""
        self.feed(html)

    @property
    def path(self) -> str:
        """The path of the page that was reached in the end."""
        return urlsplit(self.url).path

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collect fields, choices and links."""
        given = {key: value or "" for key, value in attrs}
        name = given.get("name", "")
        if tag == "input" and name:
            self._input(name, given)
        elif tag == "textarea":
            self.texts.append(name)
        elif tag == "select":
            self._select = name
        elif tag == "option" and given.get("value"):
            self.choices.setdefault(self._select, []).append(given["value"])
        elif tag == "a":
            self.links.append(given.get("href", ""))
        elif tag == "dd" or given.get("id") == "completion-code":
            self._reading = tag
            self.facts.append("")

    def _input(self, name: str, given: Mapping[str, str]) -> None:
        kind = given.get("type", "text")
        if kind == "hidden":
            self.hidden[name] = given.get("value", "")
        elif kind in {"radio", "checkbox"}:
            self.choices.setdefault(name, []).append(given.get("value", "on"))
        else:
            self.texts.append(name)

    def handle_data(self, data: str) -> None:
        """Collect what stands in a description or in the completion code."""
        if self._reading:
            self.facts[-1] += data

    def handle_endtag(self, tag: str) -> None:
        """A description or the completion code is over."""
        if tag == self._reading:
            self._reading = ""
            if tag == "code":
                self.code = self.facts.pop().strip()


class _StayHere(HTTPRedirectHandler):
    """Follows redirects inside the installation only."""

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> Request | None:
        if urlsplit(newurl).netloc != urlsplit(req.full_url).netloc:
            raise Astray(f"{get_shown_path(req.full_url)} leads to another host")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


class Browser:
    """One person's cookies and pages on one installation."""

    def __init__(self, base: str, pool: Executor, log: Log) -> None:
        self.base = base
        self._pool = pool
        self.log = log
        self._jar = CookieJar()
        self._opener = build_opener(HTTPCookieProcessor(self._jar), ProxyHandler({}), _StayHere())

    async def get(self, path: str) -> Page:
        """Open a page of the installation; the host of a whole address is not used."""
        parts = urlsplit(path)
        return await self._load(Request(urljoin(self.base, parts.path)))

    async def post(self, page: Page, fields: Fields) -> Page:
        """Send the form of a page, with its hidden fields."""
        body = urlencode({**page.hidden, **fields}, doseq=True).encode()
        return await self._load(Request(page.url, data=body, headers={"Referer": page.url}))

    def cookies(self) -> str:
        """The cookies as a header."""
        return "; ".join(f"{cookie.name}={cookie.value}" for cookie in self._jar)

    async def _load(self, request: Request) -> Page:
        """Load a page, again while the server is away: every form here may be sent twice."""
        loop = asyncio.get_running_loop()
        path = get_shown_path(request.full_url)
        problem = ""
        for attempt in range(TRIES):
            try:
                page = await loop.run_in_executor(self._pool, self._open, request)
            except (OSError, HTTPException) as error:
                problem = f"{type(error).__name__}: {error}"
            else:
                self.log.note("page", method=request.get_method(), path=path, status=page.status)
                if page.status < SERVER_ERROR:
                    return page
                problem = f"status {page.status}"
            await asyncio.sleep(min(LONGEST_PAUSE, 0.5 * 2**attempt))
        raise Astray(f"{path}: {problem}")

    def _open(self, request: Request) -> Page:
        try:
            with self._opener.open(request, timeout=TIMEOUT_SECONDS) as answer:
                return Page(answer.url, answer.status, answer.read().decode())
        except HTTPError as error:
            with error:
                return Page(error.url, error.code, error.read().decode("utf-8", "replace"))
