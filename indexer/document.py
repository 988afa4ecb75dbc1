"""Analyses an article into a document: index terms, near-duplicate signature and text view."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from indexer.sources import content_digest
from indexer.text_view import Sentence, TextView, split_sentences, text_view_of
from search.analysis import Analyzer, Token, identify_language
from search.analysis.decapitalisation import acronyms_in
from search.article import PARAGRAPH_BREAK, Article
from search.engines.contract import IndexedDocument, IndexedField, TextField
from search.near_duplicates.minhash import Wording

#: Position increment gap between paragraphs, so that no phrase matches across.
PARAGRAPH_GAP = 10


@dataclass(frozen=True, slots=True)
class AnalysedDocument:
    """A document before extraction, and the view of its text."""

    document: IndexedDocument
    text: TextView


def with_language(article: Article) -> Article:
    """Sets the language of ``article``, identified from the text unless given."""
    if article.language:
        return article
    return replace(article, language=identify_language(f"{article.title}\n{article.body_text}"))


def analyse_article(
    article: Article, analyzer: Analyzer, digest: str | None = None
) -> AnalysedDocument:
    """Analyses ``article``: terms by field and position, and the view of its text.

    ``digest`` is that of the article as given by its source; by default that of ``article``.
    """
    digest = content_digest(article) if digest is None else digest
    article = with_language(article)
    fields = _Fields(analyzer, article.language, _acronyms(article))
    title, title_sentences = fields.of("title", [article.title])
    body, body_sentences = fields.of("body", article.body)
    document = IndexedDocument(article, title, body, digest, fields.wording.signature())
    return AnalysedDocument(document, text_view_of(document, title_sentences, body_sentences))


def _acronyms(article: Article) -> frozenset[str]:
    """Acronyms in the text; needed only if a part is all in capitals, else empty."""
    texts = (article.title, *article.body)
    return frozenset(acronyms_in(texts)) if any(map(str.isupper, texts)) else frozenset()


class _Fields:
    """Builds the fields of one article, and collects its ``wording`` for the signature."""

    def __init__(self, analyzer: Analyzer, language: str, acronyms: frozenset[str]) -> None:
        self._analyzer = analyzer
        self._language = language
        self._acronyms = acronyms
        self.wording = Wording()

    def of(self, name: TextField, paragraphs: Sequence[str]) -> tuple[IndexedField, list[Sentence]]:
        """Field of ``paragraphs``, and its sentences."""
        postings: dict[str, list[int]] = {}
        starts: list[int] = []
        ends: list[int] = []
        first_positions: list[int] = []
        addresses: list[int] = []
        sentences: list[Sentence] = []
        length = offset = 0
        for number, paragraph in enumerate(paragraphs, name == "body"):
            if starts:
                starts += [ends[-1]] * PARAGRAPH_GAP
                ends += [ends[-1]] * PARAGRAPH_GAP
            analysed = self._analyzer.analyse(paragraph, self._language, self._acronyms)
            self.wording.add(paragraph, analysed)
            tokens = [_with_offset(each.token, offset) for each in analysed]
            position = len(starts)
            for sentence in split_sentences(name, number, paragraph, offset, tokens):
                first_positions.append(position)
                position += len(sentence.tokens)
                sentences.append(sentence)
            for at, each in enumerate(analysed, len(starts)):
                for term in each.terms.indexed:
                    postings.setdefault(term, []).append(at)
                if each.token.kind == "address":
                    addresses.append(at)
            starts += [each.start for each in tokens]
            ends += [each.end for each in tokens]
            length += len(tokens)
            offset += len(paragraph) + len(PARAGRAPH_BREAK)
        field = IndexedField(postings, starts, ends, length, first_positions, addresses)
        return field, sentences


def _with_offset(token: Token, offset: int) -> Token:
    """Shifts a token's offsets from its paragraph, which begins at ``offset``, to the part."""
    if not offset:
        return token
    text, start, end, kind, elliptic = token
    return Token(text, start + offset, end + offset, kind, elliptic)
