"""How the record speaks to people: the types of leaves and the names of what stands in them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import get_language, pgettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{64}", re.ASCII)
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z]+)?", re.ASCII)
_KNOWN = frozenset(code for code, _title in settings.LANGUAGES)

KINDS: dict[str, Promise] = {
    "founding": _("The co-op was founded"),
    "founding.opened": _("The co-op opened"),
    "admission": _("A member was admitted"),
    "departure": _("A member left"),
    "office": _("An office was given"),
    "rule": _("A rule got a value"),
    "decision.opened": _("Voting on a decision opened"),
    "decision.details": _("Whom a decision is about"),
    "decision.tally": _("A decision was counted"),
    "decision.effect": _("A decision took effect"),
    "decision.withdrawn": _("A proposal was withdrawn"),
    "decision.failed": _("A decision could not take effect"),
    "entry": _("Money was booked"),
    "inspection": _("Somebody inspected the books by law"),
    "offer.opened": _("A share offer was opened"),
    "offer.extended": _("A share offer was made longer"),
    "offer.closed": _("A share offer is over"),
    "certificate": _("A share certificate was issued"),
    "certificate.cancelled": _("A share certificate was cancelled"),
    "death": _("A member has died"),
    "return": _("A membership goes on"),
    "society": _("A member organisation was confirmed as a registered society"),
    "society.ended": _("A member organisation is no registered society any more"),
}

NAMES: dict[str, Promise] = {
    "abstain": pgettext_lazy("record", "abstained"),
    "against": pgettext_lazy("record", "against"),
    "amount": pgettext_lazy("record", "amount"),
    "at": pgettext_lazy("record", "moment"),
    "charter_sha256": pgettext_lazy("record", "fingerprint of the charter"),
    "changes": pgettext_lazy("record", "changes"),
    "classes": pgettext_lazy("record", "by class"),
    "closes_at": pgettext_lazy("record", "voting closes"),
    "credit": pgettext_lazy("record", "to"),
    "currency": pgettext_lazy("record", "currency"),
    "debit": pgettext_lazy("record", "from"),
    "decision": pgettext_lazy("record", "decision"),
    "demo": pgettext_lazy("record", "demonstration"),
    "details": pgettext_lazy("record", "in words"),
    "effect_at": pgettext_lazy("record", "takes effect"),
    "effective_from": pgettext_lazy("record", "in force from"),
    "electorate": pgettext_lazy("record", "who may vote"),
    "founding": pgettext_lazy("record", "founding"),
    "founding_id": pgettext_lazy("record", "founding"),
    "for": pgettext_lazy("record", "for"),
    "from": pgettext_lazy("record", "version before"),
    "kind": pgettext_lazy("record", "kind"),
    "hidden": pgettext_lazy("record", "figures hidden"),
    "law": pgettext_lazy("record", "law"),
    "name": pgettext_lazy("record", "name"),
    "note": pgettext_lazy("record", "note"),
    "opened_at": pgettext_lazy("record", "opened"),
    "founders": pgettext_lazy("record", "founders"),
    "opens_at": pgettext_lazy("record", "voting opens"),
    "passed": pgettext_lazy("record", "passed"),
    "reason": pgettext_lazy("record", "reason"),
    "reasons": pgettext_lazy("record", "reasons"),
    "rule": pgettext_lazy("record", "rule"),
    "scope": pgettext_lazy("record", "scope"),
    "text": pgettext_lazy("record", "text"),
    "time_zone": pgettext_lazy("record", "time zone"),
    "total": pgettext_lazy("record", "in all"),
    "title": pgettext_lazy("record", "title"),
    "totals": pgettext_lazy("record", "ballots"),
    "unit": pgettext_lazy("record", "unit"),
    "value": pgettext_lazy("record", "value"),
    "version": pgettext_lazy("record", "version"),
    "versions": pgettext_lazy("record", "versions"),
    "way": pgettext_lazy("record", "rules of the vote"),
    "way_name": pgettext_lazy("record", "way of deciding"),
}

TROUBLE: dict[str, Promise] = {
    "form": _("This is not a receipt. Paste the whole text, from the line that begins with “c2sp.org” to the very end, or choose the file."),
    "line": _("The words on this receipt are not the ones that were recorded. Somebody changed them after the receipt was made."),
    "signature": _("This receipt was not signed by this co-op. It may be from another co-op, or it was changed after it was made."),
    "tree": _("What this receipt shows does not stand in the record it names."),
    "history": _("This receipt was signed by this co-op, but it does not fit the record here. Keep it safe and show it to the auditor and other members."),
    "newer": _("This receipt is newer than the record on this server. The server may have been restored from an older copy. Keep the receipt safe."),
}


def known_kind(kind: str) -> str:
    """A type to filter by, from an address: what cannot be one is everything."""
    return kind if kind.isprintable() and len(kind) <= 40 else ""


def kind_name(kind: str) -> Any:
    """The type of a leaf in the reader's words; an unknown one as it is."""
    return KINDS.get(kind, kind)


@dataclass(frozen=True)
class Row:
    """One thing a line says: its name, and its value as a moment, as code (ids and fingerprints) or as lines of words."""

    name: Any
    lines: list[str]
    moment: datetime | None = None
    code: bool = False


def said(body: dict[str, Any]) -> list[Row]:
    """A line's words for reading: what people look for first, ids and fingerprints last, what is empty left out."""
    language = get_language() or "en"
    rows = [_row(NAMES.get(name, name), value, language) for name, value in body.items() if value not in (None, "", [], {})]
    return sorted(rows, key=lambda row: row.code)


def _row(name: Any, value: Any, language: str) -> Row:
    if isinstance(value, str):
        if _MOMENT.fullmatch(value):
            return Row(name, [], moment=datetime.fromisoformat(value.replace("Z", "+00:00")))
        return Row(name, [value], code=bool(_ID.fullmatch(value)))
    if isinstance(value, list) and all(isinstance(item, str) and _ID.fullmatch(item) for item in value):
        return Row(name, value, code=True)
    return Row(name, _lines(value, language))


def _lines(value: Any, language: str) -> list[str]:
    """Lists of things a line each, a thing with few parts on one line; {language: text} in the reader's language."""
    if isinstance(value, list):
        return [_one(item, language) for item in value]
    if isinstance(value, dict) and not _is_text(value) and any(isinstance(part, (dict, list)) for part in value.values()):
        return [f"{_name(key)}: {_one(part, language)}" for key, part in value.items() if part not in (None, "", [], {})]
    return [_one(value, language)]


def _one(value: Any, language: str) -> str:
    if value is True:
        return pgettext("record", "yes")
    if value is False:
        return pgettext("record", "no")
    if isinstance(value, dict):
        if _is_text(value):
            return str(value.get(language) or next(iter(value.values()))).replace("\n", " / ")
        return " · ".join(f"{_name(key)} {_one(part, language)}" for key, part in value.items() if part not in (None, "", [], {}))
    if isinstance(value, list):
        return ", ".join(_one(item, language) for item in value)
    return "–" if value is None else str(value)


def _name(key: str) -> str:
    return str(NAMES.get(key, key))


def _is_text(value: dict[str, Any]) -> bool:
    """Whether a value is {language: text}."""
    return bool(value) and all(_LANGUAGE.fullmatch(key) and isinstance(text, str) for key, text in value.items()) and bool(set(value) & _KNOWN)


def headline(body: dict[str, Any]) -> str:
    """What a public leaf is about in a few words: a decision's title, a rule's key; "" when it says none."""
    for name in ("title", "rule", "name"):
        if value := body.get(name):
            return _one(value, get_language() or "en")[:120]
    return ""
