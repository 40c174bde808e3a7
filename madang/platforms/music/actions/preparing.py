"""Files become tracks that sound: taken in, claimed by one worker, prepared in a process of its own, finished or refused with the reason.

A worker that is killed leaves a claim that runs out; then another begins again. What was prepared half is thrown away.
"""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from math import log10
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext as _

from madang.coop import law, notices
from madang.coop.people.models import Person
from madang.kit.errors import Refused
from madang.platforms.music import files, states
from madang.platforms.music.actions import catalogue
from madang.platforms.music.models import Artist, Release, Rendition, Track
from madang.platforms.music.sound import cover, prepare, reasons, tags

CLAIM = timedelta(minutes=10)
"""How long a worker may be silent before another begins again; each sign of progress begins it anew."""
TRIES_MAX = 3
FORMATS = "opus,aac"
log = logging.getLogger("madang.music")
FOLDER = Path(__file__).resolve().parents[4]


@transaction.atomic
def take_in(by: Person, release: Release, pieces: Iterable[bytes], name: str, *, size: int = 0, now: datetime) -> Track:
    """A file somebody uploads becomes the next track of a release: what its tags say stands there for correction, its sound is prepared later.

    The same file twice on one release is one track. Raises ``Missing``, ``Refused`` (``disk``, ``empty``, ``too-many``).
    """
    catalogue.require(by, release.artist)
    files.room_for(size * 2)
    suffix = Path(name).suffix.lower()
    original = files.new_name("originals", suffix)
    length, digest = files.write(original, pieces)
    try:
        return _taken(by, release, original, name, length, digest, now=now)
    except BaseException:
        files.remove(original)
        raise


def _taken(by: Person, release: Release, original: str, name: str, length: int, digest: str, *, now: datetime) -> Track:
    if not length:
        raise Refused("empty", _("This file is empty. Nothing was stored."), "file")
    same = Track.objects.filter(release=release, sha256=digest).first()
    if same is not None:
        files.remove(original)
        return same
    said = tags.read(files.path_of(original), name)
    track = catalogue.add_track(
        by, release, said.title or _("Untitled"), position=said.number or None, disc=max(1, said.disc), isrc=said.isrc, licence=said.licence[:60],
        lyrics=said.lyrics, now=now,
    )  # fmt: skip
    track.original, track.original_name, track.sha256, track.size = original, name[-255:], digest, length
    track.problems = [[key, text] for key, text in said.problems]
    track.save(update_fields=["original", "original_name", "sha256", "size", "problems"])
    _fill(release, said, now=now)
    later(track.pk)
    return track


def _fill(release: Release, said: tags.Tags, *, now: datetime) -> None:
    """What the first file says of the whole release, where nobody said otherwise."""
    changed = {}
    if not release.cover and said.cover:
        with suppress(Refused):  # a broken picture in a file is no reason to refuse the file
            changed["cover"] = keep_picture(said.cover)
    if not release.tags and said.genres:
        changed["tags"] = catalogue.tidy_tags(said.genres)
    if not release.upc and said.upc:
        changed["upc"] = said.upc
    if changed:
        Release.objects.filter(pk=release.pk).update(**changed, changed_at=now)


def keep_picture(data: bytes) -> str:
    """A picture made anew and stored; its name. Raises ``Refused`` (``picture``)."""
    name = files.new_name("covers", ".jpg")
    files.write(name, [cover.made_anew(data)])
    return name


@transaction.atomic
def set_cover(by: Person, subject: Release | Artist, data: bytes, *, now: datetime) -> None:
    """A new cover of a release, or picture of an artist. Raises ``Missing``, ``Refused`` (``picture``)."""
    catalogue.require(by, subject.artist if isinstance(subject, Release) else subject)
    name = keep_picture(data)
    if isinstance(subject, Release):
        Release.objects.filter(pk=subject.pk).update(cover=name, changed_at=now)
    else:
        Artist.objects.filter(pk=subject.pk).update(picture=name)


def later(track: int) -> None:
    """Prepare a track's sound as soon as a worker has time, once this transaction holds."""
    from madang.platforms.music.tasks import prepare as task

    task.defer(track=track)


def find_stuck(now: datetime, limit: int) -> list[str]:
    """Tracks whose preparation nobody works on any more."""
    stuck = Q(state=states.PREPARING, claimed_until__lte=now) | Q(state=states.WAITING, claimed_until__lte=now)
    return [str(key) for key in Track.objects.filter(stuck).exclude(original="").order_by("pk").values_list("pk", flat=True)[:limit]]


@transaction.atomic
def again(key: str, *, now: datetime) -> None:
    """Begin a stuck preparation again; after three tries it is refused. Due work."""
    track = Track.objects.select_for_update().get(pk=key)
    if track.state == states.PREPARING:
        if track.tries >= TRIES_MAX:
            _refuse(track, _("Preparing it broke off three times."), now=now)
            return
        states.SOUND.check(track.state, states.WAITING)
        track.state = states.WAITING
    track.claimed_until = None
    track.save(update_fields=["state", "claimed_until"])
    later(track.pk)


@transaction.atomic
def claim(key: int, *, now: datetime) -> Track | None:
    """Take a waiting track to prepare it; None when there is nothing to do."""
    track = Track.objects.select_for_update().select_related("release__artist").filter(pk=key).first()
    if track is None or track.state != states.WAITING or not track.original:
        return None
    states.SOUND.check(track.state, states.PREPARING)
    track.state, track.claimed_until, track.progress = states.PREPARING, now + CLAIM, 0
    track.tries += 1
    track.save(update_fields=["state", "claimed_until", "progress", "tries"])
    return track


def prepare_track(key: int, *, clock: Callable[[], datetime]) -> Track | None:
    """Prepare one track, outside any transaction. ``clock`` tells the time as it goes. None when there was nothing to do."""
    track = claim(key, now=clock())
    if track is None:
        return None
    folder = files.path_of(files.new_name("sounds"))
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        told = _prepared(track, folder, clock)
    except BaseException:
        files.remove(str(folder.relative_to(files.root())))
        raise
    if "refused" in told:
        files.remove(str(folder.relative_to(files.root())))
    return finish(track.pk, told, str(folder.relative_to(files.root())), now=clock())


def _prepared(track: Track, folder: Path, clock: Callable[[], datetime]) -> dict[str, Any]:
    source = files.path_of(track.original)
    if not source.is_file():
        return {"refused": "gone"}
    command = [sys.executable, "-m", "madang.platforms.music.sound", str(source), str(folder), FORMATS]
    told: dict[str, Any] = {}
    with tempfile.TemporaryFile() as errors, subprocess.Popen(  # noqa: S603
        command, stdout=subprocess.PIPE, stderr=errors, text=True, cwd=FOLDER, env=dict(os.environ)
    ) as child:
        for line in child.stdout or ():
            told = json.loads(line)
            if "done" in told:
                _progress(track, told["done"], now=clock())
        if child.wait() not in (0, 3):
            errors.seek(0)
            log.warning("preparing track %s broke off with %s: %s", track.pk, child.returncode, errors.read()[-2000:].decode("utf-8", "replace"))
    return told if told and "done" not in told else {"refused": "nothing"}


def _progress(track: Track, done: int, *, now: datetime) -> None:
    length = track.duration or max(1, done * 2)
    Track.objects.filter(pk=track.pk, state=states.PREPARING).update(progress=min(99, done * 100 // length), claimed_until=now + CLAIM)


@transaction.atomic
def finish(key: int, told: dict[str, Any], folder: str, *, now: datetime) -> Track:
    """Keep what came of a preparation: the track sounds, or it is refused and who uploaded it is told why."""
    track = Track.objects.select_for_update(of=("self",)).select_related("release__made_by", "release__artist").get(pk=key)
    if track.state != states.PREPARING:
        return track
    if "refused" in told:
        with translation.override(track.release.made_by.language):
            _refuse(track, reasons.said(told["refused"]), now=now)
        return track
    sound = told["sound"]
    states.SOUND.check(track.state, states.READY)
    track.state, track.reason, track.claimed_until, track.progress = states.READY, "", None, 100
    track.duration, track.lufs, track.peak, track.waveform = told["duration"], told["lufs"], told["peak"], bytes.fromhex(told["waveform"])
    track.codec, track.sample_rate, track.channels, track.bit_depth = sound["codec"], sound["sample_rate"], sound["channels"], sound["depth"]
    track.bit_rate, track.lossless = sound["bit_rate"], sound["lossless"]
    track.save()
    for old in list(track.renditions.all()):
        files.remove(old.path)
        old.delete()
    for name, (file, size) in told["files"].items():
        Rendition.objects.create(track=track, format=name, bit_rate=size * 8000 // max(1, track.duration), size=size, path=f"{folder}/{file}")
    measure(track.release)
    return track


def _refuse(track: Track, reason: str, *, now: datetime) -> None:
    states.SOUND.check(track.state, states.REFUSED)
    track.state, track.reason, track.claimed_until = states.REFUSED, reason[:300], None
    track.save(update_fields=["state", "reason", "claimed_until"])
    params = {"what": track.title, "reason": track.reason}
    notices.tell(track.release.made_by, "music.refused", url=f"/music/studio/releases/{track.release_id}/", params=params, now=now)


def measure(release: Release) -> None:
    """The loudness of a whole release: the energy of its tracks by their length, as an album is heard; the highest peak."""
    rows = list(release.tracks.filter(state=states.READY, lufs__isnull=False).values_list("lufs", "peak", "duration"))
    loud = [(lufs, duration) for lufs, _peak, duration in rows if lufs > prepare.SILENCE]
    if not loud:
        return
    energy = sum(10 ** (lufs / 1000) * duration for lufs, duration in loud) / sum(duration for _lufs, duration in loud)
    Release.objects.filter(pk=release.pk).update(lufs=round(1000 * log10(energy)), peak=max(peak for _lufs, peak, _duration in rows))


@transaction.atomic
def send_again(by: Person, track: Track, pieces: Iterable[bytes], name: str, *, size: int = 0, now: datetime) -> Track:
    """Another file in the place of a track's. What was sold stays. Raises ``Missing``, ``Refused`` (``disk``, ``empty``, ``preparing``)."""
    catalogue.require(by, track.release.artist)
    files.room_for(size * 2)
    locked = Track.objects.select_for_update().get(pk=track.pk)
    if locked.state == states.PREPARING:
        raise Refused("preparing", _("The file before is being prepared right now. Try again in a minute."))
    original = files.new_name("originals", Path(name).suffix.lower())
    length, digest = files.write(original, pieces)
    if not length:
        files.remove(original)
        raise Refused("empty", _("This file is empty. Nothing was stored."), "file")
    before = locked.original
    locked.original, locked.original_name, locked.sha256, locked.size, locked.tries, locked.reason = original, name[-255:], digest, length, 0, ""
    if locked.state != states.WAITING:
        states.SOUND.check(locked.state, states.WAITING)
    locked.state = states.WAITING
    locked.save()
    if before:
        transaction.on_commit(lambda: files.remove(before))
    later(locked.pk)
    return locked


def now_of_the_coop() -> datetime:
    """The co-op's own clock, for a worker."""
    return law.clock.now()
