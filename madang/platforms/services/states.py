"""The life of a job and of an offer, each on one screen.

A job: *held* (slot kept, not paid) → *offered* (paid, the price is kept, a worker is asked) → *accepted* → *in_progress* → *done*
(the worker checked out) → *released* (the client confirmed, or the confirmation rule's hours ran out).
Ways out: *lapsed* (never paid), *unfilled* (nobody could come; all money back), *cancelled* (by the client, as the ladder says),
*problem* (a person of the office decides) → *released* or *refunded*.
"""

from django.utils.translation import gettext_lazy as _

from madang.kit.states import Graph

HELD, OFFERED, ACCEPTED, IN_PROGRESS, DONE = "held", "offered", "accepted", "in_progress", "done"
PROBLEM, RELEASED, CANCELLED, UNFILLED, LAPSED, REFUNDED = "problem", "released", "cancelled", "unfilled", "lapsed", "refunded"

JOB = Graph(
    "job",
    initial=HELD,
    edges={
        HELD: {OFFERED, LAPSED},
        OFFERED: {ACCEPTED, UNFILLED, CANCELLED},
        ACCEPTED: {OFFERED, UNFILLED, CANCELLED, IN_PROGRESS, PROBLEM},
        IN_PROGRESS: {DONE, PROBLEM},
        DONE: {RELEASED, PROBLEM},
        PROBLEM: {RELEASED, REFUNDED},
    },
    final={RELEASED, CANCELLED, UNFILLED, LAPSED, REFUNDED},
)

OCCUPIES = (HELD, OFFERED, ACCEPTED, IN_PROGRESS, DONE)  # the worker's time is taken: the database refuses a second job in it
PAID = (OFFERED, ACCEPTED, IN_PROGRESS, DONE, PROBLEM)  # the price is kept until the work is done
JOB_STATES = (HELD, OFFERED, ACCEPTED, IN_PROGRESS, DONE, PROBLEM, RELEASED, CANCELLED, UNFILLED, LAPSED, REFUNDED)

OPEN, TAKEN, DECLINED, EXPIRED, WITHDRAWN = "open", "accepted", "declined", "expired", "withdrawn"

OFFER = Graph("offer", initial=OPEN, edges={OPEN: {TAKEN, DECLINED, EXPIRED, WITHDRAWN}, TAKEN: {WITHDRAWN}}, final={DECLINED, EXPIRED, WITHDRAWN})
OFFER_STATES = (OPEN, TAKEN, DECLINED, EXPIRED, WITHDRAWN)

NOT_NOW = {
    HELD: _("This job is not paid yet. Pay for it first."),
    OFFERED: _("This job is still waiting for a worker's answer."),
    ACCEPTED: _("A worker has taken this job and has not started yet."),
    IN_PROGRESS: _("This job is being done right now."),
    DONE: _("This job is done and waits for the client to confirm it."),
    PROBLEM: _("The office is looking at a problem with this job. Nothing else can be done until that is settled."),
    RELEASED: _("This job is finished and paid. Nothing was changed."),
    CANCELLED: _("This job was cancelled. Nothing was changed."),
    UNFILLED: _("Nobody could take this job and the money went back. Nothing was changed."),
    LAPSED: _("The time to pay for this job is over, and its time is free again. Please book again."),
    REFUNDED: _("The money for this job went back to the client. Nothing was changed."),
}
