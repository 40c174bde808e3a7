"""What granian serves."""

import contextlib
import os
import signal
import threading
import time

from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()

import madang.site.urls  # noqa: E402, F401  (so that the first visitor does not wait for it, and a mistake shows at start)

PATIENCE_S = 5


def _follow(granian: int, madang: int) -> None:
    """End with those who started us: a worker that outlives them would go on answering at their port."""
    asked = 0
    while os.getppid() == granian:
        try:
            os.kill(madang, 0)
        except ProcessLookupError:
            with contextlib.suppress(ProcessLookupError):
                os.kill(granian, signal.SIGTERM if asked < PATIENCE_S else signal.SIGKILL)  # it may wait for a worker that never hears it
            asked += 1
        time.sleep(1)
    os._exit(0)


if server := os.environ.get("MADANG_SERVER"):
    threading.Thread(target=_follow, args=(os.getppid(), int(server)), daemon=True).start()
