"""How one stands with the tax office: dated, checked, sealed, and whose it is to say."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from madang.coop.law.models import Coop
from madang.coop.people.models import Person
from madang.coop.tax import numbers, status
from madang.coop.tax.data import NOTHING, law_of
from madang.coop.tax.models import TaxStatus
from madang.coop.tax.status import Facts
from madang.kit.errors import Missing, Refused
from tests.coop.tax.conftest import OURS, RESIDENT


def test_the_law_is_cited_and_dated() -> None:
    for country in ("KR", "GB"):
        law = law_of(country)
        assert law.bounds and all(one.citation and one.url.startswith("https://") and one.text["ko"] and one.text["en"] for one in law.bounds)
        assert {one.name for one in law.bounds} <= set(NOTHING)
    assert law_of("").bounds == law_of("US").bounds == law_of("../kr").bounds == ()


@pytest.mark.parametrize(
    ("name", "day", "value", "article"),
    [
        ("vat.rate", date(2026, 1, 1), "1/10", "부가가치세법 art. 30"),
        ("withholding.business.rate", date(2026, 1, 1), "3/100", "소득세법 arts. 127 (1) 3, 129 (1) 3"),
        ("withholding.small.services", date(2024, 6, 30), "1000", "소득세법 art. 86 1"),
        ("withholding.small.services", date(2024, 7, 1), "0", "소득세법 art. 86 1 (as amended 2023-12-31)"),
        ("withholding.step", date(2026, 1, 1), "10", "국고금 관리법 art. 47 (1), (3)"), ("invoice.due_day", date(2026, 1, 1), "10", "부가가치세법 art. 34 (3)"),
    ],
)  # fmt: skip
def test_korea(name: str, day: date, value: str, article: str) -> None:
    found = law_of("KR").bound(name, day)
    assert (str(found.value), found.citation) == (value, article)


def test_the_small_amount_of_services_ended_in_july_2024() -> None:
    before, after = law_of("KR").rates(date(2024, 6, 30)), law_of("KR").rates(date(2024, 7, 1))
    assert before and after and (before.small, after.small) == (1_000, 0)
    assert law_of("GB").rates(date(2026, 1, 1)) is None and not law_of("US").taxes(date(2026, 1, 1))


@pytest.mark.parametrize(
    ("number", "country", "kept"),
    [
        ("1248100998", "KR", "124-81-00998"), ("120-81-47521", "KR", "120-81-47521"), ("GB 980 7806 84", "GB", "GB980780684"),
        ("DE136695976", "DE", "DE136695976"),
    ],
)  # fmt: skip
def test_a_right_number(number: str, country: str, kept: str) -> None:
    assert numbers.business(number, country) == kept


@pytest.mark.parametrize(("number", "country"), [("120-81-47522", "KR"), ("12", "KR"), ("", "KR"), ("GB980780685", "GB"), ("XX1", "DE"), ("가나다", "KR")])
def test_a_wrong_number(number: str, country: str) -> None:
    with pytest.raises(ValueError):
        numbers.business(number, country)


@pytest.mark.parametrize("number", ["", "9001011234", "901301-1234567", "900101-12345678", "abc"])
def test_a_wrong_resident_number(number: str) -> None:
    with pytest.raises(ValueError):
        numbers.resident(number)
    assert numbers.resident(RESIDENT) == "9001011234567"


@pytest.mark.django_db
def test_a_registration_counts_from_its_day_on(coop, treasurer, day, now) -> None:
    status.say("", OURS, since=day + timedelta(days=3), by=treasurer, now=now)
    assert status.ours(day) is None
    found = status.ours(day + timedelta(days=3))
    assert found is not None and found.number == "120-81-47521" and found.country == "KR"
    status.say("", Facts("none"), since=day + timedelta(days=9), by=treasurer, now=now + timedelta(hours=1))
    assert status.ours(day + timedelta(days=8)) is not None and status.ours(day + timedelta(days=9)) is None


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"number": "120-81-47522"}, "number"), ({"name": " "}, "name"), ({"address": ""}, "address"), ({"standing": "freelancer"}, "standing"),
        ({"standing": "sultan"}, "standing"), ({"name": "가" * 71}, "name"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_refused_at_its_field(coop, treasurer, day, now, change, field) -> None:
    with pytest.raises(Refused) as no:
        status.say("", replace(OURS, **change), since=day, by=treasurer, now=now)
    assert no.value.field == field and not TaxStatus.objects.exists()


@pytest.mark.django_db
def test_not_for_days_gone_by_and_not_for_others(coop, treasurer, day, now) -> None:
    with pytest.raises(Refused) as no:
        status.say("", OURS, since=day - timedelta(days=1), by=treasurer, now=now)
    assert no.value.code == "since"
    other = Person.objects.get(email="f5@example.org")
    for owner in ("", f"person:{treasurer.pk}", "organisation:x"):
        with pytest.raises(Missing):
            status.say(owner, OURS if not owner else Facts("freelancer"), since=day, by=other, now=now)


@pytest.mark.django_db
def test_a_resident_number_is_sealed_and_kept(coop, treasurer, day, now) -> None:
    mine = f"person:{treasurer.pk}"
    row = status.say(mine, Facts("freelancer", resident=RESIDENT), since=day, by=treasurer, now=now)
    again = status.say(mine, Facts("freelancer"), since=day, by=treasurer, now=now + timedelta(minutes=1))
    stored = "".join(str(value) for value in TaxStatus.objects.values_list().first()) + bytes(row.sealed).decode()
    assert "1234567" not in stored and status.resident_number(again) == "9001011234567"
    with pytest.raises(Refused) as no:
        status.say(mine, Facts("freelancer", resident="1"), since=day, by=treasurer, now=now + timedelta(minutes=2))
    assert no.value.field == "resident"


@pytest.mark.django_db
def test_a_country_without_taxes_has_nothing_to_register_for(coop, treasurer, day, now) -> None:
    Coop.objects.update(law="plain")
    from madang.coop import law

    law.forget()
    with pytest.raises(Refused) as no:
        status.say("", OURS, since=day, by=treasurer, now=now)
    assert no.value.code == "standing"


@pytest.mark.django_db
def test_the_database_keeps_what_was_said(registered) -> None:
    for change in (lambda: TaxStatus.objects.update(standing="none"), lambda: TaxStatus.objects.all().delete()):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()
