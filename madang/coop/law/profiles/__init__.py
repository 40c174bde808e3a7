"""Law as data: what each kind of co-op may and must, each bound with the day it came into force and where it is written.

One ``<key>.toml`` a kind of co-op and country. A bound that changed stands once for each version, by ``since``. What a profile
does not name is not bounded by it: :data:`UNBOUNDED` says what the program then assumes. This is not legal advice.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from fractions import Fraction
from functools import cache
from pathlib import Path

from madang.kit.errors import Missing

Value = int | bool | str | Fraction
FOLDER = Path(__file__).parent

#: Every name a bound can have, and what holds where no law says otherwise. Fractions are of 1, days are calendar days.
UNBOUNDED: dict[str, Value] = {
    "founders.min": 1,
    "name.must_contain": "",
    "share.min_units": 0,
    "share.max_fraction": Fraction(1),
    "share.uniform_price": False,
    "share.max_amount": 0,
    "share.max_amount.currency": "",
    "share.transfer_needs": "",
    "share.own_acquisition": True,
    "share.write_down": True,
    "share.pledge": True,
    "share.set_off": True,
    "share.value_may_rise": True,
    "share.preferred.max_fraction": Fraction(1),
    "share.preferred.vote": True,
    "vote.one_each": False,
    "vote.weighted_classes": True,
    "vote.proxies_per_person": 0,
    "vote.delegation": True,
    "resolution.quorum": Fraction(0),
    "resolution.ordinary": Fraction(1, 2),
    "resolution.special": Fraction(1, 2),
    "resolution.founding": Fraction(1, 2),
    "resolution.counted_of": "cast",
    "notice.meeting.days": 0,
    "notice.expulsion.days": 0,
    "admission.no_refusal_without_cause": False,
    "meeting.general.decides": "",
    "board.decides": "",
    "articles.change_needs": "",
    "directors.min": 0,
    "auditors.min": 0,
    "auditor.may_be_director": True,
    "office.max_term_months": 1200,
    "board.optional_below": 0,
    "chair.max_reelections": 1200,
    "delegates.above": 0,
    "delegates.min_fraction": Fraction(0),
    "delegates.enough": 0,
    "minutes.signers": 0,
    "accounts.to_auditor_days": 0,
    "reserve.legal.min_fraction": Fraction(0),
    "reserve.legal.until_multiple": 0,
    "reserve.legal.until_base": "paid-in",
    "reserve.legal.use": "",
    "losses.order": "brought-forward voluntary legal",
    "surplus.rest": "free",
    "surplus.not_mainly_for_capital": False,
    "dividend.allowed": True,
    "dividend.patronage.allowed": True,
    "dividend.capital.allowed": True,
    "dividend.patronage.min_fraction": Fraction(0),
    "dividend.capital.max_fraction": Fraction(1),
    "dividend.capital.as_needed": False,
    "leaving.refund_from": "at-once",
    "leaving.claim_lapses_years": 0,
    "leaving.valued_by": "par",
    "leaving.refund_needs": "",
    "leaving.may_owe_losses": False,
    "death.paid_to": "nominee",
    "death.nomination_max_amount": 0,
    "death.nominee_officer_only_family": False,
    "withdrawal.as_member": True,
    "withdrawal.suspended_by": "",
    "withdrawal.only_if_solvent": False,
    "withdrawal.yearly_max_fraction": Fraction(1),
    "withdrawal.notice_months_max": 0,
    "capital.reduction.objection_days": 0,
    "conversion.needs": "",
    "conversion.capital_max": "",
    "offer.statements": "",
    "offer.opened_by": "decision",
    "offer.members_min": 0,
    "offer.capital_min": 0,
    "investors.special_votes_max_fraction": Fraction(1),
    "books.open_to": "members",
    "inspection.members": "articles minutes members books",
    "inspection.creditors": "",
    "inspection.refusal": "just-cause rules",
    "inspection.by_itself": False,
    "inspection.told": True,
    "register.shares_open": True,
}


@dataclass(frozen=True)
class Bound:
    """One thing the law says: ``value`` (a number, a Fraction of 1, a yes/no or a word), where it is written, and in force since when.

    ``until`` is the first day it no longer held; ``guidance`` marks what a regulator or a handbook recommends and no law commands (it is
    shown, and refuses nothing); ``note`` says what the reader of the text was not sure of.
    """

    value: Value
    citation: str
    url: str
    name: str = ""
    since: date | None = None
    text: dict[str, str] = field(default_factory=dict)
    until: date | None = None
    guidance: bool = False
    note: dict[str, str] = field(default_factory=dict)

    def number(self) -> int:
        """The value as a whole number. Raises ``TypeError`` when it is none."""
        if isinstance(self.value, bool) or not isinstance(self.value, int):
            raise TypeError(f"{self.name} is not a whole number")
        return self.value

    def fraction(self) -> Fraction:
        """The value as an exact fraction of 1. Raises ``TypeError`` when it is none."""
        if isinstance(self.value, bool) or not isinstance(self.value, int | Fraction):
            raise TypeError(f"{self.name} is not a fraction")
        return Fraction(self.value)

    def yes(self) -> bool:
        """The value as a yes or no. Raises ``TypeError`` when it is neither."""
        if not isinstance(self.value, bool):
            raise TypeError(f"{self.name} is not a yes or no")
        return self.value


@dataclass(frozen=True)
class Profile:
    """A kind of co-op in a country."""

    key: str
    title: dict[str, str]
    about: dict[str, str]
    country: str
    checked: date
    bounds: tuple[Bound, ...]

    def bound(self, name: str, at: datetime | date) -> Bound:
        """What the law says about ``name`` on the day of ``at``; where it says nothing, what then holds, with an empty citation.

        Raises ``Missing`` for a name that is no bound at all.
        """
        if name not in UNBOUNDED:
            raise Missing(f"no bound is called {name}")
        day = at.astimezone(UTC).date() if isinstance(at, datetime) else at
        in_force = [one for one in self.bounds if one.name == name and one.since is not None and one.since <= day and (one.until is None or day < one.until)]
        return max(in_force, key=lambda one: one.since or date.min, default=Bound(UNBOUNDED[name], "", "", name))

    def in_force(self, at: datetime | date) -> list[Bound]:
        """Every bound this law sets on the day of ``at``, in the file's order, each in its version of that day."""
        names = dict.fromkeys(one.name for one in self.bounds)
        return [found for name in names if (found := self.bound(name, at)).since is not None]


def keys() -> list[str]:
    """The profiles there are."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


@cache
def profile(key: str) -> Profile:
    """The profile with this key. Raises ``Missing`` for an unknown one."""
    if key not in keys():
        raise Missing(f"no law profile is called {key}")
    data = tomllib.loads((FOLDER / f"{key}.toml").read_text(encoding="utf-8"))
    law, url = data["law"], data["url"]
    bounds = tuple(
        Bound(
            _value(row["value"]), f"{row.get('law', law)} {row['article']}".strip(), row.get("url", url), row["name"], row["since"], row["text"],
            row.get("until"), row.get("guidance", False), row.get("note", {}),
        )
        for row in data["bounds"]
    )  # fmt: skip
    if unknown := [one.name for one in bounds if one.name not in UNBOUNDED]:
        raise ValueError(f"{key}.toml: no bound is called {', '.join(unknown)}")
    return Profile(key, data["title"], data["about"], data["country"], data["checked"], bounds)


def _value(raw: object) -> Value:
    """TOML has no exact fractions: "30%" and "2/3" are written as words and read exactly."""
    if isinstance(raw, bool | int):
        return raw
    text = str(raw)
    if text.endswith("%"):
        return Fraction(text[:-1]) / 100
    numerator, slash, denominator = text.partition("/")
    return Fraction(int(numerator), int(denominator)) if slash and numerator.isdigit() and denominator.isdigit() else text
