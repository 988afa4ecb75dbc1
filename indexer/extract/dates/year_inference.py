"""Infers the year of writing where a relative and an absolute date refer to the same fact.

Each rule combines two places of the text that agree in only one year; where rules disagree, none
counts.
"""

import re
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from indexer.extract.dates.date_parser import DateSpan, find_dates
from indexer.extract.dates.relative_dates import RelativePhrase, find_relative_years
from indexer.text_view import Sentence, TextView
from search.analysis import Analyzer
from search.article import Evidence, Extracted

#: Least share, and number, of the words of the shorter statement that are in the longer one.
_SHARED = 0.6
_SHARED_WORDS = 4
#: Most relative and absolute statements that are compared.
_MOST = 100
#: Sentences without a blank between them: „… tuleb.Kava on …“.
_MISSING_BLANK = re.compile(r"(?<=[^\W\d_][^\W\d_][.!?])(?=[„“”\"A-ZÕÄÖÜŠŽ]|\d{4}\b)")
_RELATIVE_HINT = re.compile(r"aasta|mullu|tänavu", re.IGNORECASE)
_YEAR = re.compile(r"(?:19|20)\d\d")
_STOP_WORDS = frozenset(
    """aasta olema ja et ka see mis kes kui oma ning aga või ei tema nad mina sina meie juba veel
    siis väga kõik üks saama pidama võima tulema tegema mitte kuid küll nii seal siin ainult enne
    pärast jaoks eest kohta üle ligi umbes mullu mullune tänavu tänavune möödunud eelmine järgmine
    käesolev tulev läinud jooksul algus lõpp tuleval kokku""".split()
)
_ENDED = frozenset("lõppema lõpetama lahkuma sulgema lõpp".split())
_NUMBERS = {
    **{"kahe": 2, "kolme": 3, "nelja": 4, "viie": 5, "kuue": 6, "seitsme": 7, "kümne": 10},
    **{"kaks": 2, "kolm": 3, "neli": 4, "viis": 5, "kuus": 6, "kümme": 10},
}
_NEXT_YEARS = re.compile(
    r"\bjärgmise\s(kahe|kolme|nelja|viie|kuue|seitsme)\saasta\b", re.IGNORECASE
)
_ROW = re.compile(r"(?:19|20)\d\d(?=:\s?\d)")
_OF_THE_YEAR = re.compile(r"(?<![\d.]\s)\baasta\s(?P<what>[^\W\d]{4,})", re.IGNORECASE)
_NO_YEARS_OWN = re.compile(
    r"(?:\w+(?:se|nud|va|le|ud)|iga|ühe|pool\w*|uue|mitme)\s$", re.IGNORECASE
)
_INTERIM = re.compile(
    r"\b(?:I{1,3}|esimese\w*|teise\w*|kolmanda\w*)\skvartal\w*|\bpoolaasta\w*", re.IGNORECASE
)
_PART = re.compile(r"kvartal|poolaasta|\b(?:kolme|kuue|üheksa)\skuu", re.IGNORECASE)
_NOW = re.compile(
    r"\b(?:täna|praegu|hetkel|nüüd)\son\s(?:alles\s|juba\s)?(?P<year>(?:19|20)\d\d)\b",
    re.IGNORECASE,
)
_REFERENCE_PERIOD = re.compile(
    r"(?P<year>(?:19|20)\d\d)\.?\saasta\s(?:\w+\s)?(?:kvartali|poolaasta|kuu|\w+kuu|jaanuari|veebruari|"
    r"märtsi|aprilli|mai|juuni|juuli|augusti|septembri|oktoobri|novembri|detsembri|sama\s\w+)ga\b",
    re.IGNORECASE,
)
_WITHIN_A_YEAR = re.compile(r"\baastaga\b|\baastases\b", re.IGNORECASE)
_COMPARISON = re.compile(r"\bvõrrel\w+", re.IGNORECASE)
_JUBILEE = re.compile(
    r"\b(?P<years>\d{1,3})\.?[\s-]?(?:(?:sünni|aasta|sünniaasta)päev|juubel|(?:aasta|aastane)\sjuubel|"
    r"tegevusaasta|aastaseks)",
    re.IGNORECASE,
)
_BEGAN = frozenset("asutama looma sündima rajama".split())
_FEWEST_YEARS = 5
_IF_THEN = re.compile(
    r"\bkui\b[^.]{0,40}?\b(?P<before>(?:19|20)\d\d)\b[^.]{3,120}?\bsiis\b[^.]{0,40}?"
    r"\b(?P<year>(?:19|20)\d\d)\b",
    re.IGNORECASE,
)
_AGO = re.compile(
    r"(?<!ligi\s)(?<!umbes\s)(?<!üle\s)\b(?P<years>\d{1,2}|kaks|kolm|neli|viis|kuus|kümme|kahe|kolme|"
    r"nelja|viie|kuue|kümne)\saasta(?:t\s(?P<ago>tagasi)|\s(?P<before>eest)|\spärast),?\s"
    r"(?:\w+\s)?\(?(?P<year>(?:19|20)\d\d)\b",
    re.IGNORECASE,
)
#: A repeated event is another one: „laat tuleb 2021. aastal taas“.
_ONCE_MORE = re.compile(r"\b(?:jälle|uuesti|taas)\b", re.IGNORECASE)
_NEAR = 30


class _Statement:
    """A statement at ``start``..``end`` of a sentence, or all of it if no blank is missing."""

    def __init__(self, sentence: Sentence, start: int, end: int, analyzer: Analyzer) -> None:
        self.sentence = sentence
        self.start = start
        self.end = end
        self.text = sentence.text[start:end]
        self._analyzer = analyzer

    @cached_property
    def relative(self) -> tuple[RelativePhrase, ...]:
        """Years relative to the year of writing."""
        if not _RELATIVE_HINT.search(self.text):
            return ()
        return tuple(find_relative_years(self.text))

    @cached_property
    def spans(self) -> tuple[DateSpan, ...]:
        """Dates with a year."""
        if not _YEAR.search(self.text):
            return ()
        return tuple(each for each in find_dates(self.text) if each.year is not None)

    @cached_property
    def words(self) -> tuple[frozenset[str], ...]:
        """Lemmas of each content word; numbers as written."""
        first, last = self.sentence.start + self.start, self.sentence.start + self.end
        found = []
        for token in self.sentence.tokens:
            if not first <= token.start < last or token.kind not in ("word", "number"):
                continue
            if token.kind == "number":
                if not _YEAR.fullmatch(token.text):
                    found.append(frozenset({token.text}))
                continue
            lemmas = frozenset(self._analyzer.terms(token.text).lemmas)
            if len(token.text) > 2 and not lemmas & _STOP_WORDS:
                found.append(lemmas)
        return tuple(dict.fromkeys(found))

    @cached_property
    def all_lemmas(self) -> frozenset[str]:
        """All lemmas of the content words."""
        return frozenset(lemma for each in self.words for lemma in each)

    @cached_property
    def figures(self) -> frozenset[str]:
        return frozenset(word for each in self.words for word in each if word[0].isdigit())

    def lemmas_of(self, word: str) -> frozenset[str]:
        """Lemmas that ``word`` may have."""
        return frozenset(self._analyzer.terms(word).lemmas)

    def evidence(self, span: DateSpan | RelativePhrase | re.Match[str]) -> Evidence:
        """Evidence for a place of the statement."""
        start, end = span.span() if isinstance(span, re.Match) else (span.start, span.end)
        return self.sentence.evidence(self.start + start, self.start + end)


@dataclass(frozen=True, slots=True)
class _DatedStatement:
    """A statement with its absolute or relative year, which may be in the statement before."""

    statement: _Statement
    year: int | None
    offset: int | None
    evidence: Evidence


def inferred_year(
    text_view: TextView, analyzer: Analyzer, years: Container[int]
) -> Extracted[int] | None:
    """Infers which of the possible ``years`` an Estonian text was written in.

    None if its statements imply none, or several.
    """
    if not _YEAR.search(text_view.body.text):
        return None
    statements = [
        _Statement(sentence, start, end, analyzer)
        for sentence in text_view.sentences
        for start, end in _statement_ranges(sentence.text)
    ]
    found = [each for rule in _RULES for each in rule(statements) if each.value in years]
    return found[0] if len({each.value for each in found}) == 1 else None


def _statement_ranges(text: str) -> Iterator[tuple[int, int]]:
    ends = [each.start() for each in _MISSING_BLANK.finditer(text)]
    yield from zip([0, *ends], [*ends, len(text)], strict=True)


def _inferred(year: int, *evidence: Evidence) -> Extracted[int]:
    return Extracted(year, "found", evidence)


def _same_fact_twice(statements: Sequence[_Statement]) -> Iterator[Extracted[int]]:
    """One plan or figure with a relative year („mullu“, „järgmisel aastal“) and an absolute one."""
    timed = list(_dated_statements(statements))
    absolutes = [(each, each.year) for each in timed if each.year is not None][:_MOST]
    relatives = [(each, each.offset) for each in timed if each.offset is not None][:_MOST]
    for relative, offset in relatives:
        for absolute, year in absolutes:
            if _is_same_fact(relative.statement, absolute.statement):
                yield _inferred(year - offset, relative.evidence, absolute.evidence)


def _dated_statements(statements: Sequence[_Statement]) -> Iterator[_DatedStatement]:
    before: _DatedStatement | None = None
    for each in statements:
        years = {span.year for span in each.spans if span.last_year is None}
        offsets = {phrase.offset for phrase in each.relative}
        timed = None
        if len(years) == 1 and not offsets and len(each.spans) == 1:
            timed = _DatedStatement(each, years.pop(), None, each.evidence(each.spans[0]))
        elif len(offsets) == 1 and not each.spans:
            timed = _DatedStatement(each, None, offsets.pop(), each.evidence(each.relative[0]))
        elif not years and not offsets and before is not None and before.year is not None:
            same = before.statement.sentence.paragraph == each.sentence.paragraph
            timed = _DatedStatement(each, before.year, None, before.evidence) if same else None
        if timed is not None:
            yield timed
        before = timed


def _is_same_fact(one: _Statement, other: _Statement) -> bool:
    """True if the words and figures of the shorter of two statements are in the longer one."""
    if _ONCE_MORE.search(one.text) or _ONCE_MORE.search(other.text):
        return False
    if not (one.figures <= other.figures or other.figures <= one.figures):
        return False
    fewest = min(len(one.words), len(other.words))
    if fewest < _SHARED_WORDS:
        return False
    shared = sum(any(word & each for each in other.words) for word in one.words)
    return shared >= max(_SHARED_WORDS, _SHARED * fewest)


def _ended_terms(statements: Sequence[_Statement]) -> Iterator[Extracted[int]]:
    """The end of a term: „Oli juhataja aastatel 2015–2020, leping lõppes mullu“."""
    for each in statements:
        ranges = [span for span in each.spans if span.last_year is not None and not span.month]
        if len(ranges) == 1 and len(each.relative) == 1 and each.all_lemmas & _ENDED:
            last, phrase = ranges[0].last_year, each.relative[0]
            if last is not None and phrase.offset <= 0:
                yield _inferred(
                    last - phrase.offset, each.evidence(phrase), each.evidence(ranges[0])
                )


def _multi_year_plans(statements: Sequence[_Statement]) -> Iterator[Extracted[int]]:
    """A plan for the next years („järgmise nelja aasta kava“), with a row for each of them."""
    plans = [
        (each, match) for each in statements if (match := _NEXT_YEARS.search(each.text)) is not None
    ]
    for plan, match in plans[:1]:
        number = _NUMBERS[match.group(1).casefold()]
        for each in statements:
            rows = list(_ROW.finditer(each.text))
            years = [int(row.group()) for row in rows]
            if len(years) == number and years == list(range(years[0], years[0] + number)):
                yield _inferred(years[0] - 1, plan.evidence(match), each.evidence(rows[0]))


def _best_of_the_year(statements: Sequence[_Statement]) -> Iterator[Extracted[int]]:
    """An annual award: „Liit valis aasta parimad“ and „Parimad 2020. aastal:“."""
    titles = [each for each in statements if each.sentence.part == "title"]
    for title in titles:
        for match in _OF_THE_YEAR.finditer(title.text):
            if _NO_YEARS_OWN.search(title.text, 0, match.start()):
                continue
            yield from _of_its_year(title, match, statements)


def _of_its_year(
    title: _Statement, match: re.Match[str], statements: Sequence[_Statement]
) -> Iterator[Extracted[int]]:
    what = title.lemmas_of(match.group("what"))
    if what & _STOP_WORDS:
        return
    for each in statements:
        for span in each.spans:
            if span.month is not None or span.last_year is not None or "aasta" not in span.text:
                continue
            near = each.text[max(0, span.start - _NEAR) : span.end + _NEAR]
            if any(title.lemmas_of(word) & what for word in re.findall(r"[^\W\d]{4,}", near)):
                yield _inferred(span.year or 0, title.evidence(match), each.evidence(span))


def _interim_results(statements: Sequence[_Statement]) -> Iterator[Extracted[int]]:
    """Interim results, of a quarter or half a year: published within that year."""
    titles = [each for each in statements if each.sentence.part == "title"]
    for title in titles:
        match = _INTERIM.search(title.text)
        if match is None:
            continue
        found = [
            (span.year, span, each)
            for each in statements
            for span in each.spans
            if span.year is not None and span.last_year is None and _PART.search(each.text)
        ]
        if found:
            year, span, each = max(found, key=lambda some: some[0])
            yield _inferred(year, title.evidence(match), each.evidence(span))


def _stated_now(statements: Sequence[_Statement]) -> Iterator[Extracted[int]]:
    """The present year: „Täna on 2020. aasta lõpp“."""
    for each in statements:
        match = _NOW.search(each.text) if each.spans else None
        if match is not None:
            yield _inferred(int(match.group("year")), each.evidence(match))


def _compared_to_last_year(statements: Sequence[_Statement]) -> Iterator[Extracted[int]]:
    """A comparison to the year before: „tõusid aastaga“ and „2020. aasta jaanuariga võrreldes“."""
    changes = ((each, _WITHIN_A_YEAR.search(each.text)) for each in statements)
    change = next(((each, match) for each, match in changes if match is not None), None)
    for each in statements if change is not None else ():
        against = _REFERENCE_PERIOD.search(each.text) if _COMPARISON.search(each.text) else None
        if change is not None and against is not None:
            year = int(against.group("year")) + 1
            yield _inferred(year, change[0].evidence(change[1]), each.evidence(against))


def _jubilees(statements: Sequence[_Statement]) -> Iterator[Extracted[int]]:
    """An anniversary and a founding year, one of each: „10. aastapäev“ and „asutati 2009“."""
    jubilees = [(each, match) for each in statements for match in _JUBILEE.finditer(each.text)]
    began = [
        (each, each.spans[0])
        for each in statements
        if len(each.spans) == 1 and each.all_lemmas & _BEGAN
    ]
    if len({match.group("years") for _, match in jubilees}) != 1 or len(began) != 1:
        return
    (jubilee, match), (founding, span) = jubilees[0], began[0]
    if int(match.group("years")) >= _FEWEST_YEARS and span.last_year is None:
        year = (span.year or 0) + int(match.group("years"))
        yield _inferred(year, jubilee.evidence(match), founding.evidence(span))


def _consecutive_years(statements: Sequence[_Statement]) -> Iterator[Extracted[int]]:
    """Two consecutive years compared („kui 2019 …, siis 2020 …“), beside „sel aastal“ alone."""
    phrases = [(each, phrase) for each in statements for phrase in each.relative]
    if {phrase.offset for _, phrase in phrases} != {0}:
        return
    for each in statements:
        match = _IF_THEN.search(each.text)
        if match is not None and int(match.group("year")) == int(match.group("before")) + 1:
            this, phrase = phrases[0]
            yield _inferred(int(match.group("year")), this.evidence(phrase), each.evidence(match))


def _years_ago(statements: Sequence[_Statement]) -> Iterator[Extracted[int]]:
    """A number of years ago or ahead: „viis aastat tagasi, 2015. aastal“."""
    for each in statements:
        for match in _AGO.finditer(each.text):
            word = match.group("years").casefold()
            years = int(word) if word.isdigit() else _NUMBERS[word]
            past = match.group("ago") or match.group("before")
            year = int(match.group("year")) + (years if past else -years)
            yield _inferred(year, each.evidence(match))


_RULES = (
    _same_fact_twice,
    _ended_terms,
    _multi_year_plans,
    _best_of_the_year,
    _interim_results,
    _compared_to_last_year,
    _consecutive_years,
    _jubilees,
    _years_ago,
    _stated_now,
)
