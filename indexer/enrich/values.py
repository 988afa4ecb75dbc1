"""The organisations of an article: its mentions under the names by which they are shown."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from indexer.enrich.gazetteer import Gazetteer, name_key
from indexer.enrich.overrides import Overrides
from indexer.enrich.parts import AnalysedPart
from search.article import Extracted, Mention
from search.near_duplicates.boilerplate import OWN, passage_hash

_MAX_EVIDENCE = 3
_TITLE_WORTH = 3.0


@dataclass(frozen=True, slots=True)
class Organisations:
    """The values, the most prominent first, and the hashes of the passages that speak for each."""

    values: tuple[Extracted[str], ...]
    passages: Mapping[str, tuple[int, ...]]


def organisations_of(
    mentions: Sequence[Mention],
    parts: Sequence[AnalysedPart],
    gazetteer: Gazetteer,
    overrides: Overrides,
) -> Organisations:
    """Form the values of the facet by the gazetteer and the owner's corrections."""
    groups: dict[str, list[Mention]] = defaultdict(list)
    shown: dict[str, str] = {}
    names = {each.name: _shown(each.name, gazetteer, overrides) for each in mentions}
    for mention in mentions:
        name = names[mention.name]
        if name is not None:
            key = name_key(name)
            groups[key].append(mention)
            shown.setdefault(key, name)
    by_name: dict[str, AnalysedPart] = {part.name: part for part in parts}
    values, passages = [], {}
    for key, group in groups.items():
        score = sum(_TITLE_WORTH if each.part == "title" else 1.0 for each in group)
        evidence = tuple(
            by_name[each.part].evidence(each.start, each.end) for each in group[:_MAX_EVIDENCE]
        )
        values.append(Extracted(shown[key], "found", evidence, score))
        hashes = (_passage(each, by_name[each.part]) for each in group)
        passages[shown[key]] = tuple(dict.fromkeys(hashes))
    return Organisations(tuple(sorted(values, key=lambda value: -value.score)), passages)


def _shown(name: str, gazetteer: Gazetteer, overrides: Overrides) -> str | None:
    """The name under which ``name`` is shown, None if it is dropped by this name or that."""
    if overrides.organisation(name) is None:
        return None
    return overrides.organisation(gazetteer.shown(name))


def _passage(mention: Mention, part: AnalysedPart) -> int:
    """The hash of the sentence that holds a mention; with the one before, if it holds no more.

    A title is the article's own.
    """
    if part.name == "title":
        return OWN
    sentence = part.sentence_of(part.position_of(mention.start))
    text = part.sentence_text(sentence)
    if name_key(text) != name_key(part.text[mention.start : mention.end]):
        return passage_hash(text)
    # A line of a list, alike wherever the name stands in one: the list is what may be alike.
    return passage_hash(f"{part.sentence_text(sentence - 1)}\n{text}") if sentence else OWN
