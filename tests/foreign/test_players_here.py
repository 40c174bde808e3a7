"""Other people's players, unmodified, against a running Madang with music in it; and our own checker on it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import musichouse
from tests.e2e.server import House, madang
from tests.foreign import players

pytestmark = [pytest.mark.foreign, pytest.mark.xdist_group("music-players")]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    data = musichouse.copy(tmp_path_factory, "players")
    served = House(data)
    served.start()
    yield served
    served.stop()
    madang(data, "stop")


@pytest.fixture(scope="module")
def signed(house: House) -> list[str]:
    return (Path(house.data) / musichouse.KEYS).read_text().split()


@pytest.mark.parametrize("name", players.PLAYERS)
def test_a_player_of_others_on_madang(name: str, house: House, signed: list[str]) -> None:
    if why := players.lacking(name):
        pytest.skip(why)
    seen = players.play(name, house.url, *signed)
    assert seen.get("albums", 3) == 3
    assert seen.get("artists", 3) == 3


def test_our_own_checker_finds_nothing(house: House, signed: list[str]) -> None:
    user, password, key = signed
    for who in (["--user", user, "--password", password, "--write"], ["--api-key", key]):
        done = madang(house.data, "subsonic-check", house.url, *who, "--json", check=False)
        found = [json.loads(line) for line in done.stdout.splitlines()]
        assert [(one["name"], one["came"]) for one in found if one["outcome"] == "broken"] == []
        assert len([one for one in found if one["outcome"] == "ok"]) > 90
