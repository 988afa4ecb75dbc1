"""Extracts facets from articles: publication date and year, focus areas, organisations."""

from indexer.extract.enricher import Enricher
from indexer.extract.gazetteer import Gazetteer, known_organisations, load_gazetteer
from indexer.extract.overrides import Overrides, load_overrides

__all__ = [
    "Enricher",
    "Gazetteer",
    "Overrides",
    "known_organisations",
    "load_gazetteer",
    "load_overrides",
]
