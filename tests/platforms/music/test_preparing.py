"""Files on their way in and the bad days of their preparation: each has an outcome that is told."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from madang.coop.notices.models import Notice
from madang.kit.errors import Missing, Refused
from madang.platforms.music import files, states
from madang.platforms.music.actions import catalogue, preparing, uploading
from madang.platforms.music.models import Release, Rendition, Track, Upload
from tests.platforms.music.conftest import World
from tests.platforms.music.sound.conftest import made


@pytest.fixture
def it(music: World, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """The band with a draft; files stand in a folder of the test's own; nothing is put into the job queue."""
    settings.DATA = tmp_path / "data"
    monkeypatch.setattr(preparing, "later", lambda key: None)
    music.release = catalogue.make_release(music.singer, music.band, "Not out", now=music.now)
    return music


@pytest.fixture
def tone(tmp_path: Path) -> Path:
    return made(tmp_path / "03 - The Undertow - Salt.flac", codec="flac", seconds=2, title="Salt", track="3/9", genre="Folk")


def stored(it: World) -> list[str]:
    return sorted(str(path.relative_to(files.root())).split("/")[0] for path in files.root().rglob("*") if path.is_file())


def take(it: World, path: Path, name: str = "") -> Track:
    return preparing.take_in(it.singer, it.release, files.pieces_of(path), name or path.name, now=it.now)


def test_a_file_becomes_a_track_that_sounds(it: World, tone: Path) -> None:
    track = take(it, tone)
    assert (track.title, track.state, track.position, track.original_name) == ("Salt", states.WAITING, 1, tone.name)
    assert files.path_of(track.original).read_bytes() == tone.read_bytes()
    assert Release.objects.get(pk=it.release.pk).tags == ["folk"]
    assert take(it, tone) == track, "the same file twice is one track"
    assert len(stored(it)) == 1
    done = preparing.prepare_track(track.pk, clock=lambda: it.now)
    assert done is not None
    assert (done.state, done.duration, done.lossless, done.progress) == (states.READY, 2000, True, 100)
    assert {one.format for one in Rendition.objects.filter(track=track)} == {"opus", "aac"}
    assert all(files.path_of(one.path).stat().st_size == one.size for one in Rendition.objects.all())
    assert Release.objects.get(pk=it.release.pk).lufs == done.lufs
    assert preparing.prepare_track(track.pk, clock=lambda: it.now) is None
    again = preparing.send_again(it.singer, track, [tone.read_bytes() + b"\0"], "other.flac", now=it.now)
    assert again.state == states.WAITING
    catalogue_refuses(it)


def catalogue_refuses(it: World) -> None:
    with pytest.raises(Refused, match="not-ready"):
        catalogue.publish(it.singer, it.release, now=it.now)


def test_a_text_file_is_refused_and_told(it: World, tmp_path: Path) -> None:
    path = tmp_path / "song.flac"
    path.write_text("la la la\n" * 500)
    track = take(it, path)
    done = preparing.prepare_track(track.pk, clock=lambda: it.now)
    assert done is not None
    assert (done.state, Rendition.objects.count()) == (states.REFUSED, 0)
    assert "not a sound file" in done.reason
    assert Notice.objects.filter(person=it.singer, message="music.refused").exists()
    assert stored(it) == ["originals"]
    with pytest.raises(Refused, match="empty"):
        preparing.take_in(it.singer, it.release, [], "nothing.flac", now=it.now)
    assert stored(it) == ["originals"]


def test_a_worker_that_is_killed_leaves_a_claim_that_runs_out(it: World, tone: Path) -> None:
    track = take(it, tone)
    for turn in range(preparing.TRIES_MAX):
        claimed = preparing.claim(track.pk, now=it.now)
        assert claimed is not None
        assert preparing.claim(track.pk, now=it.now) is None, "nobody else takes it meanwhile"
        assert preparing.find_stuck(it.now, 10) == []
        it.now += preparing.CLAIM
        assert preparing.find_stuck(it.now, 10) == [str(track.pk)]
        preparing.again(str(track.pk), now=it.now)
        track.refresh_from_db()
        assert track.state == (states.WAITING if turn < preparing.TRIES_MAX - 1 else states.REFUSED)
    assert "three times" in track.reason or track.reason


def test_a_process_that_dies_is_a_refusal_and_leaves_nothing(it: World, tone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    track = take(it, tone)
    monkeypatch.setattr(preparing.sys, "executable", "/bin/false")
    done = preparing.prepare_track(track.pk, clock=lambda: it.now)
    assert done is not None
    assert done.state == states.REFUSED
    assert stored(it) == ["originals"]


def test_a_disk_that_is_nearly_full_takes_nothing(it: World, tone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files.shutil, "disk_usage", lambda _path: SimpleNamespace(free=files.SPARE))
    with pytest.raises(Refused, match="disk"):
        preparing.take_in(it.singer, it.release, files.pieces_of(tone), "x.flac", size=1, now=it.now)
    with pytest.raises(Refused, match="disk"):
        uploading.begin(it.singer, it.release, "x.flac", 10, now=it.now)
    assert Track.objects.filter(release=it.release).count() == 0


def test_a_file_comes_in_pieces_and_goes_on_where_it_broke_off(it: World, tone: Path) -> None:
    data = tone.read_bytes()
    upload = uploading.begin(it.singer, it.release, tone.name, len(data), now=it.now)
    half = len(data) // 2
    assert uploading.add(it.singer, upload.pk, data[:half], 0, now=it.now).got == half
    for at in (0, half - 1, half + 1):
        with pytest.raises(Refused, match="offset"):
            uploading.add(it.singer, upload.pk, data[half:], at, now=it.now)
    with pytest.raises(Refused, match="too-large"):
        uploading.add(it.singer, upload.pk, data[half:] + b"x", half, now=it.now)
    with pytest.raises(Missing):
        uploading.add(it.guitar, upload.pk, data[half:], half, now=it.now)
    done = uploading.add(it.singer, upload.pk, data[half:], half, now=it.now)
    assert done.track is not None
    assert files.path_of(done.track.original).read_bytes() == data
    assert stored(it) == ["originals"]
    with pytest.raises(Missing):
        uploading.begin(it.guitar, it.release, "x", 5, now=it.now)
    with pytest.raises(Refused, match="too-large"):
        uploading.begin(it.singer, it.release, "x", 10**13, now=it.now)


def test_an_upload_that_stops_is_dropped(it: World) -> None:
    upload = uploading.begin(it.singer, it.release, "x.flac", 100, now=it.now)
    uploading.add(it.singer, upload.pk, b"0" * 40, 0, now=it.now)
    assert uploading.find_old(it.now + uploading.KEPT - timedelta(seconds=1), 10) == []
    late = it.now + uploading.KEPT
    assert uploading.find_old(late, 10) == [str(upload.pk)]
    uploading.drop(str(upload.pk), now=late)
    assert (Upload.objects.count(), stored(it)) == (0, [])
    other = uploading.begin(it.singer, it.release, "y.flac", 100, now=it.now)
    uploading.stop(it.singer, other.pk)
    assert Upload.objects.count() == 0


def test_a_day_is_set_and_comes(it: World, tone: Path) -> None:
    track = take(it, tone)
    day = it.now + timedelta(days=3)
    catalogue.publish(it.singer, it.release, at=day, now=it.now)
    assert catalogue.find_due(day, 10) == [], "not before it sounds"
    preparing.prepare_track(track.pk, clock=lambda: it.now)
    assert catalogue.find_due(day - timedelta(seconds=1), 10) == []
    assert catalogue.find_due(day, 10) == [str(it.release.pk)]
    catalogue.come_out(str(it.release.pk), now=day)
    assert Release.objects.get(pk=it.release.pk).state == states.PUBLISHED
    catalogue.withdraw(it.singer, it.release, now=day)
    assert Release.objects.get(pk=it.release.pk).state == states.WITHDRAWN
