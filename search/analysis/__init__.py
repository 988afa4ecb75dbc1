"""Estonian: tokens, readings, lemmas, compound parts, spelling.

Of the packages here only this one imports EstNLTK.
"""

from search.analysis.analyzer import ANALYZER_VERSION, ESTONIAN, Analyzer
from search.analysis.language import recognise
from search.analysis.sentences import sentence_spans
from search.analysis.terms import AnalysedToken, FormTerms, QueryWord
from search.analysis.tokens import Token, tokenize
from search.analysis.vabamorf import Reading, Vabamorf, estnltk_version

__all__ = [
    "ANALYZER_VERSION",
    "ESTONIAN",
    "AnalysedToken",
    "Analyzer",
    "FormTerms",
    "QueryWord",
    "Reading",
    "Token",
    "Vabamorf",
    "estnltk_version",
    "recognise",
    "sentence_spans",
    "tokenize",
]
