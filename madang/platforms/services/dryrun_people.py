"""What last month would have been for one person, and how it is spread among those who work: thirds, never of fewer than five.

The thirds are all workers together, so that nothing is left over that could be told by taking one figure from another. One person's own figures
are shown to them alone.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from fractions import Fraction
from typing import Any

from django.db import connection
from django.utils.translation import gettext_lazy as _

from madang.coop import rules
from madang.coop.people.models import Organisation, Person
from madang.coop.rules.queries import organisations_with_own
from madang.platforms.services.dryrun import FEW, MONTH, ORG_SPLIT, PRICES_OF, Group, month, tellable

Row = tuple[Any, int, int]
_EACH = """
SELECT worker_id, price - refunded - tax_part, worker_part, fund_part, upkeep_part, coalesce(organisation_id = ANY(%(own)s), false), count(*)
FROM services_job WHERE over_at >= %(since)s AND over_at < %(now)s AND price > refunded AND state IN ('released', 'cancelled') AND worker_id IS NOT NULL
  AND (%(person)s::uuid IS NULL OR worker_id IN (SELECT id FROM services_worker WHERE person_id = %(person)s::uuid))
  AND (%(org)s::uuid IS NULL OR organisation_id = %(org)s::uuid)
GROUP BY 1, 2, 3, 4, 5, 6
"""
_TIPS_OF = """
SELECT coalesce(sum(t.amount), 0) FROM services_tip t JOIN services_job j ON j.id = t.job_id JOIN services_worker w ON w.id = j.worker_id
WHERE t.state = 'paid' AND t.paid_at >= %(since)s AND t.paid_at < %(now)s AND w.person_id = %(person)s
"""


def _each(changes: Mapping[str, Any], now: datetime, person: Person | None, org: Organisation | None) -> list[tuple[int, int]]:
    """What each worker (or this one) got in the last 30 days, and would have got; half a unit goes to them. One query, and one for the rule's versions."""
    upkeep = changes["services.split"]["upkeep"] if "services.split" in changes else None
    fund = changes[ORG_SPLIT]["fund"] if ORG_SPLIT in changes else None
    params = {"since": now - MONTH, "now": now, "own": organisations_with_own(ORG_SPLIT, now), "person": person and person.pk, "org": org and org.pk}
    with connection.cursor() as sql:
        sql.execute(_EACH, params)
        rows = sql.fetchall()
    found: dict[Any, list[int]] = {}
    for worker, paid, part, to_fund, to_upkeep, apart, jobs in rows:
        group = Group(paid, part, to_fund, to_upkeep, False, False, jobs, apart)
        new_upkeep, new_fund = group.under(upkeep, fund if org is not None or not apart else None)
        total = found.setdefault(worker, [0, 0])
        total[0] += part * jobs
        total[1] += (paid - new_upkeep - new_fund) * jobs
    return [(before, after) for before, after in found.values()]


def own_shares(changes: Mapping[str, Any], person: Person, now: datetime, *, org: Organisation | None = None) -> Sequence[Row]:
    """What this person earned with their work in the 30 days before ``now``, and would have: one row (label, before, after), none for who did not work."""
    found = _each(changes, now, person, org)
    return [(_("to you, for last month's work"), sum(one for one, _new in found), sum(new for _one, new in found))] if found else []


def spread_shares(changes: Mapping[str, Any], now: datetime, *, org: Organisation | None = None) -> Sequence[Row]:
    """What a worker got on average and would have got: of the third who got least, of the middle third, of the third who got most. With fewer than
    fifteen workers only of all together; nothing where too few people stand behind it, and none of one organisation."""
    if org is not None or not tellable(month(now), None, changes[ORG_SPLIT]["fund"] if ORG_SPLIT in changes else None):
        return []
    each = sorted(_each(changes, now, None, None))
    if len(each) < FEW:
        return []
    if len(each) < 3 * FEW:
        return [(_("a worker on average"), *_average(each))]
    cut = [len(each) * place // 3 for place in range(4)]
    labels = (_("a worker of the third who got least"), _("a worker of the middle third"), _("a worker of the third who got most"))
    return [(label, *_average(each[cut[place] : cut[place + 1]])) for place, label in enumerate(labels)]


def _average(each: Sequence[tuple[int, int]]) -> tuple[int, int]:
    return round(Fraction(sum(one for one, _new in each), len(each))), round(Fraction(sum(new for _one, new in each), len(each)))


def own_prices(changes: Mapping[str, Any], person: Person, now: datetime, **_more: Any) -> Sequence[Row]:
    """What this client paid for the visits of the last 30 days, and would have. One query."""
    size, extras = changes.get("services.refresh"), changes.get("services.extras")
    wanted = None
    if extras is not None:
        wanted = json.dumps({code: {"price": row["price"].amount, "free_with": row["free_with"].replace(",", " ")} for code, row in extras.items()})
    amounts = {name: size[part].amount if size else None for name, part in (("base", "base"), ("bedroom", "per_bedroom"), ("bathroom", "per_bathroom"))}
    with connection.cursor() as sql:
        sql.execute(PRICES_OF, {"since": now - MONTH, "now": now, "list": wanted, "client": person.pk, **amounts})
        jobs, _people, before, refresh, more = (int(one or 0) for one in sql.fetchone())
    return [(_("your visits of last month together"), before, refresh + more)] if jobs else []


def own_tips(changes: Mapping[str, Any], person: Person, now: datetime, **_more: Any) -> Sequence[Row]:
    """What of last month's tips was this worker's, and would have been. Two queries."""
    with connection.cursor() as sql:
        sql.execute(_TIPS_OF, {"since": now - MONTH, "now": now, "person": person.pk})
        total = int(sql.fetchone()[0])
    old, new = rules.get("services.tip_split").at(now).value, changes["services.tip_split"]
    return [(_("to you, of last month's tips"), round(total * old["worker"]), round(total * new["worker"]))] if total else []
