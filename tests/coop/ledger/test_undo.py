"""Taken back, changed, closed; several entries or none; what no books take."""

from __future__ import annotations

import threading
from datetime import timedelta
from fractions import Fraction

import pytest
from django.db import Error, connection, transaction

from madang.coop import ledger
from madang.coop.ledger import checks, queries, undo
from madang.coop.ledger.models import Account, Closing, Entry, Hold, Transfer
from madang.coop.ledger.moves import Move
from madang.coop.ledger.settling import Share
from madang.coop.record.models import PendingLeaf
from madang.kit.errors import Refused
from tests.coop.ledger.test_balances import at_once

pytestmark = pytest.mark.django_db


def accounts(*kinds: str) -> list[Account]:
    return [ledger.account(kind, "", "KRW") for kind in kinds]


def refused(code: str, act) -> Refused:
    """``act`` is refused with this code and a sentence, and nothing was booked."""
    before = (Entry.objects.count(), Transfer.objects.count(), PendingLeaf.objects.count())
    with pytest.raises(Refused) as no, transaction.atomic():
        act()
    assert no.value.code == code and str(no.value.message).endswith((".", "다."))
    assert (Entry.objects.count(), Transfer.objects.count(), PendingLeaf.objects.count()) == before
    return no.value


def test_what_is_taken_back_names_what_it_takes_back(now) -> None:
    clearing, upkeep, fund = accounts("clearing", "upkeep", "fund")
    entry = ledger.post("gift", [Move(clearing, upkeep, 700, "gift"), Move(clearing, fund, 300, "share")], key="a", subject="x:1", now=now)
    back = ledger.reverse(entry, key="b", now=now + timedelta(days=1), reason="typed twice")
    assert back.reverses_id == entry.pk and undo.reversal_of(entry) == back
    assert [(t.debit, t.credit, t.amount, t.kind) for t in back.transfers.order_by("ordinal")] == [
        (upkeep, clearing, 700, "back-gift"), (fund, clearing, 300, "back-share"),
    ]  # fmt: skip
    assert queries.balance(clearing) == queries.balance(upkeep) == queries.balance(fund) == 0
    assert ledger.reverse(entry, key="b", now=now + timedelta(days=2), reason="typed twice").pk == back.pk
    refused("reversed", lambda: ledger.reverse(entry, key="c", now=now))
    refused("is-reversal", lambda: ledger.reverse(back, key="d", now=now))
    assert checks.reversals_mirror() == []


def test_a_reversal_of_a_reversal_is_refused_by_the_database_too(now) -> None:
    clearing, upkeep = accounts("clearing", "upkeep")
    entry = ledger.post("gift", [Move(clearing, upkeep, 700, "gift")], key="a", subject="x:1", now=now)
    back = ledger.reverse(entry, key="b", now=now)
    refused("is-reversal", lambda: ledger.post("gift", [Move(clearing, upkeep, 1, "gift")], key="c", subject="", now=now, reverses=back.pk))
    with connection.cursor() as cursor, pytest.raises(Error), transaction.atomic():
        cursor.execute("INSERT INTO ledger_entry (id, key, kind, subject, payer, at, effective_at, digest, reverses_id) "
                       "SELECT gen_random_uuid(), 'z', 'k', '', '', at, at, digest, id FROM ledger_entry WHERE key = 'a'")  # fmt: skip


def test_money_that_is_gone_cannot_be_taken_back(now) -> None:
    clearing, upkeep = accounts("clearing", "upkeep")
    shares = ledger.account("shares", "membership:1", "KRW")
    entry = ledger.post("buy", [Move(clearing, shares, 100, "shares")], key="a", subject="", now=now)
    ledger.post("leave", [Move(shares, upkeep, 1, "fee")], key="b", subject="", now=now)
    refused("not-enough", lambda: ledger.reverse(entry, key="c", now=now))


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_why_says_what_was_taken_back(done, now, client_for, lang) -> None:
    source = done.parts["worker"]
    paid = ledger.post("bonus", [Move(source.debit, source.credit, 500, "worker", done.version, source.note)], key="bonus", subject=done.entry.subject, now=now)
    first = paid.transfers.get()
    back = ledger.reverse(paid, key="undo", now=now + timedelta(days=1), reason="wrong job")
    line = back.transfers.get(kind="back-worker")
    told = queries.why(line.pk, done.worker, lang, now=now)
    assert "wrong job" in told.sentence and str(first.pk) in told.sentence
    before = queries.why(source.pk, done.worker, lang, now=now)
    assert queries.why(first.pk, done.worker, lang, now=now).decided != before.decided
    assert client_for(done.worker).get(f"/why/{line.pk}/", HTTP_ACCEPT_LANGUAGE=lang).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_taken_back_once_however_many_try(now) -> None:
    clearing, upkeep = accounts("clearing", "upkeep")
    entry = ledger.post("gift", [Move(clearing, upkeep, 700, "gift")], key="a", subject="x:1", now=now)
    raised = at_once(8, lambda n: ledger.reverse(entry, key=f"undo{n}", now=now))
    assert len(raised) == 7 and all(isinstance(no, Refused) and no.code == "reversed" for no in raised)
    assert queries.balance(upkeep) == 0


def test_money_is_changed_through_the_pairs_own_accounts(now) -> None:
    won, dollars = ledger.account("clearing", "", "KRW"), ledger.account("payable", "person:1", "USD")
    entry = ledger.exchange(won, dollars, 52_000, Fraction(100, 1_337), key="x", now=now)
    assert queries.balance(won) == -52_000 and queries.balance(dollars) == 52_000 * 100 // 1_337 == 3_889
    assert {t.note["rate"] for t in entry.transfers.all()} == {"100/1337"}
    assert {a.unit: queries.balance(a) for a in Account.objects.filter(kind="exchange")} == {"KRW": 52_000, "USD": -3_889}
    assert checks.units_sum_to_zero() == []
    assert ledger.exchange(won, dollars, 52_000, Fraction(100, 1_337), key="x", now=now).pk == entry.pk
    refused("key-used", lambda: ledger.exchange(won, dollars, 52_000, Fraction(100, 1_336), key="x", now=now))
    refused("unit", lambda: ledger.exchange(won, ledger.account("upkeep", "", "KRW"), 5, Fraction(1), key="y", now=now))
    refused("amount", lambda: ledger.exchange(won, dollars, 5, Fraction(1, 100), key="z", now=now))
    refused("amount", lambda: ledger.exchange(won, dollars, 5, Fraction(0), key="z", now=now))


def test_linked_entries_are_all_booked_or_none(now) -> None:
    clearing, upkeep = accounts("clearing", "upkeep")
    shares = ledger.account("shares", "membership:1", "KRW")
    good, bad = ledger.Posting("gift", [Move(clearing, upkeep, 5, "gift")], "g"), ledger.Posting("steal", [Move(shares, upkeep, 5, "oops")], "s")
    refused("not-enough", lambda: ledger.post_linked([good, bad], now=now))
    fed = ledger.Posting("buy", [Move(clearing, shares, 5, "shares")], "f")
    booked = ledger.post_linked([bad, fed, good], now=now)  # the one that needs the money comes first: they count together
    assert [entry.key for entry in booked] == ["s", "f", "g"]
    assert [entry.pk for entry in ledger.post_linked([bad, fed, good], now=now)] == [entry.pk for entry in booked]
    refused("key-used", lambda: ledger.post_linked([good, ledger.Posting("gift", [Move(clearing, upkeep, 6, "gift")], "h")], now=now))
    refused("key-used", lambda: ledger.post_linked([ledger.Posting("gift", [Move(clearing, upkeep, 6, "gift")], "g")], now=now))


def test_a_batch_is_one_entry_and_one_leaf(now) -> None:
    clearing, upkeep = accounts("clearing", "upkeep")
    moves = [Move(clearing, upkeep, n + 1, "gift", None, {"of": n} if n % 2 else None) for n in range(3_000)]
    entry = ledger.post_batch("run", moves, key="b", now=now)
    assert ledger.post_batch("run", moves, key="b", now=now).pk == entry.pk
    assert queries.balance(upkeep) == sum(range(1, 3_001)) and Entry.objects.count() == PendingLeaf.objects.filter(kind="entry").count() == 1
    assert [t.note for t in entry.transfers.order_by("ordinal")[:2]] == [{}, {"of": 1}]
    refused("key-used", lambda: ledger.post_batch("run", [*moves[:-1], Move(clearing, upkeep, 1, "gift")], key="b", now=now))
    refused("too-many", lambda: ledger.post_batch("run", [moves[0]] * 10_001, key="c", now=now))
    bad = Move(ledger.account("shares", "membership:1", "KRW"), upkeep, 1, "oops")
    refused("not-enough", lambda: ledger.post_batch("run", [*moves, bad], key="d", now=now))
    assert checks.transfers_are_as_recorded() == checks.balances_equal_sums() == []


def test_a_closed_account_takes_and_gives_nothing(now) -> None:
    clearing, upkeep, fund = accounts("clearing", "upkeep", "fund")
    ledger.post("gift", [Move(clearing, fund, 5, "gift")], key="a", subject="", now=now)
    refused("not-empty", lambda: ledger.close(fund, now=now))
    first = ledger.post("gift", [Move(fund, clearing, 5, "gift")], key="b", subject="", now=now)
    promise = ledger.pend(Move(clearing, fund, 5, "gift"), key="p", now=now)
    refused("not-empty", lambda: ledger.close(fund, now=now))
    ledger.void(promise, now=now)
    ledger.close(fund, now=now, reason="no longer needed")
    assert ledger.close(fund, now=now + timedelta(days=1)).at == now
    for act in (
        lambda: ledger.post("gift", [Move(clearing, fund, 5, "gift")], key="c", subject="", now=now),
        lambda: ledger.post_batch("gift", [Move(clearing, upkeep, 5, "gift"), Move(fund, upkeep, 5, "gift")], key="c", now=now),
        lambda: ledger.post_linked([ledger.Posting("gift", [Move(clearing, fund, 5, "gift")], "c")], now=now),
        lambda: ledger.pend(Move(fund, clearing, 5, "gift"), key="q", now=now),
        lambda: ledger.reverse(first, key="c", now=now),
    ):
        refused("account-closed", act)


@pytest.mark.django_db(transaction=True)
def test_nothing_slips_into_an_account_that_is_closed_meanwhile(now) -> None:
    clearing, fund = accounts("clearing", "fund")

    def work(number: int) -> None:
        if number == 7:
            ledger.close(fund, now=now)
        else:
            ledger.post("gift", [Move(clearing, fund, 5, "gift"), Move(fund, clearing, 5, "gift")], key=f"g{number}", subject="", now=now)
            ledger.post("gift", [Move(clearing, fund, 5, "gift")], key=f"h{number}", subject="", now=now)

    raised = at_once(16, work)
    codes = {no.code for no in raised if isinstance(no, Refused)}
    assert len(raised) == sum(isinstance(no, Refused) for no in raised) and codes <= {"account-closed", "not-empty"}
    if Closing.objects.exists():
        assert queries.balance(fund) == 0 and "account-closed" in codes
    else:
        assert "not-empty" in codes and queries.balance(fund) == 75
    assert checks.balances_equal_sums() == checks.periods_equal_sums() == []


@pytest.mark.parametrize("amount", [0, -1, 10**15 + 1, 10**18, 10**30, True, 1.5, "7", None])
def test_no_books_take_such_an_amount(now, amount) -> None:
    clearing, upkeep = accounts("clearing", "upkeep")
    refused("amount", lambda: ledger.post("gift", [Move(clearing, upkeep, amount, "gift")], key="a", subject="", now=now))
    refused("amount", lambda: ledger.post_batch("gift", [Move(clearing, upkeep, 1, "gift"), Move(clearing, upkeep, amount, "gift")], key="a", now=now))
    refused("amount", lambda: ledger.pend(Move(clearing, upkeep, amount, "gift"), key="a", now=now))


def test_sums_larger_than_any_books_are_refused(now) -> None:
    clearing, upkeep = accounts("clearing", "upkeep")
    refused("amount", lambda: ledger.post_batch("gift", [Move(clearing, upkeep, 10**15, "gift")] * 9_999, key="a", now=now))


def test_no_books_take_such_accounts_units_kinds_and_keys(now) -> None:
    clearing, upkeep = accounts("clearing", "upkeep")
    dollars, nobody, unsaved = ledger.account("upkeep", "", "USD"), Account(id=10**12, kind="upkeep", unit="KRW"), Account(kind="upkeep", unit="KRW")
    refused("unit", lambda: ledger.post("gift", [Move(clearing, dollars, 5, "gift")], key="a", subject="", now=now))
    refused("unit", lambda: ledger.pend(Move(clearing, dollars, 5, "gift"), key="a", now=now))
    refused("account", lambda: ledger.post("gift", [Move(clearing, nobody, 5, "gift")], key="a", subject="", now=now))
    refused("account", lambda: ledger.post("gift", [Move(clearing, unsaved, 5, "gift")], key="a", subject="", now=now))
    refused("account", lambda: ledger.post("gift", [Move(clearing, clearing, 5, "gift")], key="a", subject="", now=now))
    refused("kind", lambda: ledger.post("gift", [Move(clearing, upkeep, 5, "gift'},{x")], key="a", subject="", now=now))
    refused("key", lambda: ledger.post("gift", [Move(clearing, upkeep, 5, "gift")], key="", subject="", now=now))
    refused("key", lambda: ledger.post("gift", [Move(clearing, upkeep, 5, "gift")], key="k" * 201, subject="", now=now))
    refused("empty", lambda: ledger.post("gift", [], key="a", subject="", now=now))
    forged = Account(id=dollars.pk, kind="upkeep", unit="KRW")  # says won, is dollars: the database looks for itself
    refused("unit", lambda: ledger.post("gift", [Move(clearing, forged, 5, "gift")], key="a", subject="", now=now))


def test_what_is_kept_beside_the_books_is_not_contradicted(now) -> None:
    """An entry that filled or ended a hold, or carried fractions, taken back would leave money where nothing lets it go again."""
    clearing, upkeep = accounts("clearing", "upkeep")
    held = ledger.hold("job:1", 500, "KRW", payer="", key="h", now=now, source=clearing)
    filled = Entry.objects.get(key="hold:h")
    refused("kept", lambda: ledger.reverse(filled, key="r1", now=now))
    ended = ledger.release(held, [ledger.Part(upkeep, 500, "upkeep")], key="e", now=now)
    refused("kept", lambda: ledger.reverse(ended, key="r2", now=now))
    shares = {name: Share(ledger.account("payable", f"person:{name}", "KRW"), Fraction(1)) for name in "abc"}
    settled = ledger.settle("plays", clearing, 100, shares, key="s", now=now, kind="plays")
    refused("kept", lambda: ledger.reverse(settled, key="r3", now=now))
    assert checks.holds_match() == []


@pytest.mark.parametrize("amount", [0, -1, 10**15 + 1, 10**18, 5.5, True, "5"])
def test_nothing_holds_such_an_amount(now, amount) -> None:
    refused("amount", lambda: ledger.hold("job:1", amount, "KRW", payer="", key="h", now=now))
    assert not Hold.objects.exists()


@pytest.mark.parametrize(("kind", "owner"), [("Bad Kind", "x"), ("", "x"), ("a" * 31, "x"), ("payable", "x" * 91)])
def test_no_such_account_is_opened(now, kind, owner) -> None:
    refused("account", lambda: ledger.account(kind, owner, "KRW"))


def test_a_scope_is_settled_in_one_unit(now) -> None:
    """A third of a won that waits is not a third of a cent."""
    def settle(unit: str, key: str) -> Entry:
        shares = {name: Share(ledger.account("payable", f"person:{name}", unit), Fraction(1)) for name in "abc"}
        return ledger.settle("plays", ledger.account("clearing", "rail:x", unit), 100, shares, key=key, now=now, kind="plays")

    settle("KRW", "1")
    refused("unit", lambda: settle("USD", "2"))
    settle("KRW", "3")
    many = {str(n): Share(ledger.account("payable", f"person:{n}", "KRW"), Fraction(1)) for n in range(1_001)}
    refused("amount", lambda: ledger.settle("rent", accounts("clearing")[0], 10**18, many, key="4", now=now, kind="rent"))


@pytest.mark.django_db(transaction=True)
def test_the_serving_role_cannot_make_a_balance_by_a_trigger_of_its_own(now) -> None:
    """On a table of its own (a temporary one needs no right) a trigger's INSERT stands two triggers deep, as ours do."""
    from madang.site import roles

    mine, bank = ledger.account("payable", "person:x", "KRW"), ledger.account("clearing", "rail:x", "KRW")
    ledger.post("gift", [Move(bank, mine, 500, "gift")], key="a", subject="", now=now)
    assert roles.grant(connection)
    columns = "account_id, shard, limited, floored, cap, debits, credits, pending_out, pending_in"
    row = f"INSERT INTO public.ledger_balance ({columns}) VALUES ({mine.pk}, 15, false, false, NULL, 0, 1000000, 0, 0)"
    with pytest.raises(Error) as no, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL ROLE madang_app")
        cursor.execute("CREATE TEMP TABLE own (x int)")
        cursor.execute(f"CREATE FUNCTION pg_temp.own() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {row}; RETURN NULL; END $$")
        cursor.execute("CREATE TRIGGER own AFTER INSERT ON own FOR EACH STATEMENT EXECUTE FUNCTION pg_temp.own()")
        cursor.execute("INSERT INTO own VALUES (1)")
    assert "permission denied" in str(no.value) and queries.balance(mine) == 500


@pytest.mark.django_db(transaction=True)
def test_taken_back_twice_at_the_same_moment_is_once_for_both(now) -> None:
    """Found by the simulation (seed 91): the one that lost the race was told that somebody else had taken it back. One key is one request."""
    clearing, upkeep = accounts("clearing", "upkeep")
    entries = [ledger.post("gift", [Move(clearing, upkeep, 1, "gift")], key=f"g{n}", subject="", now=now) for n in range(150)]
    got: list[set[object]] = [set() for _entry in entries]
    meet = threading.Barrier(2)

    def work(_number: int) -> None:
        for place, entry in enumerate(entries):
            meet.wait(timeout=20)
            got[place].add(ledger.reverse(entry, key=f"b{place}", now=now).pk)

    assert at_once(2, work) == []
    assert all(len(found) == 1 for found in got) and queries.balance(upkeep) == 0


def test_whoever_asks_under_another_key_is_still_refused(now, monkeypatch) -> None:
    """The database says "taken back" although the key is there: the answer is the first entry; without the key it is a refusal."""
    clearing, upkeep = accounts("clearing", "upkeep")
    entry = ledger.post("gift", [Move(clearing, upkeep, 700, "gift")], key="a", subject="", now=now)
    back = ledger.reverse(entry, key="b", now=now)

    def lost(*_given, **_more):
        raise Refused("reversed", "taken back")

    monkeypatch.setattr("madang.coop.ledger.booking.write_one", lost)
    assert ledger.reverse(entry, key="b", now=now).pk == back.pk
    for code, key, reason in (("reversed", "c", ""), ("key-used", "b", "another reason")):
        with pytest.raises(Refused) as no:
            ledger.reverse(entry, key=key, now=now, reason=reason)
        assert no.value.code == code
