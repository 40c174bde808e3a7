"""What a listener keeps: favourites, ratings, playlists, where they were."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from madang.platforms.music.models.catalogue import Artist, Release, Track

PERSON = settings.AUTH_USER_MODEL
ONE_OF = (
    Q(artist__isnull=False, release=None, track=None)
    | Q(artist=None, release__isnull=False, track=None)
    | Q(artist=None, release=None, track__isnull=False)
)


class Star(models.Model):
    """A favourite: an artist, a release or a track."""

    person = models.ForeignKey(PERSON, models.CASCADE, related_name="music_stars")
    artist = models.ForeignKey(Artist, models.CASCADE, null=True)
    release = models.ForeignKey(Release, models.CASCADE, null=True)
    track = models.ForeignKey(Track, models.CASCADE, null=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=ONE_OF, name="music_star_of_one"),
            models.UniqueConstraint(fields=["person", "artist"], condition=Q(artist__isnull=False), name="music_star_artist"),
            models.UniqueConstraint(fields=["person", "release"], condition=Q(release__isnull=False), name="music_star_release"),
            models.UniqueConstraint(fields=["person", "track"], condition=Q(track__isnull=False), name="music_star_track"),
        ]

    def __str__(self) -> str:
        return str(self.artist or self.release or self.track)


class Rating(models.Model):
    """One to five stars by one person for an artist, a release or a track; nobody else sees it."""

    person = models.ForeignKey(PERSON, models.CASCADE, related_name="music_ratings")
    artist = models.ForeignKey(Artist, models.CASCADE, null=True)
    release = models.ForeignKey(Release, models.CASCADE, null=True)
    track = models.ForeignKey(Track, models.CASCADE, null=True)
    stars = models.PositiveSmallIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=ONE_OF, name="music_rating_of_one"),
            models.CheckConstraint(condition=Q(stars__gte=1, stars__lte=5), name="music_rating_stars"),
            models.UniqueConstraint(fields=["person", "artist"], condition=Q(artist__isnull=False), name="music_rating_artist"),
            models.UniqueConstraint(fields=["person", "release"], condition=Q(release__isnull=False), name="music_rating_release"),
            models.UniqueConstraint(fields=["person", "track"], condition=Q(track__isnull=False), name="music_rating_track"),
        ]

    def __str__(self) -> str:
        return f"{self.stars}"


class Playlist(models.Model):
    """Tracks in an order. ``public``: anyone with an account may listen; ``collaborative``: whom the owner lets in may change it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(PERSON, models.CASCADE, related_name="music_playlists")
    name = models.CharField(max_length=120)
    about = models.CharField(max_length=500, blank=True)
    public = models.BooleanField(default=False)
    collaborative = models.BooleanField(default=False)
    others = models.ManyToManyField(PERSON, related_name="music_shared_playlists")
    made_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(name=""), name="music_playlist_named")]
        indexes = [models.Index(fields=["owner", "name"], name="music_playlist_owner")]

    def __str__(self) -> str:
        return self.name


class PlaylistEntry(models.Model):
    """One track in a playlist, at a place; a track may stand in it more than once."""

    playlist = models.ForeignKey(Playlist, models.CASCADE, related_name="entries")
    position = models.PositiveIntegerField()
    track = models.ForeignKey(Track, models.CASCADE)
    added_by = models.ForeignKey(PERSON, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["playlist", "position"], name="music_entry_place", deferrable=models.Deferrable.DEFERRED)]

    def __str__(self) -> str:
        return f"{self.position}. {self.track_id}"


class PlayQueue(models.Model):
    """Where a listener was, to go on from another device: the queue, the place in it and the place in the track (milliseconds)."""

    person = models.OneToOneField(PERSON, models.CASCADE, related_name="music_queue")
    tracks = ArrayField(models.BigIntegerField(), default=list)
    index = models.PositiveIntegerField(null=True)
    position = models.PositiveBigIntegerField(default=0)
    changed_at = models.DateTimeField()
    changed_by = models.CharField(max_length=60, blank=True)

    def __str__(self) -> str:
        return f"{len(self.tracks)}"


class Bookmark(models.Model):
    """A place in a track (milliseconds) a listener wants to come back to."""

    person = models.ForeignKey(PERSON, models.CASCADE, related_name="music_bookmarks")
    track = models.ForeignKey(Track, models.CASCADE)
    position = models.PositiveBigIntegerField()
    comment = models.CharField(max_length=200, blank=True)
    made_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "track"], name="music_bookmark_once")]

    def __str__(self) -> str:
        return f"{self.track_id} {self.position}"


class Share(models.Model):
    """Tracks shown to whoever has the address; nothing is played there that who opens it could not play."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(PERSON, models.CASCADE, related_name="music_shares")
    tracks = ArrayField(models.BigIntegerField(), default=list)
    words = models.CharField(max_length=300, blank=True)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)
    visits = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return self.words or str(self.pk)
