"""Co-ops whose members want their shares back: the Korean one as founded, and one under the British Act in pounds, founded as a real one is."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from madang.coop import law, ledger
from madang.coop.capital import withdrawals
from madang.coop.capital.models import Withdrawal
from madang.coop.decisions import actions as decisions
from madang.coop.ledger import checks
from madang.coop.members.models import Membership
from tests.coop import founded
from tests.coop.capital.yearlife import membership, person

KEPT = ("balances_equal_sums", "units_sum_to_zero", "days_equal_sums")
NEW_YEAR = datetime(2026, 12, 31, 15, tzinfo=UTC)  # 2027-01-01 in Seoul
BRITISH = """
[rules]
"capital.withdrawal_cap" = "{cap}"
"capital.withdrawal_notice" = "{notice}"
"capital.transferable" = {transferable}
"""


def sound() -> None:
    """Every invariant of the books and of capital holds."""
    from madang.coop.capital.hooks import checks as ours

    assert [getattr(checks, name)() for name in KEPT] == [[], [], []]
    assert [violation for one in ours for violation in one.find()] == []


def give(number: int, count: int, now: datetime) -> Membership:
    """Founder ``number`` holds ``count`` more shares, paid from the bank; limits of the law are not asked here."""
    one, unit = membership(number), law.coop().currency
    bank, place = ledger.accounts([("clearing", "rail:sandbox"), ("shares", ledger.owner_of(one))], unit)
    move = ledger.Move(bank, place, count * one.member_class.share_price, "shares", note={"count": count})
    ledger.post("shares", [move], key=f"give:{uuid4()}", subject=ledger.owner_of(one), now=now)
    return one


def british(now: datetime, *, cap: str = "10%", notice: str = "90d", transferable: bool = False, key: str = "uk-coop") -> Any:
    """The tiny co-op under the British Act, founded in pounds with these rules: shares of one pound, at least one each."""
    from madang.coop.charter import actions, reader
    from madang.coop.members.actions import activate

    text = founded.TINY.read_text().replace('law = "kr-general"', f'law = "{key}"').replace('"KRW"', '"GBP"').replace("Asia/Seoul", "Europe/London")
    text = text.replace("share_price = 10000", "share_price = 1").replace('platforms = ["services"]', "platforms = []")
    text += BRITISH.format(cap=cap, notice=notice, transferable=str(transferable).lower())
    _coop, links = actions.found(reader.read(text, "tiny-uk.toml", now=now), now=now)
    for link in links:
        activate(actions.accept(link.path.split("/")[2], now=now), now=now)
    return law.coop()


def ask(number: int, count: int, now: datetime) -> Withdrawal:
    """Founder ``number`` asks ``count`` shares back."""
    one = membership(number)
    return withdrawals.ask(one, count, by=one.person, key=uuid4(), now=now)


def propose(kind: str, now: datetime, details: dict[str, Any] | None = None) -> Any:
    """A proposal by f1 of this kind, in discussion."""
    one = decisions.draft(person(1), kind, "A title", "Because.", details=details or {}, now=now)
    return decisions.open_discussion(one, person(1), now=now)


def passed(one: Any, choice: str = "for") -> Any:
    """Voted on by everyone who has a vote, counted, and (where it passed) in force."""
    one = decisions.open_voting(one, now=one.opens_at)
    for elector in one.electors.select_related("person"):
        decisions.cast(one, elector.person, choice, now=one.opens_at)
    one = decisions.close(one, now=one.closes_at)
    return decisions.take_effect(one, now=one.effect_at) if one.state == "passed" else one


__all__ = ["NEW_YEAR", "ask", "british", "give", "membership", "passed", "person", "propose", "sound"]
