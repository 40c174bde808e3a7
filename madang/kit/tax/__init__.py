"""The arithmetic of taxes: value added tax in a price, tax withheld from what somebody earned. Exact integers, no law inside: rates come from outside."""

from madang.kit.tax.vat import Priced, correction, from_gross, from_net, spread
from madang.kit.tax.withholding import Rates, Withheld, withhold

__all__ = ["Priced", "Rates", "Withheld", "correction", "from_gross", "from_net", "spread", "withhold"]
