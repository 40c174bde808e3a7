"""What the members decide about inspections: where no law gives a term they do."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from madang.coop.rules import declare
from madang.kit.ruletypes import Duration

answer_within = declare(
    "ledger.inspection_answer", Duration(min="1d", max="30d"), default="7d", title=_("How soon a request to inspect the books is answered"),
    help=_("Counted from the moment it is asked. Where the law lets nobody refuse by silence, it opens when this time is over."),
)  # fmt: skip
open_for = declare(
    "ledger.inspection_open", Duration(min="1d", max="90d"), default="14d", title=_("How long inspected books stay open to who asked"),
    help=_("Each look and each copy in that time is recorded."),
)  # fmt: skip
