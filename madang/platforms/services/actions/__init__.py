"""The verbs of on-demand services. One public function is one thing a person does, in one transaction, safe to repeat.

client: ``add_home edit_home remove_home get_quote book cancel_by_client confirm report_problem tip rate``
worker: ``become_worker edit_worker set_availability add_time_off remove_time_off accept decline check_in tick tick_many check_out cancel_by_worker rate``
office (coordinator): ``assign report_problem settle_problem``
by itself: the due work in ``hooks.py`` and what ``payments`` tells (``paid.py``).
"""

from madang.platforms.services.actions.booking import HORIZON, Taken, book, get_quote
from madang.platforms.services.actions.offers import accept, assign, cancel_by_worker, decline
from madang.platforms.services.actions.people import (
    add_home,
    add_time_off,
    become_worker,
    edit_home,
    edit_worker,
    remove_home,
    remove_time_off,
    set_availability,
)  # fmt: skip
from madang.platforms.services.actions.thanks import rate, tip
from madang.platforms.services.actions.visits import (
    cancel_by_client,
    check_in,
    check_out,
    confirm,
    report_problem,
    settle_problem,
    tick,
    tick_many,
)  # fmt: skip

__all__ = [
    "HORIZON", "Taken", "accept", "add_home", "add_time_off", "assign", "become_worker", "book", "cancel_by_client", "cancel_by_worker", "check_in",
    "check_out", "confirm", "decline", "edit_home", "edit_worker", "get_quote", "rate", "remove_home", "remove_time_off", "report_problem",
    "set_availability", "settle_problem", "tick", "tick_many", "tip",
]
