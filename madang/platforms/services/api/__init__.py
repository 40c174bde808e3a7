"""Every verb of on-demand services as JSON. A refusal is 409 ``{"code", "message", "field"}``; what is not there or not yours is 404."""

from madang.platforms.services.api import client, office, visits, worker
from madang.platforms.services.api.shapes import router

__all__ = ["client", "office", "router", "visits", "worker"]
