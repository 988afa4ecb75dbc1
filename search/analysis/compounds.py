"""Parts of compounds, as the words a person would search for.

The morphology cuts *puiduklaster* into ``puidu`` and ``klaster``. The first piece is a genitive or
a bare stem, so it is lemmatised again (``puit``); runs of neighbouring pieces are words too
(*taaskasutusklaster* holds *taaskasutus* and *kasutusklaster*).
"""

from collections.abc import Iterator

MIN_PART_LENGTH = 3

# A word that begins with one of these is not a kind of what follows: an *ettevõte* is no *võte*.
_PREFIXES = frozenset(
    """ala all alla ase eba eel ette järel juurde kaas kaasa kokku kõrval läbi mitte pea peale
    sise sisse taga tagasi üle üli ümber vaba vahe välja vastu""".split()
)
# Compounds whose meaning has left their parts, by their pieces.
_LEXICALISED = frozenset(
    (first, second)
    for first, second in (
        pair.split("|")
        for pair in """
        aja|kiri aja|leht aja|lugu era|kond hari|dus heli|looja ise|seisev ise|seisvus
        jätku|suutlik jätku|suutlikkus kesk|kond koos|olek koos|seis koos|töö maa|ilm maa|kond
        mee|skond nõu|kogu oma|vahel oma|valitsus ot|sus rahvus|vaheline riigi|kogu
        siht|asutus siht|rühm sõna|võtt tea|dus töö|andja töö|tu uks|kõik üks|ikasja
        """.split()
    )
)


def pieces_of(parts: tuple[str, ...]) -> tuple[str, ...]:
    """Join the pieces of ``parts`` that must not stand alone.

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
    """Bounds of every run of neighbouring pieces, the whole word left out."""
    count = len(pieces)
    for start in range(count):
        for end in range(start + 1, count + 1):
            if end - start < count:
                yield start, end


def last_run(lemma: str, before: tuple[str, ...], run: str) -> str:
    """The tail of ``lemma`` behind the pieces ``before``, or ``run`` where they do not meet."""
    bare = lemma.replace("-", "")
    head = "".join(before)
    return bare[len(head) :] if bare.startswith(head) and len(bare) > len(head) else run
