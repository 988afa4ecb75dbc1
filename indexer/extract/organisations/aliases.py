"""The other names of organisations, as the owner's files list them."""

from collections.abc import Iterable, Mapping

from indexer.extract.gazetteer import Gazetteer, name_key
from indexer.extract.overrides import Overrides
from search.article import KnownAs


def known_as(gazetteer: Gazetteer, overrides: Overrides) -> Mapping[str, KnownAs]:
    """Other names by the name that is shown, for organisations that have some.

    Aliases are those of the gazetteer, and the names that a correction merges into another. A name
    that a correction only renames is none: nobody may ever have used it.
    """
    aliases: dict[str, list[str]] = {}
    former: dict[str, list[str]] = {}
    for entry in gazetteer.entries:
        shown = overrides.organisation(entry.name)
        if shown is not None:
            aliases.setdefault(shown, []).extend((entry.name, *entry.aliases))
            former.setdefault(shown, []).extend(entry.former)
    for name, others in overrides.merged.items():
        shown = overrides.organisation(gazetteer.shown(name))
        if shown is not None:
            aliases.setdefault(shown, []).extend((name, *others))
    found = {
        shown: KnownAs(
            shown,
            _unlike((shown, *former.get(shown, ())), names),
            _unlike((shown,), former.get(shown, ())),
        )
        for shown, names in aliases.items()
    }
    return {shown: each for shown, each in found.items() if each.aliases or each.former}


def _unlike(others: Iterable[str], names: Iterable[str]) -> tuple[str, ...]:
    """``names``, each once, without those that are one of ``others``."""
    left_out = {name_key(each) for each in others}
    kept: dict[str, str] = {}
    for each in names:
        if name_key(each) not in left_out:
            kept.setdefault(name_key(each), each)
    return tuple(kept.values())
