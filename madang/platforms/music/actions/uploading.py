"""Files on their way in, piece by piece, so that a broken connection loses a second and not an album. The field's own protocol: tus (https://tus.io)."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext as _

from madang.coop.people.models import Person
from madang.kit.errors import Missing, Refused
from madang.platforms.music import files
from madang.platforms.music.actions import catalogue, preparing
from madang.platforms.music.models import Release, Upload
from madang.platforms.music.sound.limits import USUAL

KEPT = timedelta(days=2)
OPEN_MAX = 5_000


@transaction.atomic
def begin(by: Person, release: Release, name: str, length: int, *, now: datetime) -> Upload:
    """A file of ``length`` bytes begins to come. Raises ``Missing``, ``Refused`` (``too-large``, ``empty``, ``disk``, ``too-many``)."""
    catalogue.require(by, release.artist)
    if length > USUAL.size:
        raise Refused("too-large", _("This file is too large. At most %(most)s MB are taken.") % {"most": USUAL.size // 1024**2})
    if length <= 0:
        raise Refused("empty", _("This file is empty. Nothing was stored."), "file")
    waiting = Upload.objects.filter(person=by, track=None, expires_at__gt=now)
    if waiting.count() >= OPEN_MAX:
        raise Refused("too-many", _("Too many files are on their way already. Wait until some are whole."))
    files.room_for(length * 2 + sum(whole - got for whole, got in waiting.values_list("length", "got")))
    name = name.replace("\x00", "")[-255:] or "sound"
    path = files.new_name("uploads", Path(name).suffix.lower())
    return Upload.objects.create(person=by, release=release, name=name, length=length, path=path, begun_at=now, expires_at=now + KEPT)


def upload_of(by: Person, key: object, *, lock: bool = False) -> Upload:
    """The person's own upload. Raises ``Missing``."""
    rows = Upload.objects.select_for_update(of=("self",)) if lock else Upload.objects
    found = rows.select_related("release__artist").filter(pk=key, person=by).first()
    if found is None:
        raise Missing("no such upload")
    return found


@transaction.atomic
def add(by: Person, key: object, piece: bytes, at: int, *, now: datetime) -> Upload:
    """The next piece, beginning at byte ``at``. When it is whole it becomes a track.

    Raises ``Missing``, ``Refused`` (``offset``: it is not the next piece, ``too-large``: more than was said), and what :func:`preparing.take_in` raises.
    """
    upload = upload_of(by, key, lock=True)
    if at != upload.got:
        raise Refused("offset", _("This is not the piece that comes next."))
    if upload.got + len(piece) > upload.length:
        raise Refused("too-large", _("More came than was said. Nothing of it was stored."))
    files.add(upload.path, piece, at)
    upload.got += len(piece)
    upload.expires_at = now + KEPT
    if upload.got == upload.length and upload.track_id is None:
        upload.track = preparing.take_in(by, upload.release, files.pieces_of(files.path_of(upload.path)), upload.name, size=upload.length, now=now)
        files.remove(upload.path)
    upload.save(update_fields=["got", "expires_at", "track"])
    return upload


@transaction.atomic
def stop(by: Person, key: object) -> None:
    """The person does not want it any more."""
    upload = upload_of(by, key, lock=True)
    files.remove(upload.path)
    upload.delete()


def find_old(now: datetime, limit: int) -> list[str]:
    """Uploads that stopped, and those that became tracks a while ago."""
    return [str(key) for key in Upload.objects.filter(expires_at__lte=now).order_by("expires_at").values_list("pk", flat=True)[:limit]]


@transaction.atomic
def drop(key: str, *, now: datetime) -> None:
    """An upload that stopped is forgotten, with what had come of it. Due work."""
    upload = Upload.objects.select_for_update().filter(pk=key, expires_at__lte=now).first()
    if upload is not None:
        files.remove(upload.path)
        upload.delete()
