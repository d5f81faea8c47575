"""A paper of the training as a page shows it: open questions, and answered ones with their explanations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from escollect.domain.quiz import Choice, ItemResult, PublicItem, public_item
from escollect.training.papers import Asked


@dataclass(frozen=True)
class Told:
    """One choice of an answered question, or a line of context of its excerpt (then `choice` is None)."""

    text: str
    choice: Choice | None
    given: bool
    role: str = ""
    your_place: int | None = None

    @property
    def mark(self) -> str:
        """How the choice is shown: right, wrong (chosen and not right) or plain."""
        if self.choice is None:
            return ""
        return "right" if self.choice.right else "wrong" if self.given else ""


@dataclass(frozen=True)
class Entry:
    """One question on a paper. `again` stands in for the one before it, which was missed.

    An open one carries what was ticked before and what is wrong with it; an answered one its `result`.
    """

    number: int
    again: bool
    item: PublicItem
    given: tuple[str, ...] = ()
    error: str = ""
    result: ItemResult | None = None

    @property
    def rows(self) -> list[tuple[int, str]]:
        """The places of an order, each with the choice given for it so far."""
        given = [*self.given, *[""] * self.item.wanted]
        return [(place, given[place - 1]) for place in self.item.places]

    @property
    def told(self) -> list[Told]:
        """The choices of an answered question in the order in which they explain it best."""
        if self.result is None:
            return []
        item, given = self.result.item, self.result.given
        choices = {choice.id: choice for choice in item.choices}
        if item.kind == "mark":
            return [
                Told(line.text, choices.get(line.choice), line.choice in given, line.role)
                for line in item.lines
            ]
        shown = item.choices
        if item.kind == "order":
            shown = tuple(sorted(shown, key=lambda choice: choice.place or len(shown) + 1))
        return [Told(c.text, c, c.id in given, your_place=self._get_your_place(c)) for c in shown]

    def _get_your_place(self, choice: Choice) -> int | None:
        ordered = self.result is not None and self.result.item.kind == "order"
        if self.result is None or not ordered or choice.id not in self.result.given:
            return None
        return self.result.given.index(choice.id) + 1


def get_entries(
    paper: Sequence[Asked],
    given: Mapping[str, Sequence[str]] | None = None,
    problems: Mapping[str, str] | None = None,
) -> list[Entry]:
    """The questions of a paper in the order shown: one that stands in for another comes right after it.

    `given` is what was sent and not accepted, `problems` what is wrong with it, both by item id.
    """
    places = {asked.item.id: asked.answer.position for asked in paper}
    found = [
        _entry(asked, places[asked.answer.replaces or asked.item.id], given or {}, problems or {})
        for asked in paper
    ]
    found.sort(key=lambda entry: (entry.number, entry.again))
    return found


def _entry(
    asked: Asked, number: int, given: Mapping[str, Sequence[str]], problems: Mapping[str, str]
) -> Entry:
    item, answered = asked.item, asked.answer.answered_at is not None
    return Entry(
        number=number,
        again=bool(asked.answer.replaces),
        item=public_item(item),
        given=tuple(given.get(item.id, ())),
        error="" if answered else say_problem(problems.get(item.id, "")),
        result=asked.get_result() if answered else None,
    )


def say_problem(problem: str) -> str:
    """What is wrong with an answer, in words; empty for none."""
    words = {
        "missing": _("This question is not answered yet."),
        "unknown": _("This answer is not one of the choices. Choose one of them."),
        "count": _("There is more than one answer here, or the same one twice. Correct it."),
    }
    return words.get(problem, "")


def say_wait(seconds: int) -> str:
    """Why answers do not count yet, and from when on they do."""
    return _("Please take your time with the text first: answers count in %(seconds)s seconds.") % {
        "seconds": seconds
    }
