"""Finds dated posts of social media embedded in an article.

Pages embed a post with its author and day: „A post shared by Mari (@mari) on Sep 5, 2019 at
10:14am PDT“, „— Mari (@mari) September 5, 2019“, „Posted by Mari on Thursday, 5 September 2019“.
News embeds recent posts, so the article is of the year of the latest.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from indexer.extract.dates.date_parser import find_dates
from indexer.text_view import TextView
from search.article import Evidence, PartialDate

_POST_MARKERS = ("(@", "osted by", "ostitas")
# Right before the day: a handle in brackets, or who posted.
_AUTHOR = re.compile(
    r"(?:\(@[\w.]{1,40}\)|\b(?:posted\sby|postitas)\s[^\n]{1,80}?)\s+(?:on\s+)?(?:[^\W\d]{4,12},\s+)?$",
    re.IGNORECASE,
)
_BEFORE = 140
_POST_STARTS = re.compile(r"(?:\(@[\w.]{1,40}\)|\b(?:[Pp]osted\sby|[Pp]ostitas)\s)")
_WITHIN = 100
#: „Kolm aastat tagasi jagas ta …“: the post is that old.
_AGO = re.compile(r"\baasta(?:t|id|te\seest)?\stagasi\b|\byears?\sago\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class EmbeddedPost:
    """A post with the day it was posted on."""

    date: PartialDate
    evidence: Evidence


def embedded_posts(text_view: TextView) -> Iterator[EmbeddedPost]:
    """Finds dated posts in the body, in order."""
    text = text_view.body.text
    if not any(mark in text for mark in _POST_MARKERS):
        return
    seen = -1
    for match in _POST_STARTS.finditer(text):
        window = text[match.start() : match.end() + _WITHIN]
        for span in find_dates(window):
            if span.date is None or span.day is None or span.last_day is not None:
                continue
            start = match.start() + span.start
            if start > seen and _AUTHOR.search(text[max(0, start - _BEFORE) : start]):
                seen = start
                end = match.start() + span.end
                yield EmbeddedPost(span.date, text_view.body.evidence(start, end))
            break


def latest_post(posts: Sequence[EmbeddedPost], text_view: TextView) -> EmbeddedPost | None:
    """Selects the latest of the dated posts; None if the text says that it is years old."""
    latest = max(posts, key=lambda post: post.date.sort_key, default=None)
    if latest is None:
        return None
    end = latest.evidence.end
    return None if _AGO.search(text_view.body.text, end, end + _WITHIN) else latest
