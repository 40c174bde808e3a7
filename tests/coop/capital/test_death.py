"""When a member dies: who was named, sealed until then; who is entitled, by the law; nobody else is told."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import transaction
from django.test import Client

from madang.coop.capital import death, withdrawals
from madang.coop.capital.models import Claim, Nomination
from madang.coop.members import queries as members
from madang.coop.notices.models import Notice
from madang.coop.payments.models import Payout
from madang.coop.people import tokens
from madang.kit import house
from madang.kit.errors import Refused
from tests.coop.capital.outlife import british, give, membership, person, sound

pytestmark = pytest.mark.django_db
TO = {"to": "Kim Daughter", "relation": "child", "contact": "12 Hill Road"}


def test_what_is_named_is_sealed_and_only_the_newest_kept(coop, now) -> None:
    death.name(person(4), **TO, now=now)
    death.name(person(4), **{**TO, "to": "Kim Son"}, now=now + timedelta(days=1))
    kept = Nomination.objects.get()
    assert b"Kim" not in bytes(kept.sealed) and b"Hill" not in bytes(kept.sealed)
    assert death.named_by(person(4)) == death.Named("Kim Son", "child", "12 Hill Road")
    exported = [row for item in house.collect("personal") for row in item.export(person(4))]
    assert any(row.get("name") == "Kim Son" for row in exported)
    for field in TO:
        with pytest.raises(Refused) as no, transaction.atomic():
            death.name(person(4), **{**TO, field: "  "}, now=now)
        assert no.value.code in (field, "name")
    death.unname(person(4))
    death.unname(person(4))
    assert death.named_by(person(4)) is None


def test_memberships_end_and_the_shares_are_a_claim_of_the_heirs_in_korea(coop, now) -> None:
    """Art. 24 (2): death is leaving; art. 26: the claim is of the next fiscal year."""
    give(4, 3, now)
    death.name(person(4), **TO, now=now)
    (claim,) = death.died(person(4), now.date(), now=now)
    assert death.died(person(4), now.date(), now=now) == [claim]
    assert (claim.origin, claim.amount, claim.due_on.isoformat()) == ("death", 30_000, "2027-01-01")
    assert membership(4).state == "left" and not members.offices_of(person(4), now)
    told = death.entitled(claim)
    assert (told.to_named, told.to_estate, told.named.name) == (0, 30_000, "Kim Daughter") and "24" in told.bound.citation
    assert Notice.objects.filter(person=person(2), message="capital.death").count() == 1
    assert not Notice.objects.filter(person=person(4), message__startswith="members.").exclude(message="members.active").filter(at__gte=now).filter(
        message__in=["members.left", "members.term_ended"]
    ).exists()
    sound()


def test_a_british_nomination_holds_for_five_thousand_pounds(db, now) -> None:
    """CCBS Act 2014, s. 37 (4)."""
    british(now, cap="100%")
    give(4, 7_200, now)
    death.name(person(4), **TO, now=now)
    named, estate = sorted(death.died(person(4), now.date(), now=now), key=lambda one: one.heir != "nominee")
    assert (named.heir, named.amount, estate.heir, estate.amount) == ("nominee", 500_000, "estate", 220_000)
    told = death.entitled(named)
    assert (told.to_named, told.to_estate) == (500_000, 0) and "37 (4)" in told.bound.citation and death.entitled(estate).to_named == 0
    assert {one.pk for one in death.died(person(4), now.date(), now=now)} == {named.pk, estate.pk}  # twice is once
    Claim.objects.create(membership=named.membership, origin="death", account=named.account, amount=1, unit="GBP", made_at=now, due_on=date(2030, 1, 1))
    assert death.entitled(Claim.objects.get(amount=1)).to_named == 0
    Claim.objects.filter(amount=1).delete()
    later = now + timedelta(days=120)
    for one in (named, estate):  # each is paid on its own
        withdrawals.pay(one, by=person(2), now=later)
    assert sorted(Payout.objects.values_list("amount", flat=True)) == [220_000, 500_000]
    sound()


def test_an_officer_or_employee_is_named_by_family_only(db, now) -> None:
    """CCBS Act 2014, s. 37 (3)."""
    british(now)
    for more in ({"officer": True}, {"contact": "Ann, f1@example.org"}):
        with pytest.raises(Refused) as no, transaction.atomic():
            death.name(person(4), **{**TO, "relation": "other", **more}, now=now)
        assert no.value.code == "officer" and "37 (3)" in str(no.value.message)
    assert not Nomination.objects.exists()
    death.name(person(4), **{**TO, "relation": "nephew-niece"}, officer=True, now=now)
    death.name(person(4), **{**TO, "relation": "other"}, now=now)
    with pytest.raises(Refused) as no, transaction.atomic():
        death.name(person(4), **{**TO, "relation": "friend"}, now=now)
    assert no.value.code == "relation"


def test_in_korea_no_law_says_so(coop, now) -> None:
    death.name(person(4), **{**TO, "relation": "other"}, officer=True, now=now)
    assert death.named_by(person(4)).officer


def test_nobody_signs_in_as_someone_who_has_died(coop, now, client_for, monkeypatch) -> None:
    monkeypatch.setattr("madang.coop.law.clock.now", lambda: now)
    me, token = client_for(person(4)), tokens.make_key(person(4), "phone", now=now)[1]
    assert me.get("/shares/named/").status_code == 200
    assert me.get("/api/capital/shares", headers={"Authorization": f"Bearer {token}"}).status_code == 200
    death.died(person(4), now.date(), now=now)
    assert me.get("/shares/named/").status_code in (302, 404)
    assert Client().get("/api/capital/shares", headers={"Authorization": f"Bearer {token}"}).status_code in (401, 403)
    gone = person(4)
    assert not gone.is_active and gone.email and gone.name and not gone.tokens.exists()  # what the books know of them stays


def test_without_a_name_it_is_the_estates(db, now) -> None:
    british(now)
    give(4, 10, now)
    (claim,) = death.died(person(4), now.date(), now=now)
    assert (death.entitled(claim).to_named, death.entitled(claim).to_estate) == (0, 1000)


def test_the_pages(coop, now, client_for, monkeypatch) -> None:
    monkeypatch.setattr("madang.coop.law.clock.now", lambda: now)
    give(4, 3, now)
    me, treasurer, other = client_for(person(4)), client_for(person(2)), client_for(person(5))
    assert me.post("/shares/named/", {**TO, "officer": "no"}).status_code == 302
    assert "Kim Daughter" in me.get("/shares/named/").content.decode()
    assert "Kim Daughter" not in other.get("/shares/named/").content.decode() + treasurer.get("/shares/claims/").content.decode()
    assert other.get("/shares/death/").status_code == 404
    death.died(person(4), now.date(), now=now)
    page = treasurer.get("/shares/claims/").content.decode()
    assert "Kim Daughter" in page and "12 Hill Road" in page
    board = client_for(person(1)).get("/shares/claims/")
    assert board.status_code == 404  # the Korean law lets the board hold nothing, so there is nothing for it here
