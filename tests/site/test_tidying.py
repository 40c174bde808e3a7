"""What Django keeps for a while goes when its while is over, by the machine's clock and not a demo's moved one."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core.cache import caches
from django.core.management import call_command
from django.test import override_settings

from madang.coop import law
from madang.coop.law.models import Coop
from madang.coop.notices.due import run_due
from madang.site import hooks

pytestmark = pytest.mark.django_db


def test_sessions_of_unfinished_sign_ins_go(coop: Any, now: datetime) -> None:
    for key, expires in (("over", now - timedelta(hours=2)), ("just", now - timedelta(minutes=1)), ("live", now + timedelta(days=30))):
        Session.objects.create(session_key=key, session_data="x", expire_date=expires)
    Coop.objects.update(clock_offset=timedelta(days=60))
    law.forget()
    run_due(now + timedelta(days=60))
    assert [one.session_key for one in Session.objects.all()] == ["live"], "the moved clock of a demo signs nobody out"
    assert run_due(now + timedelta(days=60)).total == 0


def test_the_cache_holds_a_crowd_and_lets_go(coop: Any, now: datetime) -> None:
    table = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "site_cache", "OPTIONS": {"MAX_ENTRIES": 100_000}}}
    with override_settings(CACHES=table):
        call_command("createcachetable", verbosity=0)
        for number in range(400):
            caches["default"].set(f"tried:{number}", 1, 60)
        assert sum(caches["default"].get(f"tried:{number}") == 1 for number in range(400)) == 400
        real = datetime.now(tz=now.tzinfo)
        assert hooks._stale(real, 10) == [] and hooks._stale(real + timedelta(hours=2), 10) == ["cache"]
        hooks._drop("cache", now=real + timedelta(hours=2))
        assert hooks._stale(real + timedelta(hours=2), 10) == [] and caches["default"].get("tried:1") is None


def test_the_setting_says_so(tmp_path: Any) -> None:
    """In tests the cache is the process's own memory; what is served with stands in the settings of a process without them."""
    import os
    import subprocess
    import sys

    kept = {name: value for name, value in os.environ.items() if not name.startswith("MADANG_")} | {"MADANG_DATA": str(tmp_path)}
    ask = "from madang.site import settings; print(settings.CACHES['default']['OPTIONS']['MAX_ENTRIES'])"
    assert int(subprocess.run([sys.executable, "-c", ask], env=kept, capture_output=True, text=True, check=True).stdout) == 100_000
