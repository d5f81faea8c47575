from __future__ import annotations

import re

import pytest
from django.test import Client

from escollect.api.urls import urlpatterns
from tests.api.conftest import V1

pytestmark = pytest.mark.django_db


def get_addresses() -> set[str]:
    paths = {str(pattern.pattern) for pattern in urlpatterns} - {"schema/", "docs/"}
    return {V1 + re.sub(r"<\w+:(\w+)>", r"{\1}", path).replace("{pk}", "{id}") for path in paths}


def test_the_schema_is_open_json_and_has_every_address() -> None:
    answer = Client().get(V1 + "schema/")
    assert answer.status_code == 200
    schema = answer.json()
    assert schema["openapi"].startswith("3.")
    assert set(schema["paths"]) == get_addresses()
    assert set(schema["components"]["securitySchemes"]) == {"token", "session"}
    yaml = Client().get(V1 + "schema/", {"format": "yaml"})
    assert yaml.content.startswith(b"openapi: 3.")


def test_the_page_shows_every_address_with_its_fields() -> None:
    answer = Client().get(V1 + "docs/")
    html = answer.content.decode()
    assert answer.status_code == 200
    assert all(address in html for address in get_addresses())
    for words in ("external_id", "verdicts[].rules[].held", "results[].slug", "invite_url", "corrections"):
        assert words in html


def test_the_page_lives_under_the_strict_policy_without_scripts_of_its_own() -> None:
    answer = Client().get(V1 + "docs/")
    html = answer.content.decode()
    policy = answer.headers["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert not re.search(r"<style|\sstyle=|\son\w+=|https?://(?!127\.0\.0\.1)", html)
    assert re.findall(r"<script[^>]*src=\"([^\"]+)\"", html) == ["/static/js/theme.js"]
    assert html.count("<script") == 1


def test_anchors_are_unique_and_lead_somewhere() -> None:
    html = Client().get(V1 + "docs/").content.decode()
    ids = re.findall(r'\sid="([^"]+)"', html)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]+)"', html)) <= set(ids)
