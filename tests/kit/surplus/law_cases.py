"""What the law says of a year end and of capital going out, case by case, written from the law and not from the program.

Amounts are whole won or pence. ``year``: (result, brought forward, legal reserve, voluntary reserve, paid-in capital), all as at the year's end.
``made``: a use of the year laid before the meeting; ``says``: "" when the law allows it, else the code of the refusal, whose article must contain ``article``.
"""

# ruff: noqa: E501 (one case a line)
from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

NOW = date(2026, 12, 31)
GENERAL, SOCIAL, COOP, CBS, PLAIN = "kr-general", "kr-social", "uk-coop", "uk-cbs", "plain"


@dataclass(frozen=True)
class Case:
    """One use of a year, and what the law says to it."""

    name: str
    profile: str
    article: str
    year: tuple[int, int, int, int, int]
    made: dict[str, int]
    says: str = ""
    at: date = NOW
    own_capital: int | None = None


M = 1_000_000
YEAR = (10 * M, 0, 0, 0, 10 * M)  # a surplus of ten million won, ten million paid in

USES = [
    # 법정적립금 (제50조 제1항): 10 % of the surplus until three times the paid-in capital
    Case("a tenth to the legal reserve is enough", GENERAL, "art. 50 (1)", YEAR, {"legal": M, "forward": 9 * M}),
    Case("one won less is not", GENERAL, "art. 50 (1)", YEAR, {"legal": M - 1, "forward": 9 * M + 1}, "legal-reserve"),
    Case("nothing to the reserve is not", GENERAL, "art. 50 (1)", YEAR, {"forward": 10 * M}, "legal-reserve"),
    Case("more than a tenth may go there", GENERAL, "art. 50 (1)", YEAR, {"legal": 10 * M}),
    Case("a tenth of 15 won is at least 2", GENERAL, "art. 50 (1)", (15, 0, 0, 0, 100), {"legal": 1, "forward": 14}, "legal-reserve"),
    Case("2 of 15 won will do", GENERAL, "art. 50 (1)", (15, 0, 0, 0, 100), {"legal": 2, "forward": 13}),
    Case("a full reserve asks for nothing", GENERAL, "art. 50 (1)", (10 * M, 0, 30 * M, 0, 10 * M), {"forward": 10 * M}),
    Case("a reserve one won short asks for one won", GENERAL, "art. 50 (1)", (10 * M, 0, 30 * M - 1, 0, 10 * M), {"forward": 10 * M}, "legal-reserve"),
    Case("and one won fills it", GENERAL, "art. 50 (1)", (10 * M, 0, 30 * M - 1, 0, 10 * M), {"legal": 1, "forward": 10 * M - 1}),
    Case("capital came in, so the reserve is no longer full", GENERAL, "art. 50 (1)", (10 * M, 0, 30 * M, 0, 20 * M), {"forward": 10 * M}, "legal-reserve"),
    Case("until July 2014 the measure was own capital", GENERAL, "art. 50 (1)", (10 * M, 0, 30 * M, 0, 10 * M), {"forward": 10 * M}, "legal-reserve",
         date(2013, 12, 31), 40 * M),
    Case("and with own capital that small it was full", GENERAL, "art. 50 (1)", (10 * M, 0, 30 * M, 0, 10 * M), {"forward": 10 * M}, "", date(2013, 12, 31), 10 * M),
    Case("old losses come off before the tenth is taken", GENERAL, "art. 50 (1)", (10 * M, -4 * M, 0, 0, 10 * M), {"losses": 4 * M, "legal": 600_000, "forward": 5_400_000}),
    Case("a tenth of what is left after old losses, not less", GENERAL, "art. 50 (1)", (10 * M, -4 * M, 0, 0, 10 * M),
         {"losses": 4 * M, "legal": 599_999, "forward": 5_400_001}, "legal-reserve"),
    Case("what was carried forward is not this year's surplus", GENERAL, "art. 50 (1)", (0, 5 * M, 0, 0, 10 * M), {"forward": 5 * M}),
    # 사회적협동조합: 30 %, the rest to the voluntary reserve, no dividend (제97조, 제98조)
    Case("social: three tenths, and the rest to the voluntary reserve", SOCIAL, "art. 97 (1)", YEAR, {"legal": 3 * M, "voluntary": 7 * M}),
    Case("social: a tenth is not enough", SOCIAL, "art. 97 (1)", YEAR, {"legal": M, "voluntary": 9 * M}, "legal-reserve"),
    Case("social: one won under three tenths", SOCIAL, "art. 97 (1)", YEAR, {"legal": 3 * M - 1, "voluntary": 7 * M + 1}, "legal-reserve"),
    Case("social: all to the legal reserve", SOCIAL, "art. 97 (1)", YEAR, {"legal": 10 * M}),
    Case("social: twice the paid-in capital is not full", SOCIAL, "art. 97 (1)", (10 * M, 0, 20 * M, 0, 10 * M), {"voluntary": 10 * M}, "legal-reserve"),
    Case("social: a full reserve, all to the voluntary", SOCIAL, "art. 97 (1)", (10 * M, 0, 30 * M, 0, 10 * M), {"voluntary": 10 * M}),
    Case("social: nothing by patronage", SOCIAL, "art. 98 (2)", YEAR, {"legal": 3 * M, "voluntary": 6 * M, "patronage": M}, "no-dividend"),
    Case("social: nothing on capital", SOCIAL, "art. 98 (2)", YEAR, {"legal": 3 * M, "voluntary": 6 * M, "capital": M}, "no-dividend"),
    Case("social: not one won", SOCIAL, "art. 98 (2)", YEAR, {"legal": 3 * M, "voluntary": 7 * M - 1, "patronage": 1}, "no-dividend"),
    Case("social: nothing is carried forward", SOCIAL, "art. 98 (2)", YEAR, {"legal": 3 * M, "voluntary": 6 * M, "forward": M}, "rest"),
    Case("social: a loss is carried forward when no reserve is left", SOCIAL, "art. 98 (1)", (-M, 0, 0, 0, 10 * M), {"forward": -M}),
    # 배당 (제51조 제3항): half or more by use, on capital at most a tenth of what is paid in
    Case("all dividends by use", GENERAL, "art. 51 (3)", YEAR, {"legal": M, "patronage": 9 * M}),
    Case("half and half", GENERAL, "art. 51 (3)", YEAR, {"legal": M, "patronage": M, "capital": M, "forward": 7 * M}),
    Case("one won more on capital than by use", GENERAL, "art. 51 (3)", YEAR, {"legal": M, "patronage": M - 1, "capital": M, "forward": 7 * M + 1}, "patronage-least"),
    Case("on capital only", GENERAL, "art. 51 (3)", YEAR, {"legal": M, "capital": M, "forward": 8 * M}, "patronage-least"),
    Case("on capital a tenth of what is paid in", GENERAL, "art. 51 (3)", YEAR, {"legal": M, "patronage": 8 * M, "capital": M}),
    Case("on capital one won more than a tenth", GENERAL, "art. 51 (3)", YEAR, {"legal": M, "patronage": 8 * M - 1, "capital": M + 1}, "capital-most"),
    Case("the cap is on paid-in capital, not on the surplus", GENERAL, "art. 51 (3)", (100 * M, 0, 0, 0, M), {"legal": 10 * M, "patronage": 80 * M, "capital": 10 * M}, "capital-most"),
    Case("a tenth of 15 won paid in is 1", GENERAL, "art. 51 (3)", (100, 0, 45, 0, 15), {"patronage": 98, "capital": 2}, "capital-most"),
    Case("and 1 is allowed", GENERAL, "art. 51 (3)", (100, 0, 45, 0, 15), {"patronage": 99, "capital": 1}),
    Case("nobody paid in, nothing on capital", GENERAL, "art. 51 (3)", (100, 0, 0, 0, 0), {"patronage": 50, "capital": 50}, "capital-most"),
    Case("no dividend at all is allowed", GENERAL, "art. 51 (2)", YEAR, {"legal": M, "voluntary": 9 * M}),
    Case("what was carried forward may be shared out", GENERAL, "art. 51 (2)", (10 * M, 5 * M, 0, 0, 10 * M), {"legal": M, "patronage": 14 * M}),
    # 손실 (제51조 제1항, 제2항; 제50조 제3항)
    Case("no dividend while a loss is carried", GENERAL, "art. 51 (1)", (10 * M, -4 * M, 0, 0, 10 * M), {"legal": M, "patronage": 9 * M, "forward": -4 * M}, "losses-first"),
    Case("no dividend out of a year of loss", GENERAL, "art. 51 (1)", (-M, 0, 0, 0, 10 * M), {"patronage": M, "forward": -2 * M}, "losses-first"),
    Case("a loss first from what was brought forward", GENERAL, "art. 51 (1)", (-3 * M, 5 * M, M, M, 10 * M), {"from_brought_forward": 3 * M, "forward": 2 * M}),
    Case("then from the voluntary reserve", GENERAL, "art. 51 (1)", (-3 * M, M, M, 5 * M, 10 * M), {"from_brought_forward": M, "from_voluntary": 2 * M}),
    Case("then from the legal reserve", GENERAL, "art. 51 (1)", (-3 * M, M, 5 * M, M, 10 * M), {"from_brought_forward": M, "from_voluntary": M, "from_legal": M}),
    Case("not from the legal reserve while there is a voluntary one", GENERAL, "art. 51 (1)", (-3 * M, 0, 5 * M, 5 * M, 10 * M), {"from_legal": 3 * M}, "losses-order"),
    Case("not half from each", GENERAL, "art. 51 (1)", (-2 * M, 0, 5 * M, 5 * M, 10 * M), {"from_legal": M, "from_voluntary": M}, "losses-order"),
    Case("not carried forward while there are reserves", GENERAL, "art. 51 (1)", (-2 * M, 0, 5 * M, 0, 10 * M), {"forward": -2 * M}, "losses-order"),
    Case("carried forward when the reserves are used up", GENERAL, "art. 51 (1)", (-9 * M, 0, 3 * M, 2 * M, 10 * M), {"from_voluntary": 2 * M, "from_legal": 3 * M, "forward": -4 * M}),
    Case("the legal reserve is not for dividends", GENERAL, "art. 50 (3)", (M, 0, 5 * M, 0, 10 * M), {"from_legal": M, "legal": 100_000, "patronage": 1_900_000}, "legal-reserve-use"),
    Case("social: the legal reserve is not for the voluntary one", SOCIAL, "art. 97 (3)", (M, 0, 5 * M, 0, 10 * M), {"from_legal": M, "legal": 300_000, "voluntary": 1_700_000}, "legal-reserve-use"),
    Case("social: the voluntary reserve before the legal", SOCIAL, "art. 98 (1)", (-M, 0, 5 * M, 5 * M, 10 * M), {"from_legal": M}, "losses-order"),
    Case("an even year", GENERAL, "art. 50 (1)", (0, 0, 0, 0, 10 * M), {}),
    # United Kingdom
    Case("UK co-op: no law asks for a reserve", COOP, "", YEAR, {"patronage": 10 * M}),
    Case("UK co-op: all to reserves", COOP, "", YEAR, {"voluntary": 10 * M}),
    Case("UK co-op: interest without a legal rate", COOP, "", YEAR, {"patronage": 9 * M, "capital": M}),
    Case("UK co-op: not more than there is", COOP, "", YEAR, {"patronage": 11 * M, "forward": -M}, "not-enough"),
    Case("UK community benefit: nothing by patronage", CBS, "s. 2 (2) (a) (ii)", YEAR, {"patronage": 1, "voluntary": 10 * M - 1}, "no-dividend"),
    Case("UK community benefit: interest on capital may be paid", CBS, "", YEAR, {"capital": 500_000, "voluntary": 9_500_000}),
    Case("UK community benefit: all to the community's reserve", CBS, "", YEAR, {"voluntary": 10 * M}),
    # no particular law
    Case("plain: anything that adds up", PLAIN, "", YEAR, {"capital": 10 * M}),
    Case("plain: but not more than there is", PLAIN, "", YEAR, {"capital": 11 * M, "forward": -M}, "not-enough"),
    Case("plain: nor a dividend out of a loss", PLAIN, "", (-M, 0, 0, 0, 10 * M), {"patronage": M, "forward": -2 * M}, "losses-first"),
]  # fmt: skip


@dataclass(frozen=True)
class Way:
    """Capital of someone who left: when it may be asked for, until when, and what ``held`` of it is worth."""

    name: str
    profile: str
    article: str
    left_on: date
    due: date
    lapses: date | None
    sheet: tuple[int, int, int, int]  # assets, debts, locked reserve, all paid-in capital
    held: int
    worth: int
    begins: int = 1
    words: tuple[str, ...] = field(default=())


WHOLE = (20 * M, 5 * M, 3 * M, 10 * M)
LEAVING = [
    Way("from the next fiscal year, two years long", GENERAL, "art. 26 (1)", date(2026, 3, 5), date(2027, 1, 1), date(2029, 1, 1), WHOLE, M, M),
    Way("on the last day of a year: the day after", GENERAL, "art. 26 (1)", date(2026, 12, 31), date(2027, 1, 1), date(2029, 1, 1), WHOLE, M, M),
    Way("on the first day of a year: a whole year later", GENERAL, "art. 26 (1)", date(2026, 1, 1), date(2027, 1, 1), date(2029, 1, 1), WHOLE, M, M),
    Way("a fiscal year from April", GENERAL, "art. 26 (1)", date(2026, 3, 31), date(2026, 4, 1), date(2028, 4, 1), WHOLE, M, M, 4),
    Way("a part of a loss is borne", GENERAL, "art. 26 (2)", date(2026, 3, 5), date(2027, 1, 1), date(2029, 1, 1), (13 * M, 5 * M, 0, 10 * M), M, 800_000),
    Way("what is worth nothing brings nothing", GENERAL, "art. 26 (2)", date(2026, 3, 5), date(2027, 1, 1), date(2029, 1, 1), (4 * M, 5 * M, 0, 10 * M), M, 0),
    Way("the locked reserve is not shared out", GENERAL, "art. 50 (3)", date(2026, 3, 5), date(2027, 1, 1), date(2029, 1, 1), (13 * M, 0, 5 * M, 10 * M), M, 800_000),
    Way("a part of a won stays", GENERAL, "art. 26 (2)", date(2026, 3, 5), date(2027, 1, 1), date(2029, 1, 1), (100, 0, 0, 300), 101, 33),
    Way("social: what was paid in", SOCIAL, "art. 89 (1)", date(2026, 3, 5), date(2027, 1, 1), date(2029, 1, 1), (13 * M, 5 * M, 0, 10 * M), M, M),
    Way("UK: at once, what was paid in, for ever", COOP, "", date(2026, 3, 5), date(2026, 3, 5), None, (13 * M, 5 * M, 0, 10 * M), M, M),
    Way("plain: at once", PLAIN, "", date(2026, 3, 5), date(2026, 3, 5), None, WHOLE, M, M),
]
