"""Every sentence of the house is there in Korean."""

import pytest

from madang.site import texts


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
