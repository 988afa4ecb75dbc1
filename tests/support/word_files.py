"""Makes small DOCX and ODT files of XML, including unusual ones."""

import io
import zipfile
from collections.abc import Mapping

WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/wordprocessingml/main"
_RELATED = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_RELATIONS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    f'<Relationship Id="r1" Type="{_RELATED}/{{kind}}" Target="{{target}}"/></Relationships>'
)
_DOCUMENT = (
    '<?xml version="1.0" encoding="UTF-8"?><w:document xmlns:w="{word}"'
    ' xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
    ' xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"'
    ' xmlns:v="urn:schemas-microsoft-com:vml"'
    ' xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math">'
    "<w:body>{body}<w:sectPr/></w:body></w:document>"
)
_STYLES = '<w:styles xmlns:w="{word}">{styles}</w:styles>'
_OPEN = (
    '<?xml version="1.0" encoding="UTF-8"?>{before}<office:document-content'
    ' xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
    ' xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
    ' xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0"'
    ' xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0">'
    "<office:body><office:text>{body}</office:text></office:body></office:document-content>"
)


def packed(parts: Mapping[str, str | bytes]) -> bytes:
    """A ZIP archive of ``parts``."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return data.getvalue()


def docx(
    body: str, styles: str = "", *, word: str = WORD, main: str = "word/document.xml", **parts: str
) -> bytes:
    """A Word document with this body and these styles."""
    folder, _, name = main.rpartition("/")
    return packed(
        {
            "[Content_Types].xml": "<Types/>",
            "_rels/.rels": _RELATIONS.format(kind="officeDocument", target=main),
            f"{folder}/_rels/{name}.rels": _RELATIONS.format(kind="styles", target="styles.xml"),
            main: _DOCUMENT.format(body=body, word=word),
            f"{folder}/styles.xml": _STYLES.format(styles=styles, word=word),
            "docProps/core.xml": "<p><title>Mall</title><created>2003-02-01</created></p>",
            **{f"word/{each}.xml": content for each, content in parts.items()},
        }
    )


def odt(body: str, before: str = "") -> bytes:
    """An OpenDocument text with this body; ``before`` precedes the root."""
    return packed(
        {
            "mimetype": "application/vnd.oasis.opendocument.text",
            "content.xml": _OPEN.format(body=body, before=before),
            "META-INF/manifest.xml": "<manifest/>",
        }
    )


def paragraph(text: str, properties: str = "", run: str = "") -> str:
    """A Word paragraph with one run."""
    return (
        f"<w:p><w:pPr>{properties}</w:pPr><w:r><w:rPr>{run}</w:rPr>"
        f'<w:t xml:space="preserve">{text}</w:t></w:r></w:p>'
    )
