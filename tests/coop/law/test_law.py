"""The co-op's row, read once and never stale; law as dated data."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from madang.coop import law
from madang.coop.law import actions, clock, profiles
from madang.coop.law.models import Coop
from madang.kit.errors import Missing, Refused


class TestProfiles:
    @pytest.mark.parametrize("key", profiles.keys())
    def test_every_bound_is_complete(self, key):
        profile = profiles.profile(key)
        assert set(profile.title) == set(profile.about) == {"ko", "en"}
        for bound in profile.bounds:
            assert bound.since and bound.citation and bound.url.startswith("https://") and set(bound.text) == {"ko", "en"}
            assert set(bound.note) in (set(), {"ko", "en"})
            assert type(bound.value) is type(profiles.UNBOUNDED[bound.name]) or isinstance(bound.value, Fraction)
        assert len({(bound.name, bound.since) for bound in profile.bounds}) == len(profile.bounds)

    def test_korea(self):
        general, social, day = profiles.profile("kr-general"), profiles.profile("kr-social"), date(2026, 3, 2)
        assert general.bound("founders.min", day).number() == 5 and "art. 15" in general.bound("founders.min", day).citation
        assert general.bound("share.max_fraction", day).fraction() == Fraction(3, 10)
        assert general.bound("reserve.legal.min_fraction", day).fraction() == Fraction(1, 10)
        assert social.bound("reserve.legal.min_fraction", day).fraction() == Fraction(3, 10)
        assert general.bound("dividend.allowed", day).yes() and not social.bound("dividend.allowed", day).yes()

    def test_a_bound_is_the_one_of_its_day(self):
        """The legal reserve was measured by own capital until July 2014, by paid-in capital since."""
        base = profiles.profile("kr-general").bound
        assert base("reserve.legal.until_base", date(2014, 7, 21)).value == "own-capital"
        assert base("reserve.legal.until_base", date(2014, 7, 22)).value == "paid-in"
        assert base("founders.min", date(2012, 11, 30)).since is None  # before the Act
        assert base("reserve.legal.until_base", datetime(2014, 7, 22, tzinfo=UTC)).value == "paid-in"

    def test_a_bound_that_ended_holds_no_longer(self):
        """The uniform price of a share stood in the Act from the day its amendment was promulgated; the British limit was raised on 6 April 2014."""
        uniform, most = profiles.profile("kr-general").bound, profiles.profile("uk-coop").bound
        assert uniform("share.uniform_price", date(2014, 1, 20)).since is None and uniform("share.uniform_price", date(2014, 1, 21)).yes()
        assert most("share.max_amount", date(2014, 4, 5)).number() == 20_000 and most("share.max_amount", date(2014, 4, 6)).number() == 100_000
        assert "1965" in most("share.max_amount", date(2014, 4, 5)).citation
        assert all(one.until is None or one.until > one.since for key in profiles.keys() for one in profiles.profile(key).bounds)

    def test_what_is_only_recommended_says_so(self):
        society = profiles.profile("uk-cbs")
        assert society.bound("withdrawal.yearly_max_fraction", date(2026, 1, 1)).guidance and not society.bound("share.max_amount", date(2026, 1, 1)).guidance
        assert {one.name for one in profiles.profile("kr-general").bounds if one.guidance} == {"offer.statements"}

    def test_no_law_no_bound_and_no_such_name(self):
        plain = profiles.profile("plain")
        assert plain.bound("founders.min", date(2026, 1, 1)).number() == 1 and plain.in_force(date(2026, 1, 1)) == []
        with pytest.raises(Missing):
            plain.bound("founders.minimum", date(2026, 1, 1))
        with pytest.raises(Missing):
            profiles.profile("xx")
        with pytest.raises(TypeError):
            plain.bound("dividend.allowed", date(2026, 1, 1)).number()
        with pytest.raises(TypeError):
            plain.bound("losses.order", date(2026, 1, 1)).fraction()
        with pytest.raises(TypeError):
            plain.bound("founders.min", date(2026, 1, 1)).yes()


@pytest.mark.django_db
class TestTheRow:
    def test_nothing_before_founding(self):
        assert law.coop_or_none() is None
        for ask in (law.coop, law.require_open):
            with pytest.raises(Missing):
                ask()

    def test_read_once_and_fresh_after_any_write(self, coop):
        law.forget()
        with CaptureQueriesContext(connection) as ran:
            for _ in range(5):
                law.coop()
        assert len(ran) == 1
        Coop.objects.update(slug="other")
        assert law.coop().slug == "other"
        row = Coop.objects.get()
        row.slug = "third"
        row.save()
        assert law.coop().slug == "third"

    def test_a_rollback_forgets(self, coop):
        law.coop()
        with transaction.atomic():
            Coop.objects.update(slug="undone")
            assert law.coop().slug == "undone"
            transaction.set_rollback(True)
        assert law.coop().slug == "little-yard"

    def test_one_row_only_and_a_real_clock(self, coop):
        with pytest.raises(IntegrityError), transaction.atomic():
            Coop.objects.update(demo=False, clock_offset=timedelta(hours=1))
        with pytest.raises(IntegrityError), transaction.atomic():
            Coop.objects.update(state="forming")
        with pytest.raises(IntegrityError), transaction.atomic():
            Coop.objects.update(voters="some")

    def test_the_clock_of_a_demo(self, coop, now):
        before = clock.now()
        actions.move_clock(timedelta(days=7), now=now)
        actions.move_clock(timedelta(hours=1), now=now)
        assert timedelta(days=7, hours=1) <= clock.now() - before < timedelta(days=7, hours=1, minutes=1)
        for step in (timedelta(days=-1), timedelta(days=4000)):
            with pytest.raises(Refused):
                actions.move_clock(step, now=now)
        Coop.objects.update(demo=False, clock_offset=None)
        with pytest.raises(Refused) as no:
            actions.move_clock(timedelta(hours=1), now=now)
        assert no.value.code == "clock_is_real"

    def test_a_request_reads_the_row_once(self, coop, client_for):
        with CaptureQueriesContext(connection) as ran:
            client_for(None).get("/law/")
        assert sum("law_coop" in query["sql"] for query in ran.captured_queries) == 1


@pytest.mark.django_db(transaction=True)
def test_outside_transactions_the_row_is_always_fresh(coop):
    law.coop()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE law_coop SET slug = 'elsewhere'")
    assert law.coop().slug == "elsewhere"
    with transaction.atomic():
        assert law.coop().slug == "elsewhere"
    with connection.cursor() as cursor:
        cursor.execute("UPDATE law_coop SET slug = 'again'")
    assert law.coop().slug == "again"
