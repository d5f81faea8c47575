"""Reads the scripted seekers of the practice chats."""

from __future__ import annotations

from collections import Counter

from escollect.domain.strategies import STRATEGIES
from escollect.domain.tutorial import STAGES, Practice, PracticeStep, Situation
from escollect.domain.tutorial_items import NAME
from escollect.domain.yamlfile import REQUIRED, Section, suggest

FEWEST_SCRIPTS = 2
STEPS = range(6, 9)
FITS = range(1, 4)


def read_practices(top: Section) -> tuple[Practice, ...]:
    """Every script of the file; at least two, so that an attempt's seed has something to choose."""
    parts = top.sections("practices")
    practices = tuple(_read_practice(part) for part in parts)
    top.finish()
    if len(practices) < FEWEST_SCRIPTS:
        what = f"There are {len(practices)} scripts."
        top.complain("practices", top.node.line, what, f"Write at least {FEWEST_SCRIPTS}.")
    counts = Counter(practice.id for practice in practices)
    for part, practice in zip(parts, practices, strict=True):
        if counts[practice.id] > 1:
            part.complain("id", part.node.line, f"{practice.id!r} is used twice.", "Rename one of them.")
    return practices


def _read_practice(section: Section) -> Practice:
    name = section.text("id", limit=40)
    if name and not NAME.fullmatch(name):
        remedy = "Use small letters, digits and hyphens."
        section.complain("id", section.node.value["id"].line, f"{name!r} cannot be a name.", remedy)
    steps = section.sections("steps")
    practice = Practice(
        id=name,
        situation=_read_situation(section.section("situation")),
        opening=section.text("opening", limit=2000),
        steps=tuple(_read_step(step) for step in steps),
    )
    section.finish()
    if len(steps) not in STEPS:
        line = section.node.value["steps"].line if "steps" in section.node.value else section.node.line
        section.complain("steps", line, f"There are {len(steps)} exchanges.", "Write 6 to 8.")
    return practice


def _read_situation(section: Section) -> Situation:
    intensity = section.number("initial_emotion_intensity", REQUIRED, 1, 5, whole=True)
    situation = Situation(
        problem_type=section.text("problem_type", limit=80),
        emotion_type=section.text("emotion_type", limit=80),
        initial_emotion_intensity=intensity if isinstance(intensity, int) else 1,
        situation=section.text("situation", limit=2000),
    )
    section.finish()
    return situation


def _read_step(section: Section) -> PracticeStep:
    fits = section.texts("fits")
    line = section.node.value["fits"].line if "fits" in section.node.value else section.node.line
    for name in fits:
        if name not in STRATEGIES:
            section.complain("fits", line, f"“{name}” is not known.", suggest(name, STRATEGIES))
    if fits and len(fits) not in FITS:
        section.complain("fits", line, f"{len(fits)} strategies fit.", "Name one to three.")
    step = PracticeStep(
        fits=fits,
        stage=section.one_of("stage", STAGES),
        model=section.text("model", limit=2000),
        strategy=section.one_of("strategy", STRATEGIES),
        why=section.text("why", limit=1000),
        then=section.text("then", limit=2000),
    )
    section.finish()
    if step.strategy in STRATEGIES and fits and step.strategy not in fits:
        line = section.node.value["strategy"].line
        section.complain("strategy", line, f"“{step.strategy}” is not in “fits”.", "Add it there.")
    return step
