"""Draws the questions of the golden file from the words of the example news.

The program is not involved: words come from the files by a plain pattern, so the questions do not
depend on its analysis.
"""

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

#: A call of the service: method and arguments, as JSON values.
Question = dict[str, Any]

SEARCHES = 1000
_HEADS = (
    "klaster klastri klastrite jäätmed jäätmete majandus majanduse tehnoloogia tehnoloogiat "
    "tehase puhasti ettevõte ettevõtted toodangu vastuvõtt disain disaini märgi märki päev päeva "
    "liini maja"
).split()
_FIRST = (
    "puidu metsa disaini muusika rohe ring digi vee toidu metalli loome bio film energia".split()
)
_ENGLISH = "cluster compost machine visitors tested samples factories learning yards".split()
#: Words that are in the news only in another form, or not at all.
_BESIDE = (
    "klastrisse puidust prügi robotitele jäätmetega pidama peeti tuba minema muusikute õpetama "
    "ettevõtlus tööstused kohtuma toetama hobune klaver lennuk tulevad TTÜ EAS ttü ai robots"
).split()
_WITH_SYNONYMS = (
    "TTÜ TalTech ERMEL prügi robot masin robotid stuudio EJKL jäätmed hoverboard".split()
)
_AREAS = (
    "korgtehnoloogia-digitootmine",
    "rohe-ringmajandus",
    "teenuseinnovatsioon-loomemajandus",
    "none",
)
_YEARS = ("2009", "2011", "2014", "2016-2018", "2017", "2021", "2023", "2024", "2025", "unknown")
_ORGANISATIONS = (
    "Eesti Klastrikoda",
    "Tallinna Tehnikaülikool",
    "Eesti Disainiklaster",
    "Biolõõts OÜ",
    "Udukaader OÜ",
    "EAS",
    "Ei Ole OÜ",
)
_PLAIN_LETTERS = str.maketrans("õäöüšž", "oaousz")
_LETTERS = "aeiouõäöükstmnlrvpdhgbj"


@dataclass(frozen=True)
class _Texts:
    folder: Path

    @cached_property
    def texts(self) -> list[list[str]]:
        """The words of each article, in order, as written."""
        return [
            re.findall(r"[^\W\d_]+(?:-[^\W\d_]+)*|\d+", path.read_text(encoding="utf-8"))
            for path in sorted(self.folder.glob("*.txt"))
        ]

    @cached_property
    def words(self) -> list[str]:
        """Every word once, so that rare ones are drawn, too."""
        return sorted({each for text in self.texts for each in text if len(each) > 3})

    @cached_property
    def compounds(self) -> list[tuple[str, str]]:
        """Words that end in one of the heads, split before it."""
        return sorted(
            {
                (word.lower().removesuffix(head), head)
                for word in self.words
                for head in _HEADS
                if word.lower().endswith(head) and len(word) > len(head) + 2
            }
        )


def draw_questions(folder: Path, seed: int = 15) -> list[Question]:
    """Draws questions over the articles in ``folder``, each once."""
    texts = _Texts(folder)
    draw = random.Random(seed)
    found: dict[str, Question] = {}
    while len(found) < SEARCHES:
        question = _search(draw, texts)
        found.setdefault(repr(question), question)
    return [*found.values(), *_others(draw, texts)]


def _search(draw: random.Random, texts: _Texts) -> Question:
    kinds, shares = zip(*_KINDS, strict=True)
    query = draw.choices(kinds, shares)[0](draw, texts)
    tuned = draw.random() < 0.15
    if tuned and draw.random() < 0.4:
        query = (
            f"{draw.choice(_WITH_SYNONYMS)} {query}"
            if draw.random() < 0.5
            else (draw.choice(_WITH_SYNONYMS))
        )
    request: dict[str, Any] = {"query": query, "page_size": draw.choice((3, 5, 10))}
    if draw.random() < 0.25:
        request |= _filters(draw)
    if draw.random() < 0.2:
        request["sort"] = draw.choice(("newest", "oldest", "added"))
    if draw.random() < 0.12:
        request["page"] = draw.choice((2, 2, 3, 9))
    return {
        "ask": "search",
        "of": "tuned" if tuned else "plain",
        "language": draw.choice(("et", "et", "et", "en")),
        "request": request,
    }


def _filters(draw: random.Random) -> dict[str, Any]:
    values = {"focus": _AREAS, "year": _YEARS, "org": _ORGANISATIONS}
    chosen: dict[str, Any] = {}
    for name in draw.sample(sorted(values), draw.choice((1, 1, 2))):
        picked = draw.sample(values[name], draw.choice((1, 1, 2)))
        kind = draw.choice(("include", "include", "exclude"))
        chosen[name] = {kind: picked}
        if draw.random() < 0.15:
            chosen[name]["exclude"] = [draw.choice(values[name])]
    return chosen


def _word(draw: random.Random, texts: _Texts) -> str:
    kind = draw.random()
    if kind < 0.06:
        return draw.choice(_BESIDE)
    if kind < 0.5:
        return draw.choice(texts.words)
    # Common words more often than rare ones.
    return draw.choice([each for each in draw.choice(texts.texts) if len(each) > 2])


def _words(draw: random.Random, texts: _Texts) -> str:
    """Words of one article, or of several."""
    count = draw.choice((2, 2, 3, 3, 4, 5, 8))
    if draw.random() < 0.6:
        return " ".join(draw.sample(draw.choice(texts.texts), count))
    return " ".join(_word(draw, texts) for _ in range(count))


def _run(draw: random.Random, texts: _Texts, most: int = 4) -> list[str]:
    """Adjacent words."""
    text = draw.choice(texts.texts)
    count = draw.randint(2, most)
    at = draw.randrange(len(text) - count)
    return text[at : at + count]


def _phrase(draw: random.Random, texts: _Texts) -> str:
    words = _run(draw, texts)
    if draw.random() < 0.15:
        words[0] = _word(draw, texts)
    begin, end = draw.choice(('""', '""', "„“", "«»"))
    exact = "=" if draw.random() < 0.25 else ""
    return exact + begin + " ".join(words) + end


def _slop(draw: random.Random, texts: _Texts) -> str:
    words = _run(draw, texts, 6)
    return f'"{words[0]} {words[-1]}"~{draw.choice((1, 2, 3, 5, 20))}'


def _exact(draw: random.Random, texts: _Texts) -> str:
    return " ".join(f"={_word(draw, texts)}" for _ in range(draw.choice((1, 1, 2))))


def _or(draw: random.Random, texts: _Texts) -> str:
    sides = [_thing(draw, texts) for _ in range(draw.choice((2, 2, 3)))]
    after = f" {_word(draw, texts)}" if draw.random() < 0.3 else ""
    return draw.choice((" OR ", " VÕI ")).join(sides) + after


def _not(draw: random.Random, texts: _Texts) -> str:
    sign = draw.choice((" NOT ", " EI ", " -"))
    before = "" if draw.random() < 0.1 else _thing(draw, texts)
    return (before + sign + _thing(draw, texts)).strip()


def _and(draw: random.Random, texts: _Texts) -> str:
    return draw.choice((" AND ", " JA ")).join(_run(draw, texts, 3))


def _prefix(draw: random.Random, texts: _Texts) -> str:
    word = _word(draw, texts)
    after = f" {_word(draw, texts)}" if draw.random() < 0.3 else ""
    return word[: draw.randint(2, max(len(word) - 1, 2))] + "*" + after


def _group(draw: random.Random, texts: _Texts) -> str:
    inner = draw.choice((_or, _words, _not, _and))(draw, texts)
    return draw.choice(("{} ({})", "({1}) {0}", "{} -({})", "(({1}) OR {0})")).format(
        _thing(draw, texts), inner
    )


def _field(draw: random.Random, texts: _Texts) -> str:
    title = draw.choice(("title", "pealkiri"))
    choices = (
        f"{title}:{_word(draw, texts)}",
        f"{title}:{draw.choice((_phrase, _prefix, _exact))(draw, texts)}",
        f"{title}:({_words(draw, texts)})",
        f"{draw.choice(('year', 'aasta'))}:{draw.choice((*_YEARS, '2010..2017', 'teadmata'))}",
        f"{draw.choice(('focus', 'valdkond'))}:{draw.choice((*_AREAS, 'rohe'))}",
        f'{draw.choice(("org", "organisatsioon"))}:"{draw.choice(_ORGANISATIONS)}"',
        f"{draw.choice(('language', 'keel'))}:{draw.choice(('et', 'en', 'ru'))}",
    )
    before = "" if draw.random() < 0.3 else f"{_word(draw, texts)} "
    return before + draw.choice(choices)


def _misspelt(draw: random.Random, texts: _Texts) -> str:
    """A word with a typing error, alone or with another of its article."""
    text = [each for each in draw.choice(texts.texts) if len(each) > 5]
    word, beside = draw.sample(text, 2)
    at = draw.randrange(1, len(word) - 1)
    wrong = draw.choice(
        (
            word[:at] + word[at + 1 :],
            word[:at] + draw.choice(_LETTERS) + word[at:],
            word[:at] + draw.choice(_LETTERS) + word[at + 1 :],
            word[: at - 1] + word[at] + word[at - 1] + word[at + 1 :],
        )
    )
    return wrong if draw.random() < 0.4 else f"{wrong} {beside}"


def _bare(draw: random.Random, texts: _Texts) -> str:
    """Without diacritics, as on a foreign keyboard."""
    words = [each for each in texts.words if each.lower().translate(_PLAIN_LETTERS) != each.lower()]
    picked = draw.sample(words, draw.choice((1, 1, 2)))
    return " ".join(picked).lower().translate(_PLAIN_LETTERS)


def _compound(draw: random.Random, texts: _Texts) -> str:
    first, head = draw.choice(texts.compounds)
    if draw.random() < 0.2:
        first = draw.choice(_FIRST)
    whole = draw.choice(("{}{}", "{} {}", "{}-{}")).format(first, head)
    whole = f'"{whole}"' if draw.random() < 0.1 else whole
    return whole if draw.random() < 0.7 else f"{whole} {_word(draw, texts)}"


def _elliptic(draw: random.Random, texts: _Texts) -> str:
    first, head = draw.choice(texts.compounds)
    other = draw.choice((*_FIRST, draw.choice(texts.compounds)[0]))
    return draw.choice(("{}- ja {}{}", "{}-, {}{}", "{}- ning {}{}")).format(first, other, head)


def _english(draw: random.Random, texts: _Texts) -> str:
    english = [each for each in texts.texts if "the" in each]
    words = draw.sample(draw.choice(english), draw.choice((1, 2, 3)))
    return " ".join((*words, draw.choice(_ENGLISH)) if draw.random() < 0.4 else words)


def _odd(draw: random.Random, texts: _Texts) -> str:
    return draw.choice(
        (
            "",
            "".join(draw.choices(' "()*=~-:', k=4)) + _word(draw, texts),
            "https://www.klaster.ee/" + _word(draw, texts),
            f"{draw.randint(1, 28)}.{draw.randint(1, 12):02d}.2011",
            "ja " + _word(draw, texts),
            _word(draw, texts).upper(),
            "tundmatu:" + _word(draw, texts),
        )
    )


def _thing(draw: random.Random, texts: _Texts) -> str:
    return draw.choices((_word, _phrase, _prefix, _exact), (6, 2, 1, 1))[0](draw, texts)


_KINDS: tuple[tuple[Callable[[random.Random, _Texts], str], int], ...] = (
    (_word, 14),
    (_words, 16),
    (_phrase, 8),
    (_slop, 5),
    (_exact, 5),
    (_or, 6),
    (_not, 6),
    (_and, 3),
    (_prefix, 6),
    (_group, 6),
    (_field, 8),
    (_misspelt, 8),
    (_bare, 4),
    (_compound, 7),
    (_elliptic, 4),
    (_english, 4),
    (_odd, 3),
)


def _others(draw: random.Random, texts: _Texts) -> Iterator[Question]:
    """Articles with highlights, completions, whole facets, overviews and parts of queries."""
    for path in sorted(texts.folder.glob("*.txt")):
        query = draw.choice((_word, _words, _phrase, _prefix, _or, _misspelt))(draw, texts)
        yield {"ask": "article", "of": "plain", "article_id": path.stem, "query": query}
    for _ in range(80):
        typed = draw.choice((_word, _words, _bare))(draw, texts)
        typed = typed[: draw.randint(1, len(typed))]
        yield {"ask": "suggest", "of": "plain", "text": typed}
    for name in ("focus", "year", "org"):
        for _ in range(5):
            request = {"query": _word(draw, texts), **_filters(draw)}
            yield {"ask": "facet", "of": "plain", "name": name, "request": request}
    for name, values in (("focus", _AREAS), ("year", _YEARS), ("org", _ORGANISATIONS)):
        for value in values:
            yield {"ask": "overview", "of": "plain", "facet": name, "value": value}
    for _ in range(20):
        yield {"ask": "subqueries", "of": "plain", "query": _words(draw, texts), "most": 4}
