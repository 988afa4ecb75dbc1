"""Language identification by common words and letters."""

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
_WORDS = re.compile(r"[^\W\d_]+")
_CYRILLIC = re.compile(r"[\u0400-\u04ff]")
_ENOUGH = 2


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
