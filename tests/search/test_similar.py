"""More like this: articles on the same matter, told by their distinctive words."""

from search.request import SearchRequest
from search.service import SearchService


def test_the_likest_article_is_on_the_same_matter(service: SearchService) -> None:
    for article, likest in (
        ("2009-10-06-saepuru-ei-ole-prugi", "Puiduklastri liikmed nägid Austrias"),
        ("2026-03-17-tehisaru-kirjutab-juhendit", "Tehisaru õpib sorteerimisliinil"),
        ("anduriklaster-sai-kolmeks-aastaks-toetuse", "Andurid leidsid tehasest"),
    ):
        similar = service.article(article).similar
        assert similar[0].title.startswith(likest)


def test_the_list_is_short_ordered_and_without_the_article_itself(service: SearchService) -> None:
    some = 0
    articles = [hit.id for hit in service.search(SearchRequest(page_size=1000)).hits]
    for article_id in articles:
        view = service.article(article_id)
        scores = [each.score for each in view.similar]
        assert len(scores) <= 5
        assert scores == sorted(scores, reverse=True)
        assert all(0 < score <= 1 for score in scores)
        assert article_id not in {each.id for each in view.similar}
        some += bool(scores)
    assert some > 50


def test_a_similar_article_says_what_a_list_shows(service: SearchService) -> None:
    for each in service.article("2009-10-06-saepuru-ei-ole-prugi").similar:
        article = service.article(each.id).article
        assert each.title == article.title
        assert each.published == (article.published.value.iso if article.published else None)
        assert each.year == (article.year.value if article.year else None)


def test_the_same_index_always_gives_the_same_list(service: SearchService) -> None:
    first = service.article("disainiaudit-kumnele-ettevottele").similar
    assert first == service.article("disainiaudit-kumnele-ettevottele", "disain").similar
