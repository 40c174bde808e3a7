"""Founding: all of it or nothing, once, and open when the founders the law asks for have accepted and paid."""

from __future__ import annotations

import hashlib
import json
import threading
from datetime import timedelta

import pytest
from django.apps import apps
from django.db import connection

from madang.coop import law
from madang.coop.charter import actions, blanking, command, queries, reader
from madang.coop.charter.models import FounderInvitation
from madang.coop.law.models import Coop
from madang.coop.members import actions as members
from madang.coop.members import queries as register
from madang.coop.members.models import Membership, OfficeTerm
from madang.coop.notices.mail import SECRET_HEADER
from madang.coop.people.models import Person
from madang.coop.record.models import Leaf, LeafLine, PendingLeaf
from madang.coop.rules.models import RuleVersion
from madang.coop.rules.registry import needed_keys
from madang.kit import house
from madang.kit.errors import Missing, Refused
from tests.coop.founded import TINY, charter, forming_coop

pytestmark = pytest.mark.django_db


def everything_kept():
    """How many rows each table of the co-op's kernel has."""
    labels = [config.label for config in apps.get_app_configs() if config.name.startswith("madang.")]
    return {model.__name__: model._default_manager.count() for label in labels for model in apps.get_app_config(label).get_models()}


def test_the_fixture_is_an_open_co_op(coop, now):
    assert coop.state == "open" and coop.opened_at == now
    assert register.members_count(now) == 5
    assert register.holds(Person.objects.get(email="f1@example.org"), "coordinator", now)


def test_founding_writes_the_first_leaf_first_and_a_version_for_every_rule(now):
    coop, tokens = forming_coop(now)
    assert coop.state == "forming" and len(set(tokens)) == 5
    first = Leaf.objects.order_by("index").first()
    assert (first.index, first.kind, first.subject, first.public) == (0, "founding", f"founding:{coop.founding_id}", True)
    body = json.loads(LeafLine.objects.get(written=first.written).body)
    assert body == {
        "founding_id": str(coop.founding_id), "name": {"ko": "작은마당 협동조합", "en": "Little Yard"}, "law": "kr-general", "currency": "KRW",
        "time_zone": "Asia/Seoul", "charter_sha256": hashlib.sha256(TINY.read_bytes()).hexdigest(), "demo": True,
    }  # fmt: skip
    assert not PendingLeaf.objects.exists()
    versions = {version.key: version for version in RuleVersion.objects.all()}
    assert set(needed_keys()) <= set(versions) and "ways.policy" in versions
    assert {version.founding_id for version in versions.values()} == {coop.founding_id}
    assert OfficeTerm.objects.filter(founding_id=coop.founding_id).count() == 6
    assert Person.objects.get(email="f1@example.org").is_operator
    assert not Person.objects.get(email="f2@example.org").is_operator


def test_secrets_are_kept_hashed_only(now):
    _coop, tokens = forming_coop(now)
    stored = json.dumps(list(FounderInvitation.objects.values_list("token_hash", flat=True)))
    assert not any(token in stored for token in tokens)


def test_a_second_founding_is_refused(coop, now):
    before = everything_kept()
    with pytest.raises(Refused) as no:
        actions.found(charter(now), now=now)
    assert no.value.code == "already_founded" and everything_kept() == before


@pytest.mark.parametrize(
    "step",
    [
        "madang.coop.charter.actions._first_leaf", "madang.coop.charter.actions._classes", "madang.coop.charter.actions._offices",
        "madang.coop.charter.actions.found_rules", "madang.coop.charter.actions.people.register", "madang.coop.charter.actions.members.apply",
        "madang.coop.charter.actions.members.appoint", "madang.coop.record.seal",
    ],
)  # fmt: skip
def test_a_fault_in_the_middle_leaves_nothing(monkeypatch, now, step):
    """Whatever step breaks, also after some founders were written, nothing is half-founded."""
    from importlib import import_module

    module, *names = step.rpartition(".")[0::2]
    try:
        holder = import_module(module)
    except ModuleNotFoundError:
        outer, _dot, inner = module.rpartition(".")
        holder = getattr(import_module(outer), inner)
    real, calls = getattr(holder, names[0]), []

    def breaks(*args, **kwargs):
        calls.append(1)
        done = real(*args, **kwargs)
        if len(calls) >= 2 or names[0] not in ("register", "apply", "appoint"):
            raise RuntimeError("the power went out")
        return done

    before = everything_kept()
    monkeypatch.setattr(holder, names[0], breaks)
    with pytest.raises(RuntimeError):
        actions.found(charter(now), now=now)
    assert everything_kept() == before and law.coop_or_none() is None


def test_a_hook_that_fails_undoes_the_founding(monkeypatch, now):
    def no(*args, **kwargs):
        raise RuntimeError

    real = house.collect
    monkeypatch.setattr(house, "collect", lambda room: [no] if room == "founded" else real(room))
    with pytest.raises(RuntimeError):
        actions.found(charter(now), now=now)
    assert not Coop.objects.exists() and not Person.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_foundings_at_once_are_one(now):
    results, start = [], threading.Barrier(2)

    def found():
        try:
            start.wait()
            results.append(actions.found(charter(now), now=now)[0].founding_id)
        except Refused as no:
            results.append(no.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=found) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 2 and results.count("already_founded") == 1
    assert Coop.objects.count() == 1 and Membership.objects.count() == 5 and FounderInvitation.objects.count() == 5
    assert Leaf.objects.filter(kind="founding").count() == 1


def test_it_opens_with_the_fifth_who_accepted_and_paid_and_not_before(now):
    coop, tokens = forming_coop(now)
    accepted = [actions.accept(token, now=now) for token in tokens]
    assert {one.state for one in accepted} == {"admitted"}
    with pytest.raises(Refused) as no:
        law.require_open()
    assert no.value.code == "forming"
    for number, membership in enumerate(accepted, 1):
        later = now + timedelta(hours=number)
        members.activate(membership, now=later)
        assert queries.progress(later).ready == number
        assert (law.coop().state == "open") == (number == 5)
    assert law.require_open().opened_at == now + timedelta(hours=5)
    assert PendingLeaf.objects.filter(kind="founding.opened", subject=f"founding:{coop.founding_id}").count() == 1
    assert actions.open_if_ready(now=now + timedelta(days=1))  # again: nothing happens
    assert PendingLeaf.objects.filter(kind="founding.opened").count() == 1


def test_paying_without_accepting_is_impossible(now):
    forming_coop(now)
    with pytest.raises(Refused):
        members.activate(Membership.objects.first(), now=now)


def test_accepting_twice_is_once(now):
    _coop, tokens = forming_coop(now)
    one = actions.accept(tokens[0], now=now)
    again = actions.accept(tokens[0], now=now + timedelta(days=1))
    assert one.pk == again.pk and again.admitted_at == now


def test_a_link_is_for_its_founder_only(now):
    _coop, tokens = forming_coop(now)
    with pytest.raises(Missing):
        actions.accept(tokens[0], by=Person.objects.get(email="f2@example.org"), now=now)
    with pytest.raises(Missing):
        actions.accept("nonsense", now=now)
    assert queries.progress(now).accepted == 0


def test_a_new_link_replaces_the_old_one(now):
    _coop, tokens = forming_coop(now)
    link = actions.renew_link("F1@example.org", now=now)
    with pytest.raises(Missing):
        actions.accept(tokens[0], now=now)
    assert actions.accept(link.path.split("/")[2], now=now).person.email == "f1@example.org"
    with pytest.raises(Missing):
        actions.renew_link("nobody@example.org", now=now)


def test_nobody_joins_while_it_is_forming(now):
    forming_coop(now)
    stranger = Person.objects.create_user("new@example.org", "새사람")
    with pytest.raises(Refused) as no:
        members.apply(stranger, "client", now=now)
    assert no.value.code == "forming"


def test_founders_are_admitted_by_themselves_only(now):
    """The coordinator is there from the first moment, and still founders' applications are not theirs to answer."""
    from madang.coop.notices.models import Task

    _coop, tokens = forming_coop(now)
    coordinator = Person.objects.get(email="f1@example.org")
    assert not Task.objects.exists() and register.applications_for(coordinator, now) == []
    with pytest.raises(Refused):
        members.admit(Membership.objects.get(person__email="f2@example.org"), by=coordinator, now=now)
    actions.accept(tokens[1], now=now)
    assert Task.objects.get(closed_at=None).person.email == "f2@example.org"


def test_demo_founders_get_no_letter(now, mailoutbox):
    forming_coop(now)
    assert not mailoutbox


def test_letters_of_a_real_founding(now, mailoutbox):
    real = reader.read(TINY.read_text().replace("demo = true", "demo = false"), "real.toml", now=now)
    _coop, links = actions.found(real, now=now)
    letters = {mail.to[0]: mail for mail in mailoutbox}
    assert len(letters) == 5 and links[0].path in letters["f1@example.org"].body
    assert all(SECRET_HEADER in mail.extra_headers for mail in mailoutbox)
    assert "설립자" in letters["f1@example.org"].subject


def test_organisations_found_too(now):
    nyc = reader.read_file(TINY.parents[2] / "charters" / "upandgo-nyc.toml", now=now)
    _coop, links = actions.found(nyc, now=now)
    for link in links:
        membership = actions.accept(link.path.split("/")[2], now=now)
        assert membership.organisation is not None and register.represents(link.person, membership.organisation, now)
        members.activate(membership, now=now)
    assert law.coop().state == "open"
    assert {voter.person.email for voter in register.voters(now)} == {link.person.email for link in links}


@pytest.mark.parametrize("name", ["upandgo.toml", "upandgo-nyc.toml"])
def test_the_shipped_demos_open_by_themselves_through_the_sandbox(now, name):
    """As ``make run`` does it: founders accept by their links, pay through the rail, and the co-op is open."""
    from madang.coop.charter.hooks import demo

    path = TINY.parents[2] / "charters" / name
    actions.found(reader.read_file(path, now=now), now=now)
    steps = []
    (fill,) = demo
    fill(lambda what, percent=0: steps.append(percent), 1, now + timedelta(days=92))
    assert law.coop().state == "open" and law.coop().opened_at < now + timedelta(days=1)
    assert steps[-1] == 100


def test_the_command_says_what_is_wrong_and_founds_nothing(tmp_path):
    broken = tmp_path / "broken.toml"
    broken.write_text(TINY.read_text().replace("KRW", "KRV"))
    said = []
    assert command.found_file(broken, said.append) == 1
    assert f"{broken}:5: currency:" in said[0] and not Coop.objects.exists()
    said.clear()
    assert command.check_file(TINY, said.append) == 0 and not Coop.objects.exists()
    assert command.founders("", said.append) == 1


@pytest.mark.parametrize(("spoken", "word"), [("ko_KR.UTF-8", "필요한 것"), ("en_GB.UTF-8", "expected"), ("C", "expected"), ("", "expected")])
def test_the_terminal_is_answered_in_its_language(tmp_path, monkeypatch, spoken, word):
    from madang.site import texts

    texts.compile_all()
    for name in ("LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", spoken)
    broken = tmp_path / "broken.toml"
    broken.write_text(TINY.read_text().replace("KRW", "KRV"))
    said = []
    assert command.check_file(broken, said.append) == 1 and f": currency: {word}" in said[0]


def test_the_command_founds_and_prints_links_that_work(now):
    said = []
    assert command.found_file(TINY, said.append) == 0
    token = next(line for line in said if "/founding/" in line).rstrip("/").rsplit("/", 1)[1]
    assert queries.invitation(token).person.email == "f1@example.org"
    assert command.found_file(TINY, said.append) == 1
    said.clear()
    assert command.founders("", said.append) == 0 and len(said) == 6
    assert command.founders("f1@example.org", said.append) == 0 and "/founding/" in said[-1]
    assert command.founders("no@example.org", said.append) == 1


def test_a_real_founding_without_a_mail_server_is_told_so(tmp_path, settings):
    """Codes come by mail, and only a demo shows them: better to say it before five people stand before the door."""
    real = tmp_path / "real.toml"
    real.write_text(TINY.read_text().replace("demo = true", ""))
    said: list[str] = []
    settings.EMAIL_HOST = ""
    assert command.found_file(real, said.append) == 0
    assert any("MADANG_SMTP_HOST" in line for line in said)


def test_only_a_demo_is_backdated(tmp_path):
    real = tmp_path / "real.toml"
    real.write_text(TINY.read_text().replace("demo = true", "demo = false"))
    assert command.found_file(real, lambda text: None, backdate=True) == 0
    from madang.coop.law import clock

    assert clock.now() - law.coop().founded_at < timedelta(minutes=5)


def test_an_erased_founder_leaves_the_charters_text(coop, now):
    person = Person.objects.get(email="f5@example.org")
    from madang.coop.charter.hooks import personal

    (declared,) = personal
    assert declared.export(person)[0]["kind"] == "founder"
    declared.erase(person, now=now)
    text = law.coop().charter_text
    assert "f5@example.org" not in text and "최다온" not in text and "f4@example.org" in text
    reader_problems = text.count('""')
    assert reader_problems >= 2


@pytest.mark.parametrize(
    "written",
    [
        '[[founders]]  # mother of Mina\nname = "Mina Kim" # Mina\n# she\nemail = "MINA@Example.org"\nclass = "worker"',
        "[[founders]]\nemail = 'Mina@example.org'\nname = 'Mina Kim'\nclass = 'worker'",
        '[[founders]]\n"name" = """\nMina Kim"""\nemail="mina\\u0040example.org"\nclass = "worker"',
        '[[founders]]\r\nname = "Mina Kim"\r\nemail = "mina@example.org"\r\nclass = "worker"\r\n',
    ],
)
def test_a_founder_is_blanked_however_they_were_written(written):
    import tomllib

    before = 'slug = "mina-kim-yard"  # Mina Kim thought of it\nnote = "write to mina@example.org"\n'
    other = '\n[[founders]]\nname = "Mina Kimchi"  # stays\nemail = "jo@example.org"\n'
    text = blanking.without_founder(before + written + other, 0)
    read = tomllib.loads(text)
    assert read["founders"][0] == {"name": "", "email": "", "class": "worker"} and read["slug"] == "mina-kim-yard"
    assert "mina@" not in text.lower() and "# Mina" not in text and "mother" not in text and "# she" not in text
    assert read["founders"][1] == {"name": "Mina Kimchi", "email": "jo@example.org"} and "# stays" in text
    inline = blanking.without_founder('founders = [{name = "A", email = "a@b.c"}, {name = "B",email = "b@b.c"}]', 1)
    assert tomllib.loads(inline)["founders"] == [{"name": "A", "email": "a@b.c"}, {"name": "", "email": ""}]
    assert blanking.without_founder("", 0) == "" and blanking.without_founder("name = ", 0) == "name = "


def test_a_founder_who_changed_name_and_address_leaves_the_charters_text(coop, now):
    """The text says what they were called then."""
    from madang.coop.charter.hooks import personal

    person = Person.objects.get(email="f5@example.org")
    Person.objects.filter(pk=person.pk).update(name="Somebody Else", email="else@example.org")
    Coop.objects.update(charter_text=law.coop().charter_text.replace('"f5@example.org"', "'F5@Example.org'"))
    person.refresh_from_db()
    personal[0].erase(person, now=now)
    text = Coop.objects.get().charter_text
    assert "f5@" not in text.lower() and "최다온" not in text and "f4@example.org" in text


def test_pages_of_a_forming_co_op(client_for, now):
    _coop, tokens = forming_coop(now)
    founder, other = Person.objects.get(email="f1@example.org"), Person.objects.get(email="f2@example.org")
    link = f"/founding/{tokens[0]}/"
    page = client_for(None).get(link)
    assert page.status_code == 200 and "10,000" in page.content.decode()
    assert client_for(None).post(link).status_code == 302 and queries.progress(now).accepted == 0
    assert client_for(other).post(link).status_code == 302 and queries.progress(now).accepted == 0
    answer = client_for(founder).post(link)
    membership = Membership.objects.get(person=founder)
    assert answer.headers["Location"] == f"/shares/buy/{membership.pk}/" and queries.progress(now).accepted == 1
    assert client_for(founder).get(link).status_code == 200
    assert client_for(None).get("/founding/nonsense/").status_code == 404
    assert "박두리" not in client_for(None).get("/founding/").content.decode()
    assert "박두리" in client_for(founder).get("/founding/").content.decode()
    assert client_for(None).get("/members/join/").status_code == 200


def test_the_api(client_for, now):
    _coop, tokens = forming_coop(now)
    founder = Person.objects.get(email="f1@example.org")
    assert client_for(None).get("/api/charter/coop").json()["state"] == "forming"
    assert client_for(None).get("/api/charter/progress").json() == {"needed": 5, "invited": 5, "accepted": 0, "ready": 0, "open": False}
    assert client_for(None).post(f"/api/charter/founders/{tokens[0]}/accept").status_code == 401
    assert client_for(Person.objects.get(email="f2@example.org")).post(f"/api/charter/founders/{tokens[0]}/accept").status_code == 404
    assert client_for(founder).post(f"/api/charter/founders/{tokens[0]}/accept").json()["state"] == "admitted"
