"""The register says how many shares a member had on a day."""

from __future__ import annotations

from datetime import timedelta

import pytest

from madang.coop.capital.actions import buy_shares
from madang.coop.capital.hooks import register_columns
from madang.coop.members.models import Membership
from madang.coop.payments import sandbox

pytestmark = pytest.mark.django_db


def test_shares_as_at_a_day(coop, now):
    mine, other = Membership.objects.filter(member_class__key="worker").order_by("pk")[:2]
    for days, who in ((1, mine), (3, other)):
        moment = now + timedelta(days=days)
        sandbox.pay(buy_shares(who, 1, who.person, now=moment), now=moment)
    (column,) = register_columns
    told = [column.values([mine, other], now + timedelta(days=days)) for days in (0, 2, 4)]
    assert told == [{}, {mine.pk: "1"}, {mine.pk: "1", other.pk: "1"}]
