"""What music adds to the house."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from madang.coop.ledger.books.chart import OTHERS, OWN, AccountKind, Side
from madang.coop.ledger.flows import Flow
from madang.kit.house import Check, DueWork, NavItem, Purpose
from madang.platforms.music import checks as invariants
from madang.platforms.music import demo as story
from madang.platforms.music import messages as texts
from madang.platforms.music import personal as data
from madang.platforms.music.actions import catalogue, playing, preparing, settling, uploading, wallets

navigation = [
    NavItem(_("Music"), "music:home", order=20),
    NavItem(_("My music"), "music:library", order=22, audience="person"),
    NavItem(pgettext_lazy("music", "My wallet"), "music:wallet", order=24, audience="person"),
    NavItem(_("Studio"), "music:studio", order=26, audience="person"),
]

purposes = [
    Purpose("wallet", _("money into your wallet"), wallets.settled, wallets.failed, wallets.refunded, url=lambda charge: "/music/wallet/", lost=wallets.lost),
]

account_kinds = [
    AccountKind("wallet", 215, Side.LIABILITIES, _("Listeners' wallets"), OTHERS),
    AccountKind("plays", 216, Side.LIABILITIES, _("Plays being settled"), OWN),
    AccountKind("held-back", 225, Side.LIABILITIES, _("Earnings held until their parties agree"), OTHERS),
    AccountKind("floor-reserve", 370, Side.EQUITY, _("Reserve for the least a play brings"), OWN),
    AccountKind("unheard", 371, Side.EQUITY, _("Paid by listeners who played nothing"), OWN),
]

money_flows = [
    Flow("top-up", _("into a listener's wallet"), 3),
    Flow("wallet-back", _("what was left in a wallet goes back"), 81),
    Flow("plays", _("a month's plays"), 8, _("What a listener's plays of the month came to leaves their wallet.")),
    Flow("royalty", _("to the artists' side"), 11, _("A month's plays were shared by the model the members decided.")),
    Flow("floor", _("the least a play brings"), 13, _("Where the plays brought less than the members' least, its reserve adds what is missing.")),
    Flow("held-back", _("held until the parties agree"), 61, _("Not every party of this part has confirmed, or one disputes it. The money waits here.")),
    Flow("unheard", _("paid and nothing played"), 62, _("A subscription was paid and nothing was played.")),
]

due = [
    DueWork("music: releases whose day has come", catalogue.find_due, catalogue.come_out),
    DueWork("music: files whose preparation stopped", preparing.find_stuck, preparing.again),
    DueWork("music: uploads that stopped", uploading.find_old, uploading.drop),
    DueWork("music: tracks that were fetched and not told", playing.find_unreported, playing.count_unreported),
    DueWork("music: months to settle", settling.find_due, settling.settle_month),
]

messages = list(texts.MESSAGES)
personal = data.PERSONAL
demo = [story.fill]
checks = [
    Check("music: wallets are what the books say", invariants.wallets),
    Check("music: each month's parts are what was paid", invariants.months),
]
