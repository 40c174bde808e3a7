"""A vote of 100,000 members: opened, cast through the pages, and counted; for and against, and eight candidates for three seats (Scottish STV).

``--members N`` says how many. On a database of its own in a temporary folder, through PostgreSQL with every law on. Ballots of the measured voters go the whole
way of a tap on a telephone (session, CSRF left out, view, action, answer); the others are filled in by one statement, as their casting would leave them.
"""

from __future__ import annotations

import os
import random
import statistics
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any

from bench.common import ROOT, Bench, arguments, noise, open_house, p95

FOUNDED = datetime(2024, 1, 10, tzinfo=UTC)
NOW = datetime(2026, 2, 2, tzinfo=UTC)
CAST = 200


def main() -> None:
    options = arguments(__doc__ or "", ("--members", {"type": int, "default": 100_000, "help": "how many members"}))
    os.environ.pop("DATABASE_URL", None)
    bench = Bench(f"A vote of {options.members:,} members", options)
    with tempfile.TemporaryDirectory(prefix="madang-bench-") as folder:
        data = Path(folder) / "data"
        open_house(str(data))
        try:
            _measure(bench, options.members)
        finally:
            from django.db import connections

            from madang.site import postgres

            connections.close_all()
            postgres.stop(data.resolve())
    bench.close()


def _measure(bench: Bench, members: int) -> None:
    from madang.coop.charter import actions, reader
    from madang.coop.decisions import actions as decisions
    from madang.coop.law.models import Coop
    from madang.site import start

    start.prepare(lambda text: None)
    actions.found(reader.read_file(ROOT / "charters" / "upandgo.toml", now=FOUNDED), now=FOUNDED)
    Coop.objects.update(state="open", opened_at=FOUNDED)
    people = _members(members)
    names = "\n".join(f"Candidate {number}" for number in range(1, 9))
    for name, kind, details in (
        ("yes_no", "resolve", {"text": "We buy a bus."}),
        ("stv", "choose", {"options": names, "method": "stv-scottish", "seats": 3}),
    ):
        one = decisions.draft(people[0], kind, "A question to all", "", details=details, now=NOW)
        one = decisions.open_discussion(one, people[0], now=NOW)
        began = perf_counter()
        one = decisions.open_voting(one, now=one.opens_at)
        bench.add(f"{name}_open_s", perf_counter() - began, "s", "the electorate frozen, the first hundred called")
        took = _cast(one, people)
        bench.add(f"{name}_cast_p95_ms", p95(took), "ms", f"median {statistics.median(took):.1f} ms of {len(took)}, the whole request; {noise(took)}")
        _fill(one, kind)
        began = perf_counter()
        one = decisions.close(one, now=one.closes_at)
        bench.add(f"{name}_tally_s", perf_counter() - began, "s", f"{one.electorate['total']:,} could vote; counted, told, written to the record")
        took = _page(one, people[1])
        bench.add(f"{name}_result_page_p95_ms", p95(took), "ms", f"median {statistics.median(took):.1f} ms")


def _members(count: int) -> list[Any]:
    from madang.coop.members.models import MemberClass, Membership
    from madang.coop.people.models import Person

    classes = {one.key: one for one in MemberClass.objects.all()}
    people = [Person(email=f"m{n}@example.org", name=f"Member {n}") for n in range(count)]
    Person.objects.bulk_create(people, batch_size=2_000)
    Membership.objects.bulk_create(
        [
            Membership(member_class=classes["worker" if n % 3 else "client"], person=one, state="active", primary=True,
                       applied_at=FOUNDED, admitted_at=FOUNDED, active_from=FOUNDED) for n, one in enumerate(people)
        ],
        batch_size=2_000,
    )  # fmt: skip
    return people


def _form(one: Any, dice: random.Random) -> dict[str, str]:
    if one.kind == "resolve":
        return {"choice": dice.choice(("for", "against", "abstain"))}
    order = dice.sample(range(1, 9), k=dice.randint(1, 8))
    return {"choice": "marked", **{f"mark-o{option}": str(rank) for rank, option in enumerate(order, 1)}}


def _cast(one: Any, people: list[Any]) -> list[float]:
    from unittest import mock

    from django.test import Client

    dice = random.Random(3)
    took = []
    with mock.patch("madang.coop.law.clock.now", lambda: one.opens_at + timedelta(hours=1)):
        for person in dice.sample(people, k=CAST + 5):
            client = Client(headers={"host": "localhost"})
            client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
            form = _form(one, dice)
            began = perf_counter()
            answer = client.post(f"/decisions/{one.pk}/vote/", form)
            took.append((perf_counter() - began) * 1000)
            if answer.status_code != 302:
                raise SystemExit(f"not taken: {answer.status_code}")
    from madang.coop.decisions.models import Ballot

    if Ballot.objects.filter(elector__proposal=one).count() != CAST + 5:
        raise SystemExit("ballots are missing")
    return took[5:]


def _fill(one: Any, kind: str) -> None:
    """Seven of ten of the others, as their casting would leave them."""
    from madang.coop.decisions.models import Ballot, Elector

    dice = random.Random(7)
    rows = []
    for pk, person in Elector.objects.filter(proposal=one, ballot=None).values_list("pk", "person_id"):
        if dice.random() < 0.7:
            marks = None if kind == "resolve" else [[f"o{option}"] for option in dice.sample(range(1, 9), k=dice.randint(1, 8))]
            choice = dice.choice(("for", "for", "against", "abstain")) if marks is None else "marked"
            rows.append(Ballot(elector_id=pk, by_id=person, choice=choice, marks=marks, cast_at=one.opens_at))
    Ballot.objects.bulk_create(rows, batch_size=5_000)


def _page(one: Any, person: Any) -> list[float]:
    from django.test import Client

    client = Client(headers={"host": "localhost"})
    client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
    took = []
    for _round in range(12):
        began = perf_counter()
        if client.get(f"/decisions/{one.pk}/").status_code != 200:
            raise SystemExit("no page")
        took.append((perf_counter() - began) * 1000)
    return took[2:]


if __name__ == "__main__":
    main()
