"""What decisions adds to the house."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from madang.coop import law, record
from madang.coop.decisions import actions, amending, checking, delegations, drafting, emergency, proxies, queries, reminding, review, running, states, telling
from madang.coop.decisions import panels as by_lot  # the name "panels" is the house's: short lists on the home page
from madang.coop.decisions.models import Ballot, Comment, Elector, Hands, Nomination, Objection, Proposal, Support
from madang.coop.members.models import Membership
from madang.coop.people.models import Person
from madang.coop.rules import reading
from madang.kit.errors import Refused
from madang.kit.house import Check, DueWork, Duty, Message, NavItem, Personal
from madang.kit.ruletypes.text import in_language

duties = [Duty(emergency.DUTY, _("takes emergency measures"), needed=False)]

navigation = [
    NavItem(_("Decisions"), "decisions:list", order=30, audience="all"),
    NavItem(_("Articles of association"), "decisions:articles", order=93, audience="all"),
]

messages = [
    Message("decisions.vote", _("Vote: {title}"), _("Voting is open until {closes}. It takes a minute: read what would change, then choose."), urgent=True),
    Message(
        "decisions.nominated",
        _("You were named: {title}"),
        _("Say until {opens} whether you want to stand. Without a yes of yours you do not."),
        urgent=True,
    ),
    Message("decisions.remind", _("You have not voted yet: {title}"), _("Voting closes on {closes}."), urgent=True),
    Message(
        "decisions.longer",
        _("The vote goes on: {title}"),
        _("Many ballots came in late. Voting is open until {closes}; you can still change your ballot."),
    ),
    Message(
        "decisions.turned",
        _("The vote goes on: {title}"),
        _("The outcome turned late. Voting is open until {closes}; you can still change your ballot."),
    ),
    Message("decisions.review", _("Keep it? {title}"), _("Its day to be looked at again has come. Keep it, or propose a change.")),
    Message("decisions.reverted", _("Gone back on: {title}"), _("The members went back to what was before.")),
    Message(
        "decisions.about_you",
        _("It is being discussed whether your membership shall end"),
        _("Read why, and answer in the discussion: all members read it. Voting opens on {opens}."),
        urgent=True,
    ),
    Message("decisions.about_you.over", _("Your membership goes on"), _("What was proposed about it did not come to pass."), urgent=True),
    Message("decisions.discussion", _("Your proposal is being discussed: {title}"), _("Voting opens by itself on {opens}.")),
    Message("decisions.amendment", _("{name} offers an amendment: {title}"), _("Take it in, or say why not. Without an answer it can be put to the vote.")),
    Message("decisions.amendment.declined", _("Not taken in: {title}"), _("Its page says why. You can put your amendment to the vote.")),
    Message("decisions.amended", _("Changed: {title}"), _("An amendment was taken in. Read what it says now; voting opens on {opens} at the earliest.")),
    Message("decisions.objected", _("{name} objects: {title}"), _("Read why, and answer: while an objection stands, it does not pass."), urgent=True),
    Message("decisions.passed", _("Passed: {title}"), _("The members decided it. It takes effect on {effect}.")),
    Message("decisions.rejected", _("Not passed: {title}"), _("The members voted, and it did not pass. Everything stays as it is.")),
    Message("decisions.in_force", _("In force: {title}"), _("Your proposal has taken effect.")),
    Message("decisions.withdrawn", _("Withdrawn: {title}"), _("Its author took it back. There is nothing more to vote on.")),
    Message("decisions.proxy", _("{name} lets you act for them"), _("It stands until {until}. You can give it up at any time."), urgent=True),
    Message("decisions.delegation", _("{name} asks you to carry their vote"), _("Accept or decline. Whoever delegates to you sees how you voted.")),
    Message("decisions.delegation.accepted", _("{name} carries your vote"), _("Until {until}. Your own ballot always stands before theirs.")),
    Message("decisions.emergency", _("Stopped: {what}"), _("{reason} It ends by itself on {until}; you are asked whether it goes on."), urgent=True),
    Message("decisions.call", _("Will you stand? {title}"), _("Members are drawn by lot. Say until {opens} with one tap that you stand.")),
    Message(
        "decisions.drawn",
        _("You were drawn: {title}"),
        _("The lot has fallen on you for this panel. Its page says what it does and who else sits on it."),
        urgent=True,
    ),
    Message("decisions.reply", _("{name} answered you: {title}"), _("In the discussion of this proposal.")),
    Message("decisions.failed", _("Could not take effect: {title}"), _("The page of the decision says why. Nothing was changed.")),
]


def _found(state: str, field: str, **more: Any) -> Callable[[datetime, int], list[str]]:
    def find(now: datetime, limit: int) -> list[str]:
        rows = Proposal.objects.filter(state=state, **{f"{field}__lte": now}, **more).order_by(field, "pk")
        return [str(pk) for pk in rows.values_list("pk", flat=True)[:limit]]

    return find


def _to_open(now: datetime, limit: int) -> list[str]:
    """Those whose discussion is over, and of which no amendment is being decided."""
    rows = Proposal.objects.filter(state=states.DISCUSSION, opens_at__lte=now, at_meeting=False).exclude(pk__in=amending.waiting())
    return [str(pk) for pk in rows.order_by("opens_at", "pk").values_list("pk", flat=True)[:limit]]


due = [
    DueWork("decisions.open", _to_open, actions.open_voting),
    DueWork("decisions.close", _found(states.VOTING, "closes_at"), actions.close),
    DueWork("decisions.effect", _found(states.PASSED, "effect_at"), actions.take_effect),
    DueWork("decisions.emergency", emergency.due, emergency.tell_end),
    DueWork("decisions.figures", running.due, running.take),
    DueWork("decisions.remind", reminding.due, reminding.remind),
    DueWork("decisions.longer", telling.not_told_longer, telling.tell_longer),
    DueWork("decisions.review", review.due, review.ask),
    DueWork("decisions.panel", by_lot.uncalled, by_lot.call),
    DueWork("decisions.call", telling.uncalled, telling.call_later),
    DueWork("decisions.tell", telling.untold, telling.tell_later),
]


def ask_members(membership: Membership, *, now: datetime) -> None:
    """Someone applied to a class that admits by vote: the house opens the decision."""
    if not membership.member_class.admission.startswith("vote:"):
        return
    if Proposal.objects.filter(kind="admit", details__membership=str(membership.pk)).exists():
        return
    lang = (law.coop().languages or ["en"])[0]
    title = gettext("Admission: {name}").format(name=in_language(membership.member_class.title, lang))
    proposal = actions.draft(None, "admit", title, details={"membership": str(membership.pk)}, now=now)
    actions.open_discussion(proposal, None, now=now)


applied = [ask_members]
left = [telling.left, delegations.left]
staffed = [telling.staff_changed]


def _export(person: Person) -> list[dict[str, Any]]:
    ballots = Ballot.objects.filter(by=person).select_related("elector__proposal").order_by("cast_at")
    comments = Comment.objects.filter(author=person).select_related("proposal")
    called = Elector.objects.filter(person=person, ballot=None).select_related("proposal")
    supports = Support.objects.filter(person=person).select_related("proposal")
    named = Nomination.objects.filter(person=person).select_related("proposal")
    objected = Objection.objects.filter(by=person).select_related("elector__proposal")
    written, told = Proposal.objects.filter(author=person), _about(person).filter(discussion_at__isnull=False)  # a draft is its author's alone
    return [
        *({"kind": "proposal", "title": p.title, "reason": p.reason, "state": p.state, "at": p.created_at, **_words(p)} for p in written),
        *({"kind": "comment", "decision": c.proposal.title, "text": c.text, "at": c.at} for c in comments),
        *({"kind": "vote not cast", "decision": e.proposal.title, "at": e.proposal.opens_at} for e in called),
        *({"kind": "objection", "decision": o.elector.proposal.title, "text": o.text, "at": o.raised_at} for o in objected),
        *({"kind": "candidacy", "decision": n.proposal.title, "statement": n.statement, "at": n.named_at, "stands": n.stands_since} for n in named),
        *({"kind": "support", "decision": s.proposal.title, "at": s.at} for s in supports),
        *({"kind": "decision about you", "what": p.kind, "title": p.title, "state": p.state, "at": p.created_at, **_words(p)} for p in told),
        *({"kind": "hands counted", "decision": h.proposal.title, "at": h.at} for h in Hands.objects.filter(typed_by=person).select_related("proposal")),
        *({"kind": "ballot", "decision": b.elector.proposal.title, "choice": b.choice, "marks": b.marks, "at": b.cast_at} for b in ballots),
    ]


def _words(one: Proposal) -> dict[str, str]:
    """What was said beside the reason: the grounds of an expulsion, and why an author took it back."""
    said = {"grounds": one.details.get("grounds", ""), "taken_back_because": one.ended_because if one.state == states.WITHDRAWN else ""}
    return {name: text for name, text in said.items() if text}


def _about(person: Person) -> QuerySet[Proposal]:
    """Elections, admissions and expulsions of this person, drafts too."""
    memberships = [str(pk) for pk in Membership.objects.filter(person=person).values_list("pk", flat=True)]
    stood = Q(details__candidates__contains=[{"person": str(person.pk)}])
    return Proposal.objects.filter(Q(details__person=str(person.pk)) | Q(details__membership__in=memberships) | stood)


def _erase(person: Person, *, now: datetime) -> None:
    """Drafts nobody else saw are withdrawn and emptied; what others discussed and voted on stays, without a name.

    What was said against the person goes, others' drafts of it too; while it is being decided nothing is erased: ``Refused("being_decided")``.
    The record forgets which decisions were about them.
    """
    about = list(_about(person).select_for_update().order_by("pk"))
    against = [one for one in about if one.kind == "expel"]
    if any(one.state in (*states.OPEN, states.PASSED) for one in against):
        raise Refused("being_decided", gettext("Your membership is being decided on. When that is over, your data can be erased."))
    for one in against:
        if one.state != states.DRAFT:
            one.details.pop("grounds", None)
            one.ended_because = "" if one.state == states.WITHDRAWN else one.ended_because
            one.save()
    for named in Nomination.objects.filter(person=person).select_for_update().select_related("proposal"):
        named.statement = ""
        if named.proposal.state == states.DISCUSSION:
            named.stands_since, named.declined_at = None, now
        named.save()
    record.forget([f"details:{one.pk}" for one in about])
    mine = Q(author=person) | Q(pk__in=[one.pk for one in against])
    for draft in Proposal.objects.filter(mine, state=states.DRAFT):
        drafting.forget_words(draft)
        draft.to(states.WITHDRAWN)
        draft.ended_at = now
        draft.save()


personal = [
    Personal(
        "decisions",
        _export,
        _erase,
        _("Proposals, comments and counted ballots stay as part of the co-op's minutes, without your name."),
        tuple(f"decisions.{name}" for name in ("Proposal", "Elector", "Ballot", "Comment", "Support", "Nomination", "Objection", "Hands")),
    ),
    Personal(
        "amendments", amending.export, amending.erase, _("That an amendment was offered stays with what was decided, without a name."),
        ("decisions.Amendment",),
    ),
    Personal(
        "delegations", delegations.export, delegations.erase, _("That a vote was carried by a delegate stays with the count, without names."),
        ("decisions.Delegation", "decisions.Delegated"),
    ),
    Personal("measures", emergency.export, emergency.erase, _("What was stopped, and why, stays on the record for everyone."), ("decisions.Measure",)),
    Personal("panels", by_lot.export, by_lot.erase, _("That a number stood for a panel stays with its list, without a name."), ("decisions.Volunteer",)),
    Personal("proxies", proxies.export, proxies.erase, _("That a proxy was given stays with the minutes, without names and words."), ("decisions.Proxy",)),
]

checks = [
    Check("decisions: every rule value has its decision", checking.rules_without_source),
    Check("decisions: every tally is what its ballots say", checking.wrong_tallies),
]

reading.voices.decided = queries.told_many
reading.voices.pending = queries.pending
reading.voices.attempts = queries.attempts
