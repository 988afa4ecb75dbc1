"""Language identification by common words and letters, and the codes of languages."""

import re
from collections import Counter

from search.analysis.analyzer import ESTONIAN

_COMMON_WORDS = {
    "et": """ja on ei et see mis kes oma ka kui või ning oli selle aasta nii mida ole eesti kuid
    siis ta kõik üle pärast koos juba mille tema veel aastal saab tuleb välja vaid alates meie
    ühe kuni sellest olla nende tuleks""",
    "en": """the of and to in is that for it with as was on be by are this at from have which an
    were or has not been will their we its more""",
    "fi": """ja on ei että se joka oli hän ovat kuin myös mutta kun tai ole niin jossa jotka sen
    vuonna mukaan sekä joiden olla tämä ovat hänen voi""",
}
# ISO 639-1. ``ee`` is Ewe there; whoever writes it here means Estonian, of the domain .ee.
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
_ENOUGH = 2


def language_code(name: str) -> str | None:
    """Code of the language that people call ``name``; None if there is no such language.

    >>> language_code("et-EE"), language_code("ee"), language_code("eesti"), language_code("xx")
    ('et', 'et', 'et', None)
    """
    name = name.casefold()
    code = _CODE.fullmatch(name)
    base = code[1] if code else name
    known = _NAMED.get(base, base)
    # Of the codes of three letters there are thousands.
    return known if known in _CODES or (code and len(known) == 3) else None


def recognise(text: str) -> str:
    """ISO 639-1 code of the language of ``text``: et, en, fi or ru. In doubt, Estonian."""
    sample = text[:5000]
    words = [word.lower() for word in _WORDS.findall(sample)]
    if not words:
        return ESTONIAN
    if len(_CYRILLIC.findall(sample)) * 2 > sum(map(len, words)):
        return "ru"
    counts = Counter(words)
    scores = {
        language: sum(counts[word] for word in common.split())
        for language, common in _COMMON_WORDS.items()
    }
    best = max(scores, key=lambda language: (scores[language], language == ESTONIAN))
    return best if scores[best] >= _ENOUGH and scores[best] > scores[ESTONIAN] else ESTONIAN
