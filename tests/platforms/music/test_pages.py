"""What a listener's and a musician's pages do."""

from __future__ import annotations

from typing import Any

import pytest

from madang.platforms.music import schedule, terms
from madang.platforms.music.actions import wallets
from madang.platforms.music.models import Agreement, Artist, Heard, Release, Star, Wallet
from tests.platforms.music.conftest import World, pay_in
from tests.platforms.music.test_privacy import browser

EN = {"HTTP_ACCEPT_LANGUAGE": "en"}


@pytest.fixture
def it(music: World, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr("madang.coop.law.clock.now", lambda: music.now)
    return music


def test_the_rest_is_bought_at_the_price_that_was_shown(it: World) -> None:
    url, prices = f"/music/releases/{it.release.pk}/", terms.at(it.now).prices
    visitor = browser(it.listener)
    page = visitor.get(url, **EN).content.decode()
    assert "Buy it for €1.2264" in page
    poor = visitor.post(url, {"do": "buy", "track": it.tracks[0].pk, "expected": schedule.rest(prices, 0)})
    assert (poor.status_code, poor.headers["Location"]) == (302, "/music/wallet/")
    pay_in(it.listener, 500, it.now)
    visitor.post(url, {"do": "buy", "track": it.tracks[0].pk, "expected": 1})
    assert not Heard.objects.filter(owned_at__isnull=False).exists()
    for _twice in range(2):
        visitor.post(url, {"do": "buy", "track": it.tracks[0].pk, "expected": schedule.rest(prices, 0)})
    assert Heard.objects.get(owned_at__isnull=False).track == it.tracks[0]
    assert Wallet.objects.get(person=it.listener).spent == sum(prices)
    assert "yours" in visitor.get(url, **EN).content.decode()


def test_a_favourite_and_none_any_more(it: World) -> None:
    url, visitor = f"/music/releases/{it.release.pk}/", browser(it.listener)
    for do, count in (("star", 1), ("star", 1), ("unstar", 0), ("unstar", 0)):
        visitor.post(url, {"do": do, "track": it.tracks[1].pk})
        assert Star.objects.count() == count
    assert browser(None).post(url, {"do": "star", "track": it.tracks[1].pk}).headers["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize("language", ["ko", "en"])
def test_every_page_opens_in_both_languages(it: World, language: str) -> None:
    pay_in(it.listener, 500, it.now)
    it.play(times=2)
    pages = ["", "?q=salt", "?tag=folk", "?tag=none", "library/", "library/?tab=favourites", "library/?tab=history", "wallet/", "players/"]
    pages += ["what-if/", "earnings/", f"artists/{it.band.pk}/", f"releases/{it.release.pk}/", "studio/"]
    own = [f"studio/artists/{it.band.pk}/", f"studio/releases/{it.release.pk}/", f"studio/tracks/{it.tracks[0].pk}/"]
    for who, paths in ((it.listener, pages), (it.singer, [*pages, *own]), (None, ["", f"artists/{it.band.pk}/", f"releases/{it.release.pk}/", "what-if/"])):
        if who is not None:
            type(who).objects.filter(pk=who.pk).update(language=language)
            who.refresh_from_db()
        for path in paths:
            answer = browser(who).get(f"/music/{path}", HTTP_ACCEPT_LANGUAGE=language)
            assert answer.status_code == 200, path
            assert f'<html lang="{language}">' in answer.content.decode()


def test_an_artist_a_release_and_a_split_are_made_on_pages(it: World) -> None:
    singer = browser(it.singer)
    made = singer.post("/music/studio/", {"name": "Solo", "kind": "person"})
    solo = Artist.objects.get(name="Solo")
    assert made.headers["Location"] == f"/music/studio/artists/{solo.pk}/"
    url = made.headers["Location"]
    out = singer.post(url, {"do": "release", "title": "First", "kind": "ep"})
    release = Release.objects.get(title="First")
    assert out.headers["Location"] == f"/music/studio/releases/{release.pk}/"
    said: dict[str, Any] = {"do": "split", "parties": f"{it.singer.email}, 70\nnobody@example.net, 30, cello"}
    assert "nobody@example.net" in singer.post(url, said).content.decode()
    done = singer.post(url, said | {"parties": f"{it.singer.email}, 70\n@{it.band.slug}, 30, all of us"})
    split = Agreement.objects.get(artist=solo)
    assert done.headers["Location"] == f"/music/splits/{split.pk}/"
    assert split.state == "agreed"  # the singer acts for the band too
    assert [(party.weight, str(party)) for party in split.parties.all()] == [(70, str(it.singer)), (30, "The Undertow")]


def test_limits_are_written_and_read_as_money(it: World) -> None:
    visitor = browser(it.listener)
    visitor.post("/music/wallet/", {"do": "limits", "cap": "2.50", "pause_over": "0.05"})
    wallet = Wallet.objects.get(person=it.listener)
    assert (wallet.cap, wallet.pause_over) == (2_500_000, 50_000)
    assert visitor.post("/music/wallet/", {"do": "limits", "cap": "lots", "pause_over": ""}).status_code == 200
    visitor.post("/music/wallet/", {"do": "limits", "cap": "", "pause_over": ""})
    wallet.refresh_from_db()
    assert (wallet.cap, wallet.pause_over) == (None, None)
    assert wallets.wallet_of(it.listener, now=it.now) == wallet
