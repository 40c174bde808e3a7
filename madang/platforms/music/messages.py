"""What this platform tells people."""

from django.utils.translation import gettext_lazy as _

from madang.kit.house import Message

MESSAGES = [
    Message("music.split", _("{name} asks you to confirm who gets which part of {what}"), _("It holds once every party has confirmed.")),
    Message("music.disputed", _("{name} disputes a part of {what}"), _("Only that part is kept back until it is settled; everybody else is paid.")),
    Message("music.refused", _("{what} could not be made into sound"), _("{reason} The file you sent is kept; send another one in its place.")),
    Message("music.settled", _("Your music earned {amount} in {month}"), _("Your statement says which plays it came from.")),
]
