"""Compound splitting (decompounding), and completion of elliptic compounds („metsa- ja …“).

The morphology cuts *puiduklaster* into ``puidu`` and ``klaster``. The first piece is a genitive or
a bare stem, so it is lemmatised again (``puit``); runs of neighbouring pieces are words too
(*taaskasutusklaster* holds *taaskasutus* and *kasutusklaster*).

„Metsa- ja puiduklaster“ is about a *metsaklaster*, too: a word that ends in a hyphen shares the end
of a compound that follows after a conjunction, a comma or a slash. The spelling does not show how
long that end is: „maismaa- ja meretuulepark“ shares *tuulepark*, „tarkvara- ja riistvaraarendus“
only *arendus*. The last piece is the head of an Estonian compound, so it always completes the word
(a *maismaatuulepark* is a park); a longer end does if the lexicon knows the whole word.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from search.analysis.acronyms import acronym_base
from search.analysis.morphology import PROPER_NOUN, Reading
from search.analysis.tokenizer import Token
from search.normalisation import BLANKS, DASHES, HYPHENS

MIN_PART_LENGTH = 3

# A word that begins with one of these is not a kind of what follows: an *ettevõte* is no *võte*.
_PREFIXES = frozenset(
    """ala all alla ase eba eel ette järel juurde kaas kaasa kokku kõrval läbi mitte pea peale
    sise sisse taga tagasi üle üli ümber vaba vahe välja vastu""".split()
)
# Lexicalised compounds, which are not split, by their pieces; within longer ones in the genitive.
_LEXICALISED = frozenset(
    (first, second)
    for first, second in (
        pair.split("|")
        for pair in """
        aja|kiri aja|kirja aja|leht aja|lehe aja|lugu aja|loo era|kond hari|dus heli|looja
        ise|seisev ise|seisvus jätku|suutlik jätku|suutlikkus kesk|kond koos|olek koos|oleku
        koos|seis koos|seisu koos|töö maa|ilm maa|ilma maa|kond mee|skond nõu|kogu oma|vahel
        oma|valitsus ot|sus rahvus|vaheline riigi|kogu siht|asutus siht|asutuse siht|rühm
        siht|rühma sõna|võtt sõna|võtu tea|dus töö|andja töö|tu uks|kõik üks|ikasja
        """.split()
    )
)

_CONJUNCTIONS = frozenset("ja ning või ega kui ehk ka kuni aga vaid ent".split())
#: Between words of a list: no line, sentence or parenthesis ends there.
_GAP = re.compile(rf"[{re.escape(HYPHENS)}{DASHES}]?[{BLANKS}]{{0,3}}([,/&])?[{BLANKS}]{{0,3}}")
_REACH = 10
#: Adjectives and adverbs between the conjunction and the compound: „metsa- ja eriti puidutööstus“.
_PASSED = frozenset("ACUGD")
_MOST_PASSED = 2
_LONGEST = 60
Lookup = Callable[[str], tuple[Reading, ...]]


def pieces_of(parts: tuple[str, ...]) -> tuple[str, ...]:
    """Joins pieces of ``parts`` that are too short to be words.

    >>> pieces_of(("väike", "ette", "võte"))
    ('väike', 'ettevõte')
    """
    pieces: list[str] = []
    i = 0
    while i < len(parts):
        piece = parts[i]
        follower = parts[i + 1] if i + 1 < len(parts) else None
        if follower is not None and (
            piece.lower() in _PREFIXES or (piece.lower(), follower.lower()) in _LEXICALISED
        ):
            piece += follower
            i += 1
        pieces.append(piece)
        i += 1
    return tuple(pieces)


def inner_runs(pieces: tuple[str, ...]) -> Iterator[tuple[int, int]]:
    """Start and end of every run of neighbouring pieces, except the whole word."""
    count = len(pieces)
    for start in range(count):
        for end in range(start + 1, count + 1):
            if end - start < count:
                yield start, end


def last_run(lemma: str, before: tuple[str, ...], run: str) -> str:
    """Tail of ``lemma`` behind the pieces ``before``; ``run`` if it does not begin with them."""
    bare = lemma.replace("-", "")
    head = "".join(before)
    return bare[len(head) :] if bare.startswith(head) and len(bare) > len(head) else run


def splits(lemma: str, pieces: tuple[str, ...]) -> Iterator[tuple[list[str], str]]:
    """Splits of a compound in two parts, and of one of three pieces also into all of them.

    The first parts are as written within the compound, the last one is a lemma in lower case.
    """
    cuts = [(each,) for each in range(1, len(pieces))]
    for cut in [*cuts, *([(1, 2)] if len(pieces) == 3 else [])]:
        first = ["".join(pieces[a:b]) for a, b in pairwise((0, *cut))]
        tail = last_run(lemma, pieces[: cut[-1]], "".join(pieces[cut[-1] :]))
        yield first, tail.lower()


def completing_compound(
    text: str, tokens: Sequence[Token], at: int, readings: Lookup
) -> tuple[int, list[Reading]]:
    """Finds the token whose compound completes the elliptic token ``at``, with its readings.

    No readings if there is none. ``readings`` are those of a form in the lexicon.
    """
    joined, passed = False, 0
    for i in range(at + 1, min(at + _REACH, len(tokens))):
        gap = _GAP.fullmatch(text, tokens[i - 1].end, tokens[i].start)
        if gap is None or tokens[i].kind != "word":
            break
        form = tokens[i].text
        joined |= gap.group(1) is not None
        if form.lower() in _CONJUNCTIONS:
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


def completed_lemmas(begin: str, compound: Reading, readings: Lookup) -> Iterator[str]:
    """Lemmas of the compounds that ``begin`` forms with each fitting end of ``compound``."""
    linked = len(begin) == 1 or "-" in begin or acronym_base(begin) is not None
    if "-" in compound.lemma:
        tail = compound.lemma.rpartition("-")[2]
        # „Ida- ja Lääne-Virumaa“ keep their hyphen, „riigi- kui Euroopa-ülene“ does not.
        linked |= compound.pos == PROPER_NOUN or tail[:1].isupper()
        tails = [tail]
    else:
        pieces = shared_pieces(compound)
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


def completed_inner_runs(begin: str, compound: Reading, readings: Lookup) -> Iterator[str]:
    """Compounds that ``begin`` forms with the middle pieces of ``compound``.

    „Rohe- ja ringmajandusklaster“ is about *rohemajandus*.
    """
    pieces = shared_pieces(compound)
    if begin.lower().endswith(pieces[1].lower()):
        return
    for end in range(2, len(pieces)):
        run = begin.lower() + "".join(pieces[1:end])
        if len(run) <= _LONGEST and readings(run):
            yield run


def shared_pieces(compound: Reading) -> tuple[str, ...]:
    """Pieces of a compound that an elliptic word may share: „sisse- ja väljavedu“."""
    pieces = pieces_of(compound.parts)
    return pieces if len(pieces) > 1 else compound.parts
