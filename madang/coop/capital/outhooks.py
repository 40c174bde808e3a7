"""What the way out adds to the house: its kinds of transfer, messages, invariants, and the personal data of capital."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Q, Sum
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from madang.coop.capital import death, dying, handovers, queries, refunds, withdrawals, writedown
from madang.coop.capital.models import (
    Claim,
    ClosingLine,
    DeathReport,
    Handover,
    Nomination,
    Purchase,
    Society,
    Suspension,
    Valuation,
    ValuationLine,
    Withdrawal,
)
from madang.coop.ledger import periods
from madang.coop.ledger.flows import About, Flow, Subject
from madang.coop.ledger.models import Account
from madang.coop.members import queries as members
from madang.coop.people.models import Person
from madang.kit.errors import Refused
from madang.kit.house import Message, Personal


def _handovers(ids: set[str]) -> Mapping[str, About]:
    rows = Handover.objects.filter(pk__in=ids)
    words = "{n} share passed on", "{n} shares passed on"
    return {str(one.pk): About(ngettext(*words, one.count).format(n=one.count), reverse("capital:pass")) for one in rows}


def _writedowns(ids: set[str]) -> Mapping[str, About]:
    rows = Valuation.objects.filter(pk__in=ids, kind="write-down")
    return {str(one.pk): About(gettext("All shares bear a loss"), reverse("decisions:decision", args=[one.pk])) for one in rows}


flows = [
    Flow("shares-drawn", _("shares drawn out"), 65, _("A member who stays drew shares out: first asked, first paid."), by=withdrawals.pay),
    Flow("shares-passed", _("shares passed on"), 66, _("One member passed shares on to another, and both agreed."), by=handovers.accept),
    Flow("losses-passed", _("written-off part, passed on with the shares"), 67, _("Whoever takes shares on takes on what losses took of them.")),
    Flow("shares-converted", _("shares of another class"), 68, _("The member turned shares of one class into shares of another."), by=handovers.convert),
    Flow("written-off", _("written-off part, closed"), 69, _("With the shares goes what losses had taken of them.")),
    Flow("write-down", _("bears a loss"), 94, _("The members decided that all shares bear a loss no reserve covers, alike."), by=writedown.effect),
    Flow(
        "claim-valued", _("less by the balance sheet"), 70, _("The balance sheet at the end of the year they left says the shares are worth less."),
        by=refunds.effect,
    ),
    Flow("claim-lapsed", _("lapsed"), 71, _("Nobody asked for it in the time the law gives, so it stays with the co-op."), by=refunds.lapse),
    Subject("handover", _handovers),
    Subject("writedown", _writedowns),
]  # fmt: skip

messages = [
    Message("capital.withdrawals", _("Somebody waits for their shares"), _("See who is next, and what may leave this year."), urgent=True),
    Message("capital.paid_back", _("Shares paid back: {amount}"), _("It is on its way to your bank.")),
    Message("capital.paid_soon", _("Your shares are paid back: {amount}"), _("It goes to your bank once two people have signed for it.")),
    Message(
        "capital.suspended", _("The board has suspended paying back shares"), _("The reason given: {reason} Everyone keeps their place in the queue."),
        urgent=True,
    ),
    Message("capital.resumed", _("Paying back shares goes on"), _("In the old order: first asked, first paid.")),
    Message("capital.refund_proposed", _("The members are asked to pay your shares back"), _("At what the balance sheet says: {amount}.")),
    Message("capital.refund_decided", _("The members decided to pay your shares back"), _("{amount}. Ask for it on the page of your shares."), urgent=True),
    Message("capital.lapses", _("Ask for your shares before {day}"), _("{amount}. The law gives it up on that day unless you ask for it."), urgent=True),
    Message("capital.lapsed", _("Your claim to your shares has lapsed"), _("{amount} stays with the co-op, since nobody asked for it before {day}.")),
    Message(
        "capital.offered", _("{name} wants to pass shares on to you: {count}"),
        _("Say yes or no. With them comes what an owner has: a vote, and being liable with them."), urgent=True,
    ),
    Message("capital.propose_handover", _("{name} takes your shares: now the members have to agree"), _("Propose it to them. Shares: {count}.")),
    Message("capital.handover_off", _("Passing on shares was called off"), _("Shares: {count}. Nothing was moved.")),
    Message("capital.passed", _("Shares have passed on"), _("Shares: {count}.")),
    Message(
        "capital.reported_dead", _("Somebody wrote down that you have died"),
        _("{name} did. If you read this, say so before {until}: then nothing happens."), urgent=True,
    ),
    Message(
        "capital.confirm_death", _("A member is said to have died: {who}"), _("{name} wrote it down. Look at a document, then confirm it or call it off."),
        urgent=True,
    ),
    Message("capital.lives", _("{name} lives"), _("What was written down about a death is taken back.")),
    Message("capital.death", _("A member has died: {name}"), _("Their shares became a claim. See on the queue's page who is entitled to it.")),
]  # fmt: skip


def _export(person: Person) -> list[dict[str, Any]]:
    """Shares a person bought, passed on and asked back, claims they have, whom they named, and what decisions said of their shares."""
    bought = [
        {"kind": "shares", "count": one.count, "amount": one.amount, "unit": one.unit, "created_at": one.created_at, "paid_at": one.paid_at}
        for one in Purchase.objects.filter(membership__person=person)
    ]
    owed = [
        {"kind": "claim", "amount": one.amount, "unit": one.unit, "due_on": one.due_on, "lapses_on": one.lapses_on, "paid_at": one.paid_at}
        for one in Claim.objects.filter(membership__person=person)
    ]
    shared = [
        {
            "kind": "surplus", "year": one.closing.year, "decision": one.closing_id, "counted": one.counted, "measure": one.measure,
            "patronage": one.patronage, "capital": one.capital, "unit": one.closing.unit,
        }
        for one in ClosingLine.objects.filter(membership__person=person).select_related("closing")
    ]  # fmt: skip
    return bought + owed + shared + _asked(person)


def _asked(person: Person) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = [
        {"kind": "shares asked back", "count": one.count, "paid": one.paid_count, "asked_at": one.asked_at, "state": one.state}
        for one in Withdrawal.objects.filter(membership__person=person)
    ]
    for one in Handover.objects.filter(Q(giver__person=person) | Q(taker__person=person)).select_related("giver"):
        side = "given" if one.giver.person_id == person.pk else "taken"
        rows.append({"kind": f"shares {side}", "count": one.count, "state": one.state, "offered_at": one.offered_at, "done_at": one.done_at})
    rows += [
        {"kind": "valued", "decision": one.valuation_id, "before": one.before, "after": one.after, "unit": one.valuation.unit}
        for one in ValuationLine.objects.filter(membership__person=person).select_related("valuation")
    ]
    rows += [
        {"kind": "paying back suspended by you", "since": one.since, "until": one.until, "reason": one.reason}
        for one in Suspension.objects.filter(by=person)
    ]
    rows += [
        {"kind": "registered society you confirmed", "organisation": one.organisation.name, "number": one.number, "confirmed_at": one.confirmed_at}
        for one in Society.objects.filter(confirmed_by=person).select_related("organisation")
    ]
    rows += [
        {
            "kind": "death written down" if one.person_id == person.pk else "another's death you wrote down", "on": one.on, "state": one.state,
            "at": one.reported_at,
        }
        for one in DeathReport.objects.filter(Q(person=person) | Q(reported_by=person) | Q(confirmed_by=person) | Q(undone_by=person))
    ]
    if named := death.named_by(person):
        rows.append({"kind": "named for your death", "name": named.name, "relation": named.related, "contact": named.contact})
    return rows


def _erase(person: Person, *, now: datetime) -> None:
    """The share register keeps counts and dates; the name stands at the person only, and goes with it. Whom they named is forgotten.

    Raises ``Refused("claim-left")`` while the co-op still owes them their shares, or owes an organisation its shares that nobody else
    speaks for (a claim that has not lapsed).
    """
    dying.erase(person, now=now)
    today = now.astimezone(periods.zone()).date()
    theirs = Q(membership__person=person) | Q(membership__organisation__in=members.spoken_alone(person, now))
    rows = Claim.objects.filter(theirs, paid_at=None, lapsed_at=None, amount__gt=0).exclude(claimed_at=None, lapses_on__lte=today)
    owed = rows.select_related("membership__organisation").order_by("due_on").first()
    if owed is None:
        Nomination.objects.filter(pk=person.pk).delete()
        return
    if owed.membership.organisation is not None:
        words = gettext("The co-op still owes %(name)s its shares, and nobody else speaks for it. Name another representative first, then you can be erased.")
        raise Refused("claim-left", words % {"name": owed.membership.organisation.name})
    words = gettext("The co-op still owes you your shares; they can be paid back from %(day)s on. After that you can be erased.")
    raise Refused("claim-left", words % {"day": owed.due_on.isoformat()})


personal = Personal(
    "capital", _export, _erase,
    _("The share register as long as the co-op exists, without your name once your data is erased; whom you named for your death goes at once."),
    (
        "capital.Purchase", "capital.Claim", "capital.Closing", "capital.ClosingLine", "capital.Withdrawal", "capital.Handover", "capital.Nomination",
        "capital.Society", "capital.Suspension", "capital.DeathReport", "capital.Valuation", "capital.ValuationLine",
    ),
)  # fmt: skip


def claims_stand() -> list[str]:
    """Accounts of claims that do not hold exactly what is still to be paid."""
    owed = dict(Claim.objects.filter(paid_at=None, lapsed_at=None).values_list("account").annotate(total=Sum("amount")))
    wrong = []
    for one in Account.objects.filter(kind="claims").annotate(total=Sum("balances__credits") - Sum("balances__debits")):
        if (one.total or 0) != owed.get(one.pk, 0):
            wrong.append(f"{one.owner}: {one.total or 0} stands as claims, {owed.get(one.pk, 0)} is to be paid")
    return wrong


def wishes_are_held() -> list[str]:
    """Members who asked more shares back than they hold."""
    found = []
    rows = Withdrawal.objects.filter(state="waiting").select_related("membership__member_class")
    waiting = list({row.membership_id: row.membership for row in rows}.values())
    asked, held = queries.waiting_counts(waiting), queries.holdings(waiting)
    for one in waiting:
        if asked.get(one.pk, 0) > held[one.pk].count:
            found.append(f"membership {one.pk} asked for more shares than it holds")
    return found
