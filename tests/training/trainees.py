"""Trainees for tests: people with sessions, and a browser without JavaScript that fills in a quiz."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import yaml
from django.test import Client

from escollect.domain.quiz import Item
from escollect.domain.tutorial import EXAM
from escollect.people.actions import create_participant, give_consent
from escollect.people.models import Participant
from escollect.studies.actions import open_study
from escollect.studies.models import Study
from escollect.training.actions import start_attempt, submit_quiz
from escollect.training.papers import get_paper
from escollect.training.selectors import get_tutorial

DEMO = Path(__file__).resolve().parents[2] / "fixtures" / "studies" / "demo.yaml"
ENGLISH = Path(__file__).resolve().parents[2] / "tutorials" / "en"
MODULES = [module.slug for module in get_tutorial("en").modules]
POOL = {item.id: item for module in get_tutorial("en").modules for item in module.items}


def make_study(**gate: object) -> Study:
    """The demo study, open; `gate` sets what it asks of trainees."""
    definition = yaml.safe_load(DEMO.read_text("utf-8"))
    definition["training"] = {"required": True, **gate}
    return open_study(yaml.safe_dump(definition), None).study


def make_trainee(study: Study, role: str = "supporter", consented: bool = True) -> Participant:
    """Somebody new in the study."""
    participant = create_participant(study, role)
    if consented:
        give_consent(participant, ["adult", "take_part", "recorded"])
    return Participant.objects.select_related("study", "version").get(pk=participant.pk)


def make_client(participant: Participant | None) -> Client:
    """A browser that has the participant's session."""
    client = Client()
    if participant:
        session = client.session
        session["participant"] = str(participant.pk)
        session["epoch"] = participant.epoch
        session.save()
    return client


def wrong_answer(item: Item) -> list[str]:
    """A complete answer that is not right."""
    if item.kind == "order":
        return list(reversed(item.key))
    return [next(choice.id for choice in item.choices if not choice.right)]


def answer(items: Iterable[Item], wrong: int = 0) -> dict[str, list[str]]:
    """The key of a paper, with the first `wrong` items answered wrongly."""
    answers = {item.id: list(item.key) for item in items}
    for item in list(items)[:wrong]:
        answers[item.id] = wrong_answer(item)
    return answers


def take(participant: Participant, slug: str, wrong: int = 0) -> bool:
    """Take a quiz through the actions; whether it was passed."""
    paper = get_paper(start_attempt(participant, slug))
    assert paper is not None
    return submit_quiz(participant, slug, answer(paper, wrong)).passed


def pass_modules(participant: Participant, count: int = len(MODULES)) -> None:
    """Pass the first modules."""
    for slug in MODULES[:count]:
        assert take(participant, slug)


class FormReader(HTMLParser):
    """Reads what can be chosen on a page (radio buttons, boxes, lists) and its words."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: defaultdict[str, list[str]] = defaultdict(list)
        self.ticked: defaultdict[str, list[str]] = defaultdict(list)
        self.words: list[str] = []
        self._list = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {key: value or "" for key, value in attrs}
        if tag == "input" and found.get("type") in {"radio", "checkbox"}:
            self._offer(found["name"], found["value"], "checked" in found)
        elif tag == "select":
            self._list = found["name"]
        elif tag == "option" and found["value"]:
            self._offer(self._list, found["value"], "selected" in found)

    def _offer(self, name: str, value: str, chosen: bool) -> None:
        if value not in self.asked[name]:
            self.asked[name].append(value)
        if chosen:
            self.ticked[name].append(value)

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        """The page's words, white space evened out."""
        return " ".join(" ".join(self.words).split())


def read_page(response: Any) -> FormReader:
    """The forms and words of a response."""
    reader = FormReader()
    reader.feed(response.content.decode())
    return reader


def fill_in(form: FormReader, wrong: int = 0) -> dict[str, list[str]]:
    """The right answer to each question of a page, found in the content by the field's name."""
    items = [POOL[name.removeprefix("q-")] for name in form.asked]
    assert all(set(form.asked[f"q-{item.id}"]) == {c.id for c in item.choices} for item in items)
    return {f"q-{item_id}": given for item_id, given in answer(items, wrong).items()}


def address(slug: str) -> str:
    """The page of a module, or of the examination."""
    return "/training/exam/" if slug == EXAM else f"/training/{slug}/"
