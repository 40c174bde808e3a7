"""Sign-in settings. What each means stands in docs/decisions/004-sign-in.md."""

import os
from datetime import timedelta

ACCOUNT_ADAPTER = "madang.coop.people.door.Door"
ACCOUNT_FORMS = {
    "login": "madang.coop.people.forms.DoorForm",
    "request_login_code": "madang.coop.people.forms.DoorForm",
    "confirm_login_code": "madang.coop.people.forms.CodeForm",
    # There are no passwords, and an address is not changed here yet: these pages are not there.
    "signup": "madang.coop.people.forms.NotHere",
    "change_password": "madang.coop.people.forms.NotHere",
    "set_password": "madang.coop.people.forms.NotHere",
    "reset_password": "madang.coop.people.forms.NotHere",
    "reset_password_from_key": "madang.coop.people.forms.NotHere",
    "add_email": "madang.coop.people.forms.NotHere",
    "reauthenticate": "madang.coop.people.forms.NotHere",
}
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = int(timedelta(minutes=15).total_seconds())
ACCOUNT_LOGIN_TIMEOUT = int(timedelta(minutes=30).total_seconds())
ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS = 5
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
ACCOUNT_LOGIN_BY_CODE_FORMAT = {"numeric": True, "length": 8, "dashed": True}  # read aloud, typed on a phone's number keys
ACCOUNT_RATE_LIMITS = {"request_login_code": "20/m/ip,3/m/key,20/h/key", "login": "30/m/ip"}
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_EMAIL_NOTIFICATIONS = True  # a passkey added or taken away is told by mail
MFA_ADAPTER = "madang.coop.people.door.Keys"
MFA_SUPPORTED_TYPES = ["webauthn"]
MFA_REAUTHENTICATION_REQUIRED = False
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if os.environ.get("MADANG_BEHIND_PROXY") == "1" else 0
