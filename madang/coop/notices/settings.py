"""Settings of the job runner."""

PROCRASTINATE_WORKER_DEFAULTS = {"delete_jobs": "successful"}
