"""An analyzer for tests that analyse the same texts several times."""

from collections.abc import Collection

from search.analysis import ESTONIAN, AnalysedToken, Analyzer, Vabamorf


class RememberingAnalyzer(Analyzer):
    """Analyses each text once, and keeps what it holds for as long as it lives."""

    def __init__(self) -> None:
        super().__init__(Vabamorf())
        self._texts: dict[tuple[str, str, frozenset[str]], list[AnalysedToken]] = {}

    def analyse(
        self, text: str, language: str = ESTONIAN, acronyms: Collection[str] = ()
    ) -> list[AnalysedToken]:
        asked = text, language, frozenset(acronyms)
        if asked not in self._texts:
            self._texts[asked] = super().analyse(text, language, acronyms)
        return self._texts[asked]
