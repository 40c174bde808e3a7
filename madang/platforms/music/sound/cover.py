"""Pictures: sniffed, made anew, bounded. What somebody uploaded is never handed on as it came."""

from __future__ import annotations

from io import BytesIO

from django.utils.translation import gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError

from madang.kit.errors import Refused

SIDE = 1200
LARGEST = 20 * 1024**2
PIXELS = 60_000_000


def made_anew(data: bytes, side: int = SIDE) -> bytes:
    """A picture as a JPEG of at most ``side`` × ``side`` pixels, without anything but the picture. Raises ``Refused`` (``picture``)."""
    if len(data) > LARGEST:
        raise Refused("picture", _("This picture is too large. At most %(most)s MB are taken.") % {"most": LARGEST // 1024**2}, "cover")
    try:
        with Image.open(BytesIO(data), formats=("JPEG", "PNG", "WEBP", "GIF")) as image:
            if image.width * image.height > PIXELS:
                raise Refused("picture", _("This picture has too many pixels."), "cover")
            turned = ImageOps.exif_transpose(image)
            flat = Image.new("RGB", turned.size, "white")
            turned = turned.convert("RGBA")
            flat.paste(turned, mask=turned.getchannel("A"))
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise Refused("picture", _("This is not a picture that can be read. JPEG, PNG and WebP are."), "cover") from error
    flat.thumbnail((side, side), Image.Resampling.LANCZOS)
    out = BytesIO()
    flat.save(out, "JPEG", quality=86, optimize=True, progressive=True)
    return out.getvalue()
