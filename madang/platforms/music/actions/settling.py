"""A month's money: counted once, booked once, by the model that was in force when the month began.

Counting and booking are two steps, each in one transaction and safe to repeat: *counted* figures never change, and every entry of the booking has a key.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, F, Min, Q, Sum
from django.utils.translation import gettext_lazy as _

from madang.coop import law, ledger, record
from madang.coop.ledger import coins
from madang.coop.ledger.models import Account
from madang.coop.ledger.moves import Move
from madang.coop.ledger.queries import balance
from madang.kit.errors import Refused
from madang.kit.splits import largest_remainder
from madang.platforms.music import parts, royalties, rules, states, terms
from madang.platforms.music.models import Earning, Fee, Line, Party, Play, Settlement, Track, Wallet
from madang.platforms.music.trees import Trees

GRACE = timedelta(days=2)
"""Telephones without a network tell their plays when they are back: a month is settled this long after its end, what comes later counts in the next."""
BATCH = 5_000
PAID = Q(state=Play.COUNTED) | Q(state=Play.BOUGHT)


def find_due(now: datetime, limit: int) -> list[str]:
    """Months that are over and have something to settle, and those that are counted and not booked."""
    waiting = [f"{month:%Y-%m}" for month in Settlement.objects.filter(state=states.COUNTED).order_by("month").values_list("month", flat=True)[:limit]]
    return waiting or [f"{month:%Y-%m}" for month in _open_months(now)][:limit]


def _open_months(now: datetime) -> Iterator[date]:
    first = [Play.objects.aggregate(first=Min("month"))["first"], Fee.objects.aggregate(first=Min("month"))["first"]]
    months = [one for one in first if one is not None]
    if not months:
        return
    last = Settlement.objects.order_by("-month").values_list("month", flat=True).first()
    month = terms.after(last) if last else min(months)
    while terms.begins(terms.after(month)) + GRACE <= now:
        yield month
        month = terms.after(month)


def settle_month(key: str, *, now: datetime) -> Settlement:
    """Count and book the month "2026-11". Due work; safe to repeat and to be killed in between."""
    month = date.fromisoformat(f"{key}-01")
    settlement = count(month, now=now)
    return book(settlement, now=now)


@dataclass(frozen=True)
class Counted:
    """A month's plays as the models read them, and how many plays and listeners each track had."""

    month: royalties.Month
    plays: dict[int, int]
    priced: dict[int, int]
    listeners: dict[int, int]


def read(month: date) -> Counted:
    """The counted plays of a month, summed in the database. Four queries."""
    rows = Play.objects.filter(PAID, month=month).values_list("wallet", "track").order_by()
    plays: dict[tuple[int, int], int] = {}
    cost: dict[tuple[int, int], int] = {}
    priced: dict[int, int] = defaultdict(int)
    listeners: dict[int, int] = defaultdict(int)
    for wallet, track, count_, price, paid in rows.annotate(
        n=Count("pk", filter=Q(state=Play.COUNTED)), price=Sum("price"), paid=Count("pk", filter=Q(state=Play.COUNTED, nth__gt=0))
    ):
        plays[wallet, track], cost[wallet, track] = count_, price
        priced[track] += paid
        listeners[track] += 1 if count_ else 0
    paid: dict[int, int] = defaultdict(int)
    for (wallet, _track), price in cost.items():
        paid[wallet] += price
    for wallet, fee in Fee.objects.filter(month=month).values_list("wallet").annotate(total=Sum("amount")):
        paid[wallet] += fee
    artists = dict(Track.objects.filter(pk__in={track for _wallet, track in plays}).values_list("pk", "artist"))
    total: dict[int, int] = defaultdict(int)
    for (_wallet, track), number in plays.items():
        total[track] += number
    return Counted(royalties.Month(plays, cost, dict(paid), artists), dict(total), dict(priced), dict(listeners))


def in_force(month: date) -> terms.Terms:
    """The rules a month is settled by: those in force when it began, or when the co-op did."""
    return terms.at(max(terms.begins(month), law.coop().founded_at))


@transaction.atomic
def count(month: date, *, now: datetime) -> Settlement:
    """Work out who gets what of a month, and keep it. The same again when it was counted. Raises ``Refused`` (``not-over``)."""
    Settlement.objects.select_for_update().filter(month=month).first()
    there = Settlement.objects.filter(month=month).first()
    if there is not None:
        return there
    if terms.begins(terms.after(month)) + GRACE > now:
        raise Refused("not-over", _("This month is not over yet."))
    held, counted = in_force(month), read(month)
    model, split = held.value(rules.model), held.value(rules.split)
    growth = [(row["plays"], row["weight"]) for row in held.value(rules.growth).values()]
    shared = royalties.shared(model, counted.month, split["artists"], growth=growth)
    reserve = balance(ledger.account("floor-reserve", "", terms.unit()))
    floor = royalties.lifted(shared.tracks, counted.priced, held.value(rules.floor).amount, reserve)
    made = Settlement.objects.create(
        month=month, state=states.COUNTED, model=model, unit=terms.unit(), counted_at=now, plays=sum(counted.plays.values()),
        listeners=len(counted.month.paid), versions=held.named(rules.model, rules.split, rules.prices, rules.floor, rules.growth, rules.paying, rules.fee),
        paid=sum(counted.month.paid.values()), artists=shared.artists, upkeep=shared.platform, unheard=shared.unheard, floor=sum(floor.values()),
    )  # fmt: skip
    lines = [
        Line(
            settlement=made, track_id=track, plays=counted.plays.get(track, 0), listeners=counted.listeners.get(track, 0),
            amount=shared.tracks.get(track, 0), floor=floor.get(track, 0),
        )
        for track in sorted(shared.tracks.keys() | counted.plays.keys() | floor.keys())
    ]  # fmt: skip
    Line.objects.bulk_create(lines, batch_size=BATCH)
    _share_lines(list(Line.objects.filter(settlement=made).select_related("track").order_by("track")), now=now, moment=terms.begins(terms.after(month)))
    told = {"month": f"{month:%Y-%m}", "model": model, "unit": made.unit, "plays": made.plays, "paid": made.paid, "versions": made.versions}
    told |= {name: getattr(made, name) for name in ("artists", "upkeep", "unheard", "floor")}
    each = [{"track": one.track_id, "plays": one.plays, "listeners": one.listeners, "amount": one.amount, "floor": one.floor} for one in lines]
    record.write("music.settlement", f"settlement:{made.pk}", [told, *each], public=False, now=now)
    return made


def _share_lines(lines: Sequence[Line], *, now: datetime, moment: datetime) -> None:
    """Who gets which part of each line, by the agreements that held when the month ended."""
    trees = Trees([one.track for one in lines], moment)
    earned: list[Earning] = []
    for line in lines:
        for one in parts.portions(line.amount + line.floor, trees.of(line.track), f"{line.settlement_id}/{line.track_id}"):
            earned.append(Earning(line=line, owner=one.owner, amount=one.amount, path=list(one.path), agreement=one.agreement or None, held=one.held))
    Earning.objects.bulk_create(earned, batch_size=BATCH)
    for party in Party.objects.filter(pk__in=trees.came_back().keys(), recoup__gt=0).select_for_update():
        party.recouped = party.recoup - trees.came_back()[party.pk]
        party.save(update_fields=["recouped"])


@transaction.atomic
def book(settlement: Settlement, *, now: datetime) -> Settlement:
    """Move a counted month's money: wallets → pot → artists, upkeep, reserves; whole coins of what people earned become theirs to be paid out."""
    locked = Settlement.objects.select_for_update().get(pk=settlement.pk)
    if locked.state == states.BOOKED:
        return locked
    unit, month = locked.unit, locked.month
    pot = ledger.account("plays", "", unit)
    _post(_out_of_wallets(month, pot, now), f"plays:{month:%Y-%m}:in", now=now)
    _post(_to_platform(locked, pot), f"plays:{month:%Y-%m}:platform", now=now)
    versions = in_force(month)
    earned = list(Earning.objects.filter(line__settlement=locked).values_list("owner", "held").annotate(total=Sum("amount")).order_by("owner", "held"))
    moves = _to_parties(earned, pot, unit, locked, versions)
    _post(moves, f"plays:{month:%Y-%m}:out", now=now)
    owners = sorted({owner for owner, held, _total in earned if not held})
    _post(_in_coins([("payable", owner) for owner in owners] + [("upkeep", "")], unit), f"plays:{month:%Y-%m}:coins", now=now)
    locked.state, locked.booked_at = states.BOOKED, now
    locked.save(update_fields=["state", "booked_at"])
    return locked


def _post(moves: Sequence[Move], key: str, *, now: datetime) -> None:
    for number in range(0, len(moves), BATCH):
        ledger.post_batch("plays", moves[number : number + BATCH], key=f"{key}:{number // BATCH}", now=now)


def _out_of_wallets(month: date, pot: Account, now: datetime) -> list[Move]:
    """What each listener's plays and fees of the month came to leaves their wallet."""
    spent: dict[int, int] = defaultdict(int)
    for wallet, price in Play.objects.filter(PAID, month=month, price__gt=0).values_list("wallet").annotate(total=Sum("price")).order_by():
        spent[wallet] += price
    for wallet, fee in Fee.objects.filter(month=month).values_list("wallet").annotate(total=Sum("amount")).order_by():
        spent[wallet] += fee
    people = dict(Wallet.objects.filter(pk__in=spent).values_list("pk", "person"))
    found = ledger.accounts([("wallet", f"person:{people[wallet]}") for wallet in sorted(spent)], pot.unit)
    for number in range(0, len(spent), BATCH):
        for wallet in sorted(spent)[number : number + BATCH]:
            Wallet.objects.filter(pk=wallet).update(settled=F("settled") + spent[wallet])
    return [Move(place, pot, spent[wallet], "plays", None, {"month": f"{month:%Y-%m}"}) for wallet, place in zip(sorted(spent), found, strict=True)]


def _to_platform(settlement: Settlement, pot: Account) -> list[Move]:
    """Upkeep, the reserve for the floor, and what nobody played for."""
    version = in_force(settlement.month).version(rules.split)
    split = version.value
    own = {name: split[name] for name in ("upkeep", "floor")}
    shares = {"upkeep": settlement.upkeep, "floor": 0}
    if settlement.upkeep and any(own.values()):
        shares = largest_remainder(settlement.upkeep, list(own.items()), str(settlement.pk))
    places = ledger.accounts([("upkeep", ""), ("floor-reserve", ""), ("unheard", "")], settlement.unit)
    amounts = [(shares["upkeep"], "upkeep"), (shares["floor"], "floor"), (settlement.unheard, "unheard")]
    because = version if version.pk else None
    note = {"of": settlement.paid}
    return [Move(pot, place, amount, kind, because, note) for place, (amount, kind) in zip(places, amounts, strict=True) if amount]


def _to_parties(earned: Sequence[tuple[str, str, int]], pot: Account, unit: str, settlement: Settlement, held: terms.Terms) -> list[Move]:
    """To each party what its tracks brought; what the floor added comes from its reserve. What waits goes to *held-back*."""
    version = held.version(rules.model)
    because = version if version.pk else None
    wanted = [("held-back" if why else "payable", owner) for owner, why, _total in earned]
    places = ledger.accounts(wanted, unit) if wanted else []
    moves, floor, reserve = [], settlement.floor, ledger.account("floor-reserve", "", unit)
    note = {"month": f"{settlement.month:%Y-%m}", "model": settlement.model}
    for place, (_owner, why, total) in zip(places, earned, strict=True):
        from_floor = min(floor, total)
        floor -= from_floor
        if from_floor:
            moves.append(Move(reserve, place, from_floor, "floor", because, note))
        if total > from_floor:
            moves.append(Move(pot, place, total - from_floor, "held-back" if why else "royalty", because, note))
    return moves


def _in_coins(wanted: Sequence[tuple[str, str]], unit: str) -> list[Move]:
    """Whole coins out of accounts of the finest unit into the same owner's in coins; less than a coin waits for the next month."""
    currency = law.coop().currency
    fine = ledger.accounts(wanted, unit)
    coin = ledger.accounts(wanted, currency)
    moves: list[Move] = []
    for source, target in zip(fine, coin, strict=True):
        there = coins.whole(max(0, balance(source)), unit, currency)
        if there:
            moves += coins.given(there, source, target)
    return moves


@transaction.atomic
def let_go(owner: str, *, now: datetime) -> int:
    """What was held back for ``owner`` ("artist:7": nobody had agreed; "party:12": disputed) is paid by what holds now. Returns how much.

    What still belongs to a dispute, or has still no agreement, goes on waiting.
    """
    waiting = list(Earning.objects.select_for_update(of=("self",)).filter(owner=owner, let_go_at=None).exclude(held="").select_related("line__track"))
    if not waiting:
        return 0
    trees = Trees([one.line.track for one in waiting], now)
    unit, total = terms.unit(), 0
    sums: dict[tuple[str, str], int] = defaultdict(int)
    fresh: list[Earning] = []
    for one in waiting:
        agreed = trees.of(one.line.track)
        if one.held == parts.DISPUTED:
            part = _part(agreed, owner.removeprefix("party:"))
            agreed = parts.Agreed(agreed.key, agreed.waits, [part]) if part else agreed
        got = parts.portions(one.amount, agreed, f"{one.line_id}/let-go")
        if all(part.owner == owner for part in got):
            continue
        for part in got:
            fresh.append(Earning(line=one.line, owner=part.owner, amount=part.amount, path=list(part.path), agreement=part.agreement or None, held=part.held))
            sums[part.owner, part.held] += part.amount
        one.let_go_at = now
        total += one.amount
    Earning.objects.bulk_update(waiting, ["let_go_at"])
    Earning.objects.bulk_create(fresh)
    source = ledger.account("held-back", owner, unit)
    places = ledger.accounts([("held-back" if why else "payable", one) for one, why in sums], unit) if sums else []
    moves = [Move(source, place, amount, "held-back" if key[1] else "royalty") for place, (key, amount) in zip(places, sums.items(), strict=True)]
    stamp = f"let-go:{owner}:{now.isoformat()}"
    _post(moves, stamp, now=now)
    _post(_in_coins([("payable", one) for one, why in sums if not why], unit), f"{stamp}:coins", now=now)
    return total


def _part(agreed: parts.Agreed, key: str) -> Any:
    for one in agreed.parts:
        if one.key == key:
            return one
        if one.inside is not None and (found := _part(one.inside, key)):
            return found
    return None
