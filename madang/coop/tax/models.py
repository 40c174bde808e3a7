"""Who is registered for what, the papers of each supply, what was kept back, what was sent to the tax office, and what waits for its services."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

STANDINGS = ["registered", "freelancer", "foreign", "none"]
PAPERS = ["receipt", "invoice", "correction"]
FILING_KINDS = ["cash-receipt", "cash-receipt-cancel", "e-invoice"]
FILING_STATES = ["created", "sent", "done", "refused"]
TAXES = ["vat-out", "withheld", "withheld-local"]


class TaxStatus(models.Model):
    """How an owner ("" is the co-op, ``person:<id>``, ``organisation:<id>``) stands with the tax office from ``since`` on; a later row ends it.

    ``number`` is a business or VAT registration number; ``sealed`` a Korean resident registration number, encrypted, of which ``tail`` says
    nothing but the birth date's digits. ``added``: prices are said without the tax (otherwise they hold it). ``cash_receipts``: of a kind of
    business that must issue them unasked.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.CharField(max_length=90, blank=True)
    standing = models.CharField(max_length=12)
    country = models.CharField(max_length=2)
    number = models.CharField(max_length=20, blank=True)
    name = models.CharField(max_length=70, blank=True)
    representative = models.CharField(max_length=70, blank=True)
    address = models.CharField(max_length=150, blank=True)
    trade = models.CharField(max_length=40, blank=True)
    item = models.CharField(max_length=40, blank=True)
    added = models.BooleanField(default=False)
    cash_receipts = models.BooleanField(default=False)
    sealed = models.BinaryField(max_length=400, null=True)
    tail = models.CharField(max_length=8, blank=True)
    since = models.DateField()
    by = models.ForeignKey("people.Person", models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(standing__in=STANDINGS), name="tax_status_standing"),
            models.CheckConstraint(condition=~Q(owner="", standing__in=["freelancer", "foreign"]), name="tax_status_of_a_coop"),
            models.CheckConstraint(condition=Q(sealed=None) | Q(standing="freelancer"), name="tax_status_sealed"),
            models.UniqueConstraint(fields=["owner", "since", "at"], name="tax_status_once"),
        ]
        indexes = [models.Index(fields=["owner", "since"], name="tax_status_owner")]


class Paper(models.Model):
    """A receipt, a tax invoice or a correction: numbered without a gap within its ``series`` (``2026-R``), never changed.

    ``net``, ``tax``: smallest units, below zero on a correction. ``entry`` is the booking it tells of; its line on the tax account is ``tax``.
    ``supplier`` and ``customer`` are what stood on it that day; the customer's part is forgotten when the law no longer asks for it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=10)
    series = models.CharField(max_length=10)
    number = models.PositiveIntegerField()
    owner = models.CharField(max_length=90)
    subject = models.CharField(max_length=90)
    title = models.JSONField(default=dict)
    entry = models.ForeignKey("ledger.Entry", models.PROTECT, related_name="+")
    net = models.BigIntegerField()
    tax = models.BigIntegerField()
    unit = models.CharField(max_length=3)
    rate = models.CharField(max_length=12)
    citation = models.CharField(max_length=120)
    issued_on = models.DateField()
    supplied_on = models.DateField()
    at = models.DateTimeField()
    supplier = models.JSONField()
    customer = models.JSONField(default=dict)
    corrects = models.ForeignKey("self", models.PROTECT, null=True, related_name="corrections")
    reason = models.CharField(max_length=12, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["series", "number"], name="tax_paper_number"),
            models.UniqueConstraint(fields=["entry"], name="tax_paper_entry"),
            models.CheckConstraint(condition=Q(kind__in=PAPERS, number__gt=0), name="tax_paper_kind"),
            models.CheckConstraint(
                condition=Q(kind="correction", corrects__isnull=False, net__lte=0, tax__lte=0)
                | (~Q(kind="correction") & Q(corrects=None, net__gte=0, tax__gte=0)),
                name="tax_paper_sign",
            ),
        ]
        indexes = [
            models.Index(fields=["subject"], name="tax_paper_subject"),
            models.Index(fields=["owner", "at"], name="tax_paper_owner"),
            models.Index(fields=["at"], name="tax_paper_at"),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def code(self) -> str:
        """The number as it is written: ``2026-R-000012``."""
        return f"{self.series}-{self.number:06d}"

    @property
    def gross(self) -> int:
        """What was paid, or goes back."""
        return self.net + self.tax

    def get_absolute_url(self) -> str:
        """The paper itself."""
        return reverse("tax:paper", args=[self.pk])


class Withholding(models.Model):
    """What was kept back of one payout: ``income`` and ``local`` of ``gross``, booked by ``entry``; ``back`` took it back when the payout returned."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.CharField(max_length=90)
    standing = models.CharField(max_length=12)
    gross = models.BigIntegerField()
    income = models.BigIntegerField()
    local = models.BigIntegerField()
    unit = models.CharField(max_length=3)
    citation = models.CharField(max_length=120)
    at = models.DateTimeField()
    entry = models.OneToOneField("ledger.Entry", models.PROTECT, related_name="+")
    back = models.OneToOneField("ledger.Entry", models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(income__gte=0, local__gte=0, gross__gt=F("income") + F("local")), name="tax_withholding")]
        indexes = [models.Index(fields=["at"], name="tax_withholding_at"), models.Index(fields=["owner", "at"], name="tax_withholding_owner")]

    @property
    def net(self) -> int:
        """What was sent."""
        return self.gross - self.income - self.local


class Remittance(models.Model):
    """Money that went to a tax office for a period, out of the account of that ``tax``."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tax = models.CharField(max_length=20)
    period = models.DateField(help_text="the first day of the period it is for")
    amount = models.BigIntegerField()
    unit = models.CharField(max_length=3)
    reference = models.CharField(max_length=60)
    key = models.CharField(max_length=200, unique=True)
    entry = models.OneToOneField("ledger.Entry", models.PROTECT, related_name="+")
    by = models.ForeignKey("people.Person", models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(tax__in=TAXES, amount__gt=0), name="tax_remittance")]
        indexes = [models.Index(fields=["tax", "period"], name="tax_remittance_period")]


class Wish(models.Model):
    """What a payer wants for one charge: a cash receipt to a number of theirs (sealed), or an invoice to their business. Kept until it is issued."""

    charge = models.UUIDField(primary_key=True)
    person = models.ForeignKey("people.Person", models.PROTECT, related_name="+")
    use = models.CharField(max_length=10)
    sealed = models.BinaryField(max_length=600)
    tail = models.CharField(max_length=8)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(use__in=["income", "business", "invoice"]), name="tax_wish_use")]


class Filing(models.Model):
    """Something for a service of the tax office: written here first, sent after the commit, answered once. ``sealed`` is to whom, until it is done."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=20)
    key = models.CharField(max_length=200, unique=True)
    subject = models.CharField(max_length=90)
    owner = models.CharField(max_length=90)
    paper = models.ForeignKey(Paper, models.PROTECT, null=True, related_name="filings")
    of = models.ForeignKey("self", models.PROTECT, null=True, related_name="cancellations")
    use = models.CharField(max_length=10, blank=True)
    net = models.BigIntegerField()
    tax = models.BigIntegerField()
    unit = models.CharField(max_length=3)
    sealed = models.BinaryField(max_length=600, null=True)
    tail = models.CharField(max_length=8, blank=True)
    state = models.CharField(max_length=10, default="created")
    approval = models.CharField(max_length=40, blank=True)
    reason = models.CharField(max_length=40, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    again = models.PositiveSmallIntegerField(default=0, help_text="how often it was handed in anew after a refusal: a new thing to the service")
    by = models.ForeignKey("people.Person", models.PROTECT, null=True, related_name="+", help_text="who saw to what was refused")
    created_at = models.DateTimeField()
    next_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=FILING_KINDS, state__in=FILING_STATES), name="tax_filing_kind"),
            models.CheckConstraint(condition=~Q(state="done") | ~Q(approval=""), name="tax_filing_approved"),
        ]
        indexes = [
            models.Index(fields=["created_at"], name="tax_filing_refused", condition=Q(state="refused")),
            models.Index(fields=["next_at"], name="tax_filing_open", condition=Q(next_at__isnull=False)),
            models.Index(fields=["subject"], name="tax_filing_subject"),
        ]

    @property
    def gross(self) -> int:
        """What it is about."""
        return self.net + self.tax


class Reading(models.Model):
    """Somebody took the year's statement of payments out, with people's resident numbers in it: who, when, how many."""

    year = models.PositiveSmallIntegerField()
    people = models.PositiveIntegerField()
    by = models.ForeignKey("people.Person", models.PROTECT, related_name="+")
    at = models.DateTimeField()


class SandboxFiling(models.Model):
    """The pretend tax service's own book. Nothing of ours reads it but the sandbox."""

    key = models.CharField(max_length=200, primary_key=True)
    data = models.JSONField()
