"""Whether what supporters scored in the training goes with how their conversations turn out later."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import floor

from django.db.models import Count, F, Q, QuerySet, Sum, TextField
from django.db.models.functions import Cast

from escollect.conversations.models import Conversation, Event
from escollect.domain.correlation import Share, Sums, sum_pairs
from escollect.domain.tutorial import EXAM, Tutorial
from escollect.quality.relabelling import get_given
from escollect.quality.training_funnel import order_modules
from escollect.quality.training_scope import Scope
from escollect.training.models import Attempt

BAND = 5
"""Width of a band of passing scores, in percentage points."""


class Later(StrEnum):
    """What is known of a supporter after the training."""

    ACCEPTANCE = "acceptance"
    FEEDBACK = "feedback"
    RELABELS = "relabels"


@dataclass(frozen=True, slots=True)
class Record:
    """A supporter's finished conversations: the decided ones with those accepted, the stars they got, and
    the second opinions on their labels with those that agreed.
    """

    decided: Share
    stars: int
    ratings: int
    relabels: Share

    def value(self, later: Later) -> float | None:
        """The share accepted, the mean of the stars (1 to 5), or the share of second opinions that agree;
        None where there is none.
        """
        if later is Later.ACCEPTANCE:
            return self.decided.value
        if later is Later.RELABELS:
            return self.relabels.value
        return self.stars / self.ratings if self.ratings else None


@dataclass(frozen=True, slots=True)
class Predictor:
    """A score against each outcome: `module` is a slug, `exam` for the score of the passed examination.

    One pair is one supporter, however many conversations they had.
    """

    module: str
    outcomes: Mapping[Later, Sums]


@dataclass(frozen=True, slots=True)
class Band:
    """The supporters who passed the examination with `low` to `high` per cent, both included."""

    low: int
    high: int
    supporters: int
    decided: Share
    stars: int
    ratings: int
    relabels: Share

    @property
    def feedback(self) -> float | None:
        """The mean of all stars they got."""
        return self.stars / self.ratings if self.ratings else None


@dataclass(frozen=True, slots=True)
class Prediction:
    """Every predictor, the passing score first, and the bands of the passing score."""

    predictors: list[Predictor]
    bands: list[Band]
    supporters: int
    conversations: int
    ratings: int
    opinions: int


@dataclass
class _Count:
    hits: int = 0
    n: int = 0
    stars: int = 0
    ratings: int = 0
    agreeing: int = 0
    opinions: int = 0

    def record(self) -> Record:
        relabels = Share(self.agreeing, self.opinions)
        return Record(Share(self.hits, self.n), self.stars, self.ratings, relabels)


def get_prediction(scope: Scope, tutorial: Tutorial) -> Prediction:
    """Scores against the share of accepted conversations, the seeker's stars, and the share of second
    opinions that agree with the supporter's labels, in four queries.

    A module counts with the score of the first attempt, the examination with that of the passed one. Decided
    is accepted or rejected; practice does not count. Only who passed ever supports, so low scores are
    missing and every correlation is weaker than it would be among all trainees.
    """
    records = _get_records(scope)
    scores = _get_scores(scope, records)
    slugs = order_modules(tutorial, sorted(scores))
    known = [records[who] for who in set().union(*scores.values())]
    return Prediction(
        predictors=[
            Predictor(slug, _correlate(scores.get(slug, {}), records))
            for slug in (EXAM, *(slug for slug in slugs if slug != EXAM))
        ],
        bands=_get_bands(scores.get(EXAM, {}), records),
        supporters=len(known),
        conversations=sum(one.decided.n for one in known),
        ratings=sum(one.ratings for one in known),
        opinions=sum(one.relabels.n for one in known),
    )


def _finished(scope: Scope) -> QuerySet[Conversation]:
    rows = Conversation.objects.filter(study=scope.study, state=Conversation.State.FINISHED)
    return rows.exclude(kind=Conversation.Kind.PRACTICE)


def _get_records(scope: Scope) -> dict[str, Record]:
    counts: dict[str, _Count] = defaultdict(_Count)
    decided = (
        _finished(scope)
        .filter(verdict__in=["accepted", "rejected"])
        .values_list(Cast("supporter", TextField()))
        .annotate(hits=Count("pk", filter=Q(verdict="accepted")), n=Count("pk"))
        .order_by()
    )
    for who, hits, n in decided:
        counts[who].hits, counts[who].n = hits, n
    rated = (
        Event.objects.filter(kind=Event.Kind.RATING, value__isnull=False, conversation__in=_finished(scope))
        .values_list(Cast("conversation__supporter", TextField()))
        .annotate(stars=Sum("value"), ratings=Count("pk"))
        .order_by()
    )
    for who, stars, ratings in rated:
        counts[who].stars, counts[who].ratings = stars, ratings
    relabelled = (
        get_given()
        .filter(item__is_gold=False, item__conversation__in=_finished(scope))
        .values_list(Cast("item__conversation__supporter", TextField()))
        .annotate(hits=Count("pk", filter=Q(strategy=F("item__original"))), n=Count("pk"))
        .order_by()
    )
    for who, agreeing, opinions in relabelled:
        counts[who].agreeing, counts[who].opinions = agreeing, opinions
    return {who: count.record() for who, count in counts.items()}


def _get_scores(scope: Scope, records: Collection[str]) -> dict[str, dict[str, float]]:
    """Module → supporter with a record → score from 0 to 1. Ids travel as text: there may be very many."""
    passed = Q(module=EXAM, state=Attempt.State.PASSED)
    first = ~Q(module=EXAM) & ~Q(state=Attempt.State.OPEN) & Q(number=1)
    rows = (
        scope.attempts()
        .filter(passed | first, score__isnull=False, participant__in=_finished(scope).values("supporter"))
        .order_by("number")
        .values_list("module", Cast("participant", TextField()), "score")
    )
    scores: dict[str, dict[str, float]] = defaultdict(dict)
    for module, who, score in rows:
        if score is not None and who in records:
            scores[module].setdefault(who, score)
    return scores


def _correlate(scores: Mapping[str, float], records: Mapping[str, Record]) -> dict[Later, Sums]:
    known = [(score, records[who]) for who, score in scores.items()]
    return {
        later: sum_pairs((score, value) for score, one in known if (value := one.value(later)) is not None)
        for later in Later
    }


def _get_bands(scores: Mapping[str, float], records: Mapping[str, Record]) -> list[Band]:
    members: dict[int, list[Record]] = defaultdict(list)
    for who, score in scores.items():
        members[floor(round(100 * score, 6) / BAND) * BAND].append(records[who])
    return [
        Band(
            low=low,
            high=min(100, low + BAND - 1),
            supporters=len(found),
            decided=sum((one.decided for one in found), Share(0, 0)),
            stars=sum(one.stars for one in found),
            ratings=sum(one.ratings for one in found),
            relabels=sum((one.relabels for one in found), Share(0, 0)),
        )
        for low, found in sorted(members.items())
    ]
