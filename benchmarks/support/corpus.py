"""Synthetic news of any number, composed of real Estonian sentences; deterministic.

A paragraph is a run of neighbouring sentences of one source text, so words co-occur as in real
texts; paragraphs of several texts make an article. Lengths of articles are drawn from real news:
``NEWS_LENGTHS`` are the quantiles of the 123 news of ``ntrex.jsonl``, in words (median about 250,
as usual for short news). The magazine articles of ``koond.jsonl`` are six times as long, and are
measured as they are, unrepeated, where no composing is needed.

Limitation: the stock of sentences is finite, so in a large corpus the vocabulary stops growing, and
sentences recur. Only caches of whole sentences would gain by that.
"""

import json
import random
import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate, islice
from pathlib import Path

from benchmarks.support.data import WORD, detokenize, read_articles
from search.analysis import sentence_spans

#: Lengths of news in words at every twentieth quantile, shortest first.
NEWS_LENGTHS = (
    36, 64, 93, 130, 140, 155, 177, 195, 210, 240, 252, 263, 291, 316, 335, 355, 380, 389, 418, 456,
    549,
)  # fmt: skip
FOCUS_AREAS = (
    "korgtehnoloogia-digitootmine",
    "rohe-ringmajandus",
    "teenuseinnovatsioon-loomemajandus",
)
ORGANISATIONS = 400
_FIRST_DAY, _DAYS = date(2005, 1, 1), 365 * 20
_UNDATED = 0.05
#: Numbers of words of a sentence that can be a title.
_TITLE_WORDS = range(4, 11)
_PARAGRAPH = (2, 5)
_SENTENCE_WORDS = range(3, 80)
_HEADS = "klaster liit selts keskus ühing koda fond instituut".split()
_NOT_TEXT = re.compile(r"\\r|\\n|https?:")


@dataclass(frozen=True, slots=True)
class Stock:
    """Sentences by text, and those that can be titles."""

    sentences: tuple[str, ...]
    words: tuple[int, ...]
    begins: tuple[int, ...]
    titles: tuple[str, ...]
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Composed:
    """A synthetic article; ``paragraphs`` holds sentence numbers of the stock."""

    id: str
    title: str
    paragraphs: tuple[tuple[int, ...], ...]
    published: date | None
    focus: tuple[str, ...]
    organisations: tuple[str, ...]


def default_sources(shared: Path) -> list[Path]:
    """The evaluation data with running text."""
    data = shared / "eval"
    return [
        data / "headlines" / "koond.jsonl",
        data / "headlines" / "ntrex.jsonl",
        data / "lemmas" / "et_edt-ud-dev.conllu",
        data / "names" / "EstNER_new_dev.json",
        data / "names" / "EstNER_v1_dev.json",
        data / "catalogue" / "opendata.jsonl",
    ]


def read_stock(sources: Iterable[Path], most: int | None = None) -> Stock:
    """Sentences of ``sources``, sampled evenly if there are more than ``most``."""
    texts, titles = [], []
    for title, sentences in _texts(sources):
        usable = [each for each in sentences if _is_usable(each)]
        if usable:
            texts.append(usable)
        if title and not _NOT_TEXT.search(title):
            titles.append(title)
    total = sum(map(len, texts))
    if most is not None and total > most:
        texts = texts[:: -(-total // most)]
    if not texts:
        raise SystemExit("the sources hold no sentence that can be used")
    flat = [sentence for text in texts for sentence in text]
    counts = [len(WORD.findall(each)) for each in flat]
    starts = accumulate((len(text) for text in texts), initial=0)
    short = [each.rstrip(".") for each, n in zip(flat, counts, strict=True) if n in _TITLE_WORDS]
    names = _names(flat)
    return Stock(
        tuple(flat),
        tuple(counts),
        tuple(islice(starts, len(texts))),
        tuple(dict.fromkeys([*titles, *short])),
        names,
    )


def compose(stock: Stock, count: int, seed: int = 0, first: int = 0) -> Iterator[Composed]:
    """Yields ``count`` articles from number ``first`` on of the infinite sequence of ``seed``."""
    frequency = [1 / (rank + 3) for rank in range(len(stock.names))]
    organisations = list(accumulate(frequency))
    for number in range(first, first + count):
        # Each has its own random generator, so any of them can be made again alone.
        draw = random.Random(f"{seed}-{number}")
        areas = draw.choices(range(4), (45, 40, 12, 3))[0]
        many = draw.choices(range(5), (30, 30, 20, 12, 8))[0]
        day = draw.randrange(_DAYS) if draw.random() >= _UNDATED else None
        yield Composed(
            id=f"uudis-{number:06d}",
            title=draw.choice(stock.titles),
            paragraphs=tuple(_paragraphs(stock, draw)),
            published=None if day is None else _FIRST_DAY + timedelta(days=day),
            focus=tuple(draw.sample(FOCUS_AREAS, areas)),
            organisations=tuple(
                dict.fromkeys(
                    stock.names[bisect_left(organisations, draw.random() * organisations[-1])]
                    for _ in range(many)
                )
            ),
        )


def text_of(stock: Stock, article: Composed) -> list[str]:
    """Paragraphs of ``article``."""
    return [" ".join(stock.sentences[each] for each in one) for one in article.paragraphs]


def write_files(articles: Iterable[tuple[str, Sequence[str]]], directory: Path) -> tuple[int, int]:
    """Writes articles as text files; returns the number of articles and words."""
    number = words = 0
    for number, (title, paragraphs) in enumerate(articles, start=1):
        # A thousand files in a directory, as is realistic.
        folder = directory / f"{number // 1000:03d}"
        folder.mkdir(exist_ok=True)
        text = "\n\n".join([" ".join(title.split()), *paragraphs])
        words += len(WORD.findall(text))
        (folder / f"uudis-{number:06d}.txt").write_text(text + "\n", encoding="utf-8")
    return number, words


def _paragraphs(stock: Stock, draw: random.Random) -> Iterator[tuple[int, ...]]:
    at = draw.random() * (len(NEWS_LENGTHS) - 1)
    low, share = NEWS_LENGTHS[int(at)], at % 1
    wanted = low + share * (NEWS_LENGTHS[int(at) + 1] - low)
    while wanted > 0:
        first = draw.randrange(len(stock.sentences))
        one = []
        for number in range(first, first + draw.randint(*_PARAGRAPH)):
            is_next = number > first and _begins_text(stock, number)
            if number >= len(stock.sentences) or is_next or wanted <= 0:
                break
            one.append(number)
            wanted -= stock.words[number]
        yield tuple(one)


def _begins_text(stock: Stock, number: int) -> bool:
    at = bisect_left(stock.begins, number)
    return at < len(stock.begins) and stock.begins[at] == number


def _names(sentences: Sequence[str]) -> tuple[str, ...]:
    """Organisation names to assign: capitalised words of the texts, and a head noun."""
    draw = random.Random(0)
    capitalised = re.compile(r"(?<=[a-zõäöü] )[A-ZÕÄÖÜ][a-zõäöü]{4,}\b")
    found = dict.fromkeys(word for text in sentences for word in capitalised.findall(text))
    words = sorted(found)
    draw.shuffle(words)
    return tuple(f"{word} {draw.choice(_HEADS)}" for word in words[:ORGANISATIONS])


def _is_usable(sentence: str) -> bool:
    return len(WORD.findall(sentence)) in _SENTENCE_WORDS and not _NOT_TEXT.search(sentence)


def _texts(sources: Iterable[Path]) -> Iterator[tuple[str, list[str]]]:
    """Title (or nothing) and sentences of every text."""
    for source in sources:
        if source.suffix == ".conllu":
            yield "", _of_conllu(source)
        elif source.suffix == ".json":
            yield from (("", each) for each in _of_estner(source))
        else:
            for article in read_articles([source]):
                yield article.title, [each for text in article.body for each in _split(text)]


def _split(text: str) -> Iterator[str]:
    for line in text.splitlines():
        for start, end in sentence_spans(line):
            if sentence := line[start:end].strip():
                yield sentence


def _of_conllu(path: Path) -> list[str]:
    mark = "# text = "
    lines = path.read_text(encoding="utf-8").splitlines()
    return [line.removeprefix(mark) for line in lines if line.startswith(mark)]


def _of_estner(path: Path) -> Iterator[list[str]]:
    for document in json.loads(path.read_text(encoding="utf-8"))["documents"]:
        sentences = ([word["word"] for word in each["words"]] for each in document["sentences"])
        yield [detokenize(words)[0] for words in sentences]
