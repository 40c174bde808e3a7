"""What a program may ask of this Stripe: each route with the SDK's own type of its parameters, and what it does in the :class:`World`."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Any

from madang.rails.payments.stripe.fake.world import PAGE, No, World, bad

Act = Callable[[World, dict[str, Any], str], dict[str, Any]]


@cache
def routes() -> list[tuple[str, re.Pattern[str], type, Act]]:
    """(method, address, type of the parameters, what it does). The types are the SDK's; it is imported here and not before."""
    from stripe import params as p

    ident = r"([A-Za-z]+_[A-Za-z0-9]+)"
    table: list[tuple[str, str, Any, Act]] = [
        ("POST", "checkout/sessions", p.checkout.SessionCreateParams, session_create),
        ("GET", "checkout/sessions", p.checkout.SessionListParams, session_list),
        ("GET", f"checkout/sessions/{ident}", p.checkout.SessionRetrieveParams, shown("checkout.session")),
        ("POST", f"checkout/sessions/{ident}/expire", p.checkout.SessionExpireParams, session_expire),
        ("GET", f"payment_intents/{ident}", p.PaymentIntentRetrieveParams, shown("payment_intent")),
        ("POST", f"payment_intents/{ident}/capture", p.PaymentIntentCaptureParams, intent_capture),
        ("POST", f"payment_intents/{ident}/cancel", p.PaymentIntentCancelParams, intent_cancel),
        ("POST", "refunds", p.RefundCreateParams, refund_create),
        ("GET", "refunds", p.RefundListParams, listed("refund", "payment_intent", "charge")),
        ("GET", f"refunds/{ident}", p.RefundRetrieveParams, shown("refund")),
        ("POST", "transfers", p.TransferCreateParams, transfer_create),
        ("GET", "transfers", p.TransferListParams, listed("transfer", "transfer_group", "destination")),
        ("GET", f"transfers/{ident}", p.TransferRetrieveParams, shown("transfer")),
        ("POST", f"transfers/{ident}/reversals", p.TransferReversalCreateParams, reversal_create),
        ("GET", f"disputes/{ident}", p.DisputeRetrieveParams, shown("dispute")),
        ("POST", f"disputes/{ident}", p.DisputeUpdateParams, dispute_update),
        ("POST", f"disputes/{ident}/close", p.DisputeCloseParams, dispute_close),
        ("POST", "accounts", p.AccountCreateParams, account_create),
        ("GET", f"accounts/{ident}", p.AccountRetrieveParams, shown("account")),
        ("POST", "account_links", p.AccountLinkCreateParams, link_create),
        ("GET", "balance", p.BalanceRetrieveParams, balance),
        ("GET", "balance_transactions", p.BalanceTransactionListParams, lines),
        ("POST", "files", p.FileCreateParams, file_create),
    ]
    return [(method, re.compile(f"/v1/{path}"), kind, act) for method, path, kind, act in table]


def public(world: World, thing: Any, expand: list[str]) -> Any:
    """An object as it is told: what begins with "_" is this Stripe's own, and what is to be expanded stands in full."""
    if not isinstance(thing, dict):
        return thing
    out = {name: value for name, value in thing.items() if not name.startswith("_")}
    for path in expand:
        head, _dot, rest = path.partition(".")
        if head == "data" and isinstance(out.get("data"), list):
            out["data"] = [public(world, one, [rest]) for one in out["data"]]
        elif head not in out:
            raise bad("", f"This property cannot be expanded ({path}).", param="expand")
        elif isinstance(out[head], str):
            out[head] = public(world, _any(world, out[head]), [rest] if rest else [])
        elif isinstance(out[head], dict) and rest:
            out[head] = public(world, out[head], [rest])
    return out


def _any(world: World, ident: str) -> dict[str, Any] | str:
    for things in world.made.values():
        if ident in things:
            return things[ident]
    return next((line for line in world.lines if line["id"] == ident), ident)


def shown(kind: str) -> Act:
    """One object by its name."""
    return lambda world, said, ident: world.get(kind, ident)


def page(rows: list[dict[str, Any]], said: dict[str, Any]) -> dict[str, Any]:
    """The newest first, a page at a time."""
    limit = said.get("limit", 10)
    if not 1 <= limit <= PAGE:
        raise bad("parameter_invalid_integer", f"Invalid limit: {limit}", param="limit")
    names = [row["id"] for row in rows]
    start = names.index(said["starting_after"]) + 1 if said.get("starting_after") in names else 0
    return {"object": "list", "url": "", "data": rows[start : start + limit], "has_more": start + limit < len(rows)}


def listed(kind: str, *by: str) -> Act:
    """The objects of a kind, filtered by what was given."""

    def act(world: World, said: dict[str, Any], _ident: str) -> dict[str, Any]:
        rows = [one for one in world.made[kind].values() if all(one.get(name) == said[name] for name in by if name in said)]
        return page([public(world, one, []) for one in reversed(rows)], said)

    return act


def session_create(world: World, said: dict[str, Any], _ident: str) -> dict[str, Any]:
    """A checkout page."""
    if said.get("mode") != "payment" or not said.get("line_items"):
        raise bad("parameter_missing", "This Stripe knows payments with line items only.", param="line_items")
    if not said.get("success_url"):
        raise bad("parameter_missing", "Missing required param: success_url.", param="success_url")
    prices = [(one.get("price_data") or {}, one.get("quantity", 1)) for one in said["line_items"]]
    total = sum(price.get("unit_amount", 0) * many for price, many in prices)
    codes = {price.get("currency", "") for price, _many in prices}
    if total < 50 or len(codes) != 1 or any(code != code.lower() or len(code) != 3 for code in codes):
        raise bad("amount_too_small" if total < 50 else "parameter_invalid", "The amount is too small, or the currencies are not one.", param="line_items")
    new = world.put(
        "checkout.session", "cs", amount_total=total, currency=codes.pop(), status="open", payment_status="unpaid", payment_intent=None, mode="payment",
        success_url=said["success_url"], cancel_url=said.get("cancel_url"), client_reference_id=said.get("client_reference_id"),
        metadata=said.get("metadata", {}), expires_at=world.clock() + 86_400, _data=said.get("payment_intent_data", {}), _intent="",
    )  # fmt: skip
    new["url"] = f"{world.site}/checkout/{new['id']}"
    return new


def session_list(world: World, said: dict[str, Any], _ident: str) -> dict[str, Any]:
    """Sessions, by their payment."""
    return listed("checkout.session", "payment_intent")(world, said, "")


def session_expire(world: World, said: dict[str, Any], ident: str) -> dict[str, Any]:
    """Close an open checkout page."""
    session = world.get("checkout.session", ident)
    if session["status"] != "open":
        raise bad("", f'Only Checkout Sessions with a status in ["open"] can be expired. This one is {session["status"]}.')
    session["status"], session["url"] = "expired", None
    world.tell("checkout.session.expired", session)
    return session


def intent_capture(world: World, said: dict[str, Any], ident: str) -> dict[str, Any]:
    """Take what was promised, or part of it."""
    intent = world.get("payment_intent", ident)
    amount = said.get("amount_to_capture", intent["amount"])
    if intent["status"] != "requires_capture" or not 0 < amount <= intent["amount"]:
        raise bad("payment_intent_unexpected_state", f"This PaymentIntent could not be captured because it is {intent['status']}.")
    world.captured(intent, amount)
    return intent


def intent_cancel(world: World, said: dict[str, Any], ident: str) -> dict[str, Any]:
    """Give it up."""
    intent = world.get("payment_intent", ident)
    if intent["status"] in ("succeeded", "canceled"):
        raise bad("payment_intent_unexpected_state", f"You cannot cancel this PaymentIntent because it is {intent['status']}.")
    intent["status"] = "canceled"
    return intent


def refund_create(world: World, said: dict[str, Any], _ident: str) -> dict[str, Any]:
    """Give back part or all of a payment."""
    if not said.get("payment_intent") and not said.get("charge"):
        raise bad("parameter_missing", "One of the following params should be provided: payment_intent or charge.", param="payment_intent")
    found = said.get("charge") or world.get("payment_intent", said["payment_intent"])["latest_charge"]
    charge = world.get("charge", found or "")
    left = charge["amount"] - charge["amount_refunded"]
    amount = said.get("amount", left)
    if charge["disputed"] and not world.get("dispute", charge["dispute"])["is_charge_refundable"]:
        raise bad("charge_disputed", f"Charge {charge['id']} has been charged back; cannot issue a refund.")
    if left <= 0:
        raise bad("charge_already_refunded", f"Charge {charge['id']} has already been refunded.")
    if not 0 < amount <= left or not charge["captured"]:
        raise bad("amount_too_large", f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})", param="amount")
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]
    new = world.put(
        "refund", "re", amount=amount, currency=charge["currency"], charge=charge["id"], payment_intent=charge["payment_intent"], status="succeeded",
        metadata=said.get("metadata", {}), reason=said.get("reason"), failure_reason=None,
    )  # fmt: skip
    new["balance_transaction"] = world.book("refund", -amount, charge["currency"], new["id"], wait=False)["id"]
    world.tell("refund.created", new)
    world.tell("charge.refunded", charge)
    return new


def transfer_create(world: World, said: dict[str, Any], _ident: str) -> dict[str, Any]:
    """Send money on to a connected account."""
    account = world.get("account", said["destination"])
    amount, code = said.get("amount", 0), said["currency"]
    if account["capabilities"].get("transfers") != "active":
        raise bad("insufficient_capabilities_for_transfer", "Your destination account needs to have the transfers capability enabled.", param="destination")
    if amount <= 0:
        raise bad("parameter_invalid_integer", "Invalid positive integer", param="amount")
    charge = world.get("charge", said["source_transaction"]) if said.get("source_transaction") else None
    sent = sum(one["amount"] for one in world.made["transfer"].values() if charge and one["source_transaction"] == charge["id"])
    if charge is not None and sent + amount > charge["amount"]:
        raise bad("transfer_amount_exceeds_source", "Transfers using this transaction as a source must not exceed its amount.", param="source_transaction")
    if charge is None and amount > world.available(code):
        raise bad("balance_insufficient", "You have insufficient available funds in your Stripe account.")
    new = world.put(
        "transfer", "tr", amount=amount, currency=code, destination=account["id"], amount_reversed=0, reversed=False, metadata=said.get("metadata", {}),
        transfer_group=said.get("transfer_group"), source_transaction=said.get("source_transaction"), description=said.get("description"),
        reversals={"object": "list", "data": [], "has_more": False, "url": ""},
    )  # fmt: skip
    new["balance_transaction"] = world.book("transfer", -amount, code, new["id"], wait=False)["id"]
    account["_balance"][code] = account["_balance"].get(code, 0) + amount
    world.tell("transfer.created", new)
    return new


def reversal_create(world: World, said: dict[str, Any], ident: str) -> dict[str, Any]:
    """Take part or all of a transfer back, while the connected account has it."""
    transfer = world.get("transfer", ident)
    account = world.get("account", transfer["destination"])
    left, code = transfer["amount"] - transfer["amount_reversed"], transfer["currency"]
    amount = said.get("amount", left)
    if not 0 < amount <= left:
        raise bad("amount_too_large", f"Reversal amount ({amount}) is greater than the unreversed amount ({left}).", param="amount")
    if amount > account["_balance"].get(code, 0):
        raise bad("balance_insufficient", "The connected account has insufficient funds for this reversal.")
    account["_balance"][code] -= amount
    new = world.put("transfer_reversal", "trr", amount=amount, currency=code, transfer=ident, metadata=said.get("metadata") or {})
    new["balance_transaction"] = world.book("transfer_refund", amount, code, new["id"], wait=False)["id"]
    transfer["amount_reversed"] += amount
    transfer["reversed"] = transfer["amount_reversed"] == transfer["amount"]
    transfer["reversals"] = {**transfer["reversals"], "data": [public(world, new, []), *transfer["reversals"]["data"]]}
    world.tell("transfer.reversed", transfer)
    return new


def dispute_update(world: World, said: dict[str, Any], ident: str) -> dict[str, Any]:
    """Our side of it: kept, and sent to the payer's bank when ``submit`` says so."""
    dispute = world.get("dispute", ident)
    if dispute["status"] not in ("needs_response", "warning_needs_response"):
        raise bad("dispute_closed" if dispute["status"] in ("won", "lost") else "", "This dispute can no longer be answered.")
    dispute["evidence"] = {**dispute["evidence"], **said.get("evidence", {})}
    for name, value in dispute["evidence"].items():
        if name.endswith("_file"):
            world.get("file", value)
    if said.get("submit", True):
        dispute["status"] = "warning_under_review" if dispute["status"].startswith("warning") else "under_review"
        dispute["evidence_details"] = {**dispute["evidence_details"], "has_evidence": True, "submission_count": 1}
        world.tell("charge.dispute.updated", dispute)
    return dispute


def dispute_close(world: World, said: dict[str, Any], ident: str) -> dict[str, Any]:
    """We let it go."""
    dispute = world.get("dispute", ident)
    if dispute["status"] in ("won", "lost", "warning_closed"):
        raise bad("dispute_closed", "This dispute is already closed.")
    return world.decide(ident, won=False)


def account_create(world: World, said: dict[str, Any], _ident: str) -> dict[str, Any]:
    """A connected account nobody has told anything about."""
    wanted = said.get("capabilities") or {}
    return world.put(
        "account", "acct", email=said.get("email"), business_type=said.get("business_type"), controller=said.get("controller"),
        capabilities={name: "inactive" for name, one in wanted.items() if one.get("requested")}, details_submitted=False, metadata=said.get("metadata") or {},
        requirements={"currently_due": ["external_account", "tos_acceptance.date"], "past_due": []}, payouts_enabled=False, _balance={},
    )  # fmt: skip


def link_create(world: World, said: dict[str, Any], _ident: str) -> dict[str, Any]:
    """The page where its holder tells Stripe who they are."""
    account = world.get("account", said["account"])
    if not said.get("return_url") or not said.get("refresh_url"):
        raise bad("parameter_missing", "You must provide a return_url and a refresh_url.", param="return_url")
    account["_back"] = said["return_url"]
    return {"object": "account_link", "created": world.clock(), "expires_at": world.clock() + 300, "url": f"{world.site}/connect/{account['id']}"}


def balance(world: World, said: dict[str, Any], _ident: str) -> dict[str, Any]:
    """What there is, by currency."""
    codes = sorted({line["currency"] for line in world.lines})
    free = [{"amount": world.available(code), "currency": code} for code in codes]
    return {
        "object": "balance", "livemode": False, "available": free,
        "pending": [{"amount": world.total(code) - world.available(code), "currency": code} for code in codes],
    }  # fmt: skip


def lines(world: World, said: dict[str, Any], _ident: str) -> dict[str, Any]:
    """The lines of the balance, the newest first."""
    span = said.get("created") or {}
    if isinstance(span, int):
        span = {"gte": span, "lte": span}
    compare: dict[str, Callable[[int, int], bool]] = {
        "gte": lambda a, b: a >= b, "gt": lambda a, b: a > b, "lte": lambda a, b: a <= b, "lt": lambda a, b: a < b,
    }  # fmt: skip
    rows = [line for line in world.lines if all(compare[name](line["created"], bound) for name, bound in span.items())]
    return page([dict(line) for line in reversed(rows)], said)


def file_create(world: World, said: dict[str, Any], _ident: str) -> dict[str, Any]:
    """A file for a dispute."""
    if not said["file"]:
        raise No(400, "invalid_request_error", "file_missing", "No file was sent.", param="file")
    return world.put("file", "file", purpose=said["purpose"], size=len(said["file"]), filename=None, _body=said["file"])
