"""The payer's bank takes a payment back; the treasurer answers it, gives in, or forgets; the bank decides. Lost, it is somebody's loss."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import Any

from madang.site.simulate import visiting
from madang.site.simulate.model import Model, Move, No, Wrong
from madang.site.simulate.paying import BANK, COSTS, fee
from madang.site.simulate.step import START, Step
from madang.site.simulate.steps.visits import _person

TO_ANSWER = timedelta(days=7)
TREASURER = "p2"
WORDS = "The visit was done as agreed; the client confirmed it."
MAKES: set[str] = set()


# -- drawn ------------------------------------------------------------------------------------------------------------------


def draw(dice: Random, days: int) -> list[Step]:
    """About one payment in seven is taken back, a visit's or for shares; half of them are answered."""
    steps: list[Step] = []
    for number in range(max(1, days // 10)):
        what = dice.choice((f"v{dice.randrange(1, max(3, days // 2) + 1)}", f"v{dice.randrange(1, max(3, days // 2) + 1)}", f"s{number}"))
        at = START + timedelta(days=dice.randrange(2, max(3, days)), minutes=dice.randrange(800))
        steps.append(Step(at, "disputes.charge_back", {"what": what}, counts=("rail-charges-back",)))
        how = dice.choice(("contest", "contest", "concede", ""))
        if how:
            later = timedelta(hours=dice.choice((1, 30, 100, 167, 171))) if how == "contest" else timedelta(days=6)
            steps.append(Step(at + later, "disputes.answer", {"what": what, "how": how}))
    return steps


def fill(model: Model, verb: str, args: dict[str, Any]) -> dict[str, Any] | None:
    """A bank takes back what was paid; one answers what was taken back."""
    if verb == "answer":
        return args if args["what"] in model.of("disputes") else None
    return args if model.of("charges").get(args["what"], {}).get("booked") else None


# -- done -------------------------------------------------------------------------------------------------------------------


def charge_back(names: dict[str, str], args: dict[str, Any], now: datetime) -> dict[str, Any]:
    """The payer's bank takes it back and says so three times."""
    from madang.coop.payments import sandbox
    from madang.coop.payments.models import Charge

    charge = Charge.objects.get(pk=names[f"charge {args['what']}"])
    sandbox.rail().charge_back(charge.ref, at=now, times=3)
    sandbox.deliver(now, only=f"dp_{charge.ref[3:]}")
    was = sandbox.rail().payment(charge.ref)
    return {"taken": was.contested.get("amount", 0) if was else 0}


def _dispute(names: dict[str, str], what: str) -> Any:
    from madang.coop.payments.models import Dispute

    return Dispute.objects.get(charge=names[f"charge {what}"])


def answer(names: dict[str, str], args: dict[str, Any], now: datetime) -> dict[str, Any]:
    """Whoever pays out says what was done, or lets them have it. Of two at once the slower may be told before the rail was."""
    from madang.coop.payments import disputes

    found, by = _dispute(names, args["what"]), _person(names, TREASURER)
    if args["how"] == "contest":
        disputes.contest(found.pk, WORDS, by=by, now=now)
    else:
        disputes.concede(found.pk, by=by, now=now)
    return {"_state": _dispute(names, args["what"]).state}


DO = {"charge_back": charge_back, "answer": answer}


# -- expected ---------------------------------------------------------------------------------------------------------------


def expect_charge_back(model: Model, args: dict[str, Any], now: datetime, told: dict[str, Any]) -> None:
    """What was paid and has not gone back is gone, and costs a fee; once."""
    what = args["what"]
    charge = model.of("charges")[what]
    left = charge["amount"] - charge["sent_back"]
    if what in model.of("disputes") or not left:
        return
    if told["taken"] != left:
        raise Wrong(f"{told['taken']} of {what} is gone, and {left} was there")
    charge["disputed"] = True
    model.of("disputes")[what] = {"taken": left, "due": now + TO_ANSWER, "state": "open", "how": ""}
    model.book(f"disputed:{what}", [(("disputed", what), BANK, left), (COSTS, BANK, fee(left))], now)


def expect_answer(model: Model, args: dict[str, Any], now: datetime, told: dict[str, Any]) -> None:
    """Once, within seven days, and not of one's own payment."""
    one, how = model.of("disputes")[args["what"]], args["how"]
    if one["how"] != how and not (how == "concede" and one["state"] == "lost"):
        if model.of("charges")[args["what"]]["payer"] == TREASURER:
            raise No("own-dispute")
        if one["how"] or one["state"] != "open":
            raise No("dispute-answered")
        if one["due"] <= now:
            raise No("dispute-late")
        one["how"] = how
    _follow(model, args["what"], told["_state"] if told else one["state"], now)


def _follow(model: Model, what: str, state: str, now: datetime) -> None:
    """When the bank decides is the program's to hear; what it may decide, and what is booked of it, is not."""
    one = model.of("disputes")[what]
    if state == one["state"]:
        return
    late = one["due"] <= now
    may = {"open": {"answered", "won", "lost"}, "answered": {"won", "lost"}}.get(one["state"], set())
    fits = {"answered": one["how"] == "contest", "won": one["how"] == "contest", "lost": one["how"] == "concede" or late}
    if state not in may or not fits[state]:
        raise Wrong(f"the dispute of {what} is {state}, was {one['state']}, answered: {one['how'] or 'not'}")
    one["state"] = state
    if state == "won":
        model.of("charges")[what]["disputed"] = False
        model.book(f"dispute-won:{what}", [(BANK, ("disputed", what), one["taken"])], now)
    elif state == "lost":
        need = one["taken"] - _visit_lost(model, what, now)
        if need:
            model.book(f"dispute-lost:{what}", _borne(model, what, need), now)


def _visit_lost(model: Model, what: str, now: datetime) -> int:
    """A visit that nobody has begun does not take place: what is held for it is what the bank took. Answers how much that is."""
    job = model.of("jobs").get(what)
    if job is None or job["state"] not in ("offered", "accepted"):
        return 0
    job["state"], job["offer"], job["goodwill"] = "cancelled", "withdrawn", 0
    model.book(f"over:{what}", [(("hold", what), ("disputed", what), job["price"])], now)
    return int(job["price"])


def _borne(model: Model, what: str, need: int) -> list[Move]:
    """First what was to go back to that payer anyway, as whole refunds; the rest is the co-op's, as nobody decided otherwise."""
    moves: list[Move] = []
    waiting: list[int] = model.of("charges")[what]["unsent"]
    for amount in list(waiting):
        if amount <= need:
            waiting.remove(amount)
            need -= amount
            moves.append((("refunds", what), ("disputed", what), amount))
    return [*moves, (("dispute-losses", ""), ("disputed", what), need)]


EXPECT = {"charge_back": expect_charge_back, "answer": expect_answer}


def swept(model: Model, now: datetime, told: dict[str, Any], interrupted: bool) -> None:
    """What the bank decided meanwhile; none that nobody answered stays open for long."""
    for what, one in model.of("disputes").items():
        if what not in told["disputes"]:
            raise Wrong(f"{what} was taken back, and nobody was told")
        visiting.given_up(model, what, told["jobs"].get(what), now)  # in one sweep the visit may have been given up before the bank decided
        _follow(model, what, told["disputes"][what], now)
        if one["state"] in ("open", "answered") and one["due"] + timedelta(days=1) <= now and not interrupted:
            raise Wrong(f"the dispute of {what} should be decided, and is {one['state']}")
