"""``docs/charter.md`` and the schema say the same."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from madang.coop.charter import reader, schema
from madang.coop.law import profiles
from tests.coop.founded import TINY

DOCS = Path(__file__).resolve().parents[3] / "docs"
TEXT = (DOCS / "charter.md").read_text()
SECTIONS = dict(re.findall(r"(?ms)^### `([^`]+)`\n(.*?)(?=^##|\Z)", TEXT))


def specs():
    for section, keys in schema.SECTIONS.items():
        for key in keys:
            if key.kind not in ("tables", "table"):
                yield (f"{section}[].{key.name}" if section else key.name), key


def test_every_key_is_documented_and_nothing_else():
    assert list(SECTIONS) == schema.all_keys()


def written(default):
    if default in ("", {}):
        return "none"
    return f"`{json.dumps(default)}`"


@pytest.mark.parametrize(("name", "key"), list(specs()), ids=[name for name, _key in specs()])
def test_required_and_default_are_told(name, key):
    text = SECTIONS[name]
    if key.required:
        assert "Required" in text and "Default" not in text
        return
    told = re.search(r"Default:\s(`[^`]+`|[^.]+)", text)
    assert told, name
    expected = written(key.default)
    if name != "founders[].language":  # its default is another key
        assert told.group(1).strip() == expected
    for choice in key.choices:
        assert f'"{choice}"' in text


def test_every_law_profile_is_listed():
    for key in profiles.keys():
        assert f"| `{key}` |" in TEXT


def test_the_examples_can_be_founded_from():
    """The blocks of ways and rules, put into the small charter, are read without a mistake."""
    ways, rules = re.findall(r"(?s)```toml\n(.*?)```", TEXT)
    text = TINY.read_text()
    text = text[: text.index("[ways.policy]")] + ways + "\n" + rules
    charter = reader.read(text, "docs", now=datetime(2026, 3, 2, tzinfo=UTC))
    assert set(charter.rules) == {"services.split", "services.confirmation", "services.cancel.client"}


def test_defaults_hold_when_a_key_is_left_out():
    charter = reader.read(TINY.read_text(), "tiny", now=datetime(2026, 3, 2, tzinfo=UTC))
    client, treasurer, last = charter.class_of("client"), charter.offices[2], charter.founders[4]
    assert (client.about, client.holder, client.admission, client.min_shares, client.votes) == ({}, "person", "open", 1, True)
    assert (treasurer.role, treasurer.seats, treasurer.term_months) == ("", 1, 24)
    assert (last.organisation, last.offices, last.language, last.operator) == ("", (), "", False)


def test_files_named_in_the_founders_page_are_there():
    text = (DOCS / "founding.md").read_text()
    for name in re.findall(r"\]\(([a-z]+\.md)\)", text):
        assert (DOCS / name).exists(), name
