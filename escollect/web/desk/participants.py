"""Finding participants, and seeing one: where they stand, what they agreed to, what they did."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from escollect.accounts.models import User
from escollect.accounts.permissions import Thing
from escollect.audit.selectors import get_rows
from escollect.conversations.reading import count_conversations, get_history
from escollect.conversations.selectors import next_step
from escollect.people import actions as people
from escollect.people.listing import get_consents
from escollect.people.models import Participant, Role
from escollect.people.selectors import get_participant
from escollect.training import actions as training
from escollect.training.directory import (
    QUALIFIED,
    UNQUALIFIED,
    Wanted,
    get_attempts,
    get_directory,
    get_qualifications,
)
from escollect.training.selectors import get_standing_qualification
from escollect.web.desk import words
from escollect.web.desk.choice import choose_study
from escollect.web.desk.forms import FilterForm, ReasonForm, choice_filter, search_filter
from escollect.web.desk.gates import get_staff, may, page, staff
from escollect.web.journey import get_journey

Act = Callable[[Participant, User, str], object]


@require_safe
@staff(Thing.STUDY)
def directory(request: HttpRequest) -> HttpResponse:
    """The participants of the chosen study, with search and filters."""
    choice = choose_study(request)
    context: dict[str, object] = {"choice": choice, "may_invite": may(request, Thing.INVITE)}
    if choice.study is not None:
        form = _filter_form(request)
        wanted = {name: form.get(name) for name in form.fields}
        identity = may(request, Thing.IDENTITY)
        found = get_directory(
            choice.study, Wanted(**wanted, by_identity=identity), request.GET.get("cursor", "")
        )
        counts = count_conversations([row.pk for row in found.rows])
        context |= {
            "form": form,
            "filtered": any(wanted.values()),
            "found": found,
            "rows": [(row, counts[row.pk]) for row in found.rows],
            "query": form.get_query(),
        }
    return page(request, "participants.html", "participants", context)


def _filter_form(request: HttpRequest) -> FilterForm:
    form = FilterForm(request.GET)
    form.fields["search"] = search_filter(gettext_lazy("Pseudonym or id"))
    form.fields["role"] = choice_filter(
        gettext_lazy("Role"), [(role.value, words.ROLES[role.value]) for role in Role]
    )
    form.fields["state"] = choice_filter(
        gettext_lazy("State"), [(key.value, words.STATES[key.value]) for key in Participant.State]
    )
    qualified = [(QUALIFIED, gettext_lazy("qualified")), (UNQUALIFIED, gettext_lazy("not qualified"))]
    form.fields["qualification"] = choice_filter(gettext_lazy("Qualification"), qualified)
    return form


@require_safe
@staff(Thing.STUDY)
def participant(request: HttpRequest, participant_id: UUID) -> HttpResponse:
    """One participant's path, consents, training, conversations and audit rows."""
    found = _access(participant_id)
    return _show(request, found, ReasonForm())


def _show(
    request: HttpRequest, found: Participant, form: ReasonForm, failed: str = "", status: int = 200
) -> HttpResponse:
    qualifications = get_qualifications(found)
    attempts = get_attempts(found)
    context = {
        "participant": found,
        "steps": get_journey(found, next_step(found)),
        "consents": get_consents(found),
        "qualifications": qualifications,
        "standing": get_standing_qualification(found),
        "attempts": attempts,
        "passed": len({attempt.module for attempt in attempts if attempt.state == "passed"}),
        "history": get_history(found),
        "audit": get_rows(found),
        "form": form,
        "failed": failed,
        "may_moderate": may(request, Thing.MODERATION),
        "may_qualify": may(request, Thing.QUALIFICATION),
        "may_identify": may(request, Thing.IDENTITY),
    }
    return page(request, "participant.html", "participants", context, status=status)


def _act(request: HttpRequest, participant_id: UUID, key: str, act: Act, done: str) -> HttpResponse:
    """Do something to a participant with a reason; without one the page comes back with what was typed."""
    found = _access(participant_id)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _show(request, found, form, key, status=422)
    try:
        act(found, get_staff(request), form.cleaned_data["reason"])
    except ValueError as error:
        form.add_error("reason", str(error))
        return _show(request, found, form, key, status=422)
    messages.success(request, done % {"name": found.pseudonym})
    return redirect("desk-participant", found.pk)


@require_POST
@staff(Thing.MODERATION)
def block(request: HttpRequest, participant_id: UUID) -> HttpResponse:
    """End a participation with a reason."""
    done = _("%(name)s is blocked: every session has ended and no invite lets them in again.")
    return _act(request, participant_id, "block", people.block, done)


@require_POST
@staff(Thing.MODERATION)
def unblock(request: HttpRequest, participant_id: UUID) -> HttpResponse:
    """Let a blocked participant in again with a reason."""
    done = _("%(name)s may come in again by the invite they had.")
    return _act(request, participant_id, "unblock", people.unblock, done)


@require_POST
@staff(Thing.QUALIFICATION)
def grant(request: HttpRequest, participant_id: UUID) -> HttpResponse:
    """Qualify a supporter by hand with a reason."""
    done = _("%(name)s is qualified and may enter the waiting room.")
    return _act(request, participant_id, "grant", training.grant_qualification, done)


@require_POST
@staff(Thing.QUALIFICATION)
def revoke(request: HttpRequest, participant_id: UUID) -> HttpResponse:
    """Take a qualification away with a reason."""
    done = _("The qualification of %(name)s is revoked. Only staff can grant it again.")
    return _act(request, participant_id, "revoke", training.revoke_qualification, done)


def _access(participant_id: UUID) -> Participant:
    found = get_participant(participant_id)
    if found is None:
        raise Http404
    return found
