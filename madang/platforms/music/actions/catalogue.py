"""Artists, releases and tracks: who may act for them, and what changes are written."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, Max
from django.utils.text import slugify
from django.utils.translation import gettext as _

from madang.coop.people.actions import clean_line, clean_text
from madang.coop.people.models import Person
from madang.kit.errors import Missing, Refused
from madang.platforms.music import states
from madang.platforms.music.models import Artist, Credit, Member, Release, Track
from madang.platforms.music.models.catalogue import ABOUT_MAX, LYRICS_MAX, NAME_MAX, TITLE_MAX

ARTICLES = ("the ", "a ", "an ", "der ", "die ", "das ", "le ", "la ", "les ", "el ", "los ")
TAGS_MAX, TRACKS_MAX, MEMBERS_MAX, CREDITS_MAX, LINKS_MAX = 12, 500, 60, 60, 8


def sorts_as(name: str) -> str:
    """How a name is put in order: without a leading article."""
    low = name.lower()
    for article in ARTICLES:
        if low.startswith(article) and len(name) > len(article):
            return f"{name[len(article):]}, {name[: len(article)].strip()}"[:NAME_MAX]
    return name


def _line(text: str, longest: int, field: str) -> str:
    """One line that is not empty. Raises ``Refused``."""
    if not (line := clean_line(text, longest, field)):
        raise Refused("empty", _("Please write something here."), field)
    return line


def _slug(name: str) -> str:
    base = slugify(name, allow_unicode=True)[:60] or "artist"
    taken = set(Artist.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    return base if base not in taken else next(f"{base}-{number}" for number in range(2, len(taken) + 3) if f"{base}-{number}" not in taken)


def tidy_tags(raw: str | Sequence[str]) -> list[str]:
    """Tags as they are kept: small letters, each once, at most twelve of forty letters."""
    words = re.split(r"[,;/]", raw) if isinstance(raw, str) else raw
    tidy = (" ".join(unicodedata.normalize("NFC", word).lower().split())[:40] for word in words)
    return list(dict.fromkeys(word for word in tidy if word))[:TAGS_MAX]


def manages(person: Person | None, artist: Artist) -> bool:
    """Whether this person may act for the artist: who manages it, or a label whose roster it is on. One query or two."""
    if person is None or not person.is_authenticated:
        return False
    own = Member.objects.filter(person=person, manages=True, until=None)
    if own.filter(artist=artist).exists():
        return True
    labels = Member.objects.filter(other=artist, until=None).values("artist")
    return own.filter(artist__in=labels, artist__kind=Artist.LABEL).exists()


def require(person: Person, artist: Artist) -> None:
    """Raises ``Missing`` unless the person may act for the artist."""
    if not manages(person, artist):
        raise Missing("not yours to change")


@transaction.atomic
def make_artist(by: Person, name: str, *, kind: str = Artist.PERSON, about: str = "", links: Sequence[str] = (), now: datetime) -> Artist:
    """A new artist, band or label, managed by who makes it. Raises ``Refused`` (``name``, ``about``, ``links``)."""
    name = _line(name, NAME_MAX, "name")
    if kind not in dict(Artist.KINDS):
        raise Refused("kind", _("Please choose what it is: one person, a band, or a label."), "kind")
    made = Artist.objects.create(
        name=name, sort_name=sorts_as(name), slug=_slug(name), kind=kind, about=clean_text(about, ABOUT_MAX, "about"), links=_links(links), made_at=now
    )
    Member.objects.create(artist=made, person=by, name=str(by) if kind == Artist.PERSON else "", manages=True, since=now)
    return made


def _links(raw: Sequence[str]) -> list[str]:
    found = [one.strip() for one in raw if one.strip()]
    if len(found) > LINKS_MAX or any(len(one) > 300 or not re.match(r"https?://[^\s<>\"']+$", one) for one in found):
        raise Refused("links", _("Please write addresses that begin with https://, one a line."), "links")
    return found


@transaction.atomic
def change_artist(by: Person, artist: Artist, *, name: str, about: str, links: Sequence[str], now: datetime) -> Artist:
    """Change what an artist's page says; its address stays. Raises ``Missing``, ``Refused`` as :func:`make_artist`."""
    locked = Artist.objects.select_for_update().get(pk=artist.pk)
    require(by, locked)
    locked.name = _line(name, NAME_MAX, "name")
    locked.sort_name, locked.about, locked.links = sorts_as(locked.name), clean_text(about, ABOUT_MAX, "about"), _links(links)
    locked.save(update_fields=["name", "sort_name", "about", "links"])
    return locked


@transaction.atomic
def add_member(by: Person, artist: Artist, *, person: Person | None = None, other: Artist | None = None, name: str = "", role: str = "", manages: bool = False,
               now: datetime) -> Member:  # fmt: skip
    """Somebody new in the line-up (a person here, or a name), or an artist on a label's roster. Repeating it changes name and role.

    Raises ``Missing``, ``Refused`` (``too-many``, ``not-a-label``, ``name``).
    """
    locked = Artist.objects.select_for_update().get(pk=artist.pk)
    require(by, locked)
    if locked.members.filter(until=None).count() >= MEMBERS_MAX:
        raise Refused("too-many", _("That is more people than can be kept here. Nothing was changed."))
    if other is not None and locked.kind != Artist.LABEL:
        raise Refused("not-a-label", _("Only a label has a roster."))
    if person is None and other is None and not name.strip():
        raise Refused("name", _("Please write a name."), "name")
    said = {"name": _line(name, NAME_MAX, "name") if name.strip() else "", "role": role[:NAME_MAX]}
    if person is None and other is None:
        return Member.objects.create(artist=locked, since=now, **said)
    who = {"person": person} if person is not None else {"other": other}
    member, fresh = Member.objects.get_or_create(artist=locked, until=None, **who, defaults={"since": now, "manages": manages and person is not None, **said})
    if not fresh:
        Member.objects.filter(pk=member.pk).update(**said, manages=manages and person is not None)
        member.refresh_from_db()
    return member


@transaction.atomic
def end_member(by: Person, member: Member, *, now: datetime) -> None:
    """Somebody leaves the line-up. The last who manages it cannot (``Refused`` ``last``)."""
    locked = Artist.objects.select_for_update().get(pk=member.artist_id)
    if member.person_id != by.pk:
        require(by, locked)
    if member.manages and not locked.members.filter(manages=True, until=None).exclude(pk=member.pk).exists():
        raise Refused("last", _("Nobody else can act for this artist. Let somebody in first."))
    Member.objects.filter(pk=member.pk, until=None).update(until=now, manages=False)


@transaction.atomic
def make_release(by: Person, artist: Artist, title: str, *, kind: str = "album", about: str = "", tags: str | Sequence[str] = (), licence: str = "",
                 upc: str = "", label: Artist | None = None, now: datetime) -> Release:  # fmt: skip
    """A new release, as a draft. Raises ``Missing``, ``Refused`` (``title``, ``kind``, ``upc``)."""
    require(by, artist)
    if kind not in dict(Release.KINDS):
        raise Refused("kind", _("Please choose what kind of release it is."), "kind")
    return Release.objects.create(
        artist=artist, label=label, title=_line(title, TITLE_MAX, "title"), kind=kind, about=clean_text(about, ABOUT_MAX, "about"),
        tags=tidy_tags(tags), licence=licence[:60], upc=upc, made_by=by, made_at=now, changed_at=now,
    )  # fmt: skip


@transaction.atomic
def change_release(by: Person, release: Release, changes: Mapping[str, Any], *, now: datetime) -> Release:
    """Change what a release says: title, kind, about, tags, licence, copyright, upc. Raises ``Missing``, ``Refused``."""
    locked = Release.objects.select_for_update(of=("self",)).select_related("artist").get(pk=release.pk)
    require(by, locked.artist)
    cleaned: dict[str, Any] = {}
    for name, value in changes.items():
        if name == "title":
            cleaned[name] = _line(value, TITLE_MAX, "title")
        elif name == "about":
            cleaned[name] = clean_text(value, ABOUT_MAX, "about")
        elif name == "tags":
            cleaned[name] = tidy_tags(value)
        elif name == "kind" and value in dict(Release.KINDS):
            cleaned[name] = value
        elif name in ("licence", "copyright", "upc"):
            cleaned[name] = str(value)[: 13 if name == "upc" else 60]
        else:
            raise Refused("change", _("This cannot be changed. Nothing was changed."), name)
    Release.objects.filter(pk=locked.pk).update(**cleaned, changed_at=now)
    locked.refresh_from_db()
    return locked


@transaction.atomic
def add_track(by: Person, release: Release, title: str, *, artist: Artist | None = None, position: int | None = None, disc: int = 1, now: datetime,
              **more: Any) -> Track:  # fmt: skip
    """A new track at the end (or at ``position``) of a release that is not published yet; its sound is still to come. Raises ``Missing``, ``Refused``."""
    locked = Release.objects.select_for_update(of=("self",)).select_related("artist").get(pk=release.pk)
    require(by, locked.artist)
    if locked.tracks.count() >= TRACKS_MAX:
        raise Refused("too-many", _("That is more tracks than a release can have. Nothing was changed."))
    last = locked.tracks.filter(disc=disc).aggregate(last=Max("position"))["last"] or 0
    place = last + 1 if position is None or position > last else max(1, position)
    if place <= last:
        locked.tracks.filter(disc=disc, position__gte=place).update(position=F("position") + 1)
    return Track.objects.create(
        release=locked, artist=artist or locked.artist, title=_line(title, TITLE_MAX, "title"), disc=disc, position=place, made_at=now, **more
    )


@transaction.atomic
def change_track(by: Person, track: Track, changes: Mapping[str, Any], *, credits: Sequence[tuple[str, str]] | None = None, now: datetime) -> Track:
    """Change what a track says: title, isrc, licence, covers, lyrics, language, explicit; ``credits`` as (name, role). Raises ``Missing``, ``Refused``."""
    locked = Track.objects.select_for_update(of=("self",)).select_related("release__artist").get(pk=track.pk)
    require(by, locked.release.artist)
    cleaned: dict[str, Any] = {}
    for name, value in changes.items():
        if name == "title":
            cleaned[name] = _line(value, TITLE_MAX, "title")
        elif name == "lyrics":
            cleaned[name] = clean_text(value, LYRICS_MAX, "lyrics")
        elif name in ("isrc", "licence", "covers", "language"):
            cleaned[name] = str(value)[: Track._meta.get_field(name).max_length]
        elif name == "explicit":
            cleaned[name] = bool(value)
        else:
            raise Refused("change", _("This cannot be changed. Nothing was changed."), name)
    Track.objects.filter(pk=locked.pk).update(**cleaned)
    if credits is not None:
        if len(credits) > CREDITS_MAX:
            raise Refused("too-many", _("That is more names than can be kept here. Nothing was changed."), "credits")
        locked.credits.all().delete()
        wanted = dict.fromkeys((_line(name, NAME_MAX, "credits"), role[:60]) for name, role in credits if name.strip())
        Credit.objects.bulk_create([Credit(track=locked, name=name, role=role) for name, role in wanted])
    locked.refresh_from_db()
    return locked


@transaction.atomic
def publish(by: Person, release: Release, *, at: datetime | None = None, preorder: bool = False, now: datetime) -> Release:
    """Publish a release now, or on a day to come. Raises ``Missing``, ``Refused`` (``empty``, ``not-ready``: a track still has no sound)."""
    locked = Release.objects.select_for_update(of=("self",)).select_related("artist").get(pk=release.pk)
    require(by, locked.artist)
    tracks = list(locked.tracks.values_list("state", flat=True))
    if not tracks:
        raise Refused("empty", _("There is no track on this release yet. Upload at least one."))
    later = at is not None and at > now
    if not later and any(state != states.READY for state in tracks):
        raise Refused("not-ready", _("Not every track is ready to be heard yet. Wait until they are, or take the others off."))
    wanted = states.SCHEDULED if later else states.PUBLISHED
    if locked.state == wanted and locked.release_at == (at or locked.release_at):
        return locked
    states.RELEASE.check(locked.state, wanted)
    locked.state, locked.preorder, locked.changed_at = wanted, preorder and later, now
    locked.release_at = at if later else locked.release_at if locked.state == states.PUBLISHED and locked.release_at and locked.release_at <= now else now
    locked.save(update_fields=["state", "preorder", "release_at", "changed_at"])
    return locked


def find_due(now: datetime, limit: int) -> list[str]:
    """Releases whose day has come and whose tracks all sound."""
    rows = Release.objects.filter(state=states.SCHEDULED, release_at__lte=now).exclude(tracks__state__in=[states.WAITING, states.PREPARING, states.REFUSED])
    return [str(key) for key in rows.order_by("release_at").values_list("pk", flat=True)[:limit]]


@transaction.atomic
def come_out(key: str, *, now: datetime) -> None:
    """A release's day has come. Due work."""
    locked = Release.objects.select_for_update().get(pk=key)
    if locked.state == states.SCHEDULED and locked.release_at is not None and locked.release_at <= now:
        locked.state, locked.changed_at = states.PUBLISHED, now
        locked.save(update_fields=["state", "changed_at"])


@transaction.atomic
def withdraw(by: Person, release: Release, *, now: datetime) -> Release:
    """Take a release out of the catalogue. Who owns a track of it keeps it. Raises ``Missing``, ``Refused``."""
    locked = Release.objects.select_for_update(of=("self",)).select_related("artist").get(pk=release.pk)
    require(by, locked.artist)
    wanted = states.DRAFT if locked.state == states.SCHEDULED else states.WITHDRAWN
    if locked.state == wanted:
        return locked
    states.RELEASE.check(locked.state, wanted)
    locked.state, locked.changed_at = wanted, now
    locked.save(update_fields=["state", "changed_at"])
    return locked
