"""The process that asks the program: it does one request after the other, as the serving role, and dies where the plan says."""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

from madang.site.simulate import bank, ids, seen
from madang.site.simulate.step import Fault
from madang.site.simulate.steps import KINDS
from madang.site.simulate.world import postmaster


class Death:
    """Kills this process, or PostgreSQL under it, before the n-th statement or around the n-th commit of a request."""

    def __init__(self, fault: Fault | None, home: Path) -> None:
        self.fault = fault if fault and fault.kind in ("server-killed", "postgresql-killed") else None
        self.home, self.statements, self.commits, self.done = home, 0, 0, False

    def __call__(self, execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any) -> Any:
        """Between the program and its cursor."""
        self.statements += 1
        self.at("statement", self.statements)
        return execute(sql, params, many, context)

    def commit(self, commit: Callable[[], None]) -> None:
        """Between the program and its commit."""
        self.commits += 1
        self.at("before-commit", self.commits)
        commit()
        self.at("after-commit", self.commits)

    def at(self, point: str, number: int = 0) -> None:
        """Here, if it is here."""
        if self.fault is not None and not self.done and (self.fault.point, self.fault.number) == (point, number):
            self.strike()

    def last(self) -> None:
        """It was not struck on the way, so it is struck now: done, and nobody hears."""
        if self.fault is not None and not self.done:
            self.strike()

    def strike(self) -> None:
        """SIGKILL."""
        self.done = True
        if self.fault is not None and self.fault.kind == "postgresql-killed":
            os.kill(postmaster(self.home), signal.SIGKILL)
            return
        os.kill(os.getpid(), signal.SIGKILL)


def serve(pipe: Any, home: Path) -> None:
    """Answer requests until there are none. A request is a dict: verb, args, names, now, ids, fault."""
    from django.db import connection

    from madang.site import postgres

    logging.disable(logging.CRITICAL)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # whoever forked us ends us
    bank.install()
    connection.settings_dict["USER"] = postgres.APP
    connection.settings_dict["OPTIONS"]["pool"] = {"min_size": 1, "max_size": 2, "timeout": 3}  # a killed PostgreSQL is back only once it was heard
    death = Death(None, home)
    plain = connection.commit
    connection.commit = lambda: death.commit(plain)  # type: ignore[method-assign]
    connection.execute_wrappers.append(lambda *given: death(*given))
    while True:
        try:
            asked = pipe.recv()
        except EOFError:
            os._exit(0)
        death = Death(asked["fault"], home)
        ids.begin(asked["ids"])
        answer = _answer(asked)
        death.last()
        pipe.send(answer)


def _answer(asked: dict[str, Any]) -> dict[str, Any]:
    """``{"done": …}``, ``{"refused": code}``, ``{"lost": why}`` (nobody knows), or ``{"broke": trace}``."""
    import traceback

    import psycopg
    from django.db import Error, InterfaceError, OperationalError, connection
    from psycopg_pool import PoolTimeout

    from madang.coop import law
    from madang.kit.errors import Missing, Refused

    kind, _dot, verb = asked["verb"].partition(".")
    do = seen.DO[verb] if kind == "world" else KINDS[kind].DO[verb]
    try:
        with law.one_reading():
            return {"done": do(asked["names"], asked["args"], asked["now"])}
    except Missing:
        return {"refused": "missing"}
    except Refused as no:
        return {"refused": no.code}
    except (OperationalError, InterfaceError, psycopg.OperationalError, PoolTimeout) as cut:
        return {"lost": str(cut)}
    except Error as wrong:
        return {"lost": str(wrong)} if connection.connection is not None and connection.connection.closed else {"broke": traceback.format_exc()}
    except Exception:
        return {"broke": traceback.format_exc()}
    finally:
        connection.close()
