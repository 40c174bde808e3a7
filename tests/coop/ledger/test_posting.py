"""Booking: what happens once, what adds up, what the database itself refuses."""

from __future__ import annotations

from datetime import timedelta

import psycopg
import pytest
from django.db import Error, connection, transaction

from madang.coop import ledger
from madang.coop.ledger import checks, queries
from madang.coop.ledger.models import Entry, Hold, Transfer
from madang.coop.ledger.moves import Move, Part
from madang.coop.record.models import PendingLeaf
from madang.kit.errors import Refused

pytestmark = pytest.mark.django_db


def accounts(*kinds: str) -> list:
    return [ledger.account(kind, "", "KRW") for kind in kinds]


def test_an_entry_moves_and_leaves_its_trace(now) -> None:
    clearing, upkeep, fund = accounts("clearing", "upkeep", "fund")
    entry = ledger.post("gift", [Move(clearing, upkeep, 700, "gift"), Move(clearing, fund, 300, "gift")], key="a", subject="x:1", now=now)
    assert queries.balance(clearing) == -1000
    assert (queries.balance(upkeep), queries.balance(fund)) == (700, 300)
    assert entry.transfers.count() == 2
    assert PendingLeaf.objects.filter(subject=f"entry:{entry.pk}").count() == 1


def test_a_repeat_is_the_first_entry_and_a_contradiction_is_refused(now) -> None:
    clearing, upkeep = accounts("clearing", "upkeep")
    first = ledger.post("gift", [Move(clearing, upkeep, 700, "gift")], key="a", subject="x:1", now=now)
    again = ledger.post("gift", [Move(clearing, upkeep, 700, "gift")], key="a", subject="x:1", now=now + timedelta(hours=1))
    assert again.pk == first.pk
    assert queries.balance(upkeep) == 700
    with pytest.raises(Refused) as no:
        ledger.post("gift", [Move(clearing, upkeep, 701, "gift")], key="a", subject="x:1", now=now)
    assert no.value.code == "key-used"
    assert Transfer.objects.count() == 1


@pytest.mark.parametrize("amount", [0, -1, 10**16, True, 1.5, "7"])
def test_amounts_that_are_none(now, amount) -> None:
    clearing, upkeep = accounts("clearing", "upkeep")
    with pytest.raises(ValueError):
        ledger.post("gift", [Move(clearing, upkeep, amount, "gift")], key="a", subject="", now=now)


def test_units_never_meet(now) -> None:
    won, dollars = ledger.account("clearing", "", "KRW"), ledger.account("upkeep", "", "USD")
    with pytest.raises(ValueError):
        ledger.post("gift", [Move(won, dollars, 5, "gift")], key="a", subject="", now=now)
    with pytest.raises(ValueError):
        ledger.account("clearing", "", "XYZ")
    entry = ledger.post("gift", [Move(won, ledger.account("upkeep", "", "KRW"), 5, "gift")], key="b", subject="", now=now)
    for sql in (
        "INSERT INTO ledger_transfer (entry_id, ordinal, debit_id, credit_id, unit, amount, kind, note, at) VALUES (%s, 7, %s, %s, 'KRW', 5, 'gift', '{}', %s)",
        "INSERT INTO ledger_transfer (entry_id, ordinal, debit_id, credit_id, unit, amount, kind, note, at) VALUES (%s, 7, %s, %s, 'USD', 5, 'gift', '{}', %s)",
    ):
        with pytest.raises(Error), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, [entry.pk, won.pk, dollars.pk, now])
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_nobody_takes_out_what_was_not_put_in(now) -> None:
    clearing, upkeep = accounts("clearing", "upkeep")
    shares = ledger.account("shares", "membership:1", "KRW")
    ledger.post("buy", [Move(clearing, shares, 100, "shares")], key="a", subject="", now=now)
    with pytest.raises(Refused) as no:
        ledger.post("steal", [Move(shares, upkeep, 101, "oops")], key="b", subject="", now=now)
    assert no.value.code == "not-enough"
    assert queries.balance(shares) == 100
    assert not Entry.objects.filter(key="b").exists()
    ledger.post("leave", [Move(shares, upkeep, 100, "oops")], key="c", subject="", now=now)
    assert queries.balance(shares) == 0
    assert checks.balances_equal_sums() == []


@pytest.mark.parametrize("table", ["ledger_account", "ledger_entry", "ledger_transfer", "ledger_balance", "ledger_dayflow", "ledger_party", "ledger_hold"])
@pytest.mark.parametrize("what", ["UPDATE {} SET unit = unit", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_the_past_cannot_be_rewritten_even_by_the_owner(now, table, what) -> None:
    clearing, upkeep = accounts("clearing", "upkeep")
    held = ledger.hold("job:1", 50, "KRW", payer="person:1", key="h", now=now, source=clearing)
    ledger.release(held, [Part(upkeep, 50, "upkeep")], key="r", now=now)
    column = {"ledger_entry": "kind", "ledger_balance": "debits"}.get(table, "unit")
    with pytest.raises(Error), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(what.format(table).replace("unit", column))


def test_a_balance_cannot_be_written_by_hand(now) -> None:
    (upkeep,) = accounts("upkeep")
    with pytest.raises(Error), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("INSERT INTO ledger_balance (account_id, shard, floored, debits, credits) VALUES (%s, 3, false, 0, 1000000)", [upkeep.pk])


def test_a_hold_is_released_once_and_whole(now) -> None:
    clearing, upkeep = accounts("clearing", "upkeep")
    worker = ledger.account("payable", "person:9", "KRW")
    held = ledger.hold("job:1", 52_000, "KRW", payer="person:1", key="h", now=now, source=clearing)
    assert held.pk == ledger.hold("job:1", 52_000, "KRW", payer="person:1", key="h", now=now, source=clearing).pk
    assert checks.holds_match() == []
    with pytest.raises(ValueError):
        ledger.release(held, [Part(worker, 49_400, "provider")], key="r", now=now)
    parts = [Part(worker, 49_400, "provider"), Part(upkeep, 2_600, "upkeep")]
    entry = ledger.release(held, parts, key="r", now=now)
    assert ledger.release(held, parts, key="r", now=now).pk == entry.pk
    with pytest.raises(Refused):
        ledger.release(held, parts, key="again", now=now)
    with pytest.raises(Refused):
        ledger.refund_hold(held, clearing, key="back", now=now)
    assert Hold.objects.get().state == "released"
    assert entry.payer == "person:1"
    assert queries.balance(worker) == 49_400
    assert checks.holds_match() == checks.units_sum_to_zero() == checks.balances_equal_sums() == []


def test_money_is_passed_on_in_the_same_entry(now) -> None:
    clearing, upkeep = accounts("clearing", "upkeep")
    organisation, worker = ledger.account("payable", "organisation:1", "KRW"), ledger.account("payable", "person:9", "KRW")
    held = ledger.hold("job:1", 100, "KRW", payer="person:1", key="h", now=now, source=clearing)
    ledger.release(held, [Part(organisation, 95, "provider"), Part(upkeep, 5, "upkeep"), Move(organisation, worker, 80, "worker")], key="r", now=now)
    assert (queries.balance(organisation), queries.balance(worker)) == (15, 80)


def test_a_batch_is_booked_once(now) -> None:
    clearing, upkeep = accounts("clearing", "upkeep")
    postings = [ledger.Posting("gift", [Move(clearing, upkeep, n + 1, "gift")], f"g{n}", at=now) for n in range(50)]
    assert ledger.post_many(postings, now=now) == 50
    assert ledger.post_many(postings, now=now) == 0
    assert queries.balance(upkeep) == sum(range(1, 51))
    assert PendingLeaf.objects.filter(kind="entry").count() == 50
    with pytest.raises(Refused):
        ledger.post_many([ledger.Posting("gift", [Move(clearing, upkeep, 999, "gift")], "g3", at=now)], now=now)


def entry_by_hand(cursor, key: str, now) -> str:
    cursor.execute(
        "INSERT INTO ledger_entry (id, key, kind, subject, payer, at, effective_at, digest)"
        " VALUES (gen_random_uuid(), %s, 'k', '', '', %s, %s, '') RETURNING id",
        [key, now, now],
    )
    return cursor.fetchone()[0]


def copy(cursor, rows) -> None:
    columns = "entry_id, ordinal, debit_id, credit_id, unit, amount, kind, note, at"
    with cursor.copy(f"COPY ledger_transfer ({columns}) FROM STDIN") as stream:
        for row in rows:
            stream.write_row(row)


def test_copy_is_counted_too(now) -> None:
    clearing, upkeep = accounts("clearing", "upkeep")
    ledger.post("gift", [Move(clearing, upkeep, 1, "gift")], key="a", subject="", now=now)
    with connection.cursor() as cursor:
        entry = entry_by_hand(cursor, "b", now)
        copy(cursor, ([entry, n, clearing.pk, upkeep.pk, "KRW", 3, "gift", "{}", now] for n in range(1000)))
    assert queries.balance(upkeep) == 3001
    assert checks.balances_equal_sums() == checks.periods_equal_sums() == []


def test_nobody_adds_to_an_entry_or_puts_two_in_one_place(now) -> None:
    clearing, upkeep = accounts("clearing", "upkeep")
    booked = ledger.post("gift", [Move(clearing, upkeep, 1, "gift")], key="a", subject="", now=now)
    with connection.cursor() as cursor:
        for entry, places in ((booked.pk, [1]), (entry_by_hand(cursor, "b", now), [0, 0])):
            with pytest.raises(psycopg.Error) as no, transaction.atomic():
                copy(cursor, ([entry, n, clearing.pk, upkeep.pk, "KRW", 3, "gift", "{}", now] for n in places))
            assert no.value.diag.constraint_name == "ledger_transfer_order"


@pytest.mark.parametrize(("wrong", "law"), [
    ({"at": "2026-03-03T00:00:00Z"}, "ledger_transfer_moment"), ({"version_id": "11111111-1111-4111-8111-111111111111"}, "ledger_transfer_version"),
    ({"unit": "USD"}, "ledger_transfer_unit"), ({"debit_id": 10**9}, "ledger_transfer_account"), ({"amount": 0}, "ledger_transfer_positive"),
    ({"entry_id": "11111111-1111-4111-8111-111111111111"}, "ledger_transfer_moment"),
])  # fmt: skip
def test_the_database_looks_at_every_transfer_itself(now, wrong, law) -> None:
    clearing, upkeep = accounts("clearing", "upkeep")
    with connection.cursor() as cursor:
        row = {"entry_id": entry_by_hand(cursor, "b", now), "debit_id": clearing.pk, "credit_id": upkeep.pk, "unit": "KRW", "amount": 3, "at": now}
        row |= {"version_id": None} | wrong
        columns, places = ", ".join(row), ", ".join(["%s"] * len(row))
        with pytest.raises(Error) as no, transaction.atomic():
            cursor.execute(f"INSERT INTO ledger_transfer (ordinal, kind, note, {columns}) VALUES (0, 'gift', '{{}}', {places})", [*row.values()])
    assert no.value.__cause__.diag.constraint_name == law


def test_words_that_cannot_be_kept_and_moments_without_a_zone(now) -> None:
    clearing, upkeep = accounts("clearing", "upkeep")
    moves = [Move(clearing, upkeep, 1, "gift")]
    for code, words in [
        ("words", {"subject": "x" * 101}), ("words", {"subject": "a\x00b"}), ("words", {"payer": "p" * 91}), ("words", {"kind": "k" * 41}),
        ("moment", {"effective_at": now.replace(tzinfo=None)}),
    ]:  # fmt: skip
        with pytest.raises(Refused) as no, transaction.atomic():
            ledger.post(**{"kind": "gift", "moves": moves, "key": "odd", "subject": "", "now": now, **words})
        assert no.value.code == code
    assert not Entry.objects.exists()


def test_no_entry_is_of_no_time(now) -> None:
    with pytest.raises(Error), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO ledger_entry (id, key, kind, subject, payer, at, effective_at, digest)"
            " VALUES (gen_random_uuid(), 'x', 'x', '', '', now(), 'infinity', '')"
        )
