"""Parses a page into elements with their attributes and texts, in order."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"input", "link", "meta", "br", "img", "hr", "path", "rect", "circle"}


@dataclass
class Element:
    """An element; ``text`` is all text below it, with single blanks."""

    tag: str
    attributes: dict[str, str]
    parents: tuple["Element", ...]
    pieces: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return " ".join("".join(self.pieces).split())

    def __getitem__(self, name: str) -> str:
        return self.attributes[name]

    def get(self, name: str) -> str | None:
        return self.attributes.get(name)

    @property
    def classes(self) -> list[str]:
        return self.attributes.get("class", "").split()

    def inside(self, tag: str) -> bool:
        return any(each.tag == tag for each in self.parents)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.elements: list[Element] = []
        self.open: list[Element] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs}, tuple(self.open))
        self.elements.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(
            Element(tag, {name: value or "" for name, value in attrs}, tuple(self.open))
        )

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        assert self.open, f"</{tag}> closes nothing"
        assert self.open[-1].tag == tag, f"</{tag}> closes <{self.open[-1].tag}>"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        for element in self.open:
            element.pieces.append(data)


class Page:
    """A parsed page. Parsing fails if an element is closed in the wrong place."""

    def __init__(self, html: str) -> None:
        reader = _Reader()
        reader.feed(html)
        reader.close()
        assert not reader.open, [each.tag for each in reader.open]
        self.elements = reader.elements

    def all(self, tag: str, /, **wanted: str) -> list[Element]:
        """Elements with this tag and these attributes (``class_`` may be one of several)."""
        return list(self._matching(tag, wanted))

    def one(self, tag: str, /, **wanted: str) -> Element:
        found = self.all(tag, **wanted)
        assert len(found) == 1, f"{len(found)} of <{tag}> {wanted}"
        return found[0]

    def link(self, text: str) -> Element:
        """The first link with this text."""
        return next(each for each in self.all("a") if each.text == text)

    def _matching(self, tag: str, wanted: dict[str, str]) -> Iterator[Element]:
        for each in self.elements:
            if each.tag == tag and all(
                value in each.classes if name == "class_" else each.get(name) == value
                for name, value in wanted.items()
            ):
                yield each
