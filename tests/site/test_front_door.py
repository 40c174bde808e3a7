"""What is typed at the terminal: which co-op is meant, where it listens, and what a second start does."""

from __future__ import annotations

import os
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from madang import cli
from madang.coop import law
from madang.coop.charter import actions as charter
from madang.coop.charter import reader
from madang.coop.law.models import Coop
from madang.site import address, running, start
from tests.coop.founded import TINY


@pytest.fixture
def var(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("MADANG_DATA", "PORT", "MADANG_HOST", "MADANG_URL"):
        monkeypatch.delenv(name, raising=False)
    for name in ("test", "dev", "speed"):
        (tmp_path / "var" / name).mkdir(parents=True)
    for name in ("test", "dev"):
        (tmp_path / "var" / name / "pg").mkdir()
    return tmp_path / "var"


def test_the_only_co_op_is_meant(var: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli._data(None) == Path("var/madang")
    (var / "upandgo" / "pg").mkdir(parents=True)
    assert cli._data(None) == Path("var/upandgo") and cli._data("elsewhere") == Path("elsewhere")
    (var / "ours").mkdir()
    (var / "ours" / "record.key").touch()  # one on a PostgreSQL of its own
    assert cli.main(["check"]) == 2
    said = capsys.readouterr().err
    assert "madang --data var/ours …" in said and "madang --data var/upandgo …" in said and "var/dev" not in said


def test_a_port_that_is_none_is_said_in_a_line(var: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    for wrong in ("abc", "0", "70000", "８０００"):
        monkeypatch.setenv("PORT", wrong)
        assert cli.main(["check"]) == 2
        with pytest.raises(SystemExit) as no:
            cli.main(["serve"])
        assert no.value.code == 2
        assert capsys.readouterr().err.count("a port is a number from 1 to 65535") == 2


@pytest.mark.parametrize(
    ("environ", "url", "within"),
    [
        ({}, "http://localhost:8000", "127.0.0.1"),
        ({"PORT": "9000"}, "http://localhost:9000", "127.0.0.1"),
        ({"PORT": "9000", "MADANG_HOST": "192.168.1.5"}, "http://192.168.1.5:9000", "192.168.1.5"),
        ({"MADANG_HOST": "0.0.0.0"}, "http://localhost:8000", "127.0.0.1"),
        ({"MADANG_HOST": "::"}, "http://localhost:8000", "[::1]"),
        ({"MADANG_URL": "https://coop.example", "PORT": "9000"}, "https://coop.example", "127.0.0.1"),
    ],
)
def test_links_lead_to_where_it_listens(environ: dict[str, str], url: str, within: str) -> None:
    assert (address.site_url(environ), address.within(environ)) == (url, within)


def test_it_is_asked_where_it_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only 127.0.0.2 answers here, as only 192.168.1.5 would there."""
    asked: list[str] = []

    class Ours(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.headers["Host"])
            self.send_response(200)
            self.send_header("X-Madang", "1")
            self.end_headers()

        def log_message(self, *_words: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.2", 0), Ours)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("MADANG_HOST", "127.0.0.2")
    ticks = iter(range(0, 1000, 20))
    monkeypatch.setattr(start.time, "monotonic", lambda: next(ticks))
    assert start._answers(server.server_port, SimpleNamespace(poll=lambda: None), threading.Event())  # type: ignore[arg-type]
    assert asked == ["localhost"], "a name that is always allowed"
    server.shutdown()
    server.server_close()


@pytest.mark.django_db
def test_a_second_start_with_another_charter(now: Any, tmp_path: Path) -> None:
    text = TINY.read_text()
    file, said = tmp_path / "ours.toml", []
    file.write_text(text)
    charter.found(reader.read_file(file, now=now), now=now)
    Coop.objects.update(filled_at=now)
    law.forget()
    assert running.demo(file, 1, said.append, only_demo=True) == 0 and said == []
    Coop.objects.update(charter_text="blanked of an erased founder")
    law.forget()
    assert running.demo(file, 1, said.append, only_demo=True) == 0 and said == [], "the record knows what it was founded from"
    file.write_text(text.replace('quorum = "20%"', 'quorum = "30%"'))
    assert running.demo(file, 1, said.append, only_demo=True) == 0 and "is not the charter" in said.pop()
    file.write_text(text.replace('slug = "little-yard"', 'slug = "big-yard"'))
    assert running.demo(file, 1, said.append, only_demo=True) == 1 and "holds another co-op, little-yard" in said.pop()


@pytest.mark.django_db
def test_a_filled_demo_is_not_filled_again_in_silence(now: Any) -> None:
    said: list[str] = []
    charter.found(reader.read_file(TINY, now=now), now=now)
    Coop.objects.update(filled_at=now)
    law.forget()
    assert running.demo(TINY, 100, said.append) == 1 and "filled already" in said[0]


def test_only_what_is_taken_is_called_taken() -> None:
    server = HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    assert start._taken("127.0.0.1", server.server_port)
    port = server.server_port
    server.server_close()
    assert not start._taken("127.0.0.1", port)
    assert not start._taken("192.0.2.1", port), "an address this machine does not have is another mistake; the server says which"


def test_a_charter_founds_where_it_will_be_run(var: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert cli._of_charter(["found", "charters/Our Co-op.toml", "--check"]) == "var/our-co-op"
    assert cli._of_charter(["found", "--help"]) is None and cli._of_charter(["founders"]) is None
    monkeypatch.setenv("MADANG_DATA", "elsewhere")
    assert cli._of_charter(["found", "charters/ours.toml"]) is None


def test_a_steward_ends_with_its_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MADANG_SERVER", raising=False)
    assert not running._left_alone(), "started by hand"
    monkeypatch.setenv("MADANG_SERVER", str(os.getpid()))
    assert not running._left_alone()
    with subprocess.Popen(["/bin/true"]) as short:
        short.wait()
    monkeypatch.setenv("MADANG_SERVER", str(short.pid))
    assert running._left_alone()
