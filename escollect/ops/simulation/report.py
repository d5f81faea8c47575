"""What a person watching a simulation reads on stderr."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from escollect.domain.codes import Close
from escollect.ops.simulation.crowd import Crowd
from escollect.ops.simulation.ledger import Ledger

BAR = 30
PLACES = ("consent", "training", "survey", "lobby", "chat")
MOST_ERRORS = 20
# A terminal's line is written anew each time; a file or a pipe gets a line now and then.
QUIET_REPORTS = 10


def describe_progress(crowd: Crowd) -> str:
    """One line: how many lives have ended, where the others are, what was said."""
    total, ledger = len(crowd.people), crowd.means.ledger
    full = BAR * crowd.ended // total
    places = ", ".join(f"{ledger.places[place]} {place}" for place in PLACES if ledger.places[place])
    bar = f"[{'#' * full}{'-' * (BAR - full)}] {crowd.ended}/{total} lives"
    return f"{bar} · {places or 'nobody on the way'} · {ledger.utterances} utterances"


class Progress:
    """Shows the progress line: in place on a terminal, now and then elsewhere."""

    def __init__(self, crowd: Crowd, write: Callable[[str], None], terminal: bool) -> None:
        self.crowd, self.write, self.terminal = crowd, write, terminal
        self._calls = 0

    def __call__(self) -> None:
        """Show where the crowd is."""
        over = self.crowd.ended == len(self.crowd.people)
        if self.terminal:
            self.write("\r\x1b[K" + describe_progress(self.crowd) + ("\n" if over else ""))
        elif over or self._calls % QUIET_REPORTS == 0:
            self.write(describe_progress(self.crowd) + "\n")
        self._calls += 1


def describe(ledger: Ledger, accepted: int | None) -> Iterator[str]:
    """The summary, line by line."""
    yield f"lives          {_counted(ledger.endings)}"
    judged = "" if accepted is None else f", {accepted} accepted by the deciding policy"
    yield f"conversations  {len(ledger.conversations)}{judged}"
    yield f"utterances     {ledger.utterances}"
    speed = {"p50": 0.5, "p95": 0.95, "p99": 0.99, "p99.9": 0.999}
    found = {name: value for name, value in ledger.latency_ms(speed).items() if value is not None}
    shown = ", ".join(f"{name} {value:g} ms" for name, value in found.items())
    yield f"to the partner {shown or 'nothing was heard'}"
    yield f"refusals       {_counted(ledger.nacks)}"
    yield f"closes         {_counted({_name(code): count for code, count in ledger.closes.items()})}"
    yield f"errors         {len(ledger.errors) or 'none'}"
    yield from (f"  {error}" for error in ledger.errors[:MOST_ERRORS])
    if len(ledger.errors) > MOST_ERRORS:
        yield f"  and {len(ledger.errors) - MOST_ERRORS} more"


def _counted(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in sorted(counts.items())) or "none"


def _name(code: int) -> str:
    names = {int(close): f"{close:d} {close.name.lower()}" for close in Close}
    return names.get(code, f"{code} lost line" if code == 1006 else str(code))
