"""Nothing but a decision (or the founding) sets a rule: not a page, not the API, not a command, not a module, not SQL."""

from __future__ import annotations

import ast
import json
import uuid
from contextlib import contextmanager
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core import serializers
from django.core.management import call_command
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.urls import URLPattern, URLResolver, get_resolver, reverse

import madang
from madang.coop import rules
from madang.coop.decisions import actions
from madang.coop.decisions.models import Ballot, Elector, Proposal
from madang.coop.people.models import Person
from madang.coop.rules.models import RuleVersion
from madang.kit import house
from madang.site.api import api
from tests.coop.decisions.yard import POLICY, SPLIT, WAIT, Yard, split

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
ROOT = Path(madang.__file__).parent
SIX = {"provider": "94%", "upkeep": "6%"}


def insert(**columns: Any) -> None:
    """A row straight into the table, past every line of Python."""
    row = {"id": uuid.uuid4(), "key": SPLIT, "scope": "", "value": SIX, "founding_id": None, "decision_id": None, **columns}
    if "previous_id" not in row:
        row["previous_id"] = RuleVersion.objects.filter(key=row["key"], scope=row["scope"]).order_by("-effective_from").values_list("pk", flat=True).first()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO rules_ruleversion (id, key, scope, value, effective_from, founding_id, decision_id, previous_id)"
            " VALUES (%(id)s, %(key)s, %(scope)s, %(value)s, %(effective_from)s, %(founding_id)s, %(decision_id)s, %(previous_id)s)",
            {**row, "value": json.dumps(row["value"])},
        )


def refused(**columns: Any) -> None:
    before = set(RuleVersion.objects.values_list("pk", flat=True))
    with pytest.raises(IntegrityError):
        insert(**columns)
    assert set(RuleVersion.objects.values_list("pk", flat=True)) == before


# ---- the database


def test_the_database_refuses_a_value_nobody_decided(yard: Yard):
    refused(effective_from=yard.now)
    refused(effective_from=yard.now, decision_id=uuid.uuid4())
    refused(effective_from=yard.now, founding_id=yard.coop.founding_id)
    refused(effective_from=yard.now, founding_id=uuid.uuid4())
    refused(effective_from=yard.coop.founded_at, founding_id=yard.coop.founding_id, key="test.brand_new")
    refused(effective_from=yard.coop.founded_at, founding_id=yard.coop.founding_id, scope=str(uuid.uuid4()))


def test_in_no_state_but_passed_and_due(yard: Yard):
    one = yard.propose(split("94%", "6%"))
    far = yard.now + 90 * DAY
    refused(effective_from=far, decision_id=one.pk)
    one = actions.open_voting(one, now=one.opens_at)
    refused(effective_from=far, decision_id=one.pk)
    yard.vote(one, worker="fffffff")
    one = actions.close(one, now=one.closes_at)
    refused(effective_from=one.effect_at - timedelta(seconds=1), decision_id=one.pk)
    refused(effective_from=one.effect_at, decision_id=one.pk, value={"provider": "93%", "upkeep": "7%"})
    refused(effective_from=one.effect_at, decision_id=one.pk, value={"provider": "94%"})
    refused(effective_from=one.effect_at, decision_id=one.pk, key=WAIT, value="48h")
    refused(effective_from=one.effect_at, decision_id=one.pk, scope=str(uuid.uuid4()))
    refused(effective_from=one.effect_at, decision_id=one.pk, previous_id=None)
    refused(effective_from=one.effect_at, decision_id=one.pk, founding_id=yard.coop.founding_id)
    one = actions.take_effect(one, now=one.effect_at)
    refused(effective_from=far, decision_id=one.pk)
    lost = yard.run(yard.propose(split("90%", "10%"), now=far), worker="aaaaaaa")
    assert lost.state == "rejected"
    refused(effective_from=far + 90 * DAY, decision_id=lost.pk, value={"provider": "90%", "upkeep": "10%"})


def test_what_was_set_is_never_changed(yard: Yard):
    version = rules.get(SPLIT).at(yard.now)
    statements = ["UPDATE rules_ruleversion SET value = '{}'", "DELETE FROM rules_ruleversion", "TRUNCATE rules_ruleversion CASCADE"]
    for sql in statements:
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)
    with pytest.raises(DatabaseError), transaction.atomic():
        RuleVersion.objects.filter(pk=version.pk).update(data=SIX)
    assert rules.get(SPLIT).at(yard.now).data == version.data


def test_a_decision_cannot_be_forged(yard: Yard):
    """No shortcut to "passed": born a draft, step by step, its question frozen, its ballots only while voting is open."""
    author = yard.people["worker"][0]
    whole = {
        "kind": "change_rules", "title": "x", "author": author, "way_name": "policy", "way": POLICY, "created_at": yard.now,
        "changes": [{"rule": SPLIT, "scope": "", "from": str(rules.get(SPLIT).at(yard.now).pk), "value": SIX}],
        "electorate": {"total": 1, "classes": {"worker": 1}}, "tally": {"passed": True}, "opens_at": yard.now, "closes_at": yard.now + DAY,
        "closed_at": yard.now + DAY, "effect_at": yard.now + DAY,
    }  # fmt: skip
    with pytest.raises(IntegrityError), transaction.atomic():
        Proposal.objects.create(state="passed", **whole)
    forged = Proposal.objects.create(state="draft", **{**whole, "tally": None})
    for state in ("voting", "passed", "in_force", "rejected", "failed"):
        with pytest.raises(IntegrityError), transaction.atomic():
            Proposal.objects.filter(pk=forged.pk).update(state=state, ended_at=yard.now, tally={"passed": True})
    one = actions.open_voting(yard.propose(split("90%", "10%")), now=yard.now + 3 * DAY)
    for change in (
        {"changes": whole["changes"]}, {"closes_at": one.closes_at + DAY}, {"way": {**one.way, "quorum": "0%"}}, {"electorate": {"total": 1, "classes": {}}},
        {"title": "Something else"}, {"state": "discussion"}, {"state": "in_force", "ended_at": yard.now},
    ):  # fmt: skip
        with pytest.raises(IntegrityError), transaction.atomic():
            Proposal.objects.filter(pk=one.pk).update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        Proposal.objects.filter(pk=one.pk).update(
            state="passed", tally={"passed": True}, closed_at=one.closes_at, effect_at=one.closes_at
        )  # without one ballot for it
    elector = Elector.objects.filter(proposal=one).first()
    with pytest.raises(IntegrityError), transaction.atomic():
        Elector.objects.create(proposal=one, membership=elector.membership, person=Person.objects.create_user("new@example.org"), class_key="worker")
    with pytest.raises(IntegrityError), transaction.atomic():
        Elector.objects.filter(pk=elector.pk).update(class_key="board")
    with pytest.raises(IntegrityError), transaction.atomic():
        Ballot.objects.create(elector=elector, by=elector.person, choice="for", cast_at=one.closes_at)
    yard.vote(one, worker="fffffff")
    one = actions.close(one, now=one.closes_at)
    with pytest.raises(IntegrityError), transaction.atomic():
        Ballot.objects.filter(elector__proposal=one).update(choice="against")
    for change in ({"tally": {"passed": False}}, {"effect_at": one.closed_at}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Proposal.objects.filter(pk=one.pk).update(**change)
    for model in (Ballot, Elector, Proposal):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {model._meta.db_table}")
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"TRUNCATE {model._meta.db_table} CASCADE")


# ---- the source


@cache
def trees() -> list[tuple[Path, ast.Module]]:
    return [(path, ast.parse(path.read_text())) for path in ROOT.rglob("*.py") if "migrations" not in path.parts]


def test_only_the_rules_own_actions_make_versions():
    """In the whole source, a RuleVersion is built in two places (one of them unsaved), and its table is named in no SQL but the guard's."""
    building, naming = set(), set()
    for path, tree in trees():
        where = str(path.relative_to(ROOT))
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "RuleVersion":
                building.add(where)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and "RuleVersion" in ast.unparse(node.func.value):
                if node.func.attr in {"create", "bulk_create", "get_or_create", "update_or_create", "update", "bulk_update", "acreate", "abulk_create"}:
                    building.add(where)
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and "rules_ruleversion" in node.value:
                naming.add(where)
    assert building == {"coop/rules/actions.py", "coop/rules/registry.py"}
    writing = {where for where in naming if any(word in (ROOT / where).read_text().upper() for word in ("INSERT INTO RULES_", "COPY RULES_", "UPDATE RULES_"))}
    assert writing == set()
    in_sql = {str(p.relative_to(ROOT)) for p in ROOT.rglob("*.sql") if "insert into rules_ruleversion" in p.read_text().lower()}
    assert in_sql == set()


def test_only_charter_founds_and_only_decisions_apply():
    users: dict[str, set[str]] = {"found": set(), "apply": set()}
    for path, tree in trees():
        where = str(path.relative_to(ROOT))
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module == "madang.coop.rules.actions":
                for name in node.names:
                    users.get(name.name, set()).add(where)
            if isinstance(node, ast.Attribute) and node.attr in users and ast.unparse(node.value).endswith(("rules.actions", "rule_actions", "rules_actions")):
                users[node.attr].add(where)
    assert {where.split("/")[1] for where in users["found"]} <= {"charter"}
    assert users["apply"] == {"coop/decisions/kinds/change_rules.py"}


def test_there_is_no_admin():
    assert not apps.is_installed("django.contrib.admin")
    assert not [where for where in addresses() if "admin/" in where[0].split("accounts/")[0] and where[0].startswith("admin")]


# ---- what runs


@contextmanager
def watched():
    """No statement writes rules while this is open; and afterwards they are what they were."""
    written: list[str] = []

    def look(execute, sql, params, many, context):
        text = str(sql).lower()
        if "rules_ruleversion" in text and not text.lstrip().startswith(("select", "with")):
            written.append(str(sql))
        return execute(sql, params, many, context)

    before = list(RuleVersion.objects.order_by("pk").values())
    with connection.execute_wrapper(look):
        yield
    assert written == []
    assert list(RuleVersion.objects.order_by("pk").values()) == before


def addresses(patterns: Any = None, prefix: str = "", space: str = "") -> list[tuple[str, str]]:
    """Every (address pattern, name) of the site."""
    found: list[tuple[str, str]] = []
    for one in patterns if patterns is not None else get_resolver().url_patterns:
        if isinstance(one, URLResolver):
            inner = f"{space}{one.namespace}:" if one.namespace else space
            found += addresses(one.url_patterns, prefix + str(one.pattern), inner)
        elif isinstance(one, URLPattern):
            found.append((prefix + str(one.pattern), f"{space}{one.name or ''}"))
    return found


ARGUMENTS = {"uuid": str(uuid.UUID(int=1)), "int": "1", "slug": "policy", "str": SPLIT, "path": "0/000"}


def address(pattern: str) -> str:
    """A pattern with plausible parts filled in."""
    while "<" in pattern:
        head, _, rest = pattern.partition("<")
        part, _, tail = rest.partition(">")
        kind = part.partition(":")[0] if ":" in part else "str"
        pattern = head + ARGUMENTS.get(kind, SPLIT) + tail
    return "/" + pattern.replace("^", "").replace("$", "").replace("\\Z", "").replace("\\", "")


BODY = {
    "rule": SPLIT, "key": SPLIT, "scope": "", "value": json.dumps(SIX), "data": json.dumps(SIX), "effective_from": "2026-03-02T00:00:00Z", "title": "x",
    "do": "propose", "kind": "change_rules", f"v-{SPLIT}.provider": "94", f"v-{SPLIT}.upkeep": "6", "decision_id": str(uuid.UUID(int=1)),
    "text": "x", "reason": "x",
}  # fmt: skip


@pytest.fixture
def everyone(yard: Yard, client_for):
    """A member who is an operator, with every hat a person can have."""
    boss = yard.people["worker"][0]
    boss.is_operator = boss.is_staff = boss.is_superuser = True
    boss.save()
    client = client_for(boss)
    client.raise_request_exception = False
    return client


def test_no_page_writes_rules(yard: Yard, everyone):
    walked = 0
    with watched():
        for pattern, _name in addresses():
            if pattern.startswith(("accounts/logout", "static")) or "(?P" in pattern:
                continue
            for method, body in (("get", {}), ("post", BODY)):
                with transaction.atomic():
                    getattr(everyone, method)(address(pattern), body)
                walked += 1
    assert walked > 60
    assert reverse("rules:list")


def _example(schema: dict[str, Any], of: dict[str, Any], name: str = "") -> Any:
    if "$ref" in schema:
        return _example(of[schema["$ref"].rpartition("/")[2]], of, name)
    for key in ("anyOf", "allOf", "oneOf"):
        if key in schema:
            return _example(schema[key][0], of, name)
    if name in ("value", "data"):
        return SIX
    if name in BODY and schema.get("type") == "string":
        return BODY[name]
    kind = schema.get("type")
    if kind == "object":
        return {key: _example(part, of, key) for key, part in schema.get("properties", {}).items()}
    if kind == "array":
        return [_example(schema.get("items", {}), of, name)]
    return {"integer": 1, "number": 1, "boolean": True, "string": str(uuid.UUID(int=1)) if schema.get("format") == "uuid" else "x"}.get(str(kind), SIX)


def test_no_api_route_writes_rules(yard: Yard, everyone):
    schema = api.get_openapi_schema()
    of = schema.get("components", {}).get("schemas", {})
    walked = 0
    with watched():
        for path, methods in schema["paths"].items():
            for method, operation in methods.items():
                filled = path
                for parameter in operation.get("parameters", []):
                    filled = filled.replace("{" + parameter["name"] + "}", str(_example(parameter["schema"], of, parameter["name"])))
                content = operation.get("requestBody", {}).get("content", {})
                body = next((_example(one["schema"], of) for kind, one in content.items()), None)
                with transaction.atomic():
                    everyone.generic(method.upper(), filled, json.dumps(body) if body is not None else "", content_type="application/json")
                walked += 1
    assert walked >= 20


def test_no_command_writes_rules(yard: Yard, tmp_path):
    """Commands of ours bring no value of their own; Django's can only try, and the database refuses."""
    ours = [config.name for config in apps.get_app_configs() if config.name.startswith("madang.") and list(Path(config.path).glob("management/commands/*.py"))]
    assert ours == [], "a management command of ours would have to be looked at here"
    version = RuleVersion(key=SPLIT, data=SIX, effective_from=yard.now, founding_id=yard.coop.founding_id, previous=rules.get(SPLIT).at(yard.now))
    fixture = tmp_path / "rules.json"
    fixture.write_text(serializers.serialize("json", [version]))
    with pytest.raises(IntegrityError), transaction.atomic():
        call_command("loaddata", str(fixture), verbosity=0)
    for command in house.collect("commands"):
        module = Path(__import__("sys").modules[command.run.__module__].__file__)
        for name in ("RuleVersion", "rules_ruleversion", "rules.actions"):
            assert name not in module.read_text() or "charter" in module.parts, f"madang {command.name}"


def test_no_action_but_take_effect_writes_rules(yard: Yard):
    """The whole course up to the last step, and every other verb, leaves the rules alone; the last step writes exactly what was decided."""
    author = yard.people["worker"][0]
    with watched():
        one = yard.propose(split("94%", "6%"))
        actions.comment(one, author, "x", now=yard.now)
        actions.support(one, author, now=yard.now)
        other = actions.draft(author, "change_rules", "y", "", [split("90%", "10%")], now=yard.now)
        actions.edit(other, author, title="z", reason="", changes=[split("91%", "9%")], now=yard.now)
        actions.withdraw(other, author, "", now=yard.now)
        one = yard.run(one, worker="fffffff")
    actions.take_effect(one, now=one.effect_at)
    assert RuleVersion.objects.filter(decision_id=one.pk).count() == 1
