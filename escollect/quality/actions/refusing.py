"""How the actions of reviewers say no."""

from __future__ import annotations

from collections.abc import Mapping

REASON_LIMIT = 2000


class NotReviewable(ValueError):
    """Nothing was stored; `fields` says what is wrong with which field."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        self.fields = dict(fields)
        super().__init__(" ".join(fields.values()))


def check_reason(reason: str) -> dict[str, str]:
    """What is wrong with a reason; nothing when it can be stored."""
    if not reason.strip():
        return {"reason": "Give a reason: the audit and the participant need it."}
    if len(reason) > REASON_LIMIT:
        return {"reason": f"Shorten the reason to {REASON_LIMIT:,} characters."}
    return {}
