"""How the record speaks to people: the types of leaves and the names of what stands in them."""

from __future__ import annotations

import json
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext, pgettext_lazy

KINDS: dict[str, Promise] = {
    "founding": _("The co-op was founded"),
    "founding.opened": _("The co-op opened"),
    "admission": _("A member was admitted"),
    "departure": _("A member left"),
    "office": _("An office was given"),
    "rule": _("A rule got a value"),
    "decision.opened": _("Voting on a decision opened"),
    "decision.tally": _("A decision was counted"),
    "decision.effect": _("A decision took effect"),
    "decision.withdrawn": _("A proposal was withdrawn"),
    "decision.failed": _("A decision could not take effect"),
    "entry": _("Money was booked"),
}

NAMES: dict[str, Promise] = {
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
    "effect_at": pgettext_lazy("record", "takes effect"),
    "effective_from": pgettext_lazy("record", "in force from"),
    "electorate": pgettext_lazy("record", "who may vote"),
    "founding": pgettext_lazy("record", "founding"),
    "founding_id": pgettext_lazy("record", "founding"),
    "from": pgettext_lazy("record", "version before"),
    "kind": pgettext_lazy("record", "kind"),
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
    "time_zone": pgettext_lazy("record", "time zone"),
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


def said(body: dict[str, Any]) -> list[tuple[Any, str, bool]]:
    """A line's words for reading: (name, value, whether the value is data rather than words)."""
    rows: list[tuple[Any, str, bool]] = []
    for name, value in body.items():
        words = _value(value)
        rows.append((NAMES.get(name, name), words, isinstance(value, (dict, list))))
    return rows


def _value(value: Any) -> str:
    if value is None or value == "":
        return "–"
    if value is True:
        return pgettext("record", "yes")
    if value is False:
        return pgettext("record", "no")
    if isinstance(value, (dict, list)):
        return json.dumps(value, ensure_ascii=False, indent=1)
    return str(value)
