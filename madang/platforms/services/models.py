"""What on-demand services store. What can never be true is refused by the database: a worker in two places, a price that is not its parts."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from madang.coop.people.models import Organisation
from madang.kit.errors import Refused
from madang.platforms.services import states

PERSON = settings.AUTH_USER_MODEL
WEEKDAYS = [(0, _("Monday")), (1, _("Tuesday")), (2, _("Wednesday")), (3, _("Thursday")), (4, _("Friday")), (5, _("Saturday")), (6, _("Sunday"))]
CLIENT, WORKER, OFFICE, NOBODY = "client", "worker", "office", ""


class Worker(models.Model):
    """A person who takes jobs through one member co-op (``organisation``)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.OneToOneField(PERSON, models.PROTECT, related_name="service_worker")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="service_workers")
    time_zone = models.CharField(max_length=64)
    about = models.CharField(max_length=280, blank=True)
    active = models.BooleanField(default=True)
    since = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["organisation"], name="services_worker_org")]

    def __str__(self) -> str:
        return str(self.person)


class Availability(models.Model):
    """A window of the week in which a worker takes jobs: minutes after midnight on the worker's own clock, in steps of 15; 1440 is midnight."""

    worker = models.ForeignKey(Worker, models.CASCADE, related_name="availability")
    weekday = models.SmallIntegerField(choices=WEEKDAYS)
    start = models.SmallIntegerField()
    end = models.SmallIntegerField()

    class Meta:
        ordering = ["weekday", "start"]
        constraints = [
            models.UniqueConstraint(fields=["worker", "weekday", "start"], name="services_window_once"),
            models.CheckConstraint(condition=Q(weekday__gte=0, weekday__lte=6), name="services_window_weekday"),
            models.CheckConstraint(condition=Q(start__gte=0, end__gt=F("start"), end__lte=1440), name="services_window_order"),
        ]
        indexes = [models.Index(fields=["weekday", "start", "end", "worker"], name="services_window_find")]


class TimeOff(models.Model):
    """A worker is away from one moment to another. ``note`` is the worker's own and shown to nobody else."""

    worker = models.ForeignKey(Worker, models.CASCADE, related_name="time_off")
    span = DateTimeRangeField()
    note = models.CharField(max_length=120, blank=True)

    class Meta:
        constraints = [
            ExclusionConstraint(name="services_time_off_once", expressions=[("worker", RangeOperators.EQUAL), ("span", RangeOperators.OVERLAPS)]),
        ]


class Home(models.Model):
    """A client's home. The address is personal: only the client, the worker who accepted and the office see it; ``district`` is for offers."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    client = models.ForeignKey(PERSON, models.PROTECT, related_name="homes")
    name = models.CharField(max_length=60, blank=True)
    district = models.CharField(max_length=60)
    address = models.CharField(max_length=200)
    directions = models.CharField(max_length=300, blank=True)
    bedrooms = models.SmallIntegerField()
    bathrooms = models.SmallIntegerField()
    has_ladder = models.BooleanField(default=False)
    has_machine = models.BooleanField(default=False)
    archived_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(bedrooms__gte=0, bathrooms__gte=1), name="services_home_size")]

    def __str__(self) -> str:
        return self.name or self.district


class Job(models.Model):
    """One visit: what was ordered, for whom, by whom, at what price and under which rules.

    ``lines``: ``[{"code", "title": {lang: text}, "quantity", "amount", "minutes", "version", "note"?}]``, the quote as it was shown.
    ``versions``: ``{rule key: id of the RuleVersion it was booked under}``. ``busy`` is the span with the way to the next job.
    ``price = charge paid + credit``; when it is over ``price = worker_part + fund_part + upkeep_part + tax_part + refunded``.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    client = models.ForeignKey(PERSON, models.PROTECT, related_name="service_jobs")
    home = models.ForeignKey(Home, models.PROTECT, related_name="jobs")
    worker = models.ForeignKey(Worker, models.PROTECT, related_name="jobs", null=True)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="service_jobs", null=True)
    wished_worker = models.ForeignKey(Worker, models.PROTECT, related_name="+", null=True)
    state = models.CharField(max_length=12, default=states.HELD)

    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    free_at = models.DateTimeField(help_text="when the worker can start the next one: the end and the way there")
    busy = models.GeneratedField(
        expression=models.Func(F("starts_at"), F("free_at"), function="tstzrange", output_field=DateTimeRangeField()),
        output_field=DateTimeRangeField(),
        db_persist=True,
    )

    bedrooms = models.SmallIntegerField()
    bathrooms = models.SmallIntegerField()
    lines = models.JSONField()
    minutes = models.SmallIntegerField()
    price = models.BigIntegerField()
    unit = models.CharField(max_length=8)
    versions = models.JSONField()
    client_note = models.CharField(max_length=500, blank=True)
    reasons = models.JSONField(default=dict, help_text="why this worker's time is kept: what the matching rule counted")
    ticks = models.JSONField(default=dict, help_text='what is ticked on the list of the rooms: {"<room>/<item>": when}')

    charge_id = models.UUIDField(null=True)
    booked_at = models.DateTimeField()
    hold_until = models.DateTimeField(help_text="unpaid until then, the slot is free again")
    paid_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)
    checked_in_at = models.DateTimeField(null=True)
    checked_out_at = models.DateTimeField(null=True)
    confirm_by = models.DateTimeField(null=True)
    confirmed_at = models.DateTimeField(null=True, help_text="the client said so; null when the hours ran out")
    over_at = models.DateTimeField(null=True, help_text="released, cancelled, unfilled, lapsed or refunded")
    cancelled_by = models.CharField(max_length=8, default=NOBODY, blank=True)
    rate_until = models.DateTimeField(null=True)
    goodwill = models.BigIntegerField(default=0, help_text="what the client gets on top from upkeep, if nobody comes instead")
    late_told = models.BooleanField(default=False)
    reminded = models.BooleanField(default=False)

    refunded = models.BigIntegerField(default=0)
    worker_part = models.BigIntegerField(default=0)
    fund_part = models.BigIntegerField(default=0)
    upkeep_part = models.BigIntegerField(default=0)
    tax_part = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="services_job_one_place",
                expressions=[("worker", RangeOperators.EQUAL), ("busy", RangeOperators.OVERLAPS)],
                condition=Q(state__in=states.OCCUPIES, worker__isnull=False),
            ),
            ExclusionConstraint(  # a second click or a second window: one home is cleaned once at a time
                name="services_job_one_home",
                expressions=[("home", RangeOperators.EQUAL), (models.Func(F("starts_at"), F("ends_at"), function="tstzrange"), RangeOperators.OVERLAPS)],
                condition=Q(state__in=states.OCCUPIES),
            ),
            models.CheckConstraint(condition=Q(state__in=states.JOB_STATES), name="services_job_state"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at"), free_at__gte=F("ends_at")), name="services_job_times"),
            models.CheckConstraint(
                condition=Q(price__gt=0, refunded__gte=0, worker_part__gte=0, fund_part__gte=0, upkeep_part__gte=0, tax_part__gte=0, goodwill__gte=0),
                name="services_job_money",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[states.RELEASED, states.CANCELLED, states.UNFILLED, states.REFUNDED])
                | Q(price=F("refunded") + F("worker_part") + F("fund_part") + F("upkeep_part") + F("tax_part")),
                name="services_job_parts",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[states.ACCEPTED, states.IN_PROGRESS, states.DONE]) | Q(worker__isnull=False, organisation__isnull=False),
                name="services_job_has_worker",
            ),
        ]
        indexes = [
            models.Index(fields=["client", "-starts_at"], name="services_job_client"),
            models.Index(fields=["worker", "-starts_at"], name="services_job_worker", include=["state", "ends_at"]),
            models.Index(fields=["hold_until"], name="services_job_unpaid", condition=Q(state=states.HELD)),
            models.Index(fields=["confirm_by"], name="services_job_confirm", condition=Q(state=states.DONE)),
            models.Index(fields=["starts_at"], name="services_job_taken", condition=Q(state__in=states.OCCUPIES), include=["worker", "free_at", "state"]),
            models.Index(fields=["ends_at"], name="services_job_running", condition=Q(state=states.IN_PROGRESS)),
            models.Index(fields=["state"], name="services_job_problem", condition=Q(state=states.PROBLEM)),
            models.Index(fields=["over_at"], name="services_job_unfilled", condition=Q(state=states.UNFILLED)),
            models.Index(fields=["starts_at"], name="services_job_asking", condition=Q(state=states.OFFERED)),
            models.Index(
                fields=["over_at"],
                name="services_job_over",
                include=["organisation", "price", "minutes", "refunded", "worker_part", "fund_part", "upkeep_part", "tax_part"],
                condition=Q(over_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.starts_at:%Y-%m-%d %H:%M}"

    @property
    def number(self) -> str:
        """A short reference a person can say on the phone."""
        return self.id.hex[:8].upper()

    @property
    def checklist(self) -> list[dict[str, Any]]:
        """What is to be done, by the list this job was booked under, with what is ticked. See :mod:`.checklist`. At most one query."""
        from madang.platforms.services import checklist, rules, terms

        return checklist.build(terms.of_job(self, rules.checklist), bedrooms=self.bedrooms, bathrooms=self.bathrooms, ticks=self.ticks)

    @property
    def span(self) -> DateTimeTZRange:
        """From start to end, ``[)``."""
        return DateTimeTZRange(self.starts_at, self.ends_at)

    def to(self, state: str) -> None:
        """Go on to ``state``; raises ``Refused`` (code ``job-<state>``) when a job's life has no such step."""
        if not states.JOB.may(self.state, state):
            raise Refused(f"job-{self.state}", states.NOT_NOW[self.state])
        self.state = state

    def lead(self, now: datetime) -> timedelta:
        """How long it is until the start (negative when it has begun)."""
        return self.starts_at - now


class Offer(models.Model):
    """A worker was asked to take a job, and why that one: ``reasons`` holds what the matching rule counted, so that the worker can ask."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    job = models.ForeignKey(Job, models.CASCADE, related_name="offers")
    worker = models.ForeignKey(Worker, models.PROTECT, related_name="offers")
    state = models.CharField(max_length=10, default=states.OPEN)
    made_at = models.DateTimeField()
    answer_by = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=200, blank=True, help_text="why it was declined, in the worker's words")
    reasons = models.JSONField(default=dict, help_text='{"rule", "version", "jobs_30_days", "place", "free"}')

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["job", "worker"], name="services_offer_once"),
            models.UniqueConstraint(fields=["job"], condition=Q(state__in=[states.OPEN, states.TAKEN]), name="services_offer_one_open"),
            models.CheckConstraint(condition=Q(state__in=states.OFFER_STATES), name="services_offer_state"),
        ]
        indexes = [models.Index(fields=["answer_by"], name="services_offer_due", condition=Q(state=states.OPEN))]


class Problem(models.Model):
    """Something went wrong with a job; a person of the office decides what is paid and what goes back."""

    job = models.OneToOneField(Job, models.CASCADE, primary_key=True, related_name="problem")
    reporter = models.ForeignKey(PERSON, models.PROTECT, related_name="+")
    side = models.CharField(max_length=8, choices=[(CLIENT, _("client")), (WORKER, _("worker")), (OFFICE, _("office"))])
    words = models.TextField(max_length=2000)
    reported_at = models.DateTimeField()
    settled_by = models.ForeignKey(PERSON, models.PROTECT, related_name="+", null=True)
    settled_at = models.DateTimeField(null=True)
    answer = models.TextField(max_length=2000, blank=True)
    refund = models.BigIntegerField(default=0)


class Rating(models.Model):
    """Stars and words by one side about the other; unseen until both are in or the window is over (double blind)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    job = models.ForeignKey(Job, models.CASCADE, related_name="ratings")
    side = models.CharField(max_length=8, choices=[(CLIENT, _("client")), (WORKER, _("worker"))])
    author = models.ForeignKey(PERSON, models.PROTECT, related_name="+")
    about = models.ForeignKey(PERSON, models.PROTECT, related_name="service_ratings")
    stars = models.SmallIntegerField()
    words = models.TextField(max_length=1000, blank=True)
    at = models.DateTimeField()
    opens_at = models.DateTimeField(help_text="when the window is over; sooner when both are in")
    visible = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["job", "side"], name="services_rating_once"),
            models.CheckConstraint(condition=Q(stars__gte=1, stars__lte=5), name="services_rating_stars"),
            models.CheckConstraint(condition=Q(side__in=[CLIENT, WORKER]), name="services_rating_side"),
        ]
        indexes = [
            models.Index(fields=["about", "-at"], name="services_rating_about", condition=Q(visible=True), include=["stars"]),
            models.Index(fields=["opens_at"], name="services_rating_opens", condition=Q(visible=False)),
        ]


class Tip(models.Model):
    """A client's thanks in money, shared by the tip rule in force when the job was booked."""

    PENDING, PAID, FAILED, RETURNED = "pending", "paid", "failed", "returned"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    job = models.ForeignKey(Job, models.CASCADE, related_name="tips")
    amount = models.BigIntegerField()
    unit = models.CharField(max_length=8)
    charge_id = models.UUIDField(null=True)
    state = models.CharField(max_length=8, default=PENDING)
    at = models.DateTimeField()
    paid_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="services_tip_amount"),
            models.UniqueConstraint(fields=["job"], condition=Q(state__in=["pending", "paid"]), name="services_tip_once"),
        ]
