"""What last month would have been under other values: real jobs of the last 30 days, counted by the database in one statement each.

The base is each job's released money (what was paid minus what went back). A part is rounded for each job as its release was: largest
remainder, and a tie of exactly half a unit drawn by the same hash (:func:`madang.kit.splits.largest_remainder`), so that the values in force
give last month's real figures to the unit. No figure is shown unless at least five workers and five clients stand behind it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

from django.db import connection
from django.utils.translation import gettext_lazy as _

from madang.coop import law
from madang.coop.rules import DryRun

FEW = 5
MONTH = timedelta(days=30)
# Whether enough people stand behind a month: looked for among its first jobs, which is quick and can only hide too much.
_PEOPLE = """
(SELECT least(count(DISTINCT worker_id), count(DISTINCT client_id))
 FROM (SELECT worker_id, client_id FROM services_job WHERE over_at >= %(since)s AND over_at < %(now)s AND price > refunded AND {which} LIMIT 2000) AS sample)
"""


def _rounded(whole: str, share: str, name: str, other: str) -> str:
    """SQL: the part ``name`` of ``whole`` at ``share``, the rest being ``other``'s; a half goes to the smaller hash. ``salt`` is the release's key."""
    tie = f"(sha256(convert_to(salt || '|{name}', 'UTF8')) < sha256(convert_to(salt || '|{other}', 'UTF8')))::int"
    return f"CASE WHEN mod({whole} * {share}, 1) = 0.5 THEN floor({whole} * {share}) + {tie} ELSE round({whole} * {share}) END"


_SHARES = f"""
SELECT count(*), {_PEOPLE.format(which="state IN ('released', 'cancelled')")},
       coalesce(sum(paid), 0), coalesce(sum(worker_part), 0), coalesce(sum(fund_part), 0), coalesce(sum(upkeep_part), 0),
       coalesce(sum(upkeep), 0), coalesce(sum(fund), 0)
FROM (
  SELECT paid, worker_part, fund_part, upkeep_part, upkeep,
         CASE WHEN %(fund)s::numeric IS NOT NULL THEN {_rounded("(paid - upkeep)", "%(fund)s::numeric", "fund", "worker")}
              WHEN paid = upkeep_part THEN 0
              ELSE round((paid - upkeep) * fund_part::numeric / (paid - upkeep_part)) END AS fund
  FROM (
    SELECT paid, worker_part, fund_part, upkeep_part, salt,
           CASE WHEN %(upkeep)s::numeric IS NULL THEN upkeep_part ELSE {_rounded("paid", "%(upkeep)s::numeric", "upkeep", "provider")} END AS upkeep
    FROM (SELECT *, price - refunded AS paid, CASE state WHEN 'cancelled' THEN 'cancel:' ELSE 'release:' END || id AS salt FROM services_job) AS job
    WHERE over_at >= %(since)s AND over_at < %(now)s AND price > refunded AND state IN ('released', 'cancelled')
  ) AS jobs
) AS shared
"""  # noqa: S608  the parts are ours, the values are parameters

_PRICES = f"""
WITH jobs AS MATERIALIZED (
  SELECT bedrooms, bathrooms, price, lines FROM services_job WHERE over_at >= %(since)s AND over_at < %(now)s AND state = 'released'
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

_TIPS = """
SELECT count(*), least(count(DISTINCT j.worker_id), count(DISTINCT j.client_id)), coalesce(sum(t.amount), 0)
FROM services_tip t JOIN services_job j ON j.id = t.job_id WHERE t.state = 'paid' AND t.paid_at >= %(since)s AND t.paid_at < %(now)s
"""


def _one(sql: str, params: Mapping[str, Any]) -> tuple[Any, ...]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return tuple(int(one or 0) for one in cursor.fetchone())


def _number(share: Fraction | None) -> str | None:
    """A share as decimal digits for PostgreSQL's exact ``numeric`` (percentages have at most six decimals)."""
    if share is None:
        return None
    scaled = share * 10**12
    return f"{scaled.numerator // scaled.denominator}e-12"


def _note(jobs: int, people: int) -> Any:
    if people < FEW:
        return _("In the last 30 days fewer than five people worked, or fewer than five had work done: too few to show without showing single people.")
    return _("The %(jobs)s jobs of the last 30 days, at the prices that were paid.") % {"jobs": f"{jobs:,}"}


def shares_last_month(changes: Mapping[str, Any], now: datetime, **_more: Any) -> DryRun:
    """Who would have got what in the last 30 days. ``changes``: ``{rule key: typed value}`` of the split and the organisations' split. One query."""
    upkeep = changes["services.split"]["upkeep"] if "services.split" in changes else None
    fund = changes["services.org_split"]["fund"] if "services.org_split" in changes else None
    jobs, people, paid, worker, kept, platform, new_upkeep, new_fund = _one(
        _SHARES, {"since": now - MONTH, "now": now, "upkeep": _number(upkeep), "fund": _number(fund)}
    )
    if people < FEW:
        rows: list[tuple[Any, Any, Any]] = [(label, None, None) for label in (WORKERS, FUNDS, UPKEEP)]
    else:
        rows = [(WORKERS, worker, paid - new_upkeep - new_fund), (FUNDS, kept, new_fund), (UPKEEP, platform, new_upkeep)]
    return DryRun(rows=rows, note=_note(jobs, people), unit=law.coop().currency)


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
    from madang.coop import rules

    tips, people, total = _one(_TIPS, {"since": now - MONTH, "now": now})
    old, new = rules.get("services.tip_split").at(now).value, changes["services.tip_split"]
    labels = {"worker": WORKERS, "fund": FUNDS, "upkeep": UPKEEP}
    few = people < FEW
    rows = [(label, None if few else round(total * old[part]), None if few else round(total * new[part])) for part, label in labels.items()]
    note = _note(tips, people) if few else _("All tips of the last 30 days together.")
    return DryRun(rows=rows, note=note, unit=law.coop().currency)


WORKERS, FUNDS, UPKEEP = _("to workers"), _("to the member co-ops' funds"), _("to upkeep of the platform")
