"""Schemathesis reads our description of the API and tries to break what it describes: no server error, every answer as described."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from types import SimpleNamespace
from typing import Any

import pytest

from tests.site.living import lived

pytestmark = [pytest.mark.foreign, pytest.mark.django_db]
EXAMPLES = 6  # of each route, by each person, in each way
TOKEN = "k" * 32
SKIPPED = {"/api/people/me/erase"}  # done last, by nobody: the person would be gone


@pytest.fixture
def it(coop: Any, now: datetime, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    made = lived(coop, now)
    monkeypatch.setattr("madang.coop.law.clock.now", lambda: made.now)
    return made


def signed_in(person: Any) -> dict[str, str]:
    """The headers of a browser that this person signed in with."""
    from django.test import Client

    client = Client()
    client.force_login(person)
    cookie = f"sessionid={client.cookies['sessionid'].value}; csrftoken={TOKEN}"
    return {"Cookie": cookie, "X-CSRFToken": TOKEN, "Accept-Language": "en", "Accept-Encoding": "identity"}


def ours(it: SimpleNamespace) -> dict[str, Any]:
    """What stands in addresses, so that the tool meets something that is there."""
    found = {
        "job_id": it.job.pk, "home_id": it.home.pk, "charge": it.open.pk, "transfer": it.line.pk, "membership": it.membership.pk, "index": 0,
        "membership_id": it.membership.pk, "term_id": it.term.pk, "slug": it.place.slug, "invitation_id": it.invitation.pk, "work_id": it.work.pk,
        "id": it.draft.pk, "worker_id": it.worker.pk, "time_off_id": it.off.pk, "key": "services.split", "day": it.now.date().isoformat(),
    }  # fmt: skip
    return {name: value if isinstance(value, int) else str(value) for name, value in found.items()}


@pytest.fixture
def app() -> Iterator[Any]:
    """Our WSGI application in this process and this transaction: nothing closes the connection between two requests."""
    from django.core import signals
    from django.core.wsgi import get_wsgi_application
    from django.db import close_old_connections

    for signal in (signals.request_started, signals.request_finished):
        signal.disconnect(close_old_connections)
    yield get_wsgi_application()
    for signal in (signals.request_started, signals.request_finished):
        signal.connect(close_old_connections)


def test_schemathesis_breaks_nothing(it: SimpleNamespace, app: Any) -> None:
    """Each route by the client, the worker and the chair: made-up ids and real ones, bodies that fit the description."""
    import schemathesis
    from django.db import transaction
    from hypothesis import HealthCheck, Phase, given, settings
    from schemathesis.checks import CHECKS, load_all_checks

    load_all_checks()
    checks = [CHECKS.get_one(name) for name in ("not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance")]
    schema = schemathesis.openapi.from_wsgi("/api/openapi.json", app)
    people = [signed_in(person) for person in (it.owner, it.maker, it.chair)]
    known, broken, tried = ours(it), [], 0
    quietly = settings(
        max_examples=EXAMPLES * len(people), deadline=None, database=None, derandomize=True, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
    )

    for result in schema.get_all_operations():
        operation = result.ok()
        if operation.path in SKIPPED:
            continue
        tried += 1
        count = 0

        @quietly
        @given(case=operation.as_strategy())
        def attempt(case: Any) -> None:
            nonlocal count
            count += 1
            if count % 2:
                case.path_parameters = {name: known.get(name, value) for name, value in (case.path_parameters or {}).items()}
            with transaction.atomic():
                answer = case.call(headers=people[count % len(people)])
                transaction.set_rollback(True)
            case.validate_response(answer, checks=checks)

        try:
            attempt()
        except (Exception, BaseExceptionGroup) as no:
            said = " / ".join(str(one) for one in no.exceptions) if isinstance(no, BaseExceptionGroup) else str(no)
            broken.append(f"{operation.method.upper()} {operation.path}: {type(no).__name__} {said[:1200]}")
    assert not broken, f"{len(broken)} of {tried} routes:\n" + "\n\n".join(broken)
    assert tried > 80


def test_two_shapes_never_share_a_name() -> None:
    """The description knows a shape by its name alone: of two with one name, one would be described as the other."""
    import ninja

    from madang.site.api import api  # noqa: F401  (all routers are there)

    names: dict[str, set[str]] = {}
    waiting = [ninja.Schema]
    while waiting:
        for shape in waiting.pop().__subclasses__():
            waiting.append(shape)
            if shape.__module__.startswith("madang."):
                names.setdefault(shape.__name__, set()).add(shape.__module__)
    assert {name: sorted(places) for name, places in names.items() if len(places) > 1} == {}
