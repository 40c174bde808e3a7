"""PortOne in the co-op: paid, sent back, paid out and held against the books; the official SDK speaks to a PortOne of our own."""

from __future__ import annotations

import base64
from datetime import UTC, timedelta

import pytest

from madang.coop import ledger
from madang.coop.ledger import checks
from madang.coop.notices.due import run_due
from madang.coop.payments import accounts, actions, portone, reconciling, resolving
from madang.coop.payments.models import Charge, Payout, WebhookEvent
from madang.coop.people.models import Person
from madang.rails.payments import BadSignature
from madang.rails.payments.portone.fake import FakePortOne

pytestmark = pytest.mark.django_db(transaction=True)
SECRET = "whsec_" + base64.b64encode(b"thirty-two bytes of a pure secret").decode()
DAY = timedelta(days=1)


@pytest.fixture
def start(now):
    return now.astimezone(UTC).replace(hour=3)


@pytest.fixture
def fake(coop, settings, start):
    with FakePortOne("api-secret", SECRET, lambda: start) as made:
        settings.PORTONE = {
            "secret": "api-secret", "store": "store-1", "channel": "ch", "webhook_secret": SECRET, "contract": "c-1", "fee_basis_points": 330, "url": made.url,
            "test": True,
        }  # fmt: skip
        yield made


def bring(fake, at, *, order=1, times=1) -> None:
    """Its messages come, perhaps out of order and more than once."""
    for message in fake.world.messages[::order]:
        for _time in range(times):
            actions.receive_webhook("portone", fake.world.signed(message, at), message.body, now=at)
    fake.world.messages.clear()


def opened(payer, key, amount, at) -> Charge:
    return actions.go_and_pay(actions.charge("test", f"job:{key}", payer, amount, "KRW", key=key, now=at), now=at)


def test_the_whole_walk_agrees_to_the_last_won(fake, world, payer, start) -> None:
    treasurer = Person.objects.get(email="f2@example.org")
    accounts.set_account(ledger.owner_of(payer), holder="김마당", bank="088", number="110-123-456789", by=payer, now=start)
    first, second = opened(payer, "a", 52_000, start), opened(payer, "b", 9_000, start)
    assert first.rail == "portone" and first.checkout_url == f"/pay/portone/{first.ref}/"
    fake.world.pay(first.ref, decline=True)
    fake.world.pay(first.ref)
    fake.world.pay(second.ref)
    bring(fake, start, order=-1, times=2)
    assert sorted(Charge.objects.values_list("state", "fee")) == [("settled", 297), ("settled", 1_716)]
    assert WebhookEvent.objects.count() == 3 and len(world.settled) == 2
    held = ledger.hold("job:a", 52_000, "KRW", payer=first.owner, key=f"hold:{first.pk}", now=start)
    mine = ledger.account("payable", ledger.owner_of(payer), "KRW")
    ledger.release(held, [ledger.Part(mine, 40_000, "provider"), ledger.Part(actions.refund_account(first), 12_000, "refund")], key="r", now=start)
    fake.fail("/cancel", "cut-after")
    actions.refund(Charge.objects.get(pk=first.pk), 12_000, key="back", now=start)
    actions.pay_out(ledger.owner_of(payer), 30_000, "KRW", by=treasurer, key="out", now=start)
    run_due(start + timedelta(minutes=2))
    payout = Payout.objects.get()
    assert payout.state == "created" and payout.ref in fake.world.transfers and first.refunds.get().state == "done"
    fake.world.move_on(payout.ref, "PAID_OUT")
    run_due(start + DAY)
    assert Payout.objects.get().state == "done"
    (report,) = reconciling.Reconciliation.objects.filter(rail="portone")
    assert report.state == "agreed" and report.ours in (61_000 - 2_013 - 12_000, 61_000 - 2_013 - 42_000)
    (later,) = reconciling.reconcile("portone", now=start + 2 * DAY)
    assert later.theirs == later.ours == fake.world.held() - 2_013 and not later.differences.exists()
    assert resolving.unproved() == checks.balances_equal_sums() == checks.units_sum_to_zero() == []


def test_what_was_paid_with_another_amount_is_never_ours(fake, world, payer, start) -> None:
    charge = opened(payer, "a", 52_000, start)
    fake.world.pay(charge.ref, 10, force=True)
    bring(fake, start)
    charge.refresh_from_db()
    assert (charge.state, charge.reason) == ("created", "amount") and world.settled == []
    assert fake.world.held() == 0


@pytest.mark.parametrize(("lie", "kind", "net"), [
    (lambda one: one["amount"].update(total=52_007), "amount", 7),
    (lambda one: one.update(paidAt=None) or one.pop("paidAt"), "missing-there", -50_284),
    (lambda one: one.update(id="mXw9"), "missing-here", 0),
])  # fmt: skip
def test_each_lie_is_named(fake, world, payer, start, lie, kind, net) -> None:
    charge = opened(payer, "a", 52_000, start)
    fake.world.pay(charge.ref)
    bring(fake, start)
    found = fake.world.payments[charge.ref]
    lie(found)
    if kind == "missing-there":
        found.update(status="READY")
    (report,) = reconciling.reconcile("portone", now=start + DAY)
    kinds = {one.kind: one.net for one in report.differences.all()}
    assert report.state == "differs" and kind in kinds and resolving.unproved() == []
    if kind != "missing-here":
        assert len(kinds) == 1 and (kinds[kind] == net)
    else:
        assert set(kinds) == {"missing-here", "missing-there"} and sum(kinds.values()) == 0


def test_a_message_of_a_stranger_is_thrown_away_and_a_silent_service_asked_later(fake, world, payer, start) -> None:
    charge = opened(payer, "a", 52_000, start)
    fake.world.pay(charge.ref)
    (message,) = fake.world.messages
    with pytest.raises(BadSignature):
        actions.receive_webhook("portone", {}, message.body, now=start)
    assert not WebhookEvent.objects.exists()
    fake.fail(f"/payments/{charge.ref}", "500")
    bring(fake, start)
    charge.refresh_from_db()
    assert charge.state == "created" and WebhookEvent.objects.get().handled_at
    run_due(start + actions.QUIET)
    charge.refresh_from_db()
    assert charge.state == "settled"


def test_its_window_stands_on_a_page_of_its_own(fake, world, payer, start, client_for, monkeypatch) -> None:
    monkeypatch.setattr("madang.coop.law.clock.now", lambda: start)
    charge = opened(payer, "a", 52_000, start)
    url = f"/pay/portone/{charge.ref}/"
    page = client_for(payer).get(url)
    policy = page.headers["Content-Security-Policy"]
    assert page.status_code == 200 and "https://cdn.portone.io" in policy and "connect-src https://*.portone.io;" in policy
    text = page.content.decode()
    assert f'data-payment="{charge.ref}"' in text and "<form" not in text and "csrf" not in text
    assert "portone" not in client_for(payer).get(f"/pay/{charge.pk}/").headers["Content-Security-Policy"]
    assert client_for(Person.objects.get(email="f5@example.org")).get(url).status_code == 404


def test_without_settings_in_another_currency_or_live_in_a_demo_it_is_not_there(fake, settings, coop) -> None:
    assert portone.told() is not None
    settings.PORTONE = {**settings.PORTONE, "test": False}
    assert (portone.told() is None) == coop.demo
    settings.PORTONE = None
    assert portone.told() is None
    with pytest.raises(KeyError):
        portone.rail()
