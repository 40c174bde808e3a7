"""What waits for a person, what they were told, the mails that carry it, and work that failed."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from madang.coop.people.models import Person


class Told(models.Model):
    """A text kept as its key and its placeholders, so that it is read in the reader's language of the day."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    message = models.CharField(max_length=80, help_text="key of a declared message")
    params = models.JSONField(default=dict)
    url = models.CharField(max_length=500, blank=True, help_text="a path of this site")
    urgent = models.BooleanField(default=False)

    class Meta:
        abstract = True

    @property
    def title(self) -> str:
        """One line, in the language of the moment."""
        from madang.coop.notices.texts import title

        return title(self.message, self.params)

    @property
    def body(self) -> str:
        """A few sentences or nothing, in the language of the moment."""
        from madang.coop.notices.texts import body

        return body(self.message, self.params)


class Task(Told):
    """Something that needs a person. Actions open and close it; nobody ticks it off by hand."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="tasks")
    key = models.CharField(max_length=200, help_text="what it is about, such as offer:<id>; open once for one person")
    due_at = models.DateTimeField(null=True)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "key"], condition=Q(closed_at=None), name="notices_task_open_once")]
        indexes = [models.Index(fields=["key"], condition=Q(closed_at=None), name="notices_task_key")]


class Notice(Told):
    """One line in a person's inbox."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="notices")
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["person", "-at"], name="notices_notice_newest"),
            models.Index(fields=["person"], condition=Q(read_at=None), name="notices_notice_unread"),
        ]


class Mail(models.Model):
    """A mail, written in the transaction of what it tells about and sent after it. ``kept``: there is no SMTP, it stays here."""

    WAITING, SENT, FAILED, KEPT = "waiting", "sent", "failed", "kept"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, models.CASCADE, null=True, related_name="mails")
    to = models.EmailField()
    language = models.CharField(max_length=10)
    subject = models.CharField(max_length=300)
    text = models.TextField(max_length=20_000)
    named = models.JSONField(default=dict, help_text="{id of a person: the name by which the text speaks of them}")
    secret = models.BooleanField(default=False, help_text="holds a sign-in code: shown to nobody but in a demo, and soon forgotten")
    state = models.CharField(max_length=10, default=WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=500, blank=True)
    written_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=["waiting", "sent", "failed", "kept"]), name="notices_mail_state"),
            models.CheckConstraint(condition=Q(state="sent") | Q(sent_at=None), name="notices_mail_sent_at"),
        ]
        indexes = [
            models.Index(fields=["-written_at"], name="notices_mail_newest"),
            models.Index(fields=["written_at"], condition=Q(state__in=["waiting", "failed"]), name="notices_mail_unsent"),
        ]


class Failure(models.Model):
    """One piece of due work that did not succeed: tried again at ``next_try_at``, or stuck until an operator says so."""

    WAITING, STUCK, GIVEN_UP = "waiting", "stuck", "given up"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    work = models.CharField(max_length=80, help_text="name of the due work")
    key = models.CharField(max_length=200, help_text="which item of it")
    state = models.CharField(max_length=10, default=WAITING)
    attempts = models.PositiveSmallIntegerField(default=1)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    next_try_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=1000, help_text="a sentence")
    trace = models.TextField(blank=True, max_length=8000)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["work", "key"], name="notices_failure_once"),
            models.CheckConstraint(
                condition=Q(state="waiting", next_try_at__isnull=False) | Q(state__in=["stuck", "given up"], next_try_at=None),
                name="notices_failure_state",
            ),
        ]


class Sweep(models.Model):
    """One row for each due work: its turnstile (one sweeper at a time) and when it was last swept."""

    work = models.CharField(primary_key=True, max_length=80)
    turn = models.BigIntegerField(default=0, help_text="grows with each item done, so that a second sweeper sees its list is old")
    last_at = models.DateTimeField(null=True)
    last_done = models.PositiveIntegerField(default=0)
