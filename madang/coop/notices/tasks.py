"""What the job runner does for notices: thin, safe to run twice."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from procrastinate import BaseRetryStrategy, RetryDecision
from procrastinate.contrib.django import app

from madang.coop.notices import mail

WAITS_SECONDS = (10, 60, 300, 1_800, 7_200, 21_600, 43_200)


class Patiently(BaseRetryStrategy):  # type: ignore[misc]
    """Ten seconds, a minute, five minutes … twelve hours; then no more."""

    def get_retry_decision(self, *, exception: BaseException, job: Any) -> RetryDecision | None:
        """When to try next, or None after the last wait. ``job.attempts`` counts the tries before this one."""
        if job.attempts >= len(WAITS_SECONDS):
            return None
        return RetryDecision(retry_in={"seconds": WAITS_SECONDS[job.attempts]})


@app.task(name="notices.deliver", retry=Patiently())  # type: ignore[untyped-decorator]
def deliver(mail_id: str) -> None:
    """Send one mail of the outbox."""
    mail.send(UUID(mail_id))


@app.periodic(cron="*/10 * * * *")  # type: ignore[untyped-decorator]
@app.task(name="notices.pick_up", queueing_lock="notices.pick_up")  # type: ignore[untyped-decorator]
async def pick_up(timestamp: int) -> None:
    """Every ten minutes: jobs whose runner was killed in the middle start again (each is safe to run twice)."""
    for job in await app.job_manager.get_stalled_jobs():
        await app.job_manager.retry_job(job)
