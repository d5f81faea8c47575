"""Invites: a link for one person, or one that takes in whoever opens it. The link is shown once."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from escollect.accounts.models import User
from escollect.accounts.permissions import Thing
from escollect.domain.events import Refused
from escollect.people import actions as people
from escollect.people.listing import get_invite_by_id, get_invites
from escollect.people.models import Role
from escollect.studies.models import Study
from escollect.training.actions import grant_qualification
from escollect.web.desk import words
from escollect.web.desk.choice import choose_study
from escollect.web.desk.forms import ReasonForm
from escollect.web.desk.gates import get_staff, may, page, staff

PERSON, LINK = "person", "link"
CHOOSE = {
    "required": gettext_lazy("Choose one of these."),
    "invalid_choice": gettext_lazy("Choose one of these."),
}


class InviteForm(forms.Form):
    """Whom to invite. `external_id` is there for admins only: it says who somebody is."""

    kind = forms.ChoiceField(
        label=gettext_lazy("For whom"),
        choices=[
            (PERSON, gettext_lazy("One person: the link always lets the same participant in")),
            (LINK, gettext_lazy("Open link: everybody who opens it becomes a new participant")),
        ],
        widget=forms.RadioSelect,
        initial=PERSON,
        error_messages=CHOOSE,
    )
    role = forms.ChoiceField(
        label=gettext_lazy("Role"),
        choices=[(role.value, words.ROLES[role.value]) for role in Role],
        widget=forms.RadioSelect,
        error_messages=CHOOSE,
    )
    qualified = forms.BooleanField(
        label=gettext_lazy("Already qualified: no training needed (supporters only)"), required=False
    )
    external_id = forms.CharField(
        label=gettext_lazy("Id on the platform they come from"),
        help_text=gettext_lazy("Only admins see it. The same id always means the same participant."),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"class": "input", "autocomplete": "off"}),
    )
    note = forms.CharField(
        label=gettext_lazy("Note for staff"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"class": "input"}),
    )

    def __init__(self, *args: Any, identity: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not identity:
            del self.fields["external_id"]

    def clean(self) -> dict[str, Any]:
        """What does not go together is said at the field that has to change."""
        data = self.cleaned_data
        if data.get("qualified") and data.get("role") == Role.SEEKER:
            self.add_error("qualified", _("Only supporters are qualified. Untick this, or choose supporter."))
        if data.get("external_id") and data.get("kind") == LINK:
            self.add_error("external_id", _("An open link is for many people. Leave this empty."))
        return data


@require_http_methods(["GET", "HEAD", "POST"])
@staff(Thing.INVITE)
def invites(request: HttpRequest) -> HttpResponse:
    """Make an invite and see the earlier ones; a new link is on the page once and never again."""
    choice = choose_study(request)
    study, identity = choice.study, may(request, Thing.IDENTITY)
    if study is None:
        return page(request, "invites.html", "participants", {"choice": choice})
    url, status = "", 200
    form = InviteForm(request.POST if request.method == "POST" else None, identity=identity)
    if request.method == "POST":
        url = _make(study, form, get_staff(request)) if form.is_valid() else ""
        status = 200 if url else 422
    context = {
        "choice": choice,
        "form": InviteForm(identity=identity) if url else form,
        "url": url,
        "invites": get_invites(study),
    }
    return page(request, "invites.html", "participants", context, status=status)


def _make(study: Study, form: InviteForm, by: User) -> str:
    """The new link; "" when it was refused, the reason then stands in the form."""
    data = form.cleaned_data
    single = data["kind"] == PERSON
    try:
        with transaction.atomic():
            participant = None
            if single:
                external_id = data.get("external_id", "")
                participant = people.create_participant(study, data["role"], external_id, by=by)
                if data["qualified"]:
                    grant_qualification(participant, by, _("Invited as already qualified."))
            qualified = data["qualified"] and not single
            made = people.invite(
                study, data["role"], participant=participant, qualified=qualified, note=data["note"], by=by
            )
    except Refused as refused:
        form.add_error(None, _(refused.message))
        return ""
    return f"{settings.PUBLIC_URL}/join/{made[1]}/"


@require_POST
@staff(Thing.INVITE)
def revoke_invite(request: HttpRequest, invite_id: UUID) -> HttpResponse:
    """Take an invite back with a reason."""
    found = get_invite_by_id(invite_id)
    if found is None:
        raise Http404
    form = ReasonForm(request.POST)
    if form.is_valid():
        people.revoke_invite(found, get_staff(request), form.cleaned_data["reason"])
        messages.success(request, _("The invite is taken back. Who came in by it stays in."))
    else:
        messages.error(request, _("The invite still stands: give a reason, then take it back."))
    return redirect("desk-invites")
