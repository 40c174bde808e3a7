"""The rules a play is priced and counted under, read once and typed. Versions never change, so what was parsed is remembered by id."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from madang.coop import law
from madang.coop import rules as kernel_rules
from madang.coop.rules import Rule
from madang.coop.rules.models import RuleVersion
from madang.kit.units import finer
from madang.platforms.music import rules

READ = (
    rules.model, rules.paying, rules.prices, rules.fee, rules.top_up, rules.pause, rules.split, rules.floor, rules.growth,
    rules.threshold, rules.overlap, rules.own_plays, rules.late, rules.unreported, rules.discovery,
)  # fmt: skip
_REMEMBERED = 1_000
_values: dict[str, Any] = {}


@dataclass(frozen=True)
class Terms:
    """The versions in force at one moment, by rule key."""

    versions: Mapping[str, RuleVersion]

    def version(self, rule: Rule) -> RuleVersion:
        """The version of ``rule`` in these terms."""
        return self.versions[rule.key]

    def value(self, rule: Rule) -> Any:
        """The typed value of ``rule`` in these terms."""
        version = self.versions[rule.key]
        if version.pk is None:
            return version.value
        key = str(version.pk)
        if key not in _values:
            if len(_values) > _REMEMBERED:
                _values.clear()
            _values[key] = version.value
        return _values[key]

    @property
    def prices(self) -> list[int]:
        """What the first, second … play of a track costs, in the finest unit."""
        return [row["price"].amount for row in self.value(rules.prices).values()]

    @property
    def subscription(self) -> bool:
        """Whether listeners pay by the month."""
        return bool(self.value(rules.paying) == rules.SUBSCRIPTION)

    @property
    def threshold(self) -> timedelta:
        """After how long a play counts."""
        found: timedelta = self.value(rules.threshold)
        return found

    def counts_after(self, duration: int) -> int:
        """After how many seconds a track of ``duration`` milliseconds counts as played: the threshold, or nearly all of one that is shorter."""
        return min(int(self.threshold.total_seconds()), max(1, duration // 1000 - 1))

    def named(self, *wanted: Rule) -> dict[str, str]:
        """{rule key: version id} of the rules that somebody decided, to be kept with what they shaped."""
        return {rule.key: str(self.versions[rule.key].pk) for rule in wanted if self.versions[rule.key].pk}


def at(moment: datetime) -> Terms:
    """What is in force at ``moment``. One query."""
    return Terms(kernel_rules.several([rule.key for rule in READ], moment))


def unit() -> str:
    """The unit of plays, wallets and earnings: the co-op's currency with six decimals."""
    return finer(law.coop().currency, rules.SCALE)


def month_of(moment: datetime) -> date:
    """The first day of the month a moment lies in, in the co-op's own time zone."""
    return moment.astimezone(ZoneInfo(law.coop().time_zone)).date().replace(day=1)


def begins(month: date) -> datetime:
    """When a month begins there."""
    return datetime(month.year, month.month, 1, tzinfo=ZoneInfo(law.coop().time_zone))


def after(month: date) -> date:
    """The month after."""
    return (month.replace(day=28) + timedelta(days=4)).replace(day=1)
