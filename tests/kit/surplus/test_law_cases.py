"""The table of cases, held against the profiles as they stand."""

from __future__ import annotations

from datetime import timedelta

import pytest

from madang.coop.law import profiles
from madang.kit.errors import Refused
from madang.kit.surplus import Forbidden, Law, Use, Year, check, withdrawal
from tests.kit.surplus.law_cases import LEAVING, NOW, USES


def law_of(key, at=NOW):
    profile = profiles.profile(key)
    return Law.of(lambda name: profile.bound(name, at))


def test_the_table_is_long_enough():
    assert len(USES) + len(LEAVING) >= 60 and len({case.name for case in [*USES, *LEAVING]}) == len(USES) + len(LEAVING)


@pytest.mark.parametrize("case", USES, ids=lambda case: f"{case.profile}: {case.name}")
def test_a_use_of_the_year(case):
    year, law = Year(*case.year, own_capital=case.own_capital), law_of(case.profile, case.at)
    if not case.says:
        check(year, law, Use(**case.made))
        return
    with pytest.raises(Refused) as no:
        check(year, law, Use(**case.made))
    assert no.value.code == case.says
    if case.article:
        assert isinstance(no.value, Forbidden) and case.article in no.value.article
        for lang in ("ko", "en"):
            assert no.value.article in no.value.said(lang) and "{" not in no.value.said(lang)


@pytest.mark.parametrize("case", [case for case in USES if not case.says and case.article], ids=lambda case: f"{case.profile}: {case.name}")
def test_the_article_is_one_the_profile_cites(case):
    assert any(case.article in bound.citation for bound in profiles.profile(case.profile).in_force(case.at))


@pytest.mark.parametrize("way", LEAVING, ids=lambda way: f"{way.profile}: {way.name}")
def test_leaving(way):
    bound = profiles.profile(way.profile).bound
    from_, years, by = bound("leaving.refund_from", NOW), bound("leaving.claim_lapses_years", NOW).number(), bound("leaving.valued_by", NOW)
    due = withdrawal.due_on(way.left_on, str(from_.value), way.begins)
    assert due == way.due and withdrawal.lapses_on(due, years) == way.lapses
    assert withdrawal.worth(way.held, withdrawal.Sheet(*way.sheet), str(by.value)) == way.worth
    assert not way.article or any(way.article in one.citation for one in profiles.profile(way.profile).in_force(NOW))
    if way.lapses:
        withdrawal.require_claim(due, years, way.lapses - timedelta(days=1))
        for day, code in ((due - timedelta(days=1), "too-early"), (way.lapses, "lapsed")):
            with pytest.raises(Refused) as no:
                withdrawal.require_claim(due, years, day)
            assert no.value.code == code
