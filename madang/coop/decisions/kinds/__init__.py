"""Kinds of decision: each says how it is prepared, shown, tried out, and what it does when it takes effect. One file a kind."""

from madang.coop.decisions.kinds.base import Kind, Line, Picture, Prepared, all_kinds, get, kind_of_rule, register, voters

__all__ = ["Kind", "Line", "Picture", "Prepared", "all_kinds", "get", "kind_of_rule", "register", "voters"]

from madang.coop.decisions.kinds import (  # noqa: F401  (they register themselves)
    admit,
    amendment,
    articles,
    ask,
    change_rules,
    choose,
    elect,
    election,
    expel,
    keep_measure,
    no_objection,
    panel,
    resolve,
)
