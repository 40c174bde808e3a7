"""Decide that all shares bear a loss the reserves do not cover: every membership by what its shares stand at, exactly, shown to each before the vote."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from django.urls import reverse
from django.utils import translation
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from madang.coop import law, ledger
from madang.coop.capital import yearend, years
from madang.coop.capital.models import Valuation, ValuationLine
from madang.coop.decisions import ways
from madang.coop.decisions.kinds import base
from madang.coop.decisions.kinds.base import Change, Kind, Line, Prepared, register
from madang.coop.decisions.models import Proposal
from madang.coop.law.texts import say_citation
from madang.coop.ledger import queries as books
from madang.coop.ledger.booking import Posting
from madang.coop.ledger.models import Account
from madang.coop.ledger.moves import Move
from madang.coop.members import queries as members
from madang.coop.people.models import Organisation
from madang.kit import canonical
from madang.kit.errors import Refused
from madang.kit.money import format_amount
from madang.kit.ruletypes.text import in_language
from madang.kit.splits import largest_remainder

WAYS = ("write-down", "constitution", "policy")


@dataclass(frozen=True)
class Plan:
    """What each membership owner's shares stand at (``worth``) and would lose (``lost``), of a ``loss`` in all."""

    unit: str
    loss: int
    worth: dict[str, int]
    lost: dict[str, int]

    @property
    def digest(self) -> str:
        """Of every line, in 64 letters."""
        told = [self.unit, self.loss, sorted([owner, self.worth[owner], self.lost.get(owner, 0)] for owner in self.worth)]
        return hashlib.sha256(canonical.dumps(told)).hexdigest()


def worths(unit: str) -> dict[str, int]:
    """What the shares of every membership stand at: paid in, less what earlier losses took; of those above nothing. Two SQL queries."""
    found: dict[str, int] = {}
    for account, amount in _balances("shares", unit) + _balances("written-down", unit):
        found[account] = found.get(account, 0) + amount
    return {owner: amount for owner, amount in found.items() if amount > 0}


def _balances(kind: str, unit: str) -> list[tuple[str, int]]:
    from django.db.models import F, Sum

    rows = Account.objects.filter(kind=kind, unit=unit).annotate(total=Sum(F("balances__credits") - F("balances__debits")))
    return [(row.owner, int(row.total or 0)) for row in rows]


def shared(loss: int, worth: dict[str, int], salt: str) -> dict[str, int]:
    """``loss`` over what each stands at, by largest remainder: nobody loses more than they have, and all of it is shared.

    Raises ``ValueError`` for more than all capital.
    """
    whole = sum(worth.values())
    if not 0 < loss <= whole:
        raise ValueError("no more can be written down than there is")
    return largest_remainder(loss, [(owner, Fraction(amount, whole)) for owner, amount in sorted(worth.items())], salt)


def plan(now: datetime) -> Plan:
    """The write-down the books ask for at ``now``; writes nothing.

    Raises ``Refused``: "law" (Korea: losses are carried forward), "years-open" (a year is over and its use not decided), "reserves-first", "no-loss".
    """
    language, profile = get_language() or "en", law.profile()
    bound = profile.bound("share.write_down", now)
    if not bound.yes():
        words = _("The law carries a loss forward to the next year; shares are not written down for it ({citation}).")
        raise Refused("law", words.format(citation=say_citation(bound.citation, language)))
    if years_open := list(yearend.open_years(now)):
        raise Refused("years-open", _("First decide what becomes of the year {year}: its loss has to stand in the books.").format(year=years_open[-1]))
    unit = law.coop().currency
    if any(books.kind_balance(kind, unit) for kind in ("voluntary-reserve", "legal-reserve")):
        raise Refused("reserves-first", _("There are reserves left, and they bear a loss before the shares of members do."))
    loss, worth = -books.kind_balance("surplus", unit), worths(unit)
    if loss <= 0 or not worth:
        raise Refused("no-loss", _("There is no loss that shares would have to bear."))
    taken = min(loss, sum(worth.values()))
    return Plan(unit, taken, worth, shared(taken, worth, f"write-down:{law.coop().founding_id}:{max(years.closed(now), default=0)}"))


class Form(base.Form):
    """Nothing to fill in: the figures follow from the books."""


def prepare(changes: Sequence[Change], details: dict[str, Any], org: Organisation | None, now: datetime) -> Prepared:
    """As :func:`plan`; with the figures a draft was written from, they must be the same still ("moved")."""
    if org is not None:
        raise Refused("other-scope", _("Shares are the whole co-op's: propose this to all members, not inside one organisation."))
    made = plan(now)
    if details.get("digest") and details["digest"] != made.digest:
        raise Refused("moved", _("The books have changed since you wrote this. Open the draft, look at the new figures and keep it again."))
    kept = {"unit": made.unit, "loss": made.loss, "worth": sum(made.worth.values()), "members": len(made.worth), "digest": made.digest}
    return Prepared([], kept, ways.name_for(WAYS, now))


def opened(proposal: Proposal, now: datetime) -> None:
    """From here on the vote is on exactly these lines."""
    if Valuation.objects.filter(pk=proposal.pk).exists():
        return
    made = plan(now)
    fixed = Valuation.objects.create(proposal_id=proposal.pk, kind="write-down", unit=made.unit, sheets={"loss": made.loss}, digest=made.digest, made_at=now)
    ValuationLine.objects.bulk_create(
        [
            ValuationLine(valuation=fixed, membership_id=owner.removeprefix("membership:"), before=worth, after=worth - made.lost.get(owner, 0))
            for owner, worth in sorted(made.worth.items())
        ],
        batch_size=2_000,
    )


def effect(proposal: Proposal, now: datetime) -> list[str]:
    """Booked line by line as it was voted on. Raises ``Refused("books-moved")`` when shares, reserves or the loss are not what was voted on."""
    fixed = Valuation.objects.get(pk=proposal.pk)
    if plan(now).digest != fixed.digest:
        raise Refused("books-moved", _("Shares, reserves or the loss have changed since this was proposed. Nothing was booked; propose it again."))
    own = ledger.account("surplus", "", fixed.unit)
    rows = [one for one in fixed.lines.order_by("membership_id") if one.lost]
    for number, start in enumerate(range(0, len(rows), yearend.RUN)):
        some = rows[start : start + yearend.RUN]
        places = ledger.accounts([("written-down", f"membership:{one.membership_id}") for one in some], fixed.unit)
        moves = [
            Move(place, own, one.lost, "write-down", note={"decision": str(proposal.pk), "of": one.before}) for one, place in zip(some, places, strict=True)
        ]
        ledger.post_many([Posting("write-down", moves, f"write-down:{proposal.pk}:{number}", f"writedown:{proposal.pk}")], now=now)
    return []


def lines(proposal: Proposal, lang: str) -> list[Line]:
    """What all shares stand at and would stand at, and for what loss."""
    told = proposal.details
    if not told.get("loss"):
        return []
    with translation.override(lang):
        before, after = (format_amount(amount, told["unit"], lang) for amount in (told["worth"], told["worth"] - told["loss"]))
        said = _("Every share bears the same part of a loss of {loss} that no reserve covers.")
        return [Line(_("What all shares stand at"), before, after, note=said.format(loss=format_amount(told["loss"], told["unit"], lang)))]


def own(proposal: Proposal, person: Any, lang: str) -> list[Line]:
    """What this person's own shares stand at and would stand at."""
    mine = [*members.memberships(person), *members.represented(person, proposal.created_at)]
    rows = ValuationLine.objects.filter(valuation=proposal.pk, membership__in=mine).select_related("membership__member_class", "membership__organisation")
    unit = proposal.details.get("unit", law.coop().currency)
    found = []
    for one in rows.order_by("membership_id"):
        label = in_language(one.membership.member_class.title, lang) + (f" · {one.membership.organisation}" if one.membership.organisation else "")
        found.append(Line(label, format_amount(one.before, unit, lang), format_amount(one.after, unit, lang), reverse("capital:money")))
    return found


register(
    Kind(
        "write_down", gettext_lazy("Write down all shares"), prepare, effect, lines, form=Form, opened=opened, open_details=True, own=own,
        help=gettext_lazy("A loss that no reserve covers is borne by all shares alike. Each member sees their own figures before voting."),
    )
)  # fmt: skip
