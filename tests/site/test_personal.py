"""Every table that holds something about people has somebody who hands it out and forgets it; and what is forgotten is nowhere."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import models
from django.utils import translation

from madang.coop.people.models import Person
from madang.kit import house

OWNERS = {"owner", "payer"}  # strings such as "person:<id>"
OTHERS = ("sessions.Session", "account.EmailAddress", "mfa.Authenticator")  # not our tables, and about people all the same

# Tables with a text or a person that no declaration answers for, each with why not.
EXPLAINED = {
    "people.Organisation": "about: an organisation's own public page",
    "record.LeafLine": "words of the record: members and decisions have theirs forgotten (record.forget), entries stay with the books",
    "record.Checkpoint": "note: a signed statement about the tree",
}


def about_people(model: type[models.Model]) -> list[str]:
    """The columns of a table that hold, or may hold, something about a person."""
    found = []
    for column in model._meta.concrete_fields:
        if column.related_model is Person or isinstance(column, models.EmailField | models.TextField):
            found.append(column.name)
        elif isinstance(column, models.CharField) and column.name in OWNERS:
            found.append(column.name)
    return found


def ours() -> list[type[models.Model]]:
    return [model for model in apps.get_models() if model.__module__.startswith("madang.")]


def declared() -> dict[str, house.Personal]:
    return {label: item for item in house.collect("personal") for label in item.models}


def test_every_table_about_people_is_declared_or_explained() -> None:
    known = set(declared()) | set(EXPLAINED)
    silent = {model._meta.label: found for model in ours() if (found := about_people(model)) and model._meta.label not in known}
    assert silent == {}, "say in a `personal` hook who hands these out and forgets them, or here why nobody has to"
    assert set(OTHERS) <= set(declared())


def test_what_is_declared_is_there() -> None:
    there = {model._meta.label for model in apps.get_models()}
    assert set(declared()) <= there and set(EXPLAINED) <= there
    assert set(declared()) & set(EXPLAINED) == set()
    assert [str(item.name) for item in house.collect("personal") if not item.models] == [], "say which tables it answers for"


def test_a_table_that_nobody_answers_for_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that the walk above cannot pass by seeing nothing."""
    monkeypatch.setattr(house, "collect", lambda room: [])
    seen = {model._meta.label for model in ours() if about_people(model)} - set(declared()) - set(EXPLAINED)
    assert {"people.Token", "members.Membership", "members.WorkInvitation", "decisions.Support", "payments.Payout", "services.Problem"} <= seen
    assert {"notices.Failure", "notices.Mail", "ledger.Account", "law.Coop"} <= seen


def everything() -> str:
    """All that is stored, in words; what is kept as bytes as well."""
    rows = []
    for model in apps.get_models():
        for row in model._base_manager.values_list(*[column.attname for column in model._meta.concrete_fields]):
            rows += [bytes(value).decode(errors="replace") if isinstance(value, memoryview | bytes) else str(value) for value in row]
    from django.contrib.sessions.models import Session

    return "\n".join([*rows, *(str(one.get_decoded()) for one in Session.objects.all())])


@pytest.mark.django_db
def test_what_is_erased_is_nowhere(coop: Any, now: datetime, client_for: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Someone applied, was admitted, spoke and thought, and left: their name and address are in no row of any table, and the record still verifies."""
    from madang.coop import record
    from madang.coop.decisions import actions as decisions
    from madang.coop.law import clock
    from madang.coop.members import actions as members
    from madang.coop.notices.models import Failure, Mail, Notice, Task
    from madang.coop.people import actions as people
    from madang.coop.record import checks
    from madang.coop.record.export import export
    from madang.coop.record.models import Leaf, LeafLine
    from madang.kit.verify.folder import verify_folder

    monkeypatch.setattr(clock, "now", lambda: now)
    who = people.register("zyx@example.org", "Zyxwena Quillermo", language="en", time_zone="UTC", confirmed=True, now=now)
    joining = members.apply(who, "worker", by=who, words="I am Zyxwena", now=now)
    assert "Zyxwena" in Task.objects.get(message="members.application").title and Mail.objects.filter(subject__contains="Zyxwena").exists()
    joining = members.admit(joining, by=Person.objects.get(email="f1@example.org"), now=now)
    Failure.objects.create(work="x", key="y", first_at=now, last_at=now, next_try_at=now, last_error="No", trace="ValueError: zyx@example.org")
    assert client_for(who).get("/settings/").status_code == 200
    draft = decisions.draft(Person.objects.get(email="f1@example.org"), "resolve", "Mondays", details={"text": "We close on Mondays."}, now=now)
    decisions.comment(decisions.open_discussion(draft, draft.author, now=now), draft.author, "Good for all of us", now=now)
    members.leave(joining, by=who, now=now + timedelta(hours=1))
    record.seal(now)
    assert LeafLine.objects.filter(body__contains=str(joining.pk)).count() == 2
    assert "Zyxwena" in everything() and str(who.pk) in everything()

    people.erase(who, now=now + timedelta(hours=2))

    left = everything()
    assert not any(word in left.lower() for word in ("zyx@", "zyxwena", "quillermo"))  # long enough that no random token holds one
    assert not LeafLine.objects.filter(body__contains=str(joining.pk)).exists()
    assert Leaf.objects.filter(subject=f"membership:{joining.pk}").count() == 2, "that something was recorded stays"
    with translation.override("en"):
        assert Task.objects.get(message="members.application").title.startswith("Someone who left")
    assert Notice.objects.filter(person=who).count() == 0
    record.seal(now)
    assert [*checks.lines_fit(), *checks.tree_recomputes()] == []
    export(tmp_path / "out")
    assert verify_folder(tmp_path / "out").good
