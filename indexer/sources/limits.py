"""Limits of reading: sizes, times and counts, with their defaults."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of sources. Megabytes are units of 1,000,000 bytes, after unpacking.

    ``megabytes`` is the setting ``max_file_megabytes``; the others are fixed. Messages about a
    limit give its value.
    """

    #: A file of text, Markdown, HTML or mail; a post, row or line of a container.
    megabytes: float = 5.0
    #: A file of DOCX, ODT, XLSX or PDF.
    document_megabytes: float = 50.0
    #: The text of one article, and the pages of a PDF that are read.
    text_megabytes: float = 1.0
    pdf_pages: int = 300
    #: A member of an archive, a WordPress export packed by gzip, and all of an archive together.
    member_megabytes: float = 50.0
    wordpress_megabytes: float = 4_000.0
    archive_megabytes: float = 1_000.0
    archive_members: int = 10_000
    #: Largest ratio of unpacked to packed size of a member larger than the floor.
    packing_ratio: float = 200.0
    packing_floor_megabytes: float = 10.0
    #: Archives within archives.
    archive_depth: int = 2
    #: Time and memory for parsing one PDF, DOCX or HTML in the child process.
    parse_seconds: float = 30.0
    parse_megabytes: float = 1_000.0
    #: Body of an HTTP answer, unpacked.
    page_megabytes: float = 10.0
    web_pdf_megabytes: float = 50.0
    sitemap_megabytes: float = 50.0
    sitemap_addresses: int = 50_000
    sitemap_depth: int = 3
    robots_kilobytes: int = 500
    #: Timeouts of connecting, of silence, and of a whole answer.
    connect_seconds: float = 20.0
    answer_seconds: float = 60.0
    redirects: int = 5
    #: The longest title, word and paragraph of an article; longer ones are cut or split.
    title_characters: int = 300
    word_characters: int = 200
    paragraph_characters: int = 100_000
