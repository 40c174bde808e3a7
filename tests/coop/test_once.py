"""A row is written once, whoever else asks for it, and what it holds comes back as it went in."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from madang.coop import once
from madang.coop.ledger.models import Account
from madang.coop.notices.models import Task
from madang.coop.payments.models import SandboxEvent
from madang.coop.people.models import Person


@pytest.mark.django_db
def test_one_statement_writes_the_row_and_finds_its_automatic_key() -> None:
    new = Account(kind="payable", owner="person:1", unit="KRW")
    with CaptureQueriesContext(connection) as seen:
        assert once.insert(new)
    assert len(seen) == 1 and not new._state.adding
    assert Account.objects.get(kind="payable", owner="person:1", unit="KRW").pk == new.pk
    second = Account(kind="payable", owner="person:1", unit="KRW")
    assert not once.insert(second) and second.pk is None and second._state.adding
    assert Account.objects.filter(owner="person:1").count() == 1


@pytest.mark.django_db
def test_json_foreign_keys_and_nothing_are_kept_as_they_are() -> None:
    at = datetime(2026, 3, 1, 12, tzinfo=UTC)
    person = Person.objects.create_user("a@example.org")
    task = Task(person=person, key="k", message="m", params={"이름": ["값", 1, None]}, opened_at=at)
    assert once.insert(task)
    kept = Task.objects.get(pk=task.pk)
    assert (kept.person, kept.params, kept.due_at, kept.opened_at, kept.urgent) == (person, {"이름": ["값", 1, None]}, None, at, False)
    assert not once.insert(Task(person=person, key="k", message="other", opened_at=at)), "open once: a partial unique index counts too"
    kept.closed_at = at
    kept.save()
    assert once.insert(Task(person=person, key="k", message="again", opened_at=at))
    assert once.insert(SandboxEvent(event_id="e", ref="r", deliver_at=at, body={}))
    assert not once.insert(SandboxEvent(event_id="e", ref="s", deliver_at=at, body={}))


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_one_writes_and_all_see_its_row() -> None:
    start = Barrier(4)

    def write(_number: int) -> tuple[bool, int]:
        try:
            with transaction.atomic():
                start.wait(10)
                made = once.insert(Account(kind="payable", owner="person:9", unit="KRW"))
                return made, Account.objects.get(owner="person:9").pk
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(write, range(4)))
    assert sorted(made for made, _pk in found) == [False, False, False, True] and len({pk for _made, pk in found}) == 1
