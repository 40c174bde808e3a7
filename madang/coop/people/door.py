"""One door for signing in and signing up: an address, a code that comes by mail, in.

An address nobody has is treated like any other: it gets a code, and only the right code makes the account. So nobody learns
from outside who is here, and nobody's address becomes an account without them. The rest (limits, expiry, sessions, passkeys)
is allauth's; this file says where we differ.
"""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows import login_by_code
from allauth.core import context
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import translation
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from madang.coop import law
from madang.coop.law.texts import in_language
from madang.coop.people import actions
from madang.coop.people.models import Person, a_time_zone
from madang.coop.people.queries import by_email

CODE_HEADER = "X-Madang-Code"
CODE_MAILS = ("account/email/login_code",)


class Code(login_by_code.LoginCodeVerificationProcess):
    """A code on its way: sent to any address, and the right one brings its owner in, known or new."""

    @classmethod
    def initiate(cls, *, request: HttpRequest, **who: Any) -> Any:
        """Send the code and remember it in the session, with the time zone the browser says it is in."""
        process = super().initiate(request=request, **who)
        process.state["time_zone"] = _time_zone(request.POST.get("time_zone", ""))
        process.persist()
        return process

    def send_by_email(self, email: str, skip_enumeration_mails: bool = False) -> None:
        """The same mail for a known and an unknown address, but for one sentence only its owner reads."""
        adapter = self.request_adapter()
        adapter.send_mail("account/email/login_code", email, {"request": self.request, "code": self.generate_code(), "new": self.user is None})
        self.add_sent_message({"email": email, "recipient": email})

    def request_adapter(self) -> Door:
        """Our adapter."""
        return Door(self.request)

    def finish(self, redirect_url: str | None) -> HttpResponse:
        """The code was right: make the account of a new address, and let them in. Someone new is asked their name first."""
        if self.user is None:
            person = actions.register(
                self.state["email"],
                language=translation.get_language() or "",
                time_zone=self.state.get("time_zone", ""),
                confirmed=True,
                now=self.request.now,
            )
            self._user = self.stage.login.user = person
            welcome = reverse("people:welcome")
            redirect_url = f"{welcome}?{urlencode({'next': redirect_url})}" if redirect_url else welcome
        response: HttpResponse = super().finish(redirect_url)
        return response


def _time_zone(name: str) -> str:
    try:
        a_time_zone(name)
    except ValidationError:
        return ""
    return name


class Door(DefaultAccountAdapter):
    """What allauth asks about accounts."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "incorrect_code": _("That is not the code we sent. Look at the newest mail from us."),
        "too_many_login_attempts": _("Too many tries. Wait a few minutes, then ask for a new code."),
        "rate_limited": _("Too many tries. Wait a few minutes, then ask for a new code."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """There is one door: whoever comes to "sign up" is shown it."""
        query = urlencode({"next": request.GET["next"]}) if request.GET.get("next") else ""
        raise ImmediateHttpResponse(redirect(reverse("account_login") + (f"?{query}" if query else "")))

    def get_login_stages(self) -> list[str]:
        """A passkey is a second key to the same door, not a second lock (docs/decisions/004-sign-in.md)."""
        return [stage for stage in super().get_login_stages() if not stage.startswith("allauth.mfa.")]

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """In the language of the person it goes to, else in the reader's; signed by the co-op; marked when it holds a code."""
        person = by_email(email)
        with translation.override(person.language if person else translation.get_language()):
            coop = law.coop_or_none()
            told = {"email": email, "person": person, "coop_name": _co_op_name(), "coop": coop, "site_url": settings.SITE_URL} | context
            message: EmailMessage = self.render_mail(template_prefix, email, told)
            if template_prefix in CODE_MAILS:
                message.extra_headers[CODE_HEADER] = "1"
            message.send()

    def format_email_subject(self, subject: str) -> str:
        """The co-op's name before what it is about."""
        return f"[{_co_op_name()}] {subject}"

    def respond_user_inactive(self, request: HttpRequest, user: Person) -> HttpResponse:
        """Somebody who may not sign in comes back to the door."""
        return redirect("account_login")


class Keys(DefaultMFAAdapter):
    """What allauth asks about passkeys."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": _("This passkey did not fit. Try again, or sign in with a code by e-mail."),
    }

    def generate_authenticator_name(self, user: Person, type: str) -> str:
        """A first idea for a passkey's name, by what the browser says it runs on."""
        agent = context.request.META.get("HTTP_USER_AGENT", "") if context.request else ""
        return gettext("My phone") if "Mobi" in agent or "Android" in agent else gettext("My computer")

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """The site's name as the device shows it; the host without its port is what a passkey belongs to."""
        entity: dict[str, str] = super().get_public_key_credential_rp_entity()
        return entity | {"name": _co_op_name()}

    def get_public_key_credential_user_entity(self, user: Person) -> dict[str, Any]:
        """The person as the device shows them."""
        entity: dict[str, Any] = super().get_public_key_credential_user_entity(user)
        return entity | {"display_name": user.name or user.email or ""}


def _co_op_name() -> str:
    coop = law.coop_or_none()
    return in_language(coop.name) if coop else "Madang"
