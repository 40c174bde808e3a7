"""Where money is: accounts, transfers, entries, holds.

``ledger.account(kind, owner, unit)``, ``ledger.accounts([(kind, owner), …], unit)`` · ``ledger.post(kind, moves, key=, subject=, now=)`` ·
``ledger.hold(…)``, ``ledger.release(hold, parts, …)``, ``ledger.refund_hold(…)`` · ``ledger.parts(version, amount, recipients, salt)`` ·
``ledger.nested_parts(…)`` (a split inside splits) · ``ledger.owner_of(person)`` · ``Move``, ``Part``, ``Posting``.

``post_batch`` (thousands in one entry), ``post_linked`` (several entries or none) · ``pend``, ``post_pending``, ``void`` (two phases) ·
``reverse``, ``exchange``, ``close`` · ``settle(scope, …)`` (a split repeated, with what is carried).
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from madang.coop.ledger.actions import account as account
    from madang.coop.ledger.actions import accounts as accounts
    from madang.coop.ledger.actions import hold as hold
    from madang.coop.ledger.actions import post as post
    from madang.coop.ledger.actions import post_batch as post_batch
    from madang.coop.ledger.actions import post_linked as post_linked
    from madang.coop.ledger.actions import post_many as post_many
    from madang.coop.ledger.actions import refund_hold as refund_hold
    from madang.coop.ledger.actions import release as release
    from madang.coop.ledger.booking import Posting as Posting
    from madang.coop.ledger.flows import About as About
    from madang.coop.ledger.flows import Flow as Flow
    from madang.coop.ledger.flows import Subject as Subject
    from madang.coop.ledger.moves import Move as Move
    from madang.coop.ledger.moves import Part as Part
    from madang.coop.ledger.owners import owner_of as owner_of
    from madang.coop.ledger.pendings import pend as pend
    from madang.coop.ledger.pendings import pend_linked as pend_linked
    from madang.coop.ledger.pendings import post_pending as post_pending
    from madang.coop.ledger.pendings import void as void
    from madang.coop.ledger.settling import Share as Share
    from madang.coop.ledger.settling import settle as settle
    from madang.coop.ledger.splits import nested_parts as nested_parts
    from madang.coop.ledger.splits import parts as parts
    from madang.coop.ledger.undo import close as close
    from madang.coop.ledger.undo import exchange as exchange
    from madang.coop.ledger.undo import reverse as reverse
    from madang.coop.ledger.unfit import Unfit as Unfit

_WHERE = {
    "actions": ["account", "accounts", "hold", "post", "post_batch", "post_linked", "post_many", "refund_hold", "release"],
    "booking": ["Posting"],
    "flows": ["About", "Flow", "Subject"],
    "moves": ["Move", "Part"],
    "owners": ["owner_of"],
    "pendings": ["pend", "pend_linked", "post_pending", "void"],
    "settling": ["Share", "settle"],
    "splits": ["nested_parts", "parts"],
    "undo": ["close", "exchange", "reverse"],
    "unfit": ["Unfit"],
}
__all__ = [name for names in _WHERE.values() for name in names]


def __getattr__(name: str) -> Any:
    """The verbs, fetched when asked for: models cannot be imported before Django is ready."""
    for room, names in _WHERE.items():
        if name in names:
            return getattr(import_module(f"{__name__}.{room}"), name)
    raise AttributeError(name)
