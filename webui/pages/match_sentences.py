"""Explains a match in sentences: which words of the article matched which word of the query."""

import functools
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Literal

from search.results import How, Why
from webui.localisation import Localisation

#: Most forms of one word that are listed.
_MOST_FORMS = 4
#: Thresholds of similarity, as shares of the range from the least one to identical texts.
_VERY_NEAR, _NEAR = 0.25, 0.1
_Way = How | Literal["beginning"]


def match_sentences(reasons: Sequence[Why], localisation: Localisation) -> tuple[str, ...]:
    """A sentence for each word of the query and each way in which the article matches it.

    Similarity in meaning has a sentence of its own (:func:`nearness_sentence`).
    """
    forms: dict[tuple[str, _Way], dict[str, str]] = {}
    for each in reasons:
        if each.how == "meaning":
            continue
        way: _Way = "beginning" if each.query.endswith("*") else each.how
        met = forms.setdefault((each.query, way), {})
        met.setdefault(each.form.casefold(), each.form)
    if not forms:
        return ()
    templates, (begin, end) = _templates(localisation.language)
    return tuple(
        [
            templates[way].format(
                word=f"{begin}{query}{end}",
                forms=", ".join(
                    [f"{begin}{each}{end}" for each in islice(met.values(), _MOST_FORMS)]
                )
                + (", …" if len(met) > _MOST_FORMS else ""),
            )
            for (query, way), met in forms.items()
        ]
    )


def nearness_sentence(nearness: float, floor: float, localisation: Localisation) -> str:
    """Sentence on the similarity of an article found by meaning alone, at least ``floor``."""
    _ = localisation.gettext
    share = (nearness - floor) / (1 - floor)
    if share >= _VERY_NEAR:
        how = _("very near")
    else:
        how = _("near") if share >= _NEAR else _("rather near")
    number = localisation.number(round(nearness, 2))
    return _("Found by meaning: its nearest passage is {how} ({number}).", how=how, number=number)


@functools.cache
def _templates(language: str) -> tuple[Mapping[_Way, str], tuple[str, str]]:
    """Sentences about the query word ``{word}`` and the forms ``{forms}`` in the article.

    Also returns the quotation marks of the language.
    """
    kept = {"word": "{word}", "forms": "{forms}"}
    _ = Localisation.of(language).gettext
    sentences: dict[_Way, str] = {
        "exact": _("The article has {word} just as it was typed.", **kept),
        "lemma": _("{word} is in the article in another form: {forms}.", **kept),
        "part": _("{word} is in the article as part of a compound: {forms}.", **kept),
        "apart": _("Parts of the compound {word} are in the article: {forms}.", **kept),
        "derived": _("A word of the same stem as {word} is in the article: {forms}.", **kept),
        "synonym": _("A synonym of {word} is in the article: {forms}.", **kept),
        "folded": _("{word} was read with its dotted letters: {forms}.", **kept),
        "spelling": _("{word} was read in its usual spelling: {forms}.", **kept),
        "beginning": _("The article has words that begin like {word}: {forms}.", **kept),
    }
    begin, _mark, end = _("“{text}”", text="{text}").partition("{text}")
    return sentences, (begin, end)
