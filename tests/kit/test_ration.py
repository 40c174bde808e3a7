"""So much a minute, each caller for themselves, and the proxy is believed only where there is one."""

from __future__ import annotations

import pytest

from madang.kit import ration
from madang.kit.ration import Ration, caller, forget_all


def test_so_much_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [0.0]
    monkeypatch.setattr(ration.time, "monotonic", lambda: clock[0])
    one = Ration(2)
    assert [one.allows("a"), one.allows("a"), one.allows("a"), one.allows("b")] == [True, True, False, True]
    clock[0] = 60.0
    assert one.allows("a")
    assert one.allows("a") and not one.allows("a")
    forget_all()
    assert one.allows("a")


def test_it_does_not_grow_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ration, "CALLERS", 10)
    one = Ration(1)
    for number in range(100):
        one.allows(str(number))
    assert len(one._callers) == 10


def test_who_asks() -> None:
    meta = {"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": "6.6.6.6, 192.0.2.7"}
    assert caller(meta, behind_proxy=False) == "10.0.0.1"
    assert caller(meta, behind_proxy=True) == "192.0.2.7"
    assert caller({"REMOTE_ADDR": "10.0.0.1"}, behind_proxy=True) == "10.0.0.1"
