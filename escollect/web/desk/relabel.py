"""Campaigns of relabelling on the desk: the list, drawing one, and how it goes."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from escollect.accounts.permissions import Thing
from escollect.audit.selectors import get_rows
from escollect.domain.relabelling import LEAST_OPINIONS, MOST_OPINIONS
from escollect.people.selectors import get_participant
from escollect.quality.actions.campaigns import (
    GOLD,
    MOST_ITEMS,
    SEED_LIMIT,
    SIZE,
    TITLE_LIMIT,
    CampaignRefused,
    Plan,
    close_campaign,
    create_campaign,
    set_aside,
)
from escollect.quality.models import Campaign
from escollect.quality.relabel_report import get_agreement, get_campaigns, get_progress, get_reviewers
from escollect.quality.relabelling import access_campaign, count_pool
from escollect.web.desk import relabel_rows as rows
from escollect.web.desk.choice import choose_study
from escollect.web.desk.forms import ReasonForm
from escollect.web.desk.gates import get_staff, may, page, staff

CLOSE = "close"
NUMBER = {"class": "input", "inputmode": "numeric"}


class CampaignForm(forms.Form):
    """What to draw for a new campaign."""

    title = forms.CharField(
        label=gettext_lazy("Title"),
        max_length=TITLE_LIMIT,
        widget=forms.TextInput(attrs={"class": "input"}),
        error_messages={"required": gettext_lazy("Give it a title, so that you know it again.")},
    )
    draw = forms.ChoiceField(
        label=gettext_lazy("What to draw"),
        choices=[(key.value, rows.DRAWS[key]) for key in Campaign.Draw],
        widget=forms.RadioSelect,
        initial=Campaign.Draw.RANDOM,
    )
    size = forms.IntegerField(
        label=gettext_lazy("Utterances"),
        min_value=1,
        max_value=MOST_ITEMS,
        initial=SIZE,
        widget=forms.NumberInput(attrs=NUMBER),
    )
    opinions = forms.IntegerField(
        label=gettext_lazy("Opinions for each"),
        help_text=gettext_lazy(
            "An adjudicator is asked when more than three in four differ from the first label."
        ),
        min_value=LEAST_OPINIONS,
        max_value=MOST_OPINIONS,
        initial=LEAST_OPINIONS,
        widget=forms.NumberInput(attrs=NUMBER),
    )
    gold = forms.IntegerField(
        label=gettext_lazy("Known answers to mix in"),
        help_text=gettext_lazy(
            "Everybody is asked them now and then; whoever gets fewer than three in five right gets no more "
            "tasks. They come from what earlier campaigns settled; what is missing you answer yourself."
        ),
        min_value=0,
        initial=GOLD,
        widget=forms.NumberInput(attrs=NUMBER),
    )
    seed = forms.IntegerField(
        label=gettext_lazy("Seed"),
        help_text=gettext_lazy(
            "The same seed draws the same utterances again. Without one it is made up and kept."
        ),
        required=False,
        min_value=0,
        max_value=SEED_LIMIT - 1,
        widget=forms.NumberInput(attrs=NUMBER),
    )


@require_safe
@staff(Thing.TEXT)
def campaigns(request: HttpRequest) -> HttpResponse:
    """The campaigns of the chosen study."""
    choice = choose_study(request)
    context: dict[str, object] = {"choice": choice, "may_decide": may(request, Thing.REVIEW)}
    if choice.study is not None:
        context["campaigns"] = [rows.build_campaign(row) for row in get_campaigns(choice.study)]
    return page(request, "relabel.html", "relabel", context)


@require_http_methods(["GET", "HEAD", "POST"])
@staff(Thing.REVIEW)
def new_campaign(request: HttpRequest) -> HttpResponse:
    """Draw a campaign for the chosen study."""
    choice = choose_study(request)
    form = CampaignForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST" and choice.study is not None:
        status = 422
        if form.is_valid():
            try:
                made = create_campaign(choice.study, Plan(**form.cleaned_data), get_staff(request))
            except CampaignRefused as error:
                for field, problem in error.fields.items():
                    form.add_error(field, problem)
            else:
                return redirect("desk-campaign", made.pk)
    pool = count_pool(choice.study) if choice.study is not None else None
    context = {"choice": choice, "form": form, "pool": pool}
    return page(request, "relabel_new.html", "relabel", context, status=status)


@require_safe
@staff(Thing.TEXT)
def campaign(request: HttpRequest, campaign_id: UUID) -> HttpResponse:
    """How a campaign goes: progress, agreement, confusion, people."""
    return _show(request, access(campaign_id), ReasonForm())


@require_POST
@staff(Thing.REVIEW)
def close(request: HttpRequest, campaign_id: UUID) -> HttpResponse:
    """Ask for no more opinions."""
    found, form = access(campaign_id), ReasonForm(request.POST)
    if not form.is_valid():
        return _show(request, found, form, CLOSE, status=422)
    try:
        left = close_campaign(found, get_staff(request), form.cleaned_data["reason"])
    except CampaignRefused as error:
        messages.warning(request, str(error))
    else:
        text = ngettext(
            "The campaign is closed. %(count)s utterance has too few opinions and keeps its label.",
            "The campaign is closed. %(count)s utterances have too few opinions and keep their labels.",
            left,
        )
        messages.success(request, text % {"count": left} if left else _("The campaign is closed."))
    return redirect("desk-campaign", found.pk)


@require_POST
@staff(Thing.REVIEW)
def set_reviewer_aside(request: HttpRequest, campaign_id: UUID, participant_id: UUID) -> HttpResponse:
    """Count somebody's opinions in this campaign no more."""
    found, person, form = access(campaign_id), get_participant(participant_id), ReasonForm(request.POST)
    if person is None:
        raise Http404
    if not form.is_valid():
        return _show(request, found, form, str(person.pk), status=422)
    try:
        count = set_aside(found, person, get_staff(request), form.cleaned_data["reason"])
    except CampaignRefused as error:
        messages.warning(request, str(error))
    else:
        text = _("%(count)s opinions of %(name)s count no more; others are asked instead.")
        messages.success(request, text % {"count": count, "name": person.pseudonym})
    return redirect("desk-campaign", found.pk)


def _show(
    request: HttpRequest, found: Campaign, form: ReasonForm, failed: str = "", status: int = 200
) -> HttpResponse:
    agreement = get_agreement(found)
    progress = get_progress([found])[found.pk]
    context = {
        "campaign": found,
        "row": rows.build_campaign_of(found, progress),
        "agreement": agreement,
        "overall": rows.build_overall(agreement),
        "strategies": rows.build_strategies(agreement),
        "confusion": rows.build_confusion(agreement),
        "reviewers": [rows.build_reviewer(one) for one in get_reviewers(found)],
        "audit": get_rows(found),
        "form": form,
        "failed": failed,
        "may_decide": may(request, Thing.REVIEW),
    }
    return page(request, "relabel_campaign.html", "relabel", context, status=status)


def access(campaign_id: UUID) -> Campaign:
    """The campaign with its study; raises Http404."""
    found = access_campaign(campaign_id)
    if found is None:
        raise Http404
    return found


def check_may_decide(request: HttpRequest) -> None:
    """Raises PermissionDenied for staff who may only look."""
    if not may(request, Thing.REVIEW):
        raise PermissionDenied
