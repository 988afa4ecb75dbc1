"""Facets found in the text: publication date and year, focus areas, organisations."""

from indexer.enrich.enricher import Enricher
from indexer.enrich.gazetteer import Gazetteer, load_gazetteer
from indexer.enrich.overrides import Overrides, load_overrides

__all__ = ["Enricher", "Gazetteer", "Overrides", "load_gazetteer", "load_overrides"]
