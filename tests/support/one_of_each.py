"""One small file of every readable kind, each with an article of its own."""

import gzip
import io
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

from openpyxl import Workbook
from pdf_files import lines, pdf
from word_files import docx, odt, paragraph

TEXT = "Klastri liikmed kohtusid Paides ja leppisid kokku ühises katsetehases."
PAGE = """<!DOCTYPE html><html lang="et"><head><meta charset="utf-8"><title>{title}</title>
<link rel="canonical" href="https://klaster.example/{title}"></head><body><article><h1>{title}</h1>
<p>{text} Tehas saab valmis kevadel ja seal hakkab tööle kakskümmend inimest.</p>
<p>Ehitust toetab vald, kes annab maa ja teeb tee korda.</p></article></body></html>"""
EXPORT = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"
 xmlns:wp="http://wordpress.org/export/1.2/"><channel><title>Klaster</title>
<wp:wxr_version>1.2</wp:wxr_version>
<item><title>{title}</title><link>https://klaster.example/{title}/</link>
<content:encoded><![CDATA[{text}]]></content:encoded><wp:post_id>7</wp:post_id>
<wp:post_date>2016-12-01 23:30:00</wp:post_date><wp:status>publish</wp:status>
<wp:post_type>post</wp:post_type></item>
<item><title>Mustand</title><content:encoded><![CDATA[{text}]]></content:encoded>
<wp:post_id>8</wp:post_id><wp:status>draft</wp:status><wp:post_type>post</wp:post_type></item>
</channel></rss>"""
FEED = """<?xml version="1.0"?><rss version="2.0"
 xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>Klaster</title>
<link>https://klaster.example/</link><item><title>{title}</title>
<link>https://klaster.example/{title}</link><pubDate>Thu, 01 Dec 2016 23:30:00 +0200</pubDate>
<content:encoded>&lt;p&gt;{text}&lt;/p&gt;</content:encoded></item></channel></rss>"""


def _text(form: str) -> Callable[[str], bytes]:
    return lambda title: form.replace("{title}", title).replace("{text}", TEXT).encode()


def _workbook(title: str) -> bytes:
    book = Workbook()
    book.active.append(["Pealkiri", "Kuupäev", "Tekst"])
    book.active.append([title, "01.12.2016", TEXT])
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def _archive(title: str) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("2016/sees.txt", f"{title}\n\n{TEXT}")
    return data.getvalue()


def _word(title: str) -> bytes:
    return docx(paragraph(title, "", "<w:b/>") + paragraph(TEXT))


def _open_document(title: str) -> bytes:
    return odt(f'<text:h text:outline-level="1">{title}</text:h><text:p>{TEXT}</text:p>')


def _pdf(title: str) -> bytes:
    return pdf([(60.0, 800.0, 18.0, title), *lines([TEXT])])


#: Functions that make the content of a file with an article of a given title.
MAKERS: Mapping[str, Callable[[str], bytes]] = {
    "tekst.txt": _text("{title}\n\n{text}"),
    "märgend.md": _text("# {title}\n\n{text}"),
    "leht.html": _text(PAGE),
    "eksport.xml": _text(EXPORT),
    "pakitud.xml.gz": lambda title: gzip.compress(_text(EXPORT)(title)),
    "voog.rss": _text(FEED),
    "tabel.csv": _text("Pealkiri;Kuupäev;Tekst\r\n{title};1.12.2016;{text}\r\n"),
    "sakid.tsv": _text("Pealkiri\tTekst\n{title}\t{text}\n"),
    "raamat.xlsx": _workbook,
    "artiklid.json": _text('[{"title": "{title}", "date": "2016-12-01", "body": "{text}"}]'),
    "read.jsonl": _text('{"title": "{title}", "body": "{text}"}\n'),
    "teade.docx": _word,
    "dokument.odt": _open_document,
    "trükis.pdf": _pdf,
    "kiri.eml": _text(
        "From: Klaster <uudised@klaster.example>\nDate: Thu, 01 Dec 2016 23:30:00 +0200\n"
        "Subject: {title}\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\n{text}\n"
    ),
    "pakk.zip": _archive,
}


def write_one_of_each(folder: Path) -> dict[str, str]:
    """Writes a file of every kind into ``folder``; returns the title of the article in each."""
    folder.mkdir(parents=True, exist_ok=True)
    titles = {}
    for name, make in MAKERS.items():
        titles[name] = f"Klaster {name.partition('.')[0]}"
        (folder / name).write_bytes(make(titles[name]))
    return titles
