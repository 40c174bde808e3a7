"""A real house in a folder of its own: founded by the command, served by the command, on loopback."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(data: Path) -> dict[str, str]:
    """What a person's shell would have: nothing of the test run's own settings."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("MADANG_") and k not in ("DATABASE_URL", "DJANGO_SETTINGS_MODULE", "PORT")}
    return kept | {"MADANG_DATA": str(data), "PYTHONUNBUFFERED": "1"}


def madang(data: Path, *arguments: str, check: bool = True, timeout: float = 300) -> subprocess.CompletedProcess[str]:
    """Run one command of the program as a person would."""
    done = subprocess.run(
        [sys.executable, "-m", "madang.cli", *arguments], env=environment(data), cwd=ROOT, capture_output=True, text=True, timeout=timeout, check=False
    )
    if check and done.returncode:
        raise AssertionError(f"madang {' '.join(arguments)} → {done.returncode}\n{done.stdout}\n{done.stderr}")
    return done


@dataclass
class House:
    """A served co-op: ``url`` to visit, ``data`` where it lives."""

    data: Path
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[str] | None = None

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    def start(self) -> None:
        log = (self.data / "serve.log").open("a")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "madang.cli", "serve", "--port", str(self.port)],
            env=environment(self.data), cwd=ROOT, stdout=log, stderr=subprocess.STDOUT, text=True, start_new_session=True,
        )  # fmt: skip
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=3) as answer:
                if answer.headers.get("X-Madang"):
                    return
            if self.process.poll() is not None:
                break
            time.sleep(0.1)
        raise AssertionError(f"the server did not start:\n{self.log()}")

    def log(self) -> str:
        return (self.data / "serve.log").read_text()

    def stop(self, how: int = signal.SIGTERM) -> None:
        """End the server and its children; ``SIGKILL`` is the bad day."""
        if self.process is None:
            return
        all_of_it = family(self.process.pid) if how == signal.SIGKILL else [self.process.pid]
        for pid in all_of_it:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, how)
        self.process.wait(timeout=30)
        self.process = None

    def end(self) -> None:
        self.stop()
        madang(self.data, "stop", check=False)


def family(pid: int) -> list[int]:
    """A process and all that came of it."""
    found = [pid]
    for one in found:
        with contextlib.suppress(OSError):
            found += [int(child) for task in Path(f"/proc/{one}/task").iterdir() for child in (task / "children").read_text().split()]
    return found


def links(text: str) -> list[str]:
    """The addresses a command printed."""
    return re.findall(r"https?://[^\s<>\"')]+", text)
