"""Suggests a query for Boolean operators typed in lower case (*või*, *or*, *mitte*)."""

import re

#: Lower-case words, each with the operator that may be intended.
_OPERATORS = {
    "või": "VÕI",
    "or": "OR",
    "ja": "JA",
    "and": "AND",
    "ei": "EI",
    "mitte": "EI",
    "not": "NOT",
}
_TOKEN = re.compile(r'=?["„“”«»][^"„“”«»]*["„“”«»]\S*|\S+')
#: A longer query is a question in whole sentences, where they are no operators.
_MOST_TOKENS = 7


def with_operators(query: str) -> str | None:
    """``query`` with operators between words in upper case; None if there are none.

    >>> with_operators("klaster või liit"), with_operators("puit klaster")
    ('klaster VÕI liit', None)
    """
    tokens = _TOKEN.findall(query)
    if len(tokens) > _MOST_TOKENS:
        return None
    replaced = [
        _OPERATORS.get(token, token) if 0 < at < len(tokens) - 1 else token
        for at, token in enumerate(tokens)
    ]
    return " ".join(replaced) if replaced != tokens else None
