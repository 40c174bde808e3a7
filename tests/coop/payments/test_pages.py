"""The pages of paying, as a person walks them."""

from __future__ import annotations

import pytest

from madang.coop.notices.due import run_due
from madang.coop.payments import actions, sandbox
from madang.coop.payments.models import Charge, Dispute, WebhookEvent
from madang.coop.people.models import Person

pytestmark = pytest.mark.django_db


@pytest.fixture
def charge(coop, world, now, monkeypatch):
    monkeypatch.setattr("madang.coop.law.clock.now", lambda: now)
    person = Person.objects.get(email="f4@example.org")
    person.language = "en"
    person.save()
    return actions.charge("test", "job:1", person, 52_000, "KRW", key="c1", now=now)


def page(client, url) -> str:
    answer = client.get(url)
    assert answer.status_code == 200, url
    return answer.content.decode()


def test_the_button_says_what_will_happen(charge, client_for) -> None:
    me = client_for(charge.payer)
    assert "Pay ₩52,000" in page(me, f"/pay/{charge.pk}/")
    bank = me.post(f"/pay/{charge.pk}/")["Location"]
    assert me.post(f"/pay/{charge.pk}/")["Location"] == bank
    told = page(me, bank)
    assert "Pretend bank" in told and "no real money" in told
    assert me.post(bank, {"choice": "free"}).status_code == 409
    back = me.post(bank, {"choice": "approve"})["Location"]
    assert me.get(back).status_code == 302
    assert Charge.objects.get().state == "settled"
    assert "answered this payment already" in page(me, bank)
    assert "One thing" in page(me, f"/pay/{charge.pk}/receipt/")
    assert me.post(f"/pay/{charge.pk}/").status_code == 409


@pytest.mark.parametrize("answer", ["decline", "insufficient"])
def test_a_no_can_be_tried_again(charge, client_for, answer) -> None:
    me = client_for(charge.payer)
    back = me.post(me.post(f"/pay/{charge.pk}/")["Location"], {"choice": answer})["Location"]
    told = me.get(back, follow=True).content.decode()
    assert "Nothing was charged; you can try again" in told and "Pay ₩52,000" in told
    back = me.post(me.post(f"/pay/{charge.pk}/")["Location"], {"choice": "approve"})["Location"]
    me.get(back)
    assert Charge.objects.get().state == "settled"


def test_a_slow_bank_shows_a_page_to_wait(charge, client_for) -> None:
    me = client_for(charge.payer)
    back = me.post(me.post(f"/pay/{charge.pk}/")["Location"], {"choice": "slow"})["Location"]
    assert "has not answered yet" in page(me, back)


def test_nobody_elses(charge, client_for) -> None:
    other, nobody = client_for(Person.objects.get(email="f5@example.org")), client_for(None)
    for url in (f"/pay/{charge.pk}/", f"/pay/{charge.pk}/back/", f"/pay/{charge.pk}/receipt/"):
        assert other.get(url).status_code == 404
        assert nobody.get(url).status_code == 302
    assert other.post(f"/pay/{charge.pk}/give-up/").status_code == 404
    assert client_for(charge.payer).get(f"/pay/{charge.pk}/receipt/").status_code == 404
    assert client_for(charge.payer).post(f"/pay/{charge.pk}/give-up/").status_code == 302
    assert Charge.objects.get().state == "failed"


def test_the_door_for_web_hooks(charge, client_for, now) -> None:
    bank = client_for(None)
    started = actions.go_and_pay(charge, now=now)
    sandbox.rail().choose(started.ref, "approve", at=now)
    ((_post, headers, body),) = sandbox.rail().deliveries(now, 10)
    url = "/pay/webhook/sandbox/"
    assert bank.get(url).status_code == 405
    assert bank.post(url, b"{}", content_type="application/json").status_code == 400
    assert bank.post(url, b"x" * 70_000, content_type="application/json").status_code == 413
    assert bank.post("/pay/webhook/nobody/", body, content_type="application/json").status_code == 404
    assert not WebhookEvent.objects.exists()
    for _ in range(2):
        assert bank.post(url, body, content_type="application/json", headers=headers).status_code == 200
    assert WebhookEvent.objects.count() == 1 and Charge.objects.get().state == "settled"


@pytest.mark.django_db(transaction=True)
def test_the_payer_lets_the_pretend_bank_take_it_back(charge, client_for, now) -> None:
    """A chargeback to try out: by who paid only, once, and it stands before whoever pays out."""
    me = client_for(charge.payer)
    bank = me.post(f"/pay/{charge.pk}/")["Location"]
    assert me.post(bank, {"choice": "take-back"}).status_code == 409, "nothing was paid yet"
    assert Dispute.objects.count() == 0
    me.post(bank, {"choice": "approve"})
    assert bank in page(me, f"/pay/{charge.pk}/"), "the paid payment leads back there"
    assert 'value="take-back"' in page(me, bank)
    treasurer = client_for(Person.objects.get(email="f2@example.org"))
    assert 'value="take-back"' not in page(treasurer, bank), "it is the payer's to say"
    assert treasurer.post(bank, {"choice": "take-back"}).status_code == 404
    assert Dispute.objects.count() == 0
    assert me.post(bank, {"choice": "take-back"})["Location"] == f"/pay/{charge.pk}/"
    while run_due(now).done:
        pass
    assert "Your bank has taken back ₩52,000" in page(me, f"/pay/{charge.pk}/")
    assert me.post(bank, {"choice": "take-back"}).status_code == 409
    found = Dispute.objects.get()
    assert (found.charge_id, found.amount, found.state) == (charge.pk, 52_000, "open")
    assert str(found.pk) in page(treasurer, "/pay/disputes/")
