"""What notices adds to the house."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.utils import translation
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from madang.coop.notices import mail as mails
from madang.coop.notices import texts
from madang.coop.notices.models import Failure, Mail, Notice, Task
from madang.coop.people.models import Person
from madang.kit.house import DueWork, NavItem, Persona, Personal

SECRETS_KEPT, MAIL_KEPT, TOLD_KEPT = timedelta(days=3), timedelta(days=90), timedelta(days=730)
BATCH = 5_000

navigation = [
    NavItem(_("What needs me"), "notices:me", order=10, audience="person"),
    NavItem(_("Inbox"), "notices:inbox", order=80, audience="person"),
    NavItem(_("Operator's page"), "notices:operator", order=95, audience="operator"),
]


def _the_operator() -> Person | None:
    return Person.objects.filter(is_operator=True).order_by("created_at").first()


personas = [Persona("operator", pgettext_lazy("persona", "the operator"), _the_operator, "/operator/", 60)]


def _old(now: datetime) -> dict[str, QuerySet[Any]]:
    return {
        "mail with a sign-in code": Mail.objects.filter(secret=True, written_at__lt=now - SECRETS_KEPT),
        "mail": Mail.objects.filter(written_at__lt=now - MAIL_KEPT).exclude(state=Mail.WAITING),
        "notices": Notice.objects.filter(at__lt=now - TOLD_KEPT),
        "closed tasks": Task.objects.filter(closed_at__lt=now - TOLD_KEPT),
    }


def _find_old(now: datetime, limit: int) -> list[str]:
    return [name for name, rows in _old(now).items() if rows.exists()][:limit]


def _forget_old(key: str, *, now: datetime) -> None:
    rows = _old(now)[key]
    rows.model._default_manager.filter(pk__in=list(rows.values_list("pk", flat=True)[:BATCH])).delete()


due = [DueWork("notices.forget", _find_old, _forget_old)]


def _export(person: Person) -> list[dict[str, Any]]:
    tasks = Task.objects.filter(person=person).order_by("opened_at")
    notices = Notice.objects.filter(person=person).order_by("at")
    mails = Mail.objects.filter(person=person, secret=False).order_by("written_at")
    return [
        *({"kind": "task", "title": t.title, "opened_at": t.opened_at, "due_at": t.due_at, "closed_at": t.closed_at} for t in tasks),
        *({"kind": "notice", "title": n.title, "body": n.body, "at": n.at, "read_at": n.read_at} for n in notices),
        *({"kind": "mail", "to": m.to, "subject": m.subject, "text": m.text, "written_at": m.written_at} for m in mails),
    ]


def _unname(person: Person) -> None:
    """Take the person's name out of what others were told. Three scans, of what is kept two years at most."""
    who = str(person.pk)
    told: tuple[QuerySet[Any], ...] = (Task.objects.all(), Notice.objects.all())
    for rows in told:
        for one in rows.annotate(words=Cast("params", TextField())).filter(words__contains=who):
            rows.filter(pk=one.pk).update(params=texts.without(one.params, who))
    for mail in Mail.objects.filter(named__has_key=who):
        with translation.override(mail.language):
            name, nobody = mail.named.pop(who), gettext("Someone who left")
        mail.subject, mail.text = mail.subject.replace(name, nobody)[: mails.SUBJECT_MAX], mail.text.replace(name, nobody)[: mails.TEXT_MAX]
        mail.save(update_fields=["subject", "text", "named"])


@transaction.atomic
def _erase(person: Person, *, now: datetime) -> None:
    _unname(person)
    Task.objects.filter(person=person).delete()
    Notice.objects.filter(person=person).delete()
    Mail.objects.filter(Q(person=person) | Q(to=person.email or "")).delete()
    named = Q(trace__contains=str(person.pk)) | Q(last_error__contains=str(person.pk))
    for word in filter(None, (person.email, person.name)):
        named |= Q(trace__icontains=word) | Q(last_error__icontains=word)
    Failure.objects.filter(named).update(trace="", last_error="—")


personal = [
    Personal(
        "notices", _export, _erase,
        _("Mail for 90 days, the inbox for two years. Erased with you, and your name is taken out of what others were told."),
        ("notices.Task", "notices.Notice", "notices.Mail", "notices.Failure"),
    )
]  # fmt: skip
