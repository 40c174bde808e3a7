"""The program shows its own source, and nothing else of the machine."""

import io
import tarfile

import pytest
from django.test import Client

from madang.kit.source import ROOT, place
from madang.platforms.services.actions import money
from madang.web import source

pytestmark = pytest.mark.django_db


def test_a_why_can_point_to_the_line() -> None:
    path, line = place(money.release)
    text = (ROOT / path).read_text().splitlines()
    assert any("def release" in text[number] for number in range(line - 1, line + 4))


def test_a_function_of_another_program_has_no_place_here() -> None:
    with pytest.raises(ValueError):
        place(tarfile.open)


def test_every_flow_that_names_its_code_leads_to_a_page(coop) -> None:
    from madang.coop.ledger import flows
    from madang.coop.ledger.explain import _code

    named = [flow for flow in flows.flows().values() if flow.by]
    assert len(named) >= 8
    for flow in named:
        code, url = _code(flow.kind)
        page = Client().get(url.partition("#")[0])
        assert page.status_code == 200 and f'id="L{code.rpartition(":")[2]}"' in page.content.decode()


@pytest.mark.parametrize(
    "name",
    ["../etc/passwd", "/etc/passwd", "var/test/secret_key", "madang/../var/test/secret_key", ".git/config", "madang/web/static/vendor/x.css", "%2e%2e/x"],
)
def test_nothing_else_is_shown(coop, name: str) -> None:
    assert Client().get(f"/source/{name}").status_code == 404


def test_the_archive_is_the_program(coop) -> None:
    answer = Client().get("/source/madang.tar.gz")
    names = tarfile.open(fileobj=io.BytesIO(answer.content)).getnames()
    assert any(name.endswith("madang/cli.py") for name in names) and any(name.endswith("/LICENSE") for name in names)
    assert not any("var/" in name or ".venv" in name or "secret" in name for name in names)
    assert len(source.files()) > 300


def test_the_foot_links_it(coop) -> None:
    assert 'href="/source/"' in Client().get("/").content.decode()
