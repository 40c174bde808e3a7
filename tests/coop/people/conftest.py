"""People to test with."""

import pytest

from madang.coop.people import actions


@pytest.fixture
def mina(db, now):
    return actions.register("mina@example.org", "Mina", language="ko", time_zone="Asia/Seoul", confirmed=True, now=now)


@pytest.fixture
def joe(db, now):
    return actions.register("joe@example.org", "Joe", language="en", time_zone="America/New_York", confirmed=True, now=now)
