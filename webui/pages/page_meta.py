"""Metadata of a page for search engines and link previews: Open Graph, canonical link."""

from dataclasses import dataclass

from search.article_view import ArticleView
from search.results import Results
from webui.addresses.parameters import SearchState
from webui.localisation import Localisation

#: Characters of a description that other programs show; they truncate longer ones within a word.
LONGEST_DESCRIPTION = 200


@dataclass(frozen=True, slots=True)
class PageMeta:
    """Metadata of a page; ``path`` is that of its canonical URL.

    It is the same for all languages, orders and colours, which have the same content. ``kind`` is
    the Open Graph type.
    """

    title: str
    description: str
    path: str
    kind: str = "website"


def search_meta(results: Results, state: SearchState, here: Localisation) -> PageMeta:
    """Metadata of the start page or of results."""
    path = state.canonical_url
    if state.is_start:
        description = here.ngettext(
            "{count} article, found by any form of a word and by parts of compounds.",
            "{count} articles, found by any form of a word and by parts of compounds.",
            results.total,
        )
        return PageMeta(here.gettext("Estonian cluster news"), description, path)
    query = state.request.query
    found = here.ngettext("{count} article found", "{count} articles found", results.total)
    return PageMeta(query or found, cut(f"{found}. {results.explanation}"), path)


def article_meta(view: ArticleView, state: SearchState) -> PageMeta:
    """Metadata of an article; its description is the first paragraph."""
    article = view.article
    description = cut(article.body[0]) if article.body else ""
    return PageMeta(article.title, description, state.bare().article_url(article.id), "article")


def entity_meta(
    label: str, description: str, total: int, path: str, here: Localisation
) -> PageMeta:
    """Metadata of the page of a focus area or organisation with ``total`` articles."""
    articles = here.ngettext(
        "{count} article on “{name}”: by year, by focus area, and who is named beside.",
        "{count} articles on “{name}”: by year, by focus area, and who is named beside.",
        total,
        name=label,
    )
    return PageMeta(label, f"{description} {articles}".strip(), path)


def cut(text: str) -> str:
    """Truncates ``text`` between words to the length of a description."""
    if len(text) <= LONGEST_DESCRIPTION:
        return text
    return text[: LONGEST_DESCRIPTION - 1].rpartition(" ")[0].rstrip(",;:–") + "…"
