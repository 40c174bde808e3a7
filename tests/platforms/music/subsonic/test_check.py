"""The conformance tester: it finds nothing in a server that keeps the protocol, and finds each rule that one breaks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from madang.platforms.music.subsonic.check import command, run
from madang.platforms.music.subsonic.check.finding import ABSENT, BROKEN, CHECKS, Finding
from madang.platforms.music.subsonic.check.speaking import Server
from madang.platforms.music.subsonic.errors import Failed
from tests.platforms.music.subsonic.fake import KEY, NOON, PASSWORD, USER, Fake


@pytest.fixture
def fake() -> Iterator[Fake]:
    one = Fake()
    yield one
    one.close()


def checked(fake: Fake, *, key: str = "") -> list[Finding]:
    talk = run.sign_in(Server(fake.url), "" if key else USER, "" if key else PASSWORD, key)
    return list(run.findings(talk, writes=True))


def broken(fake: Fake, name: str = "") -> dict[str, str]:
    """What is broken; with a name, by that one check alone."""
    if name and not name.startswith("answers/"):
        talk = run.sign_in(Server(fake.url), USER, PASSWORD, "")
        found = [run.look(one, talk) for one in CHECKS if f"{one.group}/{one.name}" == name]
        assert found, f"no check {name}"
    else:
        found = checked(fake)
    return {f"{one.group}/{one.name}": one.came for one in found if one.outcome == BROKEN}


def test_a_server_that_keeps_the_protocol(fake):
    found = checked(fake)
    assert [one for one in found if one.outcome == BROKEN] == []
    absent = {one.name for one in found if one.outcome == ABSENT and one.group != "answers"}
    assert absent == {"token_info"}
    assert len([one for one in found if one.group != "answers"]) == len(CHECKS)


def test_with_an_api_key(fake):
    found = checked(fake, key=KEY)
    assert [one for one in found if one.outcome == BROKEN] == []
    assert {one.name for one in found if one.outcome == ABSENT and one.group == "signing in"} == {
        "wrong_password", "half_a_sign_in", "token", "password_plain_and_hexadecimal",
    }  # fmt: skip


def test_it_leaves_the_library_as_it_was(fake):
    checked(fake)
    library = fake.library
    assert (library.playlists, library.bookmarks, library.shares, library.stars) == ({}, {}, {}, {})
    assert not any(library.ratings.values())


def test_without_write_nothing_is_changed(fake):
    talk = run.sign_in(Server(fake.url), USER, PASSWORD, "")
    assert not [one for one in run.findings(talk) if one.outcome == BROKEN]
    reading = {name for name, asked in fake.heard if asked.given.get("id") or asked.given.get("name")}
    assert not reading & {"createPlaylist", "savePlayQueue", "setRating", "createBookmark", "star"}
    assert not fake.library.plays


BREAKS = {
    "browsing/artists_to_albums": ("getArtist", lambda one: one | {"album": one["album"][:1]}),
    "browsing/albums_to_songs": ("getAlbum", lambda one: one | {"duration": 9}),
    "browsing/song_by_itself": ("getSong", lambda one: one | {"title": "Another"}),
    "browsing/folders": ("getMusicDirectory", lambda one: one | {"child": [child | {"parent": "x"} for child in one["child"]]}),
    "browsing/nothing_new_since": ("getIndexes", lambda one: one | {"lastModified": 1_700_000_000}),
    "browsing/genres": ("getGenres", lambda one: {"genre": [row | {"songCount": 1} for row in one["genre"]]}),
    "browsing/similar_songs": ("getSimilarSongs2", lambda one: {"song": one["song"] * 2}),
    "lists/newest_first": ("getAlbumList2", lambda one: {"album": one["album"][::-1]}),
    "lists/size_and_offset": ("getAlbumList2", lambda one: {"album": one["album"] * 4}),
    "lists/random_songs": ("getRandomSongs", lambda one: {"song": one["song"][:1] * 3}),
    "searching/by_title": ("search2", lambda one: {}),
    "searching/nothing_found": ("search3", lambda one: one | {"album": [{"id": "1", "name": "n", "songCount": 1, "duration": 1, "created": NOON}]}),
    "media/lyrics": ("getLyricsBySongId", lambda one: {"structuredLyrics": [one["structuredLyrics"][0] | {"synced": False}]}),
    "media/transcode_decision": ("getTranscodeDecision", lambda one: one | {"canDirectPlay": False}),
    "system/license_valid": ("getLicense", lambda one: {"valid": False}),
    "system/extensions_named": ("getOpenSubsonicExtensions", lambda one: [*one, {"name": "FormPost", "versions": [1]}]),
    "playlists/read_back": ("getPlaylist", lambda one: one | {"entry": one["entry"][::-1][:2]}),
    "playlists/create": ("createPlaylist", lambda one: one | {"entry": []}),
    "marks/star": ("getStarred2", lambda one: {}),
    "marks/rating": ("getSong", lambda one: {key: value for key, value in one.items() if key != "userRating"}),
    "marks/scrobble": ("getSong", lambda one: one | {"playCount": 3}),
    "marks/report_playback": ("getNowPlaying", lambda one: {}),
    "keeping/bookmark": ("getBookmarks", lambda one: {"bookmark": [row | {"position": 5} for row in one["bookmark"]]}),
    "keeping/queue": ("getPlayQueue", lambda one: one | {"position": 4}),
    "keeping/queue_by_index": ("getPlayQueueByIndex", lambda one: one | {"currentIndex": 0}),
    "keeping/share": ("getShares", lambda one: {"share": [row | {"description": "old"} for row in one["share"]]}),
}


@pytest.mark.parametrize("name", BREAKS)
def test_each_broken_rule_is_found(fake, name):
    call, change = BREAKS[name]
    fake.breaks[call] = change
    assert name in broken(fake, name)


def replaced(old: bytes, new: bytes, call: str = ""):
    return lambda name, said: replace(said, body=said.body.replace(old, new)) if call in ("", name) else said


BYTES = {
    "system/ping": replaced(b'"version":"1.16.1"', b'"version":"1.16"'),
    "system/open_answer": replaced(b'"serverVersion":"0.1",', b""),
    "system/xml_is_the_default": lambda name, said: replace(said, body=said.body.replace(b' xmlns="http://subsonic.org/restapi"', b"")),
    "system/json": lambda name, said: replace(said, content_type="text/html"),
    "system/jsonp": lambda name, said: replace(said, body=said.body.replace(b"callMe(", b"(")),
    "system/errors_come_with_http_200": lambda name, said: replace(said, status=400) if b"failed" in said.body else said,
    "forms/lists_stay_lists": lambda name, said: replace(said, body=said.body.replace(b'"song":[{', b'"song":{').replace(b"}]}}}", b"}}}}"))
    if name == "getRandomSongs"
    else said,
    "forms/xml_says_what_json_says": replaced(b' title="First', b' title="Last', "getAlbum"),
    "forms/xml_fits": replaced(b' isDir="false"', b"", "getSong"),
    "answers/getAlbum": replaced(b'"songCount":5', b'"songCount":"5"', "getAlbum"),
    "answers/getMusicFolders": replaced(b'"id":1', b'"id":"1"', "getMusicFolders"),
}


@pytest.mark.parametrize("name", BYTES)
def test_each_broken_form_is_found(fake, name):
    fake.bytes_break = BYTES[name]
    assert name in broken(fake, name)


def test_a_code_that_is_not_70_is_found(fake):
    fake.refuse = lambda name, asked: Failed(50) if name == "getAlbum" and asked.given["id"][0] not in fake.library.albums else None
    assert "getAlbum: code 50" in broken(fake, "errors/not_there")["errors/not_there"]


def test_wrong_codes_are_found(fake):
    fake.refuse = lambda name, asked: Failed(0, "Something went wrong") if name in ("getSong", "getAlbumList2") and not asked.given.get("size") else None
    found = broken(fake, "errors/missing_parameter")
    assert "code 0" in found["errors/missing_parameter"]


def test_what_is_not_there_is_not_broken(fake):
    fake.refuse = lambda name, asked: Failed(0, "Not implemented") if name in ("createShare", "getShares", "getArtistInfo2") else None
    found = {f"{one.group}/{one.name}": one.outcome for one in checked(fake)}
    assert found["keeping/share"] == found["browsing/about_an_artist"] == found["answers/getArtistInfo2"] == ABSENT


def test_an_announced_extension_that_is_not_there_is_broken(fake):
    fake.refuse = lambda name, asked: Failed(0, "Not implemented") if name == "getLyricsBySongId" else None
    assert "media/lyrics" in broken(fake, "media/lyrics")


def test_the_command(fake, capsys):
    assert command.main([fake.url + "/rest/", "--user", USER, "--password", PASSWORD]) == 0
    text = capsys.readouterr().out
    assert "madang 0.1, protocol 1.16.1, OpenSubsonic" in text and " 0 broken, " in text
    fake.breaks["getLicense"] = lambda one: {"valid": False}
    assert command.main([fake.url, "--api-key", KEY, "--json"]) == 1
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["name"] for row in rows if row["outcome"] == "broken"] == ["license_valid"]


@pytest.mark.parametrize("sign", [["--user", USER, "--password", "x"], ["--api-key", "nobody's"]])
def test_nobody_is_let_in(fake, sign, capsys):
    assert command.main([fake.url, *sign]) == 2
    assert "code 4" in capsys.readouterr().err


def test_nobody_is_there(capsys):
    assert command.main(["http://127.0.0.1:1", "--api-key", "k"]) == 2


@pytest.mark.parametrize("argv", [["http://127.0.0.1:1"], ["127.0.0.1", "--api-key", "k"], []])
def test_wrong_usage(argv, capsys):
    with pytest.raises(SystemExit) as no:
        command.main(argv)
    assert no.value.code == 2
