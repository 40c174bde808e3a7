"""Decide that shares of those who left are paid back, at what the balance sheet of their year says. Claims nobody asks for lapse in the end."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from madang.coop import law, ledger, notices
from madang.coop.capital import queue, years
from madang.coop.capital.models import Claim, Valuation, ValuationLine
from madang.coop.decisions import ways
from madang.coop.decisions.kinds import base
from madang.coop.decisions.kinds.base import Change, Kind, Line, Prepared, register
from madang.coop.decisions.models import Proposal
from madang.coop.law.texts import say_citation
from madang.coop.ledger import periods
from madang.coop.ledger.books import statements
from madang.coop.members import asking
from madang.coop.notices import texts
from madang.coop.people.models import Organisation
from madang.kit import canonical
from madang.kit.dates import say_time
from madang.kit.errors import Refused
from madang.kit.money import format_amount
from madang.kit.surplus import withdrawal
from madang.kit.surplus.withdrawal import Sheet

WAYS = ("refunds", "constitution", "policy")
WARNED_BEFORE = timedelta(days=60)


@dataclass(frozen=True)
class Worth:
    """A claim and what the balance sheet at the end of its year says it is worth."""

    claim: Claim
    after: int


def sheet(year: int, unit: str) -> Sheet:
    """The balance sheet at the end of ``year``: what leavers of that year are valued by. Claims that year made count as capital still. 8 SQL queries."""
    told = statements.statements(date(year, 1, 1), date(year, 12, 31), unit)
    since, until = years.span(year)
    paid_in = sum(years.shares_at(until, unit).values())
    leavers = Claim.objects.filter(made_at__gte=since, made_at__lt=until).exclude(origin="stay")
    left = sum(par if par is not None else amount for par, amount in leavers.values_list("par", "amount"))
    locked = sum(row.amount for row in told.equity.rows if row.code == LEGAL)
    return Sheet(told.assets.total, told.liabilities.total - left, max(0, locked), paid_in + left)


LEGAL = 320
"""The legal reserve in the chart of accounts (capital's ``account_kinds``)."""


def waiting(now: datetime) -> list[Claim]:
    """Claims whose day has come and that the members have to decide on, first come, first. One SQL query."""
    day = queue.today(now)
    found = [one for one in queue.open_claims() if queue.needs_resolution(one) and one.due_on <= day and not queue.gone(one, day)]
    return sorted(found, key=lambda one: (one.made_at, str(one.pk)))


def valued(now: datetime) -> tuple[list[Worth], dict[str, Sheet]]:
    """Each of them at what it is worth, and the sheets that say so by year."""
    sheets: dict[str, Sheet] = {}
    found = []
    for claim in waiting(now):
        by, year = law.profile().bound("leaving.valued_by", claim.made_at).value, withdrawal.fiscal_year(queue.today(claim.made_at))
        if str(year) not in sheets:
            sheets[str(year)] = sheet(year, claim.unit)
        found.append(Worth(claim, withdrawal.worth(claim.amount, sheets[str(year)], str(by))))
    return found, sheets


def digest(rows: Sequence[Worth]) -> str:
    """Of every line: the same claims at the same worth have the same, any other another."""
    told = sorted([str(one.claim.pk), one.claim.amount, one.after] for one in rows)
    return hashlib.sha256(canonical.dumps(told)).hexdigest()


class Form(base.Form):
    """Nothing to fill in: the list follows from the books."""

    def nothing(self) -> str:
        """Who waits, and from which day it could be proposed; else where such claims come from."""
        if waiting(self.now):
            return ""
        bound = law.profile().bound("leaving.refund_needs", self.now)
        if bound.value != "special-resolution":
            return str(_("Here the law asks for no decision: whoever pays out pays those who left, first come, first, once their day has come."))
        later = [one.due_on for one in queue.open_claims() if queue.needs_resolution(one) and one.due_on > queue.today(self.now)]
        if later:
            day = say_time(periods.begins(min(later)), "date", self.lang, periods.zone())
            words = _("Somebody has left, and the law pays nobody back before {day}. Come again on that day; nothing can be decided sooner.")
            return str(words.format(day=day))
        words = _("Nobody who left waits for their shares. When a member leaves, their shares become a claim; from the next year on you can propose it here.")
        return str(words)

    def said(self) -> Sequence[Line]:
        """How many claims, at par and as valued: what would be voted on today."""
        rows, _sheets = valued(self.now)
        if not rows:
            return ()
        unit, before, after = rows[0].claim.unit, sum(one.claim.amount for one in rows), sum(one.after for one in rows)
        who = ngettext("{n} claim of someone who left", "{n} claims of those who left", len(rows)).format(n=len(rows))
        note = _("Valued by the balance sheet at the end of the year they left, at most what was paid in ({citation}).")
        cited = note.format(citation=say_citation(law.profile().bound("leaving.valued_by", self.now).citation, self.lang))
        return (Line(who, format_amount(before, unit, self.lang), format_amount(after, unit, self.lang), note=cited),)


def prepare(changes: Sequence[Change], details: dict[str, Any], org: Organisation | None, now: datetime) -> Prepared:
    """All claims that wait, valued. A special resolution where the law asks for one (Korea: arts. 26, 29).

    Raises ``Refused``: "other-scope", "nobody" (no claim waits for a decision), "moved" (the claims are not those of the draft any more).
    """
    if org is not None:
        raise Refused("other-scope", _("Shares are the whole co-op's: propose this to all members, not inside one organisation."))
    rows, _sheets = valued(now)
    if not rows:
        raise Refused("nobody", _("No claim of someone who left waits for a decision of the members at present."))
    if details.get("digest") and details["digest"] != digest(rows):
        raise Refused("moved", _("The books have changed since you wrote this. Open the draft, look at the new figures and keep it again."))
    bound = law.profile().bound("leaving.refund_needs", now)
    kept = {
        "unit": rows[0].claim.unit, "digest": digest(rows), "claims": len(rows), "before": sum(one.claim.amount for one in rows),
        "after": sum(one.after for one in rows), "article": bound.citation,
    }  # fmt: skip
    return Prepared([], kept, ways.name_for(WAYS, now))


def opened(proposal: Proposal, now: datetime) -> None:
    """From here on the vote is on exactly these claims at exactly this worth; those who left are told."""
    if Valuation.objects.filter(pk=proposal.pk).exists():
        return
    rows, sheets = valued(now)
    told = {year: {"assets": one.assets, "debts": one.debts, "locked": one.locked, "paid_in": one.paid_in} for year, one in sheets.items()}
    made = Valuation.objects.create(
        proposal_id=proposal.pk, kind="refund", unit=proposal.details["unit"], sheets=told, digest=digest(rows), made_at=now
    )
    ValuationLine.objects.bulk_create(
        [ValuationLine(valuation=made, membership=one.claim.membership, claim=one.claim, before=one.claim.amount, after=one.after) for one in rows]
    )
    for one in rows:
        _tell(one.claim, "capital.refund_proposed", one.after, proposal, now)


def effect(proposal: Proposal, now: datetime) -> list[str]:
    """The claims are worth what was voted on, and may be paid. One that was paid or lapsed meanwhile is left as it is."""
    lines = ValuationLine.objects.filter(valuation=proposal.pk).order_by("claim_id")
    for one in lines:
        assert one.claim_id is not None
        claim = Claim.objects.select_for_update(of=("self",)).select_related("account", "membership").get(pk=one.claim_id)
        if claim.resolution_id or claim.paid_at or claim.lapsed_at or claim.amount != one.before:
            continue
        if one.lost:
            move = ledger.Move(
                claim.account, ledger.account("forfeited", "", claim.unit), one.lost, "claim-valued",
                note={"decision": str(proposal.pk), "of": one.before, "year": withdrawal.fiscal_year(queue.today(claim.made_at))},
            )  # fmt: skip
            ledger.post("valuation", [move], key=f"valued:{claim.pk}", subject=claim.account.owner, now=now)
        claim.par, claim.amount, claim.resolution_id = one.before, one.after, proposal.pk
        claim.save(update_fields=["par", "amount", "resolution_id"])
        _tell(claim, "capital.refund_decided", one.after, proposal, now)
    return []


def _tell(claim: Claim, message: str, amount: int, proposal: Proposal, now: datetime) -> None:
    for person in asking.people_of(claim.membership, now):
        params = {"amount": texts.money(amount, claim.unit)}
        notices.tell(person, message, url=reverse("capital:shares"), params=params, now=now)


def lines(proposal: Proposal, lang: str) -> list[Line]:
    """How many, at what was paid in, and at what the balance sheet says. Nobody is named."""
    told = proposal.details
    if not told.get("claims"):
        return []
    with translation.override(lang):
        who = ngettext("{n} claim of someone who left", "{n} claims of those who left", told["claims"]).format(n=told["claims"])
        note = _("Valued by the balance sheet at the end of the year they left, at most what was paid in ({citation}).")
        cited = note.format(citation=say_citation(law.profile().bound("leaving.valued_by", proposal.created_at).citation, lang))
        rows = [Line(who, format_amount(told["before"], told["unit"], lang), format_amount(told["after"], told["unit"], lang), note=cited)]
        if told.get("article"):
            words = _("The law asks for a special resolution of the general meeting. Hold the meeting, and let this vote be its.")
            rows.append(Line(say_citation(told["article"], lang), "", "", note=words))
        return rows


def find_lapsed(now: datetime, limit: int) -> list[str]:
    """Claims nobody asked for in time, and those whose owner is to be warned, as ``"lapse:<id>"``, ``"warn:<id>"``."""
    day = queue.today(now)
    rows = Claim.objects.filter(paid_at=None, lapsed_at=None, claimed_at=None, amount__gt=0).order_by("lapses_on")
    found = [f"lapse:{one}" for one in rows.filter(lapses_on__lte=day).values_list("pk", flat=True)[:limit]]
    warn = rows.filter(lapses_on__gt=day, lapses_on__lte=day + WARNED_BEFORE, warned_at=None)
    return found + [f"warn:{one}" for one in warn.values_list("pk", flat=True)[: limit - len(found)]]


@transaction.atomic
def lapse(key: str, *, now: datetime) -> None:
    """Warn whose claim is about to lapse; book one that did back to the co-op, as income of the year. Done twice it is done once."""
    name, _colon, ident = key.partition(":")
    claim = Claim.objects.select_for_update(of=("self",)).select_related("account", "membership").get(pk=ident)
    if claim.paid_at or claim.lapsed_at or claim.claimed_at or claim.lapses_on is None:
        return
    params = {"amount": texts.money(claim.amount, claim.unit), "day": claim.lapses_on}
    if name == "warn" and claim.warned_at is None:
        claim.warned_at = now
        claim.save(update_fields=["warned_at"])
        for person in asking.people_of(claim.membership, now):
            notices.tell(person, "capital.lapses", url=reverse("capital:shares"), params=params, now=now)
    if name == "lapse" and queue.gone(claim, queue.today(now)):
        move = ledger.Move(claim.account, ledger.account("forfeited", "", claim.unit), claim.amount, "claim-lapsed", note={"citation": claim.citation})
        ledger.post("lapse", [move], key=f"lapse:{claim.pk}", subject=claim.account.owner, now=now)
        claim.lapsed_at = now
        claim.save(update_fields=["lapsed_at"])
        for person in asking.people_of(claim.membership, now):
            notices.tell(person, "capital.lapsed", url=reverse("capital:shares"), params=params, now=now)


register(
    Kind(
        "refund_to_leavers", gettext_lazy("Pay back those who left"), prepare, effect, lines, form=Form, subject="refunds", opened=opened,
        help=gettext_lazy("Shares of those who left, at what the balance sheet of their year says. Where the law asks for it, nobody is paid before."),
    )
)  # fmt: skip
