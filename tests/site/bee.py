"""``python -m tests.site.bee FOLDER VERB …``: what a test needs done inside a co-op of its own, in a process of its own.

``done N`` leads N visits of the demo's client up to "done" and prints them; ``release ID …`` confirms them one after
the other and prints each when it is certain; ``alone`` leaves one worker who takes jobs; ``webhook`` books a visit, has the pretend bank say yes
and prints the message it would send instead of sending it; ``facts ID …`` prints a visit's state, entries and hold; ``vote`` opens a vote.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo


def say(*words: Any) -> None:
    print(*words, flush=True)


def book(client: Any, home: Any, now: datetime) -> Iterator[Any]:
    """Visits of a client, one after the other, wherever somebody is free."""
    from madang.kit.errors import Refused
    from madang.platforms.services import actions

    first = now.astimezone(ZoneInfo("Asia/Seoul")).replace(hour=9, minute=0, second=0, microsecond=0) + timedelta(days=1)
    for slot in range(54):
        try:
            yield actions.book(client, home.pk, {}, first + timedelta(days=slot // 2, hours=4 * (slot % 2)), now=now)
        except Refused:
            continue
    raise SystemExit("nobody is free any more")


def _client() -> tuple[Any, Any]:
    from madang.platforms.services import faces
    from madang.platforms.services.models import Home

    client = faces.the_client()
    return client, Home.objects.filter(client=client, archived_at=None).first()


def done(count: int, now: datetime) -> None:
    from madang.coop.payments import sandbox
    from madang.coop.payments.models import Charge
    from madang.platforms.services import actions
    from madang.platforms.services.models import Job

    client, home = _client()
    for job, _number in zip(book(client, home, now), range(count), strict=False):
        sandbox.pay(Charge.objects.get(pk=job.charge_id), now=now)
        who = Job.objects.get(pk=job.pk).worker.person
        actions.accept(who, job.pk, now=now)
        actions.check_in(who, job.pk, now=job.starts_at)
        actions.check_out(who, job.pk, now=job.ends_at)
        say(job.pk)


def release(ids: list[str], now: datetime) -> None:
    from madang.platforms.services import actions
    from madang.platforms.services.models import Job

    for key in ids:
        job = Job.objects.select_related("client").get(pk=key)
        actions.confirm(job.client, job.pk, now=now)
        say(key)


def alone(now: datetime) -> None:
    from madang.platforms.services.models import Worker

    kept = Worker.objects.filter(active=True).order_by("pk").first()
    Worker.objects.exclude(pk=kept.pk).update(active=False)
    say(kept.pk)


def webhook(now: datetime) -> None:
    from madang.coop.payments import actions as payments
    from madang.coop.payments import sandbox
    from madang.coop.payments.models import Charge

    client, home = _client()
    job = next(book(client, home, now))
    charge = payments.go_and_pay(Charge.objects.get(pk=job.charge_id), now=now)
    bank = sandbox.rail()
    bank.choose(charge.ref, "approve", at=now)
    post, headers, body = bank.deliveries(now, 1, charge.ref)[0]
    bank.store.delivered(post.event_id, now)
    say(json.dumps({"job": str(job.pk), "charge": str(charge.pk), "headers": headers, "body": body.decode()}))


def facts(ids: list[str], now: datetime) -> None:
    from madang.coop.ledger.models import Entry, Hold
    from madang.platforms.services.models import Job

    for key in ids:
        job = Job.objects.get(pk=key)
        holds = [hold.state for hold in Hold.objects.filter(subject=f"job:{key}")]
        entries = sorted(Entry.objects.filter(subject=f"job:{key}").values_list("kind", flat=True))
        say(json.dumps({"job": key, "state": job.state, "holds": holds, "entries": entries, "paid": job.worker_part}))


def vote(now: datetime) -> None:
    from madang.coop.decisions import actions
    from madang.coop.decisions.models import Elector
    from madang.coop.law import actions as law_actions
    from madang.coop.members.queries import holders
    from madang.coop.notices.due import run_due

    author = next(iter(holders("treasurer", now)))
    changes = [{"rule": "services.split", "value": {"provider": "94%", "upkeep": "6%"}}]
    one = actions.open_discussion(actions.draft(author, "change_rules", "Six percent", changes=changes, now=now), author, now=now)
    law_actions.move_clock(timedelta(days=4), now=now)
    run_due(now + timedelta(days=4))
    elector = Elector.objects.filter(proposal=one).exclude(person=author).select_related("person").first()
    say(json.dumps({"decision": str(one.pk), "email": elector.person.email, "elector": str(elector.pk)}))


def main() -> None:
    from madang.site import start

    start.ground(Path(sys.argv[1]))
    start.house()
    from madang.coop.law import clock

    now, verb, rest = clock.now(), sys.argv[2], sys.argv[3:]
    match verb:
        case "done":
            done(int(rest[0]), now)
        case "release" | "facts":
            {"release": release, "facts": facts}[verb](rest, now)
        case _:
            {"alone": alone, "webhook": webhook, "vote": vote}[verb](now)


if __name__ == "__main__":
    main()
