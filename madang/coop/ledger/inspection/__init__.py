"""Inspection by law: who may see which books, with the names in them, how they ask, who answers, and that each look is recorded.

The book an *examiner* sees is here too: whom a decision lets see all of it for a time.
"""
