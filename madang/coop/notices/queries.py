"""What a person is asked and was told; what an operator must look at."""

from __future__ import annotations

from django.db.models import Count, F, Q, QuerySet

from madang.coop.notices.models import Mail, Notice, Task
from madang.coop.people.models import Person

NEEDS_MAX = 100


def needs_me(person: Person) -> list[Task]:
    """The person's open tasks, urgent ones first, then by due date, then oldest first; at most 100. One query."""
    tasks = Task.objects.filter(person=person, closed_at=None).order_by("-urgent", F("due_at").asc(nulls_last=True), "opened_at")
    return list(tasks[:NEEDS_MAX])


def inbox(person: Person) -> QuerySet[Notice]:
    """What the person was told, newest first; the page cuts it."""
    return Notice.objects.filter(person=person).order_by("-at", "-pk")


def counts(person: Person) -> tuple[int, int]:
    """(open tasks, unread notices), for the frame around each page. Two queries on partial indexes."""
    return (
        Task.objects.filter(person=person, closed_at=None).count(),
        Notice.objects.filter(person=person, read_at=None).count(),
    )


def outbox() -> QuerySet[Mail]:
    """All mail kept here, newest first; the page cuts it."""
    return Mail.objects.order_by("-written_at", "-pk")


def unsent() -> dict[str, int]:
    """How many mails wait and how many the mail server refused. One query."""
    return Mail.objects.aggregate(waiting=Count("pk", filter=Q(state=Mail.WAITING)), failed=Count("pk", filter=Q(state=Mail.FAILED)))
