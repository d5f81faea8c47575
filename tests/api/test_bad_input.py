"""Bad input at every address: a clear error, and nothing stored."""

from __future__ import annotations

import json
from typing import Any

import pytest

from escollect.audit.models import AuditRow
from escollect.corpus.models import Release
from escollect.people.models import Invite, Participant
from escollect.quality.models import Policy, Review
from tests.api.conftest import V1, World

pytestmark = pytest.mark.django_db

POSTS = (
    "participants/",
    "conversations/{room}/review/",
    "policies/",
    "policies/simulate/",
    "releases/",
)
BODIES: dict[bytes, tuple[int, str]] = {
    b"": (400, "invalid"),
    b"{": (400, "parse_error"),
    b"[]": (400, "parse_error"),
    b"null": (400, "parse_error"),
    b'"text"': (400, "parse_error"),
    b"\xff\xfe": (400, "parse_error"),
    b'{"study": NaN}': (400, "parse_error"),
    b'{"study": 1e999}': (400, "parse_error"),
    b'{"study": "calm", "study": "calm"}': (400, "parse_error"),
    b'{"study": "\\ud800"}': (400, "parse_error"),
    b'{"study": "a\\u0000b"}': (400, "parse_error"),
    b'{"study": ' + b"9" * 5000 + b"}": (400, "parse_error"),
    b'{"a":' * 100_000 + b"1" + b"}" * 100_000: (400, "parse_error"),
    b'{"study": "' + b"a" * 1_100_000 + b'"}': (413, "too_large"),
    b"{}": (400, "invalid"),
}


def count_rows() -> list[int]:
    return [model.objects.count() for model in (Participant, Invite, Review, Policy, Release, AuditRow)]


def test_a_body_that_cannot_be_read_is_refused_everywhere(world: World) -> None:
    before, client = count_rows(), world.api("admin").client
    for path in POSTS:
        address = V1 + path.format(room=world.pair.conversation)
        for body, expected in BODIES.items():
            answer = client.generic("POST", address, body, "application/json")
            assert (answer.status_code, answer.json()["code"]) == expected, (path, body[:40])
            assert set(answer.json()) <= {"code", "detail", "fields"}
    assert count_rows() == before


def test_another_content_type_is_415(world: World) -> None:
    client = world.api("admin").client
    for path in POSTS:
        answer = client.post(V1 + path.format(room=world.pair.conversation), {"study": "calm"})
        assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")


WRONG: list[tuple[str, Any, set[str]]] = [
    ("participants/", {"study": "none", "role": "seeker"}, {"study"}),
    ("participants/", {"study": 7, "role": ["seeker"]}, {"study", "role"}),
    ("participants/", {"study": "calm", "role": "listener"}, {"role"}),
    ("participants/", {"study": "calm", "role": "supporter", "qualified": "perhaps"}, {"qualified"}),
    ("participants/", {"study": "calm", "role": "seeker", "external_id": "x" * 201}, {"external_id"}),
    ("participants/", {"study": "calm", "role": "seeker", "external_id": {}}, {"external_id"}),
    ("participants/", {"study": "calm", "role": "seeker", "externalid": "x"}, {"externalid"}),
    ("conversations/{room}/review/", {"decision": "accepted"}, {"reason"}),
    ("conversations/{room}/review/", {"decision": "needs_review", "reason": "r"}, {"decision"}),
    ("conversations/{room}/review/", {"decision": "accepted", "reason": "   "}, {"reason"}),
    ("conversations/{room}/review/", {"decision": "accepted", "reason": "r" * 2001}, {"reason"}),
    (
        "conversations/{room}/review/",
        {"decision": "accepted", "reason": "r", "corrections": {"empathy": 1}},
        {"corrections"},
    ),
    (
        "conversations/{room}/review/",
        {"decision": "accepted", "reason": "r", "corrections": {"initial_emotion_intensity": 10**30}},
        {"corrections"},
    ),
    (
        "conversations/{room}/review/",
        {"decision": "accepted", "reason": "r", "corrections": 5},
        {"corrections"},
    ),
    ("policies/", {"definition": "all"}, {"definition"}),
    ("policies/", {"definition": {}}, {"definition"}),
    ("policies/", {"definition": {"name": "x"}, "activ": True}, {"activ"}),
    ("policies/", {"name": "Not A Name", "definition": {}}, {"definition"}),
    ("policies/simulate/", {"study": "calm"}, {"policy"}),
    ("policies/simulate/", {"study": "calm", "policy": "esconv-2021", "definition": {}}, {"policy"}),
    ("policies/simulate/", {"study": "calm", "policy": "none"}, {"policy"}),
    ("policies/simulate/", {"study": "calm", "policy": "esconv-2021@99999999999999999999"}, {"policy"}),
    ("policies/simulate/", {"study": "calm", "policy": "esconv-2021@" + "9" * 5000}, {"policy"}),
    ("policies/simulate/", {"study": "calm", "definition": {"kind": ["deciding"]}}, {"definition"}),
    ("policies/simulate/", {"study": "calm", "definition": {"rules": []}}, {"definition"}),
    ("policies/simulate/", {"study": "none", "policy": "esconv-2021"}, {"study"}),
    ("releases/", {"study": "none"}, {"study"}),
    ("releases/", {"study": "calm", "version": "../../etc"}, {"version"}),
    ("releases/", {"study": "calm", "version": ".."}, {"version"}),
]


def test_a_value_that_is_wrong_is_named_and_nothing_is_stored(world: World) -> None:
    before, api = count_rows(), world.api("admin")
    for path, body, fields in WRONG:
        answer = api.post(path.format(room=world.pair.conversation), body)
        assert answer.status_code == 400, (path, body, answer.json())
        assert answer.json()["code"] == "invalid"
        assert set(answer.json()["fields"]) == fields, (path, body, answer.json())
        assert all(text for texts in answer.json()["fields"].values() for text in texts)
    assert count_rows() == before


QUERIES: list[tuple[str, dict[str, str], set[str]]] = [
    ("conversations/", {"study": "none"}, {"study"}),
    ("conversations/", {"state": "sleeping"}, {"state"}),
    ("conversations/", {"state": "erased"}, {"state"}),
    ("conversations/", {"verdict": "good"}, {"verdict"}),
    ("conversations/", {"verdcit": "accepted"}, {"verdcit"}),
    ("studies/", {"state": "open"}, {"state"}),
    ("policies/", {"name": "esconv-2021"}, {"name"}),
    ("conversations/", {"flag": "a\0b"}, {"flag"}),
    ("conversations/", {"cursor": "nonsense"}, {"cursor"}),
    ("conversations/", {"cursor": "%%%"}, {"cursor"}),
    ("conversations/", {"cursor": "W1tb" * 9000}, {"cursor"}),
    ("conversations/", {"page_size": "0"}, {"page_size"}),
    ("conversations/", {"page_size": "101"}, {"page_size"}),
    ("conversations/", {"page_size": "many"}, {"page_size"}),
    ("conversations/", {"page_size": "0" * 9 + "9" * 9}, {"page_size"}),
    ("conversations/", {"page_size": "0" * 5000}, {"page_size"}),
    ("verdicts/", {"conversation": "7"}, {"conversation"}),
    ("verdicts/", {"outcome": "good"}, {"outcome"}),
    ("releases/", {"study": "\ud7ff"}, {"study"}),
]


def test_a_query_that_is_wrong_is_named_instead_of_listing_everything(world: World) -> None:
    for path, query, fields in QUERIES:
        answer = world.api("admin").get(path, **query)
        assert (answer.status_code, set(answer.json()["fields"])) == (400, fields), (path, query)


def test_addresses_that_do_not_exist_answer_in_json(world: World) -> None:
    api = world.api("admin")
    for path in ("", "none/", "conversations/7/", "releases/x/", "studies/a b/", "releases/../../etc/passwd"):
        answer = api.get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), path
    assert json.loads(api.client.get("/api/").content)["code"] == "not_found"


def test_methods_that_are_not_offered_are_405(world: World) -> None:
    client = world.api("admin").client
    for method in ("put", "patch", "delete", "options"):
        for path in ("studies/", "conversations/", *POSTS):
            address = V1 + path.format(room=world.pair.conversation)
            answer = getattr(client, method)(address, {}, content_type="application/json")
            assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed"), (method, path)


def test_a_format_that_we_do_not_write_is_406(world: World) -> None:
    answer = world.api("admin").client.get(V1 + "studies/", headers={"accept": "text/csv"})
    assert (answer.status_code, answer.json()["code"]) == (406, "not_acceptable")


def test_head_tells_what_get_would_without_the_body(world: World) -> None:
    client = world.api("admin").client
    answer = client.head(V1 + "studies/")
    assert (answer.status_code, answer.content) == (200, b"")
    assert client.head(V1 + "participants/").status_code == 405
