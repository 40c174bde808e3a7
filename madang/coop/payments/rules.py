"""What members decide about payments."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from madang.coop.rules import declare
from madang.kit.ruletypes import Percent

dispute_payees = declare(
    "payments.dispute_payees",
    Percent(max="100%"),
    default="0%",
    title=_("What those who were paid bear of a payment that was taken back"),
    help=_("When a payer's bank takes a payment back for good after the work was paid, they bear this share of it, the co-op the rest."),
    group=_("Who gets what"),
)
