"""Partner settlement (파트너 정산): payees become partners, each payout a settlement under a name of ours.

The ledger has worked out what each is owed, so a payout is a settlement of a fixed amount (수기 정산건); PortOne's own splitting by contract
would be a second truth. See docs/decisions/110.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from madang.rails.payments import Answer, Movement, PayoutOrder, RailError
from madang.rails.payments.portone.client import Settings, asking, clients

SEOUL = ZoneInfo("Asia/Seoul")
UNIT = "KRW"
PAGE, PAGES_MAX = 100, 500
PAID = ("PAID_OUT", "PAYOUT_CONFIRMED")
BANKS = {
    "002": "KDB", "003": "IBK", "004": "KOOKMIN", "007": "SUHYUP", "011": "NONGHYUP", "012": "LOCAL_NONGHYUP", "020": "WOORI", "023": "STANDARD_CHARTERED",
    "027": "CITI", "031": "DAEGU", "032": "BUSAN", "034": "KWANGJU", "035": "JEJU", "037": "JEONBUK", "039": "KYONGNAM", "045": "KFCC", "048": "SHINHYUP",
    "050": "SAVINGS_BANK", "064": "NFCF", "071": "POST", "081": "HANA", "088": "SHINHAN", "089": "K_BANK", "090": "KAKAO", "092": "TOSS",
}  # fmt: skip
"""Korean banks: the clearing house's digits → PortOne's names."""


@dataclass(frozen=True)
class Place:
    """Where a payee is paid: name, e-mail, the three digits of the bank, account number; ``business`` is (company, number, representative)."""

    holder: str
    email: str
    bank: str
    number: str
    business: tuple[str, str, str] | None = None


def partner_id(owner: str, place: Place) -> str:
    """Our name for a partner. It changes with the account, so that an old one is never paid by mistake."""
    digest = hashlib.sha256(f"{place.bank}:{place.number}:{place.holder}".encode()).hexdigest()[:12]
    return f"{owner.replace(':', '-')}-{digest}"


def transfer_id(key: str) -> str:
    """Our name for a settlement."""
    return "m-" + hashlib.sha256(key.encode()).hexdigest()[:32]


def settle(settings: Settings, order: PayoutOrder, place: Place | None, on: date) -> Answer:
    """Make a payout's settlement, and its partner where there is none yet. Repeated, it tells how it stands."""
    from portone_server_sdk.platform.transfer import CreatePlatformManualTransferError

    ref = transfer_id(order.key)
    known = standing(settings, ref)
    if known.state != "unknown":
        return known if known.amount == order.amount else Answer(ref, "declined", order.amount, UNIT, reason="key-used")
    if place is None or place.bank not in BANKS:
        return Answer(ref, "declined", order.amount, UNIT, reason="account")
    partner = partner_id(order.to, place)
    if not _known(settings, partner):
        _enrol(settings, partner, place)
    try:
        with asking(f"settle:{order.key}"):
            made = clients(settings).transfer.create_platform_manual_transfer(
                id=ref, partner_id=partner, settlement_amount=order.amount, settlement_date=on.isoformat(), settlement_currency=UNIT, memo=order.code or None,
                test=settings.test or None,
            )  # fmt: skip
    except CreatePlatformManualTransferError as error:
        return Answer(ref, "declined", order.amount, UNIT, reason=type(error).__name__.removesuffix("Error")[:40])
    return _of(made.transfer)


def standing(settings: Settings, ref: str) -> Answer:
    """How a settlement is now; ``unknown`` when there is none of this name."""
    from portone_server_sdk.errors import PlatformTransferNotFoundError
    from portone_server_sdk.platform.transfer import GetPlatformTransferError

    try:
        with asking():
            return _of(clients(settings).transfer.get_platform_transfer(id=ref, test=settings.test or None))
    except PlatformTransferNotFoundError:
        return Answer(ref, "unknown")
    except GetPlatformTransferError as error:
        raise RailError(f"PortOne: {type(error).__name__}") from error


def delete(settings: Settings, ref: str, key: str) -> Answer:
    """Call a settlement back before it is closed."""
    from portone_server_sdk.errors import PlatformTransferNotFoundError
    from portone_server_sdk.platform.transfer import DeletePlatformTransferError

    try:
        with asking(key):
            clients(settings).transfer.delete_platform_transfer(id=ref, test=settings.test or None)
    except PlatformTransferNotFoundError:
        return Answer(ref, "unknown")
    except DeletePlatformTransferError:
        return Answer(ref, "declined", unit=UNIT, reason="too-late")
    return Answer(ref, "cancelled", unit=UNIT)


def movements(settings: Settings, since: datetime, until: datetime) -> list[Movement]:
    """Settlements of ours that PortOne calls paid, at the beginning of their day in Seoul: it tells no finer."""
    from portone_server_sdk.common import DateRange, PageInput
    from portone_server_sdk.platform.transfer import GetPlatformTransferSummariesError, PlatformTransferFilterInput

    if not settings.contract:
        return []
    days = DateRange(since.astimezone(SEOUL).date().isoformat(), (until.astimezone(SEOUL).date() + timedelta(days=1)).isoformat())
    rows = []
    for number in range(PAGES_MAX):
        span = PlatformTransferFilterInput(settlement_date_range=days, statuses=list(PAID), types=["MANUAL"])
        try:
            with asking():
                told = clients(settings).transfer.get_platform_transfer_summaries(
                    page=PageInput(number=number, size=PAGE), filter=span, test=settings.test or None
                )
        except GetPlatformTransferSummariesError as error:
            raise RailError(f"PortOne: {type(error).__name__}") from error
        for one in told.transfer_summaries:
            at = datetime.combine(date.fromisoformat(one.settlement_date), time.min, SEOUL)
            rows.append(Movement(one.id, "payout", -int(one.settlement_amount), UNIT, at))
        if (number + 1) * PAGE >= told.page.total_count:
            return rows
    raise RailError("PortOne has more settlements than can be looked through at once")


def _of(found: Any) -> Answer:
    if not hasattr(found, "settlement_amount"):
        raise RailError("PortOne tells of a settlement this program did not make")
    return Answer(str(found.id), "paid" if found.status in PAID else "waiting", int(found.settlement_amount), UNIT)


def _known(settings: Settings, partner: str) -> bool:
    from portone_server_sdk.errors import PlatformPartnerNotFoundError
    from portone_server_sdk.platform.partner import GetPlatformPartnerError

    try:
        with asking():
            clients(settings).partner.get_platform_partner(id=partner, test=settings.test or None)
    except PlatformPartnerNotFoundError:
        return False
    except GetPlatformPartnerError as error:
        raise RailError(f"PortOne: {type(error).__name__}") from error
    return True


def _enrol(settings: Settings, partner: str, place: Place) -> None:
    """Make a payee a partner: a business with its number, or a person whose withholding the co-op itself accounts for."""
    from portone_server_sdk.platform import partner as forms

    kinds = forms.CreatePlatformPartnerBodyType
    if place.business:
        company, number, representative = place.business
        kind = kinds(business=forms.CreatePlatformPartnerBodyTypeBusiness(company, number, representative))
    else:
        kind = kinds(non_wht_payer=forms.CreatePlatformPartnerBodyTypeNonWhtPayer())
    try:
        with asking(f"partner:{partner}"):
            clients(settings).partner.create_platform_partner(
                id=partner, name=place.holder, contact=forms.CreatePlatformPartnerBodyContact(place.holder, place.email),
                account=forms.CreatePlatformPartnerBodyAccount(BANKS[place.bank], UNIT, place.number, place.holder), default_contract_id=settings.contract,
                tags=[], type=kind, test=settings.test or None,
            )  # fmt: skip
    except forms.CreatePlatformPartnerError as error:
        raise RailError(f"PortOne: {type(error).__name__}") from error
