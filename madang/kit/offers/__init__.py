"""Share offers, pure: their terms, how they stand, who gets how many shares, and what an offer document must say."""

from madang.kit.offers.allotment import Wish, allot, matched
from madang.kit.offers.holding import Cap, most_for
from madang.kit.offers.standing import Standing, stand
from madang.kit.offers.statements import Finding, check_document
from madang.kit.offers.terms import KINDS, OVERSUBSCRIBED, Limits, Match, Problem, Terms, problems

__all__ = [
    "KINDS", "OVERSUBSCRIBED", "Cap", "Finding", "Limits", "Match", "Problem", "Standing", "Terms", "Wish", "allot", "check_document", "matched",
    "most_for", "problems", "stand",
]  # fmt: skip
