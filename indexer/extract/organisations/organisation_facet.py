"""Forms the organisation facet: groups mentions by shown name, with aliases and evidence."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from indexer.extract.gazetteer import Gazetteer
from indexer.extract.overrides import Overrides
from indexer.text_view import PartView, TextView
from search.article import Extracted, KnownAs, Mention
from search.near_duplicates.boilerplate import OWN, passage_hash
from search.organisation_names import name_key

#: Most organisations of an article. One with more is a register, and would slow every search.
MOST_ORGANISATIONS = 200
_MAX_EVIDENCE = 3
_TITLE_WEIGHT = 3.0


@dataclass(frozen=True, slots=True)
class OrganisationFacet:
    """Facet values, most prominent first, with the hashes of their passages."""

    values: tuple[Extracted[str], ...]
    passages: Mapping[str, tuple[int, ...]]


def organisation_facet(
    mentions: Sequence[Mention],
    text_view: TextView,
    gazetteer: Gazetteer,
    overrides: Overrides,
) -> OrganisationFacet:
    """Forms the organisation facet of one article, by the gazetteer and the overrides."""
    groups: dict[str, list[Mention]] = defaultdict(list)
    shown: dict[str, str] = {}
    names = {each.name: shown_name(each.name, gazetteer, overrides) for each in mentions}
    for mention in mentions:
        name = names[mention.name]
        if name is not None:
            key = name_key(name)
            groups[key].append(mention)
            shown.setdefault(key, name)
    scores = {key: sum(map(_weight, group)) for key, group in groups.items()}
    values, passages = [], {}
    for key in sorted(groups, key=lambda each: -scores[each])[:MOST_ORGANISATIONS]:
        group, score = groups[key], scores[key]
        best = group[:_MAX_EVIDENCE]
        evidence = (text_view.part(each.part).evidence(each.start, each.end) for each in best)
        values.append(Extracted(shown[key], "found", tuple(evidence), score))
        hashes = (_passage(each, text_view.part(each.part)) for each in group)
        passages[shown[key]] = tuple(dict.fromkeys(hashes))
    return OrganisationFacet(tuple(values), passages)


def _weight(mention: Mention) -> float:
    return _TITLE_WEIGHT if mention.part == "title" else 1.0


def shown_name(name: str, gazetteer: Gazetteer, overrides: Overrides) -> str | None:
    """Resolves ``name`` to its shown name; None if an override drops it."""
    if overrides.organisation(name) is None:
        return None
    return overrides.organisation(gazetteer.shown_uninflected(name))


def _passage(mention: Mention, part: PartView) -> int:
    """Hash of the sentence of a mention; with the one before if it consists of the name alone.

    A title is the article's own.
    """
    if part.name == "title":
        return OWN
    sentence = part.sentence_of(part.position_of(mention.start))
    text = part.sentence_text(sentence)
    if name_key(text) != name_key(part.text[mention.start : mention.end]):
        return passage_hash(text)
    # The name alone is a list item, alike in every list: hashed with the item before it.
    return passage_hash(f"{part.sentence_text(sentence - 1)}\n{text}") if sentence else OWN


def aliases_by_name(gazetteer: Gazetteer, overrides: Overrides) -> Mapping[str, KnownAs]:
    """Collects aliases and former names by shown name, for organisations with any.

    Aliases are those of the gazetteer, and the names that a correction merges into another. A name
    that a correction only renames is not an alias: nobody may ever have used it.
    """
    aliases: dict[str, list[str]] = {}
    former: dict[str, list[str]] = {}
    for entry in gazetteer.entries:
        shown = overrides.organisation(entry.name)
        if shown is not None:
            # Lower-case aliases such as „kaubanduskoda“ are for matching, not for display.
            names = (each for each in entry.aliases if not each.islower())
            aliases.setdefault(shown, []).extend((entry.name, *names))
            former.setdefault(shown, []).extend(entry.former)
    for name, others in overrides.merged.items():
        shown = overrides.organisation(gazetteer.shown(name))
        if shown is not None:
            aliases.setdefault(shown, []).extend((name, *others))
    found = {
        shown: KnownAs(
            shown,
            _except((shown, *former.get(shown, ())), names),
            _except((shown,), former.get(shown, ())),
        )
        for shown, names in aliases.items()
    }
    return {shown: each for shown, each in found.items() if each.aliases or each.former}


def _except(others: Iterable[str], names: Iterable[str]) -> tuple[str, ...]:
    """``names``, each once, without ``others``."""
    left_out = {name_key(each) for each in others}
    kept: dict[str, str] = {}
    for each in names:
        if name_key(each) not in left_out:
            kept.setdefault(name_key(each), each)
    return tuple(kept.values())
