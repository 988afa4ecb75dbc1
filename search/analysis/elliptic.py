"""Compounds cut short: „metsa- ja puiduklaster“ speaks of a *metsaklaster*, too.

A word that ends in a hyphen shares the end of a compound that follows behind a conjunction, a comma
or a slash. How long that end is, spelling does not say: „maismaa- ja meretuulepark“ shares
*tuulepark*, „tarkvara- ja riistvaraarendus“ only *arendus*. The last piece is the head of an
Estonian compound, so that what it makes is always true (a *maismaatuulepark* is a park); a longer
end counts where the lexicon knows the whole word.
"""

import re
from collections.abc import Callable, Iterator, Sequence

from search.analysis.acronyms import acronym_base
from search.analysis.compounds import last_run, pieces_of
from search.analysis.tokens import Token
from search.analysis.vabamorf import Reading

_JOINING = frozenset("ja ning või ega kui ehk ka kuni aga vaid ent".split())
#: What may stand between words of a list; a line, a sentence or a parenthesis must not end there.
_GAP = re.compile(r"[-\u2010\u2011]?[ \u00a0]{0,3}([,/&])?[ \u00a0]{0,3}")
_REACH = 10
#: Adjectives and adverbs between the conjunction and the compound: „metsa- ja eriti puidutööstus“.
_PASSED = frozenset("ACUGD")
_MOST_PASSED = 2
_LONGEST = 60
_NAME = "H"
Lookup = Callable[[str], tuple[Reading, ...]]


def completing(
    text: str, tokens: Sequence[Token], at: int, readings: Lookup
) -> tuple[int, list[Reading]]:
    """The token whose end completes the elliptic token ``at``, and its readings as a compound.

    No readings where nothing completes it. ``readings`` are those of a form, without guessing.
    """
    joined, passed = False, 0
    for i in range(at + 1, min(at + _REACH, len(tokens))):
        gap = _GAP.fullmatch(text, tokens[i - 1].end, tokens[i].start)
        if gap is None or tokens[i].kind != "word":
            break
        form = tokens[i].text
        joined |= gap.group(1) is not None
        if form.lower() in _JOINING:
            joined = True
        elif not joined:
            break
        elif tokens[i].elliptic:
            joined = False
        else:
            found = list(readings(form))
            compound = [each for each in found if len(each.parts) > 1]
            if compound:
                return i, compound
            passed += 1
            if passed > _MOST_PASSED or not any(each.pos in _PASSED for each in found):
                break
    return at, []


def full_lemmas(begin: str, compound: Reading, readings: Lookup) -> Iterator[str]:
    """The lemmas of ``begin`` with every fitting end of ``compound``."""
    linked = len(begin) == 1 or "-" in begin or acronym_base(begin) is not None
    if "-" in compound.lemma:
        tail = compound.lemma.rpartition("-")[2]
        # „Ida- ja Lääne-Virumaa“ keep their hyphen, „riigi- kui Euroopa-ülene“ does not.
        linked |= compound.pos == _NAME or tail[:1].isupper()
        tails = [tail]
    else:
        pieces = end_pieces(compound)
        tails = [
            last_run(compound.lemma, pieces[:k], "".join(pieces[k:]))
            for k in range(1, len(pieces))
            # No *tarkvaravaraarendus* of „tarkvara- ja riistvaraarendus“.
            if k == len(pieces) - 1 or not begin.lower().endswith(pieces[k].lower())
        ]
    for tail in tails:
        full = f"{begin}-{tail}" if linked else begin.lower() + tail
        if len(full) <= _LONGEST and (tail == tails[-1] or readings(full)):
            yield full


def inner_runs_of(begin: str, compound: Reading, readings: Lookup) -> Iterator[str]:
    """What ``begin`` makes with the middle of ``compound``.

    „Rohe- ja ringmajandusklaster“ speaks of *rohemajandus*.
    """
    pieces = end_pieces(compound)
    if begin.lower().endswith(pieces[1].lower()):
        return
    for end in range(2, len(pieces)):
        run = begin.lower() + "".join(pieces[1:end])
        if len(run) <= _LONGEST and readings(run):
            yield run


def end_pieces(compound: Reading) -> tuple[str, ...]:
    """The pieces of a compound; *väljavedu* has some here, for „sisse- ja väljavedu“."""
    pieces = pieces_of(compound.parts)
    return pieces if len(pieces) > 1 else compound.parts
