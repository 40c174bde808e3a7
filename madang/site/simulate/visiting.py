"""What the model says of visits: what is refused, whose the money is at each point, and what the steward must have done. Told by the words alone."""

from __future__ import annotations

from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

from madang.site.simulate import paying
from madang.site.simulate.model import Model, Move, No, Wrong, shared

CLIENTS = {"p4": (2, 1), "p5": (3, 1), "p8": (1, 2)}
WORKERS = {"p2": "o1", "p3": "o2", "p6": "o1", "p7": "o2"}
OVER = ("released", "cancelled", "unfilled", "lapsed", "refunded")
OCCUPIES = ("held", "offered", "accepted", "in_progress", "done")
HOUR = timedelta(hours=1)
LADDER = [(48 * HOUR, Fraction(1)), (24 * HOUR, Fraction(1, 2)), (2 * HOUR, Fraction(1, 4))]
WORKER_LADDER = [(48 * HOUR, Fraction(0)), (24 * HOUR, Fraction(1, 20)), (0 * HOUR, Fraction(1, 10))]


def expect_book(model: Model, args: dict[str, Any], now: datetime, told: dict[str, Any]) -> None:
    """A time that is free, neither too soon nor too far; the price by the size of the home; kept for fifteen minutes."""
    bedrooms, bathrooms = CLIENTS[args["client"]]
    price, minutes = 24_000 + 9_000 * bedrooms + 10_000 * bathrooms, 60 + 30 * bedrooms + 45 * bathrooms
    start, jobs = args["start"], model.of("jobs")
    end = start + timedelta(minutes=minutes)
    mine = [one for one in jobs.values() if one["client"] == args["client"] and one["state"] in OCCUPIES]
    if any(one["start"] < end and start < one["end"] for one in mine):
        raise No("same-home")
    if start <= now:
        raise No("past")
    if start < now + 4 * HOUR:
        raise No("soon")
    if sum(one["state"] == "held" for one in mine) >= 3:
        raise No("unpaid")
    free = end + timedelta(minutes=30)
    if any(one["worker"] == args["worker"] and one["state"] in OCCUPIES and one["start"] < free and start < one["free"] for one in jobs.values()):
        raise No("taken")
    until = now + timedelta(minutes=15)
    if told and (told["price"], told["minutes"], told["until"]) != (price, minutes, until):
        raise Wrong(f"{args['name']}: {told['price']} for {told['minutes']} minutes until {told['until']}, not {price} for {minutes} until {until}")
    jobs[args["name"]] = {
        "client": args["client"], "worker": args["worker"], "price": price, "start": start, "end": end, "free": free, "state": "held",
        "split": model.facts["split"], "tips": model.facts["tips"], "id": (told.get("names") or {}).get(f"job {args['name']}", ""),
        "goodwill": 0, "offer": None, "answer_by": None,
    }  # fmt: skip
    paying.asked(model, args["name"], "job", args["client"], price, until)


def _kept(model: Model, what: str, now: datetime) -> list[Move] | None:
    """The price came: the worker is asked, with time to think."""
    job = model.of("jobs")[what]
    if job["state"] != "held":
        return None
    job["state"], job["offer"] = "offered", "open"
    job["answer_by"] = max(min(now + 4 * HOUR, job["start"] - HOUR), now + timedelta(minutes=15))
    return [(paying.BANK, ("hold", what), job["price"])]


def _lapsed(model: Model, what: str, now: datetime) -> None:
    if model.of("jobs")[what]["state"] == "held":
        model.of("jobs")[what]["state"] = "lapsed"


def _tipped(model: Model, what: str, now: datetime) -> list[Move] | None:
    job = model.of("jobs")[what.removeprefix("tip-")]
    amount = model.of("charges")[what]["amount"]
    places = {"worker": ("payable", job["worker"]), "fund": ("fund", WORKERS[job["worker"]]), "upkeep": ("upkeep", "")}
    parts = shared(amount, job["tips"], f"tip:{job['tip']}")
    return [(paying.BANK, places[name], parts[name]) for name in parts]


paying.takes.update(job=_kept, tip=_tipped)
paying.lost.update(job=_lapsed, tip=lambda model, what, now: None)


def _state(job: dict[str, Any], *allowed: str) -> None:
    if job["state"] not in allowed:
        raise No(f"job-{job['state']}")


def expect_accept(model: Model, args: dict[str, Any], now: datetime, told: dict[str, Any]) -> None:
    """Whoever is asked takes it, before it should have begun."""
    job = model.of("jobs")[args["name"]]
    if job["state"] == "held":
        raise No("missing")
    if job["state"] in ("accepted", "in_progress", "done"):
        return
    _state(job, "offered")
    if job["start"] <= now:
        raise No("late")
    job["state"], job["offer"] = "accepted", "taken"


def expect_in(model: Model, args: dict[str, Any], now: datetime, told: dict[str, Any]) -> None:
    """Not earlier than an hour before."""
    job = model.of("jobs")[args["name"]]
    if job["state"] == "held":
        raise No("missing")
    if job["state"] in ("in_progress", "done"):
        return
    _state(job, "accepted")
    if now < job["start"] - HOUR:
        raise No("early")
    job["state"] = "in_progress"


def expect_out(model: Model, args: dict[str, Any], now: datetime, told: dict[str, Any]) -> None:
    """Then the client has a day."""
    job = model.of("jobs")[args["name"]]
    if job["state"] == "held":
        raise No("missing")
    if job["state"] == "done":
        return
    _state(job, "in_progress")
    job["state"], job["confirm_by"] = "done", now + 24 * HOUR


def expect_confirm(model: Model, args: dict[str, Any], now: datetime, told: dict[str, Any]) -> None:
    """Then the price is released."""
    job = model.of("jobs")[args["name"]]
    if job["state"] == "released":
        return
    _state(job, "done")
    _release(model, args["name"], now)


def _release(model: Model, name: str, now: datetime, back: int = 0, key: str = "release") -> None:
    """``back`` to the client, the rest by the split the job was booked under, and what the member co-op gets on by its own."""
    job = model.of("jobs")[name]
    held, salt, organisation = ("hold", name), f"{key}:{job['id']}", WORKERS[job["worker"]]
    moves: list[Move] = [(held, ("refunds", name), back)]
    outer = shared(job["price"] - back, job["split"], salt)
    inner = shared(outer["provider"], {"worker": Fraction(97, 100), "fund": Fraction(3, 100)}, salt)
    place = ("payable", organisation)
    moves += [(held, place, outer["provider"]), (held, ("upkeep", ""), outer["upkeep"])]
    moves += [(place, ("payable", job["worker"]), inner["worker"]), (place, ("fund", organisation), inner["fund"])]
    model.book(f"over:{name}", moves, now)
    job["state"] = "released"
    paying.send_back(model, name, back, now, f"refund:{name}")


def _all_back(model: Model, name: str, now: datetime, state: str) -> None:
    job = model.of("jobs")[name]
    model.book(f"over:{name}", [(("hold", name), ("refunds", name), job["price"])], now)
    job["state"] = state
    if job["goodwill"]:
        model.book(f"goodwill:{name}", [(("upkeep", ""), ("payable", job["client"]), job["goodwill"])], now)
    paying.send_back(model, name, job["price"], now, f"refund:{name}")


def expect_cancel(model: Model, args: dict[str, Any], now: datetime, told: dict[str, Any]) -> None:
    """All of it while nobody has accepted, else by the ladder; an unpaid time is free again."""
    job = model.of("jobs")[args["name"]]
    if job["state"] in ("cancelled", "lapsed"):
        return
    if job["state"] == "held":
        job["state"] = "lapsed"
        return
    _state(job, "offered", "accepted")
    job["offer"] = "withdrawn"
    percent = next((share for least, share in LADDER if job["start"] - now >= least), Fraction(0)) if job["state"] == "accepted" else Fraction(1)
    back = shared(job["price"], {"back": percent, "stays": 1 - percent}, f"cancel:{job['id']}")["back"]
    if back == job["price"]:
        job["goodwill"] = 0
        _all_back(model, args["name"], now, "cancelled")
    else:
        _release(model, args["name"], now, back, "cancel")
        job["state"] = "cancelled"


def expect_cannot(model: Model, args: dict[str, Any], now: datetime, told: dict[str, Any]) -> None:
    """The next one is asked; when nobody can come, all goes back, and something on top."""
    job = model.of("jobs")[args["name"]]
    if job["offer"] is None:
        raise No("missing")
    if job["offer"] == "withdrawn":
        return
    if job["offer"] != "taken":
        raise No("answered")
    _state(job, "accepted")
    lead = max(job["start"] - now, timedelta())
    percent = next(share for least, share in WORKER_LADDER if lead >= least)
    job["goodwill"] = max(job["goodwill"], shared(job["price"], {"back": percent, "stays": 1 - percent}, f"goodwill:{job['id']}")["back"])
    job["state"], job["offer"] = "offered", "withdrawn"
    _moved_on(model, args["name"], told, now)


def _moved_on(model: Model, name: str, told: dict[str, Any], now: datetime) -> None:
    """Who is asked next is the program's to choose: somebody else, or nobody and everything goes back."""
    job = model.of("jobs")[name]
    if not told:
        return
    if told["state"] == "unfilled":
        _all_back(model, name, now, "unfilled")
    elif told["state"] != "offered" or told["worker"] == job["worker"]:
        raise Wrong(f"{name} is {told['state']} with {told['worker']}")
    else:
        job["worker"], job["offer"] = told["worker"], "open"
        job["answer_by"] = max(min(now + 4 * HOUR, job["start"] - HOUR), now + timedelta(minutes=15))


def expect_problem(model: Model, args: dict[str, Any], now: datetime, told: dict[str, Any]) -> None:
    """The money stays where it is."""
    job = model.of("jobs")[args["name"]]
    if job["state"] == "problem":
        return
    if job["state"] == "accepted" and job["start"] > now:
        raise No("not-begun")
    _state(job, "accepted", "in_progress", "done")
    job["state"] = "problem"
    job["reported"] = True


def expect_settle(model: Model, args: dict[str, Any], now: datetime, told: dict[str, Any]) -> None:
    """So much back, the rest by the split."""
    job = model.of("jobs")[args["name"]]
    if "reported" not in job:
        raise No("missing")
    if job["state"] == "problem":
        _release(model, args["name"], now, args["amount"])
        job["state"] = "refunded" if args["amount"] == job["price"] else "released"


def expect_tip(model: Model, args: dict[str, Any], now: datetime, told: dict[str, Any]) -> None:
    """Once the work is done."""
    job = model.of("jobs")[args["name"]]
    _state(job, "done", "released")
    if "tip" in job:
        return
    job["tip"] = (told.get("names") or {}).get(f"tip {args['name']}", "")
    paying.asked(model, f"tip-{args['name']}", "tip", job["client"], args["amount"], now + paying.OPEN_FOR)


EXPECT = {
    "book": expect_book, "pay": paying.paid, "lie": paying.lied, "accept": expect_accept, "check_in": expect_in,
    "check_out": expect_out, "cannot": expect_cannot, "confirm": expect_confirm, "cancel": expect_cancel, "problem": expect_problem, "settle": expect_settle,
    "tip": expect_tip,
}  # fmt: skip


def swept(model: Model, now: datetime, told: dict[str, Any], interrupted: bool) -> None:
    """What the steward did: jobs nobody paid, offers nobody answered, work nobody spoke against."""
    _half(model, now, told, interrupted)
    paying.swept(model, now)
    for name, job in model.of("jobs").items():
        seen = told["jobs"].get(name)
        if seen is None or job["state"] in OVER:
            continue
        if job["state"] == "done" and job["confirm_by"] <= now:
            _release(model, name, now)
        elif job["state"] == "offered" and job["answer_by"] <= now:
            job["offer"] = "expired"
            _moved_on(model, name, seen, now)
        if seen["state"] != job["state"] or (seen["worker"] != job["worker"] and job["state"] not in OVER):
            raise Wrong(f"{name} is {seen['state']} with {seen['worker']}, and should be {job['state']} with {job['worker']}")


def given_up(model: Model, name: str, seen: dict[str, Any] | None, now: datetime) -> None:
    """Nobody could come in time, and everything went back."""
    job = model.of("jobs").get(name)
    if seen and job and job["state"] == "offered" and job["answer_by"] <= now and seen["state"] == "unfilled":
        job["offer"] = "expired"
        _moved_on(model, name, seen, now)


def _half(model: Model, now: datetime, told: dict[str, Any], interrupted: bool) -> None:
    """A sweep that was cut between "we look" and the rail's answer asks again five minutes later; until then the time, or the shares, are kept."""
    for name, charge in model.of("charges").items():
        if interrupted and charge["bank"] and not charge["booked"] and charge["at"] <= now and _kept(name, charge["kind"], told):
            charge["at"] = now + timedelta(minutes=5)


def _kept(name: str, kind: str, told: dict[str, Any]) -> bool:
    if kind == "share-offer":
        return bool(told["applications"].get(name, ("", 0))[0] == "asked")
    return bool(kind == "job" and told["jobs"][name]["state"] == "held")
