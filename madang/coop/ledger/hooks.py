"""What the ledger adds to the house."""

from django.utils.translation import gettext_lazy as _

from madang.coop.ledger import checks as books
from madang.coop.ledger.flows import Flow
from madang.kit.house import Check, NavItem

append_only = ["ledger_account", "ledger_entry", "ledger_transfer", "ledger_balance", "ledger_dayflow", "ledger_party"]

checks = [
    Check("balances equal sums", books.balances_equal_sums),
    Check("units sum to zero", books.units_sum_to_zero),
    Check("holds match", books.holds_match),
    Check("days equal sums", books.days_equal_sums),
]

navigation = [
    NavItem(_("Treasury"), "ledger:treasury", 50, "all"),
    NavItem(_("My statement"), "ledger:statement", 30, "person"),
]

money_flows = [
    Flow("hold", _("kept until the work is done"), 5, _("Money that was paid is kept until the work is done.")),
    Flow("refund", _("back to who paid"), 80),
]
