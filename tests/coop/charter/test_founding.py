"""Founding: all of it or nothing, once, and open when the founders the law asks for have accepted and paid."""

from __future__ import annotations

import pytest

from madang.coop.people.models import Person

pytestmark = pytest.mark.django_db


def test_the_fixture_is_an_open_co_op(coop, now):
    from madang.coop.members import queries

    assert coop.state == "open"
    assert queries.members_count(now) == 5
    assert queries.holds(Person.objects.get(email="f1@example.org"), "coordinator", now)
