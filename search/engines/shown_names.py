"""Replaces organisations of an article by the names that the index shows."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from search.article import Article, Extracted, KnownAs, Origin

#: Most pieces of evidence shown for an organisation.
_MOST_EVIDENCE = 3


def with_shown_names(
    article: Article,
    maybe: Iterable[Extracted[str]],
    shown: Mapping[str, str],
    others: Callable[[str], Iterable[str]],
) -> Article:
    """``article`` with its organisations as the index shows them, the surest first.

    ``shown`` gives the name shown of what the article calls an organisation; what is only ``maybe``
    one counts where it has such a name. ``others`` gives the names that other articles use.
    """
    found: dict[str, Extracted[str]] = {}
    for each in (*article.organisations, *maybe):
        name = shown.get(each.value)
        if name is not None:
            found[name] = _together(found.get(name), replace(each, value=name))
    known = {each.name: each for each in article.known_as}
    named = (_known_as(known.get(name, KnownAs(name)), others(name)) for name in found)
    return replace(
        article,
        organisations=tuple(sorted(found.values(), key=lambda each: -each.score)),
        known_as=tuple(each for each in named if each.aliases or each.former),
    )


def _together(one: Extracted[str] | None, other: Extracted[str]) -> Extracted[str]:
    """Merges two names of one organisation in an article."""
    if one is None:
        return other
    origin: Origin = "given" if "given" in (one.origin, other.origin) else "found"
    evidence = (*one.evidence, *other.evidence)[:_MOST_EVIDENCE]
    return Extracted(one.value, origin, evidence, one.score + other.score)


def _known_as(known: KnownAs, others: Iterable[str]) -> KnownAs:
    """``known`` with further names that other articles use."""
    own = {known.name, *known.aliases, *known.former}
    return replace(known, aliases=(*known.aliases, *(each for each in others if each not in own)))
