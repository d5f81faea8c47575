"""Practice chats at the desk: they are nobody's business."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from tests.support.practices import MOVED, WELL, Practising, make_practice_study, make_trainee, use_scripts

pytestmark = pytest.mark.django_db
PAGES = ("/desk/", "/desk/live/", "/desk/review/", "/desk/participants/", "/desk/releases/")


def test_no_page_of_the_desk_tells_of_practice(
    login: Callable[[str], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    use_scripts(monkeypatch, MOVED)
    study = make_practice_study()
    whole, live = Practising.begin(make_trainee(study)), Practising.begin(make_trainee(study))
    whole.reply(WELL)
    browser = login("admin")
    pages = [*PAGES, *(f"/desk/participants/{pair.supporter.pk}/" for pair in (whole, live))]
    for page in pages:
        html = browser.get(page).content.decode()
        assert study.title in html
        for pair in (whole, live):
            assert str(pair.conversation) not in html
            assert pair.row.seeker.pseudonym not in html
    for pair in (whole, live):
        assert browser.get(f"/desk/review/{pair.conversation}/").status_code == 404
