"""The kinds of value a rule can have: one file a type, each exact, bounded, and able to say itself in words.

Every type parses what a charter, a form or the database holds, dumps it as canonical JSON (no floats), describes it in
Korean and English, and lists the form fields it needs. Pure: no Django, no clock, no currency of its own.
"""

from madang.kit.ruletypes.amount import Amount, Money
from madang.kit.ruletypes.articles import Articles
from madang.kit.ruletypes.base import Field, RuleType, Unfit
from madang.kit.ruletypes.choice import Choice
from madang.kit.ruletypes.duration import Duration
from madang.kit.ruletypes.flag import Flag
from madang.kit.ruletypes.items import Items
from madang.kit.ruletypes.ladder import Ladder, Rung, Rungs
from madang.kit.ruletypes.percent import Percent
from madang.kit.ruletypes.record import Record
from madang.kit.ruletypes.split import Split
from madang.kit.ruletypes.text import Text
from madang.kit.ruletypes.way import ClassNeeds, Way, WayOfDeciding
from madang.kit.ruletypes.whole import Whole

__all__ = [
    "Amount", "Articles", "Choice", "ClassNeeds", "Duration", "Field", "Flag", "Items", "Ladder", "Money", "Percent", "Record", "RuleType", "Rung",
    "Rungs", "Split", "Text", "Unfit", "Way", "WayOfDeciding", "Whole",
]
