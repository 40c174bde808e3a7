from importlib import import_module
from importlib.util import find_spec

from django.apps import AppConfig, apps

from madang.kit import house


class SiteConfig(AppConfig):
    """Last in the list: when all models are there, every app's declarations move in."""

    name = "madang.site"
    label = "site"

    def ready(self) -> None:
        """Import each app's ``rules``, ``kinds`` and ``hooks``, in installed order."""
        house.listed_by(_listed)
        for config in apps.get_app_configs():
            if not config.name.startswith("madang."):
                continue
            for room in ("rules", "kinds", "hooks"):
                if config.label != room and find_spec(f"{config.name}.{room}"):
                    module = import_module(f"{config.name}.{room}")
                    if room == "hooks":
                        house.move_in(module, config.label if config.name.startswith("madang.platforms.") else "")


def _listed() -> list[str] | None:
    from madang.coop import law

    coop = law.coop_or_none()
    return list(coop.platforms) if coop else None
