"""A participant without a browser, written from the contract alone: forms, cookies and the two sockets."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable
from html.parser import HTMLParser
from http.cookiejar import CookieJar
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode, urljoin, urlsplit
from urllib.request import HTTPCookieProcessor, Request, build_opener

from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

Frame = dict[str, Any]


class Page(HTMLParser):
    """What a form filler sees of a page: its inputs, its completion code and its text."""

    def __init__(self, url: str, status: int, html: str) -> None:
        super().__init__()
        self.url, self.status, self.html = url, status, html
        self.fields: dict[str, str] = {}
        self.choices: dict[str, list[str]] = {}
        self.links: list[str] = []
        self.code: str | None = None
        self._in_code = False
        self._select = ""
        self.feed(html)

    @property
    def path(self) -> str:
        return urlsplit(self.url).path

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {key: value or "" for key, value in attrs}
        if tag == "input" and given.get("type") == "hidden":
            self.fields[given["name"]] = given["value"]
        elif tag == "input" and "name" in given and given.get("type") in {"radio", "checkbox"}:
            self.choices.setdefault(given["name"], []).append(given.get("value", "on"))
        elif tag == "select":
            self._select = given["name"]
        elif tag == "option" and given.get("value"):
            self.choices.setdefault(self._select, []).append(given["value"])
        elif tag == "a":
            self.links.append(given.get("href", ""))
        elif tag == "code" and given.get("id") == "completion-code":
            self._in_code = True

    def handle_endtag(self, tag: str) -> None:
        if tag == "code":
            self._in_code = False

    def handle_data(self, data: str) -> None:
        if self._in_code:
            self.code = (self.code or "") + data.strip()


class Somebody:
    """One person with a cookie jar: `get` and `post` follow redirects as a browser would."""

    def __init__(self, base: str) -> None:
        self.base = base
        self.jar = CookieJar()
        self._opener = build_opener(HTTPCookieProcessor(self.jar))

    def get(self, path: str) -> Page:
        return self._open(Request(urljoin(self.base, path)))

    def post(self, path: str, fields: dict[str, Any]) -> Page:
        """Read the page's form first (for its hidden fields), then send it."""
        hidden = self.get(path).fields
        body = urlencode({**hidden, **fields}, doseq=True).encode()
        request = Request(urljoin(self.base, path), data=body)
        request.add_header("Referer", urljoin(self.base, path))
        return self._open(request)

    def cookies(self) -> str:
        return "; ".join(f"{c.name}={c.value}" for c in self.jar)

    def socket(self, path: str, origin: str | None = None) -> ClientConnection:
        address = urlsplit(self.base)
        return connect(
            f"ws://{address.netloc}{path}",
            subprotocols=[Subprotocol("esc.v1")],
            origin=Origin(origin or self.base),
            additional_headers={"Cookie": self.cookies()},
            proxy=None,
            legacy=True,
        )

    def _open(self, request: Request) -> Page:
        try:
            with self._opener.open(request, timeout=20) as answer:
                return Page(answer.url, answer.status, answer.read().decode())
        except HTTPError as error:
            with error:
                return Page(error.url, error.code, error.read().decode())


def send(socket: ClientConnection, **frame: Any) -> None:
    socket.send(json.dumps(frame))


def wait_for(socket: ClientConnection, wanted: Callable[[Frame], bool], seconds: float = 20) -> Frame:
    """The next frame that is wanted; everything before it is passed over."""
    while True:
        frame: Frame = json.loads(socket.recv(timeout=seconds))
        if wanted(frame):
            return frame


class Seat:
    """One side of a room: joined, with what was received."""

    def __init__(self, person: Somebody, conversation: str) -> None:
        self.socket = person.socket(f"/ws/c/{conversation}/")
        self.seen: list[Frame] = []
        send(self.socket, t="join", v=1, last_seq=0, tab=str(uuid.uuid4()))
        self.joined = self.until(lambda f: f["t"] == "joined")

    def until(self, wanted: Callable[[Frame], bool]) -> Frame:
        def keep(frame: Frame) -> bool:
            if frame["t"] == "event":
                self.seen.append(frame)
            return wanted(frame)

        return wait_for(self.socket, keep)

    def until_seq(self, seq: int) -> None:
        if all(event["seq"] < seq for event in self.seen):
            self.until(lambda f: f["t"] == "event" and f["seq"] >= seq)

    def say(self, text: str, strategy: str | None = None) -> int:
        """Send an utterance and return its sequence number once it is stored."""
        last = max((event["seq"] for event in self.seen), default=0)
        return self._store(t="msg", text=text, strategy=strategy, seen=last)

    def rate(self, request: int, value: int) -> int:
        return self._store(t="rate", req=request, value=value)

    def end(self, reason: str) -> int:
        return self._store(t="end", reason=reason)

    def _store(self, **frame: Any) -> int:
        """Send until it is acknowledged, pausing as long as a retryable refusal says."""
        cid = str(uuid.uuid4())
        while True:
            send(self.socket, cid=cid, **frame)
            answer = self.until(lambda f: f["t"] in {"ack", "nack"} and f["cid"] == cid)
            if answer["t"] == "ack":
                seq: int = answer["seq"]
                return seq
            assert answer["retry"], answer
            time.sleep(answer["after_ms"] / 1000)


def meet(seeker: Somebody, supporter: Somebody) -> str:
    """Both go to the lobby, take the offer, and learn the conversation's path; its id is returned."""
    sockets = [seeker.socket("/ws/lobby/"), supporter.socket("/ws/lobby/")]
    for socket in sockets:
        send(socket, t="hello", v=1)
    for socket in sockets:
        offer = wait_for(socket, lambda f: f["t"] == "offer")
        send(socket, t="ready", offer=offer["offer"])
    paths = {wait_for(socket, lambda f: f["t"] == "matched")["path"] for socket in sockets}
    for socket in sockets:
        socket.close()
    (path,) = paths
    return str(path).strip("/").split("/")[-1]
