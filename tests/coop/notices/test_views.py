"""What needs me, the inbox, the outbox, the operator's page; and the same for programs."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from django.test import Client

from madang.coop import law, notices
from madang.coop.law.models import Coop
from madang.coop.notices import due
from madang.coop.notices.models import Failure, Mail, Notice, Task
from madang.coop.people import actions as people
from madang.kit import house

pytestmark = pytest.mark.django_db
BAD = "<script>alert(1)</script>"


@pytest.fixture(autouse=True)
def _declared(monkeypatch):
    messages = [house.Message("test.urgent", "Do it, {who}", "Now, {who}", urgent=True), house.Message("test.calm", "Look, {who}")]
    real = house.collect
    monkeypatch.setattr(house, "collect", lambda room: messages if room == "messages" else real(room))


@pytest.fixture
def as_mina(mina):
    client = Client()
    client.force_login(mina)
    return client


def found(**more):
    given = {"name": {"ko": "마당", "en": "Yard"}, "slug": "yard", "law": "kr", "currency": "KRW", "time_zone": "Asia/Seoul", "languages": ["ko", "en"]}
    founded_at = datetime(2026, 1, 1, tzinfo=UTC)
    opened_at = founded_at if more["state"] == "open" else None
    Coop.objects.create(**given | {"founded_at": founded_at, "opened_at": opened_at, "charter_text": ""} | more)
    law.request_ended()


def test_what_needs_me(as_mina, mina, joe, now):
    assert as_mina.get("/me/").status_code == 200
    notices.open_task(mina, "a", "test.urgent", url="/work/1/", params={"who": BAD}, due_at=now, now=now)
    notices.open_task(joe, "b", "test.calm", params={"who": "only for Joe"}, now=now)
    text = as_mina.get("/me/").content.decode()
    assert "/work/1/" in text and BAD not in text and "only for Joe" not in text
    assert Client().get("/me/").status_code == 302


def test_inbox_and_reading(as_mina, mina, joe, now):
    assert as_mina.get("/inbox/").status_code == 200
    mine = notices.tell(mina, "test.calm", url="/work/1/", params={"who": BAD}, now=now)
    theirs = notices.tell(joe, "test.calm", url="/secret/", now=now)
    text = as_mina.get("/inbox/").content.decode()
    assert BAD not in text and str(theirs.pk) not in text
    assert as_mina.post("/inbox/read/", {"notice": str(mine.pk)})["Location"] == "/work/1/"
    assert as_mina.post("/inbox/read/", {"notice": str(theirs.pk)}).status_code == 404
    assert as_mina.post("/inbox/read/", {"notice": "nonsense"}).status_code == 404
    assert as_mina.post("/inbox/read/")["Location"] == "/inbox/"
    assert Notice.objects.get(pk=theirs.pk).read_at is None
    for number in range(70):
        notices.tell(mina, "test.calm", params={"who": f"n{number}"}, now=now)
    assert as_mina.get("/inbox/?page=3").status_code == 200
    assert as_mina.get("/inbox/?page=nonsense").status_code == 200


def test_no_notice_leads_out_of_the_house(as_mina, mina, now):
    notice = notices.tell(mina, "test.calm", url="//evil.example/", now=now)
    assert as_mina.post("/inbox/read/", {"notice": str(notice.pk)})["Location"] == "/inbox/"


def test_the_outbox_of_a_demo_is_open(client, mina, now, settings):
    settings.EMAIL_HOST = ""
    found(demo=True, state="open")
    notices.tell(mina, "test.urgent", url="/work/1/", params={"who": BAD}, now=now)
    Mail.objects.create(to="x@example.org", language="en", subject="1234-5678 is it", text="1234-5678", secret=True, state="kept", written_at=now)
    text = client.get("/outbox/").content.decode()
    assert "1234-5678" in text and "/work/1/" in text and BAD not in text


@pytest.mark.parametrize(("state", "operator", "status"), [("forming", True, 200), ("forming", False, 404), ("open", True, 404), ("open", False, 404)])
def test_the_outbox_of_a_real_co_op(as_mina, mina, now, settings, state, operator, status):
    settings.EMAIL_HOST = ""
    found(state=state)
    people.make_operator(mina, operator)
    Mail.objects.create(to="x@example.org", language="en", subject="1234-5678 is it", text="1234-5678", secret=True, state="kept", written_at=now)
    answer = as_mina.get("/outbox/")
    assert answer.status_code == status
    assert "1234-5678" not in answer.content.decode(), "nobody reads another's code"
    assert Client().get("/outbox/").status_code == 404


def test_codes_are_shown_in_a_demo_only_whatever_the_settings_say(as_mina, mina, now, settings):
    """A developer's switch must not make an operator of a real co-op everyone's double."""
    from madang.coop.notices import access

    settings.EMAIL_HOST, settings.DEBUG = "", True
    found(demo=False, state="open")
    mina.is_operator = True
    mina.save()
    assert as_mina.get("/outbox/").status_code == 404 and not access.shows_codes()


def test_no_outbox_where_mail_is_sent(client, settings):
    settings.EMAIL_HOST = "mail.example.org"
    found(demo=True, state="open")
    assert client.get("/outbox/").status_code == 404


@pytest.fixture
def failed(now, mina, monkeypatch):
    def act(key, *, now):
        raise ValueError(BAD)

    works = [house.DueWork("test", lambda now, limit: ["item"], act)]
    collect = house.collect
    monkeypatch.setattr(house, "collect", lambda room: works if room == "due" else collect(room))
    due.run_due(now)
    Failure.objects.update(state="stuck", next_try_at=None)
    return Failure.objects.get()


def test_the_operators_page_is_theirs(as_mina, mina, failed, now):
    assert as_mina.get("/operator/").status_code == 404
    assert as_mina.post("/operator/answer/", {"kind": "work", "what": str(failed.pk), "answer": "again"}).status_code == 404
    assert Client().get("/operator/").status_code == 302
    people.make_operator(mina)
    Mail.objects.create(to="x@example.org", language="en", subject="S", text="T", state="failed", last_error="550 nobody", written_at=now)
    text = as_mina.get("/operator/").content.decode()
    assert "item" in text and BAD not in text and "550 nobody" in text


def test_try_again_and_give_up(as_mina, mina, failed):
    people.make_operator(mina)
    for answer, state in (("again", "waiting"), ("stop", "given up")):
        assert as_mina.post("/operator/answer/", {"kind": "work", "what": str(failed.pk), "answer": answer})["Location"] == "/operator/"
        failed.refresh_from_db()
        assert failed.state == state
    for kind, what in (("work", str(uuid4())), ("work", "x"), ("mail", "x"), ("job", "x"), ("job", "9" * 40), ("job", "1"), ("else", "1")):
        assert as_mina.post("/operator/answer/", {"kind": kind, "what": what, "answer": "again"}).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_failed_jobs_are_shown_and_answered(as_mina, mina):
    from django.db import connection
    from procrastinate.contrib.django.models import ProcrastinateJob

    from madang.coop.notices.tasks import deliver

    people.make_operator(mina)
    ids = [deliver.defer(mail_id=str(uuid4())) for _n in range(2)]
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'failed' WHERE id = ANY(%s)", [ids])
    assert "notices.deliver" in as_mina.get("/operator/").content.decode()
    as_mina.post("/operator/answer/", {"kind": "job", "what": str(ids[0]), "answer": "again"})
    as_mina.post("/operator/answer/", {"kind": "job", "what": str(ids[1]), "answer": "stop"})
    assert ProcrastinateJob.objects.get(pk=ids[0]).status == "todo"
    assert not ProcrastinateJob.objects.filter(pk=ids[1]).exists()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs WHERE id = ANY(%s)", [ids])


def test_programs(as_mina, mina, joe, now):
    notices.open_task(mina, "a", "test.urgent", params={"who": "M"}, now=now)
    theirs = notices.tell(joe, "test.calm", now=now)
    notices.tell(mina, "test.calm", params={"who": "M"}, now=now)
    (task,) = as_mina.get("/api/notices/tasks").json()
    assert task["title"] == "Do it, M" and task["urgent"]
    assert len(as_mina.get("/api/notices/inbox").json()) == 1
    assert as_mina.get("/api/notices/inbox?limit=1000").status_code == 422
    post = lambda body: as_mina.post("/api/notices/inbox/read", body, content_type="application/json")  # noqa: E731
    assert post({"notice_id": str(theirs.pk)}).status_code == 404
    assert post({}).json() == {"changed": 1}
    assert Client().get("/api/notices/tasks").status_code == 401


def test_the_operators_page_for_programs(as_mina, mina, now):
    lost = Mail.objects.create(to="x@example.org", language="en", subject="Your code 123456", text="T", secret=True, state="failed", written_at=now)
    answer = {"kind": "mail", "what": str(lost.pk), "again": False}
    post = lambda body: as_mina.post("/api/notices/operator/answer", body, content_type="application/json")  # noqa: E731
    assert as_mina.get("/api/notices/operator").status_code == post(answer).status_code == 404
    people.make_operator(mina)
    (told,) = as_mina.get("/api/notices/operator").json()["failed"]
    assert (told["kind"], told["what"], told["name"]) == ("mail", str(lost.pk), "")
    assert post(answer).status_code == 204 and not Mail.objects.exists()
    assert post(answer).status_code == 404


def test_old_things_are_forgotten(mina, now):
    from datetime import timedelta

    from madang.coop.notices import hooks

    Mail.objects.create(to="x@example.org", language="en", subject="S", text="T", secret=True, state="kept", written_at=now - timedelta(days=4))
    Mail.objects.create(to="y@example.org", language="en", subject="S", text="T", state="kept", written_at=now - timedelta(days=4))
    Mail.objects.create(to="z@example.org", language="en", subject="S", text="T", state="sent", written_at=now - timedelta(days=91))
    notices.tell(mina, "test.calm", now=now - timedelta(days=800))
    notices.open_task(mina, "old", "test.calm", now=now - timedelta(days=800))
    for key in hooks.due[0].find(now, 10):
        hooks.due[0].act(key, now=now)
    assert [mail.to for mail in Mail.objects.all()] == ["y@example.org"]
    assert not Notice.objects.exists() and Task.objects.count() == 1
    assert hooks.due[0].find(now, 10) == []


@pytest.mark.parametrize("url", ["/me/", "/inbox/", "/outbox/", "/operator/", "/settings/"])
def test_pages_ask_little_of_the_database(as_mina, mina, now, django_assert_max_num_queries, url, settings):
    settings.EMAIL_HOST = ""
    found(demo=True, state="open")
    people.make_operator(mina)
    for number in range(40):
        notices.open_task(mina, f"k{number}", "test.urgent", params={"who": "M"}, now=now)
        notices.tell(mina, "test.urgent", params={"who": "M"}, now=now)
    with django_assert_max_num_queries(15):
        assert as_mina.get(url).status_code == 200
