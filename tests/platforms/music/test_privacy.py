"""What is someone else's is not there: each page and route of music that holds something, as nobody and as somebody else."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from madang.platforms.music import states
from madang.platforms.music.actions import catalogue, keeping, keys, splitting, uploading
from madang.platforms.music.models import Party, Release
from tests.platforms.music.conftest import World, pay_in, person
from tests.site.walking import addresses, everything_stored, sample

PUBLIC = {"music:artist", "music:release", "music:cover", "music:sound"}
"""Of what is published; of a draft they are not there."""
API_OPEN = {"/api/music/releases/{key}", "/api/music/artists/{key}", "/api/music/tracks/{key}/next"}
ANYBODYS = ("/star", "/unstar", "/rating", "/buy")
"""What a listener may do with anything that is published: here it is a draft, and so it is not there either (an artist's page is always there)."""


@pytest.fixture
def it(music: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """The band's second release is a draft; the clock stands at the world's."""
    pay_in(music.listener, 500, music.now)
    music.release = catalogue.make_release(music.singer, music.band, "Not out", now=music.now)
    music.tracks.append(catalogue.add_track(music.singer, music.release, "Not heard", now=music.now))
    monkeypatch.setattr("madang.coop.law.clock.now", lambda: music.now)
    return music


def ids(it: World) -> dict[str, Any]:
    upload = uploading.begin(it.singer, it.release, "x.flac", 5, now=it.now)
    playlist = keeping.make_playlist(it.singer, "Mine", now=it.now)
    key = keys.make(it.singer, "phone", now=it.now)
    return {
        "music:split": Party.objects.get(person=it.drums).agreement_id, "music:studio_artist": it.band.pk, "music:studio_release": it.release.pk,
        "music:studio_track": it.tracks[-1].pk, "music:release": it.release.pk, "music:artist": it.band.pk, "music:cover": it.release.pk,
        "music:sound": it.tracks[-1].pk, "music:download": it.tracks[-1].pk, "/uploads/": upload.pk, "/playlists/": playlist.pk,
        "/player-passwords/": key.row.pk, "/splits/": Party.objects.get(person=it.drums).agreement_id, "/parties/": Party.objects.get(person=it.drums).pk,
        "/releases/": it.release.pk, "/artists/": it.band.pk, "/tracks/": it.tracks[-1].pk, "/{kind}/": it.release.pk,
    }  # fmt: skip


def browser(who: Any) -> Client:
    client = Client(raise_request_exception=False)
    if who is not None:
        seen = who.last_login
        client.force_login(who)
        who.last_login = seen
        who.save(update_fields=["last_login"])
    return client


def test_no_page_shows_somebody_elses(it: World) -> None:
    known, stranger, wrong = ids(it), person("stranger", it.now), []
    pages = [one for one in addresses() if one.name.startswith("music:") and one.holds]
    assert {one.name for one in pages} == {name for name in known if name.startswith("music:")}
    before = everything_stored()
    for page in pages:
        url = "/" + page.route.replace("<int:key>", str(known[page.name])).replace("<uuid:key>", str(known[page.name]))
        for who in (None, stranger):
            for method in ("get", "post"):
                answer = getattr(browser(who), method)(url)
                door = answer.status_code == 302 and answer.headers["Location"].startswith("/accounts/login/")
                if not (answer.status_code in (404, 405) or (who is None and door) or page.name == "music:artist"):
                    wrong.append(f"{who} {method} {url} → {answer.status_code}")
    assert wrong == []
    assert everything_stored() == before


def test_ones_own_is_there(it: World) -> None:
    known = ids(it)
    for name in ("music:split", "music:studio_artist", "music:studio_release", "music:studio_track", "music:release", "music:artist"):
        route = next(one.route for one in addresses() if one.name == name)
        url = "/" + route.replace("<int:key>", str(known[name])).replace("<uuid:key>", str(known[name]))
        assert browser(it.singer).get(url).status_code == 200, url


def test_no_route_gives_or_changes_somebody_elses(it: World) -> None:
    from madang.site.api import api

    known, stranger, wrong = ids(it), person("stranger", it.now), []
    house = api.get_openapi_schema()
    before = everything_stored()
    for path, operations in house["paths"].items():
        if not path.startswith("/api/music/") or "{" not in path:
            continue
        url = path.replace("{kind}", "releases").replace("{member}", "1")
        here = next(value for name, value in known.items() if name in path)
        url = url.replace("{key}", str(here))
        for method, operation in operations.items():
            content = operation.get("requestBody", {}).get("content", {}).get("application/json")
            sent = {"data": sample(content["schema"], house), "content_type": "application/json"} if content else {}
            answer = getattr(browser(stranger), method)(url, **sent, headers={"upload-offset": "0"})
            if answer.status_code != 404 and path != "/api/music/artists/{key}":
                wrong.append(f"{method} {url} → {answer.status_code} {answer.content[:120]!r}")
            if operation.get("security") and getattr(browser(None), method)(url, **sent).status_code != 401:
                wrong.append(f"nobody {method} {url}")
    assert wrong == []
    assert everything_stored() == before


def test_who_has_not_signed_in_hears_as_far_as_it_costs_nothing(it: World) -> None:
    from madang.platforms.music import files
    from madang.platforms.music.models import Rendition

    name = files.new_name("sounds") + "/opus.opus"
    size, _digest = files.write(name, [b"x" * 180_000])
    track = it.tracks[0]
    Rendition.objects.create(track=track, format="opus", bit_rate=8000, size=size, path=name)
    url = f"/music/tracks/{track.pk}/sound/"
    for who, length in ((None, 44_000), (it.listener, 180_000), (person("poor", it.now), 44_000), (it.singer, 180_000)):
        answer = browser(who).get(url)
        assert (answer.status_code, int(answer.headers["Content-Length"])) == (200, length), who
    part = browser(it.listener).get(url, headers={"range": "bytes=1000-1999"})
    assert (part.status_code, part.headers["Content-Range"], len(b"".join(part))) == (206, "bytes 1000-1999/180000", 1000)
    assert browser(None).get(url, headers={"range": "bytes=50000-"}).status_code == 416
    assert browser(it.listener).get(f"/music/tracks/{track.pk}/download/").status_code == 409
    it.play(times=9, agreed=True)
    kept = browser(it.listener).get(f"/music/tracks/{track.pk}/download/?format=opus")
    assert (kept.status_code, len(b"".join(kept))) == (200, 180_000)
    Release.objects.filter(state=states.PUBLISHED).update(state=states.WITHDRAWN)
    assert browser(it.listener).get(url).status_code == 200
    assert browser(it.drums).get(url).status_code == 404


def test_a_split_is_seen_by_its_parties(it: World) -> None:
    made = splitting.propose(it.singer, it.release, [splitting.Wish(1, person=it.singer), splitting.Wish(1, person=it.guitar)], now=it.now)
    url = f"/music/splits/{made.pk}/"
    assert [browser(who).get(url).status_code for who in (it.singer, it.guitar, it.drums, it.listener)] == [200, 200, 404, 404]
    assert browser(it.drums).post(url, {"do": "withdraw"}).status_code == 404
    made.refresh_from_db()
    assert made.state == "proposed"
