from django.apps import AppConfig


class LawConfig(AppConfig):
    name = "madang.coop.law"
    label = "law"
    url_prefix = "law/"

    def ready(self) -> None:
        """The co-op's row is remembered for one request, and forgotten when it is written."""
        from django.core.signals import request_finished, request_started
        from django.db.models.signals import post_delete, post_save

        from madang.coop import law
        from madang.coop.law.models import Coop

        request_started.connect(law.request_began, dispatch_uid="law.request_began")
        request_finished.connect(law.request_ended, dispatch_uid="law.request_ended")
        post_save.connect(law.forget, sender=Coop, dispatch_uid="law.saved")
        post_delete.connect(law.forget, sender=Coop, dispatch_uid="law.deleted")
