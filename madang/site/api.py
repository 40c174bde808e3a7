"""The JSON API: every app's ``api.router`` under ``/api/<app>/``, described at ``/api/docs``."""

import logging
from importlib import import_module
from importlib.util import find_spec

from django.apps import apps
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from madang import __version__
from madang.coop.law import rations
from madang.coop.people.tokens import api_auth
from madang.kit.errors import Missing, Refused
from madang.site.middleware import UNREADABLE
from madang.site.openapi import House
from madang.web.errors import unreadable

log = logging.getLogger("madang.site")
api = House(title="Madang", version=__version__, auth=api_auth, urls_namespace="api", openapi_url="/openapi.json", docs_url="/docs")


@api.exception_handler(Refused)
def refused(request: HttpRequest, no: Refused) -> HttpResponse:
    status = 429 if no.code == rations.TOO_OFTEN else 409
    return api.create_response(request, {"code": no.code, "message": str(no.message), "field": no.field}, status=status)


@api.exception_handler(Missing)
def missing(request: HttpRequest, no: Missing) -> HttpResponse:
    return api.create_response(request, {"code": "missing", "message": str(_("It is not there, or not yours to see.")), "field": None}, status=404)


def not_kept(request: HttpRequest, exception: Exception) -> HttpResponse:
    """What the database or the calendar will not hold is the sender's to correct."""
    log.warning("what was sent to %s cannot be kept: %s", request.path, exception)
    return unreadable(request, exception)


for kind in UNREADABLE:
    api.add_exception_handler(kind, not_kept)

for config in apps.get_app_configs():
    if config.name.startswith("madang.") and config.label != "site" and find_spec(f"{config.name}.api"):
        api.add_router(f"/{config.label}/", import_module(f"{config.name}.api").router)
