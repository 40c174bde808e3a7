"""Telling people: tasks that open and close, lines in an inbox, mail for what is urgent."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from madang.coop import once
from madang.coop.notices import mail, texts
from madang.coop.notices.models import Notice, Task
from madang.coop.people.models import Person
from madang.kit.errors import Missing


@transaction.atomic(savepoint=False)  # part of what it tells about: they stand or fall together
def open_task(
    person: Person, key: str, message: str, *, url: str = "", params: Mapping[str, Any] | None = None, due_at: datetime | None = None, now: datetime
) -> Task:
    """Put something on a person's "what needs me": once for one (person, key) while it is open.

    ``message`` is the key of a declared ``Message``; when that is urgent, a mail goes out with it, once. ``url`` is a path of
    this site, ``params`` fill the text's placeholders (``datetime``, ``date``, {language: text} and ``texts.money(…)`` are
    shown as the reader would write them). Opening it again changes nothing but the due date. After it was closed, it opens anew.
    """
    packed, urgent = texts.pack(params), texts.is_urgent(message)
    new = Task(person=person, key=key, message=message, params=packed, url=url, urgent=urgent, due_at=due_at, opened_at=now)
    if once.insert(new):
        if urgent:
            mail.write(person, message, params=packed, url=url, now=now)
        return new
    task = Task.objects.get(person=person, key=key, closed_at=None)
    if task.due_at != due_at:
        task.due_at = due_at
        task.save(update_fields=["due_at"])
    return task


@transaction.atomic(savepoint=False)  # part of what it tells about: they stand or fall together
def redate_task(key: str, *, due_at: datetime, params: Mapping[str, Any], now: datetime) -> int:
    """A deadline moved: everyone who still has this task sees the new one. How many do. No mail goes out."""
    return Task.objects.filter(key=key, closed_at=None).update(due_at=due_at, params=texts.pack(params))


@transaction.atomic(savepoint=False)  # part of what it tells about: they stand or fall together
def close_task(key: str, now: datetime, person: Person | None = None) -> int:
    """It no longer needs anyone (or no longer needs ``person``). How many were closed; closing twice closes none."""
    tasks = Task.objects.filter(key=key, closed_at=None)
    if person is not None:
        tasks = tasks.filter(person=person)
    return tasks.update(closed_at=now)


@transaction.atomic(savepoint=False)  # part of what it tells about: they stand or fall together
def close_tasks(person: Person, messages: Collection[str], now: datetime) -> int:
    """Nothing of these kinds needs this person any more: an office was laid down. How many tasks were closed."""
    return Task.objects.filter(person=person, message__in=messages, closed_at=None).update(closed_at=now)


@transaction.atomic(savepoint=False)  # part of what it tells about: they stand or fall together
def tell(person: Person, message: str, *, url: str = "", params: Mapping[str, Any] | None = None, now: datetime) -> Notice:
    """One line in the person's inbox, and a mail when the message is urgent. See ``open_task`` for the parameters."""
    packed, urgent = texts.pack(params), texts.is_urgent(message)
    notice = Notice.objects.create(person=person, message=message, params=packed, url=url, urgent=urgent, at=now)
    if urgent:
        mail.write(person, message, params=packed, url=url, now=now)
    return notice


@transaction.atomic(savepoint=False)  # part of what it tells about: they stand or fall together
def tell_all(people: Collection[Person], message: str, *, url: str = "", params: Mapping[str, Any] | None = None, now: datetime) -> None:
    """The same line in the inbox of many, in few statements. See ``tell``."""
    packed, urgent = texts.pack(params), texts.is_urgent(message)
    made = [Notice(person=person, message=message, params=packed, url=url, urgent=urgent, at=now) for person in people]
    Notice.objects.bulk_create(made, batch_size=1000)
    for person in people if urgent else ():
        mail.write(person, message, params=packed, url=url, now=now)


@transaction.atomic
def mark_read(person: Person, *, notice_id: UUID | None = None, now: datetime) -> int:
    """The person has read one notice, or all of them. How many were new to them. Raises ``Missing`` for another's notice."""
    notices = Notice.objects.filter(person=person)
    if notice_id is not None:
        notices = notices.filter(pk=notice_id)
        if not notices.exists():
            raise Missing
    return notices.filter(read_at=None).update(read_at=now)
