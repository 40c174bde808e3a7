"""What the tax service refuses is somebody's task until it went through; what it is silent about is asked again and never filed twice."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from madang.coop.members.models import Office, OfficeTerm
from madang.coop.notices.due import run_due
from madang.coop.notices.models import Task
from madang.coop.people.models import Person
from madang.coop.tax import filings, refusals
from madang.coop.tax.models import Filing, SandboxFiling
from madang.coop.tax.sandbox import rail as real_rail
from madang.kit.errors import Missing, Refused
from madang.rails.fiscal import FiscalError
from tests.coop.tax.test_filings import booked
from tests.coop.tax.test_pages import clock  # noqa: F401  (a fixture)

pytestmark = pytest.mark.django_db
BAD, GOOD = "01012340003", "01012345678"


@pytest.fixture
def refused(world, registered, treasurer, django_capture_on_commit_callbacks) -> Filing:
    with django_capture_on_commit_callbacks(execute=True):
        booked(world, BAD)
    return Filing.objects.get()


def open_tasks() -> list[Task]:
    return list(Task.objects.filter(message=refusals.MESSAGE, closed_at=None))


def refusal(code: str, act) -> None:
    with pytest.raises(Refused) as no:
        act()
    assert no.value.code == code


def test_a_refusal_is_a_task_with_its_reason(refused, treasurer, client_for, now) -> None:
    (task,) = open_tasks()
    assert task.person == treasurer and task.url == f"/tax/filing/{refused.pk}/" and task.urgent
    treasurer.language = "en"
    treasurer.save()
    page = client_for(treasurer).get(task.url).content.decode()
    assert "It does not know the number it goes to." in page
    filings.answered(refused, filings.Result("x", "refused", reason="number"), now=now)
    assert len(open_tasks()) == 1, "told twice, asked once"


def test_handed_in_again_with_another_number_it_goes_through_once(refused, treasurer, now, django_capture_on_commit_callbacks) -> None:
    refusal("number", lambda: refusals.again(refused.pk, by=treasurer, number="12", now=now))
    refusal("office", lambda: refusals.again(refused.pk, by=Person.objects.get(email="f5@example.org"), now=now))
    with pytest.raises(Missing):
        refusals.again(uuid4(), by=treasurer, now=now)
    assert Filing.objects.get().state == "refused" and len(open_tasks()) == 1
    with django_capture_on_commit_callbacks(execute=True):
        refusals.again(refused.pk, by=treasurer, number=GOOD, now=now)
    done = Filing.objects.get()
    assert (done.state, done.again, done.by, done.tail, done.sealed, done.reason) == ("done", 1, treasurer, "5678", None, "") and done.approval
    assert open_tasks() == []
    refusal("state", lambda: refusals.again(refused.pk, by=treasurer, number=GOOD, now=now))
    assert [row.data["approval"] for row in SandboxFiling.objects.all() if row.data["approval"]] == [done.approval], "one receipt there"


def test_refused_again_the_task_stays(refused, treasurer, now, django_capture_on_commit_callbacks) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        refusals.again(refused.pk, by=treasurer, now=now)
    assert Filing.objects.get().state == "refused" and len(open_tasks()) == 1


def test_done_at_the_tax_offices_own_site(refused, treasurer, now) -> None:
    refusal("approval", lambda: refusals.settled_elsewhere(refused.pk, "  ", by=treasurer, now=now))
    refusals.settled_elsewhere(refused.pk, "K123456789", by=treasurer, now=now)
    done = Filing.objects.get()
    assert (done.state, done.approval, done.sealed, done.next_at) == ("done", "K123456789", None, None) and open_tasks() == []
    assert SandboxFiling.objects.filter(data__approval="K123456789").count() == 0


def test_what_cancels_a_receipt_that_never_was_needs_nobody(world, refused, treasurer, now, django_capture_on_commit_callbacks) -> None:
    """And if the receipt is issued after all, its cancellation follows by itself."""
    with django_capture_on_commit_callbacks(execute=True):
        filings.on_refunded(refused.key.removeprefix("cash-receipt:"), uuid4(), refused.gross, now=now)
    cancel = Filing.objects.get(kind="cash-receipt-cancel")
    assert (cancel.state, cancel.reason) == ("refused", refusals.NOTHING) and len(open_tasks()) == 1
    with django_capture_on_commit_callbacks(execute=True):
        refusals.again(refused.pk, by=treasurer, number=GOOD, now=now)
    (key,) = filings.find_open(now + timedelta(minutes=1), 9)
    with django_capture_on_commit_callbacks(execute=True):
        filings.tell_again(key, now=now + timedelta(minutes=1))
    cancel.refresh_from_db()
    assert cancel.state == "done" and open_tasks() == []


def test_who_takes_the_office_finds_it_and_who_lays_it_down_is_left_alone(refused, treasurer, now) -> None:
    office = Office.objects.filter(does__contains=["payouts"]).first()
    other = Person.objects.get(email="f5@example.org")
    term = OfficeTerm.objects.create(office=office, person=other, since=now, until=now + timedelta(days=365), appointed_by=treasurer)
    refusals.seated(term, now=now)
    assert {one.person for one in open_tasks()} == {treasurer, other}
    term.delete()
    refusals.unseated(term, now=now)
    assert {one.person for one in open_tasks()} == {treasurer}


class Deaf:
    """The tax service behind a bad line: it hears everything, its answers are lost while ``deaf``."""

    name, pretend = "deaf", True

    def __init__(self, heard: list[str]) -> None:
        self.heard, self.deaf, self.real = heard, True, real_rail()

    def __getattr__(self, verb: str):
        def ask(*args, **more):
            self.heard.append(verb)
            answer = getattr(self.real, verb)(*args, **more)
            if self.deaf:
                raise FiscalError("the line is cut")
            return answer

        return ask


@pytest.mark.django_db(transaction=True)
def test_a_lost_answer_is_asked_for_and_not_filed_twice(world, registered, now, monkeypatch) -> None:
    heard: list[str] = []
    line = Deaf(heard)
    monkeypatch.setattr(filings, "rail", lambda: line)
    booked(world, GOOD)
    assert Filing.objects.get().state == "created" and heard == ["issue"]
    approval = SandboxFiling.objects.get().data["approval"]
    run_due(now + filings.wait(0))
    assert Filing.objects.get().state == "created" and heard == ["issue", "fetch"]
    line.deaf = False
    run_due(now + timedelta(hours=1))
    done = Filing.objects.get()
    assert (done.state, done.approval) == ("done", approval) and heard == ["issue", "fetch", "fetch"], "issued once, its answer fetched"
    assert SandboxFiling.objects.count() == 1


def test_the_page(refused, treasurer, world, client_for, clock, now, django_capture_on_commit_callbacks) -> None:  # noqa: F811
    url = f"/tax/filing/{refused.pk}/"
    assert client_for(world.client).get(url).status_code == 404 and client_for(None).get(url).status_code == 302
    who = client_for(treasurer)
    assert url in who.get("/tax/").content.decode() and BAD not in who.get(url).content.decode()
    assert who.post(url, {"act": "again", "number": "1"}).status_code == 422 and Filing.objects.get().state == "refused"
    answer = who.post(url, {"act": "elsewhere", "approval": ""})
    assert answer.status_code == 422 and Filing.objects.get().state == "refused"
    with django_capture_on_commit_callbacks(execute=True):
        assert who.post(url, {"act": "again", "number": GOOD}).status_code == 302
    assert Filing.objects.get().approval in who.get(url).content.decode()
    assert who.get(f"/tax/filing/{uuid4()}/").status_code == 404
