"""What was decided: code declares a rule, the members hold its value.

A platform declares (``rules.declare``), then reads what was in force at a moment (``rule.at(moment)``). Nothing here writes a
value but :mod:`madang.coop.rules.actions`, and the database refuses what neither the founding nor a passed decision set.
"""

from madang.coop.rules.registry import (
    DryRun,
    Rule,
    Slider,
    all_rules,
    declare,
    declare_family,
    get,
    several,
    version,
)  # fmt: skip

__all__ = ["DryRun", "Rule", "Slider", "all_rules", "declare", "declare_family", "get", "several", "version"]
