"""A price shared by a rule that members decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from madang.coop.ledger.moves import Part
from madang.kit.splits import Branch, largest_remainder, nested

if TYPE_CHECKING:
    from madang.coop.ledger.models import Account
    from madang.coop.rules.models import RuleVersion


def fraction(raw: Any) -> Fraction:
    """A share as a fraction of the whole: ``"95%"``, ``Fraction(19, 20)``, ``"19/20"``. Raises ``ValueError``/``TypeError`` otherwise."""
    if isinstance(raw, Fraction):
        return raw
    if isinstance(raw, str) and raw.strip().endswith("%"):
        return Fraction(raw.strip().rstrip("%").strip()) / 100
    if isinstance(raw, str | int | Decimal):
        return Fraction(raw)
    raise TypeError(f"not a share: {raw!r}")


def percent(share: Fraction) -> str:
    """``Fraction(19, 20)`` as "95 %"; what has no short decimal stays a fraction: "1/3"."""
    hundred = share * 100
    for digits in range(5):
        scaled = hundred * 10**digits
        if scaled.denominator == 1:
            return f"{Decimal(scaled.numerator).scaleb(-digits):f} %"
    return f"{share.numerator}/{share.denominator}"


def share_said(share: str, lang: str) -> str:
    """A kept share as the reader writes it: Korean has no space before the sign ("95%")."""
    return share.replace(" %", "%") if lang.startswith("ko") else share


def shares(value: Any) -> dict[str, Fraction]:
    """The parts of a split rule's value (a mapping, or an object with ``.parts``) as fractions by name."""
    parts = getattr(value, "parts", value)
    pairs = parts.items() if isinstance(parts, Mapping) else parts
    return {str(name): fraction(raw) for name, raw in pairs}


def parts(version: RuleVersion, amount: int, recipients: Mapping[str, Account], salt: str) -> list[Part]:
    """Share ``amount`` (smallest unit) by a rule version of type Split among ``recipients`` (name in the rule → account).

    The sum of the parts is ``amount``, always; parts of nothing are left out. Each part's kind is its name in the rule, and each
    carries the version and ``{"of": amount, "share": "95 %"}``, so that it can answer "why?". ``salt`` (for instance the entry's key)
    breaks ties. Raises ``ValueError`` when the rule names a recipient that has no account here.
    """
    wanted = shares(version.value)
    if missing := sorted(name for name, share in wanted.items() if share and name not in recipients):
        raise ValueError(f"no account for {', '.join(missing)}")
    amounts = largest_remainder(amount, list(wanted.items()), salt)
    return [Part(recipients[name], amounts[name], name, version, {"of": amount, "share": percent(wanted[name])}) for name in wanted if amounts[name]]


def nested_parts(
    version: RuleVersion | None, amount: int, branches: Sequence[Branch], recipients: Mapping[tuple[str, ...], Account], salt: str, *, kind: str
) -> list[Part]:  # fmt: skip
    """Share ``amount`` (smallest unit) by a split inside splits: a band's part of the price, and inside it each member's.

    ``recipients`` gives the account of each path of names (``("artist", "singer")``). The sum of the parts is ``amount``, always, and what is shared
    inside a branch is exactly what the branch got; parts of nothing are left out. Each carries its share of what it was cut from and, outermost last,
    what that was cut from (``inside``), so that it can answer "why?". Raises ``ValueError`` for a path that has no account, and as ``kit.splits.nested``.
    """
    made = []
    for leaf in nested(amount, branches, salt):
        if leaf.path not in recipients and leaf.amount:
            raise ValueError(f"no account for {' / '.join(leaf.path)}")
        (whole, share), *outer = reversed(leaf.steps)
        note: dict[str, Any] = {"of": whole, "share": percent(share)}
        if outer:
            note["inside"] = [{"of": of, "share": percent(part)} for of, part in outer]
        if leaf.amount:
            made.append(Part(recipients[leaf.path], leaf.amount, kind, version, note))
    return made
