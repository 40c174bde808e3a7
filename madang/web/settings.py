"""Django settings the shell brings."""

CSRF_FAILURE_VIEW = "madang.web.errors.stale_form"
