"""The verbs of deciding: one function is one thing a person (or the clock) does, in one transaction, safe to repeat."""

from madang.coop.decisions.amending import decline, offer, put, retract, take_in
from madang.coop.decisions.back import go_back
from madang.coop.decisions.discussing import comment, pin
from madang.coop.decisions.drafting import draft, edit, open_discussion, support, withdraw
from madang.coop.decisions.effects import take_effect
from madang.coop.decisions.panels import step_back, volunteer
from madang.coop.decisions.reminding import remind
from madang.coop.decisions.review import keep
from madang.coop.decisions.standing import nominate, stand, step_down
from madang.coop.decisions.vetoing import veto
from madang.coop.decisions.voting import cast, close, open_voting

__all__ = [
    "cast",
    "close",
    "comment",
    "decline",
    "draft",
    "edit",
    "go_back",
    "keep",
    "nominate",
    "offer",
    "open_discussion",
    "open_voting",
    "pin",
    "put",
    "remind",
    "retract",
    "stand",
    "step_back",
    "step_down",
    "support",
    "take_effect",
    "take_in",
    "veto",
    "volunteer",
    "withdraw",
]
