"""Builds made-up answers, and a service that returns them."""

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

from search.article import Article, Extracted
from search.article_view import ArticleView, ValueView
from search.errors import ArticleNotFound
from search.request import FACETS, FacetName, SearchRequest
from search.results import Facet, FacetValue, Hit, Results, Snippet
from search.service import ServedGeneration

HIT = Hit(
    id="2016/uudis",
    title="Klastrid kohtusid",
    title_marks=(),
    url=None,
    published="2016-12-02",
    year=2016,
    language="et",
    focus_areas=("rohe-ringmajandus",),
    organisations=("Rohemajanduse Klaster",),
    score=1.0,
    full=True,
    snippets=(Snippet("Rohemajanduse Klaster kohtus teistega."),),
    why=(),
    source="rmel.ee",
)
VIEW = ArticleView(
    article=Article(
        id="2016/uudis",
        title="Klastrid kohtusid",
        body=("Rohemajanduse Klaster kohtus teistega.",),
        source="uudis.txt",
        language="et",
        year=Extracted(2016, "given"),
    ),
    title_marks=(),
    paragraphs=(Snippet("Rohemajanduse Klaster kohtus teistega."),),
    values=(ValueView("year", "2016", "2016", "given", ()),),
)
RESULTS = Results(
    request=SearchRequest(),
    searched="",
    explanation="",
    total=1,
    partial=0,
    took_ms=1.0,
    page=1,
    pages=1,
    hits=(HIT,),
    facets=(
        Facet("focus", (FacetValue("rohe-ringmajandus", "Rohe- ja ringmajandus", 1),), 1),
        Facet("year", (), 0),
        Facet("org", (), 0),
    ),
)


@dataclass
class ScriptedService:
    """A service with scripted answers, for cases that the example index does not have."""

    results: Results = RESULTS
    view: ArticleView | None = None
    error: Exception | None = None
    finds_by_meaning: bool = False

    def search(
        self,
        request: SearchRequest,
        language: str = "et",
        facets: object = None,
        parts: int = 0,
    ) -> Results:
        del language, facets, parts
        self._fail()
        return replace(
            self.results, request=request, searched=self.results.searched or request.query
        )

    def article(self, article_id: str, query: str = "", language: str = "et") -> ArticleView:
        del query, language
        self._fail()
        if self.view is None:
            raise ArticleNotFound(id=article_id)
        return self.view

    def area_label(self, area_id: str, language: str = "et") -> str:
        del language
        return area_id

    def facets(self) -> tuple[FacetName, ...]:
        return FACETS[:3]

    def facet(self, name: FacetName, request: SearchRequest, language: str = "et") -> Facet:
        return self.search(request, language).facet(name)

    def subqueries(self, query: str, most: int) -> tuple[str, ...]:
        del query, most
        return ()

    def counts(self, queries: Sequence[str], request: SearchRequest) -> tuple[int | None, ...]:
        del request
        return (self.results.total,) * len(queries)

    def other_names(self) -> dict[str, str]:
        return {}

    def statistics(self) -> None:
        self._fail()

    def built(self) -> str:
        return ""

    def document_count(self) -> int:
        self._fail()
        return self.results.total

    def generation(self) -> str:
        return "g"

    def served(self) -> ServedGeneration:
        self._fail()
        return ServedGeneration("g", self.results.total, None, 0)

    def answer_stamp(self) -> str:
        return "g"

    def pinned(self) -> contextlib.AbstractContextManager[None]:
        return contextlib.nullcontext()

    def _fail(self) -> None:
        if self.error is not None:
            raise self.error
