"""An article cut into sentences of tokens, once for all extractors."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from search.analysis import Token, sentence_spans, tokenize
from search.article import PARAGRAPH_BREAK, Article, Evidence

TextPart = Literal["title", "body"]
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence at ``start``..``end`` of a part; its tokens count in the part too.

    ``paragraph`` is 0 for the title and counts from 1 in the body.
    """

    part: TextPart
    paragraph: int
    start: int
    end: int
    text: str
    tokens: tuple[Token, ...]


@dataclass(frozen=True, slots=True)
class Passages:
    """Title and body of an article, and their sentences in order."""

    title: str
    body: str
    sentences: tuple[Sentence, ...]

    def text(self, part: TextPart) -> str:
        """The whole text of a part, in which offsets count."""
        return self.title if part == "title" else self.body

    def evidence(self, part: TextPart, start: int, end: int) -> Evidence:
        """Evidence for what stands at ``start``..``end`` of ``part``."""
        return Evidence(part, start, end, self.text(part)[start:end])

    @property
    def paragraphs(self) -> int:
        """Number of paragraphs of the body that hold a sentence."""
        return len({each.paragraph for each in self.sentences if each.part == "body"})


def passages_of(article: Article) -> Passages:
    """Cut ``article`` into sentences."""
    body = article.body_text
    sentences = list(_sentences("title", 0, article.title, 0))
    at = 0
    for number, paragraph in enumerate(article.body, start=1):
        sentences += _sentences("body", number, paragraph, at)
        at += len(paragraph) + len(PARAGRAPH_BREAK)
    return Passages(article.title, body, tuple(sentences))


def _sentences(part: TextPart, paragraph: int, text: str, offset: int) -> Iterator[Sentence]:
    for start, end in sentence_spans(text):
        piece = text[start:end]
        tokens = tuple(tokenize(piece, offset + start))
        # No one writes such a sentence; cutting it bounds what finders do within one.
        for first in range(0, len(tokens), _LONGEST):
            some = tokens[first : first + _LONGEST]
            left = some[0].start if first else start + offset
            right = end + offset
            if first + _LONGEST < len(tokens):
                right = tokens[first + _LONGEST].start
            yield Sentence(part, paragraph, left, right, text[left - offset : right - offset], some)
