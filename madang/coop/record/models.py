"""The log as it is stored. Every table here only grows; what may still change is said at the table."""

from __future__ import annotations

from django.db import models


class PendingLeaf(models.Model):
    """A leaf that waits to be put in order. It goes only when it has become a :class:`Leaf` (a trigger holds that)."""

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=40)
    subject = models.CharField(max_length=120)
    at = models.DateTimeField()
    public = models.BooleanField()
    entry = models.BinaryField(help_text="canonical JSON: what stands in the log")
    leaf_hash = models.BinaryField(help_text="RFC 6962 leaf hash of the entry")

    class Meta:
        indexes = [models.Index(fields=["subject"], name="record_pending_subject"), models.Index(fields=["at"], name="record_pending_at")]


class Leaf(models.Model):
    """One entry of the log, at its place. Append-only."""

    index = models.BigIntegerField(primary_key=True)
    written = models.BigIntegerField(unique=True, help_text="the id it had while pending; its lines carry it too")
    kind = models.CharField(max_length=40)
    subject = models.CharField(max_length=120)
    at = models.DateTimeField()
    public = models.BooleanField()
    entry = models.BinaryField()
    leaf_hash = models.BinaryField()

    class Meta:
        indexes = [
            models.Index(fields=["subject", "index"], name="record_leaf_subject"),
            models.Index(fields=["kind", "index"], name="record_leaf_kind"),
            models.Index(fields=["index"], name="record_leaf_public", condition=models.Q(public=True)),
        ]
        constraints = [models.CheckConstraint(condition=models.Q(index__gte=0), name="record_leaf_index")]


class LeafLine(models.Model):
    """One line of a leaf: hash for ever, salt and words until they are erased. Erasing is the only change there is."""

    id = models.BigAutoField(primary_key=True)
    written = models.BigIntegerField(help_text="the pending id of its leaf")
    line_no = models.PositiveIntegerField()
    line_hash = models.BinaryField(help_text="RFC 6962 leaf hash of salt ‖ body")
    salt = models.BinaryField(null=True, help_text="16 random bytes")
    body = models.TextField(null=True, help_text="canonical JSON")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["written", "line_no"], name="record_line_once"),
            models.CheckConstraint(
                condition=models.Q(salt=None, body=None) | models.Q(salt__isnull=False, body__isnull=False), name="record_line_both_or_neither"
            ),
        ]


class Tile(models.Model):
    """A full tile of the tree: 256 hashes. What is not full yet is made from the rows below when asked. Append-only."""

    id = models.BigAutoField(primary_key=True)
    level = models.PositiveSmallIntegerField()
    index = models.BigIntegerField()
    data = models.BinaryField(help_text="256 hashes of 32 bytes")
    root = models.BinaryField(help_text="the hash this tile is one level up")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["level", "index"], name="record_tile_once")]


class Checkpoint(models.Model):
    """A signed statement of how long the log is and what it hashes to. Append-only."""

    size = models.BigIntegerField(primary_key=True)
    root = models.BinaryField()
    note = models.TextField(help_text="the signed note, as it is served")
    key = models.CharField(max_length=200, help_text="the verification key it was signed for")
    at = models.DateTimeField()
