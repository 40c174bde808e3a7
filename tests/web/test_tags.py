"""The template tags, as pages use them."""

from typing import Any

import pytest
from django import forms
from django.core.paginator import Paginator
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import translation


def draw(source: str, **context: Any) -> str:
    """The template's text in English."""
    with translation.override("en"):
        return Template("{% load madang %}" + source).render(Context(context))


class Form(forms.Form):
    name = forms.CharField(help_text="As others see it.")
    size = forms.ChoiceField(choices=[("a", "small"), ("b", "big")], widget=forms.RadioSelect)
    ladder = forms.BooleanField(required=False)


def test_money_is_the_readers() -> None:
    assert draw('{{ 52000|money:"KRW" }}') in {"₩52,000", "52,000 won"}
    assert draw('{{ nothing|money:"KRW" }}', nothing=None) == ""


def test_a_field_ties_label_help_error_and_control_together() -> None:
    form = Form({"name": "", "size": "z"})
    form.is_valid()
    drawn = draw("{% field form.name %}", form=form)
    assert 'for="id_name"' in drawn
    assert 'aria-describedby="id_name_helptext id_name_error"' in drawn
    assert 'id="id_name_helptext"' in drawn
    assert 'id="id_name_error"' in drawn
    assert 'aria-invalid="true"' in drawn


def test_a_choice_is_a_group_with_a_legend() -> None:
    drawn = draw("{% field form.size %}", form=Form())
    assert "<fieldset" in drawn
    assert "<legend>Size</legend>" in drawn
    assert drawn.count('type="radio"') == 2


def test_the_summary_links_to_each_field_and_is_silent_when_all_is_well() -> None:
    form = Form({"name": "<b>", "size": "z"})
    form.is_valid()
    form.add_error(None, "All of it is wrong.")
    drawn = draw("{% form_errors form %}", form=form)
    assert 'href="#id_size_0"' in drawn or 'href="#id_size"' in drawn
    assert "All of it is wrong." in drawn
    good = Form({"name": "x", "size": "a"})
    assert draw("{% form_errors form %}", form=good).strip() == ""
    assert draw("{% form_errors form %}", form=Form()).strip() == ""


def test_what_people_typed_is_never_markup() -> None:
    nasty = '<script>alert("x")</script>'
    drawn = draw('{% state "x" label %}{% why "/w/" label %}{% empty label label %}{% bars rows %}', label=nasty, rows=[(nasty, 1, "5%")])
    assert "<script" not in drawn


def test_bars_draw_shares_without_inline_style() -> None:
    drawn = draw('{% bars rows "KRW" %}', rows=[("workers", 49400, "95%"), {"label": "upkeep", "amount": 2600, "share": "5%", "url": "/rules/"}])
    assert 'width="95%"' in drawn
    assert "style=" not in drawn
    assert 'href="/rules/"' in drawn


def test_the_pager_keeps_the_other_parameters() -> None:
    page = Paginator(range(50), 10).page(2)
    drawn = draw("{% pager page %}", page=page, request=RequestFactory().get("/x/?state=open&page=2"))
    assert "state=open&amp;page=1" in drawn
    assert "state=open&amp;page=3" in drawn
    assert draw("{% pager page %}", page=Paginator([], 10).page(1), request=RequestFactory().get("/")).strip() == ""


@pytest.mark.parametrize(("change", "kept"), [("page=3", "?a=1&amp;page=3"), ("a=None", "?")])
def test_the_query_string_changes_only_what_is_asked(change: str, kept: str) -> None:
    assert draw(f"{{% query_string {change} %}}", request=RequestFactory().get("/?a=1")) == kept
