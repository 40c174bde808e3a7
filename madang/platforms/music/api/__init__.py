"""Every verb of music as JSON. A refusal is 409 ``{"code", "message", "field"}``; what is not there or not yours is 404."""

from madang.platforms.music.api import listening, making, sharing
from madang.platforms.music.api.shapes import router

__all__ = ["listening", "making", "router", "sharing"]
