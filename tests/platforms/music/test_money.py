"""One turn of a music co-op's money, to the unit: into a wallet, nine plays, owned, the month settled, the band of three paid."""

from __future__ import annotations

from datetime import timedelta

import pytest

from madang.coop import ledger
from madang.coop.ledger.queries import balance
from madang.kit.errors import Refused
from madang.platforms.music import checks, terms
from madang.platforms.music.actions import listening, settling, splitting, wallets
from madang.platforms.music.models import Earning, Heard, Line, Party, Play, Settlement, Wallet
from tests.platforms.music.conftest import World, pay_in

NINE = 1_226_400


def fine(kind: str, owner: str = "") -> int:
    return balance(ledger.account(kind, owner, "EUR.6"))


def coin(kind: str, owner: str = "") -> int:
    return balance(ledger.account(kind, owner, "EUR"))


def settle(it: World) -> Settlement:
    month = terms.month_of(it.now)
    it.now = terms.begins(terms.after(month)) + settling.GRACE
    keys = settling.find_due(it.now, 10)
    assert keys == [f"{month:%Y-%m}"]
    return settling.settle_month(keys[0], now=it.now)


def sound(it: World) -> None:
    assert checks.wallets() == []
    assert checks.months() == []


def test_nine_plays_and_the_track_is_owned_and_the_band_paid_to_the_unit(music: World) -> None:
    it = music
    pay_in(it.listener, 500, it.now)
    assert fine("wallet", f"person:{it.listener.pk}") == 5_000_000
    assert it.play(times=9, agreed=True) == ["counted"] * 9
    wallet = Wallet.objects.get(person=it.listener)
    heard = Heard.objects.get()
    assert (wallet.spent, heard.plays, heard.steps, heard.paid) == (NINE, 9, 9, NINE)
    assert heard.owned_at == it.now
    assert it.play(times=2) == ["counted"] * 2
    assert Wallet.objects.get(pk=wallet.pk).spent == NINE
    done = settle(it)
    assert (done.model, done.plays, done.paid, done.artists, done.upkeep, done.unheard, done.floor) == ("stream2own", 11, NINE, 858_480, 367_920, 0, 0)
    parts = {one.owner: one.amount for one in Earning.objects.all()}
    assert parts == {f"person:{it.singer.pk}": 257_544, f"person:{it.guitar.pk}": 214_620, f"person:{it.drums.pk}": 386_316}
    for who, amount in parts.items():
        assert coin("payable", who) * 10_000 + fine("payable", who) == amount
        assert 0 <= fine("payable", who) < 10_000
    assert (coin("upkeep"), fine("upkeep")) == (36 - 0, 7_920)
    assert fine("plays") == 0
    assert fine("wallet", f"person:{it.listener.pk}") == 5_000_000 - NINE
    sound(it)
    assert settling.find_due(it.now, 10) == []
    assert settling.settle_month(f"{done.month:%Y-%m}", now=it.now) == done


def test_prices_are_for_life_and_not_for_a_month(music: World) -> None:
    it = music
    pay_in(it.listener, 500, it.now)
    it.play(times=3)
    settle(it)
    it.play()
    assert [one.price for one in Play.objects.order_by("pk")] == [2400, 4800, 9600, 19200]
    assert settle(it).paid == 19_200
    sound(it)


def test_what_does_not_count_costs_nothing(music: World) -> None:
    it = music
    assert it.play() == ["wallet"]
    pay_in(it.listener, 500, it.now)
    assert it.play(seconds=44) == ["short"]
    assert it.play(seconds=45) == ["counted"]
    wallets.set_limits(it.listener, cap=2400 + 4800, pause_over=5000, now=it.now)
    assert it.play(1) == ["counted"]
    assert it.play(2) == ["counted"]
    assert it.play(2) == ["cap"]
    wallets.set_limits(it.listener, cap=None, pause_over=5000, now=it.now)
    assert it.play(2, times=2) == ["counted", "asks"]
    assert it.play(2, agreed=True) == ["counted"]
    pay_in(it.singer, 500, it.now)
    assert it.play(who=it.singer) == ["own"]
    assert set(Play.objects.exclude(state="counted").values_list("price", "nth")) == {(0, 0)}
    assert Wallet.objects.get(person=it.listener).spent == 3 * 2400 + 4800 + 9600
    sound(it)


def test_a_wallet_never_goes_below_zero(music: World) -> None:
    it = music
    pay_in(it.listener, 500, it.now)
    Wallet.objects.filter(person=it.listener).update(spent=5_000_000 - 3000)
    assert it.play(times=2) == ["counted", "wallet"]
    assert Wallet.objects.get(person=it.listener).left == 600


def test_two_telephones_at_once_and_reports_told_twice_late_and_out_of_order(music: World) -> None:
    it = music
    pay_in(it.listener, 500, it.now)
    at = it.now + timedelta(hours=1)
    it.now += timedelta(hours=3)
    first = [listening.Report(f"a{n}", it.tracks[n].pk, at + timedelta(minutes=4 * n), 180) for n in range(3)]
    told = listening.report(it.listener, first[::-1], now=it.now)
    assert [(one.play.state, one.new) for one in told] == [("counted", True)] * 3
    again = listening.report(it.listener, [*first, first[0]], source="subsonic", now=it.now)
    assert [(one.play.key, one.new) for one in again] == [("a0", False), ("a1", False), ("a2", False), ("a0", False)]
    other = listening.Report("b", it.tracks[1].pk, at + timedelta(minutes=1), 100)
    assert listening.report(it.listener, [other], now=it.now)[0].play.state == "overlap"
    touching = listening.Report("c", it.tracks[1].pk, at + timedelta(seconds=179), 60)
    assert listening.report(it.listener, [touching], now=it.now)[0].play.state == "counted"
    assert Play.objects.count() == 5
    old = listening.Report("old", it.tracks[0].pk, it.now - timedelta(days=31), 100)
    assert listening.report(it.listener, [old], now=it.now)[0].play.state == "late"


def test_a_play_told_after_its_month_is_settled_counts_in_the_next(music: World) -> None:
    it = music
    pay_in(it.listener, 500, it.now)
    it.play()
    month = terms.month_of(it.now)
    settle(it)
    late = listening.Report("late", it.tracks[0].pk, terms.begins(terms.after(month)) - timedelta(hours=5), 100)
    play = listening.report(it.listener, [late], now=it.now)[0].play
    assert (play.state, play.month) == ("counted", terms.after(month))
    assert settle(it).paid == 4800
    sound(it)


def test_buying_the_rest(music: World) -> None:
    it = music
    pay_in(it.listener, 500, it.now)
    it.play(times=2)
    shown = listening.next_play(it.listener, it.tracks[0], now=it.now)
    assert (shown.price, shown.nth, shown.steps, shown.rest, shown.owned, shown.in_the_way) == (9600, 3, 9, NINE - 7200, False, "")
    with pytest.raises(Refused, match="moved"):
        listening.buy_the_rest(it.listener, it.tracks[0], expected=1, now=it.now)
    bought = listening.buy_the_rest(it.listener, it.tracks[0], expected=shown.rest, now=it.now)
    assert listening.buy_the_rest(it.listener, it.tracks[0], now=it.now) == bought
    assert listening.next_play(it.listener, it.tracks[0], now=it.now).owned
    assert it.play() == ["counted"]
    done = settle(it)
    assert (done.paid, done.plays) == (NINE, 3)
    assert Line.objects.get().plays == 3
    sound(it)


def test_without_an_agreement_it_waits_and_is_paid_when_all_have_confirmed(music: World) -> None:
    it = music
    wishes = [splitting.Wish(1, person=it.singer), splitting.Wish(1, person=it.guitar)]
    made = splitting.propose(it.singer, it.tracks[1], wishes, now=it.now)
    assert made.state == "proposed"
    from madang.platforms.music.models import Agreement

    Agreement.objects.filter(artist=it.band).update(state="replaced", ended_at=it.now)
    pay_in(it.listener, 500, it.now)
    it.play(1)
    settle(it)
    held = f"artist:{it.band.pk}"
    assert fine("held-back", held) == 1680
    splitting.confirm(it.guitar, made.parties.get(person=it.guitar), now=it.now)
    assert settling.let_go(held, now=it.now) == 1680
    assert settling.let_go(held, now=it.now) == 0
    assert (fine("held-back", held), fine("payable", f"person:{it.singer.pk}"), fine("payable", f"person:{it.guitar.pk}")) == (0, 840, 840)
    sound(it)


def test_a_dispute_holds_the_disputed_part_only(music: World) -> None:
    it = music
    pay_in(it.listener, 500, it.now)
    it.play()
    party = Party.objects.get(person=it.drums)
    splitting.dispute(it.guitar, party, "We said a third each.", now=it.now)
    settle(it)
    assert (fine("held-back", f"party:{party.pk}"), fine("payable", f"person:{it.singer.pk}")) == (756, 504)
    splitting.settle_dispute(it.guitar, party, now=it.now)
    assert (fine("held-back", f"party:{party.pk}"), fine("payable", f"person:{it.drums.pk}")) == (0, 756)
    sound(it)


def test_the_rest_of_a_wallet_goes_back_in_coins(music: World) -> None:
    it = music
    pay_in(it.listener, 500, it.now)
    pay_in(it.listener, 700, it.now + timedelta(hours=1))
    it.play()
    assert wallets.give_back(it.listener, now=it.now) == 1199
    assert Wallet.objects.get(person=it.listener).left == 7600
    with pytest.raises(Refused, match="empty"):
        wallets.give_back(it.listener, now=it.now)
    settle(it)
    sound(it)


def test_too_little_into_a_wallet_is_refused(music: World) -> None:
    with pytest.raises(Refused, match=r"amount: .*5[.]00"):
        wallets.top_up(music.listener, 499, now=music.now)
