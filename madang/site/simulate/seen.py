"""What a worker is asked about the world: sweep, look, count, write the books. Nothing here changes what it looks at, but the sweep."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any


def sweep(names: dict[str, str], args: dict[str, Any], now: datetime) -> dict[str, Any]:
    """The steward's round."""
    from madang.coop import record
    from madang.coop.notices.due import run_due

    run_due(now)
    record.seal(now)
    return {}


def look(names: dict[str, str], args: dict[str, Any], now: datetime) -> dict[str, Any]:
    """How jobs, decisions, disputes and payouts are, what the newest report names, and which splits are in force."""
    from madang.coop import rules
    from madang.coop.decisions.models import Proposal
    from madang.coop.payments import resolving
    from madang.coop.payments.models import Dispute, Payout
    from madang.platforms.services.models import Job
    from madang.site.simulate.steps import offers, votes, withdrawals

    workers = {ident: name.partition(" ")[2] for name, ident in names.items() if name.startswith("worker ")}
    called = {ident: name.partition(" ")[2] for name, ident in names.items() if name.startswith("job ")}
    rows = Job.objects.values_list("pk", "state", "worker_id")
    jobs = {called[str(pk)]: {"state": state, "worker": workers.get(str(worker), "")} for pk, state, worker in rows}
    asked = {str(votes._proposal_id(f"d{number}")): f"d{number}" for number in range(30)}
    decisions = {
        asked[str(one.pk)]: {"state": one.state, "closes": one.closes_at, "effect": one.effect_at, "electors": one.electors.count()}
        for one in Proposal.objects.filter(pk__in=asked)
    }
    in_force = {short: rules.get(key).at(now).data for short, key in (("split", "services.split"), ("tips", "services.tip_split"))}
    charges = {ident: name.partition(" ")[2] for name, ident in names.items() if name.startswith("charge ")}
    disputes = {charges[str(charge)]: state for charge, state in Dispute.objects.values_list("charge_id", "state")}
    reports = [one for one in resolving.newest() if one.rail == "sandbox"]
    differs = {charges.get(str(one.charge_id), one.thing): one.net for report in reports for one in resolving.open_ones(report)}
    payouts = dict(Payout.objects.exclude(key__contains=":").values_list("key", "state"))
    told = {"jobs": jobs, "decisions": decisions, "rules": in_force, "disputes": disputes, "differs": differs, "payouts": payouts}
    return told | offers.look(names) | withdrawals.look(names)


def books(names: dict[str, str], args: dict[str, Any], now: datetime) -> dict[str, Any]:
    """Every account that is not at nothing, every transfer, counted from the transfers themselves; and what the kept balances say."""
    from django.db.models import F, Sum

    from madang.coop.ledger.models import Account, Hold, Pending, Transfer

    kept = {(one.kind, one.owner): int(one.total or 0) for one in Account.objects.annotate(total=Sum(F("balances__credits") - F("balances__debits")))}
    moved = list(Transfer.objects.order_by("pk").values_list("debit__kind", "debit__owner", "credit__kind", "credit__owner", "amount", "kind"))
    promises = {one.key: (one.state, one.amount - one.posted if one.state == "pending" else 0) for one in Pending.objects.all()}
    holds = list(Hold.objects.values_list("subject", "state", "amount"))
    return {"kept": {account: amount for account, amount in kept.items() if amount}, "moved": moved, "promises": promises, "holds": holds}


def check(names: dict[str, str], args: dict[str, Any], now: datetime) -> dict[str, Any]:
    """What ``madang check`` finds, and ``madang verify`` of an export."""
    from madang.coop.record.export import export
    from madang.kit import house
    from madang.kit.verify import verify_export

    folder = Path(args["folder"])
    found = [f"{one.name}: {sentence}" for one in house.collect("checks") for sentence in one.find()]
    export(folder)
    return {"wrong": found + [f"verify: {sentence}" for sentence in verify_export(folder)]}


def journal(names: dict[str, str], args: dict[str, Any], now: datetime) -> dict[str, Any]:
    """The books in another program's format, up to a day; and what each account is called there."""
    from django.utils import translation

    from madang.coop.ledger.books import export
    from madang.coop.ledger.books.chart import Chart, Names
    from madang.coop.ledger.models import Account

    day: date | None = args["until"]
    with Path(args["file"]).open("w", encoding="utf-8", newline="") as file:
        export.write(file, args["format"], at=day, lang="en")
    with translation.override("en"):
        called = Names(Chart())
        said = {
            called.of(one.kind, one.owner if not one.owner or one.owner.startswith("rail:") else None, str(one.pk)): (one.kind, one.owner)
            for one in Account.objects.all()
        }
    return {"names": {}, "accounts": said}


DO = {"sweep": sweep, "look": look, "books": books, "check": check, "journal": journal}
