"""The shapes of the contract, word for word, and the schema that promises them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from drf_spectacular.generators import SchemaGenerator

from escollect.api.base import StaffView
from escollect.api.urls import urlpatterns
from escollect.domain.events import Role
from escollect.domain.wire import PUBLIC_PAYLOAD
from tests.api.conftest import World

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    made: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return made


def test_a_study_is_what_the_contract_says(world: World) -> None:
    expected = {"slug": "calm", "title": "Calm", "state": "open", "version": 1, "licence": "CC-BY-4.0"}
    api = world.api("reviewer")
    assert api.get("studies/calm/").json() == expected
    assert api.get("studies/").json() == {"next": None, "previous": None, "results": [expected]}


def test_the_funnel_is_a_list_of_steps_and_counts(world: World) -> None:
    assert world.api("reviewer").get("studies/calm/funnel/").json() == [
        {"step": "arrived", "count": 2},
        {"step": "consented", "count": 0},
        {"step": "qualified", "count": 1},
        {"step": "conversations", "count": 1},
        {"step": "long_enough", "count": 1},
        {"step": "accepted", "count": 1},
        {"step": "released", "count": 0},
    ]


def test_live_counts_who_is_there(world: World) -> None:
    assert world.api("reviewer").get("studies/calm/live/").json() == {
        "waiting": {},
        "chatting": 0,
        "finished": 1,
        "verdicts": {"accepted": 1},
    }


def test_a_conversation_is_what_the_contract_says(world: World) -> None:
    shown = world.api("admin").get(f"conversations/{world.pair.conversation}/").json()
    verdicts, events, flags = shown.pop("verdicts"), shown.pop("events"), shown.pop("flags")
    assert shown == {
        "id": str(world.pair.conversation),
        "study": "calm",
        "state": "finished",
        "seeker": str(world.pair.seeker.pk),
        "supporter": str(world.pair.supporter.pk),
        "verdict": "accepted",
        "decided_by": "policy",
        "surveys": {
            "before": {
                "experience_type": "Current Experience",
                "emotion_type": "anxiety",
                "problem_type": "job crisis",
                "initial_emotion_intensity": 5,
                "situation": "My contract ends in a month and I cannot sleep.",
            },
            "after_seeker": {
                "final_emotion_intensity": 2,
                "empathy": 5,
                "relevance": 4,
                "question1": "It was calm.",
                "question2": "",
            },
            "after_supporter": {"relevance": 4, "question1": "", "question2": "A longer time."},
        },
    }
    assert [(v["policy"], v["version"], v["outcome"]) for v in verdicts] == [
        ("esconv-2021", 1, "accepted"),
        ("failed-esconv-2024", 1, "not_selected"),
    ]
    for verdict in verdicts:
        assert set(verdict) == {"policy", "version", "outcome", "rules"}
        assert all(list(rule) == ["rule", "value", "threshold", "held", "why"] for rule in verdict["rules"])
    assert sorted(flag["kind"] for flag in flags) == ["copies", "one_label", "question_unasked"]
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    said = [event for event in events if event["kind"] == "msg"]
    assert said[0] == {
        "seq": said[0]["seq"],
        "at": said[0]["at"],
        "kind": "msg",
        "from": "supporter",
        "text": "Supporter line 0 with enough words in it",
        "strategy": "Question",
    }
    assert [event["value"] for event in events if event["kind"] == "rating"] == [5, 5, 5, 5]


def test_what_a_role_may_not_see_is_absent_and_not_null(world: World) -> None:
    tele = {"keys": 3, "ms": 900, "paste_chars": 0, "blurs": 0}
    event = world.pair.row.events.get(seq=2)
    event.payload = {"seen": 1, "tele": tele}
    event.save()
    shown = {}
    for role in ("researcher", "reviewer", "admin"):
        body = world.api(role).get(f"conversations/{world.pair.conversation}/").json()
        shown[role] = ("flags" in body, [e["tele"] for e in body["events"] if "tele" in e])
        assert "payload" not in str(body)
    assert shown == {"researcher": (False, []), "reviewer": (True, [tele]), "admin": (True, [tele])}


def test_nothing_that_tells_who_somebody_is_goes_out(world: World) -> None:
    person = world.pair.seeker.person
    person.platform, person.external_id, person.external_hash = "prolific", "worker-4711", "h" * 64
    person.save()
    for path in (
        f"conversations/{world.pair.conversation}/",
        "conversations/",
        "verdicts/",
        "studies/calm/live/",
    ):
        body = world.api("researcher").get(path).content.decode()
        for secret in ("worker-4711", "prolific", "h" * 64, str(person.pk), world.pair.seeker.pseudonym):
            assert secret not in body


def test_a_policy_is_what_the_contract_says(world: World) -> None:
    found = world.api("reviewer").get("policies/").json()["results"]
    assert [(one["name"], one["version"], one["active"]) for one in found] == [
        ("esconv-2021", 1, True),
        ("esconv-2021-literal", 1, True),
        ("failed-esconv-2024", 1, True),
    ]
    assert all(set(one) == {"name", "version", "active", "definition"} for one in found)
    assert found[0]["definition"]["name"] == "esconv-2021"


@pytest.mark.parametrize(
    ("path", "address"),
    [
        ("studies/", "/api/v1/studies/"),
        ("studies/calm/", "/api/v1/studies/{slug}/"),
        ("studies/calm/funnel/", "/api/v1/studies/{slug}/funnel/"),
        ("studies/calm/live/", "/api/v1/studies/{slug}/live/"),
        ("studies/calm/training/", "/api/v1/studies/{slug}/training/"),
        ("conversations/", "/api/v1/conversations/"),
        ("conversations/{room}/", "/api/v1/conversations/{id}/"),
        ("verdicts/", "/api/v1/verdicts/"),
        ("policies/", "/api/v1/policies/"),
    ],
)
def test_answers_have_the_keys_that_the_schema_promises(
    world: World, schema: dict[str, Any], path: str, address: str
) -> None:
    answer = world.api("admin").get(path.format(room=world.pair.conversation)).json()
    media = schema["paths"][address]["get"]["responses"]["200"]["content"]["application/json"]
    assert list(_differences(answer, media["schema"], schema["components"]["schemas"])) == []


def _differences(
    value: Any, shape: Mapping[str, Any], shapes: Mapping[str, Any], at: str = ""
) -> Iterator[str]:
    if "$ref" in shape:
        shape = shapes[shape["$ref"].rsplit("/", 1)[-1]]
    if "allOf" in shape:
        yield from _differences(value, shape["allOf"][0], shapes, at)
    elif value is None:
        if not shape.get("nullable") and shape:
            yield f"{at} is null"
    elif shape.get("type") == "array":
        for inner in value:
            yield from _differences(inner, shape["items"], shapes, f"{at}[]")
    elif "properties" in shape:
        yield from (f"{at}.{key} is not promised" for key in value if key not in shape["properties"])
        yield from (f"{at}.{key} is missing" for key in shape.get("required", ()) if key not in value)
        for key in set(value) & set(shape["properties"]):
            yield from _differences(value[key], shape["properties"][key], shapes, f"{at}.{key}")


def test_the_schema_knows_every_key_that_an_event_can_have(schema: dict[str, Any]) -> None:
    public = {key for keys in PUBLIC_PAYLOAD.values() for key in keys}
    assert public <= set(schema["components"]["schemas"]["Event"]["properties"])


def test_the_schema_is_made_without_a_warning(capsys: pytest.CaptureFixture[str]) -> None:
    SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    assert capsys.readouterr().err == ""


def test_every_operation_promises_the_one_shape_of_errors(schema: dict[str, Any]) -> None:
    for methods in schema["paths"].values():
        for operation in methods.values():
            error = operation["responses"]["default"]["content"]["application/json"]["schema"]
            assert error == {"$ref": "#/components/schemas/Error"}
    assert set(schema["components"]["schemas"]["Error"]["properties"]) == {"code", "detail", "fields"}


def test_every_view_of_the_staffs_says_what_it_needs() -> None:
    views = [
        pattern.callback.view_class for pattern in urlpatterns if hasattr(pattern.callback, "view_class")
    ]
    staff = [view for view in views if issubclass(view, StaffView)]
    assert len(staff) == 20
    for view in staff:
        offered = {method.upper() for method in view.http_method_names if hasattr(view, method)}
        assert offered - {"OPTIONS"} == set(view.needs), view


def test_staff_see_the_strategy_of_every_supporter_utterance(world: World) -> None:
    strategies = {Role.SUPPORTER: {"Question"}, Role.SEEKER: {None}}
    body = world.api("researcher").get(f"conversations/{world.pair.conversation}/").json()
    for role, expected in strategies.items():
        said = [e for e in body["events"] if e["kind"] == "msg" and e["from"] == role]
        assert {event.get("strategy") for event in said} == expected
