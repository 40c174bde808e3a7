"""Closing a year: computed from the books and the law, fixed when its proposal is shown, booked exactly so when the members have decided it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q, Sum
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from madang.coop import law, ledger
from madang.coop.capital import years
from madang.coop.capital.models import Closing, ClosingLine
from madang.coop.decisions import states
from madang.coop.decisions.models import Proposal
from madang.coop.law.texts import say_citation
from madang.coop.ledger import periods
from madang.coop.ledger import queries as books
from madang.coop.ledger.actions import one_at_a_time
from madang.coop.ledger.booking import Posting
from madang.coop.ledger.flows import About
from madang.coop.ledger.models import Transfer
from madang.coop.ledger.moves import Move
from madang.coop.payments import spending
from madang.kit import canonical, house
from madang.kit.errors import Refused
from madang.kit.money import format_amount
from madang.kit.surplus import Forbidden, Group, Law, Tenth, Use, Wish, Year, check, on_capital, share, spread, use

RUN = 500
"""So many members are booked in one entry."""
OLDEST, LATEST = 1970, 9000
"""No books have a year before or after these."""


@dataclass(frozen=True)
class Line:
    """What one membership would get."""

    membership: years.Member
    measure: str
    counted: int
    paid_in: int
    patronage: int
    capital: int


@dataclass(frozen=True)
class Plan:
    """A year end worked out: what the books say, what becomes of it, who gets what."""

    year: int
    unit: str
    figures: years.Figures
    use: Use
    lines: list[Line]
    tenths: list[Tenth]

    @property
    def digest(self) -> str:
        """Of what the books say and of every line, in 64 letters: the same figures have the same, any other another."""
        lines = sorted([one.membership.key, one.patronage, one.capital] for one in self.lines)
        told = [self.year, self.unit, self.figures.closes, asdict(self.figures.year), _amounts(self.use), lines]
        return hashlib.sha256(canonical.dumps(told)).hexdigest()


def _amounts(made: Use) -> dict[str, int]:
    return {name: amount for name, amount in asdict(made).items() if name != "steps"}


def law_at(now: datetime) -> Law:
    """The bounds of the co-op's law that a year end is held to."""
    profile = law.profile()
    return Law.of(lambda name: profile.bound(name, now))


def close_year(year: int, now: datetime, wish: Wish, groups: Mapping[str, tuple[int, str]]) -> Plan:
    """Work out the end of ``year`` (a fiscal year that is over) under ``wish``; writes nothing.

    ``groups``: {class key: (parts of the patronage refund, key of a house ``Measure``)}; a class that is not named gets none.
    Raises ``Refused``: "year" (not over, or closed already), "unbooked" (the bank shows money that the books do not),
    "law" (with the article), "not-enough", "no-use" (nobody to give it to), "measure".
    """
    unit = law.coop().currency
    if not OLDEST <= year <= LATEST or not years.ended(year, now):
        raise Refused("year", _("The year %(year)s is not over yet.") % {"year": year}, "year")
    if any(done >= year for done in years.closed(now)):
        raise Refused("year", _("The year %(year)s is closed already.") % {"year": year}, "year")
    if open_amount := spending.unbooked(date(year, 12, 31)):
        words = _("The bank's statements hold {amount} of that year that is not booked. Say on the page *Bank* what each line is, then close the year.")
        raise Refused("unbooked", words.format(amount=format_amount(open_amount, unit, get_language() or "en")), "year")
    found = years.figures(year, unit)
    made = lawful(lambda: use(found.year, law_at(now), wish), unit)
    lines = _lines(year, unit, made, groups)
    return Plan(year, unit, found, made, lines, spread(one.patronage + one.capital for one in lines))


def lawful(work: Any, unit: str) -> Any:
    """What ``work()`` answers; what the law forbids is refused in the reader's language, citing the article."""
    language = get_language() or "en"
    try:
        return work()
    except Forbidden as no:
        said = no.said(language, lambda amount: format_amount(amount, unit, language), say_citation(no.article, language))
        raise Refused("law", said, no.field) from no
    except Refused as no:
        if no.code == "not-enough":
            words = _("That is more than the year has left to give. Lower the dividend on capital, or give less elsewhere.")
            raise Refused("not-enough", words, no.field) from no
        raise


def _lines(year: int, unit: str, made: Use, groups: Mapping[str, tuple[int, str]]) -> list[Line]:
    since, until = years.span(year)
    paid_in = years.shares_at(until, unit)
    rows = years.memberships(year, paid_in)
    known = {one.key: one for one in house.collect("measures")}
    counts: dict[str, dict[str, int]] = {}
    for _parts, key in groups.values():
        if key not in known:
            raise Refused("measure", _("There is no measure of that name."), "measure")
        if key not in counts:
            counts[key] = known[key].count(since, until)
    asked, counted, once = [], {}, _counted_where(rows, groups)
    for key, (parts, measure) in groups.items():
        used = {
            one.key: max(0, counts[measure].get(one.payee, 0)) if once[measure, one.payee] == one.key else 0 for one in rows if one.class_key == key
        }
        counted.update(used)
        asked.append(Group(key, Fraction(parts), measure, used))
    held = {one.key: paid_in.get(one.owner, 0) for one in rows}
    salt = f"surplus:{law.coop().founding_id}:{year}"
    try:
        by_use, by_capital = share(made.patronage, asked, salt), on_capital(made.capital, held, salt)
    except ValueError:
        words = _("Nobody has the use, or the capital, that this follows. Choose another measure, or keep it in the co-op.")
        raise Refused("no-use", words, "patronage") from None
    return [
        Line(one, groups[one.class_key][1] if one.class_key in groups else "", counted.get(one.key, 0), held[one.key],
             by_use.get((one.class_key, one.key), 0), by_capital.get(one.key, 0))
        for one in rows
    ]  # fmt: skip


def _counted_where(rows: Sequence[years.Member], groups: Mapping[str, tuple[int, str]]) -> dict[tuple[str, str], str]:
    """In which membership the use of each counts, by (measure, payee): what somebody did counts once, also where they are a member in two classes that
    follow the same measure: in their primary membership, else in the first."""
    found: dict[tuple[str, str], str] = {}
    for one in sorted((one for one in rows if one.class_key in groups), key=lambda one: not one.primary):
        found.setdefault((groups[one.class_key][1], one.payee), one.key)
    return found


@transaction.atomic
def fix(proposal: Proposal, plan: Plan, *, now: datetime) -> Closing:
    """Keep what a proposal would book, line by line, when its discussion opens. Twice is once.

    Raises ``Refused("moved")`` when somebody booked in the moment since the figures on its page were worked out.
    """
    found = Closing.objects.filter(pk=proposal.pk).first()
    if found is not None:
        return found
    if proposal.details.get("digest", plan.digest) != plan.digest:
        raise Refused("moved", _("The books have changed since you wrote this. Open the draft, look at the new figures and keep it again."))
    kept = {"closes": plan.figures.closes, "year": asdict(plan.figures.year), "taken": plan.figures.taken}
    made = Closing.objects.create(proposal_id=proposal.pk, year=plan.year, unit=plan.unit, books=kept, use=_amounts(plan.use), digest=plan.digest, made_at=now)
    ClosingLine.objects.bulk_create(
        [ClosingLine(closing=made, membership_id=UUID(one.membership.key), measure=one.measure, counted=one.counted, paid_in=one.paid_in,
                     patronage=one.patronage, capital=one.capital) for one in plan.lines], batch_size=2_000,
    )  # fmt: skip
    return made


@transaction.atomic
def post(proposal: Proposal, *, now: datetime) -> int:
    """Book what was decided, and nothing else; done twice it is done once. Returns how many entries were new.

    Raises ``Refused``: "year-closed" (another decision closed it first), "books-moved" (surplus or reserves are not what was voted on), "law".
    """
    closing = Closing.objects.get(pk=proposal.pk)
    own = ledger.account("surplus", "", closing.unit)
    one_at_a_time(own)  # another decision on a year, taking effect at the same moment, waits and then sees what this one booked
    key, subject = f"surplus:{closing.pk}", f"surplus:{closing.pk}"
    if not Transfer.objects.filter(entry__key=f"{key}:year").exists():
        _still_so(closing, now)
    made = Use(**closing.use)
    note = {"year": closing.year, "decision": str(closing.pk)}
    moves = _own_moves(closing, made, own, note)
    new = ledger.post_many([Posting("year-end", moves, f"{key}:year", subject)], now=now) if moves else 0
    lines = closing.lines.filter(Q(patronage__gt=0) | Q(capital__gt=0))
    whose = lines.values_list("membership", "membership__person", "membership__organisation")
    payees = {str(pk): years.Member(str(pk), "", person, organisation).payee for pk, person, organisation in whose}
    rows = list(lines.order_by("membership_id"))
    for number, start in enumerate(range(0, len(rows), RUN)):
        some = rows[start : start + RUN]
        places = ledger.accounts([("payable", payees[str(one.membership_id)]) for one in some], closing.unit)
        run = [move for one, place in zip(some, places, strict=True) for move in _moves(one, place, own, note)]
        new += ledger.post_many([Posting("surplus", run, f"{key}:members:{number}", subject)], now=now)
    return new


def _moves(one: ClosingLine, place: Any, own: Any, note: Mapping[str, Any]) -> list[Move]:
    moves = []
    if one.patronage:
        moves.append(Move(own, place, one.patronage, "patronage", note={**note, "measure": one.measure, "counted": one.counted}))
    if one.capital:
        moves.append(Move(own, place, one.capital, "capital-dividend", note={**note, "paid_in": one.paid_in}))
    return moves


def _own_moves(closing: Closing, made: Use, own: Any, note: Mapping[str, Any]) -> list[Move]:
    """The year's result into the surplus, losses out of reserves, reserves out of the surplus."""
    bounds, moves = law.profile(), []
    for kind, amount in sorted(closing.books["closes"].items()):
        place = ledger.account(kind, "", closing.unit)
        out, into = (place, own) if amount > 0 else (own, place)
        moves.append(Move(out, into, abs(amount), years.CLOSED, note=note))
    losses, reserve = bounds.bound("losses.order", closing.made_at), bounds.bound("reserve.legal.min_fraction", closing.made_at)
    for kind, taken, kept in (("voluntary-reserve", made.from_voluntary, made.voluntary), ("legal-reserve", made.from_legal, made.legal)):
        place = ledger.account(kind, "", closing.unit)
        if taken:
            moves.append(Move(place, own, taken, "cover-loss", note={**note, "article": losses.citation}))
        if kept:
            moves.append(Move(own, place, kept, kind, note={**note, "article": reserve.citation if kind == "legal-reserve" else ""}))
    return moves


def _still_so(closing: Closing, now: datetime) -> None:
    """Raise ``Refused`` unless what was voted on can still be booked."""
    if any(done >= closing.year for done in years.closed(now)):
        raise Refused("year-closed", _("Another decision has closed the year %(year)s already. Nothing was booked.") % {"year": closing.year})
    then = Year(**closing.books["year"])
    standing = [books.kind_balance(kind, closing.unit) for kind in ("surplus", "legal-reserve", "voluntary-reserve")]
    gone = years.taken(closing.unit)  # an earlier year closed meanwhile may leave all of these as they were, and its result is not there twice
    if standing != [then.brought_forward, then.legal, then.voluntary] or closing.books.get("taken", gone) != gone:
        raise Refused("books-moved", _("What stood in the surplus and the reserves has changed since this was proposed. Nothing was booked; propose it again."))
    lawful(lambda: check(then, law_at(now), Use(**closing.use)), closing.unit)


def about(ids: set[str]) -> dict[str, About]:
    """ "Use of the surplus of 2026", with its decision, for statements and why?."""
    asked = [one for one in ids if _uuid(one)]
    rows = Closing.objects.filter(pk__in=asked)
    return {str(one.pk): About(_("Use of the surplus of %(year)s") % {"year": one.year}, reverse("decisions:decision", args=[one.pk])) for one in rows}


def _uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def booked_as_decided() -> list[str]:
    """Decisions in force whose members did not get exactly what was decided."""
    wrong = []
    done = Proposal.objects.filter(kind="use_of_surplus", state=states.IN_FORCE).values("pk")
    for closing in Closing.objects.filter(proposal_id__in=done):
        told = closing.lines.aggregate(patronage=Sum("patronage"), capital=Sum("capital"))
        for name, kind in (("patronage", "patronage"), ("capital", "capital-dividend")):
            moved = Transfer.objects.filter(entry__subject=f"surplus:{closing.pk}", kind=kind).aggregate(total=Sum("amount"))["total"] or 0
            if moved != (told[name] or 0) or moved != closing.use[name]:
                wrong.append(f"surplus of {closing.year}: {closing.use[name]} decided as {name}, {moved} booked")
    return wrong


def open_years(now: datetime) -> Sequence[int]:
    """The years that are over and not closed, newest first."""
    coop = law.coop()
    first, last = periods.month_of(coop.opened_at or coop.founded_at).year, periods.month_of(now).year - 1
    done = max(years.closed(now), default=first - 1)
    return range(last, max(first, done + 1) - 1, -1)
