"""A finished conversation with known pauses in the server's database: `python -m tests.browser.timed_room`.

Prints its id, the seeker's invite, and who is in it. Runs beside the server, as a command does.
"""

from __future__ import annotations

import json
import os
from datetime import timedelta

import django

SECONDS = 2
"""Between two events; before the last there are 300 times as many and these."""


def main() -> None:
    """Hold a conversation that is rejected for being short, and set its times."""
    from escollect.conversations.models import Event  # noqa: PLC0415  the apps must be loaded first
    from escollect.infra.clock import now  # noqa: PLC0415
    from escollect.people.actions import invite  # noqa: PLC0415
    from escollect.studies.models import Study  # noqa: PLC0415
    from tests.web.desk.scenes import make_finished  # noqa: PLC0415

    room = make_finished(Study.objects.get(slug="demo"), utterances=6)
    events = list(Event.objects.filter(conversation=room).order_by("seq"))
    began = now() - timedelta(hours=1)
    for number, event in enumerate(events):
        later = SECONDS * 300 if event is events[-1] else 0
        event.at = began + timedelta(seconds=number * SECONDS + later)
    Event.objects.bulk_update(events, ["at"])
    _made, token = invite(room.study, "seeker", participant=room.seeker)
    print(json.dumps({"room": str(room.pk), "token": token, "verdict": room.verdict}))  # noqa: T201


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "escollect.config.settings")
    django.setup()
    main()
