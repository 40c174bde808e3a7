"""``madang subsonic-check`` on a server of others: what it finds in Supysonic 0.7.9 is so, each read in its source, and it finds nothing else.

Supysonic announces version 1.12.0 and no OpenSubsonic, so it is held to what that version had, and to nothing that came later.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from madang.platforms.music.subsonic.check import run
from madang.platforms.music.subsonic.check.finding import ABSENT, BROKEN, OK
from madang.platforms.music.subsonic.check.speaking import Server
from tests.foreign import supysonic

pytestmark = [pytest.mark.foreign, pytest.mark.skipif(not supysonic.installed(), reason=supysonic.REASON), pytest.mark.xdist_group("supysonic")]

MUSIC = [
    ("Ännchen & <Co>", "First Light", 1999, "Rock", ["Dawn “one”", "Noon & night", "Rain", "Wind", "Snow"]),
    ("Ännchen & <Co>", "Second", 2004, "Rock", ["Alpha", "Beta", "Gamma"]),
    ("노래 모임", "셋째", 2012, "Jazz", ["하나", "둘", "셋"]),
    ("The Thirds", "Fifth", 2012, "Jazz", ["Only"]),
]

FINDINGS = {
    # reads u, p and c of every request and never v (api/__init__.py); the protocol requires v
    "system/version_and_client_are_required",
    # getAlbumList2 has no branch for "highest" (api/albums_songs.py); getAlbumList has one
    "lists/every_type",
    # scrobble tells last.fm and ListenBrainz only (api/annotation.py); what is on is set by stream (api/media.py)
    "marks/now_playing_told",
    # the id of a folder is written as str() (api/browse.py); it is a number, xs:int in the schema of 1.12.0
    "answers/getMusicFolders",
    # minutesAgo is seconds / 60, a fraction (api/albums_songs.py); it is xs:int
    "answers/getNowPlaying",
}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    home = tmp_path_factory.mktemp("supysonic")
    supysonic.make_music(home / "music", MUSIC)
    one = supysonic.Supysonic(home, home / "music")
    yield one
    one.close()


@pytest.fixture(scope="module")
def found(server):
    talk = run.sign_in(Server(server.url), supysonic.USER, supysonic.PASSWORD, "")
    assert talk.account.way == "password"
    return {f"{one.group}/{one.name}": one for one in run.findings(talk, writes=True)}


def test_what_it_finds_is_so_and_all_there_is(found):
    broken = {name: one.came for name, one in found.items() if one.outcome == BROKEN}
    assert broken.keys() == FINDINGS, broken


def test_what_it_says_came(found):
    assert "getAlbumList2 highest: code 0" in found["lists/every_type"].came and "getAlbumList highest" not in found["lists/every_type"].came
    assert found["system/version_and_client_are_required"].came == "without v: ok"
    assert "should be a whole number, is '1'" in found["answers/getMusicFolders"].came
    assert "minutesAgo: should be a whole number" in found["answers/getNowPlaying"].came


def test_what_came_after_1_12_is_not_asked_of_it(found):
    for name in ("signing in/token", "searching/empty_query", "system/open_answer", "keeping/queue_by_index", "media/lyrics", "marks/report_playback"):
        assert found[name].outcome == ABSENT, found[name]
    assert found["answers/getPlaylists"].outcome == found["answers/getUser"].outcome == OK


def test_most_of_it_is_kept(found):
    kept = [name for name, one in found.items() if one.outcome == OK]
    assert len(kept) > 60
    assert {"browsing/genres", "media/cover", "media/ranges", "playlists/update", "forms/xml_says_what_json_says", "errors/missing_parameter"} <= set(kept)


def test_the_command_says_it_with_its_exit_code(server):
    root = Path(__file__).resolve().parents[2]
    command = [sys.executable, "-m", "madang.cli", "subsonic-check", server.url, "--user", supysonic.USER, "--password", supysonic.PASSWORD, "--json"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=120)
    assert done.returncode == 1, done.stderr
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert {f"{row['group']}/{row['name']}" for row in rows if row["outcome"] == "broken"} <= FINDINGS
    assert all(row["says"] for row in rows)
