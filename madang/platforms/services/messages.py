"""What people are told. ``{at}`` is when the visit starts; each text is filled and translated when somebody reads it."""

from django.utils.translation import gettext_lazy as _

from madang.kit.house import Message

MESSAGES = [
    Message("services.pay", _("Pay for your visit on {at}"), _("{amount}. The time is kept for you until {until}.")),
    Message(
        "services.offer",
        _("A visit for you: {at}, {district}"),
        _("Please accept or decline until {until}. Declining counts for nothing; then the next one is asked."),
        urgent=True,
    ),
    Message("services.accepted", _("{worker} will come on {at}"), _("Your price of {amount} is kept until the work is done.")),
    Message(
        "services.unfilled",
        _("Nobody can come on {at}"),
        _("We are sorry. {amount} is on its way back to you. On top, for the trouble: {goodwill}."),
        urgent=True,
    ),
    Message("services.unfilled.office", _("Nobody could take the visit on {at}"), _("Booking {number}. The client got everything back.")),
    Message(
        "services.worker_cancelled",
        _("A worker cannot come on {at}"),
        _("The next free worker is being asked. Have a look whether someone takes it."),
        urgent=True,
    ),
    Message("services.client_cancelled", _("The visit on {at} was cancelled by the client"), _("For the late cancellation you get {paid}.")),
    Message(
        "services.payment_lost",
        _("The visit on {at} does not take place"),
        _("The client's bank took the payment back. Your time is free again."),
        urgent=True,
    ),
    Message(
        "services.payment_lost.client",
        _("Your visit on {at} does not take place"),
        _("Your bank took back what you paid for it, so nobody comes. You can book again whenever you like."),
        urgent=True,
    ),
    Message("services.reassigned", _("The office gave the visit on {at} to someone else"), ""),
    Message(
        "services.confirm",
        _("Was everything done well?"),
        _("Your visit of {at} is finished. Say so, or tell us what is wrong, until {until}; after that {amount} is released."),
    ),
    Message("services.released", _("You earned {paid}"), _("For the visit of {at}. The statement shows how it was worked out, and why.")),
    Message("services.problem", _("A problem with the visit of {at}"), _("Booking {number}, {amount}. Hear both sides and decide."), urgent=True),
    Message(
        "services.problem.other",
        _("There is a question about the visit of {at}"),
        _("The office will hear both sides. The price stays where it is until then."),
    ),
    Message(
        "services.settled",
        _("The office has decided about the visit of {at}"),
        _("Back to the client: {back}. The answer stands on the page of the visit."),
        urgent=True,
    ),
    Message("services.late", _("Nobody has checked in: {at}"), _("Booking {number}. Call the worker and the client."), urgent=True),
    Message(
        "services.late.worker",
        _("Did you arrive? The visit of {at} has not begun"),
        _("Check in when you are there, or tell the office."),
        urgent=True,
    ),
    Message("services.late.out", _("Nobody has checked out: {at}"), _("Booking {number} should have ended by now.")),
    Message("services.late.out.worker", _("Are you finished? Check out of the visit of {at}"), _("Only then the client can confirm, and you are paid.")),
    Message("services.reminder.client", _("{worker} comes on {at}"), ""),
    Message("services.tipped", _("A tip for you: {tip}"), _("For the visit of {at}.")),
    Message("services.rated", _("You were rated: {stars} of 5"), _("For the visit of {at}. Both sides can be read now.")),
]
