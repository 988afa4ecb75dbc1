"""Unusual queries for fuzzing: random strings, and mutated real queries."""

import random
from collections.abc import Callable

from search.request import MAX_QUERY_LENGTH

REAL = (
    "klaster",
    "puidu klaster",
    "metsa- ja puiduklaster",
    "rohe-ringmajandus jäätmed",
    '"Euroopa klaster"~3',
    '="Euroopa klastrite"',
    "„Klastrid kohtusid“ «uus juht»",
    "=klastrit digi*",
    "puit VÕI klaas EI mets",
    "puit OR klaas NOT mets",
    "robot -puit",
    "vill (pesema VÕI ketrama)",
    'pealkiri:(puit mess) title:"uus juht"',
    "aasta:2014..2016 year:2016 aasta:teadmata",
    'valdkond:"Rohe- ja ringmajandus" focus:none',
    'org:"Eesti Klastrikoda" organisatsioon:EAS',
    "keel:en language:et",
    "EASilt EAS-i ttü 5G-võrk",
    "jaatmekaitlus klsater ettevotte",
    "28.01.2011 3,5 1 200 1–0",
    "https://www.klaster.ee/uudised?id=1 info@klaster.ee clusterconference2016.eu",
    "biowaste study tour of smart machines",
    "обращение с отходами",
    "rohemajandus rohe majandus rohe-majandus",
    "keskkonnatehnoloogiaettevõte infotehnoloogia",
    "EJKL Eesti Jäätmekäitlejate Liit prügi",
    "kes, kus? mis! (2016) … – „ja“ & co",
)
PIECES = (
    *"""OR VÕI AND JA NOT EI või ja ei - -- ( ) (( )) " "" „ “ ” « » = == =" * ** ~ ~3 ~20 ~999 : ::
    title: pealkiri: focus: valdkond: year: aasta: org: organisatsioon: language: keel: Aasta:
    TITLE: aasta:( org:" year:2016-2014 year:2014..2016 year:2014...2016 aasta:99999 aasta:-1
    year:unknown aasta:teadmata keel:et focus:rohe-ringmajandus tundmatu:väli http:// www. @
    klaster puidu klastri* k* ka* õ* =klastrit -puit EAS EAS-i e-tervis ' ’ ` \\ / % & # ; , . ..
    … ? ! <b> </b> &amp; {0} {what} %s %00 + | ^ $ [ ] 1 12 2016 1,5 1.-2. 28.01.2011 ² ½ Ⅳ ٢٠١٦
    １２ å ø ß ĳ İ ı ŉ ﬁ Ǆ""".split(),
    " ",
    "  ",
    "\t",
    "\n",
    "\r\n",
    "\xa0",
    "\u2009",
    "\x00",
    "\x1b[31m",
    "\x7f",
    "\x85",
    "\u00ad",
    "\u200b",
    "\u200d",
    "\u2028",
    "\u202e",
    "\u2066",
    "\ufeff",
    "\ufffd",
    "\ufffe",
    "\ue000",
    "o\u0303",
    "\u0301",
    "e" + "\u0301" * 30,
    "👩‍🌾",
    "🇪🇪",
    "🌲",
    "\U0001d51e",
    "مرحبا",
    "שלום",
    "集群",
    "кластер",
    "\ud800",
    "\udfff",
    "\udc80",
)
#: Ranges of random characters.
RANGES = (
    (0x20, 0x7E),
    (0x20, 0x7E),
    (0x61, 0x7A),
    (0x00, 0x1F),
    (0xA0, 0x17F),
    (0x300, 0x36F),
    (0x370, 0x52F),
    (0x590, 0x6FF),
    (0x2000, 0x206F),
    (0x2070, 0x218F),
    (0x3040, 0x30FF),
    (0x4E00, 0x4FFF),
    (0xD800, 0xDFFF),
    (0xE000, 0xFFFF),
    (0x1F300, 0x1FAFF),
    (0x20, 0x10FFFF),
)


def odd_query(seed: str, number: int) -> str:
    """String ``number`` of the sequence of ``seed``; each can be made alone."""
    draw = random.Random(f"{seed}/{number}")
    return draw.choices(_KINDS, _SHARES)[0](draw)


def _characters(draw: random.Random) -> str:
    ranges = draw.sample(RANGES, draw.randint(1, 3))
    length = draw.choice((1, 2, 5, 10, 30, 100))
    return "".join(chr(draw.randint(*draw.choice(ranges))) for _ in range(length))


def _pieces(draw: random.Random) -> str:
    between = draw.choice(("", " ", " "))
    return between.join(draw.choices(PIECES, k=draw.randint(1, 25)))


def _words(draw: random.Random) -> str:
    words = [word for each in draw.choices(REAL, k=3) for word in each.split()]
    draw.shuffle(words)
    return " ".join(words[: draw.randint(1, 12)])


def _mutated(draw: random.Random) -> str:
    text = draw.choice(REAL)
    for _ in range(draw.randint(1, 6)):
        text = draw.choice(_MUTATIONS)(draw, text)
    return text[:MAX_QUERY_LENGTH]


def _long(draw: random.Random) -> str:
    """Repeats one element up to the maximum length of a query, or slightly beyond."""
    count = draw.choice((20, 200, MAX_QUERY_LENGTH + 1))
    kind = draw.randrange(8)
    if kind == 0:
        text = draw.choice(("a", "õ", "metsa", "a-", "1.", "*", "(", '"', "\u0301")) * count
    elif kind == 1:
        text = "(" * draw.randint(1, 400) + "klaster" + ")" * draw.randint(0, 400)
    elif kind == 2:
        text = draw.choice((" OR ", " JA ", " EI ", " ", "-", "/")).join(_word(draw) * count)
    elif kind == 3:
        text = " ".join(_letters(draw, 2) + "*" for _ in range(count))
    elif kind == 4:
        words = draw.choices(("ja", "klaster", "on", "eesti", "a"), k=draw.choice((1, 2)))
        text = '"' + " ".join((words * count)[:count])[: MAX_QUERY_LENGTH - 5] + '"~20'
    elif kind == 5:
        text = " ".join(_letters(draw, draw.randint(1, 40)) for _ in range(count))
    elif kind == 6:
        text = draw.choice(("title:", "aasta:", "title:(", "NOT ", "=", "- ", "org:")) * count
    else:
        text = " ".join(draw.choices([*REAL, *PIECES], k=count))
    return text if draw.random() < 0.02 else text[:MAX_QUERY_LENGTH]


def _word(draw: random.Random) -> list[str]:
    return [draw.choice(PIECES)] if draw.random() < 0.5 else [draw.choice(REAL).split()[0]]


def _letters(draw: random.Random, length: int) -> str:
    return "".join(draw.choices("aeioukstmnlrvpdõäöüjh", k=length))


def _drop(draw: random.Random, text: str) -> str:
    at = draw.randint(0, len(text))
    return text[:at] + text[at + draw.randint(1, 4) :]


def _insert(draw: random.Random, text: str) -> str:
    at = draw.randint(0, len(text))
    return text[:at] + draw.choice(PIECES) + text[at:]


def _swap(draw: random.Random, text: str) -> str:
    at = draw.randint(0, len(text))
    return text[:at] + text[at : at + 2][::-1] + text[at + 2 :]


def _double(draw: random.Random, text: str) -> str:
    start, end = sorted((draw.randint(0, len(text)), draw.randint(0, len(text))))
    return text[:end] + text[start:end] * draw.randint(1, 3) + text[end:]


def _wrap(draw: random.Random, text: str) -> str:
    begin, end = draw.choice((("(", ")"), ('"', '"'), ("„", "“"), ("title:(", ")"), ("-(", ")")))
    return begin + text + end


def _case(draw: random.Random, text: str) -> str:
    return draw.choice((str.upper, str.lower, str.title, str.swapcase))(text)


def _join(draw: random.Random, text: str) -> str:
    return text + draw.choice((" ", " OR ", " EI ", "")) + draw.choice(REAL)


_MUTATIONS: tuple[Callable[[random.Random, str], str], ...] = (
    _drop,
    _insert,
    _insert,
    _swap,
    _double,
    _wrap,
    _case,
    _join,
)
_KINDS: tuple[Callable[[random.Random], str], ...] = (_characters, _pieces, _words, _mutated, _long)
_SHARES = (26, 26, 10, 36, 2)
