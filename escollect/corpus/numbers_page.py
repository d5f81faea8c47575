"""The statistics of a release as a page to read: the paper's tables, each with its figure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from escollect.corpus.pictures import name_of
from escollect.domain.drawing import Drawing
from escollect.domain.figures import SIXTHS, STEPS, THIRDS
from escollect.domain.strategies import STRATEGIES

ROLES = ("all", "seeker", "supporter")


def write_page(statistics: Mapping[str, Any], drawings: Sequence[Drawing]) -> str:
    """The page in Markdown; a number that rests on nothing is a dash."""
    figures = {drawing.name: f"![{drawing.title}]({name_of(drawing)})" for drawing in drawings}
    sections = [
        [
            "# Statistics",
            "",
            "The numbers of `statistics.json`; the accepted conversations unless it says otherwise.",
        ],
        ["## Size", "", *_size(statistics)],
        ["## Lengths", "", figures["lengths"], "", *_lengths(statistics)],
        ["## Strategies", "", *_strategies(statistics["strategies"])],
        ["## Strategies by sixth", "", figures["strategies-by-sixth"], "", *_sixths(statistics)],
        ["## Feedback", "", figures["feedback-by-third"], "", *_feedback(statistics["feedback"])],
        ["## Intensity and surveys", "", figures["intensity"], "", *_surveys(statistics)],
        ["## Problems and emotions", "", figures["problems-by-emotion"], "", *_crossed(statistics)],
        ["## The funnel", "", figures["funnel"], "", *_funnel(statistics["funnel"])],
    ]
    return "\n\n".join("\n".join(lines) for lines in sections) + "\n"


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|---|{'---:|' * (len(head) - 1)}"
    for row in rows:
        yield f"| {' | '.join(_say(cell) for cell in row)} |"


def _say(value: object) -> str:
    if value is None:
        return "–"
    if isinstance(value, float):
        return f"{value:.2f}"
    return f"{value:,}" if isinstance(value, int) else str(value).replace("|", "\\|")


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.1f} %"


def _size(statistics: Mapping[str, Any]) -> Iterator[str]:
    negative = statistics["negative"]
    rows: list[tuple[object, ...]] = [
        ("conversations", statistics["conversations"], negative["conversations"]),
        ("utterances", statistics["utterances"], negative["utterances"]),
    ]
    for key, label in (
        ("utterances_per_conversation", "utterances in a conversation"),
        ("words_per_utterance", "words in an utterance"),
    ):
        rows += [(f"{label}, {role}", statistics[key][role], negative[key][role]) for role in ROLES]
    return _table(("", "accepted", "negative"), rows)


def _lengths(statistics: Mapping[str, Any]) -> Iterator[str]:
    rows = ((f"{one['from']}–{one['to']}", one["conversations"]) for one in statistics["lengths"])
    return _table(("utterances", "conversations"), rows)


def _strategies(found: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    rows = ((name, found[name]["count"], _percent(found[name]["share"])) for name in STRATEGIES)
    return _table(("strategy", "utterances", "share"), rows)


def _sixths(statistics: Mapping[str, Any]) -> Iterator[str]:
    parts = statistics["strategies_by_sixth"]
    rows = ((name, *(_percent(part[name]["share"]) for part in parts)) for name in STRATEGIES)
    return _table(("strategy", *SIXTHS), rows)


def _feedback(feedback: Mapping[str, Any]) -> Iterator[str]:
    rows = zip((*THIRDS, "all"), (*feedback["by_third"], feedback), strict=True)
    return _table(("", "mean", "ratings"), ((name, one["mean"], one["count"]) for name, one in rows))


def _surveys(statistics: Mapping[str, Any]) -> Iterator[str]:
    found = {f"intensity, {key}": one for key, one in statistics["intensity"].items()}
    found |= {key.replace("_", " "): one for key, one in statistics["surveys"].items()}
    return _table(("", "mean", "answers"), ((key, one["mean"], one["count"]) for key, one in found.items()))


def _crossed(statistics: Mapping[str, Any]) -> Iterator[str]:
    emotions = list(statistics["emotions"])
    rows = (
        (problem, *(row.get(emotion, 0) for emotion in emotions), statistics["problems"][problem])
        for problem, row in statistics["problems_by_emotion"].items()
    )
    return _table(("problem", *emotions, "all"), rows)


def _funnel(steps: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    return _table(("", "count"), ((STEPS.get(one["step"], one["step"]), one["count"]) for one in steps))
