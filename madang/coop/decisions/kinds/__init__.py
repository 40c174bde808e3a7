"""Kinds of decision: each says how it is prepared, shown, tried out, and what it does when it takes effect. One file a kind."""

from madang.coop.decisions.kinds.base import Kind, Line, Picture, Prepared, all_kinds, get, register

__all__ = ["Kind", "Line", "Picture", "Prepared", "all_kinds", "get", "register"]

from madang.coop.decisions.kinds import admit, ask, change_rules, choose, elect, election, expel, resolve  # noqa: F401  (they register themselves)
