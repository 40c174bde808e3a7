"""Every app's ``urls.py`` at its ``url_prefix``, every app's ``api.py`` under ``/api/``."""

from importlib import import_module
from importlib.util import find_spec

from django.apps import apps
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.templatetags.static import static
from django.urls import include, path

from madang.site.api import api


def healthz(request: HttpRequest) -> HttpResponse:
    """Whether this is us, and awake."""
    return HttpResponse("ok\n", content_type="text/plain", headers={"X-Madang": "1"})


urlpatterns = [
    path("healthz", healthz),
    path("accounts/", include("allauth.urls")),
    path("api/", api.urls),
    path("favicon.ico", lambda request: redirect(static("web/icon.svg"))),
]
for config in apps.get_app_configs():
    if config.name.startswith("madang.") and config.label != "site" and find_spec(f"{config.name}.urls"):
        urlpatterns.append(path(config.url_prefix, include(f"{config.name}.urls")))
        import_module(f"{config.name}.urls")
        urlpatterns += [path(prefix, include(urls)) for prefix, urls in getattr(config, "also_at", {}).items()]

handler400 = "madang.web.errors.unreadable"
handler404 = "madang.web.errors.not_found"
handler403 = "madang.web.errors.forbidden"
handler500 = "madang.web.errors.broken"
