"""What the law says of holding, leaving, drawing out, passing on, dying, writing down, offering and inspecting, case by case, from the law and not the program.

One case is one question to a profile and the answer the law gives. ``article``: where that is written ("" where no law speaks). Money is in whole
major units.
"""

# ruff: noqa: E501 (one case a line)
from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from tests.kit.surplus.law_cases import CBS, COOP, GENERAL, NOW, PLAIN, SOCIAL

KOREA, BRITAIN = (GENERAL, SOCIAL), (COOP, CBS)


@dataclass(frozen=True)
class Verb:
    """``asks``: the question (a name in test_law_verbs.ASKS), ``given``: what it is asked of, ``says``: the law's answer."""

    profile: str
    article: str
    asks: str
    given: tuple[Any, ...]
    says: Any
    at: date = NOW


HELD = [
    # one holder's most: (what all others hold, what they would hold, are they a registered society?)
    *(Verb(one, "art. 22 (2)" if one == GENERAL else "", "may_hold", (70, 30, False), True) for one in KOREA),
    *(Verb(one, "art. 22 (2)" if one == GENERAL else "", "may_hold", (70, 31, False), False) for one in KOREA),
    *(Verb(one, "art. 22 (2)" if one == GENERAL else "", "may_hold", (700_000_000, 300_000_000, True), True) for one in KOREA),
    *(Verb(one, "s. 24", "may_hold", (1_000, 100_000, False), True) for one in BRITAIN),
    *(Verb(one, "s. 24", "may_hold", (1_000, 100_001, False), False) for one in BRITAIN),
    *(Verb(one, "s. 24", "may_hold", (1_000, 100_001, True), True) for one in BRITAIN),
    *(Verb(one, "s. 6", "may_hold", (1_000, 20_001, False), False, date(2013, 5, 1)) for one in BRITAIN),
    *(Verb(one, "s. 6", "may_hold", (1_000, 20_000, False), True, date(2013, 5, 1)) for one in BRITAIN),
    Verb(PLAIN, "", "may_hold", (0, 10_000_000, False), True),
    *(Verb(one, "s. 24", "limit_currency", (), "GBP") for one in BRITAIN),
    *(Verb(one, "", "names_of_shares_open", (), True) for one in (*KOREA, PLAIN)),
    *(Verb(one, "s. 103 (1) (b)", "names_of_shares_open", (), False) for one in BRITAIN),
]  # fmt: skip

OUT = [
    # while a member: may one ask shares back, and who may hold paying back
    *(Verb(one, "art. 26 (1)" if one == GENERAL else "", "draws_as_member", (), False) for one in KOREA),
    *(Verb(one, "s. 14, items 9 and 11", "draws_as_member", (), True) for one in BRITAIN),
    Verb(PLAIN, "", "draws_as_member", (), True),
    *(Verb(one, "art. 26 (4)" if one == GENERAL else "", "board_may_suspend", (), False) for one in KOREA),
    *(Verb(one, "art. 26 (4)" if one == GENERAL else "", "debtor_waits", (), True) for one in KOREA),
    *(Verb(one, "3.2.9", "board_may_suspend", (), True) for one in BRITAIN),
    *(Verb(one, "3.2.9", "debtor_waits", (), False) for one in BRITAIN),
    # the cap and the notice a handbook recommends: (all capital, the part that may leave)
    *(Verb(one, "4.6.2", "recommended_cap", (1_000,), 100) for one in BRITAIN),
    *(Verb(one, "4.6.2", "recommended_notice_months", (), 6) for one in BRITAIN),
    *(Verb(one, "6.1", "only_if_solvent", (), True) for one in BRITAIN),
    # who left: the first day, the day it lapses, whether the members have to decide
    *(Verb(one, "art. 26 (1)" if one == GENERAL else "", "first_day", (date(2026, 3, 5),), date(2027, 1, 1)) for one in KOREA),
    *(Verb(one, "art. 26 (3)" if one == GENERAL else "", "lapses", (date(2026, 3, 5),), date(2029, 1, 1)) for one in KOREA),
    *(Verb(one, "", "lapses", (date(2026, 3, 5),), None) for one in (*BRITAIN, PLAIN)),
    *(Verb(one, "art. 29" if one == GENERAL else "", "members_decide_refunds", (), True) for one in KOREA),
    *(Verb(one, "", "members_decide_refunds", (), False) for one in (*BRITAIN, PLAIN)),
    Verb(GENERAL, "art. 26 (2)", "worth", ((13, 5, 0, 10), 1), 0),
    Verb(GENERAL, "art. 26 (2)", "worth", ((130, 50, 0, 100), 10), 8),
    Verb(SOCIAL, "art. 89 (1)", "worth", ((130, 50, 0, 100), 10), 10),
    *(Verb(one, "", "worth", ((130, 50, 0, 100), 10), 10) for one in (*BRITAIN, PLAIN)),
    *(Verb(one, "art. 29" if one == GENERAL else "", "meeting_decides", ("accounts",), True) for one in KOREA),
    *(Verb(one, "art. 29" if one == GENERAL else "", "meeting_decides", ("refunds",), True) for one in KOREA),
    *(Verb(one, "art. 52 (1)" if one == GENERAL else "", "accounts_to_auditor_days", (), 7) for one in KOREA),
    *(Verb(one, "", "meeting_decides", ("accounts",), False) for one in (*BRITAIN, PLAIN)),
]  # fmt: skip

PASSING = [
    *(Verb(one, "art. 24 (3)" if one == GENERAL else "", "meeting_decides_passing", (), True) for one in KOREA),
    *(Verb(one, "s. 14, item 9", "meeting_decides_passing", (), False) for one in BRITAIN),
    *(Verb(one, "s. 14, item 9", "rules_decide_passing", (), True) for one in BRITAIN),
    # after a death: (the claim, was somebody named) → (to whom they named, to heirs or the estate)
    *(Verb(one, "art. 24 (2)" if one == GENERAL else "", "after_death", (10_000, True), (0, 10_000)) for one in KOREA),
    *(Verb(one, "s. 37 (4)", "after_death", (5_000, True), (5_000, 0)) for one in BRITAIN),
    *(Verb(one, "s. 37 (4)", "after_death", (5_001, True), (5_000, 1)) for one in BRITAIN),
    *(Verb(one, "s. 37 (1)", "after_death", (5_000, False), (0, 5_000)) for one in BRITAIN),
    Verb(PLAIN, "", "after_death", (50_000, True), (50_000, 0)),
    # whom one may name: (is the one named in office, a relation)
    *(Verb(one, "s. 37 (3)", "may_name", (True, "other"), False) for one in BRITAIN),
    *(Verb(one, "s. 37 (3)", "may_name", (True, relation), True) for one in BRITAIN for relation in ("spouse", "civil-partner", "parent", "child", "sibling", "nephew-niece")),
    *(Verb(one, "s. 37 (3)", "may_name", (False, "other"), True) for one in BRITAIN),
    *(Verb(one, "", "may_name", (True, "other"), True) for one in (*KOREA, PLAIN)),
    # a loss no reserve covers
    *(Verb(one, "art. 51 (1)" if one == GENERAL else "", "write_down", (), False) for one in KOREA),
    *(Verb(one, "6.1.3", "write_down", (), True) for one in BRITAIN),
]  # fmt: skip

OFFERS = [
    *(Verb(one, "4", "opened_by", (), "board") for one in BRITAIN),
    *(Verb(one, "", "opened_by", (), "decision") for one in (*KOREA, PLAIN)),
    # a document that leaves one statement out is not enough
    *(Verb(one, "4", "silent_on", (said,), True) for one in BRITAIN
      for said in ("total-loss", "no-compensation", "no-ombudsman", "share-terms", "asset-lock", "one-member-one-vote", "limits", "limits-on-return")),
    *(Verb(one, "4", "silent_on", ("not-a-deposit",), False) for one in BRITAIN),
    *(Verb(one, "arts. 22, 23" if one == GENERAL else "", "silent_on", (said,), True) for one in KOREA
      for said in ("total-loss", "not-a-deposit", "share-terms", "one-member-one-vote", "limits", "limits-on-return")),
    *(Verb(one, "", "silent_on", ("asset-lock",), False) for one in KOREA),
]  # fmt: skip

INSPECTING = [
    *(Verb(one, "art. 49" if one == GENERAL else "", "opens", (who, thing), True) for one in KOREA for who in ("members", "creditors")
      for thing in ("articles", "minutes", "members", "books")),
    *(Verb(one, "art. 49" if one == GENERAL else "", "opens", (who, "own"), False) for one in KOREA for who in ("members", "creditors")),
    *(Verb(one, "s. 103 (1)", "opens", (who, thing), says) for one in BRITAIN for who in ("members", "creditors")
      for thing, says in (("own", True), ("members", True), ("books", False), ("minutes", False))),
    *(Verb(one, "", "may_refuse", ("just-cause",), True) for one in KOREA),
    *(Verb(one, "s. 103 (1)", "may_refuse", ("just-cause",), False) for one in BRITAIN),
    *(Verb(one, "art. 49 (3)" if one == GENERAL else "", "silence_opens", (), True) for one in KOREA),
    *(Verb(one, "s. 103 (1)", "silence_opens", (), True) for one in BRITAIN),
    Verb(PLAIN, "", "silence_opens", (), False),
]  # fmt: skip

VERBS = [*HELD, *OUT, *PASSING, *OFFERS, *INSPECTING]
