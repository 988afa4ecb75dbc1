"""Citations of articles: BibTeX, RIS, CSL-JSON, and as text to copy."""

import json
import re
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from search.analysis.folding import fold
from search.article import PartialDate
from webui.components import host_of, one_line
from webui.localisation import Localisation

# BibTeX also counts escaped braces, and an unbalanced one ends the record.
_LATEX = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "{": r"\textbraceleft{}",
    "}": r"\textbraceright{}",
    **{character: f"\\{character}" for character in "&%$#_"},
}
_BABEL = {"et": "estonian", "en": "english", "ru": "russian", "fi": "finnish"}


@dataclass(frozen=True, slots=True)
class Citation:
    """Data of a citation: ``url`` is the original's address, else the article's page."""

    id: str
    title: str
    url: str
    published: PartialDate | None
    language: str

    @property
    def key(self) -> str:
        """Citation key valid in every program: the id, with a checksum if it had to be changed."""
        plain = re.sub(r"[^A-Za-z0-9./-]+", "-", fold(self.id)).strip("-")
        if plain == self.id:
            return plain
        return f"{plain}-{zlib.crc32(self.id.encode()):08x}".strip("-")

    @property
    def publisher(self) -> str:
        """Host of the site that published the article."""
        return host_of(self.url)


def bibtex(citation: Citation) -> str:
    """BibLaTeX entry; ``year`` and ``howpublished`` are for BibTeX."""
    date = citation.published
    fields = {
        "title": f"{{{_latex(citation.title)}}}",
        "date": date.iso if date else "",
        "year": str(date.year) if date else "",
        "organization": _latex(citation.publisher),
        # Within \url nothing may be escaped except characters that would end the field.
        "url": citation.url.replace("{", "%7B").replace("}", "%7D").replace("\\", "%5C"),
        "langid": _BABEL.get(citation.language, ""),
    }
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    return "\n".join([f"@online{{{citation.key},", *lines, "}\n"])


def ris(citation: Citation) -> str:
    """RIS record, which most reference managers import."""
    date = citation.published
    whole = (date.year, date.month, date.day) if date else ()
    pieces = [f"{each:02d}" if each else "" for each in whole]
    fields = {
        "TY": "NEWS",
        "ID": citation.key,
        "TI": citation.title,
        "PY": str(date.year) if date else "",
        "DA": "/".join(pieces) + "/" if date else "",
        "T2": citation.publisher,
        "UR": citation.url,
        "LA": citation.language,
    }
    lines = [f"{name}  - {one_line(value)}" for name, value in fields.items() if value]
    return "\r\n".join([*lines, "ER  - ", "", ""])


def csl(citation: Citation) -> dict[str, Any]:
    """CSL-JSON item."""
    date = citation.published
    parts = [each for each in (date.year, date.month, date.day) if each] if date else []
    item = {
        "id": citation.key,
        "type": "article-newspaper",
        "title": citation.title,
        "issued": {"date-parts": [parts]} if parts else None,
        "container-title": citation.publisher,
        "URL": citation.url,
        "language": citation.language,
    }
    return {name: value for name, value in item.items() if value}


@dataclass(frozen=True, slots=True)
class Format:
    """A citation format: its media type and writer."""

    mimetype: str
    write: Callable[[Citation], str]


def _csl_text(citation: Citation) -> str:
    return json.dumps([csl(citation)], ensure_ascii=False, indent=2) + "\n"


#: Citation formats by the ending of the URL.
FORMATS: Mapping[str, Format] = {
    "bib": Format("application/x-bibtex", bibtex),
    "ris": Format("application/x-research-info-systems", ris),
    "csl.json": Format("application/vnd.citationstyles.csl+json", _csl_text),
}


@dataclass(frozen=True, slots=True)
class CitationText:
    """A citation as text: the name of its style, and the text before the address."""

    form: str
    text: str


def citation_texts(
    title: str, date: PartialDate | None, publisher: str, here: Localisation
) -> tuple[CitationText, ...]:
    """Citations to copy, without the address: in APA style, and as a sentence."""
    title = one_line(title)
    ended = title if title[-1:] in ".!?…" else f"{title}."
    when = here.reversed_date(date) if date else here.gettext("n.d.")
    imprint = f"{publisher}, {here.date(date)}" if date else publisher
    quoted = here.gettext("“{title}”", title=title)
    return (
        CitationText("APA", f"{ended} ({when}). {publisher}."),
        CitationText(here.gettext("In running text"), f"{quoted}, {imprint}."),
    )


def _latex(text: str) -> str:
    return "".join(_LATEX.get(character, character) for character in one_line(text))
