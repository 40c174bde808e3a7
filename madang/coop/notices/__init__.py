"""Telling people. Use ``notices.open_task``, ``close_task``, ``tell``, ``needs_me``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from madang.coop.notices.actions import close_task as close_task
    from madang.coop.notices.actions import close_tasks as close_tasks
    from madang.coop.notices.actions import open_task as open_task
    from madang.coop.notices.actions import redate_task as redate_task
    from madang.coop.notices.actions import tell as tell
    from madang.coop.notices.actions import tell_all as tell_all
    from madang.coop.notices.queries import needs_me as needs_me

__all__ = ["close_task", "close_tasks", "needs_me", "open_task", "redate_task", "tell", "tell_all"]


def __getattr__(name: str) -> Any:
    """The verbs, fetched when asked for: models cannot be imported before Django is ready."""
    if name == "needs_me":
        from madang.coop.notices import queries

        return queries.needs_me
    if name in __all__:
        from madang.coop.notices import actions

        return getattr(actions, name)
    raise AttributeError(name)
