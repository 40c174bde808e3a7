"""Offers of every course: scaled back, matched, decided on by members, applied for in the browser; and random ones, where no money is ever lost."""

from __future__ import annotations

from uuid import UUID

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from madang.coop.capital import limits
from madang.coop.capital.offers import applying, hooks, opening, queries
from madang.coop.capital.offers.models import Application, Offer
from madang.coop.decisions import actions as decisions
from madang.coop.ledger import checks
from madang.coop.members.models import Membership
from madang.coop.payments.models import Refund
from madang.coop.people.models import Person
from madang.kit.errors import Refused
from tests.coop.capital.offers import life
from tests.coop.capital.offers.life import DAY, POUND, capital, draft, founded, held, invest, opened, organisation, person, secretary, shares_of, sweep, uk

pytestmark = pytest.mark.django_db
START, NOW = uk(2019, 6, 1), uk(2019, 6, 12)


@pytest.fixture(autouse=True)
def after_commit(monkeypatch):
    """What is told after the commit is told at once, as in life."""
    monkeypatch.setattr(transaction, "on_commit", lambda func, using=None, robust=False: func())


@pytest.fixture
def society(db):
    return founded(START)


def funder():
    """An organisation that is a member and puts in as much as all others together."""
    from madang.coop.members import actions as members

    there, who = organisation("booster", START)
    return there, who, members.apply(there, "backer", by=who, paid=True, now=START)


def back() -> int:
    return sum(one.amount for one in Refund.objects.filter(state="done"))


def test_a_draft_sent_twice_is_one(society):
    """A second click on "keep", or a lost answer: one draft, with the newer words; nobody else's key is taken for one's own."""
    key = UUID(int=7)
    first = draft(START, key=key)
    again = draft(START, key=key, title={"en": "Better named"})
    assert first.pk == again.pk == key and Offer.objects.get().title == {"en": "Better named"}
    Offer.objects.update(author=person(1, START))
    with pytest.raises(Refused) as no, transaction.atomic():
        draft(START, key=key)
    assert no.value.code == "key-used"
    Offer.objects.update(author=secretary())
    opening.open_by_board(again, secretary(), now=START)
    assert draft(START, key=key, minimum=200_000 * POUND).minimum == 100_000 * POUND  # it is open: its terms stand


def test_keep_clicked_twice_keeps_one_draft(society, client_for, monkeypatch):
    monkeypatch.setattr("madang.coop.law.clock.now", lambda: NOW)
    browser = client_for(secretary())
    page = browser.get("/shares/offers/new/")
    assert page.content.count(b'name="key"') == 1
    terms = {
        "key": page.context["form"].initial["key"], "kind": "time-bound", "person_class": life.kind("investor").pk, "opens_on": "2019-06-12",
        "closes_on": "2019-08-14", "oversubscribed": "first-come", "minimum": "100000", "title_en": "Care", "document_en": life.document()["en"],
    }  # fmt: skip
    places = {browser.post("/shares/offers/new/", terms).url for _click in range(2)}
    assert places == {f"/shares/offers/{Offer.objects.get().pk}/"}


def test_scaled_back_in_proportion_and_the_rest_returned(society):
    offer = opened(START, oversubscribed="scaled", minimum=1_000 * POUND, optimum=0, maximum=2_000 * POUND, extension_days=0)
    for number, pounds in ((1, 2_000), (2, 1_000), (3, 100)):
        invest(offer, person(number, NOW), pounds, NOW)
    sweep(NOW)
    assert capital() == 0 and held() == 3_100 * POUND  # nobody knows yet how many shares there are for each
    sweep(offer.ends_at)
    assert capital() == 2_000 * POUND and back() == 1_100 * POUND and held() == 0
    assert shares_of(person(3, NOW)) == 100 * POUND and 1_200 * POUND < shares_of(person(1, NOW)) < 1_300 * POUND
    assert Offer.objects.get().state == "completed" and checks.balances_equal_sums() == hooks.checks[0].find() == []


@pytest.mark.parametrize(("others", "matched"), [(400, 400), (499, 0), (700, 500)])
def test_a_match_funder_puts_in_as_much_as_all_others(society, others, matched):
    there, who, membership = funder()
    offer = opened(START, minimum=800 * POUND if others != 499 else 1_000 * POUND, optimum=0, maximum=2_000 * POUND, match_holder=membership,
                   match_cap=500 * POUND, extension_days=0)  # fmt: skip
    with pytest.raises(Refused):
        applying.apply(offer, 501, who, holder=there, now=NOW)
    invest(offer, who, 500, NOW, holder=there)
    assert queries.standing(offer, NOW).raised == 0
    invest(offer, person(1, NOW), others, NOW)
    sweep(offer.ends_at)
    offer.refresh_from_db()
    assert offer.state == ("completed" if matched else "returned")
    assert limits.held(there, "GBP") == matched * POUND and capital() == (others + matched if matched else 0) * POUND
    assert back() == (500 - matched if matched else 999) * POUND and held() == 0


def test_a_draft_is_not_opened_while_the_document_is_silent(society):
    one = draft(START, document={"en": "# Us\n\nYou could lose all your money."})
    with pytest.raises(Refused) as no:
        opening.open_by_board(one, secretary(), now=START)
    assert no.value.code == "document" and "Community Shares Handbook" in str(no.value.message)
    assert "total-loss" not in {each.statement for each in opening.missing(one, START)} and len(opening.missing(one, START)) == 7
    with pytest.raises(Refused) as no:
        opening.open_by_board(draft(START), person(1, START), now=START)
    assert no.value.code == "duty"


def test_in_korea_the_members_decide(coop, now):
    """The draft is fixed while they discuss it, and opens by itself when it passes."""
    chair = Person.objects.get(email="f1@example.org")
    words = "\n\n".join(one.example["ko"] for one in life.STATEMENTS.values())
    own = Membership.objects.select_related("member_class").get(person=chair)
    terms = {"kind": "open", "opens_at": now, "closes_at": None, "person_class": own.member_class, "organisation_class": None}
    offer = opening.write(chair, title={"ko": "상시 출자"}, document={"ko": words}, now=now, **terms)
    with pytest.raises(Refused) as no:
        opening.open_by_board(offer, chair, now=now)
    assert no.value.code == "decide"
    proposal = decisions.draft(chair, "share_offer", "Let us", details={"offer": str(offer.pk)}, now=now)
    proposal = decisions.open_discussion(proposal, chair, now=now)
    offer.refresh_from_db()
    assert offer.state == "proposed"
    with pytest.raises(Refused):
        opening.write(chair, title={"ko": "다른 모집"}, document={"ko": words}, offer=offer, now=now, **terms)
    proposal = decisions.open_voting(proposal, now=proposal.opens_at)
    for number in range(1, 6):
        decisions.cast(proposal, Person.objects.get(email=f"f{number}@example.org"), "for", now=proposal.opens_at)
    proposal = decisions.close(proposal, now=proposal.closes_at)
    proposal = decisions.take_effect(proposal, now=proposal.effect_at)
    offer.refresh_from_db()
    assert (proposal.state, offer.state, offer.proposal_id) == ("in_force", "open", proposal.pk)


def test_in_the_browser_and_for_programs(society, client_for, monkeypatch):
    monkeypatch.setattr("madang.coop.law.clock.now", lambda: NOW)
    offer, who = opened(START), person(1, NOW)
    browser, page = client_for(who), f"/shares/offers/{offer.pk}/"
    assert client_for(None).get(page).status_code == client_for(None).get("/shares/offers/").status_code == 200
    for amount, code in (("99", 422), ("100.50", 422), ("40000", 422), ("ten", 422), ("500", 302)):
        answer = browser.post(page, {"amount": amount, "read": "on"})
        assert answer.status_code == code, answer.content
    assert answer["Location"].startswith("/pay/") and browser.get(answer["Location"]).status_code == 200
    assert browser.post(page, {"amount": "500"}).status_code == 422  # the risks were not read
    assert client_for(secretary()).get(page).status_code == 200 and browser.get(f"{page}edit/").status_code == 404
    told = browser.get("/api/capital/applications").json()
    assert [(one["shares"], one["state"]) for one in told] == [(500, "asked")]
    assert client_for(None).get("/api/capital/offers").json()[0]["minimum"] == 100_000 * POUND
    sent = browser.post("/api/capital/applications", {"offer": str(offer.pk), "shares": 100}, content_type="application/json")
    assert sent.status_code == 200 and sent.json()["pay_at"].startswith("/pay/")


WISHES = st.lists(st.tuples(st.integers(1, 4), st.integers(100, 900)), min_size=1, max_size=6)


@given(WISHES, st.sampled_from(["first-come", "scaled", "smallest-first"]), st.integers(2, 12))
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_in_any_offer_money_is_conserved_and_limits_hold(society, wishes, how, hundreds):
    with transaction.atomic():
        offer = opened(START, oversubscribed=how, minimum=500 * POUND, optimum=0, maximum=max(5, hundreds) * 100 * POUND, most_person=1_000 * POUND,
                       extension_days=0)  # fmt: skip
        paid = 0
        for number, (who, pounds) in enumerate(wishes):
            try:
                paid += invest(offer, person(who, NOW), pounds, NOW + number * DAY).amount
            except Refused as no:
                assert no.code in ("terms", "full", "count")
        sweep(offer.ends_at)
        offer.refresh_from_db()
        assert held() == 0 and capital() + back() == paid
        assert capital() <= offer.maximum and all(shares_of(person(who, NOW)) <= 1_000 * POUND for who, _pounds in wishes)
        assert (offer.state == "returned") == (paid < offer.minimum) and (capital() == 0) == (offer.state == "returned")
        assert all(one.state in ("issued", "returned") for one in Application.objects.filter(offer=offer))
        assert checks.units_sum_to_zero() == checks.holds_match() == hooks.checks[0].find() == []
        transaction.set_rollback(True)
