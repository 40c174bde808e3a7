"""The second table held against the profiles; and each bound the program uses has a case in one of the tables that fails when the bound is changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from madang.coop.law import profiles
from madang.kit.errors import Refused
from madang.kit.offers import check_document, most_for
from madang.kit.offers.statements import STATEMENTS
from madang.kit.surplus import Law, Use, Year, check, withdrawal
from tests.kit.surplus.law_cases import LEAVING, NOW, USES
from tests.kit.surplus.law_verbs import VERBS, Verb

Bounds = Callable[[str, date], Any]
FAMILY = {"spouse", "civil-partner", "parent", "child", "sibling", "nephew-niece"}


def may_hold(bound: Bounds, at: date, others: int, held: int, society: bool) -> bool:
    amount = bound("share.max_amount", at).number()
    cap = most_for(others, amount=amount if amount and not society else None, fraction=bound("share.max_fraction", at).fraction())
    return cap.amount is None or held <= cap.amount


def worth(bound: Bounds, at: date, sheet: tuple[int, int, int, int], held: int) -> int:
    return withdrawal.worth(held, withdrawal.Sheet(*sheet), str(bound("leaving.valued_by", at).value))


def first_day(bound: Bounds, at: date, left: date) -> date:
    return withdrawal.due_on(left, str(bound("leaving.refund_from", at).value))


def lapses(bound: Bounds, at: date, left: date) -> date | None:
    return withdrawal.lapses_on(first_day(bound, at, left), bound("leaving.claim_lapses_years", at).number())


def recommended_cap(bound: Bounds, at: date, capital: int) -> int:
    return withdrawal.left_this_year(capital, bound("withdrawal.yearly_max_fraction", at).fraction(), 0)


def after_death(bound: Bounds, at: date, claim: int, named: bool) -> tuple[int, int]:
    most = bound("death.nomination_max_amount", at).number()
    given = 0 if bound("death.paid_to", at).value != "nominee" or not named else min(claim, most or claim)
    return given, claim - given


def silent_on(bound: Bounds, at: date, left_out: str) -> bool:
    words = "\n\n".join(one.example["en"] for key, one in STATEMENTS.items() if key != left_out)
    found = check_document({"en": words}, str(bound("offer.statements", at).value).split())
    return any(one.section is None for one in found if one.statement == left_out)


def words_of(name: str) -> Callable[..., bool]:
    return lambda bound, at, word: word in str(bound(name, at).value).split()


def yes(name: str) -> Callable[..., bool]:
    return lambda bound, at: bound(name, at).yes()


def says(name: str, value: str) -> Callable[..., bool]:
    return lambda bound, at: bound(name, at).value == value


ASKS: dict[str, Callable[..., Any]] = {
    "may_hold": may_hold,
    "limit_currency": lambda bound, at: bound("share.max_amount.currency", at).value,
    "names_of_shares_open": yes("register.shares_open"),
    "draws_as_member": yes("withdrawal.as_member"),
    "board_may_suspend": says("withdrawal.suspended_by", "board"),
    "debtor_waits": says("withdrawal.suspended_by", "debts"),
    "recommended_cap": recommended_cap,
    "recommended_notice_months": lambda bound, at: bound("withdrawal.notice_months_max", at).number(),
    "only_if_solvent": yes("withdrawal.only_if_solvent"),
    "first_day": first_day,
    "lapses": lapses,
    "members_decide_refunds": says("leaving.refund_needs", "special-resolution"),
    "worth": worth,
    "meeting_decides": words_of("meeting.general.decides"),
    "accounts_to_auditor_days": lambda bound, at: bound("accounts.to_auditor_days", at).number(),
    "meeting_decides_passing": says("share.transfer_needs", "general-meeting"),
    "rules_decide_passing": says("share.transfer_needs", "rules"),
    "after_death": after_death,
    "may_name": lambda bound, at, officer, relation: not (officer and bound("death.nominee_officer_only_family", at).yes() and relation not in FAMILY),
    "write_down": yes("share.write_down"),
    "opened_by": lambda bound, at: bound("offer.opened_by", at).value,
    "silent_on": silent_on,
    "opens": lambda bound, at, who, thing: thing in str(bound(f"inspection.{who}", at).value).split(),
    "may_refuse": words_of("inspection.refusal"),
    "silence_opens": yes("inspection.by_itself"),
}
USED = {
    "share.max_fraction", "share.max_amount", "share.max_amount.currency", "register.shares_open", "withdrawal.as_member", "withdrawal.suspended_by",
    "withdrawal.yearly_max_fraction", "withdrawal.notice_months_max", "withdrawal.only_if_solvent", "leaving.refund_from", "leaving.claim_lapses_years",
    "leaving.refund_needs", "leaving.valued_by", "meeting.general.decides", "share.transfer_needs", "death.paid_to", "death.nomination_max_amount",
    "death.nominee_officer_only_family", "share.write_down", "offer.opened_by", "offer.statements", "inspection.members", "inspection.creditors",
    "inspection.refusal", "inspection.by_itself", "reserve.legal.min_fraction", "reserve.legal.until_multiple", "reserve.legal.until_base",
    "losses.order", "surplus.rest", "dividend.allowed", "dividend.patronage.allowed", "dividend.patronage.min_fraction",
    "dividend.capital.max_fraction",
}  # fmt: skip
"""Bounds of a law profile that capital, offers, the year's end and inspection act on."""


def name_of(one: Verb) -> str:
    return f"{one.profile}: {one.asks}{one.given}"


@pytest.mark.parametrize("one", VERBS, ids=name_of)
def test_what_the_law_says(one: Verb) -> None:
    profile = profiles.profile(one.profile)
    assert ASKS[one.asks](profile.bound, one.at, *one.given) == one.says
    if one.article:
        assert any(one.article in found.citation for found in profile.in_force(one.at))


def test_no_case_stands_twice():
    assert len({(name_of(one), one.at) for one in VERBS}) == len(VERBS) >= 100
    assert {one.asks for one in VERBS} == set(ASKS)


def all_hold(key: str, bound: Bounds) -> bool:
    """Whether every case of all tables for this profile still comes out as the law says."""
    return all(_holds(one, bound) for one in VERBS if one.profile == key) and _uses(key, bound) and _leaving(key, bound)


def _holds(one: Verb, bound: Bounds) -> bool:
    try:
        return bool(ASKS[one.asks](bound, one.at, *one.given) == one.says)
    except (TypeError, ValueError):
        return False


def _uses(key: str, bound: Bounds) -> bool:
    for case in (one for one in USES if one.profile == key):
        try:
            check(Year(*case.year, own_capital=case.own_capital), Law.of(lambda name, at=case.at: bound(name, at)), Use(**case.made))
            found = ""
        except Refused as no:
            found = no.code
        except (TypeError, ValueError):
            return False
        if found != case.says:
            return False
    return True


def _leaving(key: str, bound: Bounds) -> bool:
    for way in (one for one in LEAVING if one.profile == key):
        due = withdrawal.due_on(way.left_on, str(bound("leaving.refund_from", NOW).value), way.begins)
        told = (due, withdrawal.lapses_on(due, bound("leaving.claim_lapses_years", NOW).number()))
        if (*told, withdrawal.worth(way.held, withdrawal.Sheet(*way.sheet), str(bound("leaving.valued_by", NOW).value))) != (way.due, way.lapses, way.worth):
            return False
    return True


WORDS = {
    "death.paid_to": {"heirs", "nominee"}, "leaving.refund_from": {"at-once", "next-fiscal-year"}, "leaving.refund_needs": {"", "special-resolution"},
    "leaving.valued_by": {"par", "year-end-balance-sheet"}, "share.transfer_needs": {"", "rules", "general-meeting"},
    "withdrawal.suspended_by": {"", "board", "debts"}, "offer.opened_by": {"board", "decision"}, "share.max_amount.currency": {"GBP", "KRW"},
    "surplus.rest": {"free", "voluntary"}, "reserve.legal.until_base": {"paid-in", "own-capital"}, "inspection.refusal": {"", "just-cause"},
}  # fmt: skip
"""The words a bound can have."""


def others(name: str, value: Any) -> list[Any]:
    """Values a bound might have by mistake: the other answer, one more and one less, a part in a hundred, another word, each word of a list left out."""
    if name in WORDS:
        return sorted(WORDS[name] - {value})
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, int):
        return [value + 1, value - 1]
    if isinstance(value, Fraction):
        return [value + Fraction(1, 100), value - Fraction(1, 100)]
    words = str(value).split()
    return [" ".join(words[:number] + words[number + 1 :]) for number in range(len(words))]


WAYS = [
    (key, bound.name, wrong)
    for key in ("kr-general", "kr-social", "uk-coop", "uk-cbs")
    for bound in profiles.profile(key).in_force(NOW)
    if bound.name in USED
    for wrong in others(bound.name, bound.value)
]
UNSAID = {"meeting.general.decides"}
"""Lists of which the program asks for some words only: whether one of the others is missing is nothing it would do otherwise."""


@pytest.mark.parametrize("key", ["kr-general", "kr-social", "uk-coop", "uk-cbs"])
def test_every_case_holds_by_the_law_as_it_stands(key):
    assert all_hold(key, profiles.profile(key).bound)


@pytest.mark.parametrize(("key", "name", "wrong"), [way for way in WAYS if way[1] not in UNSAID], ids=lambda part: str(part))
def test_a_bound_that_was_changed_is_noticed(key, name, wrong):
    profile = profiles.profile(key)

    def bent(asked: str, at: date) -> Any:
        found = profile.bound(asked, at)
        return replace(found, value=wrong) if asked == name and found.since is not None and at >= found.since else found

    assert not all_hold(key, bent), f"no case of {key} fails when {name} is {wrong!r}"


def test_every_bound_the_program_asks_for_is_looked_at():
    """The source of capital, offers and inspection asks for no bound that stands neither here nor among those that are only shown."""
    import re
    from pathlib import Path

    import madang

    shown = {"inspection.told"}  # our own custom, no law
    root = Path(madang.__file__).parent
    text = "\n".join(one.read_text() for room in ("coop/capital", "coop/ledger/inspection") for one in (root / room).rglob("*.py"))
    asked = set(re.findall(r"\.bound\(\"([a-z._]+)\"", text))
    assert len(asked) > 20 and asked - shown <= USED
