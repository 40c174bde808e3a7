"""The offer document as HTML: Markdown without HTML of its own, cleaned."""

from __future__ import annotations

from functools import cache

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

TAGS = {"h2", "h3", "h4", "p", "ul", "ol", "li", "strong", "em", "a", "blockquote", "table", "thead", "tbody", "tr", "th", "td", "hr", "br", "code"}


@cache
def _reader() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}).enable("table")


def html(text: str) -> SafeString:
    """A document's Markdown for a page. Headings begin at the second level: the page has a first one. No picture, no HTML, no script gets through."""
    tokens = _reader().parse(text)
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(4, int(token.tag[1]) + 1)}"
    raw = _reader().renderer.render(tokens, _reader().options, {})
    return mark_safe(nh3.clean(raw, tags=TAGS, attributes={"a": {"href"}}, url_schemes={"https", "http", "mailto"}))
