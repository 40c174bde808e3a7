"""How long until a payment service that did not answer is asked again."""

from datetime import timedelta

WAITS = (1, 5, 15, 60, 240, 720)


def wait(attempts: int) -> timedelta:
    """How long until the next try: 1, 5, 15 minutes, 1, 4, then every 12 hours."""
    return timedelta(minutes=WAITS[min(attempts, len(WAITS) - 1)])
