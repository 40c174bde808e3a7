"""The quick list is the one Django draws."""

import re

from django import forms
from django.utils.translation import gettext_lazy as _

from madang.coop.people.widgets import LongSelect

CHOICES = [("", "–"), ("Asia/Seoul", "Asia / Seoul"), ('"><script>', "<b>&"), (0, _("Name")), (None, "none")]


def test_the_same_html_as_djangos():
    for value in ("", None, "Asia/Seoul", '"><script>', 0, "0", "unknown"):
        drawn = [kind(attrs={"class": "x"}, choices=CHOICES).render("zone", value, {"id": "z", "required": True}) for kind in (forms.Select, LongSelect)]
        assert re.sub(r"\s+", " ", drawn[0]).replace("> <", "><") == re.sub(r"\s+", " ", drawn[1]).replace("> <", "><"), value
