"""What each address of the pretend PortOne does; requests and answers are held to the SDK's types."""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any

from madang.rails.payments.portone.fake.params import Unfit, check, read
from madang.rails.payments.portone.fake.world import DELETABLE, World

Result = tuple[int, Any]


def route(world: World, method: str, path: str, query: dict[str, str], raw: bytes, *, pg_fails: bool) -> Result:
    """The answer to one request: (status, JSON). Raises ``Unfit`` for a request of the wrong shape."""
    try:
        body = json.loads(raw) if raw else {}
        asked = json.loads(query.get("requestBody", "{}"))
    except ValueError:
        raise Unfit("not JSON") from None
    parts = path.strip("/").split("/")
    match (method, parts):
        case ("POST", ["payments", ident, "pre-register"]):
            return _register(world, ident, body)
        case ("GET", ["payments", ident]):
            found = world.payments.get(ident)
            return (200, check("payment.payment", found)) if found else (404, {"type": "PAYMENT_NOT_FOUND"})
        case ("GET", ["payments"]):
            return _payments(world, asked)
        case ("POST", ["payments", ident, "cancel"]):
            return _cancel(world, ident, body, pg_fails)
        case ("POST", ["payments", ident, "virtual-account", "close"]):
            return _close(world, ident)
        case ("POST", ["platform", "partners"]):
            return _partner(world, body)
        case ("GET", ["platform", "partners", ident]):
            found = world.partners.get(ident)
            return (200, check("platform.platform_partner", found)) if found else (404, {"type": "PLATFORM_PARTNER_NOT_FOUND"})
        case ("POST", ["platform", "transfers", "manual"]):
            return _settle(world, body)
        case ("GET", ["platform", "transfers", ident]):
            found = world.transfers.get(ident)
            return (200, check("platform.transfer.platform_transfer", found)) if found else (404, {"type": "PLATFORM_TRANSFER_NOT_FOUND"})
        case ("DELETE", ["platform", "transfers", ident]):
            return _delete(world, ident)
        case ("GET", ["platform", "transfer-summaries"]):
            return _summaries(world, asked)
    return 404, {"type": "INVALID_REQUEST", "message": f"nothing at {method} {path}"}


def _register(world: World, ident: str, body: dict[str, Any]) -> Result:
    wish = read("payment.pre_register_payment_body", body)
    if not re.fullmatch(r"[A-Za-z0-9-]{1,40}", ident) or wish.currency != "KRW" or not (wish.total_amount or 0) > 0:
        raise Unfit("a name, won and an amount are wanted")
    found = world.payments.get(ident)
    if found and found["status"] not in ("READY", "FAILED"):
        return 409, {"type": "ALREADY_PAID"}
    world.registered[ident] = wish.total_amount
    return 200, {}


def _page(asked: dict[str, Any], rows: list[Any]) -> tuple[list[Any], dict[str, int]]:
    number, size = asked.get("page", {}).get("number", 0), asked.get("page", {}).get("size", 10)
    if not (number >= 0 and 0 < size <= 1_000):
        raise Unfit("page")
    return rows[number * size : (number + 1) * size], {"number": number, "size": size, "totalCount": len(rows)}


def _payments(world: World, asked: dict[str, Any]) -> Result:
    span = read("payment.get_payments_body", asked).filter
    since, until = (datetime.fromisoformat(text) for text in (span.from_, span.until))
    rows = [one for one in world.payments.values() if since <= datetime.fromisoformat(one["statusChangedAt"].replace("Z", "+00:00")) <= until]
    items, page = _page(asked, rows)
    return 200, {"items": [check("payment.payment", one) for one in items], "page": page}


def _cancel(world: World, ident: str, body: dict[str, Any], pg_fails: bool) -> Result:
    wish = read("payment.cancel_payment_body", body)
    found = world.payments.get(ident)
    if found is None:
        return 404, {"type": "PAYMENT_NOT_FOUND"}
    if found["status"] == "CANCELLED":
        return 409, {"type": "PAYMENT_ALREADY_CANCELLED"}
    if found["status"] not in ("PAID", "PARTIAL_CANCELLED"):
        return 409, {"type": "PAYMENT_NOT_PAID"}
    if pg_fails:
        return 502, {"type": "PG_PROVIDER", "message": "취소 불가", "pgCode": "E1", "pgMessage": "취소 불가"}
    left = found["amount"]["total"] - found["amount"]["cancelled"]
    amount = left if wish.amount is None else wish.amount
    if amount <= 0:
        raise Unfit("amount")
    if amount > left:
        return 409, {"type": "CANCEL_AMOUNT_EXCEEDS_CANCELLABLE_AMOUNT"}
    made = world.cancel(found, amount, wish.reason)
    return 200, {"cancellation": check("payment.payment_cancellation", made)}


def _close(world: World, ident: str) -> Result:
    found = world.payments.get(ident)
    if found is None:
        return 404, {"type": "PAYMENT_NOT_FOUND"}
    if found["status"] != "VIRTUAL_ACCOUNT_ISSUED":
        return 409, {"type": "PAYMENT_NOT_WAITING_FOR_DEPOSIT"}
    found |= {"status": "FAILED", "failedAt": world.now(), "failure": {"reason": "가상계좌 말소"}, "statusChangedAt": world.now()}
    return 200, {"closedAt": world.now()}


def _partner(world: World, body: dict[str, Any]) -> Result:
    wish = read("platform.partner.create_platform_partner_body", body)
    if wish.id in world.partners:
        return 409, {"type": "PLATFORM_PARTNER_ID_ALREADY_EXISTS"}
    kinds = [name for name in ("business", "whtPayer", "nonWhtPayer") if name in body["type"]]
    if len(kinds) != 1 or not re.fullmatch(r"\d{10,16}", wish.account.number):
        raise Unfit("one type, and an account number")
    kind: dict[str, Any] = {"type": {"business": "BUSINESS", "whtPayer": "WHT_PAYER", "nonWhtPayer": "NON_WHT_PAYER"}[kinds[0]], **body["type"][kinds[0]]}
    if kinds == ["business"]:
        kind |= {"taxationType": "NORMAL", "businessStatus": "IN_BUSINESS", "memberCompanyConnectionStatus": "NOT_CONNECTED"}
    made = {
        "id": wish.id, "graphqlId": world.next("g"), "name": wish.name, "contact": body["contact"], "account": {**body["account"], "status": "VERIFIED"},
        "status": "APPROVED", "defaultContractId": wish.default_contract_id, "tags": wish.tags, "type": kind, "isArchived": False, "appliedAt": world.now(),
        "userDefinedProperties": {}, "isForTest": False,
    }  # fmt: skip
    world.partners[wish.id] = check("platform.platform_partner", made)
    return 200, {"partner": made}


def _settle(world: World, body: dict[str, Any]) -> Result:
    wish = read("platform.transfer.create_platform_manual_transfer_body", body)
    if wish.id in world.transfers:
        return 409, {"type": "PLATFORM_TRANSFER_ID_ALREADY_USED"}
    if wish.partner_id not in world.partners:
        return 404, {"type": "PLATFORM_PARTNER_NOT_FOUND"}
    if wish.settlement_amount <= 0 or not re.fullmatch(r"\d{4}-\d\d-\d\d", wish.settlement_date):
        raise Unfit("amount and day")
    made = {
        "type": "MANUAL", "id": wish.id, "graphqlId": world.next("g"), "partner": world.partners[wish.partner_id], "status": "SCHEDULED",
        "settlementDate": wish.settlement_date, "settlementCurrency": "KRW", "isForTest": False, "userDefinedProperties": [],
        "settlementAmount": wish.settlement_amount, "settlementTaxFreeAmount": 0,
    }  # fmt: skip
    world.transfers[wish.id] = check("platform.transfer.platform_manual_transfer", made)
    return 200, {"transfer": made}


def _delete(world: World, ident: str) -> Result:
    found = world.transfers.get(ident)
    if found is None:
        return 404, {"type": "PLATFORM_TRANSFER_NOT_FOUND"}
    if found["status"] not in DELETABLE:
        return 409, {"type": "PLATFORM_TRANSFER_NON_DELETABLE_STATUS"}
    del world.transfers[ident]
    return 200, {}


def _summaries(world: World, asked: dict[str, Any]) -> Result:
    span = read("platform.transfer.get_platform_transfer_summaries_body", asked).filter
    days = span.settlement_date_range
    rows = []
    for one in world.transfers.values():
        if one["status"] in (span.statuses or [one["status"]]) and days.from_ <= one["settlementDate"] <= days.until:
            whole = one["partner"]
            partner = {"id": whole["id"], "graphqlId": whole["graphqlId"], "name": whole["name"], "type": whole["type"]["type"], "userDefinedProperties": []}
            rows.append({**one, "partner": partner, "partnerUserDefinedProperties": []})
    items, page = _page(asked, rows)
    return 200, {"transferSummaries": [check("platform.transfer.platform_manual_transfer_summary", one) for one in items], "page": page}
