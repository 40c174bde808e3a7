"""A small open co-op for tests."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

FOUNDERS = [("f1", "강하나", "worker"), ("f2", "박두리", "worker"), ("f3", "이세나", "worker"), ("f4", "정네온", "client"), ("f5", "최다온", "client")]


def open_coop(now: datetime) -> Any:
    """Found, accept, pay, open. Returns the ``Coop``."""
    from madang.coop.law.models import Coop
    from madang.coop.members.models import MemberClass, Membership, Office, OfficeTerm
    from madang.coop.people.models import Person

    coop = Coop.objects.create(
        name={"ko": "작은마당", "en": "Little Yard"}, slug="little-yard", law="kr-general", currency="KRW", time_zone="Asia/Seoul",
        languages=["ko", "en"], voters="people", demo=True, state="open", founded_at=now, opened_at=now, charter_text="",
        platforms=["services"],
    )
    kinds = {
        key: MemberClass.objects.create(key=key, title=title, holder=holder, admission=admission, share_price=10_000, min_shares=1, order=order)
        for order, (key, title, holder, admission) in enumerate(
            [
                ("worker", {"ko": "일하는 조합원", "en": "Worker"}, "person", "office:coordinator"),
                ("client", {"ko": "이용 조합원", "en": "Client"}, "person", "open"),
                ("provider", {"ko": "회원 협동조합", "en": "Member co-op"}, "organisation", "vote:policy"),
            ]
        )
    }
    people = {}
    before = now - timedelta(days=1)
    for key, name, kind in FOUNDERS:
        people[key] = Person.objects.create_user(f"{key}@example.org", name, language="ko")
        Membership.objects.create(member_class=kinds[kind], person=people[key], state="active", applied_at=before, admitted_at=before, active_from=before)
    for order, (key, title, who) in enumerate(
        [
            ("board", {"ko": "이사", "en": "Board"}, "f1"),
            ("coordinator", {"ko": "코디네이터", "en": "Coordinator"}, "f1"),
            ("treasurer", {"ko": "살림 담당", "en": "Treasurer"}, "f2"),
            ("auditor", {"ko": "감사", "en": "Auditor"}, "f3"),
        ]
    ):
        office = Office.objects.create(key=key, title=title, order=order)
        OfficeTerm.objects.create(office=office, person=people[who], since=before, until=now + timedelta(days=730), founding_id=coop.founding_id)
    return coop
