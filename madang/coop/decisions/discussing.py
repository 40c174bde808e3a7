"""The discussion of a proposal: threads of one level, and summaries that its proposer holds up. Exposed through ``actions``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from madang.coop import notices
from madang.coop.decisions import states, telling
from madang.coop.decisions.drafting import locked, require_insider
from madang.coop.decisions.models import Comment, Proposal
from madang.coop.people.actions import clean_text
from madang.coop.people.models import Person
from madang.kit.errors import Missing, Refused

COMMENT_MAX, COMMENTS_MOST, SHOWN_MOST, PINS_MOST = 4000, 100, 500, 3


@transaction.atomic
def comment(proposal: Proposal | UUID | str, author: Person, text: str, *, reply_to: Comment | UUID | str | None = None, now: datetime) -> Comment:
    """Say something about a proposal, or answer somebody. For members (inside an organisation: those who work there) while it is not over.

    An answer to an answer stands in the same thread. Saying the same thing twice in a row is once; whoever is answered is told.
    Raises ``Missing`` for a draft, for someone who may not see the discussion and for an answer to nothing, ``Refused``: "comment", "over",
    "too-many-comments".
    """
    one = locked(proposal)
    require_insider(one, author, now)
    text = clean_text(text, COMMENT_MAX * 2, "text")
    if not text or len(text) > COMMENT_MAX:
        raise Refused("comment", _("Write something, in at most {n} characters.").format(n=COMMENT_MAX), "text")
    if one.state not in states.OPEN:
        raise Refused("over", _("This decision is over; the discussion stays to be read."), "text")
    asked = None if reply_to is None else _of(one, reply_to)
    head = asked.reply_to if asked is not None and asked.reply_to is not None else asked
    last = one.comments.order_by("at", "pk").last()
    if last is not None and last.author_id == author.pk and last.text == text and last.reply_to_id == (head.pk if head else None):
        return last
    if one.comments.filter(author=author).count() >= COMMENTS_MOST:
        raise Refused("too-many-comments", _("You have said a great deal here already. Please meet in person."), "text")
    made = Comment.objects.create(proposal=one, author=author, text=text, at=now, reply_to=head)
    if asked is not None and asked.author_id != author.pk and asked.author.erased_at is None:
        notices.tell(asked.author, "decisions.reply", url=f"{telling.url(one)}#comment-{made.pk}", params={"title": one.title, "name": author}, now=now)
    return made


def _of(one: Proposal, comment: Comment | UUID | str) -> Comment:
    found = one.comments.select_related("author", "reply_to").filter(pk=getattr(comment, "pk", comment)).first()
    if found is None:
        raise Missing("nothing was said there")
    return found


@transaction.atomic
def pin(proposal: Proposal | UUID | str, person: Person, comment: Comment | UUID | str, *, up: bool = True, now: datetime) -> Comment:
    """Its proposer holds something up as a summary of the discussion, or takes it down. Twice is once.

    Raises ``Missing`` for somebody else's proposal, ``Refused``: "over", "reply" (an answer stands in its thread), "too-many-pins".
    """
    one = locked(proposal)
    if one.author_id != person.pk:
        raise Missing("not your proposal")
    found = _of(one, comment)
    if one.state not in states.OPEN:
        raise Refused("over", _("This decision is over; the discussion stays to be read."), "text")
    if up and found.reply_to_id is not None:
        raise Refused("reply", _("An answer stays in its thread. Write the summary as a new contribution, then hold it up."))
    if up and found.pinned_at is None and one.comments.exclude(pinned_at=None).count() >= PINS_MOST:
        raise Refused("too-many-pins", _("At most {n} summaries stand on top. Take one down first.").format(n=PINS_MOST))
    if (found.pinned_at is not None) != up:
        found.pinned_at = now if up else None
        found.save(update_fields=["pinned_at"])
    return found


@dataclass
class Thread:
    """Something said, and what was answered to it."""

    head: Comment
    replies: list[Comment] = field(default_factory=list)


def shown(proposal: Proposal) -> list[Comment]:
    """What was said, oldest first: the five hundred latest contributions, what they answer, and the summaries. So nobody is silenced by who says
    much before them. One query, a second where there is more than that."""
    rows = proposal.comments.select_related("author")
    said = list(rows.order_by("-at", "-pk")[:SHOWN_MOST])[::-1]
    if len(said) < SHOWN_MOST:
        return said
    there = {one.pk for one in said}
    heads = {one.reply_to_id for one in said if one.reply_to_id is not None}
    return [*rows.filter(Q(pk__in=heads) | Q(pinned_at__isnull=False)).exclude(pk__in=there).order_by("at", "pk"), *said]


def threads(proposal: Proposal) -> tuple[Sequence[Comment], Sequence[Thread]]:
    """The summaries that are held up, oldest first, and every thread that is :func:`shown`, in the order it began. One query, or two."""
    said = shown(proposal)
    heads = {one.pk: Thread(one) for one in said if one.reply_to_id is None}
    for one in said:
        if one.reply_to_id in heads:
            heads[one.reply_to_id].replies.append(one)
    return [one for one in said if one.pinned_at is not None], list(heads.values())
