"""Suggests a query for Boolean operators typed in lower case (*või*, *or*, *mitte*)."""

import re

#: In small letters they are words; in capitals, operators of the query language.
_MEANT = {
    "või": "VÕI",
    "or": "OR",
    "ja": "JA",
    "and": "AND",
    "ei": "EI",
    "mitte": "EI",
    "not": "NOT",
}
_TOKEN = re.compile(r'=?["„“”«»][^"„“”«»]*["„“”«»]\S*|\S+')
#: A question in whole sentences has such words, and none of them is meant as an operator.
_MOST_TOKENS = 7


def with_operators(query: str) -> str | None:
    """``query`` with its small operators between words in capitals; None if there are none.

    >>> with_operators("klaster või liit"), with_operators("puit klaster")
    ('klaster VÕI liit', None)
    """
    tokens = _TOKEN.findall(query)
    if len(tokens) > _MOST_TOKENS:
        return None
    meant = [
        _MEANT.get(token, token) if 0 < at < len(tokens) - 1 else token
        for at, token in enumerate(tokens)
    ]
    return " ".join(meant) if meant != tokens else None
