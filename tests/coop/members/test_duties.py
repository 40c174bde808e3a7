"""Offices are called what the charter calls them: code asks for duties."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.auth.models import AnonymousUser

import madang
from madang.coop.charter import actions as charter
from madang.coop.charter import reader
from madang.coop.ledger import explain
from madang.coop.members import actions, queries
from madang.coop.members.models import OfficeTerm
from madang.coop.payments import outgoing
from madang.coop.people.models import Person
from madang.kit.errors import Missing, Refused
from madang.platforms.services.actions.offers import check_office
from tests.coop.founded import TINY

DAY = timedelta(days=1)


def person(number):
    return Person.objects.get(email=f"f{number}@example.org")


@pytest.mark.django_db
def test_a_cashier_pays_out_and_a_dispatcher_settles(now):
    text = TINY.read_text()
    for key, called in (("treasurer", "cashier"), ("coordinator", "dispatcher")):
        text = text.replace(f'"{key}"', f'"{called}"').replace(f"office:{key}", f"office:{called}")
    charter.found(reader.read(text, "my.toml", now=now), now=now)
    assert queries.on_duty("payouts", now) == [person(2)] and queries.on_duty("coordination", now) == [person(1)]
    check_office(person(1), now)
    with pytest.raises(Missing):
        check_office(person(2), now)
    with pytest.raises(Refused) as no:  # past the door
        outgoing.pay_out("person:x", 100, "KRW", by=person(2), key="k", now=now)
    assert no.value.code == "not-enough"
    with pytest.raises(Refused) as no:
        outgoing.pay_out("person:x", 100, "KRW", by=person(1), key="k", now=now)
    assert no.value.code == "office"


@pytest.mark.django_db
def test_a_duty_comes_and_goes_with_the_office(coop, now):
    assert queries.has_duty(person(3), explain.BOOKS, now) and not queries.has_duty(person(4), explain.BOOKS, now)
    assert not queries.has_duty(AnonymousUser(), explain.BOOKS, now)
    assert sorted(one.email for one in queries.on_duty(explain.BOOKS, now)) == ["f1@example.org", "f2@example.org", "f3@example.org"]
    actions.end_term(OfficeTerm.objects.get(office__key="auditor"), by=person(3), now=now)
    assert not queries.has_duty(person(3), explain.BOOKS, now + DAY)


@pytest.mark.django_db
def test_the_page_of_offices_says_what_each_does(coop, client, now):
    assert "sends out what people earned" in client.get("/members/offices/", headers={"accept-language": "en"}).content.decode().lower()


def test_no_code_names_an_office():
    """``holds`` and ``holders`` are for the keys that the charter itself names: no word of ours stands in such a call."""
    naming = re.compile(r"""\b(?:holds|holders)\([^)\n]*["'][a-z]""")
    found = [str(path) for path in Path(madang.__file__).parent.rglob("*.py") if naming.search(path.read_text().replace('removeprefix("office:")', ""))]
    assert found == []
