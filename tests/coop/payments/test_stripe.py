"""Charges, refunds, disputes, payouts and recalls through our Stripe, with the official SDK in between: what it holds is what the books say."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, Phase, example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from madang.coop import ledger
from madang.coop.ledger import checks, queries
from madang.coop.notices.due import run_due
from madang.coop.payments import actions, debts, disputes, payees, rails
from madang.coop.payments.booking import clearing, refund_account
from madang.coop.payments.models import Charge, Dispute, Payee, Payout, Recall, WebhookEvent
from madang.coop.payments.settings import read_stripe
from madang.coop.people.models import Person
from madang.kit.errors import Refused
from madang.rails.payments.stripe.fake import Server, World

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def treasurer(coop):
    return Person.objects.get(email="f2@example.org")


class Here:
    """Our house at its Stripe: what people do, and what is then asked of both books."""

    def __init__(self, server, now, payer, treasurer, worker) -> None:
        self.server, self.world, self.now = server, server.world, now
        self.payer, self.treasurer, self.worker = payer, treasurer, worker
        self.owner = ledger.owner_of(worker)
        self.paid: list[Charge] = []
        self.count = 0

    def number(self) -> int:
        self.count += 1
        return self.count

    def later(self, minutes: int = 10) -> None:
        self.now += timedelta(minutes=minutes)
        self.world.clock = lambda: int(self.now.timestamp())
        run_due(self.now)

    def door(self, headers, body):
        return actions.receive_webhook("stripe", headers, body, now=self.now)

    def deliver(self, **how):
        return self.server.deliver(self.door, **how)

    def charge(self, amount: int = 52_000) -> Charge:
        made = actions.charge("test", f"thing:{self.number()}", self.payer, amount, "KRW", key=f"c{self.count}", now=self.now)
        return actions.go_and_pay(made, now=self.now)

    def pay(self, amount: int = 52_000, **how) -> Charge:
        made = self.charge(amount)
        self.world.pay(made.ref)
        self.deliver(**how)
        made.refresh_from_db()
        self.paid.append(made)
        return made

    def release(self, charge: Charge, part: int) -> None:
        """The work is done: all but ``part`` to the worker, and ``part`` put aside for the payer."""
        held = ledger.hold(charge.subject, charge.amount, "KRW", payer=charge.owner, key=f"hold:{charge.pk}", now=self.now)
        mine = ledger.account("payable", self.owner, "KRW")
        parts = [ledger.Part(mine, charge.amount - part, "provider")] if part < charge.amount else []
        back = [ledger.Part(refund_account(charge), part, "refund")] if part else []
        ledger.release(held, parts + back, key=f"release:{charge.pk}", now=self.now)

    def enrol(self) -> None:
        payees.begin(self.owner, by=self.worker, now=self.now)
        self.world.enrolled(Payee.objects.get().ref)
        self.deliver()

    def agrees(self) -> bool:
        """What Stripe holds is what the clearing account says and what is on its way out (Stripe sends it when it has the funds); the books add up."""
        assert checks.balances_equal_sums() == checks.units_sum_to_zero() == []
        leaving = sum(one.amount for one in Payout.objects.filter(rail="stripe", state="created"))
        assert self.world.total("krw") == leaving - queries.balance(clearing("stripe", "KRW"))
        return True


@pytest.fixture
def here(world, payer, treasurer, now, settings):
    worker = Person.objects.create_user("worker@example.org", "Worker")
    with Server(World(lambda: int(now.timestamp()))) as server:
        settings.STRIPE = {"key": server.key, "webhook_secrets": (server.secret,), "base": server.base, "seconds": 20, "tries": 0}
        yield Here(server, now, payer, treasurer, worker)


def test_paid_is_asked_booked_once_with_its_fee(here, client_for) -> None:
    charge = here.pay(times=2)
    assert (charge.rail, charge.state, charge.fee) == ("stripe", "settled", 1_508) and charge.payment_ref.startswith("pi_")
    assert WebhookEvent.objects.filter(provider="stripe").count() == len(here.world.events) and here.agrees()


def test_the_way_there_leads_over_a_page_of_ours(here, client_for, monkeypatch) -> None:
    monkeypatch.setattr("madang.coop.law.clock.now", lambda: here.now)
    made = actions.charge("test", "thing:1", here.payer, 52_000, "KRW", key="c1", now=here.now)
    person = client_for(here.payer)
    assert "test mode" in person.get(made.get_absolute_url(), headers={"accept-language": "en"}).content.decode()
    answer = person.post(made.get_absolute_url())
    assert answer.headers["Location"] == f"/pay/{made.pk}/go/"
    page = person.get(answer.headers["Location"]).content.decode()
    assert f"url={here.server.base}/checkout/cs_" in page and "form-action 'self'" in person.get(answer.headers["Location"]).headers["Content-Security-Policy"]
    here.world.pay(Charge.objects.get().ref)
    assert person.get(f"/pay/{made.pk}/back/").status_code == 302 and Charge.objects.get().state == "settled"


def test_a_lost_message_and_a_deaf_stripe_are_made_up_for(here) -> None:
    charge = here.charge()
    here.world.pay(charge.ref)
    here.deliver(lose=lambda _event: True)
    here.server.fail("500", part="/v1/checkout")
    here.later()
    here.later(60)
    charge.refresh_from_db()
    assert charge.state == "settled" and here.agrees()


def test_our_door_refuses_what_stripe_did_not_sign(here, client) -> None:
    headers, body = here.server.message({"id": "evt_1", "object": "event", "type": "x", "data": {"object": {"id": "x"}}})
    wrong = client.post("/pay/webhook/stripe/", body + b" ", content_type="application/json", headers=headers)
    assert wrong.status_code == 400 and not WebhookEvent.objects.exists()


def test_without_a_key_there_is_no_stripe(coop, client) -> None:
    assert rails.default().name == "sandbox" and rails.payees_at() is None
    assert client.post("/pay/webhook/stripe/", b"{}", content_type="application/json").status_code == 404


def test_a_demo_never_uses_a_live_key(here, settings, coop) -> None:
    settings.STRIPE = {"key": "sk_live_x"}
    coop.demo = False
    coop.save()
    assert rails.default().name == "stripe" and not rails.test_mode("stripe")
    coop.demo = True
    coop.save()
    assert rails.default().name == "sandbox" and rails.payees_at() is None


def test_a_refund_that_comes_back_waits_for_a_person(here) -> None:
    charge = here.pay()
    here.release(charge, 12_000)
    refund = actions.refund(charge, 12_000, key="back", now=here.now)
    refund.refresh_from_db()
    assert refund.state == "done" and here.agrees()
    here.world.refund_fails(refund.ref)
    here.deliver(times=2, shuffled=random.Random(1))
    refund.refresh_from_db()
    assert refund.state == "failed" and queries.balance(refund_account(charge)) == 12_000 and here.agrees()


def test_who_is_not_known_there_cannot_be_paid_and_then_can(here) -> None:
    here.release(here.pay(), 0)
    with pytest.raises(Refused) as no:
        actions.pay_out(here.owner, 10_000, "KRW", by=here.treasurer, key="p", now=here.now)
    assert no.value.code == "no-place" and not Payout.objects.exists()
    here.enrol()
    assert Payee.objects.get().ready and payees.begin(here.owner, by=here.worker, now=here.now).startswith(here.server.base)
    actions.pay_out(here.owner, 10_000, "KRW", by=here.treasurer, key="p", now=here.now)
    sent = Payout.objects.get()
    assert (sent.state, sent.rail, sent.to) == ("done", "stripe", Payee.objects.get().ref) and here.agrees()
    with pytest.raises(Refused):
        here.world.enrolled(Payee.objects.get().ref, fully=False)
        here.deliver()
        actions.pay_out(here.owner, 10_000, "KRW", by=here.treasurer, key="p2", now=here.now)


def test_too_little_there_is_sent_when_it_is(here) -> None:
    here.world.delay = 3_600
    here.release(here.pay(), 0)
    here.enrol()
    actions.pay_out(here.owner, 40_000, "KRW", by=here.treasurer, key="p", now=here.now)
    assert Payout.objects.get().state == "created"
    here.later(90)
    assert Payout.objects.get().state == "done" and len(here.world.made["transfer"]) == 1 and here.agrees()


def bears(monkeypatch, percent: int) -> None:
    from tests.coop.payments.test_disputes import decided

    decided(monkeypatch, percent)


def test_a_lost_dispute_after_the_payout_calls_it_back_in_part(here, monkeypatch) -> None:
    here.pay(60_000)  # Stripe keeps its fee, so more has to be there than one payment
    charge = here.pay()
    here.release(charge, 0)
    here.enrol()
    actions.pay_out(here.owner, 52_000, "KRW", by=here.treasurer, key="p", now=here.now)
    bears(monkeypatch, 50)
    here.world.dispute(charge.payment_ref)
    here.deliver()
    found = Dispute.objects.get()
    assert (found.state, found.taken, found.fee) == ("open", 52_000, 1_500) and here.agrees()
    disputes.concede(found.pk, by=here.treasurer, now=here.now)
    recall = Recall.objects.get()
    assert (recall.state, recall.amount) == ("done", 26_000) and debts.debt(here.owner, "KRW") == 0 and here.agrees()
    transfer = here.world.made["transfer"][Payout.objects.get().ref]
    assert transfer["amount_reversed"] == 26_000


def test_what_is_not_there_any_more_is_owed_and_taken_from_later_work(here, monkeypatch) -> None:
    here.pay(60_000)  # Stripe keeps its fee, so more has to be there than one payment
    charge = here.pay()
    here.release(charge, 0)
    here.enrol()
    actions.pay_out(here.owner, 52_000, "KRW", by=here.treasurer, key="p", now=here.now)
    here.world.empties(Payee.objects.get().ref)
    bears(monkeypatch, 100)
    here.world.dispute(charge.payment_ref)
    here.deliver()
    disputes.concede(Dispute.objects.get().pk, by=here.treasurer, now=here.now)
    assert Recall.objects.get().state == "failed" and debts.debt(here.owner, "KRW") == 52_000 and here.agrees()
    here.release(here.pay(60_000), 0)
    here.later()
    assert debts.debt(here.owner, "KRW") == 0 and queries.balance(ledger.account("payable", here.owner, "KRW")) == 8_000 and here.agrees()


EVENTS = ["pay", "pay", "refund", "dispute", "win", "lose", "contest", "payout", "empty", "later", "fail", "refund fails"]
STEPS = st.lists(
    st.tuples(st.sampled_from(EVENTS), st.integers(0, 10**6)),
    min_size=4, max_size=9,
)  # fmt: skip


@hypothesis_settings(max_examples=4, deadline=None, phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck))
@given(steps=STEPS)
@example(steps=[("pay", 50_001), ("pay", 60_001), ("dispute", 1), ("contest", 2), ("win", 3), ("refund", 2), ("refund fails", 1)])
@example(steps=[("pay", 50_001), ("pay", 60_001), ("payout", 90), ("dispute", 1), ("empty", 0), ("lose", 2), ("pay", 3_001), ("dispute", 5), ("win", 4)])
def test_whatever_happens_both_books_say_the_same(here, monkeypatch, steps) -> None:
    """Payments, refunds, disputes, payouts and recalls in any order, messages twice and shuffled, Stripe deaf now and then."""
    bears(monkeypatch, 60)
    if not Payee.objects.exists():
        here.enrol()
    for what, number in steps:
        step(here, what, number)
        here.deliver(times=1 + number % 2, shuffled=random.Random(number))
    here.server._faults.clear()
    for _round in range(3):
        here.later(800)
        here.deliver()
    assert here.agrees()


def step(here: Here, what: str, number: int) -> None:
    """One of the things that happen, if it can."""
    charge = here.paid[number % len(here.paid)] if here.paid else None
    try:
        if what == "pay":
            made = here.pay(1_000 + number % 90_000)
            if made.state == "settled":
                here.release(made, number % 1_000)
        elif what == "later":
            here.later(number % 200)
        elif what == "fail":
            here.server.fail(["429", "500", "before", "cut"][number % 4], times=1 + number % 2)
        elif what == "payout":
            there = queries.balance(ledger.account("payable", here.owner, "KRW"))
            actions.pay_out(here.owner, max(1, there * (number % 100) // 100), "KRW", by=here.treasurer, key=f"p{here.number()}", now=here.now)
        elif what == "empty":
            here.world.empties(Payee.objects.get().ref)
        elif charge is not None and charge.payment_ref:
            on_a_charge(here, charge, what, number)
    except (Refused, ValueError):
        pass  # it could not be done: nothing was


def on_a_charge(here: Here, charge: Charge, what: str, number: int) -> None:
    """What can happen to a payment."""
    there = queries.balance(refund_account(charge))
    if what == "refund" and there:
        actions.refund(charge, 1 + number % there, key=f"r{here.number()}", now=here.now)
    elif what == "refund fails" and here.world.made["refund"]:
        here.world.refund_fails(sorted(here.world.made["refund"])[number % len(here.world.made["refund"])])
    elif what == "dispute":
        here.world.dispute(charge.payment_ref, inquiry=number % 5 == 0)
    for ref in list(here.world.made["dispute"])[:: 1 + number % 2]:
        if what in ("win", "lose"):
            here.world.decide(ref, won=what == "win", fee_back=number % 3 == 0)
        elif what == "contest" and (found := Dispute.objects.filter(ref=ref).first()):
            disputes.contest(found.pk, "She was there, and the key log shows it.", by=here.treasurer, now=here.now)


def test_settings_are_read_and_wrong_ones_said(tmp_path) -> None:
    from django.core.exceptions import ImproperlyConfigured

    assert read_stripe({}) is None and read_stripe({"STRIPE_SECRET_KEY": "sk_test_x", "MADANG_TESTING": "1"}) is None
    told = {"key": "sk_test_x", "webhook_secrets": ("whsec_a", "whsec_b"), "base": ""}
    assert read_stripe({"STRIPE_SECRET_KEY": "sk_test_x", "STRIPE_WEBHOOK_SECRETS": "whsec_a, whsec_b"}) == told
    file = tmp_path / "stripe.toml"
    file.write_text('secret_key = "sk_test_x"\nwebhook_secrets = ["whsec_a", "whsec_b"]\n')
    file.chmod(0o600)
    assert read_stripe({"MADANG_DATA": str(tmp_path)}) == told
    file.chmod(0o644)
    for wrong in (
        {"MADANG_DATA": str(tmp_path)},
        {"STRIPE_SECRET_KEY": "pk_live_x"},
        {"STRIPE_SECRET_KEY": "sk_live_x", "STRIPE_API_BASE": "http://localhost"},
    ):
        with pytest.raises(ImproperlyConfigured):
            read_stripe(wrong)


def test_a_worker_tells_the_service_where_to_be_paid(here, client_for, monkeypatch) -> None:
    """From the page of one's account over a page of ours to the service and back; half told is said, told is said, and it can be ended."""
    monkeypatch.setattr("madang.coop.law.clock.now", lambda: here.now)
    Person.objects.filter(pk=here.worker.pk).update(language="en")
    worker = client_for(here.worker)
    page = worker.get("/pay/account/").content.decode()
    assert f'value="{here.owner}"' in page and "Stripe" in page
    leaving = worker.post("/pay/service/", {"owner": here.owner})
    assert leaving.status_code == 200 and here.server.base in leaving.content.decode() and "no-store" in leaving.headers.get("Cache-Control", "no-store")
    assert not Payee.objects.get().ready
    assert worker.get("/pay/service/back/", follow=True).status_code == 200
    halfway = worker.get("/pay/account/").content.decode()
    here.world.enrolled(Payee.objects.get().ref)
    ready = worker.get("/pay/service/back/", follow=True).content.decode()
    assert Payee.objects.get().ready and ready != halfway
    assert client_for(here.payer).post("/pay/service/", {"owner": here.owner}).status_code == 404, "nobody enrols another"
    assert worker.post("/pay/service/", {"owner": here.owner, "forget": "1"}, follow=True).status_code == 200
    assert Payee.objects.get().ended_at is not None
