"""What this platform knows of a person: handed out, and forgotten as far as the law lets it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from madang.coop.people.models import Person
from madang.kit.errors import Refused
from madang.kit.house import Personal
from madang.platforms.music import files
from madang.platforms.music.models import (
    Agreement,
    AppPassword,
    Artist,
    Bookmark,
    Earning,
    Heard,
    Member,
    Party,
    Play,
    Playing,
    Playlist,
    PlayQueue,
    Rating,
    Share,
    Star,
    Track,
    Upload,
    Wallet,
)  # fmt: skip


def export_listening(person: Person) -> list[dict[str, Any]]:
    """The wallet with every payment, every play, and what is owned."""
    rows: list[dict[str, Any]] = list(Playing.objects.filter(person=person).values("track__title", "state", "client", "at"))
    for wallet in Wallet.objects.filter(person=person):
        rows.append({"funded": wallet.funded, "spent": wallet.spent, "cap": wallet.cap, "pause_over": wallet.pause_over, "paid_until": wallet.paid_until})
        rows += list(wallet.top_ups.order_by("at").values("amount", "unit", "back", "state", "at"))
        rows += list(wallet.fetches.values("track__title", "at", "client"))
        rows += list(wallet.fees.order_by("since").values("amount", "since", "until"))
        rows += list(Heard.objects.filter(wallet=wallet).values("track", "track__title", "plays", "steps", "paid", "owned_at", "first_at", "last_at"))
        rows += list(Play.objects.filter(wallet=wallet).order_by("at").values("track", "at", "seconds", "nth", "price", "state", "source"))
    return rows


def erase_listening(person: Person, *, now: datetime) -> None:
    """What was played stays as a sum: which track, when and with what is forgotten for plays that are settled.

    Raises ``Refused`` (``wallet``) while there is a coin in the wallet, (``plays``) while plays wait for their month to be settled.
    """
    Playing.objects.filter(person=person).delete()
    for wallet in Wallet.objects.filter(person=person):
        if wallet.left >= 10_000:
            raise Refused("wallet", _("There is money in your wallet. Have it sent back first; then everything can be erased."))
        if wallet.spent != wallet.settled:
            raise Refused("plays", _("Your last plays are paid to the artists at the end of the month. After that everything can be erased."))
        Play.objects.filter(wallet=wallet, price=0).delete()
        wallet.fetches.all().delete()
        Heard.objects.filter(wallet=wallet, paid=0).delete()


def export_library(person: Person) -> list[dict[str, Any]]:
    """Favourites, ratings, playlists, bookmarks, and where the person was."""
    names = ("artist__name", "release__title", "track__title")
    rows: list[dict[str, Any]] = [{"favourite": row} for row in Star.objects.filter(person=person).values(*names, "at")]
    rows += [{"rating": row} for row in Rating.objects.filter(person=person).values(*names, "stars", "at")]
    for one in Playlist.objects.filter(Q(owner=person) | Q(others=person)).distinct():
        rows.append({"playlist": one.name, "about": one.about, "public": one.public, "tracks": list(one.entries.values_list("track__title", flat=True))})
    rows += [{"shared": row} for row in Share.objects.filter(person=person).values("tracks", "words", "made_at", "expires_at")]
    rows += [{"bookmark": row} for row in Bookmark.objects.filter(person=person).values("track__title", "position", "comment", "made_at")]
    rows += [{"queue": row} for row in PlayQueue.objects.filter(person=person).values("tracks", "index", "position", "changed_at", "changed_by")]
    return rows


def erase_library(person: Person, *, now: datetime) -> None:
    """All of it goes."""
    for table in (Star, Rating, Bookmark, PlayQueue, Share):
        table.objects.filter(person=person).delete()  # type: ignore[attr-defined]
    Playlist.objects.filter(owner=person).delete()
    for one in Playlist.objects.filter(others=person):
        one.others.remove(person)


def export_music(person: Person) -> list[dict[str, Any]]:
    """The artists the person belongs to, the splits they are a party of, and what they earned."""
    rows: list[dict[str, Any]] = list(Member.objects.filter(person=person).values("artist__name", "name", "role", "manages", "since", "until"))
    mine = Artist.objects.filter(members__person=person, members__manages=True).distinct()
    rows += list(mine.values("name", "about", "links", "made_at", "left_at"))
    rows += list(Track.objects.filter(release__artist__in=mine).values("title", "release__title", "isrc", "lyrics", "duration", "state"))
    fields = ("agreement", "weight", "role", "recoup", "recouped", "confirmed_at", "disputed_at", "dispute_words", "agreement__words", "agreement__made_at")
    rows += list(Party.objects.filter(Q(person=person) | Q(disputed_by=person)).values(*fields))
    rows += list(Agreement.objects.filter(proposed_by=person).values("id", "words", "state", "made_at", "agreed_at"))
    rows += list(Upload.objects.filter(person=person).values("name", "length", "got", "begun_at"))
    rows += list(Earning.objects.filter(owner=f"person:{person.pk}").values("line__settlement__month", "line__track__title", "line__plays", "amount", "held"))
    return rows


def erase_music(person: Person, *, now: datetime) -> None:
    """The person leaves every line-up and their words go; what was agreed and earned stays as figures. Artists that are theirs alone leave too."""
    for artist in Artist.objects.filter(members__person=person, members__until=None, members__manages=True, left_at=None):
        if not artist.members.filter(manages=True, until=None).exclude(person=person).exists():
            if artist.releases.filter(state__in=["published", "scheduled"]).exists():
                words = _("%(name)s has published music, and nobody else acts for it. Withdraw it or let somebody in first; then all can be erased.")
                raise Refused("artist", words % {"name": artist.name})
            Artist.objects.filter(pk=artist.pk).update(left_at=now, about="", links=[])
    Member.objects.filter(person=person).update(name="", role="", manages=False)
    Member.objects.filter(person=person, until=None).update(until=now)
    Party.objects.filter(disputed_by=person).update(dispute_words="")
    Agreement.objects.filter(proposed_by=person).update(words="")
    for upload in Upload.objects.filter(person=person):
        files.remove(upload.path)
        upload.delete()


def export_keys(person: Person) -> list[dict[str, Any]]:
    """Names of the players that have a password."""
    return list(AppPassword.objects.filter(person=person).values("name", "username", "made_at", "used_at"))


def erase_keys(person: Person, *, now: datetime) -> None:
    """They open nothing any more."""
    AppPassword.objects.filter(person=person).delete()


PERSONAL = [
    Personal(
        "music: listening", export_listening, erase_listening, _("what was paid ten years, as the law on bookkeeping asks; free plays until you erase them"),
        ("music.Wallet", "music.TopUp", "music.Fee", "music.Heard", "music.Play", "music.Fetch", "music.Playing"),
    ),
    Personal(
        "music: library", export_library, erase_library, _("until you remove it"),
        ("music.Star", "music.Rating", "music.Playlist", "music.PlaylistEntry", "music.PlayQueue", "music.Bookmark", "music.Share"),
    ),
    Personal(
        "music: artists and splits", export_music, erase_music,
        _("what was agreed and earned as long as it is paid, and ten years; your words until you erase them"),
        ("music.Member", "music.Party", "music.Agreement", "music.Release", "music.Upload", "music.Artist", "music.Track", "music.Earning"),
    ),
    Personal("music: passwords of players", export_keys, erase_keys, _("until you remove them"), ("music.AppPassword",)),
]
