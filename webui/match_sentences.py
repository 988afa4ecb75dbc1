"""Says in sentences why an article was found: which of its words met which word of the query."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from search.results import How, Why
from webui.localisation import Localisation

#: How many forms of one word are named.
_MOST_FORMS = 4


def match_sentences(reasons: Sequence[Why], localisation: Localisation) -> tuple[str, ...]:
    """A sentence for each word of the query and each way in which the article meets it."""
    forms: dict[tuple[str, How], dict[str, str]] = {}
    for each in reasons:
        met = forms.setdefault((each.query, each.how), {})
        met.setdefault(each.form.casefold(), each.form)
    templates = _templates(localisation)
    quoted = localisation.gettext("“{text}”", text="{text}")
    return tuple(
        templates[how].format(
            word=quoted.format(text=query),
            forms=", ".join(_some(quoted.format(text=form) for form in met.values())),
        )
        for (query, how), met in forms.items()
    )


def _some(forms: Iterable[str]) -> Iterator[str]:
    """The first of ``forms``, and a sign where there are more."""
    for at, form in enumerate(forms):
        if at == _MOST_FORMS:
            yield "…"
            return
        yield form


def _templates(localisation: Localisation) -> Mapping[How, str]:
    """Sentences about the word of the query, ``{word}``, and what the article has, ``{forms}``."""
    kept = {"word": "{word}", "forms": "{forms}"}
    _ = localisation.gettext
    return {
        "exact": _("The article has the word {word} as it was typed.", **kept),
        "lemma": _("The article has the word {word} in another form: {forms}.", **kept),
        "part": _("The word {word} is part of a compound: {forms}.", **kept),
        "apart": _("A part of the compound {word} is in the article: {forms}.", **kept),
        "derived": _("A word derived from the same one as {word} is in it: {forms}.", **kept),
        "synonym": _("A synonym of {word} is in the article: {forms}.", **kept),
        "folded": _("The word {word} was read with its dotted letters: {forms}.", **kept),
        "spelling": _("The spelling of {word} was corrected: {forms}.", **kept),
    }
