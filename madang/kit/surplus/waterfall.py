"""The order in which a year's result is used: losses → legal reserve → voluntary reserve → patronage → dividend on capital → carried forward.

Amounts are whole smallest units. What a law asks "at least" is rounded up, what it allows "at most" is rounded down.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction

from madang.kit.errors import Refused
from madang.kit.surplus.law import Forbidden, Law
from madang.kit.surplus.words import STEPS, in_words

ORDER = ("brought-forward", "voluntary", "legal")


@dataclass(frozen=True)
class Year:
    """A year as the books close it. ``result`` and ``brought_forward`` may be negative (a loss); the rest is ≥ 0, as at the year's end.

    ``own_capital`` (assets less debts) only matters where the law measures the reserve by it; None is then ``paid_in`` plus reserves.
    """

    result: int
    brought_forward: int = 0
    legal: int = 0
    voluntary: int = 0
    paid_in: int = 0
    own_capital: int | None = None

    def __post_init__(self) -> None:
        if min(self.legal, self.voluntary, self.paid_in) < 0:
            raise ValueError("reserves and capital are not negative")

    @property
    def old_loss(self) -> int:
        """What earlier years lost and nobody has covered yet."""
        return max(0, -self.brought_forward)

    @property
    def surplus(self) -> int:
        """What the year left once earlier losses are covered: the measure of the legal reserve."""
        return max(0, self.result - self.old_loss)

    @property
    def to_use(self) -> int:
        """All that can be decided on: the year's surplus and what earlier years carried forward."""
        return max(0, self.result + self.brought_forward)


@dataclass(frozen=True)
class Wish:
    """What members want: ``legal`` of the year's surplus, ``voluntary`` of what is then left, ``patronage`` of what is then left, ``capital``
    on paid-in capital.

    Fractions of 1. ``legal`` is what is put there where the law asks for less; what is not used is carried forward.
    """

    legal: Fraction = Fraction(0)
    voluntary: Fraction = Fraction(0)
    patronage: Fraction = Fraction(0)
    capital: Fraction = Fraction(0)

    def __post_init__(self) -> None:
        if not all(0 <= one <= 1 for one in (self.legal, self.voluntary, self.patronage, self.capital)):
            raise ValueError("a wish is between 0 % and 100 %")


@dataclass(frozen=True)
class Step:
    """One step in the order: ``kind`` is a key of :data:`words.STEPS`, ``amount`` ≥ 0 (a result may be negative), ``article`` says where it is written."""

    kind: str
    amount: int
    article: str = ""

    def said(self, lang: str, amount: Callable[[int], str] = str, cited: Callable[[str], str] = str) -> str:
        """The step as a sentence; ``cited`` writes an article as it is cited in ``lang``."""
        space = "" if lang.startswith("ko") else " "
        where = f"{space}({cited(self.article)})" if self.article else ""
        return in_words(STEPS[self.kind], lang, amount, amount=self.amount, cited=where)


@dataclass(frozen=True)
class Use:
    """What becomes of the year. Always ``result + brought_forward + from_voluntary + from_legal == legal + voluntary + patronage + capital + forward``
    (``forward`` is negative when a loss is left). ``losses`` is how much of earlier losses the year covered."""

    losses: int = 0
    from_brought_forward: int = 0
    from_voluntary: int = 0
    from_legal: int = 0
    legal: int = 0
    voluntary: int = 0
    patronage: int = 0
    capital: int = 0
    forward: int = 0
    steps: tuple[Step, ...] = ()

    @property
    def dividends(self) -> int:
        """All that goes to members."""
        return self.patronage + self.capital


def up(fraction: Fraction) -> int:
    """The next whole number, upwards."""
    return -((-fraction.numerator) // fraction.denominator)


def down(fraction: Fraction) -> int:
    """The next whole number, downwards."""
    return fraction.numerator // fraction.denominator


def room(year: Year, law: Law) -> int | None:
    """How much the legal reserve may still have to grow; None where the law sets no end to it."""
    multiple = law.fraction("reserve.legal.until_multiple")
    if not multiple:
        return None
    own = year.own_capital if year.own_capital is not None else year.paid_in + year.legal + year.voluntary
    base = own if law.word("reserve.legal.until_base") == "own-capital" else year.paid_in
    return max(0, down(multiple * base) - year.legal)


def legal_least(year: Year, law: Law) -> int:
    """What has to go to the legal reserve: the law's part of the year's surplus, rounded up, and no more than is missing to the full reserve."""
    asked = up(law.fraction("reserve.legal.min_fraction") * year.surplus)
    still = room(year, law)
    return asked if still is None else min(asked, still)


def least(law: Law) -> Wish:
    """What the law asks and nothing else: the least reserve, and the rest where the law sends it."""
    return Wish(legal=law.fraction("reserve.legal.min_fraction"), voluntary=Fraction(law.word("surplus.rest") == "voluntary"))


def use(year: Year, law: Law, wish: Wish) -> Use:
    """What becomes of a year under ``wish``. Raises ``Forbidden`` (with the article) for what the law does not allow, and
    ``Refused("not-enough", field "capital")`` when more is given away than there is."""
    if year.result + year.brought_forward < 0:
        made = _loss(year)
    else:
        legal = min(max(legal_least(year, law), _legal(year, law, wish)), year.surplus)
        voluntary = down(wish.voluntary * (year.to_use - legal))
        patronage = down(wish.patronage * (year.to_use - legal - voluntary))
        capital = down(wish.capital * year.paid_in)
        forward = year.to_use - legal - voluntary - patronage - capital
        covered, taken = min(year.old_loss, max(0, year.result)), max(0, min(-year.result, year.brought_forward))
        made = Use(covered, taken, 0, 0, legal, voluntary, patronage, capital, forward)
    check(year, law, made)
    return replace(made, steps=_told(year, law, made))


def _legal(year: Year, law: Law, wish: Wish) -> int:
    """What the members want to put there. Above the law's part they may put more even when the reserve is full."""
    if wish.legal <= law.fraction("reserve.legal.min_fraction"):
        return 0
    return up(wish.legal * year.surplus)


def _loss(year: Year) -> Use:
    """A year that ends in a loss: covered from what earlier years left, then the voluntary, then the legal reserve; the rest is carried forward."""
    first = max(0, min(-year.result, year.brought_forward))
    left = -(year.result + year.brought_forward)
    voluntary = min(left, year.voluntary)
    legal = min(left - voluntary, year.legal)
    return Use(min(year.old_loss, max(0, year.result)), first, voluntary, legal, forward=-(left - voluntary - legal))


def _amounts(made: Use) -> dict[str, int]:
    names = ("losses", "from_brought_forward", "from_voluntary", "from_legal", "legal", "voluntary", "patronage", "capital", "forward")
    return {name: int(getattr(made, name)) for name in names}


def check(year: Year, law: Law, made: Use) -> None:
    """Raise ``Forbidden`` with the article for a use of the year that the law does not allow, ``Refused("not-enough")`` for one that gives away
    more than there is, ``ValueError`` for one that does not add up."""
    amounts = _amounts(made)
    if any(value < 0 for name, value in amounts.items() if name != "forward"):
        raise ValueError("nothing here is negative but a loss carried forward")
    into = year.result + year.brought_forward + made.from_voluntary + made.from_legal
    if into != made.legal + made.voluntary + made.patronage + made.capital + made.forward:
        raise ValueError("it does not add up to the surplus")
    _losses(year, law, made)
    _reserve(year, law, made)
    _dividends(year, law, made)
    if law.word("surplus.rest") == "voluntary" and made.forward > 0:
        raise Forbidden("rest", law["surplus.rest"], {"there": made.forward}, "voluntary")
    if made.forward < 0 <= year.result + year.brought_forward:
        raise Refused("not-enough", f"{-made.forward} more is given away than there is", "capital")


def _losses(year: Year, law: Law, made: Use) -> None:
    lost = max(0, -(year.result + year.brought_forward))
    if made.from_legal and not lost and "losses" in law.word("reserve.legal.use"):
        raise Forbidden("legal-reserve-use", law["reserve.legal.use"], {})
    if made.dividends and made.forward < 0 and (owed := max(lost, year.old_loss)):
        raise Forbidden("losses-first", law["losses.order"], {"least": owed, "there": max(0, owed + made.forward)})
    if law.word("losses.order").split() != list(ORDER):
        return
    if made.from_voluntary != min(lost, year.voluntary) or made.from_legal != min(lost - made.from_voluntary, year.legal):
        raise Forbidden("losses-order", law["losses.order"], {})


def _reserve(year: Year, law: Law, made: Use) -> None:
    asked = legal_least(year, law)
    if made.legal < asked:
        raise Forbidden("legal-reserve", law["reserve.legal.min_fraction"], {"least": asked, "there": made.legal}, "legal")


def _dividends(year: Year, law: Law, made: Use) -> None:
    for kind, there in (("patronage", made.patronage), ("capital", made.capital)):
        if there and (bound := law.forbids(kind)):
            raise Forbidden("no-dividend", bound, {"there": there}, kind)
    part = law.fraction("dividend.patronage.min_fraction")
    if made.patronage < part * made.dividends:
        figures = {"least": up(part * made.dividends), "whole": made.dividends, "there": made.patronage, "percent": part}
        raise Forbidden("patronage-least", law["dividend.patronage.min_fraction"], figures, "patronage")
    cap = law.fraction("dividend.capital.max_fraction")
    if made.capital > cap * year.paid_in and law["dividend.capital.max_fraction"].citation:
        figures = {"most": down(cap * year.paid_in), "whole": year.paid_in, "there": made.capital, "percent": cap}
        raise Forbidden("capital-most", law["dividend.capital.max_fraction"], figures, "capital")


def _told(year: Year, law: Law, made: Use) -> tuple[Step, ...]:
    """Every step that happened, in order, with its article."""
    losses, reserve = law["losses.order"].citation, law["reserve.legal.min_fraction"].citation
    rest = law["surplus.rest"].citation
    full = bool(reserve and year.surplus and room(year, law) == 0 and not made.legal)
    steps = [
        Step("result", year.result),
        Step("brought-forward", year.brought_forward),
        Step("loss-covered", made.losses, losses),
        Step("from-brought-forward", made.from_brought_forward, losses),
        Step("from-voluntary", made.from_voluntary, losses),
        Step("from-legal", made.from_legal, losses),
        Step("legal", made.legal, reserve),
        Step("legal-full", int(full), law["reserve.legal.until_multiple"].citation),
        Step("voluntary", made.voluntary, rest),
        Step("patronage", made.patronage, law["dividend.patronage.min_fraction"].citation),
        Step("capital", made.capital, law["dividend.capital.max_fraction"].citation),
        Step("as-needed", int(bool(made.capital) and law.yes("dividend.capital.as_needed")), law["dividend.capital.as_needed"].citation),
        Step("forward", max(0, made.forward)),
        Step("loss-forward", max(0, -made.forward), losses),
    ]
    return tuple(step for step in steps if step.amount or step.kind == "result")
