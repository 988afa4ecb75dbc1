# ruff: noqa: E501 - lines of XML that must not be broken
"""Documents of office programs for the tests, made by LibreOffice from texts of our own.

    .venv/bin/python tests/support/office_samples.py

needs ``soffice``, and writes the files of ``tests/extraction`` that it names. They are kept in the
repository, so that the tests need no LibreOffice. ``locked.docx`` there was encrypted by
msoffcrypto-tool with the password “salajane”, ``release-owner-….pdf`` by pypdf and cryptography with
:func:`pdf_files.locked` and no password for readers.
"""

import base64
import shutil
import struct
import subprocess
import sys
import tempfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from word_files import docx, paragraph

FOLDER = Path(__file__).parents[1] / "extraction"
_NAMES = " ".join(
    f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for prefix, name in (
        ("office", "office"),
        ("style", "style"),
        ("text", "text"),
        ("table", "table"),
        ("draw", "drawing"),
        ("fo", "xsl-fo-compatible"),
        ("svg", "svg-compatible"),
    )
)
_FLAT = """<?xml version="1.0" encoding="UTF-8"?>
<office:document {names} xmlns:dc="http://purl.org/dc/elements/1.1/" office:version="1.3"
 office:mimetype="application/vnd.oasis.opendocument.text">
<office:meta><dc:title>Mall 2003</dc:title><dc:date>2003-02-01T10:00:00</dc:date></office:meta>
<office:styles>
<style:default-style style:family="paragraph"><style:paragraph-properties fo:margin-bottom="{space}"/>
<style:text-properties fo:font-size="11pt" style:font-name="DejaVu Serif" fo:language="et"
 fo:country="EE"/></style:default-style>
<style:style style:name="Standard" style:family="paragraph"/>
<style:style style:name="Heading" style:family="paragraph" style:parent-style-name="Standard"/>
<style:style style:name="Title" style:family="paragraph" style:parent-style-name="Heading">
<style:text-properties fo:font-size="20pt" fo:font-weight="bold"/></style:style>
<style:style style:name="Heading_20_2" style:display-name="Heading 2" style:family="paragraph"
 style:parent-style-name="Heading" style:default-outline-level="2">
<style:text-properties fo:font-size="13pt" fo:font-weight="bold"/></style:style>
<style:style style:name="Header" style:family="paragraph" style:parent-style-name="Standard"/>
<style:style style:name="Footer" style:family="paragraph" style:parent-style-name="Standard"/>
</office:styles>
<office:automatic-styles>
<style:page-layout style:name="L"><style:page-layout-properties fo:page-width="{width}"
 fo:page-height="{height}" fo:margin="2cm"/><style:header-style/><style:footer-style/>
</style:page-layout>
<style:style style:name="B" style:family="paragraph" style:parent-style-name="Standard">
<style:text-properties fo:font-weight="bold"/></style:style>
<style:style style:name="H" style:family="paragraph" style:parent-style-name="Standard">
<style:paragraph-properties fo:text-align="center"/>
<style:text-properties fo:font-weight="bold" fo:font-size="17pt"/></style:style>
<style:style style:name="J" style:family="paragraph" style:parent-style-name="Standard">
<style:paragraph-properties fo:text-align="justify" fo:text-indent="{indent}"/></style:style>
<style:style style:name="V" style:family="text"><style:text-properties text:display="none"/>
</style:style>
<style:style style:name="F" style:family="text"><style:text-properties fo:font-weight="bold"/>
</style:style>
<style:style style:name="C" style:family="section"><style:section-properties>
<style:columns fo:column-count="2" fo:column-gap="0.8cm"/></style:section-properties></style:style>
<style:style style:name="G" style:family="graphic"/>
</office:automatic-styles>
<office:master-styles><style:master-page style:name="Standard" style:page-layout-name="L">
{edges}</style:master-page></office:master-styles>
<office:body><office:text>{body}</office:text></office:body></office:document>"""
_EDGES = """<style:header><text:p text:style-name="Header">Metsaklastri teataja {n}/2019</text:p>
</style:header><style:footer><text:p text:style-name="Footer">Lk <text:page-number/> /
 <text:page-count/></text:p></style:footer>"""
LETTERHEAD = """<text:p text:style-name="B">Eesti Puiduklaster MTÜ</text:p>
<text:p>Pikk 7, 51003 Tartu</text:p><text:p>info@puiduklaster.example, tel +372 555 0101</text:p>
<text:p>PRESSITEADE</text:p><text:p>Tartu, 14. mai 2019</text:p>
<text:p text:style-name="B">Puiduklaster avas Võrus uksetehase</text:p>
<text:p>Eesti Puiduklastri liikmed avasid teisipäeval Võrus tehase, mis hakkab tegema tuletõkkeuksi
 Põhjamaade haiglatele.</text:p>
<text:p>Tehases töötab kuuskümmend inimest. Pool toorainest tuleb kohalikest metsadest,
 <text:span text:style-name="F">ülejäänu</text:span> Lätist.</text:p>
<text:p>Järgmisena ehitatakse kuivati, mille soe läheb linna küttevõrku.</text:p>"""
FULL = """<text:tracked-changes>
<text:changed-region text:id="c1"><text:deletion><office:change-info/><text:p> Kustutatud
 lause.</text:p></text:deletion></text:changed-region></text:tracked-changes>
<text:p>Teade ajakirjandusele</text:p>
<text:h text:style-name="Title" text:outline-level="1">Toiduklaster kutsub kokku mahetootjad</text:h>
<text:p>Kõik algas turust<text:note text:note-class="footnote"><text:note-citation>1</text:note-citation>
<text:note-body><text:p>Joonealune märkus.</text:p></text:note-body></text:note>, mis peeti
 Räpinas.<text:change text:change-id="c1"/><office:annotation><text:p>Kas see on kindel?</text:p>
</office:annotation></text:p>
<text:p>Nähtav <text:span text:style-name="V">peidetud </text:span>lause<text:s text:c="3"/>jääb,
 ja<text:tab/>tabeldus on tühik.<text:line-break/>Uus rida.</text:p>
<text:p><draw:frame draw:style-name="G" text:anchor-type="paragraph" svg:width="6cm" svg:height="2cm">
<draw:text-box><text:p>Kastis on tsitaat.</text:p></draw:text-box></draw:frame>Kasti kõrval on tekst.</text:p>
<text:h text:style-name="Heading_20_2" text:outline-level="2">Kava</text:h>
<text:list><text:list-item><text:p>hommikul avamine</text:p></text:list-item>
<text:list-item><text:p>õhtul arutelu</text:p></text:list-item></text:list>
<table:table><table:table-column table:number-columns-repeated="2"/>
<table:table-row><table:table-cell><text:p>Koht</text:p></table:table-cell>
<table:table-cell><text:p>Aeg</text:p></table:table-cell></table:table-row>
<table:table-row><table:table-cell><text:p>Räpina</text:p></table:table-cell>
<table:table-cell><text:p>kell 10</text:p></table:table-cell></table:table-row></table:table>
<text:p>Vaata <text:a xlink:href="https://toit.example/" xmlns:xlink="http://www.w3.org/1999/xlink">kodulehte</text:a>.</text:p>"""
#: Soft hyphens are where a program would hyphenate.
COLUMNS = """<text:p>Pressiteade</text:p><text:p>Tallinn, 3. oktoober 2017</text:p>
<text:p text:style-name="H">Metsaklaster mõõdab rohe- ja ringmajandust uue mõõdupuuga</text:p>
<text:section text:style-name="C" text:name="S">
<text:p text:style-name="J">Kesk-Eesti ette~võt~ted hakkavad süsi~niku~heidet arvu~tama ühel
 viisil. Mõõ~du~puu koos~ta~sid klastri teadlased, kes käi~sid läbi kolm~teist saeveskit ja
 mõõt~sid iga masina ener~gia~kulu.</text:p>
<text:p text:style-name="J">Rohe- ja ring~majan~dus vajab ühtset arves~tust. Seni pidas iga ette~võte
 oma tabelit, ja tule~musi polnud võima~lik võr~relda. Nüüd on kõigil sama põhi ning and~med
 jõuavad avalik~ku kaardi~raken~dusse.</text:p>
<text:p text:style-name="J">Üle~minek kestab aasta. Esi~mesed saeveskid esitavad oma arvud kevadel,
 ülejää~nud sügiseks. Klaster korral~dab koolitusi ja aitab leida odava~maid andu~reid, sest
 mõõt~mine ei tohi väike~ette~võtet koormata.</text:p></text:section>"""
PAGES = """<text:p text:style-name="H">Puidupäev tõi Türile kolmsada külalist ja ühe nõukogu</text:p>
<text:p>18.09.2019</text:p>
<text:p text:style-name="J">Türi kultuurimajas peetud puidupäev oli seni suurim. Päeva avas klastri
 nõukogu, kelle sõnul on mets Eesti visiitkaart.</text:p>
<text:p text:style-name="J">Ettekandeid oli kaheksa. Kõige rohkem küsimusi sai lugu ristkihtpuidust
 sillast, mis valmis suvel Soomaal ja mille kandevõimet mõõdetakse nüüd iga päev kümne anduriga.</text:p>
<text:p text:style-name="J">Õpilased näitasid kooliprojekte: linnumaju, mängulaudu ja ühte kanuud.
 Kanuu jõudis samal õhtul vette ja läks müüki heategevuseks.</text:p>
<text:p text:style-name="J">Paneelarutelus jäid lahtiseks kaks asja. Esimene on tööjõud, sest kutsekoolid
 ei täida kohti. Teine on raie, mille üle vaieldakse ka linnades.</text:p>
<text:p text:style-name="J">Järgmine puidupäev on Võrus. Korraldajad otsivad saali, kuhu mahub ka näitus,
 ja kutsuvad kaasa Läti naabreid.</text:p>
<text:p text:style-name="J">Näituse osalised said tagasisidet külalistelt, kes hindasid töid
 hääletuskastide abil. Võitjaks tuli Paide noorte tehtud kokkupandav telk.</text:p>
<text:p text:style-name="J">Päeva lõpetas kontsert, kus kõlasid klastri meistrite tehtud kandled.
 Salvestis on kultuurimaja kodulehel.</text:p>"""

SCAN = """<text:p><draw:frame draw:style-name="G" text:anchor-type="as-char" svg:width="15cm"
 svg:height="20cm"><draw:image><office:binary-data>{picture}</office:binary-data></draw:image>
</draw:frame></text:p>"""


def _flat(body: str, **values: str) -> str:
    defaults = {"space": "0.3cm", "width": "21cm", "height": "29.7cm", "indent": "0cm", "edges": ""}
    text = _FLAT.format(names=_NAMES, body=body, **{**defaults, **values})
    return text.replace("~", "\xad")


def _samples() -> Iterator[tuple[str, str]]:
    """Yields names of samples with the flat document that each is made from."""
    yield "release-letterhead.docx", _flat(LETTERHEAD, edges=_EDGES.format(n=4))
    yield "release-letterhead.pdf", _flat(LETTERHEAD)
    yield "release-full.odt", _flat(FULL, edges=_EDGES.format(n=4))
    yield "release-full.docx", _flat(FULL, edges=_EDGES.format(n=4))
    yield "release-columns.pdf", _flat(COLUMNS, width="17cm", space="0.2cm")
    small = {"width": "12cm", "height": "12cm", "space": "0cm", "indent": "0.6cm"}
    yield "release-pages.pdf", _flat(PAGES, edges=_EDGES.format(n=5), **small)
    yield "scan.pdf", _flat(SCAN.format(picture=base64.b64encode(_picture()).decode()))
    yield "locked.pdf", _flat(LETTERHEAD)


def _picture() -> bytes:
    """A PNG of grey stripes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + check

    rows = b"".join(b"\0" + bytes([255 - 80 * (n % 3 == 0)] * 60) for n in range(80))
    header = struct.pack(">IIBBBBB", 60, 80, 8, 0, 0, 0, 0)
    parts = chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def word_sample() -> bytes:
    """A release as Word writes it: tracked changes, a field, a text box, a control."""
    box = "<w:txbxContent><w:p><w:r><w:t>„Nüüd on merel rahu,” ütles laevnik.</w:t></w:r></w:p></w:txbxContent>"
    body = (
        paragraph("PRESSITEADE", "", "<w:b/>")
        + paragraph("Pärnu, 7. juuni 2018")
        + paragraph("Väikelaevaklaster ehitab vaikse parvlaeva", '<w:pStyle w:val="Pealkiri1"/>')
        + "<w:p><w:r><w:t>Pärnu laevaehitajad alustasid </w:t></w:r>"
        "<w:del><w:r><w:delText>bensiinimootoriga</w:delText></w:r></w:del>"
        "<w:ins><w:r><w:t>akudel sõitva</w:t></w:r></w:ins><w:r><w:t> parvlaeva ehitust.</w:t></w:r></w:p>"
        '<w:p><w:r><w:t>Laev valmib </w:t></w:r><w:r><w:fldChar w:fldCharType="begin"/></w:r>'
        "<w:r><w:instrText>DOCPROPERTY Aasta</w:instrText></w:r>"
        '<w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>aasta pärast</w:t></w:r>'
        '<w:r><w:fldChar w:fldCharType="end"/></w:r><w:r><w:t>.</w:t></w:r>'
        "<w:r><mc:AlternateContent><mc:Choice Requires='wps'><w:drawing><wps:txbx>"
        f"{box}</wps:txbx></w:drawing></mc:Choice><mc:Fallback><w:pict><v:textbox>{box}"
        "</v:textbox></w:pict></mc:Fallback></mc:AlternateContent></w:r></w:p>"
        "<w:sdt><w:sdtContent>"
        + paragraph("Raha andis meremajanduse fond.")
        + "</w:sdtContent></w:sdt>"
    )
    name = '<w:name w:val="heading 1"/>'
    style = f'<w:style w:type="paragraph" w:styleId="Pealkiri1">{name}</w:style>'
    return docx(body, style)


_FILTERS = {
    ".docx": "docx:MS Word 2007 XML",
    ".odt": "odt:writer8",
    ".pdf": "pdf:writer_pdf_Export",
}

_LOCKED = (
    'pdf:writer_pdf_Export:{"EncryptFile":{"type":"boolean","value":"true"},'
    '"DocumentOpenPassword":{"type":"string","value":"salajane"}}'
)


def make(folder: Path = FOLDER) -> None:
    """Writes all samples."""
    soffice = shutil.which("soffice")
    if soffice is None:
        sys.exit("soffice (LibreOffice) is not installed")
    (folder / "release-word.docx").write_bytes(word_sample())
    with tempfile.TemporaryDirectory() as work:
        for name, text in _samples():
            source = (Path(work) / name).with_suffix(".fodt")
            source.write_text(text, encoding="utf-8")
            kind = _LOCKED if name == "locked.pdf" else _FILTERS[Path(name).suffix]
            profile = f"-env:UserInstallation=file://{work}/profile"
            subprocess.run(
                [soffice, profile, "--headless", "--convert-to", kind, "--outdir", folder, source],
                check=True,
                stdout=subprocess.DEVNULL,
            )


if __name__ == "__main__":
    make(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
