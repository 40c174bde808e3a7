"""How several options are counted, in the words a voter reads. The first four pages of a proposal offer a few; the rest stand behind "more"."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Method:
    """A way of counting: what it is called, what the voter does, who wins. ``many``: it can choose several at once."""

    title: Any
    voter: Any
    wins: Any
    many: bool = False
    first: bool = False


METHODS: Mapping[str, Method] = {
    "approval": Method(
        _("Mark all you could live with"),
        _("Mark every option you could live with, as many as you like."),
        _("The option that most could live with is chosen."),
        many=True,
        first=True,
    ),
    "schulze": Method(
        _("Rank, compared in pairs (Schulze)"),
        _("Put the options in your order. Two may stand on one rank; those you leave out stand below."),
        _("Each option is held against each other one. Whoever wins all these comparisons is chosen; where they go in a circle, the strongest wins count."),
        first=True,
    ),
    "irv": Method(
        _("Rank, the last is taken off (instant run-off)"),
        _("Put the options in your order. You need not rank all."),
        _(
            "The option with the fewest first places is taken off and its ballots move to the next rank, until one has more than half. "
            "An option that would win every comparison can be taken off early."
        ),
    ),
    "ranked-pairs": Method(
        _("Rank, compared in pairs (ranked pairs)"),
        _("Put the options in your order. Two may stand on one rank; those you leave out stand below."),
        _("The clearest comparisons are fixed first; those that would close a circle are left out."),
    ),
    "minimax": Method(
        _("Rank, compared in pairs (minimax)"),
        _("Put the options in your order. Two may stand on one rank; those you leave out stand below."),
        _("The option whose worst defeat is the smallest is chosen."),
    ),
    "score": Method(
        _("Give 0 to 5"),
        _("Give each option from 0 (not at all) to 5 (very much)."),
        _("The numbers are added up; the highest sum is chosen."),
        many=True,
    ),
    "star": Method(
        _("Give 0 to 5, the best two meet (STAR)"),
        _("Give each option from 0 (not at all) to 5 (very much)."),
        _("Of the two with the highest sums, the one that more people gave more to is chosen."),
        many=True,
    ),
    "dots": Method(
        _("Share out dots"), _("You have {limit} dots. Put as many as you like on each option."), _("The option with the most dots is chosen."), many=True
    ),
    "quadratic": Method(
        _("Share out credits (quadratic)"),
        _("You have {limit} credits. One vote for an option costs 1, two cost 4, three cost 9."),
        _("The option with the most votes is chosen. To care much about one costs more than to care a little about several."),
        many=True,
    ),
    "stv-scottish": Method(
        _("Rank, several seats in proportion (STV)"),
        _("Put the options in your order. You need not rank all."),
        _("Whoever has enough is chosen and what is too much moves on; then the last is taken off and their ballots move on. Counted by the Scottish rules."),
        many=True,
    ),
    "stv-meek": Method(
        _("Rank, several seats in proportion (Meek)"),
        _("Put the options in your order. You need not rank all."),
        _("As STV, but ballots also move on to those who are chosen already, so that it does not matter in which order they were."),
        many=True,
    ),
}
"""For choices, by the name ``madang count`` knows."""

BUDGETS: Mapping[str, Method] = {
    "budget-equal-shares": Method(
        _("Equal shares (each voter's part of the budget goes to what they support)"),
        _("Mark every project that you support, as many as you like."),
        _(
            "The budget is shared out equally among those who vote. A project is funded when its supporters can pay for it together out of their shares; "
            "what is left over is shared out again until nothing more can be paid for."
        ),
        many=True,
        first=True,
    ),
    "budget-greedy": Method(
        _("Most support first"),
        _("Mark every project that you support, as many as you like."),
        _("The project with the most supporters is funded first, then the next that still fits into the budget, and so on."),
        many=True,
    ),
}
"""For budgets, by the name ``madang count`` knows."""


def method(key: str) -> Method:
    """The method with this key, of either list."""
    return METHODS[key] if key in METHODS else BUDGETS[key]
