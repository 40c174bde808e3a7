"""What a rail is still to be asked: it said that something changed, and what it says of the thing itself is what counts."""

from __future__ import annotations

import logging
from datetime import datetime

from django.db import transaction
from django.db.models import F

from madang.coop import once
from madang.coop.payments import disputes, payees
from madang.coop.payments.models import Question
from madang.coop.payments.waits import wait
from madang.rails.payments import RailError

log = logging.getLogger(__name__)


def note(rail: str, about: str, ref: str, *, now: datetime) -> None:
    """Keep the question, and ask after the commit; what is not answered is asked again. Inside the caller's transaction."""
    if not once.insert(Question(rail=rail, about=about, ref=ref, ask_at=now)):
        Question.objects.filter(rail=rail, about=about, ref=ref).update(ask_at=now, attempts=0, news=F("news") + 1)
    kept = Question.objects.get(rail=rail, about=about, ref=ref)
    transaction.on_commit(lambda: ask(kept, now=now))


def ask(question: Question, *, now: datetime) -> None:
    """Ask, outside any transaction, and book the answer. A question that news came to meanwhile stays open."""
    try:
        if question.about == "dispute":
            known = disputes.look(question.rail, question.ref, now=now)
        else:
            payees.look(question.ref, now=now)
            known = True
    except RailError as error:
        log.warning("%s %s at %s: no answer: %s", question.about, question.ref, question.rail, error)
        return
    if known:
        Question.objects.filter(pk=question.pk, news=question.news).update(ask_at=None, attempts=0)


def find(now: datetime, limit: int) -> list[str]:
    """Questions that are due."""
    return [str(key) for key in Question.objects.filter(ask_at__lte=now).order_by("ask_at").values_list("pk", flat=True)[:limit]]


def again(key: str, *, now: datetime) -> None:
    """Note the try, then ask after the commit."""
    row = Question.objects.select_for_update().get(pk=key)
    if row.ask_at is None:
        return
    row.ask_at, row.attempts = now + wait(row.attempts), row.attempts + 1
    row.save(update_fields=["ask_at", "attempts"])
    transaction.on_commit(lambda: ask(row, now=now))
