"""An article in the vocabulary of schema.org, for machines that read the page."""

from typing import Any

from search.article_view import ArticleView
from webui.pieces import safe_url


def news_article(view: ArticleView, address: str) -> dict[str, Any]:
    """``view`` as JSON-LD; ``address`` is that of its page, and what is not known is left out."""
    article = view.article
    date = article.published.value.iso if article.published else None
    data = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "@id": address,
        "headline": article.title,
        "datePublished": date or (str(article.year.value) if article.year else None),
        "inLanguage": article.language,
        "url": safe_url(article.url) or address,
        "about": [
            {"@type": "Thing", "name": each.label} for each in view.values if each.facet == "focus"
        ],
        "mentions": [
            {"@type": "Organization", "name": each.label}
            for each in view.values
            if each.facet == "org"
        ],
    }
    return {name: value for name, value in data.items() if value}
