"""A mail server of a few lines (RFC 5321's HELO, MAIL, RCPT, DATA), on loopback, that answers as it is told."""

from __future__ import annotations

import socketserver
import threading
from email import message_from_bytes, policy
from email.message import EmailMessage


class MailServer:
    """``with MailServer() as server``: ``server.port``, what it ``received``, and what it answers to RCPT and DATA."""

    def __init__(self) -> None:
        self.received: list[EmailMessage] = []
        self.recipients: list[str] = []
        self.answer_rcpt = ""
        self.answer_data = ""
        self.hang_up = False
        outer = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                outer.talk(self)

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]

    def __enter__(self) -> MailServer:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def talk(self, line: socketserver.StreamRequestHandler) -> None:
        """One conversation."""

        def say(text: str) -> None:
            line.wfile.write(text.encode() + b"\r\n")

        say("220 here")
        if self.hang_up:
            return
        while heard := line.rfile.readline():
            verb = heard[:4].upper()
            if verb in (b"EHLO", b"HELO"):
                say("250-here")
                say("250 SMTPUTF8")
            elif verb == b"RCPT":
                self.recipients.append(heard.decode().strip())
                say(self.answer_rcpt or "250 fine")
            elif verb == b"DATA":
                say("354 go on")
                body = bytearray()
                while (part := line.rfile.readline()) not in (b".\r\n", b""):
                    body += part[1:] if part.startswith(b"..") else part
                if not self.answer_data:
                    self.received.append(message_from_bytes(bytes(body), policy=policy.default))
                say(self.answer_data or "250 taken")
            elif verb == b"QUIT":
                say("221 bye")
                return
            else:
                say("250 fine")
