"""View model of sharing an article: its citations as text and its short link."""

from dataclasses import dataclass

from search.article import Article
from webui.addresses.parameters import SearchState
from webui.addresses.short_codes import article_code
from webui.components import article_date, host_of, safe_url
from webui.context import absolute, site
from webui.exports.citations import CitationText, citation_texts
from webui.localisation import Localisation


@dataclass(frozen=True, slots=True)
class SharedLink:
    """A link to copy: ``shown`` is its text, an absolute URL."""

    url: str
    shown: str


@dataclass(frozen=True, slots=True)
class ArticleSharing:
    """Citations, the address they end with, and the short link of an article."""

    code: str
    citations: tuple[CitationText, ...]
    cited: str
    short: SharedLink


def article_sharing(article: Article, state: SearchState, here: Localisation) -> ArticleSharing:
    """Builds the citations and the short link of ``article``."""
    bare = state.bare()
    own = absolute(bare.article_url(article.id))
    source = safe_url(article.url)
    publisher = host_of(source) if source else site().configuration.site_name
    return ArticleSharing(
        code=article_code(article.id),
        citations=citation_texts(article.title, article_date(article), publisher, here),
        cited=source or own,
        short=shared_link(bare.short_article_url(article.id)),
    )


def shared_link(path: str) -> SharedLink:
    """The link to ``path``, for copying."""
    return SharedLink(path, absolute(path))
