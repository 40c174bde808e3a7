"""What last month would have been under other values: real jobs of the last 30 days, counted by the database in one statement each.

The base is each job's released money (what was paid minus what went back). A part is rounded for each job as its release was: largest
remainder, and a tie of exactly half a unit drawn by the same hash (:func:`madang.kit.splits.largest_remainder`), so that the values in force
give last month's real figures to the unit. For the shares the database groups the jobs that paid the same and were shared alike and whose hashes
fall alike (a few hundred groups, however many jobs), so that any position of the slider is worked out from one count. No figure is shown unless at
least five workers and five clients stand behind it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

from django.db import connection
from django.utils.translation import gettext_lazy as _

from madang.coop import law, rules
from madang.coop.people.models import Organisation
from madang.coop.rules import DryRun, hourly
from madang.coop.rules.queries import organisations_with_own
from madang.platforms.services import free

FEW, MANY = 5, 5_000  # so many jobs a month are counted once an hour only
MONTH = timedelta(days=30)
ORG_SPLIT = "services.org_split"
# Whether enough people stand behind a month: looked for among its first jobs, which is quick and can only hide too much.
_PEOPLE = """
(SELECT least(count(DISTINCT worker_id), count(DISTINCT client_id))
 FROM (SELECT worker_id, client_id FROM services_job WHERE over_at >= %(since)s AND over_at < %(now)s AND price > refunded AND {which} LIMIT 2000) AS sample)
"""


def _first(name: str, other: str) -> str:
    """SQL: whether a half goes to ``name``: the smaller hash gets it. ``salt`` is the release's key."""
    return f"sha256(convert_to(salt || '|{name}', 'UTF8')) < sha256(convert_to(salt || '|{other}', 'UTF8'))"


_SAMPLE = "(SELECT least(count(DISTINCT worker_id), count(DISTINCT client_id)) FROM (SELECT worker_id, client_id FROM job WHERE {which} LIMIT 2000) AS sample)"
_MONTH = f"""
WITH job AS MATERIALIZED (
  SELECT price - refunded - tax_part AS paid, worker_part, fund_part, upkeep_part, worker_id, client_id,
         coalesce(organisation_id = ANY(%(apart)s), false) AS apart,
         CASE state WHEN 'cancelled' THEN 'cancel:' ELSE 'release:' END || id AS salt
  FROM services_job WHERE over_at >= %(since)s AND over_at < %(now)s AND price > refunded AND state IN ('released', 'cancelled')
)
SELECT paid, worker_part, fund_part, upkeep_part, CASE WHEN %(halves)s THEN {_first("upkeep", "provider")} END,
       CASE WHEN %(halves)s THEN {_first("fund", "worker")} END, count(*), apart,
       {_SAMPLE.format(which="true")}, {_SAMPLE.format(which="apart")}, {_SAMPLE.format(which="NOT apart")}
FROM job GROUP BY 1, 2, 3, 4, 5, 6, apart
"""  # noqa: S608  the parts are ours, the values are parameters
# How many people the organisations under five have together: among those with their own version of the split, and among the others.
_SMALL = f"""
WITH job AS MATERIALIZED (
  SELECT coalesce(organisation_id, '00000000-0000-0000-0000-000000000000') AS body, worker_id, client_id
  FROM services_job WHERE over_at >= %(since)s AND over_at < %(now)s AND price > refunded AND state IN ('released', 'cancelled')
), small AS (
  SELECT body FROM job GROUP BY body HAVING least(count(DISTINCT worker_id), count(DISTINCT client_id)) < {FEW}
)
SELECT least(count(DISTINCT worker_id), count(DISTINCT client_id)) FROM job JOIN small USING (body) GROUP BY body = ANY(%(own)s)
"""  # noqa: S608  as above

_PRICES = f"""
WITH jobs AS MATERIALIZED (
  SELECT bedrooms, bathrooms, price, lines FROM services_job WHERE over_at >= %(since)s AND over_at < %(now)s AND state = 'released' /* whose */
), sizes AS (
  SELECT count(*) AS jobs, sum(price) AS before,
         sum(CASE WHEN %(base)s::bigint IS NULL THEN (lines->0->>'amount')::bigint
             ELSE %(base)s::bigint + bedrooms * %(bedroom)s::bigint + bathrooms * %(bathroom)s::bigint END) AS refresh
  FROM jobs
), extras AS (
  SELECT sum(CASE WHEN %(list)s::jsonb IS NULL THEN (line->>'amount')::bigint
                  WHEN EXISTS (SELECT 1 FROM jsonb_array_elements(jobs.lines) other
                               WHERE other->>'code' = ANY(string_to_array(%(list)s::jsonb->(line->>'code')->>'free_with', ' '))) THEN 0
                  ELSE coalesce((%(list)s::jsonb->(line->>'code')->>'price')::bigint * (line->>'quantity')::bigint, 0) END) AS extras
  FROM jobs, jsonb_array_elements(jobs.lines) WITH ORDINALITY AS each(line, place) WHERE place > 1
)
SELECT jobs, {_PEOPLE.format(which="state = 'released'")}, coalesce(before, 0), coalesce(refresh, 0), coalesce(extras, 0) FROM sizes, extras
"""  # noqa: S608  as above

PRICES_OF = _PRICES.replace("/* whose */", "AND client_id = %(client)s")
"""The same of one client."""

_TIPS = """
SELECT count(*), least(count(DISTINCT j.worker_id), count(DISTINCT j.client_id)), coalesce(sum(t.amount), 0)
FROM services_tip t JOIN services_job j ON j.id = t.job_id WHERE t.state = 'paid' AND t.paid_at >= %(since)s AND t.paid_at < %(now)s
"""


def _one(sql: str, params: Mapping[str, Any]) -> tuple[Any, ...]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return tuple(int(one or 0) for one in cursor.fetchone())


@dataclass(frozen=True)
class Group:
    """So many jobs of a month that paid the same and were shared alike.

    ``upkeep_first``, ``fund_first``: whether a half that is left goes there; None where the hashes were not asked for.
    ``apart``: of an organisation the month was asked to keep apart.
    """

    paid: int
    worker: int
    fund: int
    upkeep: int
    upkeep_first: bool | None
    fund_first: bool | None
    jobs: int
    apart: bool

    def under(self, upkeep: Fraction | None, fund: Fraction | None) -> tuple[int, int]:
        """(upkeep, fund) of one such job under other shares; None: as it was. The fund's is a share of what upkeep leaves.

        Raises ``Half`` when a half is left and the hashes were not asked for.
        """
        new = self.upkeep if upkeep is None else _rounded(self.paid, upkeep, self.upkeep_first)
        if fund is not None:
            return new, _rounded(self.paid - new, fund, self.fund_first)
        before = self.paid - self.upkeep
        return new, _rounded(self.paid - new, Fraction(self.fund, before), True) if before else 0


class Half(Exception):
    """Half a unit is left, and who gets it was not asked."""


def _rounded(whole: int, share: Fraction, half_up: bool | None) -> int:
    """``whole · share`` to the nearest unit; a half goes up when ``half_up``."""
    floor, rest = divmod(whole * share.numerator, share.denominator)
    if 2 * rest == share.denominator:
        if half_up is None:
            raise Half
        return floor + half_up
    return floor + (2 * rest > share.denominator)


@dataclass(frozen=True)
class Month:
    """The 30 days before ``until``: its jobs in groups, and how many people stand behind all of them, behind those of the organisations
    that were kept apart, and behind the rest (samples: they can only hide too much).

    ``small_hidden``, of one organisation's month: whether those under five stay hidden when each other one's figures are taken from everyone's.
    """

    until: datetime
    people: int
    people_apart: int
    people_rest: int
    groups: tuple[Group, ...]
    small_hidden: bool = False

    @property
    def jobs(self) -> int:
        """How many jobs."""
        return sum(one.jobs for one in self.groups)

    @property
    def tellable(self) -> bool:
        """Whether those kept apart and the rest can be told from each other without showing few people."""
        return all(people >= FEW or not people for people in (self.people_apart, self.people_rest))


def count_month(now: datetime, *, halves: bool = False, org: Organisation | None = None) -> Month:
    """Count the 30 days before ``now``. Two queries, one of which reads every job of them (with ``org`` a third that does too); ``halves``: and asks
    each job's hashes, which takes three times as long. Kept apart is ``org``, or without one every organisation that has its own version of how it
    shares."""
    own = organisations_with_own(ORG_SPLIT, now)
    span = {"since": now - MONTH, "now": now}
    with connection.cursor() as cursor:
        cursor.execute(_MONTH, {**span, "halves": halves, "apart": [org.pk] if org else own})
        rows = cursor.fetchall()
        hidden = org is not None and _small_hidden(cursor, {**span, "own": own})
    people = rows[0][-3:] if rows else (0, 0, 0)
    return Month(now, *people, tuple(Group(*row[:-3]) for row in rows), hidden)


def _small_hidden(cursor: Any, params: Mapping[str, Any]) -> bool:
    """Whether what is left when all organisations of five and more are taken away shows nobody, or at least five together; so also
    of those with a split of their own and of the others, whose sums can be told from each other."""
    cursor.execute(_SMALL, params)
    return all(people >= FEW for (people,) in cursor.fetchall())


def month(now: datetime, *, halves: bool = False, org: Organisation | None = None, fresh: bool = False) -> Month:
    """The last 30 days: a small co-op's as of ``now``, a large one's counted once an hour. Two queries, or one or two of the shared cache."""
    name = ("services.halves" if halves else "services.month") + (f":{org.pk}" if org else "")
    return hourly.figures(name, now, lambda at: count_month(at, halves=halves, org=org), dear=lambda made: made.jobs > MANY, fresh=fresh)


Totals = tuple[int, int, int]


def _totals(groups: Iterable[Group], upkeep: Fraction | None, fund: Fraction | None, *, own: bool = False) -> tuple[Totals, Totals]:
    """(workers, funds, upkeep) as they were and under other shares; ``own``: another fund's share is theirs who are kept apart, else everyone else's.

    Raises ``Half``.
    """
    before, after = [0, 0, 0], [0, 0, 0]
    for one in groups:
        new_upkeep, new_fund = one.under(upkeep, fund if one.apart == own else None)
        for total, parts in ((before, (one.worker, one.fund, one.upkeep)), (after, (one.paid - new_upkeep - new_fund, new_fund, new_upkeep))):
            for place, part in enumerate(parts):
                total[place] += part * one.jobs
    return (before[0], before[1], before[2]), (after[0], after[1], after[2])


def _note(jobs: int, people: int, until: datetime | None = None) -> Any:
    """What stands behind the figures, in words; ``until``: they were counted before now."""
    if people < FEW:
        return _("In the last 30 days fewer than five people worked, or fewer than five had work done: too few to show without showing single people.")
    if until:
        told = _("The %(jobs)s jobs of the 30 days before %(time)s, at the prices that were paid.")
        return told % {"jobs": f"{jobs:,}", "time": until.astimezone(free.zone(law.coop().time_zone)).strftime("%H:%M")}
    return _("The %(jobs)s jobs of the last 30 days, at the prices that were paid.") % {"jobs": f"{jobs:,}"}


def shares_last_month(changes: Mapping[str, Any], now: datetime, *, org: Organisation | None = None, fresh: bool = False) -> DryRun:
    """Who would have got what in the last 30 days. ``changes``: ``{rule key: typed value}`` of the split and the organisations' split.

    With ``org`` only its own jobs, whose split it alone decides; without, organisations with a split of their own keep theirs. Hidden when few people
    stand behind the figures, or behind what could be told by taking one from another.
    Two queries (of an organisation three), or twice that where halves are left; of a large co-op none, when somebody asked in the same hour.
    ``fresh``: not the hour before's.
    """
    upkeep = changes["services.split"]["upkeep"] if "services.split" in changes else None
    fund = changes[ORG_SPLIT]["fund"] if ORG_SPLIT in changes else None
    labels = (WORKERS, OWN_FUND) if org else (WORKERS, FUNDS, UPKEEP)
    found = month(now, org=org, fresh=fresh)
    if not tellable(found, org, fund):
        note = _note(found.jobs, found.people) if found.people < FEW else FEW_APART
        return DryRun(rows=[(label, None, None) for label in labels], note=note, unit=law.coop().currency)
    try:
        before, after = _totals(_groups(found, org), upkeep, fund, own=org is not None)
    except Half:
        found = month(now, halves=True, org=org, fresh=fresh)
        before, after = _totals(_groups(found, org), upkeep, fund, own=org is not None)
    jobs = sum(one.jobs for one in _groups(found, org))
    note = _note(jobs, FEW, found.until if found.until != now else None)
    if org:
        note = f"{org.name}: {note}"
    return DryRun(rows=list(zip(labels, before, after, strict=False)), note=note, unit=law.coop().currency)


def tellable(found: Month, org: Organisation | None, fund: Fraction | None) -> bool:
    """Whether enough people stand behind the figures, and behind what could be told by taking one figure from another."""
    if found.people < FEW or (org is not None and (found.people_apart < FEW or not found.small_hidden)):
        return False
    return found.tellable or (org is None and fund is None)


def _groups(found: Month, org: Organisation | None) -> list[Group]:
    return [one for one in found.groups if one.apart or org is None]


def prices_last_month(changes: Mapping[str, Any], now: datetime, **_more: Any) -> DryRun:
    """What the same jobs would have cost. ``changes``: typed values of ``services.refresh`` and ``services.extras``. One query."""
    size, extras = changes.get("services.refresh"), changes.get("services.extras")
    list_ = None
    if extras is not None:
        list_ = json.dumps({code: {"price": row["price"].amount, "free_with": row["free_with"].replace(",", " ")} for code, row in extras.items()})
    amounts = {name: size[part].amount if size else None for name, part in (("base", "base"), ("bedroom", "per_bedroom"), ("bathroom", "per_bathroom"))}
    jobs, people, before, refresh, more = _one(_PRICES, {"since": now - MONTH, "now": now, "list": list_, **amounts})
    few = people < FEW
    rows = [
        (_("all jobs together"), None if few else before, None if few else refresh + more),
        (_("one job on average"), None if few else round(Fraction(before, jobs)), None if few else round(Fraction(refresh + more, jobs))),
    ]
    return DryRun(rows=rows, note=_note(jobs, people), unit=law.coop().currency)


def tips_last_month(changes: Mapping[str, Any], now: datetime, **_more: Any) -> DryRun:
    """How last month's tips would have been shared. One query for the tips and one for the rule in force."""
    tips, people, total = _one(_TIPS, {"since": now - MONTH, "now": now})
    old, new = rules.get("services.tip_split").at(now).value, changes["services.tip_split"]
    labels = {"worker": WORKERS, "fund": FUNDS, "upkeep": UPKEEP}
    few = people < FEW
    rows = [(label, None if few else round(total * old[part]), None if few else round(total * new[part])) for part, label in labels.items()]
    note = _note(tips, people) if few else _("All tips of the last 30 days together.")
    return DryRun(rows=rows, note=note, unit=law.coop().currency)


WORKERS, FUNDS, UPKEEP = _("to workers"), _("to the member co-ops' funds"), _("to upkeep of the platform")
OWN_FUND = _("to the member co-op's common fund")
FEW_APART = _("In the last 30 days too few people stand behind these figures: they are not shown, so that they show no single person.")
