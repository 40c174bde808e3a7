"""The register of shares as on any day: out of the ledger, for those the law lets read it."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest

from madang.coop.capital import register
from madang.coop.law.models import Coop
from madang.coop.members import actions as members
from madang.coop.members.models import Membership
from tests.coop.capital.outlife import give, membership, person

pytestmark = pytest.mark.django_db


def on(at, **wish) -> dict[str, tuple[int, int]]:
    return {one.name: (one.shares, one.paid_in) for one in register.lines(list(register.rows(at, **wish)), at)}


def test_as_on_three_days(coop, now) -> None:
    """Bought on the first, more on the third, left on the fifth: each day says what stood then."""
    give(1, 2, now + timedelta(days=1))
    give(5, 3, now + timedelta(days=1))
    give(5, 4, now + timedelta(days=3))
    members.leave(membership(5), by=person(5), now=now + timedelta(days=5))
    days = [on(now + timedelta(days=day, hours=1)) for day in (0, 1, 3)]
    assert [told["최다온"] for told in days] == [(0, 0), (3, 30_000), (7, 70_000)]
    assert days[2]["강하나"] == (2, 20_000)
    after = now + timedelta(days=6)
    assert "최다온" not in on(after) and on(after, with_left=True)["최다온"] == (0, 0)
    (line,) = [one for one in register.lines(list(register.rows(after, with_left=True)), after) if one.name == "최다온"]
    assert line.left == now + timedelta(days=5) and line.entered == now


def test_one_account_a_member_a_class(coop, now) -> None:
    from madang.coop.ledger.models import Account

    for _twice in range(2):
        give(1, 1, now)
    assert Account.objects.filter(kind="shares").count() == 1
    assert Account.objects.get(kind="shares").owner == f"membership:{membership(1).pk}"


def test_who_reads_it(coop, now, client_for, monkeypatch) -> None:
    """Korea: members (art. 49). Great Britain: not how many shares others hold (s. 103 (1) (b)); the board and the books do."""
    monkeypatch.setattr("madang.coop.law.clock.now", lambda: now)
    stranger = type(person(1)).objects.create_user("s@example.org")
    assert client_for(None).get("/shares/register/").status_code == 302
    assert client_for(stranger).get("/shares/register/").status_code == 404
    assert client_for(person(5)).get("/shares/register/").status_code == 200
    Coop.objects.update(law="uk-coop")
    assert client_for(person(5)).get("/shares/register/").status_code == 404
    assert [client_for(person(number)).get("/shares/register/").status_code for number in (1, 2, 3, 4)] == [200] * 4


def test_british_members_do_not_see_the_shares_of_others_in_the_members_register(coop, now) -> None:
    from madang.coop.capital.hooks import register_columns

    give(1, 2, now)
    (column,) = register_columns
    rows = list(Membership.objects.select_related("member_class"))
    assert column.values(rows, now) == {membership(1).pk: "2"}
    Coop.objects.update(law="uk-coop")
    assert column.values(rows, now) == {}


def test_the_file(coop, now, client_for, monkeypatch) -> None:
    monkeypatch.setattr("madang.coop.law.clock.now", lambda: now + timedelta(days=9))
    give(1, 2, now)
    someone = person(2)
    someone.name = "=HYPERLINK()"
    someone.save()
    answer = client_for(person(3)).get("/shares/register/?at=2026-03-02&as=csv&left=on")
    assert answer["Content-Disposition"] == 'attachment; filename="shares-2026-03-02.csv"'
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert len(rows) == 6 and [row[2:6] for row in rows if row[0] == "강하나"] == [["2026-03-02", "2", "20000", "0"]]
    assert [row[0] for row in rows if "HYPERLINK" in row[0]] == ["'=HYPERLINK()"]
    assert client_for(person(3)).get("/shares/register/?at=nonsense").status_code == 400
