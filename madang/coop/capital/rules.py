"""What the members decide about their capital: how it may leave, and whether it may pass from hand to hand."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from madang.coop.rules import declare
from madang.kit.ruletypes import Duration, Flag, Percent

CAPITAL = _("Share capital")

yearly_cap = declare(
    "capital.withdrawal_cap",
    Percent(),
    default="100%",
    title=_("How much of the share capital may leave in a year"),
    help=_("Of the capital at the year's beginning; first asked, first paid. 100 % is no cap. Where the law gives leavers all of it, there is none."),
    decided_by=("constitution", "policy"),
    group=CAPITAL,
    law="withdrawal.yearly_max_fraction",
    affects=_("when members who draw out shares are paid"),
)
notice = declare(
    "capital.withdrawal_notice",
    Duration(max="730d"),
    default="90d",
    title=_("Notice for drawing out shares"),
    help=_("From the day somebody asks to the first day they can be paid. What was asked before keeps the notice of its day."),
    decided_by=("constitution", "policy"),
    group=CAPITAL,
    law="withdrawal.notice_months_max",
    affects=_("when members who draw out shares are paid"),
)
transferable = declare(
    "capital.transferable",
    Flag(),
    default=False,
    title=_("Members may pass shares on to each other"),
    help=_("Only where the law leaves it to the members: elsewhere the law says what it takes."),
    decided_by=("constitution", "policy"),
    group=CAPITAL,
    affects=_("who may offer shares to another member"),
)
