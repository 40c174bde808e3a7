"""What a job's states are called, for each who looks, and how loudly: persimmon for what needs that person, pine for what is well, quiet for the rest."""

from __future__ import annotations

from typing import Any

from django.utils.translation import pgettext_lazy

from madang.platforms.services import states

NEEDS, OURS, REST = "persimmon", "pine", "quiet"

_CLIENT: dict[str, tuple[Any, str]] = {
    states.HELD: (pgettext_lazy("job", "waiting for payment"), NEEDS),
    states.OFFERED: (pgettext_lazy("job", "finding your worker"), REST),
    states.ACCEPTED: (pgettext_lazy("job", "arranged"), OURS),
    states.IN_PROGRESS: (pgettext_lazy("job", "being done"), OURS),
    states.DONE: (pgettext_lazy("job", "please confirm"), NEEDS),
    states.PROBLEM: (pgettext_lazy("job", "with the office"), NEEDS),
    states.RELEASED: (pgettext_lazy("job", "finished"), OURS),
    states.CANCELLED: (pgettext_lazy("job", "cancelled"), REST),
    states.UNFILLED: (pgettext_lazy("job", "nobody could come"), REST),
    states.LAPSED: (pgettext_lazy("job", "not paid in time"), REST),
    states.REFUNDED: (pgettext_lazy("job", "money returned"), REST),
}
_WORKER = _CLIENT | {
    states.OFFERED: (pgettext_lazy("job", "will you take it?"), NEEDS),
    states.ACCEPTED: (pgettext_lazy("job", "yours"), OURS),
    states.DONE: (pgettext_lazy("job", "waiting for the client's word"), REST),
    states.RELEASED: (pgettext_lazy("job", "paid out"), OURS),
}
_OFFICE = _CLIENT | {
    states.OFFERED: (pgettext_lazy("job", "looking for a worker"), NEEDS),
    states.DONE: (pgettext_lazy("job", "waiting for the client's word"), REST),
    states.PROBLEM: (pgettext_lazy("job", "needs your answer"), NEEDS),
}
_SIDES = {"client": _CLIENT, "worker": _WORKER, "office": _OFFICE}

def state(name: str, side: str) -> tuple[Any, str]:
    """(label, tone) of a job's state as ``side`` (client, worker, office) is told it."""
    return _SIDES[side][name]
