"""Who is told what about a share offer."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from madang.coop import notices
from madang.coop.capital.offers import states
from madang.coop.capital.offers.models import Application, Offer
from madang.coop.notices import texts
from madang.coop.people.models import Person
from madang.kit.house import Message

messages = [
    Message("offers.issued", _("You have new shares: {count}"), _("{title}: {amount} became share capital. Your certificate is ready.")),
    Message("offers.missed", _("{title}: the minimum was not reached"), _("Your {amount} is on its way back, all of it. You need do nothing."), urgent=True),
    Message("offers.returned", _("Your money goes back: {amount}"), _("{title}: no shares were issued for it. {why}")),
    Message("offers.part_back", _("A part of your money goes back: {amount}"), _("{title}: more was wanted than could be issued, or than one may hold.")),
    Message("offers.met", _("{title}: the minimum is reached"), _("The offer goes ahead. Your shares are issued as its terms say.")),
    Message("offers.extended", _("{title} runs longer"), _("It ends on {day} now. Until the minimum is reached you can take your money back.")),
]
WHY = {
    "missed": "",
    "taken-back": _("You took your application back."),
    "not-admitted": _("The membership was not given, or is over."),
    "full": _("More was wanted than there were shares."),
    "law": _("The law does not let you hold more."),
    "match": _("Less was to be matched."),
}


def page(of: Offer) -> str:
    """Where an offer is looked at."""
    return reverse("capital:offer", args=[of.pk])


def one(application: Application, message: str, params: dict[str, Any], now: datetime) -> None:
    """Tell who applied."""
    notices.tell(application.by, message, url=page(application.offer), params={"title": application.offer.title, **params}, now=now)


def all_who_paid(of: Offer, message: str, now: datetime, **params: Any) -> None:
    """Tell everyone whose money is in the offer, once each."""
    people = Person.objects.filter(pk__in=Application.objects.filter(offer=of, state__in=states.COUNTS).values("by"))
    notices.tell_all(list(people), message, url=page(of), params={"title": of.title, **params}, now=now)


def money(amount: int, of: Offer) -> Any:
    """An amount as its reader writes it."""
    return texts.money(amount, of.unit)
