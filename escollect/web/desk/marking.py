"""Where evidence and hidden words lie in a text, as pieces that a page can mark."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from escollect.quality.findings import FindingShown
from escollect.quality.models import Flag, Mask


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a text in code points: evidence for `title`, or hidden where that is empty."""

    start: int
    end: int
    title: str = ""


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a text with the titles of the findings that rest on it."""

    text: str
    titles: tuple[str, ...] = ()
    hidden: bool = False


def cut(text: str, spans: Sequence[Span]) -> list[Piece]:
    """The text in pieces, cut wherever a span begins or ends; what lies beyond the text is left out."""
    edges = {0, len(text)} | {min(edge, len(text)) for span in spans for edge in (span.start, span.end)}
    ordered = sorted(edges)
    pieces = []
    for start, end in pairwise(ordered):
        over = [span for span in spans if span.start <= start and end <= span.end]
        titles = tuple(dict.fromkeys(span.title for span in over if span.title))
        pieces.append(Piece(text[start:end], titles, any(not span.title for span in over)))
    return pieces


def collect_spans(findings: Iterable[FindingShown], masks: Iterable[Mask]) -> dict[int, list[Span]]:
    """The spans of the utterances by sequence number: what findings point at exactly, and what is hidden."""
    spans: dict[int, list[Span]] = {}
    for finding in findings:
        for one in finding.evidence:
            if isinstance(one.get("seq"), int) and isinstance(one.get("start"), int):
                span = Span(one["start"], int(one.get("end", one["start"])), finding.title)
                spans.setdefault(one["seq"], []).append(span)
    for mask in masks:
        spans.setdefault(mask.seq, []).append(Span(mask.start, mask.end))
    return spans


def collect_pointed(flags: Iterable[Flag], findings: Iterable[FindingShown]) -> dict[int, list[str]]:
    """The kinds of open flags that point at each utterance, by sequence number."""
    evidence: dict[str, list[Any]] = {
        flag.kind: list(flag.evidence) if isinstance(flag.evidence, list) else []
        for flag in flags
        if flag.closed_at is None
    }
    for finding in findings:
        if finding.rule in evidence:
            evidence[finding.rule] += finding.evidence
    pointed: dict[int, list[str]] = {}
    for kind, entries in evidence.items():
        for seq in sorted(set(get_seqs(entries))):
            pointed.setdefault(seq, []).append(kind)
    return pointed


def get_seqs(evidence: Iterable[Any]) -> list[int]:
    """The sequence numbers in evidence, whether bare or with offsets."""
    found = []
    for entry in evidence:
        seq = entry.get("seq") if isinstance(entry, Mapping) else entry
        if isinstance(seq, int):
            found.append(seq)
    return found
