"""Why? The chain behind one transfer: a sentence, the rule, who decided it, and the proof. And who may ask."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.urls import NoReverseMatch, reverse
from django.utils import translation
from django.utils.translation import gettext as _

from madang.coop import law
from madang.coop.decisions import queries as decisions
from madang.coop.ledger import flows, owners, periods, settling
from madang.coop.ledger.flows import About
from madang.coop.ledger.inspection import queries as inspections
from madang.coop.ledger.models import Entry, Transfer
from madang.coop.ledger.splits import share_said
from madang.coop.members import queries as members
from madang.coop.members.models import Membership
from madang.coop.people.models import Work
from madang.coop.record import queries as record
from madang.coop.rules.models import RuleVersion
from madang.kit.dates import say_time
from madang.kit.errors import Missing
from madang.kit.money import format_amount
from madang.kit.source import place

BOOKS = "books"  # the duty of looking into the books


@dataclass(frozen=True)
class Why:
    """The answer: ``sentence`` first, then its steps. Urls are "" where there is no page (yet); ``leaf`` is the record's number for
    the entry, None until it is sealed."""

    sentence: str
    what: str
    decided: str
    transfer: Transfer
    version: RuleVersion | None
    rule_title: str
    rule_value: str
    rule_url: str
    decision: Any
    decision_url: str
    leaf: int | None
    leaf_url: str
    receipt_url: str
    about: About
    siblings: list[Transfer]
    giver: str
    receiver: str
    code: str
    code_url: str


def page(name: str, *args: Any) -> str:
    """The address of a page, "" when the house has none of that name."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


def keeps(viewer: Any, now: datetime) -> bool:
    """Whether someone sees the whole book, with names: an office lets them, or a decision. At most two queries."""
    return members.has_duty(viewer, BOOKS, now) or inspections.examines(viewer, now)


def visible(transfer: Transfer, viewer: Any, now: datetime) -> bool:
    """Whether ``viewer`` may see this line: theirs, paid by them, of an organisation they work in, or they hold an office that looks into the books.

    What an organisation passes on to one of its people is that person's and whoever's who speaks for it, not each colleague's.
    """
    if viewer is None or not getattr(viewer, "is_authenticated", False):
        return False
    mine = {f"person:{viewer.pk}"}
    sides = {transfer.debit.owner, transfer.credit.owner, transfer.entry.payer}
    if sides & mine:
        return True
    kinds: dict[str, set[str]] = {}
    for side in sides:
        kind, key = owners.split(side)
        kinds.setdefault(kind, set()).add(key)
    places = [UUID(key) for key in kinds.get("organisation", ())]
    there = Work.objects.filter(person=viewer, organisation__in=places, since__lte=now, until=None)
    if any(owner.startswith("person:") for owner in (transfer.debit.owner, transfer.credit.owner)):
        there = there.filter(role=Work.REPRESENTATIVE)
    if places and there.exists():
        return True
    if "membership" in kinds and Membership.objects.filter(pk__in=kinds["membership"], person=viewer).exists():
        return True
    return keeps(viewer, now)


def line(transfer_id: int, viewer: Any, now: datetime) -> Transfer:
    """One transfer with its entry, accounts and version, if ``viewer`` may see it. Raises ``Missing`` otherwise, whether or not it exists."""
    found = Transfer.objects.select_related("entry", "debit", "credit", "version").filter(pk=transfer_id).first()
    if found is None or not visible(found, viewer, now):
        raise Missing("no such line, or not yours to see")
    return found


def why(transfer_id: int, viewer: Any, lang: str, *, now: datetime) -> Why:
    """Why this amount? In ``lang``. Raises ``Missing`` for what ``viewer`` may not see. At most 15 SQL queries."""
    found = line(transfer_id, viewer, now)
    with translation.override(lang):
        return _told(found, lang, now)


def _told(found: Transfer, lang: str, now: datetime) -> Why:
    version = found.version
    what, decided = _what(found, lang), _decided(version, lang, now) if version else str(flows.flow(found.kind).why)
    decided = f"{decided} {_law(found)}".strip()
    decided = f"{decided} {_taken_back(found, lang)}".strip()
    leaf = record.leaf_for(f"entry:{found.entry_id}")
    names = owners.names([found.debit.owner, found.credit.owner])
    code, code_url = _code(found.kind)
    told = flows.about([found.entry.subject]).get(found.entry.subject, About(""))
    return Why(
        sentence=f"{what} {decided}".strip(),
        what=what,
        decided=decided,
        transfer=found,
        version=version,
        rule_title=str(version.rule.title) if version else "",
        rule_value=version.describe(lang) if version else "",
        rule_url=page("rules:rule", version.key) if version else "",
        decision=version.decision_id if version else None,
        decision_url=page("decisions:decision", version.decision_id) if version and version.decision_id else "",
        leaf=leaf.index if leaf else None,
        leaf_url=page("record:leaf", leaf.index) if leaf else "",
        receipt_url=reverse("ledger:receipt", args=[found.pk]),
        about=told,
        siblings=_siblings(found.entry, found),
        giver=names.get(found.debit.owner, ""),
        receiver=names.get(found.credit.owner, ""),
        code=code,
        code_url=code_url,
    )


def _code(kind: str) -> tuple[str, str]:
    """The line of the program that books this kind of transfer, and where to read it; empty when nobody said."""
    by = flows.flow(kind).by
    if by is None:
        return "", ""
    path, number = place(by)
    address = page("web:source_file", path)
    return f"{path}:{number}", f"{address}#L{number}" if address else ""


def _siblings(entry: Entry, found: Transfer) -> list[Transfer]:
    """The other transfers of the entry as far as they are the co-op's own (upkeep, funds): the rest of what was shared."""
    rows = list(entry.transfers.select_related("debit", "credit").order_by("ordinal"))
    of = found.note.get("of")
    return [one for one in rows if one.pk == found.pk or (of is not None and one.note.get("of") == of and one.debit_id == found.debit_id)]


def _what(found: Transfer, lang: str) -> str:
    """ "95 % of 52,000 won." or, where no percentage made it, the amount and what it is."""
    note = found.note
    if "share" in note and "of" in note and "reverses" not in note:
        said = [_("%(share)s of %(whole)s.") % _cut(note, found.unit, lang)]
        part = int(note["of"])
        for outer in note.get("inside", ()):
            words = {**_cut(outer, found.unit, lang), "part": format_amount(part, found.unit, lang)}
            said.append(_("The %(part)s are %(share)s of %(whole)s.") % words)
            part = int(outer["of"])
        if "carried" in note:
            before, after = note["carried"]
            said.append(settling.carried_said(int(before), int(after), lang))
        return " ".join(said)
    return _("%(amount)s: %(title)s.") % {"amount": format_amount(found.amount, found.unit, lang), "title": flows.flow(found.kind).title}


def _cut(note: Any, unit: str, lang: str) -> dict[str, str]:
    return {"share": share_said(str(note["share"]), lang), "whole": format_amount(int(note["of"]), unit, lang)}


def _law(found: Transfer) -> str:
    """Where the law that asks for this line stands, if a law does (``note["law"]``)."""
    return _("The law that asks for it: %(law)s.") % {"law": found.note["law"]} if found.note.get("law") else ""


def _taken_back(found: Transfer, lang: str) -> str:
    """Whether this line takes another back, and why; or was taken back itself. One query."""
    if "reverses" in found.note:
        words = _("It takes back line %(number)s.") % {"number": found.note["reverses"]}
        return f"{words} {_('The reason given: “%(reason)s”.') % {'reason': found.note['reason']}}" if found.note.get("reason") else words
    back = Entry.objects.filter(reverses=found.entry_id).first()
    return _("It was taken back on %(day)s.") % {"day": say_time(back.at, "spoken-year", lang, periods.zone())} if back else ""


def _decided(version: RuleVersion, lang: str, now: datetime) -> str:
    """Who decided the rule, as a sentence."""
    if version.decision_id:
        return decisions.sentence(version.decision_id, lang, now)
    coop = law.coop_or_none()
    if version.founding_id and coop:
        day = say_time(coop.founded_at, "spoken-year", lang, periods.zone())
        return _("The charter set this at the founding on %(day)s.") % {"day": day}
    return _("This is how the rule came; nobody changed it yet.")
