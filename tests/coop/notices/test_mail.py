"""From a row to a mail server that behaves, and back when it does not."""

import pytest
from django.core.mail import EmailMessage
from django.db import transaction
from procrastinate import testing
from procrastinate.contrib.django import app

from madang.coop.notices import mail, operator, tasks
from madang.coop.notices.models import Mail
from madang.kit.errors import Missing
from madang.rails.mail import NotDelivered
from tests.rails.mail.server import MailServer

BACKEND = "madang.coop.notices.mail.OutboxBackend"


@pytest.fixture
def server(settings):
    with MailServer() as running:
        settings.EMAIL_BACKEND = BACKEND
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = "127.0.0.1", running.port, False
        yield running


@pytest.fixture
def jobs():
    memory = testing.InMemoryConnector()
    with app.replace_connector(memory):
        yield memory


def write(to="mina@example.org", **headers):
    EmailMessage("Hello 안녕", "Text 글", to=[to], headers=headers).send()
    return Mail.objects.get(to=to)


@pytest.mark.django_db
def test_without_a_server_mail_stays(settings, mina, jobs):
    settings.EMAIL_BACKEND, settings.EMAIL_HOST = BACKEND, ""
    kept = write()
    assert (kept.state, kept.person, kept.sent_at) == (Mail.KEPT, mina, None)
    assert not jobs.jobs
    assert mail.send(kept.pk) is False


@pytest.mark.django_db
def test_mail_is_sent_by_a_job_and_once(server, mina, jobs):
    waiting = write()
    assert waiting.state == Mail.WAITING and not server.received
    (job,) = jobs.jobs.values()
    assert job["args"] == {"mail_id": str(waiting.pk)}
    tasks.deliver(**job["args"])
    tasks.deliver(**job["args"])
    waiting.refresh_from_db()
    assert waiting.state == Mail.SENT and waiting.sent_at and waiting.text
    assert len(server.received) == 1
    assert server.received[0]["Subject"] == "Hello 안녕"
    assert str(waiting.pk) in server.received[0]["Message-ID"]


@pytest.mark.django_db
def test_a_code_is_forgotten_when_it_is_sent(server, mina, jobs):
    sent = write(**{mail.SECRET_HEADER: "1"})
    mail.send(sent.pk)
    sent.refresh_from_db()
    assert sent.text == sent.subject == "" and "Text 글" in server.received[0].get_content()


@pytest.mark.django_db
def test_a_busy_server_is_tried_again_and_in_the_end_an_operator_is_asked(server, mina, jobs):
    waiting = write()
    server.answer_rcpt = "451 come back later"
    for attempt in range(1, mail.ATTEMPTS_MAX):
        with pytest.raises(NotDelivered):
            mail.send(waiting.pk)
        waiting.refresh_from_db()
        assert (waiting.state, waiting.attempts) == (Mail.WAITING, attempt)
    assert mail.send(waiting.pk) is False
    waiting.refresh_from_db()
    assert waiting.state == Mail.FAILED and "come back later" in waiting.last_error
    server.answer_rcpt = ""
    operator.answer("mail", str(waiting.pk), True, now=waiting.written_at)
    assert len(jobs.jobs) == 2
    assert mail.send(waiting.pk) is True
    with pytest.raises(Missing):
        operator.answer("mail", str(waiting.pk), True, now=waiting.written_at)


@pytest.mark.django_db
def test_an_address_that_does_not_exist_is_not_tried_again(server, mina, jobs):
    waiting = write()
    server.answer_rcpt = "550 no such person"
    assert mail.send(waiting.pk) is False
    waiting.refresh_from_db()
    assert (waiting.state, waiting.attempts) == (Mail.FAILED, 1)


def test_waits_grow_and_end():
    class Job:
        attempts = 0

    waits = []
    while decision := tasks.Patiently().get_retry_decision(exception=ValueError(), job=Job):
        waits.append(decision.retry_at)
        Job.attempts += 1
    assert waits == sorted(waits) and len(waits) == mail.ATTEMPTS_MAX - 1


@pytest.mark.django_db(transaction=True)
def test_no_commit_no_mail(server, mina):
    from procrastinate.contrib.django.models import ProcrastinateJob

    before = ProcrastinateJob.objects.count()
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        write()
        1 / 0
    assert not Mail.objects.exists() and ProcrastinateJob.objects.count() == before


@pytest.mark.django_db(transaction=True)
def test_the_real_runner_sends_it(server, mina):
    waiting = write()
    with app.replace_connector(app.connector.get_worker_connector()):
        app.run_worker(wait=False, install_signal_handlers=False, listen_notify=False, delete_jobs="always")
    waiting.refresh_from_db()
    assert waiting.state == Mail.SENT and len(server.received) == 1
