"""Amendments: while a proposal is discussed, others offer another wording or another value; its proposer takes it in, or a vote does.

What is offered is checked as drafting checks it and remembers what it was offered on: once the text has moved it is out of date and can be
offered anew. The vote is a decision like any other (kind ``amendment``), and the vote on the proposal waits for it. Why so: docs/decisions/280.
"""

from __future__ import annotations

import copy
import hashlib
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from madang.coop import notices, record
from madang.coop.decisions import cooling, drafting, kinds, states, telling, ways
from madang.coop.decisions.kinds.base import Line
from madang.coop.decisions.models import Proposal
from madang.coop.people.actions import clean_line, clean_text
from madang.coop.people.models import Person
from madang.kit import canonical
from madang.kit.errors import Missing, Refused
from madang.kit.ruletypes import Way

KIND = "amendment"
OFFERED, TAKEN, DECLINED, WITHDRAWN, LOST = "offered", "taken", "declined", "withdrawn", "lost"
REASON_MAX, ANSWER_MAX, EACH_MOST, ALL_MOST = 2000, 500, 5, 50


class Amendment(models.Model):
    """Another content for a proposal. ``seen``: the digest of the content it was offered on; ``vote``: the decision on whether it is taken in."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    proposal = models.ForeignKey(Proposal, models.PROTECT, related_name="amendments")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    reason = models.TextField(max_length=REASON_MAX, blank=True)
    changes = models.JSONField(default=list)
    details = models.JSONField(default=dict)
    before = models.JSONField(help_text='{"changes", "details"} it was offered on')
    seen = models.CharField(max_length=64)
    state = models.CharField(max_length=10, default=OFFERED)
    answer = models.CharField(max_length=ANSWER_MAX, blank=True, help_text="why the proposer does not take it in")
    vote = models.OneToOneField(Proposal, models.PROTECT, null=True, related_name="amends")
    at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["at", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=[OFFERED, TAKEN, DECLINED, WITHDRAWN, LOST]), name="decisions_amendment_state"),
            models.CheckConstraint(condition=Q(state=OFFERED) | Q(answered_at__isnull=False), name="decisions_amendment_answered"),
        ]


def digest(changes: Sequence[Mapping[str, Any]], details: Mapping[str, Any]) -> str:
    """What a proposal says, in 64 hexadecimal digits: SHA-256 of its canonical JSON (RFC 8785). Which version a change was drafted from is no part of it."""
    plain = [{name: value for name, value in change.items() if name != "from"} for change in changes]
    return hashlib.sha256(canonical.dumps({"changes": plain, "details": details})).hexdigest()


def content(one: Proposal) -> str:
    """The digest of what a proposal says now."""
    return digest(one.changes, one.details)


@transaction.atomic
def offer(
    proposal: Proposal | uuid.UUID | str, person: Person, changes: Sequence[dict[str, Any]] = (), *, details: dict[str, Any] | None = None,
    reason: str = "", id: uuid.UUID | None = None, now: datetime,
) -> Amendment:  # fmt: skip
    """Offer other content for a proposal that is being discussed. The same ``id`` again is the same offer.

    Raises ``Missing`` for somebody who does not decide here, ``Refused``: "not-amendable" (its kind), "over" (voting has opened), "agenda" (it stands on
    that of a meeting), "other-way" (it would be decided otherwise: propose it on its own), "cooling-off", "same" (nothing differs), "too-many", "reason", and
    whatever drafting refuses.
    """
    one = drafting.locked(proposal)
    drafting.require_insider(one, person, now)
    if id is not None and (first := Amendment.objects.filter(pk=id, proposal=one, author=person).first()):
        return first
    kind = kinds.get(one.kind)
    if not kind.amends or one.back_of_id is not None:
        raise Refused("not-amendable", _("This is voted on as it is. Propose what you want on its own."))
    _require_open(one)
    words = clean_text(reason, REASON_MAX * 2, "reason")
    if len(words) > REASON_MAX:
        raise Refused("reason", _("Please keep the reason under {n} characters.").format(n=REASON_MAX), "reason")
    open_ones = one.amendments.filter(state=OFFERED)
    if open_ones.filter(author=person).count() >= EACH_MOST or one.amendments.count() >= ALL_MOST:
        raise Refused("too-many", _("There are many amendments already. Wait until some are answered."))
    prepared = _prepared(one, changes, details or {}, now)
    if digest(prepared.changes, prepared.details) == content(one):
        raise Refused("same", _("Nothing is different from what is proposed."))
    before = {"changes": one.changes, "details": one.details}
    made = Amendment.objects.create(
        id=id or uuid.uuid4(), proposal=one, author=person, reason=words, changes=prepared.changes, details=prepared.details, before=before,
        seen=content(one), at=now,
    )  # fmt: skip
    if one.author is not None and one.author_id != person.pk:
        notices.open_task(
            one.author, _task(made), "decisions.amendment", url=f"{telling.url(one)}#amendments", params={"title": one.title, "name": person},
            due_at=one.opens_at, now=now,
        )  # fmt: skip
    return made


@transaction.atomic
def take_in(amendment: Amendment | uuid.UUID | str, person: Person, *, now: datetime) -> Amendment:
    """The proposer takes it in: from now on it is what is proposed. Twice is once.

    Raises ``Missing`` for another's proposal, ``Refused``: "over", "outdated" (the text has moved since), "answered", "being-voted" (an amendment of this
    proposal is).
    """
    found, one = _pair(amendment)
    if one.author_id != person.pk:
        raise Missing("not your proposal")
    if found.state == TAKEN:
        return found
    _require_open(one)
    if found.state not in (OFFERED, DECLINED):
        raise Refused("answered", _("It was answered already."))
    if pending(one):
        raise Refused("being-voted", _("An amendment is being decided by a vote; until then the text stays."))
    return _apply(found, one, {"by": "proposer"}, now)


@transaction.atomic
def decline(amendment: Amendment | uuid.UUID | str, person: Person, answer: str, *, now: datetime) -> Amendment:
    """The proposer does not take it in, and says why. Whoever wants can put it to the vote. Twice is once. Raises as ``take_in`` does, and "answer"."""
    found, one = _pair(amendment)
    if one.author_id != person.pk:
        raise Missing("not your proposal")
    if found.state == DECLINED:
        return found
    _require_open(one)
    if found.state != OFFERED:
        raise Refused("answered", _("It was answered already."))
    words = clean_line(answer, ANSWER_MAX * 4, "answer")
    if not words or len(words) > ANSWER_MAX:
        raise Refused("answer", _("Say in one or two sentences why not: who offered it reads it."), "answer")
    _end(found, DECLINED, now, answer=words)
    if found.author.erased_at is None:
        notices.tell(found.author, "decisions.amendment.declined", url=f"{telling.url(one)}#amendments", params={"title": one.title}, now=now)
    return found


@transaction.atomic
def retract(amendment: Amendment | uuid.UUID | str, person: Person, *, now: datetime) -> Amendment:
    """Whoever offered it takes it back, unless it is being voted on. Twice is once. Raises ``Missing``, ``Refused``: "answered", "being-voted"."""
    found, _one = _pair(amendment)
    if found.author_id != person.pk:
        raise Missing("not your amendment")
    if found.state == WITHDRAWN:
        return found
    if found.vote_id is not None:
        raise Refused("being-voted", _("The members are deciding about it."))
    if found.state not in (OFFERED, DECLINED):
        raise Refused("answered", _("It was answered already."))
    _end(found, WITHDRAWN, now)
    return found


@transaction.atomic
def put(amendment: Amendment | uuid.UUID | str, person: Person, *, now: datetime) -> Proposal:
    """Put an amendment to the vote of those who decide on the proposal; the vote on the proposal waits for it. Twice is once.

    It has its own discussion, votes and notice as its way says (``ways.amendments`` where the co-op has it, else the proposal's own).
    Raises ``Missing``, ``Refused``: "over", "outdated", "answered", "being-voted" (another of this proposal is), "too-many" (as many as the rule
    ``deciding.amendment_votes`` lets were put to the vote already).
    """
    from madang.coop.decisions.rules import amendment_votes

    found, one = _pair(amendment)
    drafting.require_insider(one, person, now)
    if found.vote is not None:
        return found.vote
    _require_open(one)
    if found.state not in (OFFERED, DECLINED):
        raise Refused("answered", _("It was answered already."))
    if outdated(found, one):
        raise Refused("outdated", _old())
    if pending(one):
        raise Refused("being-voted", _("Another amendment is being decided by a vote. Wait for it."))
    most = int(amendment_votes.at(now).value)
    if one.amendments.filter(vote__isnull=False).count() >= most:
        raise Refused("too-many", _("As many amendments of this proposal were put to the vote as the members allow: {n}.").format(n=most))
    title = _("Amendment: {title}").format(title=one.title)[: drafting.TITLE_MAX]
    child = drafting.draft(None, KIND, title, found.reason, details={"amendment": str(found.pk)}, org=one.org, now=now)
    child = drafting.open_discussion(child, None, now=now)
    found.vote = child
    found.save(update_fields=["vote"])
    notices.close_task(_task(found), now)
    return child


def pending(one: Proposal) -> bool:
    """Whether an amendment of this proposal is being decided by a vote. One query."""
    return one.amendments.filter(vote__state__in=[*states.OPEN, states.DRAFT, states.PASSED]).exists()


def waiting() -> Any:
    """The proposals whose vote waits for one on an amendment, as a subquery of their ids."""
    return Amendment.objects.filter(vote__state__in=[*states.OPEN, states.DRAFT, states.PASSED]).values("proposal")


def carried(vote: Proposal, now: datetime) -> None:
    """The vote took it in. Raises ``Refused`` where it cannot be any more: the decision *failed* then."""
    found = Amendment.objects.select_for_update(of=("self",)).get(pk=vote.details["amendment"])
    one = drafting.locked(found.proposal_id)
    _require_open(one)
    _apply(found, one, {"by": "vote", "vote": str(vote.pk)}, now)


def lost(vote: Proposal, now: datetime) -> None:
    """The vote did not take it in, or came to nothing."""
    found = Amendment.objects.select_for_update(of=("self",)).filter(pk=vote.details.get("amendment")).first()
    if found is not None and found.state in (OFFERED, DECLINED):
        _end(found, LOST, now)


def outdated(found: Amendment, one: Proposal) -> bool:
    """Whether the text has moved since it was offered."""
    return found.seen != content(one)


def _old() -> str:
    return str(_("The text has changed since. Offer it again on the new one."))


def _require_open(one: Proposal) -> None:
    if one.state != states.DISCUSSION:
        raise Refused("over", _("What is voted on does not change: amendments are for the discussion."))
    if one.meeting is not None:
        raise Refused("agenda", _("It stands on the agenda of a meeting: members are called to this text."))


def _prepared(one: Proposal, changes: Sequence[dict[str, Any]], details: dict[str, Any], now: datetime) -> Any:
    given = [{name: value for name, value in change.items() if name != "from"} for change in changes]
    prepared = kinds.get(one.kind).prepare(given, details, one.org, now)
    if prepared.way_name != one.way_name or Way().dump(ways.read(prepared.way_name, now)) != one.way:
        raise Refused("other-way", _("This would be decided in another way than what is proposed. Propose it on its own."))
    amended = copy.copy(one)
    amended.changes, amended.details = prepared.changes, prepared.details
    cooling.require_cooled(amended, ways.parse(one.way), now, before=one)  # what failed does not come back as an amendment of something else
    return prepared


def _pair(amendment: Amendment | uuid.UUID | str) -> tuple[Amendment, Proposal]:
    """The amendment and its proposal, both locked, the proposal first. Raises ``Missing``."""
    try:
        pk = amendment.pk if isinstance(amendment, Amendment) else uuid.UUID(str(amendment))
    except ValueError:
        raise Missing("no such amendment") from None
    row = Amendment.objects.filter(pk=pk).values_list("proposal", flat=True).first()
    if row is None:
        raise Missing("no such amendment")
    one = drafting.locked(row)
    return Amendment.objects.select_for_update(of=("self",)).select_related("author", "vote").get(pk=pk), one


def _end(found: Amendment, state: str, now: datetime, *, answer: str = "") -> None:
    found.state, found.answered_at, found.answer = state, now, answer
    found.save(update_fields=["state", "answered_at", "answer"])
    notices.close_task(_task(found), now)


def _task(found: Amendment) -> str:
    return f"amendment:{found.pk}"


def _apply(found: Amendment, one: Proposal, how: dict[str, str], now: datetime) -> Amendment:
    """It is what is proposed from now on; there is time to read it before voting opens. Both rows are locked."""
    from madang.coop.decisions.rules import after_amendment

    if outdated(found, one):
        raise Refused("outdated", _old())
    prepared = _prepared(one, found.changes, found.details, now)
    found.changes, found.details = prepared.changes, prepared.details
    found.save(update_fields=["changes", "details"])
    _end(found, TAKEN, now, answer=found.answer)
    one.changes, one.details = prepared.changes, prepared.details
    one.dry_run = drafting.try_out(one, now)
    assert one.opens_at is not None
    one.opens_at = max(one.opens_at, now + after_amendment.at(now).value)
    one.save()
    leaf = {"decision": str(one.pk), "amendment": str(found.pk), "content": content(one), **how}
    record.write("decision.amended", f"decision:{one.pk}", [leaf], public=True, now=now)
    for person in _who_cares(one, found):
        notices.tell(person, "decisions.amended", url=f"{telling.url(one)}#amendments", params={"title": one.title, "opens": one.opens_at}, now=now)
    return found


def _who_cares(one: Proposal, found: Amendment) -> list[Person]:
    """Its proposer, its supporters, who offered it and who took part in the discussion."""
    rows = Person.objects.filter(erased_at=None)
    named = [found.author_id, *([one.author_id] if one.author_id else [])]
    mine = Q(pk__in=one.supports.values("person")) | Q(pk__in=one.comments.values("author")) | Q(pk__in=named)
    return list(rows.filter(mine)[:500])


@dataclass(frozen=True)
class Shown:
    """An amendment on the page: what differs, how it stands, and what this reader may do with it."""

    one: Amendment
    lines: list[Line]
    state: str
    may_answer: bool = False
    may_retract: bool = False
    may_put: bool = False
    difference: Any = None

    @property
    def open(self) -> bool:
        """Whether it still waits for an answer."""
        return self.state in (OFFERED, "voting")


def listed(one: Proposal, person: Any, lang: str) -> list[Shown]:
    """All amendments of a proposal, as this reader sees them. Two queries, and what the kind's words need."""
    rows = list(one.amendments.select_related("author", "vote"))
    busy = any(row.vote is not None and row.vote.state in (*states.OPEN, states.DRAFT, states.PASSED) for row in rows)
    discussed, now_says = one.state == states.DISCUSSION and one.meeting is None, content(one)
    shown = []
    for row in rows:
        state = row.state
        if row.state in (OFFERED, DECLINED):
            if row.vote is not None:
                state = "voting"
            elif not discussed:
                state = "lapsed" if row.state == OFFERED else DECLINED
            elif row.seen != now_says:
                state = "outdated"
        live = discussed and state in (OFFERED, DECLINED)
        shown.append(
            Shown(row, differing(one, row.before, {"changes": row.changes, "details": row.details}, lang), state,
                  may_answer=live and not busy and one.author_id == person.pk, may_retract=live and row.author_id == person.pk, may_put=live and not busy,
                  difference=_word_for_word(one, row))
        )  # fmt: skip
    return shown


def _word_for_word(one: Proposal, row: Amendment) -> Any:
    """Of the articles, which are too long to stand there twice: both texts compared; None for other kinds."""
    from madang.coop.decisions import articles

    if one.kind != articles.KIND or not row.changes or not row.before["changes"]:
        return None
    return articles.compared(row.before["changes"][0]["value"], row.changes[0]["value"])


def differing(one: Proposal, before: Mapping[str, Any], after: Mapping[str, Any], lang: str) -> list[Line]:
    """What differs between two contents of a proposal, in its kind's words: only the lines that are not the same in both."""

    def said(kept: Mapping[str, Any]) -> list[Line]:
        other = copy.copy(one)
        other.changes, other.details = kept["changes"], kept["details"]
        return kinds.get(one.kind).lines(other, lang)

    old, new = said(before), said(after)
    labels = list(dict.fromkeys([str(line.label) for line in (*new, *old)]))
    was, now_is = ({str(line.label): line for line in lines} for lines in (old, new))
    found = []
    for label in labels:
        first, second = was.get(label), now_is.get(label)
        if first is not None and second is not None and (first.after, first.note) == (second.after, second.note):
            continue
        found.append(Line(label, first.after if first else "", second.after if second else "—", note=second.note if second else ""))
    return found


def named(details: Mapping[str, Any]) -> Amendment | None:
    """The amendment that the details of a vote name. One query."""
    try:
        return Amendment.objects.select_related("proposal__org").filter(pk=uuid.UUID(str(details.get("amendment", "")))).first()
    except ValueError:
        return None


def question(vote: Proposal) -> Amendment | None:
    """What a vote on an amendment is about. One query."""
    return named(vote.details)


def export(person: Person) -> list[dict[str, Any]]:
    """The amendments a person offered."""
    rows = Amendment.objects.filter(author=person).select_related("proposal")
    return [{"kind": "amendment", "decision": one.proposal.title, "reason": one.reason, "state": one.state, "at": one.at} for one in rows]


def erase(person: Person, *, now: datetime) -> None:
    """What they said with an amendment goes; that it was offered stays with what was decided. Nobody answers it any more."""
    for one in Amendment.objects.filter(author=person, state=OFFERED, vote=None):
        _end(one, WITHDRAWN, now)
    Amendment.objects.filter(author=person).update(reason="")
