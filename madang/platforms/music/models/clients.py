"""Keys for players of others: one a device, made by the program, never the member's own password (there is none)."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

PERSON = settings.AUTH_USER_MODEL


class AppPassword(models.Model):
    """A password for one player on one device. ``hash`` finds it; ``sealed`` is the password itself, encrypted: signing in with token and salt
    (md5 of password and salt) can only be checked by who can read it. One made as an API key has none: its hash is enough."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(PERSON, models.CASCADE, related_name="music_passwords")
    name = models.CharField(max_length=60)
    username = models.CharField(max_length=60, blank=True, help_text="what the player types beside it; none for an API key")
    hash = models.CharField(max_length=64, unique=True)
    sealed = models.BinaryField(default=b"")
    made_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(name="") & Q(hash__regex=r"^[0-9a-f]{64}$"), name="music_password_named_and_hashed"),
        ]
        indexes = [models.Index(fields=["username"], name="music_password_user")]

    def __str__(self) -> str:
        return self.name
