"""Parameters and sign-in: what is read, and the code for each thing that is wrong."""

from __future__ import annotations

import hashlib
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.platforms.music.subsonic import asking
from madang.platforms.music.subsonic.calls import CALLS, EXTENSIONS
from madang.platforms.music.subsonic.errors import Failed
from madang.platforms.music.subsonic.schema import RESPONSE
from madang.platforms.music.subsonic.signing import ApiKey, Password, Token

COMMON = "v=1.16.1&c=player"


def values(name: str, query: str = "") -> dict:
    return asking.read(name, f"{COMMON}&{query}").values()


def code(act) -> int:
    with pytest.raises(Failed) as no:
        act()
    return no.value.code


def test_an_address_with_view_and_without():
    assert asking.read("getSong.view", f"{COMMON}&id=1").call() is asking.read("getSong", f"{COMMON}&id=1").call()
    assert asking.read("hls.m3u8", f"{COMMON}&id=1&bitRate=96&bitRate=320").values()["bitRate"] == ["96", "320"]


def test_a_parameter_may_come_again():
    assert values("star", "id=1&id=2&albumId=3") == {"id": ["1", "2"], "albumId": ["3"], "artistId": []}
    assert values("scrobble", "id=1&id=2&time=5&time=6") == {"id": ["1", "2"], "time": [5, 6], "submission": True}
    assert values("updatePlaylist", "playlistId=p&songIndexToRemove=0&songIndexToRemove=7")["songIndexToRemove"] == [0, 7]


def test_a_form_in_the_body_is_read_as_well_as_the_address():
    body = urlencode({"id": "노래 1", "v": "1.16.1"}).encode()
    asked = asking.read("getSong.view", "c=player&f=json", body, "application/x-www-form-urlencoded; charset=UTF-8")
    assert asked.values() == {"id": "노래 1"} and asked.form.name == "json"
    assert asking.read("getSong", "c=player", body, "application/json").given == {"c": ["player"]}


def test_defaults_and_limits():
    assert values("getAlbumList2", "type=newest") == {
        "type": "newest", "size": 10, "offset": 0, "fromYear": None, "toYear": None, "genre": None, "musicFolderId": None,
    }  # fmt: skip
    assert values("getAlbumList2", "type=newest&size=501")["size"] == 500
    assert values("getRandomSongs", "size=0")["size"] == 0
    assert values("search3", "query=a&songCount=999999999")["songCount"] == 5000


@pytest.mark.parametrize("written", ["query=", "query=%22%22"])
def test_an_empty_search_is_a_search_for_everything(written):
    assert values("search3", written)["query"] == ""


@pytest.mark.parametrize(("said", "meant"), [("true", True), ("True", True), ("1", True), ("false", False), ("False", False), ("0", False)])
def test_flags_as_players_write_them(said, meant):
    assert values("scrobble", f"id=1&submission={said}")["submission"] is meant


@pytest.mark.parametrize(
    ("name", "query", "wanted"),
    [
        ("getSong", "", 10),
        ("getSong", "id=", 10),
        ("getSong", f"id={'a' * 256}", 70),
        ("getSong", "id=a%00b", 70),
        ("search3", "", 10),
        ("search3", "query=a%00", 0),
        ("search3", "query=a&songCount=-1", 0),
        ("search3", "query=a&songCount=many", 0),
        ("search3", "query=a&songOffset=9999999999999999999", 0),
        ("search3", "query=a&songOffset=%D9%A1", 0),
        ("getAlbumList2", "", 10),
        ("getAlbumList2", "type=best", 0),
        ("getAlbumList2", "type=byYear&fromYear=1990", 10),
        ("getAlbumList2", "type=byGenre", 10),
        ("getAlbumList", "type=byYear&fromYear=x&toYear=1", 0),
        ("getTopSongs", "", 10),
        ("createPlaylist", "songId=1", 10),
        ("star", "", 10),
        ("unstar", "", 10),
        ("setRating", "id=1", 10),
        ("setRating", "id=1&rating=6", 0),
        ("setRating", "id=1&rating=-1", 0),
        ("scrobble", "", 10),
        ("scrobble", "id=1&id=2&time=5", 0),
        ("scrobble", "id=1&submission=maybe", 0),
        ("savePlayQueue", "id=1&id=2", 10),
        ("savePlayQueue", "id=1&current=2", 0),
        ("savePlayQueueByIndex", "id=1", 10),
        ("savePlayQueueByIndex", "id=1&currentIndex=1", 10),
        ("savePlayQueueByIndex", "currentIndex=0", 10),
        ("reportPlayback", "mediaId=1&mediaType=song&positionMs=0&state=dancing", 0),
        ("reportPlayback", "mediaId=1&mediaType=song&positionMs=0&state=playing&playbackRate=nan", 0),
        ("getNothing", "", 0),
    ],
)
def test_the_code_for_each_wrong_parameter(name, query, wanted):
    assert code(lambda: values(name, query)) == wanted


def test_what_needs_nothing_needs_nothing():
    assert values("savePlayQueue") == {"id": [], "current": None, "position": 0}
    assert values("savePlayQueueByIndex") == {"id": [], "currentIndex": None, "position": 0}
    assert values("getTopSongs", "id=ar-1")["id"] == "ar-1"
    assert asking.read("getOpenSubsonicExtensions", "").values() == {}


@pytest.mark.parametrize(
    ("query", "wanted"), [("c=x", 10), ("v=1.16.1", 10), ("v=0.9.0&c=x", 20), ("v=2.0.0&c=x", 30), ("v=1.17.0&c=x", 30), ("v=new&c=x", 0)]
)
def test_the_version_and_the_name_of_the_player(query, wanted):
    assert code(lambda: asking.read("ping", query).call()) == wanted


@pytest.mark.parametrize("version", ["1.0.0", "1.8.0", "1.16.1", "1.16.9", "1.15"])
def test_older_players_are_welcome(version):
    assert asking.read("ping", f"c=x&v={version}").call().name == "ping"


def test_the_form_of_the_answer_is_known_before_anything_else():
    assert asking.read("x", "f=json&id=%ff").form.name == "json"
    assert asking.read("x", "f=yaml").form.name == "xml"
    asked = asking.read("ping", f"{COMMON}&f=jsonp&callback=cb")
    assert (asked.form.name, asked.form.callback) == ("jsonp", "cb") and asked.call().name == "ping"
    for query, wanted in (("f=jsonp", 10), ("f=jsonp&callback=alert(1)", 0)):
        bad = asking.read("ping", f"{COMMON}&{query}")
        assert bad.form.name == "json" and code(bad.call) == wanted


def test_too_many_parameters():
    assert code(asking.read("star", COMMON + "&id=1" * (asking.MOST_FIELDS + 1)).call) == 0
    assert len(values("createPlaylist", "name=all" + "&songId=1" * 10_000)["songId"]) == 10_000


@given(st.binary(max_size=60), st.sampled_from(sorted(CALLS)))
def test_no_bytes_bring_it_down(raw, name):
    asked = asking.read(name, COMMON + "&" + raw.decode("latin-1"), raw, asking.FORM_TYPE)
    for act in (asked.values, asked.sign_in):
        try:
            act()
        except Failed as no:
            assert no.code in (0, 10, 20, 30, 43, 44, 70)


def signed(query: str, **options):
    return asking.read("ping", query).sign_in(**options)


def test_a_password_plain_and_as_hexadecimal():
    assert signed("u=a&p=sesame") == Password("a", "sesame")
    assert signed("u=a&p=enc:" + "씨앗".encode().hex().upper()) == Password("a", "씨앗")
    assert signed("u=a&p=enc:zz") == Password("a", "enc:zz")
    assert signed("u=a&p=" + quote("a&b=c%")) == Password("a", "a&b=c%")
    assert signed("u=a&p=x").fits("x") and not signed("u=a&p=x").fits("y")


def test_a_token_is_made_of_password_and_salt():
    """The example of the protocol's own page."""
    token = signed("u=a&t=26719a1196d2a940705a59634eb18eab&s=c19b2d")
    assert isinstance(token, Token) and token.fits("sesame") and not token.fits("Sesame")
    made = hashlib.md5("비밀번호salt".encode()).hexdigest().upper()
    assert signed(f"u=a&t={made}&s=salt").fits("비밀번호")


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("", 10), ("u=a", 10), ("p=x", 10), ("u=a&t=x", 10), ("u=a&s=x", 10), ("u=&p=x", 10),
        ("u=a&p=x&t=y&s=z", 43), ("apiKey=k&u=a", 43), ("apiKey=k&p=x", 43), ("apiKey=k&t=x&s=y", 43), ("apiKey=k&u=", 43),
        ("apiKey=", 44), ("apiKey=" + "k" * 2048, 44),
    ],
)  # fmt: skip
def test_the_code_for_each_wrong_sign_in(query, wanted):
    assert code(lambda: signed(query)) == wanted


def test_what_is_not_offered():
    assert code(lambda: signed("u=a&t=x&s=y", offered=frozenset({"password", "key"}))) == 41
    assert code(lambda: signed("u=a&p=x", offered=frozenset({"key"}))) == 42
    assert code(lambda: signed("apiKey=k", offered=frozenset({"token"}))) == 42
    assert signed("apiKey=k") == ApiKey("k")


def test_no_secret_is_shown_by_accident():
    for query in ("u=a&p=tell", "u=a&t=tell&s=tell", "apiKey=tell"):
        assert "tell" not in repr(signed(query))


def test_every_call_answers_something_the_protocol_has():
    for call in CALLS.values():
        assert call.answer in ("", "binary") or call.answer in RESPONSE.keys, call.name
        assert not call.extension or call.extension in EXTENSIONS, call.name
