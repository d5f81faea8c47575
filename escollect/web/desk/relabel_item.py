"""One utterance of a campaign: an adjudicator decides between the labels, or gives a known answer."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from escollect.accounts.permissions import Thing
from escollect.audit.selectors import get_rows
from escollect.domain.relabelling import get_decidable
from escollect.domain.strategies import STRATEGIES
from escollect.quality.actions.campaigns import CampaignRefused, adjudicate, give_known_answer
from escollect.quality.models import Campaign, Item
from escollect.quality.relabelling import access_item, get_item_opinions, get_next_item, read_context
from escollect.web.desk.forms import text_area
from escollect.web.desk.gates import get_staff, may, page, staff
from escollect.web.desk.relabel import access, check_may_decide

LONG = 30
"""An adjudicator reads more of what came before."""


class DecisionForm(forms.Form):
    """A label and, between labels given, the reason for it."""

    strategy = forms.CharField(error_messages={"required": gettext_lazy("Choose a label.")})
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        help_text=gettext_lazy("The audit trail keeps it: use your own words, do not quote."),
        max_length=2000,
        widget=text_area(2),
        error_messages={"required": gettext_lazy("Give a reason. It is kept in the audit trail.")},
    )

    def __init__(self, *args: object, known: bool, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        if known:
            del self.fields["reason"]
        else:
            self.fields["reason"].widget.attrs["data-after-choice"] = ""


@require_safe
@staff(Thing.REVIEW)
def following(request: HttpRequest, campaign_id: UUID) -> HttpResponse:
    """Go to the next utterance that waits for a decision, or for its known answer with `?known=1`."""
    found = access(campaign_id)
    return _go_on(request, found, None, known=bool(request.GET.get("known")))


@require_http_methods(["GET", "HEAD", "POST"])
@staff(Thing.TEXT)
def item(request: HttpRequest, campaign_id: UUID, item_id: UUID) -> HttpResponse:
    """An utterance with its context, all labels given, and the decision."""
    found = access_item(campaign_id, item_id)
    if found is None:
        raise Http404
    if request.method != "POST":
        return _show(request, found, DecisionForm(known=found.is_gold))
    check_may_decide(request)
    form = DecisionForm(request.POST, known=found.is_gold)
    if form.is_valid() and _decide(request, found, form):
        return _go_on(request, found.campaign, found, known=found.is_gold)
    return _show(request, found, form, status=422)


def _decide(request: HttpRequest, found: Item, form: DecisionForm) -> bool:
    label, by = form.cleaned_data["strategy"], get_staff(request)
    try:
        if found.is_gold:
            give_known_answer(found, label, by)
        else:
            adjudicate(found, label, by, form.cleaned_data["reason"])
    except CampaignRefused as error:
        for field, problem in error.fields.items():
            form.add_error(field, problem)
        return False
    if label == found.original or found.is_gold:
        messages.success(request, _("Stored: %(label)s.") % {"label": _(label)})
    else:
        words = {"old": _(found.original), "new": _(label)}
        messages.success(request, _("Stored: %(old)s is published as %(new)s from now on.") % words)
    return True


def _go_on(request: HttpRequest, campaign: Campaign, done: Item | None, *, known: bool) -> HttpResponse:
    upcoming = get_next_item(campaign, done, known=known)
    if upcoming is None:
        if done is None:
            messages.info(request, _("Nothing of this campaign waits for a decision at the moment."))
        return redirect("desk-campaign", campaign.pk)
    return redirect("desk-relabel-item", campaign.pk, upcoming)


def _show(request: HttpRequest, found: Item, form: DecisionForm, status: int = 200) -> HttpResponse:
    before, text, earlier = read_context(found, LONG)
    opinions = get_item_opinions(found)
    given = [one.strategy for one in opinions]
    open_to = STRATEGIES if found.is_gold else get_decidable(found.original, given)
    waits = found.is_gold and not found.gold
    decidable = waits or (not found.is_gold and (found.state == Item.State.ADJUDICATION or found.adjudicated))
    chosen = form["strategy"].value() or ""
    context = {
        "item": found,
        "campaign": found.campaign,
        "before": before,
        "text": text,
        "earlier": earlier,
        "opinions": opinions,
        # Whoever gives a known answer has to look for themselves.
        "show_labels": not waits,
        "labels": [
            {
                "value": name,
                "label": _(name),
                "key": STRATEGIES.index(name) + 1,
                "count": given.count(name),
                "first": name == found.original and not found.is_gold,
                "checked": name == chosen,
            }
            for name in open_to
        ],
        "form": form,
        "decidable": decidable and may(request, Thing.REVIEW),
        "upcoming": get_next_item(found.campaign, found, known=found.is_gold),
        "audit": get_rows(found),
    }
    return page(request, "relabel_item.html", "relabel", context, status=status)
