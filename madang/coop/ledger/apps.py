from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "madang.coop.ledger"
    label = "ledger"
    url_prefix = ""
