"""Shares are offered for a time: drafted, voted on, open. People apply and pay; it reaches its minimum, or everybody has their money back."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

from madang.site.simulate import paying
from madang.site.simulate.model import Model, Move, No, Wrong
from madang.site.simulate.step import START, Step
from madang.site.simulate.steps import votes
from madang.site.simulate.steps.visits import _person

PRICE = 10_000
WITHIN = timedelta(minutes=30)
DAY = timedelta(days=1)
LONG = timedelta(days=3)
"""After so long a closed offer is settled: the steward has come more than once."""
DISCUSSION = timedelta(days=1)
FIRST = 21
"""The first of its decisions is called d21."""
PEOPLE = ("i0", "i1", "i2", "i3", "i4", "p8")
MAKES = {"draft", "apply"}
WORDS = """# Our offer

You could lose some or all of the money you put in. Shares are not a deposit, and nobody guarantees that the money is paid back.

Shares can be withdrawn as our rules say; they cannot be sold or transferred. Each member has one vote, however much they hold.

One person may hold at most 30 % of all shares. Those who leave are paid back from the next year on, with three months' notice to the board.
"""


# -- drawn ------------------------------------------------------------------------------------------------------------------


def draw(dice: Random, days: int) -> list[Step]:
    """One, in a long life two. What it needs is sometimes little and sometimes more than all together put in."""
    steps: list[Step] = []
    for number in range(1 if days < 18 else 2):
        at = START + timedelta(days=9 * number, minutes=dice.randrange(20, 400))
        name, decision = f"g{number}", f"d{FIRST + number}"
        terms = {"minimum": dice.choice((20, 40, 40, 70, 160)) * 1_000, "maximum": dice.choice((0, 0, 160_000)), "most": dice.choice((20_000, 30_000))}
        ends = at + timedelta(days=dice.choice((4, 5, 6)), minutes=dice.randrange(600))
        steps.append(Step(at, "offers.draft", {"name": name, "ends": ends, **terms}))
        steps.append(Step(at + timedelta(minutes=3), "offers.propose", {"name": name, "decision": decision}))
        steps.append(Step(at + timedelta(minutes=5), "offers.discuss", {"name": name, "decision": decision}))
        for who in votes.VOTERS:
            cast = at + DISCUSSION + timedelta(minutes=dice.randrange(400, 1_300))
            steps.append(Step(cast, "votes.cast", {"name": decision, "who": who, "choice": dice.choice(("for", "for", "for", "for", "against"))}))
        for wish in range(dice.randrange(4, 9)):
            steps += _wish(dice, name, f"a{number}{wish}", terms["most"] // PRICE, at + 2 * DAY, ends)
    return steps


def _wish(dice: Random, offer: str, name: str, most: int, since: datetime, until: datetime) -> list[Step]:
    """Somebody applies, and pays, or does not; perhaps thinks better of it; one wants more than one may have."""
    at = since + timedelta(minutes=dice.randrange(int((until - since) / timedelta(minutes=1)) + 600))
    count = dice.choice((1, 1, 2, most, most + 1))
    choice, counts = paying.draw(dice)
    steps = [Step(at, "offers.apply", {"name": name, "offer": offer, "who": dice.choice(PEOPLE), "count": count})]
    if dice.random() < 0.9:
        steps.append(Step(at + timedelta(minutes=dice.choice((1, 5, 15, 40))), "offers.pay", {"what": name, "choice": choice}, counts=counts))
    if dice.random() < 0.15:
        steps.append(Step(at + timedelta(minutes=dice.choice((3, 90, 1_500))), "offers.take_back", {"what": name}))
    return steps


def fill(model: Model, verb: str, args: dict[str, Any]) -> dict[str, Any] | None:
    """Only what is there is proposed, paid, taken back."""
    if "what" in args:
        return args if args["what"] in model.of("charges") else None
    if verb == "discuss":
        return args if args["decision"] in model.of("decisions") else None
    if verb == "draft":
        return args
    return args if args.get("offer", args["name"]) in model.of("offers") else None


# -- done -------------------------------------------------------------------------------------------------------------------


def _id(name: str) -> UUID:
    return uuid5(NAMESPACE_OID, f"simulated {name}")


def draft(names: dict[str, str], args: dict[str, Any], now: datetime) -> dict[str, Any]:
    """Whoever looks after share offers writes it."""
    from madang.coop.capital.offers import opening
    from madang.coop.members.models import MemberClass

    made = opening.write(
        _person(names, "p1"), title={"en": f"Offer {args['name']}"}, document={"en": WORDS}, person_class=MemberClass.objects.get(key="client"),
        organisation_class=None, key=_id(f"offer {args['name']}"), kind="time-bound", minimum=args["minimum"], optimum=0, maximum=args["maximum"],
        most_person=args["most"], opens_at=now, closes_at=args["ends"], now=now,
    )  # fmt: skip
    return {"state": made.state}


def propose(names: dict[str, str], args: dict[str, Any], now: datetime) -> dict[str, Any]:
    """Here the members decide whether shares are offered."""
    from madang.coop.decisions import actions

    wish, own = {"offer": str(_id(f"offer {args['name']}"))}, votes._proposal_id(args["decision"])
    actions.draft(_person(names, "p1"), "share_offer", "An offer", "Because.", details=wish, id=own, now=now)
    return {}


def discuss(names: dict[str, str], args: dict[str, Any], now: datetime) -> dict[str, Any]:
    """From here on nobody changes its terms."""
    from madang.coop.decisions import actions

    one = votes._proposal(args["decision"])
    return {"opens": actions.open_discussion(one, one.author, now=now).opens_at}


def _somebody(names: dict[str, str], who: str, now: datetime) -> Any:
    from madang.coop.people import actions

    if f"person {who}" in names:
        return _person(names, who)
    return actions.register(f"{who}@example.org", f"Investor {who}", language="en", time_zone="Asia/Seoul", confirmed=True, now=now)


def apply(names: dict[str, str], args: dict[str, Any], now: datetime) -> dict[str, Any]:
    """Somebody who is no member, or became one by an earlier offer, wants shares."""
    from madang.coop.capital.offers import applying
    from madang.coop.capital.offers.models import Offer

    person, key = _somebody(names, args["who"], now), _id(f"application {args['name']}")
    made = applying.apply(Offer.objects.get(pk=_id(f"offer {args['offer']}")), args["count"], person, key=key, now=now)
    told = {f"person {args['who']}": str(person.pk), f"share-application {args['name']}": str(key), f"charge {args['name']}": str(made.charge_id)}
    return {"names": told, "amount": made.amount}


def take_back(names: dict[str, str], args: dict[str, Any], now: datetime) -> dict[str, Any]:
    """They think better of it."""
    from madang.coop.capital.offers import applying
    from madang.coop.capital.offers.models import Application

    one = Application.objects.select_related("offer", "by").get(pk=names[f"share-application {args['what']}"])
    return {"_state": applying.take_back(one, one.by, now=now).state}


DO = {"draft": draft, "propose": propose, "discuss": discuss, "apply": apply, "pay": paying.pay, "take_back": take_back}


def look(names: dict[str, str]) -> dict[str, Any]:
    """How offers and applications are, and the memberships that came of them."""
    from madang.coop.capital.offers.models import Application, Offer

    offers = {str(_id(f"offer g{number}")): f"g{number}" for number in range(9)}
    called = {ident: name.partition(" ")[2] for name, ident in names.items() if name.startswith("share-application ")}
    people = {ident: name.partition(" ")[2] for name, ident in names.items() if name.startswith("person ")}
    rows = {called[str(one.pk)]: one for one in Application.objects.filter(pk__in=called)}
    return {
        "offers": {offers[str(pk)]: state for pk, state in Offer.objects.filter(pk__in=offers).values_list("pk", "state")},
        "applications": {name: (one.state, one.issued) for name, one in rows.items()},
        "names": {f"membership {people[str(one.person_id)]}": str(one.membership_id) for one in rows.values() if one.issued},
    }


# -- expected ---------------------------------------------------------------------------------------------------------------


def expect_draft(model: Model, args: dict[str, Any], now: datetime, told: dict[str, Any]) -> None:
    """It has to end after it begins."""
    if args["name"] in model.of("offers"):
        return
    if args["ends"] <= now:
        raise No("terms")
    terms = {name: args[name] for name in ("minimum", "maximum", "most", "ends")}
    model.of("offers")[args["name"]] = {**terms, "opens": now, "state": "draft"}


def expect_propose(model: Model, args: dict[str, Any], now: datetime, told: dict[str, Any]) -> None:
    """While it could still run."""
    offer = model.of("offers")[args["name"]]
    if args["decision"] in model.of("decisions"):
        return
    if offer["ends"] <= now:
        raise No("terms")
    model.of("decisions")[args["decision"]] = {
        "rule": "offer", "value": None, "state": "draft", "votes": {}, "effect_of": lambda at: "in_force" if at < offer["ends"] else "failed",
    }  # fmt: skip


def expect_discuss(model: Model, args: dict[str, Any], now: datetime, told: dict[str, Any]) -> None:
    """A day of talk, a day to vote."""
    one, offer = model.of("decisions")[args["decision"]], model.of("offers")[args["name"]]
    if one["state"] != "draft":
        return
    if offer["ends"] <= now:
        raise No("terms")
    one["state"], one["opens"], offer["state"], offer["decision"] = "discussion", now + DISCUSSION, "proposed", args["decision"]


def _runs(offer: dict[str, Any], now: datetime) -> bool:
    return offer["state"] in ("open", "met") and offer["opens"] <= now < offer["ends"]


def _waits(model: Model, name: str, now: datetime | None = None) -> bool:
    """Whether an application can still be paid: it was asked for, and its payment is open (and has time left, where that counts)."""
    one, charge = model.of("applications")[name], model.of("charges")[name]
    return one["state"] == "asked" and charge["open"] and (now is None or now < charge["until"])


def _will_be(one: dict[str, Any]) -> int:
    return int(one["count"]) * PRICE


def _paid(model: Model, besides: str, *, who: str = "", not_who: str = "", offer: str = "") -> int:
    """What is paid into offers and waits for its shares."""
    rows = ((name, one) for name, one in model.of("applications").items() if one["state"] == "paid" and name != besides)
    return sum(_will_be(one) for _name, one in rows if who in ("", one["who"]) and one["who"] != not_who and offer in ("", one["offer"]))


def _most(model: Model, who: str) -> int:
    """Thirty per cent of all there will be; nobody is kept from the first share."""
    others = sum(amount for (kind, owner), amount in model.balances.items() if kind == "shares" and owner != who)
    return max(PRICE, (others + _paid(model, "", not_who=who)) * 3 // 7)


def _room(model: Model, name: str, who: str, offer: str, now: datetime, settling: bool) -> tuple[int, list[str]]:
    """The most shares they may still have, and which limits say so: the law over all they hold and wait for, the terms, what is left of the offer."""
    terms, rows = model.of("offers")[offer], model.of("applications")
    others = {key: one for key, one in rows.items() if key != name}
    live = sum(_will_be(one) for key, one in others.items() if one["who"] == who and _waits(model, key, now))
    law = _most(model, who) - model.balances["shares", who] - _paid(model, name, who=who) - (0 if settling else live)
    mine = {key: one for key, one in others.items() if one["who"] == who and one["offer"] == offer}
    has = sum(one["issued"] * PRICE if one["state"] == "issued" else _will_be(one) for one in mine.values() if one["state"] in ("paid", "issued"))
    wants = sum(_will_be(one) for key, one in mine.items() if _waits(model, key, now))
    found = {"law": law, "terms": terms["most"] - has - wants}
    if terms["maximum"]:
        asked = sum(_will_be(one) for key, one in others.items() if one["offer"] == offer and _waits(model, key))
        found["full"] = terms["maximum"] - _raised(model, offer) - asked
    counts = {code: max(0, amount) // PRICE for code, amount in found.items()}
    least = min(counts.values())
    return least, [code for code, count in counts.items() if count == least]


def _raised(model: Model, offer: str) -> int:
    """What came in and did not go back."""
    rows = [one for one in model.of("applications").values() if one["offer"] == offer]
    return sum(one["issued"] * PRICE if one["state"] == "issued" else _will_be(one) for one in rows if one["state"] in ("paid", "issued"))


def expect_apply(model: Model, args: dict[str, Any], now: datetime, told: dict[str, Any]) -> None:
    """While it runs, and within all limits."""
    name, who = args["name"], args["who"]
    if name in model.of("applications"):
        return
    if not _runs(model.of("offers")[args["offer"]], now):
        raise No("offer-over")
    most, codes = _room(model, name, who, args["offer"], now, settling=False)
    if args["count"] > most:
        raise No(*codes)
    model.of("applications")[name] = {"offer": args["offer"], "who": who, "count": args["count"], "state": "asked", "issued": 0, "held": False}
    paying.asked(model, name, "share-offer", who, args["count"] * PRICE, min(now + WITHIN, model.of("offers")[args["offer"]]["ends"]))


def _held(model: Model, what: str, now: datetime) -> list[Move] | None:
    """It is paid: held, in nobody's capital; with enough of it the minimum is reached."""
    one = model.of("applications")[what]
    offer = model.of("offers")[one["offer"]]
    fits = _runs(offer, now) and one["state"] == "asked" and one["count"] <= _room(model, what, one["who"], one["offer"], now, settling=True)[0]
    if not fits:
        one["state"] = "lapsed" if one["state"] == "asked" else one["state"]
        return None
    one["state"], one["held"] = "paid", True
    if offer["state"] == "open" and _raised(model, one["offer"]) >= offer["minimum"]:
        offer["state"] = "met"
    return [(paying.BANK, ("hold", what), _will_be(one))]


def _lapsed(model: Model, what: str, now: datetime) -> None:
    one = model.of("applications")[what]
    one["state"] = "lapsed" if one["state"] == "asked" else one["state"]


paying.takes["share-offer"] = _held
paying.lost["share-offer"] = _lapsed


def _back(model: Model, what: str, now: datetime) -> None:
    """All of it goes back, to the last won."""
    one = model.of("applications")[what]
    one["state"] = "returned"
    model.book(f"offer-back:{what}", [(("hold", what), ("refunds", what), _will_be(one))], now)
    paying.send_back(model, what, _will_be(one), now, f"offer-sent:{what}")


def expect_take_back(model: Model, args: dict[str, Any], now: datetime, told: dict[str, Any]) -> None:
    """Until the minimum is reached."""
    one = model.of("applications")[args["what"]]
    if one["state"] in ("returned", "lapsed"):
        return
    if one["state"] == "issued" or model.of("offers")[one["offer"]]["state"] != "open":
        raise No("committed")
    if one["state"] == "asked":
        one["state"] = "lapsed"
    else:
        _back(model, args["what"], now)


EXPECT = {
    "draft": expect_draft, "propose": expect_propose, "discuss": expect_discuss, "apply": expect_apply, "pay": paying.paid, "take_back": expect_take_back,
}  # fmt: skip


def _issue(model: Model, what: str, now: datetime) -> None:
    """Shares for what was paid, as many as the law allows by now; the rest goes back."""
    one = model.of("applications")[what]
    count = min(one["count"], max(0, _most(model, one["who"]) - model.balances["shares", one["who"]]) // PRICE)
    if not count:
        _back(model, what, now)
        return
    rest = (one["count"] - count) * PRICE
    one["state"], one["issued"] = "issued", count
    model.book(f"offer-issue:{what}", [(("hold", what), ("shares", one["who"]), count * PRICE), (("hold", what), ("refunds", what), rest)], now)
    paying.send_back(model, what, rest, now, f"offer-rest:{what}")


MAY_SAY = {"closed": {"closed", "completed"}, "lapsed": {"lapsed", "returned"}}
"""A closed offer is completed, a lapsed one returned, once nobody's money waits."""
SAYS = {"returned": {"returning", "returned"}}


def swept(model: Model, now: datetime, told: dict[str, Any], interrupted: bool) -> None:
    """What was decided is open; whose day has come is closed; shares are issued, or everybody has their money back."""
    for name, offer in model.of("offers").items():
        _decided(model, offer)
        if offer["state"] in ("open", "met") and offer["ends"] <= now:
            offer["state"] = "closed" if offer["state"] == "met" else "lapsed"
        rows = [what for what, one in model.of("applications").items() if one["offer"] == name]
        for what in rows:
            state = model.of("applications")[what]["state"]
            if state == "asked" and offer["state"] in ("closed", "lapsed"):
                _lapsed(model, what, now)
            elif state == "paid" and offer["state"] in ("met", "closed"):
                _issue(model, what, now)
            elif state == "paid" and offer["state"] == "lapsed":
                _back(model, what, now)
            _as_it_must_be(model, what, told)
        long = offer["ends"] + LONG <= now and not interrupted
        may = {"closed": {"completed"}, "lapsed": {"returned"}}.get(offer["state"]) if long else MAY_SAY.get(offer["state"])
        if told["offers"].get(name) not in (may or {offer["state"]}):
            raise Wrong(f"offer {name} is {told['offers'].get(name)}, and should be {offer['state']}")


def _decided(model: Model, offer: dict[str, Any]) -> None:
    if offer["state"] != "proposed":
        return
    state = model.of("decisions")[offer["decision"]]["state"]
    if state in ("in_force", "rejected", "failed"):
        offer["state"] = "open" if state == "in_force" else "draft"


def _as_it_must_be(model: Model, what: str, told: dict[str, Any]) -> None:
    one = model.of("applications")[what]
    state, issued = told["applications"].get(what, ("nowhere", 0))
    if state not in SAYS.get(one["state"], {one["state"]}) or issued != one["issued"]:
        raise Wrong(f"application {what} is {state} with {issued} shares, and should be {one['state']} with {one['issued']}")


def holds(model: Model) -> dict[str, set[str]]:
    """The state that the money of each application is in, by its name; those that never were paid have none."""
    says = {"paid": "held", "issued": "released", "returned": "refunded"}
    return {what: {says[one["state"]]} if one["held"] else set() for what, one in model.of("applications").items()}


__all__ = ["DO", "EXPECT", "MAKES", "draw", "fill", "holds", "look", "swept"]
