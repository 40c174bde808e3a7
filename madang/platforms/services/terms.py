"""The rules a visit is quoted and booked under, read once and typed. Versions never change, so what was parsed is remembered by id."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from madang.coop import rules as kernel_rules
from madang.coop.rules import Rule
from madang.coop.rules.models import RuleVersion
from madang.platforms.services import rules
from madang.platforms.services.models import Job
from madang.platforms.services.quote import Extra, Size

_REMEMBERED = 2_000
_versions: dict[str, RuleVersion] = {}
_values: dict[str, Any] = {}
READ = (*rules.BOOKED_UNDER, rules.hold, rules.offer, rules.travel, rules.notice)


class Terms(Mapping[str, RuleVersion]):
    """The versions in force at one moment, by rule key; ``terms.value(rule)`` is the typed value."""

    def __init__(self, versions: Mapping[str, RuleVersion]) -> None:
        self._versions = versions

    def __getitem__(self, key: str) -> RuleVersion:
        return self._versions[key]

    def __iter__(self) -> Any:
        return iter(self._versions)

    def __len__(self) -> int:
        return len(self._versions)

    def value(self, rule: Rule) -> Any:
        """The typed value of a rule in these terms."""
        return value(self._versions[rule.key])

    @property
    def booked(self) -> dict[str, str]:
        """``{rule key: version id}`` of the rules a job is booked under."""
        return {rule.key: str(self._versions[rule.key].pk) for rule in rules.BOOKED_UNDER if self._versions[rule.key].pk}

    @property
    def size(self) -> Size:
        """The formula for the size of a home."""
        one = self.value(rules.refresh)
        return Size(
            one["base"].amount, one["per_bedroom"].amount, one["per_bathroom"].amount,
            one["base_minutes"], one["minutes_per_bedroom"], one["minutes_per_bathroom"],
        )

    @property
    def unit(self) -> str:
        """The currency of the price list."""
        return str(self.value(rules.refresh)["base"].unit)

    @property
    def extras(self) -> dict[str, Extra]:
        """The price list by code, in its order."""
        return {code: _extra(code, row) for code, row in self.value(rules.extras).items()}


def _extra(code: str, row: Mapping[str, Any]) -> Extra:
    free_with = frozenset(row["free_with"].replace(",", " ").split())
    needs = "" if row["needs"] == "none" else row["needs"]
    return Extra(code, row["title"], row["price"].amount, row["minutes"], row["per"], row["most"], free_with, needs)


def now_in_force(now: datetime) -> Terms:
    """Everything a quote and a booking need. One query."""
    return Terms(kernel_rules.several([rule.key for rule in READ], now))


def value(version: RuleVersion) -> Any:
    """The typed value of a version; parsed once in a process."""
    if version.pk is None:
        return version.value
    key = str(version.pk)
    if key not in _values:
        if len(_values) > _REMEMBERED:
            _values.clear()
        _values[key] = version.value
    return _values[key]


def of(job: Job, rule: Rule) -> RuleVersion:
    """The version of ``rule`` this job was booked under. No query when it was read before, else one.

    A rule of the worker's organisation is the one in force when the job was booked, whichever worker came in the end.
    """
    found = job.versions.get(rule.key)
    if not found:
        seen: dict[tuple[str, Any], RuleVersion] = job.__dict__.setdefault("_terms_seen", {})
        key = (rule.key, job.organisation_id)
        if key not in seen:
            seen[key] = rule.at(job.booked_at, org=job.organisation_id)
        return seen[key]
    if found not in _versions:
        if len(_versions) > _REMEMBERED:
            _versions.clear()
        _versions[found] = kernel_rules.version(found)
    return _versions[found]


def of_job(job: Job, rule: Rule) -> Any:
    """The typed value of ``rule`` this job was booked under."""
    return value(of(job, rule))


@lru_cache(maxsize=1)
def refresh_title() -> dict[str, str]:
    """The name of the basic visit, in the languages of the program."""
    return {"ko": "리프레시 청소", "en": "Refresh"}
