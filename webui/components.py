"""View models that several pages share: marked text, links, dates, title lists."""

import functools
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from operator import attrgetter

from search.article import Article, PartialDate
from search.article_view import SimilarArticle
from search.results import Hit, Mark
from webui.addresses.parameters import SearchState
from webui.localisation import Localisation

#: Characters that XML does not allow, not even as references.
_UNWRITABLE = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_PLACE = attrgetter("start", "end")
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class TextSegment:
    """A piece of text, highlighted or not."""

    text: str
    marked: bool


@dataclass(frozen=True, slots=True)
class Link:
    """A labelled link, without ``url`` plain text; ``current`` if it is the page shown."""

    label: str
    url: str
    current: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """A link within the results (pagination, order), or the form field that replaces it.

    The form is used if the URL is too long to be repeated in every link.
    """

    label: str
    url: str
    field: str
    value: str
    current: bool = False


@functools.lru_cache(maxsize=4096)
def shown_date(published: str | None, year: int | None) -> PartialDate | None:
    """The date to show: ``published`` (ISO 8601 truncated to its precision), else the year."""
    if published:
        return PartialDate.from_iso(published)
    return PartialDate(year) if year is not None else None


def article_date(article: Article) -> PartialDate | None:
    """The date to show for an article: its publication date, else its year alone."""
    if article.published is not None:
        return article.published.value
    return PartialDate(article.year.value) if article.year is not None else None


def addresses(found: Iterable[str], article_url: Callable[[str], str]) -> tuple[Link, ...]:
    """Links to other copies: web addresses by host, ids by ``article_url``.

    Addresses with other schemes are shown without a link.
    """
    links = []
    for each in found:
        url = safe_url(each)
        if url:
            links.append(Link(host_of(url), url))
        else:
            links.append(Link(each, "" if _SCHEME.match(each) else article_url(each)))
    return tuple(links)


def safe_url(url: str | None) -> str | None:
    """``url`` if it is http(s), else None: sources may contain ``javascript:``."""
    if url and url.lower().startswith(("http://", "https://")):
        return url
    return None


def other_name_note(name: str, localisation: Localisation) -> str:
    """Note on the other ``name`` that an organisation was found by; empty without one."""
    return localisation.gettext("by another name: {name}", name=name) if name else ""


def host_of(url: str) -> str:
    """Host of a web address without ``www.``."""
    return url.split("/")[2].removeprefix("www.") or url


def xml_text(text: str, instead: str = "") -> str:
    """Replaces characters that XML forbids, such as control characters, by ``instead``."""
    return _UNWRITABLE.sub(instead, text)


def one_line(text: str) -> str:
    """Converts ``text`` to one line with single blanks, without control characters."""
    return " ".join(xml_text(text).split())


def spans(marks: Iterable[Mark], length: int) -> list[tuple[int, int]]:
    """Sorts ``marks``, clips them to ``length``, and merges overlapping or adjacent ones."""
    found: list[tuple[int, int]] = []
    done = 0
    for mark in sorted(marks, key=_PLACE):
        start, end = max(mark.start, done), min(mark.end, length)
        if start >= end:
            continue
        if found and start == done:
            found[-1] = (found[-1][0], end)
        else:
            found.append((start, end))
        done = end
    return found


def segments(text: str, marks: Iterable[Mark]) -> tuple[TextSegment, ...]:
    """Splits ``text`` at its marks, overlapping ones merged."""
    pieces: list[TextSegment] = []
    done = 0
    for start, end in spans(marks, len(text)):
        if done < start:
            pieces.append(TextSegment(text[done:start], False))
        pieces.append(TextSegment(text[start:end], True))
        done = end
    if done < len(text):
        pieces.append(TextSegment(text[done:], False))
    return tuple(pieces)


@dataclass(frozen=True, slots=True)
class TitleLine:
    """An article in a list of titles; ``iso_date`` is ``date`` for machines."""

    url: str
    title: str
    language: str
    date: str | None
    iso_date: str | None


def title_lines(
    articles: Iterable[Hit | SimilarArticle], state: SearchState, localisation: Localisation
) -> tuple[TitleLine, ...]:
    """Title lines of ``articles``, with links that keep ``state``."""
    return tuple(_line(each, state, localisation) for each in articles)


def _line(
    article: Hit | SimilarArticle, state: SearchState, localisation: Localisation
) -> TitleLine:
    date = shown_date(article.published, article.year)
    return TitleLine(
        url=state.article_url(article.id, state.rank),
        title=article.title,
        language=article.language,
        date=localisation.date(date) if date else None,
        iso_date=date.iso if date else None,
    )
