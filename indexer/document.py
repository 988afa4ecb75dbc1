"""From an enriched article to the terms an engine stores."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from indexer.sources import content_digest
from search.analysis import AnalysedToken, Analyzer, recognise, sentence_spans
from search.article import PARAGRAPH_BREAK, Article
from search.engines.contract import IndexedDocument, IndexedField
from search.near_duplicates.minhash import Wording

#: Positions left free between paragraphs, so that no phrase reaches across.
PARAGRAPH_GAP = 10
LONGEST_SENTENCE = 200


def with_language(article: Article) -> Article:
    """``article`` with its language recognised from its text, unless it is known."""
    if article.language:
        return article
    return replace(article, language=recognise(f"{article.title}\n{article.body_text}"))


def build_document(
    article: Article, analyzer: Analyzer, digest: str | None = None
) -> IndexedDocument:
    """The terms of ``article`` by field and position.

    ``digest`` is that of the article as its source gave it; without one, the article is taken to
    hold nothing but what its source gave.
    """
    digest = content_digest(article) if digest is None else digest
    article = with_language(article)
    wording = Wording()
    return IndexedDocument(
        article=article,
        title=_field([article.title], analyzer, article.language, wording),
        body=_field(article.body, analyzer, article.language, wording),
        digest=digest,
        signature=wording.signature(),
    )


def _field(
    paragraphs: Iterable[str], analyzer: Analyzer, language: str, wording: Wording
) -> IndexedField:
    postings: dict[str, list[int]] = {}
    starts: list[int] = []
    ends: list[int] = []
    sentences: list[int] = []
    addresses: list[int] = []
    length = offset = 0
    for paragraph in paragraphs:
        if starts:
            starts += [ends[-1]] * PARAGRAPH_GAP
            ends += [ends[-1]] * PARAGRAPH_GAP
        tokens = analyzer.analyse(paragraph, language)
        for position, analysed in enumerate(tokens, len(starts)):
            for each in analysed.terms.indexed:
                postings.setdefault(each, []).append(position)
            if analysed.token.kind == "address":
                addresses.append(position)
        sentences += _sentences(paragraph, tokens, len(starts))
        wording.add(paragraph, tokens)
        starts += [offset + each.token.start for each in tokens]
        ends += [offset + each.token.end for each in tokens]
        length += len(tokens)
        offset += len(paragraph) + len(PARAGRAPH_BREAK)
    return IndexedField(postings, starts, ends, length, sentences, addresses)


def _sentences(paragraph: str, tokens: Sequence[AnalysedToken], first: int) -> Iterator[int]:
    """The positions at which sentences begin; ``first`` is that of the first token."""
    at = 0
    for _, end in sentence_spans(paragraph):
        begin = at
        while at < len(tokens) and tokens[at].token.start < end:
            at += 1
        # No one writes a longer sentence; cutting it bounds what is done within one.
        yield from range(first + begin, first + at, LONGEST_SENTENCE)
