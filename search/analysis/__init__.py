"""Estonian text analysis: tokenizer, morphology, lemmas, compound parts, spelling.

Of the packages here only this one imports EstNLTK.
"""

from search.analysis.analyzer import ANALYZER_VERSION, Analyzer
from search.analysis.language import ESTONIAN, common_words, identify_language
from search.analysis.morphology import Reading, Vabamorf, estnltk_version
from search.analysis.terms import AnalysedToken, FormTerms, QueryWord
from search.analysis.tokenizer import (
    Token,
    line_around,
    line_spans,
    sentence_spans,
    sentences_of_line,
    tokenize,
)

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
    "common_words",
    "estnltk_version",
    "identify_language",
    "line_around",
    "line_spans",
    "sentence_spans",
    "sentences_of_line",
    "tokenize",
]
