"""What rules adds to the house."""

from django.utils.translation import gettext_lazy as _

from madang.coop.rules import checks as must_hold
from madang.kit.house import Check, NavItem

navigation = [NavItem(_("Rules"), "rules:list", order=40, audience="all")]
append_only = ["rules_ruleversion"]
checks = [Check("rules: every value is as recorded", must_hold.values_are_as_recorded)]
