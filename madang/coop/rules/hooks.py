"""What rules adds to the house."""

from django.utils.translation import gettext_lazy as _

from madang.kit.house import NavItem

navigation = [NavItem(_("Rules"), "rules:list", order=40, audience="all")]
append_only = ["rules_ruleversion"]
