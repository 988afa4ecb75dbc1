"""Makes small PDF files of positioned text, including unusual ones."""

import zlib
from collections.abc import Sequence
from io import BytesIO

import pypdf

#: A text of a page: x, y, font size, text.
Piece = tuple[float, float, float, str]
_HEAD = b"%PDF-1.7\n"
#: Unpacked size of a decompression bomb: 64 MB in a few kilobytes.
_BOMB_MEGABYTES = 64


def pdf(
    *pages: Sequence[Piece],
    picture: bool = False,
    encoding: str = "/WinAnsiEncoding",
    operations: bytes = b"",
) -> bytes:
    """A PDF of ``pages`` in Helvetica; ``picture`` puts an image on each page.

    ``encoding`` is that of the font, ``operations`` are further operators of each page.
    """
    objects: list[bytes] = []
    kids = " ".join(f"{4 + 2 * n} 0 R" for n in range(len(pages)))
    objects.append(b"<</Type/Catalog/Pages 2 0 R>>")
    objects.append(f"<</Type/Pages/Kids[{kids}]/Count {len(pages)}>>".encode())
    font = f"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding {encoding}>>"
    objects.append(font.encode())
    image = f"/XObject<</I {4 + 2 * len(pages)} 0 R>>" if picture else ""
    for n, page in enumerate(pages):
        objects.append(
            f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents {5 + 2 * n} 0 R"
            f"/Resources<</Font<</F 3 0 R>>{image}>>>>".encode()
        )
        text = b"".join(map(_shown, page)) + operations + (b" /I Do" if picture else b"")
        objects.append(_stream(text))
    objects.append(
        b"<</Type/XObject/Subtype/Image/Width 1/Height 1/ColorSpace/DeviceGray"
        b"/BitsPerComponent 8/Length 1>>stream\n\0\nendstream"
    )
    return _written(objects)


def lines(texts: Sequence[str], x: float = 60, y: float = 760, size: float = 11) -> list[Piece]:
    """Places ``texts`` below one another; an empty one separates paragraphs."""
    placed: list[Piece] = []
    for text in texts:
        if text:
            placed.append((x, y, size, text))
            y -= 1.2 * size
        else:
            y -= 0.7 * size
    return placed


def bomb() -> bytes:
    """A PDF with a page that is a decompression bomb, packed twice."""
    data = zlib.compress(b" " * _BOMB_MEGABYTES * 1_000_000, 9)
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R/Resources<<>>>>"
    stream = zlib.compress(data, 9)
    head = f"<</Length {len(stream)}/Filter[/FlateDecode/FlateDecode]>>stream\n".encode()
    return _written(
        [
            b"<</Type/Catalog/Pages 2 0 R>>",
            b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
            page,
            head + stream + b"\nendstream",
        ]
    )


def locked(data: bytes, password: str, algorithm: str = "RC4-128") -> bytes:
    """Encrypts ``data`` with a user password, or only with that of the owner."""
    writer = pypdf.PdfWriter(clone_from=BytesIO(data))
    writer.encrypt(password, "omanik", algorithm=algorithm)
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def _shown(piece: Piece) -> bytes:
    x, y, size, text = piece
    data = text.encode("cp1252").hex()
    return f"BT /F {size} Tf 1 0 0 1 {x} {y} Tm <{data}> Tj ET\n".encode()


def _stream(data: bytes) -> bytes:
    return f"<</Length {len(data)}>>stream\n".encode() + data + b"\nendstream"


def _written(objects: Sequence[bytes]) -> bytes:
    out, places = bytearray(_HEAD), []
    for n, each in enumerate(objects, 1):
        places.append(len(out))
        out += f"{n} 0 obj".encode() + each + b"endobj\n"
    start = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    out += b"".join(f"{each:010d} 00000 n \n".encode() for each in places)
    out += f"trailer<</Size {len(objects) + 1}/Root 1 0 R>>\nstartxref\n{start}\n%%EOF".encode()
    return bytes(out)
