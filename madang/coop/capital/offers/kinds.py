"""Decide whether shares are offered, and on which terms: on exactly the draft as it is; nobody changes it while members discuss it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from madang.coop.capital.offers import opening, queries, states
from madang.coop.capital.offers.forms import AMOUNT_NAMES, KIND_NAMES, SHARING_NAMES
from madang.coop.capital.offers.models import Offer
from madang.coop.decisions import ways
from madang.coop.decisions.kinds import base
from madang.coop.decisions.kinds.base import Change, Kind, Line, Prepared, register
from madang.coop.decisions.models import Proposal
from madang.coop.law.texts import in_language
from madang.coop.ledger import periods
from madang.coop.people.models import Organisation
from madang.kit.dates import say_time
from madang.kit.errors import Refused
from madang.kit.money import format_amount


class Form(base.Form):
    """Which draft."""

    offer = forms.ChoiceField(label=gettext_lazy("Draft of an offer"), help_text=gettext_lazy("Drafts are written by whoever looks after share offers."))

    def prepare(self) -> None:
        """The drafts; to members only."""
        rows = Offer.objects.filter(state=states.DRAFT).order_by("-created_at") if self.insider else []
        field: Any = self.fields["offer"]
        field.choices = [(str(one.pk), in_language(one.title, self.lang)) for one in rows]


def prepare(changes: Sequence[Change], details: dict[str, Any], org: Organisation | None, now: datetime) -> Prepared:
    """The draft as it is now, with its fingerprint. Raises ``Refused``: "other-scope", "unfit", "moved", and what :func:`opening.require_ready` refuses."""
    if org is not None:
        raise Refused("other-scope", _("Shares are the whole co-op's: propose this to all members, not inside one organisation."), "offer")
    try:
        one = queries.offer(UUID(str(details.get("offer"))))
    except ValueError:
        raise Refused("unfit", _("Choose a draft."), "offer") from None
    if one.state not in (states.DRAFT, states.PROPOSED):
        raise Refused("unfit", _("Choose a draft."), "offer")
    opening.require_ready(one, now)
    fingerprint = opening.digest(one)
    if details.get("digest") and details["digest"] != fingerprint:
        raise Refused("moved", _("The draft has changed since you wrote this. Look at it again and keep your proposal anew."))
    kept = {"offer": str(one.pk), "digest": fingerprint, "terms": {key: value for key, value in opening.said(one).items() if key not in ("document", "offer")}}
    return Prepared([], kept, ways.name_for(("offers", "resolution", "policy"), now))


def opened(proposal: Proposal, now: datetime) -> None:
    """From here on nobody changes the draft."""
    opening.propose(proposal.details["offer"], proposal.pk, now=now)


def effect(proposal: Proposal, now: datetime) -> list[str]:
    """The offer begins."""
    opening.open_decided(proposal.details["offer"], proposal.pk, proposal.details["digest"], now=now)
    return []


def ended(proposal: Proposal, now: datetime) -> None:
    """It did not come to it: a draft again."""
    opening.not_decided(proposal.details["offer"], proposal.pk)


def lines(proposal: Proposal, lang: str) -> list[Line]:
    """The terms in words, and where the document is."""
    terms = proposal.details.get("terms")
    if not terms:
        return []
    page = reverse("capital:offer", args=[proposal.details["offer"]])
    with translation.override(lang):
        said = [Line(_("Offer"), "", in_language(terms["title"], lang), page), Line(_("Kind"), "", str(KIND_NAMES[terms["kind"]]))]
        said += [Line(str(name), "", format_amount(terms[key], terms["unit"], lang)) for key, name in AMOUNT_NAMES.items() if terms[key]]
        for key, name in (("opens_at", _("First day")), ("closes_at", _("Ends"))):
            if terms[key]:
                said.append(Line(name, "", say_time(datetime.fromisoformat(terms[key]), "date", lang, periods.zone())))
        said.append(Line(_("When more is wanted than there is"), "", str(SHARING_NAMES[terms["oversubscribed"]])))
    return said


register(
    Kind(
        "share_offer",
        gettext_lazy("Open a share offer"),
        prepare,
        effect,
        lines,
        form=Form,
        opened=opened,
        ended=ended,
        open_details=True,
        help=gettext_lazy("Whether shares are offered, on the terms of a draft. If it passes, the offer opens by itself and its terms stand."),
    )
)
