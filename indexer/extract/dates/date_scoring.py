"""Scores dates in the text as publication-date candidates.

News is written soon after what it reports and soon before what it announces: a full date in the
tense of the report, near its beginning, is evidence. Founding dates, laws, terms of projects,
deadlines and history are background, and score nothing.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from indexer.extract.dates.clauses import Clause, Tense
from indexer.extract.dates.date_parser import DateSpan
from indexer.text_view import Sentence
from search.article import Evidence

#: Below this score a date is no evidence.
MIN_SCORE = 2.5
#: Tenses of past events.
PAST_TENSES: frozenset[Tense | None] = frozenset({"past", "participle"})
_HEADING_LENGTH = 120
_LONG_MONTHS = 5
_NEAR = 30
_BEFORE = 40
_BESIDE = 16
_SPAN_BETWEEN = re.compile(r"[\s.,)]*(?:kuni|[-–—]|to|until|по)[\s.,(]*", re.IGNORECASE)
_UNTIL = re.compile(
    r"\b(?:kuni|hiljemalt|tähtaeg\w*(?:\son)?|tähtajaga|enne|by|until|before|до)\W*$", re.IGNORECASE
)
_SINCE = re.compile(
    r"\b(?:(?:alates|since)(?:\s\w+){0,4}|juba|pärast|from|after|с|после)\W*$", re.IGNORECASE
)
_UNTIL_CASE = re.compile(r"(?:[rlnst]i|mai|kuu)(?:ni|ks)(?!\w)")
_SINCE_CASE = re.compile(r"(?:[rlnst]i|mai|kuu)st(?!\w)")
_FUTURE_CASE = re.compile(r"\w(?:ks|ni)\b", re.IGNORECASE)
_LABEL = re.compile(r"\W*+(?:[^\W\d]++\s?){1,3}:\s")
_CAPTION = re.compile(r"\W*+(?:foto|pildi|photo|фото)\w*\b", re.IGNORECASE)
_OPENING = re.compile(r"\W*+(?:(?:on|в|\w{0,9}päev(?:al)?|reedel?)\b)?\W*+", re.IGNORECASE)
#: The call for a deadline early in a year was published in the year before.
_EARLY_MONTHS = (1, 2)
_TERM = ("ametiaeg", "ametiaja", "volitus", "mandaat", "tööleping", "koosseis")
#: „Sirp, 18.05.2018)“: the source of a quotation.
_CITED = re.compile(r"\([^()]*,\s$")
_ONCE_MORE = re.compile(r"\b(?:jälle|uuesti|järgmi\w+|again|next)\b", re.IGNORECASE)
#: „2019. aasta 20. detsembril“: not written of the current year.
_YEAR_FIRST = re.compile(r"\d{4}\.?\s?a")
_FOUNDING = frozenset(
    """asutama sündima rajama looma moodustama kehtima jõustuma sõlmima allkirjastama
    founded established born signed основан создан родился""".split()
)
_UNDERTAKING = ("projekt", "programm", "uuring", "rahastus", "project", "programme")
_STARTS_OR_ENDS = frozenset(
    """algama algus alustama käivituma käivitama lõppema lõpp lõpetama kestma kestus vältama
    starts started ends ended runs ran""".split()
)
_AS_OF = re.compile(r"\bseisuga\b", re.IGNORECASE)
_CHANGED = re.compile(
    r"\b(?:muudetud|muudeti|uuendatud|uuendati|täiendatud|updated|modified|изменено)\W*$", re.I
)
#: „Esimene koosolek peeti…“, „esimest korda…“, „Tehases alustas ta…“: asides about the past.
_ASIDE = re.compile(
    r"\b(?:esime(?:ne|sed)|esimest\skorda|esmakordselt|eelmine|viima(?:ti|ne)|varem|varasem\w*|ta|tema|"
    r"he|she|first|previous(?:ly)?|earlier|он|она)\b",
    re.IGNORECASE,
)
_LATER = re.compile(r"\b(?:aastat?\shiljem|years?\slater|(?:года?|лет)\sспустя)\b", re.IGNORECASE)
#: Days on which laws, budgets and contracts begin and end, and few events take place.
_BOUNDARIES = ((1, 1), (12, 31))
_LAW = ("seadus", "määrus")
#: Referred to for decades, so their date is never that of the news.
_TREATY = ("direktiiv", "konventsioon", "directive")
_LAWGIVERS = frozenset({"riigikogu", "parlament", "nõukogu", "komisjon", "valitsus"})
_PASSED = (frozenset({"vastu", "võtma"}), frozenset({"heaks", "kiitma"}))
_HISTORY = frozenset(
    "ajalugu minevik toona tollal meenutus mälestus meenutama mäletama history".split()
)
_CALL = frozenset(
    """registreeruma registreerima registreerumine kandideerima kandideerimine taotlema taotlus
    esitama esitamine avaldus pakkumus pakkumine hange avatud avama lahti külastama vaatama ootama
    apply application register registration tender open""".split()
)
_EVENT_VERBS = frozenset(
    """toimuma algama kestma kutsuma avama kogunema kohtuma korraldama tulema pidama lõppema
    aset""".split()
)


@dataclass(frozen=True, slots=True)
class ScoredDate:
    """A date of the text with its score as publication date, and its sentence's tense.

    ``background`` dates are not those of the reported event.
    """

    span: DateSpan
    clause: Clause
    score: float
    tense: Tense | None
    background: bool

    @property
    def sentence(self) -> Sentence:
        return self.clause.sentence

    @property
    def lead(self) -> bool:
        """True in the title or where the body begins."""
        return self.clause.lead

    @property
    def is_future(self) -> bool:
        """True for a future date, by tense or case."""
        return self.tense == "present" or self.has_future_case

    @property
    def has_future_case(self) -> bool:
        """True for a future date by its case: „2020. aastaks“, „maini 2025“."""
        return bool(_FUTURE_CASE.search(self.span.text))

    @property
    def is_past(self) -> bool:
        """True for a past date with its year: the text is not older."""
        span = self.span
        if self.is_future or span.last_year is not None:
            return False
        if span.month is None:
            return self.tense == "past" and "aasta" in span.text
        return self.tense in PAST_TENSES

    @property
    def evidence(self) -> Evidence:
        """Evidence for the date at its place in the article."""
        return self.sentence.evidence(self.span.start, self.span.end)


def score_dates(clause: Clause) -> Iterator[ScoredDate]:
    """Scores the dates of ``clause``."""
    for index, span in enumerate(clause.spans):
        verb = clause.verb(span)
        tense = verb.tense if verb is not None else None
        background = _is_background(clause, index)
        if background or span.month is None:
            score = 0.0
        elif span.day is None:
            score = _month_score(clause, span, tense)
        else:
            score = _day_score(clause, span, tense)
        yield ScoredDate(span, clause, score, tense, background)


def _month_score(clause: Clause, span: DateSpan, tense: Tense | None) -> float:
    """Score of a date with month precision; outside the lead it is not enough alone."""
    if clause.sentence.part == "title" and not clause.sentence.text[span.end :].strip(" .!)"):
        return 4.0
    if tense not in PAST_TENSES:
        return 0.0
    return 3.0 if clause.first else MIN_SCORE if clause.lead else MIN_SCORE - 1.0


def _day_score(clause: Clause, span: DateSpan, tense: Tense | None) -> float:
    text = clause.sentence.text
    if _is_deadline(clause, span):
        return 0.0 if span.month in _EARLY_MONTHS else 3.0
    if clause.sentence.part == "title":
        return 6.5
    if tense in PAST_TENSES:
        return 5.0 if clause.first else 4.0 if clause.lead else 3.0
    if tense == "present":
        if clause.first:
            return 4.5
        if _ONCE_MORE.search(text):
            return 0.0
        if clause.lemmas & _EVENT_VERBS:
            return 3.5 if clause.lead else MIN_SCORE
        return 0.0
    if clause.first and len(text) <= _HEADING_LENGTH:
        return 4.0
    listed = not text[: span.start].strip() and len(text) <= _HEADING_LENGTH
    if listed or _LABEL.match(text) or _CAPTION.match(text):
        return MIN_SCORE
    if not clause.analysed:
        return 4.0 if clause.first else 3.0 if clause.lead else MIN_SCORE
    return 0.0


def _is_background(clause: Clause, index: int) -> bool:
    """True if the date is background, not the date of the news."""
    span = clause.spans[index]
    return (
        _has_leading_year(span)
        or (_is_deadline(clause, span) and not clause.lemmas & _CALL)
        or _is_start_date(clause, span)
        or _is_founding(clause, span)
        or _is_boundary_date(clause, span)
        or _is_aside(clause, span)
        or _is_law(clause, span)
        or _is_citation_date(clause, span)
        or _is_history(clause)
        or _is_in_long_range(clause, index)
    )


def _has_leading_year(span: DateSpan) -> bool:
    """True for a day or month with its year in front, as only other years have."""
    return span.month is not None and bool(_YEAR_FIRST.match(span.text))


def _is_deadline(clause: Clause, span: DateSpan) -> bool:
    """True for a deadline or the end of a term."""
    if span.last_day is not None:
        return False
    before = _before(clause, span)
    return bool(_UNTIL.search(before) or _UNTIL_CASE.search(span.text.casefold()))


def _is_start_date(clause: Clause, span: DateSpan) -> bool:
    """True for a start („Alates 1. märtsist 2018 …“), unless the news begins with it."""
    since = _SINCE.search(_before(clause, span)) or (
        span.last_day is None and _SINCE_CASE.search(span.text.casefold())
    )
    verb = clause.verb(span)
    news = clause.first and verb is not None and verb.tense == "present"
    return bool(since) and not news


def _is_founding(clause: Clause, span: DateSpan) -> bool:
    """True for the founding or the term of an organisation or project: „asutati 3. mail 2009“.

    It is news if the date opens a sentence of the lead.
    """
    if clause.lead and _OPENING.fullmatch(clause.sentence.text, 0, span.start):
        return False
    if clause.sentence.part == "title":
        return False
    near = _near(clause, span)
    undertaking = any(lemma.endswith((*_UNDERTAKING, *_TERM)) for lemma in clause.lemmas)
    return bool(near & _FOUNDING or (undertaking and near & _STARTS_OR_ENDS))


def _is_boundary_date(clause: Clause, span: DateSpan) -> bool:
    """True for New Year's Day and Eve, and reference dates: „1. märtsi 2016 seisuga“."""
    if span.last_day is None and (span.month, span.day) in _BOUNDARIES:
        return True
    text = clause.sentence.text
    if _CHANGED.search(_before(clause, span)):
        return True
    return bool(_AS_OF.search(text, max(0, span.start - _BESIDE), span.end + _BESIDE))


def _is_aside(clause: Clause, span: DateSpan) -> bool:
    """True for an aside about the past: a first event of many, a biography, „aastat hiljem“."""
    if _LATER.search(clause.sentence.text, span.end):
        return True
    aside = re.split(r"[,;:]", clause.sentence.text[: span.start])[-1]
    return not clause.first and bool(_ASIDE.search(aside))


def _is_law(clause: Clause, span: DateSpan) -> bool:
    """True for the date of a law or its passing, unless the news begins with it."""
    if any(lemma.endswith(_TREATY) for lemma in clause.lemmas):
        return True
    verb = clause.verb(span)
    if clause.first and verb is not None and verb.tense in PAST_TENSES:
        return False
    if any(lemma.endswith(_LAW) for lemma in _near(clause, span)):
        return True
    return bool(clause.lemmas & _LAWGIVERS) and any(each <= clause.lemmas for each in _PASSED)


def _is_citation_date(clause: Clause, span: DateSpan) -> bool:
    """True for the date of a cited source: „(Mari Maasikas, Elva Teataja, 18.05.2018)“."""
    text = clause.sentence.text
    return bool(_CITED.search(_before(clause, span))) and text[span.end : span.end + 1] == ")"


def _is_history(clause: Clause) -> bool:
    return any(word.lemmas & _HISTORY for word in (*clause.before, *clause.words))


def _is_long_range(span: DateSpan) -> bool:
    """True for a range of years, of months over New Year, or of half a year."""
    if span.month is None or span.last_month is None:
        return span.last_year is not None
    if span.year is not None and span.last_year is not None:
        return (span.last_year - span.year) * 12 + span.last_month - span.month > 1
    return span.last_month - span.month > _LONG_MONTHS


def _near(clause: Clause, span: DateSpan) -> frozenset[str]:
    near = clause.near(span.start, span.end, _NEAR)
    return frozenset(lemma for word in near for lemma in word.lemmas)


def _before(clause: Clause, span: DateSpan) -> str:
    return clause.sentence.text[max(0, span.start - _BEFORE) : span.start]


def _is_in_long_range(clause: Clause, index: int) -> bool:
    """True for a long range, or one end of „01.12.2009 kuni 29.11.2010“."""
    spans, text = clause.spans, clause.sentence.text
    if _is_long_range(spans[index]):
        return True
    for first, second in ((index - 1, index), (index, index + 1)):
        if first < 0 or second >= len(spans):
            continue
        a, b = spans[first], spans[second]
        if not _SPAN_BETWEEN.fullmatch(text, a.end, b.start):
            continue
        if a.month is None or b.month is None:
            return True
        year_a, year_b = a.year or b.year or 0, b.year or a.year or 0
        if (year_b - year_a) * 12 + b.month - a.month > 1:
            return True
    return False
