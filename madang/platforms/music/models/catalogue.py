"""Who made what: artists, bands and labels, their releases and tracks, and the files that sound."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from madang.platforms.music import states

PERSON = settings.AUTH_USER_MODEL
TITLE_MAX, NAME_MAX, ABOUT_MAX, LYRICS_MAX = 200, 120, 4000, 20_000


class Artist(models.Model):
    """A name music is released under: one person's, a band's or a label's. Who may act for it are its members that manage it."""

    PERSON, BAND, LABEL = "person", "band", "label"
    KINDS = [(PERSON, _("one person")), (BAND, pgettext_lazy("music", "a band or group")), (LABEL, _("a label"))]

    name = models.CharField(_("name"), max_length=NAME_MAX)
    sort_name = models.CharField(max_length=NAME_MAX)
    slug = models.SlugField(max_length=80, unique=True)
    kind = models.CharField(max_length=8, choices=KINDS, default=PERSON)
    about = models.TextField(_("about"), blank=True, max_length=ABOUT_MAX)
    links = models.JSONField(default=list, help_text="addresses on the web, as text")
    picture = models.CharField(max_length=80, blank=True, help_text="name of the file in the data folder")
    made_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True, help_text="the artist left: no new plays, what was bought stays with who bought it")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(name="") & ~Q(slug=""), name="music_artist_named"),
            models.CheckConstraint(condition=Q(kind__in=["person", "band", "label"]), name="music_artist_kind"),
        ]
        indexes = [
            models.Index(fields=["sort_name"], name="music_artist_sort"),
            GinIndex(OpClass(Upper("name"), name="gin_trgm_ops"), name="music_artist_find"),
        ]

    def __str__(self) -> str:
        return self.name


class Member(models.Model):
    """Somebody in an artist's line-up, or an artist on a label's roster; ``manages`` may change its pages, releases and splits."""

    artist = models.ForeignKey(Artist, models.PROTECT, related_name="members")
    person = models.ForeignKey(PERSON, models.PROTECT, null=True, related_name="music_members")
    other = models.ForeignKey(Artist, models.PROTECT, null=True, related_name="rosters", help_text="an artist of this label")
    name = models.CharField(max_length=NAME_MAX, blank=True)
    role = models.CharField(max_length=NAME_MAX, blank=True, help_text="what they play or do")
    manages = models.BooleanField(default=False)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["artist", "person"], condition=Q(until=None, person__isnull=False), name="music_member_once"),
            models.UniqueConstraint(fields=["artist", "other"], condition=Q(until=None, other__isnull=False), name="music_roster_once"),
            models.CheckConstraint(condition=Q(manages=False) | Q(person__isnull=False), name="music_member_manager_is_someone"),
        ]

    def __str__(self) -> str:
        return self.name or str(self.person or self.other)


class Release(models.Model):
    """An album, EP or single. ``lufs`` and ``peak`` in hundredths (LUFS, dBTP) over the whole of it; ``tags`` in small letters."""

    KINDS = [("album", _("album")), ("ep", _("EP")), ("single", _("single")), ("compilation", _("compilation")), ("live", pgettext_lazy("music", "live"))]

    artist = models.ForeignKey(Artist, models.PROTECT, related_name="releases")
    label = models.ForeignKey(Artist, models.PROTECT, null=True, blank=True, related_name="label_releases")
    title = models.CharField(_("title"), max_length=TITLE_MAX)
    kind = models.CharField(max_length=12, choices=KINDS, default="album")
    about = models.TextField(_("about"), blank=True, max_length=ABOUT_MAX)
    state = models.CharField(max_length=12, default=states.DRAFT)
    release_at = models.DateTimeField(null=True, help_text="when it is, or was, published")
    preorder = models.BooleanField(default=False)
    upc = models.CharField(max_length=13, blank=True)
    licence = models.CharField(max_length=60, blank=True)
    copyright = models.CharField(max_length=TITLE_MAX, blank=True)
    cover = models.CharField(max_length=80, blank=True, help_text="name of the file in the data folder")
    tags = ArrayField(models.CharField(max_length=40), default=list)
    lufs = models.IntegerField(null=True)
    peak = models.IntegerField(null=True)
    made_by = models.ForeignKey(PERSON, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=states.RELEASE_STATES), name="music_release_state"),
            models.CheckConstraint(condition=~Q(title=""), name="music_release_titled"),
            models.CheckConstraint(condition=Q(state=states.DRAFT) | Q(release_at__isnull=False), name="music_release_dated"),
        ]
        indexes = [
            models.Index(fields=["-release_at", "-id"], name="music_release_new", condition=Q(state=states.PUBLISHED)),
            models.Index(fields=["release_at"], name="music_release_due", condition=Q(state=states.SCHEDULED)),
            models.Index(fields=["title"], name="music_release_title"),
            GinIndex(OpClass(Upper("title"), name="gin_trgm_ops"), name="music_release_find"),
            GinIndex(fields=["tags"], name="music_release_tags"),
        ]

    def __str__(self) -> str:
        return self.title


class Track(models.Model):
    """One recording on one release. ``state`` is the life of its sound; ``original`` and renditions are files in the data folder.

    ``duration`` in milliseconds; ``lufs``, ``peak`` in hundredths; ``waveform`` one byte a bucket; ``fingerprint`` finds the same recording again.
    """

    release = models.ForeignKey(Release, models.PROTECT, related_name="tracks")
    artist = models.ForeignKey(Artist, models.PROTECT, related_name="tracks")
    disc = models.PositiveSmallIntegerField(default=1)
    position = models.PositiveIntegerField()
    title = models.CharField(_("title"), max_length=TITLE_MAX)
    isrc = models.CharField(max_length=12, blank=True)
    licence = models.CharField(max_length=60, blank=True)
    covers = models.CharField(max_length=TITLE_MAX, blank=True, help_text="whose work this is a cover of")
    lyrics = models.TextField(blank=True, max_length=LYRICS_MAX, help_text="plain, or with [mm:ss.xx] before each line")
    language = models.CharField(max_length=8, blank=True)
    explicit = models.BooleanField(default=False)

    state = models.CharField(max_length=10, default=states.WAITING)
    reason = models.CharField(max_length=300, blank=True)
    original = models.CharField(max_length=120, blank=True)
    original_name = models.CharField(max_length=255, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    size = models.BigIntegerField(default=0)
    codec = models.CharField(max_length=20, blank=True)
    duration = models.PositiveIntegerField(default=0)
    bit_rate = models.PositiveIntegerField(default=0, help_text="of the original, bits a second")
    sample_rate = models.PositiveIntegerField(default=0)
    channels = models.PositiveSmallIntegerField(default=0)
    bit_depth = models.PositiveSmallIntegerField(null=True)
    lossless = models.BooleanField(default=False)
    lufs = models.IntegerField(null=True)
    peak = models.IntegerField(null=True)
    waveform = models.BinaryField(default=b"")
    fingerprint = models.BinaryField(default=b"")
    progress = models.PositiveSmallIntegerField(default=0, help_text="of the preparation, in per cent")
    claimed_until = models.DateTimeField(null=True, help_text="somebody prepares it until then; after that another may")
    tries = models.PositiveSmallIntegerField(default=0)
    problems = models.JSONField(default=list, help_text="what looked wrong in the file's own tags, for who uploaded it")
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["release", "disc", "position"], name="music_track_place", deferrable=models.Deferrable.DEFERRED),
            models.CheckConstraint(condition=Q(state__in=states.SOUND_STATES), name="music_track_state"),
            models.CheckConstraint(condition=~Q(state=states.READY) | Q(duration__gt=0), name="music_track_sounds"),
            models.CheckConstraint(condition=~Q(title=""), name="music_track_titled"),
        ]
        indexes = [
            models.Index(fields=["artist"], name="music_track_artist"),
            models.Index(fields=["claimed_until"], name="music_track_waits", condition=Q(state__in=[states.WAITING, states.PREPARING])),
            models.Index(fields=["sha256"], name="music_track_same"),
            GinIndex(OpClass(Upper("title"), name="gin_trgm_ops"), name="music_track_find"),
        ]
        ordering = ["disc", "position"]

    def __str__(self) -> str:
        return self.title


class Rendition(models.Model):
    """A file made from a track's original, to be listened to: ``bit_rate`` in bits a second, ``size`` in bytes."""

    track = models.ForeignKey(Track, models.CASCADE, related_name="renditions")
    format = models.CharField(max_length=8)
    bit_rate = models.PositiveIntegerField()
    size = models.BigIntegerField()
    path = models.CharField(max_length=120)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["track", "format"], name="music_rendition_once")]

    def __str__(self) -> str:
        return f"{self.track_id}.{self.format}"


class Credit(models.Model):
    """Who did what on a track: a name, maybe an artist of ours, and the role ("bass", "wrote it", "mixed it")."""

    track = models.ForeignKey(Track, models.CASCADE, related_name="credits")
    name = models.CharField(max_length=NAME_MAX)
    artist = models.ForeignKey(Artist, models.PROTECT, null=True, related_name="credits")
    role = models.CharField(max_length=60)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["track", "name", "role"], name="music_credit_once")]
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.name}: {self.role}"


class Upload(models.Model):
    """A file on its way in, in pieces: ``got`` of ``length`` bytes are here. It becomes a track when it is whole; one that stops is dropped after a while."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(PERSON, models.CASCADE, related_name="music_uploads")
    release = models.ForeignKey(Release, models.CASCADE, related_name="uploads")
    name = models.CharField(max_length=255)
    length = models.BigIntegerField()
    got = models.BigIntegerField(default=0)
    path = models.CharField(max_length=120)
    track = models.ForeignKey(Track, models.SET_NULL, null=True, related_name="+")
    begun_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(length__gt=0, got__gte=0, got__lte=models.F("length")), name="music_upload_length")]
        indexes = [models.Index(fields=["expires_at"], name="music_upload_expires")]

    def __str__(self) -> str:
        return f"{self.name} {self.got}/{self.length}"
