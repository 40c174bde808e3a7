"""The verbs of meetings: one function is one thing a person does, in one transaction, safe to repeat."""

from madang.coop.meetings.calling import add, call, cancel, draft, move, take_off, up
from madang.coop.meetings.holding import begin, break_off, choose_signers, close, count, hand_over, hands, open_meeting, put
from madang.coop.meetings.minutes import sign, write
from madang.coop.meetings.presence import come, leave, tick, tick_proxy

__all__ = [
    "add",
    "begin",
    "break_off",
    "call",
    "cancel",
    "choose_signers",
    "close",
    "come",
    "count",
    "draft",
    "hand_over",
    "hands",
    "leave",
    "move",
    "open_meeting",
    "put",
    "sign",
    "take_off",
    "tick",
    "tick_proxy",
    "up",
    "write",
]
