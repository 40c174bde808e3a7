"""Tasks open and close, notices are read, what is urgent is mailed."""

from datetime import date, timedelta
from threading import Thread

import pytest
from django.db import connection
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _
from hypothesis import given
from hypothesis import strategies as st

from madang.coop import notices
from madang.coop.notices import actions, queries, texts
from madang.coop.notices.models import Mail, Notice, Task
from madang.coop.people import actions as people
from madang.coop.people.models import Person
from madang.kit import house
from madang.kit.errors import Missing

MESSAGES = [
    house.Message("test.offer", _("Saved."), "{who}: {when}, {what} {price}", urgent=True),
    house.Message("test.calm", "Hello {who}", "{unknown}{0}{who.__class__}"),
]


@pytest.fixture(autouse=True)
def _declared(monkeypatch):
    real = house.collect
    monkeypatch.setattr(house, "collect", lambda room: MESSAGES if room == "messages" else real(room))


@pytest.mark.django_db
def test_a_task_is_open_once_and_opens_anew_after_it_was_closed(mina, joe, now):
    first = notices.open_task(mina, "offer:1", "test.calm", url="/x/", params={"who": "Mina"}, now=now)
    again = notices.open_task(mina, "offer:1", "test.calm", url="/x/", params={"who": "Other"}, due_at=now, now=now + timedelta(hours=1))
    assert (again.pk, again.opened_at, again.due_at) == (first.pk, now, now)
    notices.open_task(joe, "offer:1", "test.calm", params={"who": "Joe"}, now=now)
    assert notices.close_task("offer:1", now, person=joe) == 1
    assert [task.pk for task in notices.needs_me(mina)] == [first.pk]
    assert notices.close_task("offer:1", now) == 1
    assert notices.close_task("offer:1", now) == 0
    assert notices.needs_me(mina) == []
    assert notices.open_task(mina, "offer:1", "test.calm", params={"who": "Mina"}, now=now).pk != first.pk


@pytest.mark.django_db
def test_urgent_first_then_by_date(mina, now):
    for key, message, due in (("a", "test.calm", None), ("b", "test.calm", now), ("c", "test.offer", None), ("d", "test.offer", now)):
        notices.open_task(mina, key, message, due_at=due, now=now)
    assert [task.key for task in notices.needs_me(mina)] == ["d", "c", "b", "a"]


@pytest.mark.django_db
def test_urgent_is_mailed_once_in_the_persons_language_and_zone(mina, joe, now):
    params = {"who": "<b>Kim</b>", "when": now, "what": {"ko": "청소", "en": "Cleaning"}, "price": texts.money(52000, "KRW")}
    for person in (mina, joe):
        for _twice in range(2):
            notices.open_task(person, "offer:1", "test.offer", url="/work/1/", params=params, now=now)
    korean, english = Mail.objects.get(person=mina), Mail.objects.get(person=joe)
    assert "청소" in korean.text and "9:00" in korean.text and "52,000" in korean.text
    assert "Cleaning" in english.text and "Saved." in english.subject and "/work/1/" in english.text
    assert "Sun 1 Mar" in english.text, "New York is still in yesterday"
    assert korean.state == Mail.KEPT
    notices.tell(mina, "test.calm", params={"who": "x"}, now=now)
    assert Mail.objects.count() == 2


@pytest.mark.django_db
def test_nobody_is_mailed_who_has_no_address(now):
    gone = people.register("gone@example.org", now=now)
    people.erase(gone, now=now)
    notices.tell(Person.objects.get(pk=gone.pk), "test.offer", now=now)
    assert not Mail.objects.exists()


@pytest.mark.django_db
def test_texts_are_read_in_the_readers_language(mina, now):
    task = notices.open_task(mina, "k", "test.calm", params={"who": _("Saved.")}, now=now)
    task.refresh_from_db()
    with translation.override("en"):
        assert task.title == "Hello Saved."
        assert task.body == "{0}{who.__class__}", "a template reaches into nothing"
    task.message = "gone.key"
    assert task.title == "gone.key"


@pytest.mark.django_db
def test_dates_are_shown_in_the_readers_zone(now):
    packed = texts.pack({"day": date(2026, 3, 2), "at": now, "none": None, "n": 3})
    with timezone.override("America/New_York"), translation.override("en"):
        assert texts.fill("{day} {at} {none} {n}", packed) == "Mon 2 Mar 2026 Sun 1 Mar 2026, 19:00  3"


@given(who=st.text(), text=st.text())
def test_a_value_is_never_a_text(who, text):
    assert texts.fill("{who}", texts.pack({"who": who, "text": text})) == who[: texts.VALUE_MAX]


@pytest.mark.django_db
def test_reading(mina, joe, now):
    first = notices.tell(mina, "test.calm", now=now)
    notices.tell(mina, "test.calm", now=now)
    assert queries.counts(mina) == (0, 2)
    with pytest.raises(Missing):
        actions.mark_read(joe, notice_id=first.pk, now=now)
    assert actions.mark_read(mina, notice_id=first.pk, now=now) == 1
    assert actions.mark_read(mina, notice_id=first.pk, now=now) == 0
    assert actions.mark_read(mina, now=now) == 1
    assert queries.counts(mina) == (0, 0)


@pytest.mark.django_db
def test_erasing_takes_them_along(mina, now):
    notices.open_task(mina, "k", "test.offer", now=now)
    notices.tell(mina, "test.offer", now=now)
    assert people.export(mina)["notices"]["rows"]
    people.erase(mina, now=now)
    assert not Task.objects.exists() and not Notice.objects.exists() and not Mail.objects.exists()


@pytest.mark.django_db
def test_erasing_takes_ones_name_out_of_what_others_were_told(mina, joe, now):
    """Whatever they were called when it was written; who has the same name keeps it."""
    namesake = people.register("other@example.org", "Mina", language="en", time_zone="UTC", now=now)
    notices.open_task(joe, "k", "test.offer", params={"who": mina, "what": "1"}, now=now)
    notices.tell(joe, "test.calm", params={"who": mina}, now=now)
    notices.tell(joe, "test.offer", params={"who": namesake, "what": "2"}, now=now)
    assert "Mina" in Notice.objects.get(message="test.calm").title
    people.update_profile(mina, name="Somebody else", language="ko", time_zone="Asia/Seoul", now=now)
    people.erase(mina, now=now)
    with translation.override("en"):
        assert Notice.objects.get(message="test.calm").title == "Hello Someone who left"
        assert Task.objects.get().body.startswith("Someone who left: ")
        assert Notice.objects.get(message="test.offer").body.startswith("Mina: ")
    first, second = Mail.objects.filter(person=joe).order_by("text")
    assert "Someone who left: , 1" in second.text and "Mina: , 2" in first.text and second.named == {} and list(first.named.values()) == ["Mina"]


@pytest.mark.django_db(transaction=True)
def test_two_at_once_open_one_task(mina, now):
    opened, errors = [], []

    def go():
        try:
            opened.append(notices.open_task(mina, "offer:1", "test.offer", now=now).pk)
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [Thread(target=go) for _n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    assert len(set(opened)) == 1 and Mail.objects.count() == 1
