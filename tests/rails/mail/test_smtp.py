"""The smtp rail against a server that behaves, and one that does not."""

import socket

import pytest

from madang.rails.mail import Letter, NotDelivered, configured
from madang.rails.mail.outbox import Outbox
from madang.rails.mail.smtp import Smtp, as_message
from tests.rails.mail.server import MailServer

LETTER = Letter("id-1", "마당 <madang@example.org>", "mina@example.org", "제목", "글\n.\n두 줄", "ko")


@pytest.fixture
def server():
    with MailServer() as running:
        yield running


def rail(port):
    return Smtp("127.0.0.1", port, tls=False, timeout_seconds=2)


def test_a_letter_arrives_whole(server):
    rail(server.port).send(LETTER)
    (got,) = server.received
    assert got["Subject"] == "제목" and got["To"] == "mina@example.org" and "madang@example.org" in got["From"]
    assert got.get_content().replace("\r\n", "\n").strip() == "글\n.\n두 줄"
    assert got["Message-ID"] == "<id-1@example.org>"
    assert got["Auto-Submitted"] == "auto-generated" and got["Content-Language"] == "ko"


@pytest.mark.parametrize(("where", "answer", "forever"), [
    ("answer_rcpt", "550 nobody", True), ("answer_rcpt", "451 later", False), ("answer_data", "554 no", True), ("answer_data", "452 full", False),
])  # fmt: skip
def test_what_a_server_says(server, where, answer, forever):
    setattr(server, where, answer)
    with pytest.raises(NotDelivered) as no:
        rail(server.port).send(LETTER)
    assert no.value.forever is forever and answer.split()[1] in no.value.reason
    assert not server.received


def test_a_server_that_hangs_up_or_is_not_there(server):
    server.hang_up = True
    with pytest.raises(NotDelivered) as no:
        rail(server.port).send(LETTER)
    assert not no.value.forever
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(NotDelivered):
            rail(taken.getsockname()[1]).send(LETTER)


def test_no_header_can_be_smuggled_in():
    message = as_message(Letter("x", "a@example.org", "b@example.org", "Hi\r\nBcc: c@example.org", "text", "en"))
    assert message["Bcc"] is None
    assert message["Subject"] == "Hi Bcc: c@example.org"
    with pytest.raises(NotDelivered):
        Smtp("127.0.0.1", 1, tls=False).send(Letter("x", "a@example.org", "b@example.org\r\nBcc: c@example.org", "Hi", "text", "en"))


def test_which_rail(settings):
    settings.EMAIL_HOST = ""
    assert isinstance(configured(), Outbox) and not configured().leaves_the_house
    configured().send(LETTER)
    settings.EMAIL_HOST = "mail.example.org"
    assert isinstance(configured(), Smtp) and configured().leaves_the_house
