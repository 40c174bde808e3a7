"""What a year leaves, and who gets what of it: pure, exact, and with the article that says so.

``Law.of(bound)`` reads the bounds of a law profile · ``least(law)``, ``Wish(…)`` say what the members want · ``use(year, law, wish) -> Use`` is the
waterfall losses → legal reserve → voluntary reserve → patronage → dividend on capital · ``check(year, law, use)`` raises ``Forbidden`` with the article ·
``patronage.share``, ``patronage.on_capital`` share it among members · ``spread`` shows it by tenths · ``withdrawal`` is the way of capital out.
"""

from madang.kit.surplus.law import Forbidden, Law
from madang.kit.surplus.patronage import Group, on_capital, share
from madang.kit.surplus.spread import Tenth, spread
from madang.kit.surplus.waterfall import Step, Use, Wish, Year, check, least, use

__all__ = ["Forbidden", "Group", "Law", "Step", "Tenth", "Use", "Wish", "Year", "check", "least", "on_capital", "share", "spread", "use"]
