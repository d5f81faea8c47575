"""Browsers of participants for the tests of their pages, and what a page shows."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

from django.test import Client

from escollect.people.actions import invite
from escollect.people.models import Participant
from escollect.studies.models import Study

CONSENT = {"adult": "on", "take_part": "on", "recorded": "on"}


def make_visitor(participant: Participant | None = None) -> Client:
    """A browser, with the participant's session if one is given."""
    client = Client()
    if participant is not None:
        _made, token = invite(participant.study, participant.role, participant=participant)
        client.get(f"/join/{token}/")
    return client


def join(study: Study, role: str, **options: Any) -> tuple[Client, Any]:
    """A browser that opened a fresh invite, and the answer it got."""
    _made, token = invite(study, role, **options)
    client = Client()
    return client, client.get(f"/join/{token}/")


def text_of(response: Any) -> str:
    """A page's words in one line, without its tags."""
    content = re.sub(r"<(script|style)\b.*?</\1>", " ", response.content.decode(), flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", content)).split())


def errors_of(response: Any) -> dict[str, str]:
    """The first error at each field, by field name; each must be tied to its control."""
    page = response.content.decode()
    found = {}
    for block in re.split(r'(?=id="field-)', page)[1:]:
        name = block[len('id="field-') :].split('"', 1)[0]
        error = re.search(r'id="(id_\w+_error)">.*?</span>\s*(.*?)</span>', block, re.DOTALL)
        if error:
            described = re.findall(r'aria-describedby="([^"]*)"', page)
            assert any(error[1] in value.split() for value in described), f"{name} is not described"
            found[name] = unescape(error[2].strip())
    return found
