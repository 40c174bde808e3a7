from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "madang.coop.people"
    label = "people"
    url_prefix = ""

    def ready(self) -> None:
        """One door: the class that sends and checks sign-in codes is ours, wherever allauth uses it."""
        from allauth.account.internal.flows import login_by_code

        from madang.coop.people.door import Code

        login_by_code.LoginCodeVerificationProcess = Code
