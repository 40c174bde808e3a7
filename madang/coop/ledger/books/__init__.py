"""The books for accountants: the whole journal in the formats of other people's programs, and the statements made of it.

``chart`` says what each kind of account is and what it is called, ``journal`` is the only place here that reads the ledger's tables,
one file a format writes it down, ``statements`` adds it up.
"""
