"""Connected accounts: whom Stripe can pay, after they told Stripe (not us) who they are."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from madang.rails.payments import Answer, Payee
from madang.rails.payments.stripe.amounts import from_stripe, to_stripe


class Connect:
    """The part of the adapter that is a :class:`~madang.rails.payments.PayeeRail`."""

    sdk: Any
    call: Any
    _found: Any

    def enrol(self, owner: str, *, email: str, organisation: bool, key: str) -> Payee:
        """A connected account whose questions Stripe asks, and for whose losses the co-op answers. Once for each ``key``."""
        params: dict[str, Any] = {
            "controller": {"fees": {"payer": "application"}, "losses": {"payments": "application"}, "stripe_dashboard": {"type": "express"}},
            "capabilities": {"transfers": {"requested": True}},
            "business_type": "company" if organisation else "individual",
            "metadata": {"owner": owner},
        }
        if email:
            params["email"] = email
        return _payee(self.call(self.sdk.accounts.create, params, {"idempotency_key": f"payee:{key}"}))

    def enrolment_url(self, ref: str, *, back: str, again: str) -> str:
        """An address of Stripe's that works once, and soon."""
        params = {"account": ref, "refresh_url": again, "return_url": back, "type": "account_onboarding"}
        return str(self.call(self.sdk.account_links.create, params)["url"])

    def payee(self, ref: str) -> Payee | None:
        """How it stands; None when the account was closed."""
        found = self._found(self.sdk.accounts.retrieve, ref)
        return _payee(found) if found else None

    def recall(self, ref: str, amount: int, *, key: str, at: datetime) -> Answer:
        """Reverse part of a transfer. Stripe allows it while the payee's balance there covers it."""
        import stripe

        found = self._found(self.sdk.transfers.retrieve, ref)
        if found is None:
            return Answer("", "declined", amount, reason="unknown")
        code = str(found["currency"]).upper()
        done = next((one for one in found["reversals"]["data"] if (one.get("metadata") or {}).get("key") == key), None)
        if done is None:
            params = {"amount": to_stripe(amount, code), "metadata": {"key": key}}
            try:
                done = self.call(self.sdk.transfers.reversals.create, ref, params, {"idempotency_key": key}, refused=True)
            except (stripe.CardError, stripe.InvalidRequestError) as no:
                return Answer("", "declined", amount, code, reason="insufficient-funds" if no.code == "balance_insufficient" else "too-much")
        return Answer(done["id"], "returned", from_stripe(done["amount"], code), code)


def _payee(account: dict[str, Any]) -> Payee:
    """Ready once transfers may be made to it and Stripe asks for nothing that is due."""
    wanted = (account.get("requirements") or {}).get("currently_due") or []
    active = (account.get("capabilities") or {}).get("transfers") == "active"
    return Payee(account["id"], active, tuple(str(one)[:60] for one in wanted)[:20])
