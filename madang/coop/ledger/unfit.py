"""What no books take: an amount that is none, two currencies in one transfer, an account to itself."""

from __future__ import annotations

from django.utils.translation import gettext as _

from madang.kit.errors import Refused


class Unfit(Refused, ValueError):
    """A booking that cannot be one: a ``Refused`` for people, a ``ValueError`` for programs. ``detail`` says which figure, for the log."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(code, f"{_WORDS(code)} {_('Nothing was booked.')}")
        self.detail = detail
        self.args = (detail,)


def _WORDS(code: str) -> str:
    return {
        "amount": _("An amount is a whole number of the smallest unit, more than zero, and no larger than any co-op's books."),
        "unit": _("Two currencies cannot meet in one transfer."),
        "account": _("There is no such account, or it is the same on both sides."),
        "kind": _("A kind of transfer is a short word in small letters."),
        "key": _("Every booking has a name of its own, of at most 200 letters."),
        "moment": _("A moment is written with its time zone."),
        "words": _("A word of this is too long, or holds a sign that cannot be kept."),
        "empty": _("A booking moves something."),
        "too-many": _("One booking has at most 10,000 transfers."),
    }[code]
