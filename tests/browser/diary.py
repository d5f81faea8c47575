"""What a window of the room claims, written down at every change, and held against what was true."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby, pairwise
from typing import Any

from playwright.sync_api import Page

KEEP = """() => {
  const pages = [];
  const note = () => {
    const line = document.querySelector("[data-line]");
    const partner = document.querySelector("[data-partner]");
    const own = [...document.querySelectorAll(".bubble-end")];
    const now = {
      line: line.dataset.state,
      words: line.innerText.trim(),
      partner: partner.dataset.status,
      said: own.map((one) => [one.querySelector(".bubble-text").textContent, one.dataset.state || ""]),
      focus: document.activeElement.id,
    };
    const text = JSON.stringify(now);
    if (pages.length && pages.at(-1).text === text) return;
    pages.push({ at: Date.now() / 1000, text, ...now });
  };
  window.diary = pages;
  note();
  const what = { subtree: true, childList: true, characterData: true, attributes: true };
  new MutationObserver(note).observe(document.body, what);
  for (const kind of ["focusin", "focusout"]) document.addEventListener(kind, () => queueMicrotask(note));
}"""


@dataclass(frozen=True)
class Entry:
    """What a window showed from `at` on (seconds since 1970)."""

    at: float
    line: str
    words: str
    partner: str
    said: tuple[tuple[str, str], ...]
    focus: str


def keep(page: Page) -> None:
    """Begin to write the diary of a room."""
    page.evaluate(KEEP)


def read(page: Page) -> list[Entry]:
    """The diary so far."""
    return [
        Entry(
            one["at"],
            one["line"],
            one["words"],
            one["partner"],
            tuple((text, state) for text, state in one["said"]),
            one["focus"],
        )
        for one in page.evaluate("window.diary")
    ]


def lines(diary: Sequence[Entry]) -> list[str]:
    """The states of the line in their order."""
    return [state for state, _ in groupby(entry.line for entry in diary)]


def first(diary: Sequence[Entry], line: str, since: float) -> Entry:
    """The first entry after `since` in which the line says this."""
    return next(entry for entry in diary if entry.at >= since and entry.line == line)


def claims(diary: Sequence[Entry], line: str, since: float, until: float) -> list[Entry]:
    """The entries that claim this state of the line at some moment between the two."""
    ends = [later.at for _, later in pairwise(diary)] + [float("inf")]
    return [
        entry
        for entry, end in zip(diary, ends, strict=True)
        if entry.line == line and entry.at < until and end > since
    ]


def fate(diary: Sequence[Entry], text: str) -> list[str]:
    """The states that one own utterance went through."""
    states = [state for entry in diary for said, state in entry.said if said == text]
    return [state for state, _ in groupby(states)]


def sent_at(diary: Sequence[Entry], text: str) -> float:
    """When the window first claimed that an utterance was sent."""
    return next(entry.at for entry in diary if (text, "sent") in entry.said)


def doubles(diary: Sequence[Entry]) -> list[Entry]:
    """The entries in which an own utterance stands twice."""
    return [entry for entry in diary if len({text for text, _ in entry.said}) != len(entry.said)]


def stored(conversation: Any) -> dict[str, float]:
    """When each utterance was stored, from what staff read; fails when one was stored twice."""
    said = [event for event in conversation["events"] if event["kind"] == "msg"]
    found = {event["text"]: datetime.fromisoformat(event["at"]).timestamp() for event in said}
    assert len(found) == len(said)
    return found
