"""A member's money at a glance: the numbers hang together, each leads to the lines it is made of, and nobody sees another's."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from madang.coop import ledger
from madang.coop.capital import money
from madang.coop.ledger import queries as books
from madang.coop.ledger.statements import EARNED, OUT, PAID_OUT
from madang.coop.members.models import Membership
from madang.coop.people.models import Person
from tests.coop.capital.yearlife import person, shares

pytestmark = pytest.mark.django_db


@pytest.fixture
def earner(coop, now) -> Person:
    """In won: earned 1,000,000 in two jobs, passed 100,000 on, was paid 600,000, of which 20,000 were kept back for the tax office, and 50,000 came back."""
    shares(now)
    one = person(1)
    mine, rail = ledger.account("payable", ledger.owner_of(one), "KRW"), ledger.account("clearing", "rail:sandbox", "KRW")
    hold, other = rail, ledger.account("payable", ledger.owner_of(person(2)), "KRW")
    for number, move in enumerate([
        ledger.Move(hold, mine, 700_000, "provider"), ledger.Move(hold, mine, 300_000, "tip"), ledger.Move(mine, other, 100_000, "provider"),
        ledger.Move(mine, rail, 580_000, "payout"), ledger.Move(mine, ledger.account("withheld", "", "KRW"), 20_000, "withheld"),
        ledger.Move(rail, mine, 50_000, "payout-returned"),
    ]):  # fmt: skip
        ledger.post("test", [move], key=f"line:{number}", subject="work:1", now=now + timedelta(minutes=number))
    return one


def told(one: Person, now) -> money.Money:
    return money.money(one, list(Membership.objects.filter(person=one)), now=now + timedelta(days=1))


def test_the_numbers_hang_together(earner, now) -> None:
    found = told(earner, now)
    put_in, earned, owed, take_out = found.figures
    assert (earned.amount, owed.amount, take_out.amount) == (900_000, 350_000, 350_000)
    for one in found.figures:
        assert not one.lines or sum(line.amount for line in one.lines) == one.amount, one.key
    for picture in found.pictures:
        assert sum(part.amount for part in picture.parts) == picture.whole
    assert [(part.amount) for part in found.pictures[0].parts] == [530_000, 20_000, 350_000]
    assert put_in.amount == found.pictures[1].whole
    assert "900,000" in "".join(found.said) and "550,000" in "".join(found.said)


def test_every_number_of_the_page_leads_to_where_it_comes_from(earner, now, client_for, monkeypatch) -> None:
    monkeypatch.setattr("madang.coop.law.clock.now", lambda: now + timedelta(days=1))
    client = client_for(earner)
    html = client.get(reverse("capital:money")).content.decode()
    amounts = re.findall(r"<dd[^>]*>(?:<strong>)?[^<]*\d[^<]*(?:</strong>)?(<a class=\"why\")?", html)
    assert amounts and all(amounts), "a figure without its why"
    asked = set(re.findall(r'<a class="why" href="([^"]+)"', html))
    for link in asked:
        if link.startswith("#"):
            assert f'id="{link[1:]}"' in html, link
        else:
            assert client.get(link).status_code == 200, link


@pytest.mark.parametrize(("sort", "amount", "kinds"), [(EARNED, 900_000, {"provider", "tip"}), (PAID_OUT, -550_000, set(OUT)), ("tip", 300_000, {"tip"})])
def test_a_sum_is_its_lines(earner, now, sort, amount, kinds) -> None:
    found = books.statement(ledger.owner_of(earner), now - timedelta(days=1), now + timedelta(days=1), sort=sort)
    lines = [line for group in found.groups for line in group.lines]
    assert sum(line.amount for line in lines) == sum(one.amount for one in found.kinds) == amount
    assert {line.kind for line in lines} <= kinds


def test_the_lines_of_a_sum_are_mine_alone(earner, now, client_for, monkeypatch) -> None:
    monkeypatch.setattr("madang.coop.law.clock.now", lambda: now + timedelta(days=1))
    url = reverse("ledger:lines", args=[PAID_OUT])
    assert "550,000" in client_for(earner).get(url).content.decode()
    other = client_for(person(2)).get(url).content.decode()
    assert "550,000" not in other and "580,000" not in other
    assert client_for(None).get(url).status_code == 302
    assert client_for(earner).get(reverse("ledger:lines", args=["no-such-sort"])).status_code == 404
    assert client_for(earner).get(url + "?before=nonsense").status_code == 404


def test_what_is_owed_to_the_coop_is_told(earner, now, client_for, monkeypatch) -> None:
    monkeypatch.setattr("madang.coop.law.clock.now", lambda: now + timedelta(days=1))
    owes, lost = ledger.account("debt", ledger.owner_of(earner), "KRW"), ledger.account("disputed", "", "KRW")
    ledger.post("test", [ledger.Move(owes, lost, 77_777, "dispute")], key="owes", subject="work:1", now=now + timedelta(hours=1))
    assert told(earner, now).debt == 77_777
    html = client_for(earner).get(reverse("capital:money")).content.decode()
    assert 'id="debt"' in html
    assert "77,777" in client_for(earner).get(reverse("ledger:lines", args=["owed-back"])).content.decode()
