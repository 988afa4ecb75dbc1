"""Language identification by common words and letters, sentence by sentence; language codes.

News in Estonian embed posts and quotations in English and Russian. Each passage is identified by
itself: the language of an article is that of most of its text, and each passage is analysed in its
own.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import chain

from search.analysis.tokenizer import Token

ESTONIAN = "et"

_COMMON_WORDS = {
    language: frozenset(words.split())
    for language, words in {
        ESTONIAN: """ja on ei et see mis kes oma ka kui või ning oli selle aasta nii mida ole eesti
        kuid siis ta kõik üle pärast koos juba mille tema veel aastal saab tuleb välja vaid alates
        meie ühe kuni sellest olla nende tuleks aga seda pole enam kus nagu olid sest nad mitte ma
        poolt kas sai""",
        "en": """the of and to in is that for it with was by are this at from have which were or has
        not been will their we its more you your he she his her they but can our what who when how
        about my if would there be as an i am than then them some each only into also after other
        one over down do does did just like out these those such any most where while may""",
        "fi": """ja on ei että se joka oli hän ovat kuin myös mutta kun tai ole niin jossa jotka sen
        vuonna mukaan sekä joiden olla tämä hänen voi""",
    }.items()
}
#: For each language the common words of the others.
_FOREIGN_WORDS = {
    language: frozenset(chain.from_iterable(_COMMON_WORDS.values())) - words
    for language, words in _COMMON_WORDS.items()
}
_ANY_WORDS = frozenset(chain.from_iterable(_COMMON_WORDS.values()))
# ISO 639-1, without ``ee`` for Ewe: here it is Estonian, as in the domain .ee.
_CODES = frozenset(
    """aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy
    da de dv dz el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz
    ia id ie ig ii ik io is it iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln
    lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi
    pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st su sv sw ta te tg th ti
    tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu""".split()
)
_NAMED = {
    name: code
    for code, names in {
        "et": "ee est ekk eesti estonian",
        "en": "eng inglise english",
        "ru": "rus vene russian русский",
        "fi": "fin soome finnish suomi",
        "lv": "lav läti latvian",
        "sv": "swe rootsi swedish",
        "de": "deu ger saksa german",
    }.items()
    for name in names.split()
}
_CODE = re.compile(r"([a-z]{2,3})(?:[-_][a-z0-9]+)*", re.IGNORECASE)
_WORDS = re.compile(r"[^\W\d_]+")
_CYRILLIC = re.compile(r"[\u0400-\u04ff]")
_ESTONIAN_LETTERS = re.compile("[õäöüÕÄÖÜ]")
# Sites run sentences together: „… erilennu.It was a true honour“.
_PASSAGE_END = re.compile(r"[.!?…:]+\)?(?:\s+|(?=[A-ZÕÄÖÜŠŽ\u0410-\u042f(]))|[\"„“”«»]|\n+")
# Boilerplate around embedded posts.
_EMBEDDED = re.compile(
    r"View this post on Instagram|A post shared by .{0,80}?\(@[\w.]+\)"
    r"(?:\son \w{3} \d{1,2}, \d{4} at [\d:]{4,5}\s?[ap]m P[SD]T)?|pic\.twitter\.com/\w+|"
    r"— .{1,60}?\(@\w+\) \w{3,9} \d{1,2}, \d{4}"
)
_ENOUGH = 2
#: The least share of common words in a passage of a language.
_SHARE = 0.2
_LONGEST_SAMPLE = 20_000
_TITLE_WEIGHT = 10
#: A text with this number of common Estonian words for each of other languages is Estonian.
_FEW = 4
_FEWEST = 3


def language_code(name: str) -> str | None:
    """Code of a language by its name or any code of it; None if there is no such language.

    >>> language_code("et-EE"), language_code("ee"), language_code("eesti"), language_code("xx")
    ('et', 'et', 'et', None)
    """
    name = name.casefold()
    code = _CODE.fullmatch(name)
    base = code[1] if code else name
    known = _NAMED.get(base, base)
    # There are thousands of codes of three letters, which are not checked.
    return known if known in _CODES or (code and len(known) == 3) else None


def common_words(language: str) -> frozenset[str]:
    """The most common words of a language, in lower case; none of an unknown one."""
    return _COMMON_WORDS.get(language, frozenset())


def identify_language(text: str) -> str:
    """Identifies the language of most of ``text``: et, en, fi or ru. In doubt, Estonian.

    The first line is the title, which is never embedded: its words count more.
    """
    sample = text[:_LONGEST_SAMPLE]
    if _is_plainly_estonian(sample):
        return ESTONIAN
    sample = _EMBEDDED.sub(". ", sample)
    title = sample.find("\n")
    counts: Counter[str] = Counter()
    for first, last in _passages(sample):
        words = _WORDS.findall(sample, first, last)
        weight = _TITLE_WEIGHT if first < title else 1
        counts[_language_of(words, "")] += weight * len(words)
    del counts[""]
    return max(counts, key=lambda each: (counts[each], each == ESTONIAN), default=ESTONIAN)


def _is_plainly_estonian(sample: str) -> bool:
    """Quick check: hardly any common words of other languages."""
    words = _WORDS.findall(sample.lower())
    foreign = sum(map(_FOREIGN_WORDS[ESTONIAN].__contains__, words))
    own = sum(map(_COMMON_WORDS[ESTONIAN].__contains__, words))
    return foreign * _FEW < own + 1 and _CYRILLIC.search(sample) is None


def foreign_places(
    text: str, tokens: Sequence[Token], words: Sequence[str], language: str
) -> Mapping[int, str]:
    """The language of each token of ``text`` that is not in Estonian, by its place.

    ``words`` are the texts of the ``tokens``; ``language`` is that of the article, and the default
    of its passages.
    """
    if not _may_be_mixed(text, words, language):
        return {} if language == ESTONIAN else dict.fromkeys(range(len(tokens)), language)
    found: dict[int, str] = {}
    at = 0
    for _, last in _passages(text):
        first = at
        while at < len(tokens) and tokens[at].start < last:
            at += 1
        own = _language_of([word for word in words[first:at] if word.isalpha()], language)
        if own != ESTONIAN:
            found.update(dict.fromkeys(range(first, at), own))
    return found


def _may_be_mixed(text: str, words: Collection[str], language: str) -> bool:
    """Quick check whether some passage may be in another language than ``language``."""
    foreign = _FOREIGN_WORDS.get(language, _ANY_WORDS)
    if sum(map(foreign.__contains__, words)) >= _ENOUGH:
        return True
    if language != ESTONIAN and _ESTONIAN_LETTERS.search(text) is not None:
        return True
    return (language != "ru") == (_CYRILLIC.search(text) is not None)


def _passages(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of every sentence, even without a blank before the next."""
    first = 0
    for match in _PASSAGE_END.finditer(text):
        yield first, match.end()
        first = match.end()
    if first < len(text):
        yield first, len(text)


def _language_of(words: Sequence[str], default: str) -> str:
    """The language of a passage of ``words``, ``default`` in doubt."""
    if sum(_CYRILLIC.match(each) is not None for each in words) * 2 > len(words):
        return "ru"
    low = [each.lower() for each in words]
    scores = {
        language: sum(map(common.__contains__, low)) for language, common in _COMMON_WORDS.items()
    }
    if scores[ESTONIAN] or not any(scores.values()):
        # Not with words of another language alone, as the letters may be those of Estonian names.
        scores[ESTONIAN] += sum(_ESTONIAN_LETTERS.search(each) is not None for each in words)
    best = max(scores, key=lambda each: (scores[each], each == default, each == ESTONIAN))
    is_sure = scores[best] >= max(_ENOUGH, _SHARE * len(words))
    if is_sure and scores[best] > scores.get(default, 0):
        return best
    if default:
        return default
    # A passage in another language has some of its common words.
    is_estonian = scores[best] == scores[ESTONIAN] and (scores[best] or len(words) >= _FEWEST)
    return ESTONIAN if is_estonian else ""
