"""Our Stripe refuses what Stripe would refuse: it holds every parameter against the SDK's own types. So it can fail."""

from __future__ import annotations

import pytest
import stripe as sdk

from madang.rails.payments.stripe.fake.params import Invalid, checked, nested


def client(here):
    return sdk.StripeClient(here.server.key, base_addresses={"api": here.server.base}, max_network_retries=0).v1


def line(**price):
    """One line of a checkout."""
    return {"line_items": [{"quantity": 1, "price_data": price}]}


NAMED = {"name": "x"}
GOOD = {"mode": "payment", "success_url": "http://x", **line(currency="krw", unit_amount=500, product_data=NAMED)}


@pytest.mark.parametrize(
    ("spoil", "code", "param"),
    [
        ({"colour": "red"}, "parameter_unknown", "colour"),
        ({"mode": "gift"}, "parameter_invalid_enum", "mode"),
        (line(currency="krw", unit_amount="a lot", product_data=NAMED), "parameter_invalid_integer", "line_items[0][price_data][unit_amount]"),
        (line(unit_amount=500, product_data=NAMED), "parameter_missing", "line_items[0][price_data][currency]"),
        (line(currency="krw", unit_amount=500, product_data={"description": "x"}), "parameter_missing", "line_items[0][price_data][product_data][name]"),
        ({"line_items": {"first": {"quantity": 1}}}, "parameter_invalid", "line_items"),
        ({"allow_promotion_codes": "perhaps"}, "parameter_invalid_boolean", "allow_promotion_codes"),
        ({"metadata": "x"}, "parameter_invalid", "metadata"),
        ({"payment_intent_data": {"capture_method": "some day"}}, "parameter_invalid_enum", "payment_intent_data[capture_method]"),
        ({"success_url": {"a": "b"}}, "parameter_invalid", "success_url"),
    ],
)
def test_a_bad_parameter_is_refused_in_stripes_own_shape(stripe, spoil, code, param) -> None:
    with pytest.raises(sdk.InvalidRequestError) as no:
        client(stripe).checkout.sessions.create({**GOOD, **spoil})
    assert no.value.http_status == 400 and no.value.code == code and no.value.param == param
    assert not stripe.world.made["checkout.session"]


def test_the_good_one_passes(stripe) -> None:
    assert client(stripe).checkout.sessions.create(GOOD).amount_total == 500


@pytest.mark.parametrize("name", ["", "a]", "a[b]=1&a"])
def test_names_that_cannot_be_read(name) -> None:
    with pytest.raises(Invalid):
        nested([(name.partition("=")[0], "1"), (name.rpartition("&")[2], "2")])


def test_types_are_the_sdks_own() -> None:
    from stripe.params import TransferCreateParams, TransferReversalCreateParams

    assert checked({"amount": "5", "currency": "krw", "destination": "acct_1"}, TransferCreateParams)["amount"] == 5
    assert checked({"metadata": ""}, TransferReversalCreateParams) == {"metadata": ""}
    for wrong in ({"amount": "5", "currency": "krw"}, {"amount": "5.5", "currency": "krw", "destination": "a"}):
        with pytest.raises(Invalid):
            checked(wrong, TransferCreateParams)


def test_a_key_is_kept_with_its_answer_even_when_that_was_no(stripe) -> None:
    api = client(stripe)
    first = api.checkout.sessions.create(GOOD, {"idempotency_key": "a"})
    assert api.checkout.sessions.create(GOOD, {"idempotency_key": "a"}).id == first.id
    with pytest.raises(sdk.IdempotencyError) as no:
        api.checkout.sessions.create({**GOOD, "success_url": "http://y"}, {"idempotency_key": "a"})
    assert no.value.http_status == 400 and len(stripe.world.made["checkout.session"]) == 1
    account = api.accounts.create({"capabilities": {"transfers": {"requested": True}}})
    wish = {"amount": 500, "currency": "krw", "destination": account.id}
    for ready in (False, True):
        if ready:
            stripe.world.enrolled(account.id)
        with pytest.raises(sdk.InvalidRequestError) as no:
            api.transfers.create(wish, {"idempotency_key": "t"})
        assert no.value.code == "insufficient_capabilities_for_transfer"
    assert no.value.headers["Idempotent-Replayed"] == "true"


def test_unknown_things_and_addresses(stripe) -> None:
    api = client(stripe)
    with pytest.raises(sdk.InvalidRequestError) as no:
        api.refunds.retrieve("re_never")
    assert no.value.http_status == 404 and no.value.code == "resource_missing"
    with pytest.raises(sdk.InvalidRequestError):
        api.customers.create({"email": "x@example.org"})


def test_a_transfer_from_a_payment_not_yet_available(stripe) -> None:
    stripe.world.delay = 3_600
    stripe.paid()
    api, charge = client(stripe), next(iter(stripe.world.made["charge"]))
    account = api.accounts.create({"capabilities": {"transfers": {"requested": True}}}).id
    stripe.world.enrolled(account)
    wish = {"amount": 40_000, "currency": "krw", "destination": account}
    with pytest.raises(sdk.InvalidRequestError, match="insufficient available funds"):
        api.transfers.create(wish)
    assert api.transfers.create({**wish, "source_transaction": charge}).amount == 40_000
    with pytest.raises(sdk.InvalidRequestError) as no:
        api.transfers.create({**wish, "source_transaction": charge})
    assert no.value.code == "transfer_amount_exceeds_source"
    assert [(one.currency, one.amount) for one in api.balance.retrieve().pending] == [("krw", 52_000 - 1_508)]


def test_its_own_pages_let_a_person_pay(stripe) -> None:
    import urllib.request

    checkout = stripe.rail.authorise(stripe.order())
    page = urllib.request.urlopen(checkout.url).read().decode()
    assert "52000 KRW" in page and "This is not Stripe" in page
    stripe.world.pay(checkout.ref)
    assert stripe.rail.fetch(checkout.ref, at=stripe.at).state == "paid"
