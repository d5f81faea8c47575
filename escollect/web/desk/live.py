"""Who waits and who chats, right now."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from escollect.accounts.permissions import Thing
from escollect.conversations.waiting import explain_waiting, get_notes
from escollect.quality.rooms import get_open_rooms
from escollect.web.desk.choice import choose_study
from escollect.web.desk.gates import may, page, staff


@require_safe
@staff(Thing.STUDY)
def live(request: HttpRequest) -> HttpResponse:
    """Tickets and rooms of the chosen study; a small script asks again every few seconds."""
    choice = choose_study(request)
    context: dict[str, object] = {
        "choice": choice,
        "may_see_flags": may(request, Thing.FINDING),
        "may_moderate": may(request, Thing.MODERATION),
    }
    if choice.study is not None:
        waiting = explain_waiting(choice.study)
        notes = get_notes([one.ticket for one in waiting])
        roles = {one.ticket.role for one in waiting}
        context |= {
            "waiting": [(one.ticket, one.why, notes[one.ticket.pk]) for one in waiting],
            "rooms": get_open_rooms(choice.study),
            "missing": ({"seeker", "supporter"} - roles).pop() if len(roles) == 1 else "",
        }
    return page(request, "live.html", "live", context)
