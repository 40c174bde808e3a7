"""Every sentence of the house is there in Korean."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from madang.site import texts

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("language", ["ko"])
def test_every_text_is_translated(language: str) -> None:
    assert texts.untranslated(language) == []


def test_the_search_for_texts_finds_what_templates_and_code_say(tmp_path) -> None:
    (tmp_path / "views.py").write_text('from x import gettext as _\nA = _("From the code")\nB = ngettext("%(n)s job", "%(n)s jobs", 2)\n')
    (tmp_path / "page.html").write_text(
        "{% load i18n %}<p title=\"{% translate 'It\\'s quoted' %}\">{% translate \"From a page\" %}</p>\n"
        "{% blocktranslate with n=job.n trimmed %}You have {{ n }}\n   jobs{% endblocktranslate %}\n"
        '{% blocktranslate count n=jobs %}{{ n }} job{% plural %}{{ n }} jobs{% endblocktranslate %} {{ _("In a variable") }}\n'
    )
    found = {english for _context, english in texts.wanted(tmp_path)}
    assert {"From the code", "%(n)s job", "From a page", "You have %(n)s jobs", "In a variable"} <= found


def test_a_fresh_checkout_speaks_every_language_from_its_first_command(tmp_path) -> None:
    """Django remembers a catalogue once it was read: they are compiled before it is brought up, or a new demo would keep English texts for ever."""
    shutil.copytree(ROOT / "madang", tmp_path / "madang", ignore=shutil.ignore_patterns("*.mo", "__pycache__", "vendor"))
    script = (
        "from madang.site import start; start.house()\n"
        "from django.utils.translation import gettext, override\n"
        "with override('ko'): print(gettext('Settings'))"
    )
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "madang.site.settings", "MADANG_DATA": str(tmp_path / "data"), "PYTHONPATH": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "설정", done.stderr[-2000:]
