"""Evidence as it is read: whole sentences, in which what led to a value is marked."""

from bisect import bisect_right
from collections.abc import Mapping
from typing import Any

from search.article import Article, Evidence, Extracted, Part
from search.highlight import Span, cut, sentences
from search.views import EvidenceView

#: A sentence is shown whole unless it is one that nobody would read.
LONGEST_SENTENCE = 600


class ArticleEvidence:
    """The evidence of one article's values."""

    def __init__(self, article: Article) -> None:
        self._texts: Mapping[Part, str] = {"title": article.title, "body": article.body_text}
        self._spans = {part: list(sentences(text)) for part, text in self._texts.items()}

    def of(self, extracted: Extracted[Any]) -> tuple[EvidenceView, ...]:
        """The sentences behind a value, best first; none for what the source itself gave.

        Words that stand in the same sentence are marked in it together, the best one first.
        """
        marks: dict[tuple[Part, str, Span], list[Span]] = {}
        for each in extracted.evidence:
            if each.part != "given":
                # A web address or a file name is no part of the text and is all there is to see.
                text = self._texts.get(each.part, each.text)
                at = (each.start, each.end) if each.part in self._texts else (0, len(text))
                key = (each.part, text, self._sentence(each, at))
                marks.setdefault(key, []).append(at)
        return tuple(_view(*place, found) for place, found in marks.items())

    def _sentence(self, evidence: Evidence, at: Span) -> Span:
        """The sentence in which ``at`` begins; it reaches on where ``at`` does."""
        spans = self._spans.get(evidence.part, [])
        number = bisect_right(spans, at[0], key=lambda span: span[0]) - 1
        if number < 0 or at[0] >= spans[number][1]:
            return at
        first, last = spans[number]
        return first, max(last, at[1])


def _view(part: Part, text: str, span: Span, found: list[Span]) -> EvidenceView:
    shown = cut(text, *span, list(dict.fromkeys(found)), LONGEST_SENTENCE)
    return EvidenceView(shown.text, shown.marks, part, *span)
