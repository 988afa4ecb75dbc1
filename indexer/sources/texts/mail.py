"""Reads email messages (.eml): subject, date, text; attached documents are articles of their own.

The text of an e-mail is its HTML or plain text without quoted originals, signatures, unsubscribe
lines and the hidden preview of newsletters.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from email import policy
from email.header import decode_header
from email.message import Message
from email.parser import BytesParser
from functools import partial
from io import BytesIO
from pathlib import PurePosixPath

from indexer.sources.base import Found, Input, Skipped, article
from indexer.sources.dates import GivenDate, parse_date
from indexer.sources.decoding import decode
from indexer.sources.kinds import kind_of
from indexer.sources.limits import Limits
from indexer.sources.pages.markup import paragraphs_below, parse_markup
from indexer.sources.pages.page_title import plain
from indexer.sources.texts.plain_text import joined_lines, lines_of
from search.errors import SourceError

#: Reads an attached document by the reader of its kind.
ReadAttachment = Callable[[Input], Iterator[Found]]
#: Kinds of attachments that may be press releases; archives and calendars are not opened.
_DOCUMENTS = frozenset(("docx", "odt", "pdf", "locked", "doc", "rtf", "html", "markdown", "text"))
_TEXTS = ("text/plain", "text/html", "text/markdown")
#: File names that Exchange gives to parts that it removes from an e-mail.
_CUT_OFF = re.compile(r"ATT\d+\.(?:txt|html?)", re.IGNORECASE)
_REPLY = re.compile(
    r"\s*(?:(?:re|fw|fwd|edasi|edastus|vs|vast|vastus|sv|aw|wg|на|отв|пересл)(?:\[\d+\])?\s*:\s*)+",
    re.IGNORECASE,
)
_FORWARDED = re.compile(
    r"\W*(?:forwarded message|begin forwarded message|edasisaadetud (?:kiri|sõnum)"
    r"|edastatud (?:kiri|sõnum|teade)|algab edastatud (?:kiri|sõnum|teade)|пересылаемое сообщение)"
    r"\W*.{0,60}",
    re.IGNORECASE,
)
_ORIGINAL = re.compile(
    r"\W*(?:original message|algne (?:kiri|sõnum)|algsõnum|originaalkiri|исходное сообщение)\W*",
    re.IGNORECASE,
)
_WROTE = re.compile(r".{0,200}\b(?:wrote|kirjutas|kirjutasid|написал\w*|пишет)\s*:", re.IGNORECASE)
_FIELD = re.compile(
    r"\W*(?:from|sent|date|to|cc|subject|reply-to|saatja|kellelt|saadetud|kuupäev|kellele|saaja"
    r"|koopia|teema|от|кому|дата|тема|отправлено)\s*:.{0,300}",
    re.IGNORECASE,
)
_SENDER = re.compile(r"\W*(?:from|saatja|kellelt|от)\s*:\s*\S", re.IGNORECASE)
_FOOTER = re.compile(
    r"unsubscri|(?:uudiskirja\w*|tellimus\w*|kirjadest|nimekirjast)\W+(?:\w+\W+){0,3}"
    r"(?:loobu|lahku|eemalda|lõpeta|tühista)"
    r"|(?:loobu|lahku|lõpeta|tühista)\w*\W+(?:\w+\W+){0,3}"
    r"(?:uudiskirja|tellimus|kirjadest|nimekirjast)"
    r"|ei soovi\w*\W+(?:\w+\W+){0,3}(?:uudiskirja|kirju)"
    r"|update (?:your )?(?:subscription|preferences)"
    r"|manage (?:your )?(?:subscription|preferences)|muuda\w* (?:oma )?(?:eelistus|tellimus)"
    r"|(?:you are|you're|you’re) receiving this|(?:said|saad|saite|saate) selle (?:e-)?kirja"
    r"|отписаться|вы получили это письмо"
    r"|(?:käesolev|see) (?:e-)?kiri.{0,80}(?:konfidentsiaal|salaja)"
    r"|this (?:e-?mail|message).{0,80}confidential",
    re.IGNORECASE,
)
_VIEW = re.compile(
    r"(?:view|read|open|vaata|loe|ava|открыть|посмотреть).{0,60}(?:browser|online|brauseris|veebis|браузере).{0,20}"
    r"|.{0,60}\b(?:view it in your browser|vaata veebis)\b.{0,20}",
    re.IGNORECASE,
)
_SHORT = 500
_HIDDEN = "max-height:0"
_BETTER = 0.6


@dataclass(frozen=True, slots=True)
class ParsedEmail:
    """An e-mail: subject, day, paragraphs, and attached documents as pairs of name and bytes."""

    subject: str
    date: GivenDate | None
    paragraphs: tuple[str, ...]
    documents: tuple[tuple[str, bytes], ...]


def read_mail(
    source: Input, limits: Limits, read_attachment: ReadAttachment | None = None
) -> Iterator[Found]:
    """Reads the e-mail in ``source`` as an article, then what ``read_attachment`` finds.

    Raises as reading does.
    """
    email = source.isolated(parse_email, source.data(limits.megabytes))
    if email.paragraphs:
        title = email.subject or email.paragraphs[0].partition("\n")[0]
        repeats = plain(email.paragraphs[0]) == plain(title)
        yield article(source, title, email.paragraphs[repeats:], date=email.date)
    elif not email.documents:
        yield Skipped(source.name, "", "no-text", "holds no text")
    for name, data in email.documents if read_attachment else ():
        yield from _document(source, name, data, read_attachment)


def parse_email(data: bytes) -> ParsedEmail:
    """Parses the e-mail ``data``, tolerating malformed parts."""
    message = BytesParser(policy=policy.compat32).parsebytes(data)
    subject = " ".join(_decoded_header(message, "Subject").split())
    is_answer = (
        re.match(r"\s*(?:re|vs|vast|vastus|sv|aw|отв)\b", subject, re.IGNORECASE) is not None
    )
    unmarked: list[str] = []
    markup: list[str] = []
    documents: list[tuple[str, bytes]] = []
    for part in message.walk():
        if part.is_multipart():
            continue
        name = _file_name(part)
        payload = part.get_payload(decode=True)
        content = payload if isinstance(payload, bytes) else b""
        if name or part.get_content_disposition() == "attachment":
            documents.append((name or "manus", content))
        elif part.get_content_type() in _TEXTS and (text := _text(part, content)):
            (markup if part.get_content_subtype() == "html" else unmarked).append(text)
    paragraphs = _paragraphs(unmarked, markup, is_answer) or _paragraphs(unmarked, markup, False)
    return ParsedEmail(
        subject=_REPLY.sub("", subject, count=1).strip() if _REPLY.match(subject) else subject,
        date=parse_date(re.sub(r"\s*\([^)]*\)\s*$", "", str(message.get("Date", "")))),
        paragraphs=tuple(_without_footers(paragraphs)),
        documents=tuple(documents),
    )


def _document(
    source: Input, name: str, data: bytes, read: ReadAttachment | None
) -> Iterator[Found]:
    attached = replace(
        source,
        name=f"{source.name}!{name}",
        id=f"{source.id}/{name}",
        kind="",
        open=partial(BytesIO, data),
        address="",
        charset="",
        path=None,
    )
    if _CUT_OFF.fullmatch(name):
        return
    if read is not None and data and kind_of(name, attached.open) in _DOCUMENTS:
        yield from read(attached)


def _decoded_header(message: Message, name: str) -> str:
    written = message.get(name, "")
    if isinstance(written, str):
        written = re.sub(r"\r?\n\s*", " ", written)
    try:
        pieces = decode_header(written)
    except Exception:  # malformed headers may raise anything
        return str(written)
    return "".join(
        each if isinstance(each, str) else _decoded(each, charset or "") for each, charset in pieces
    )


def _decoded(data: bytes, charset: str) -> str:
    try:
        return decode(data, charset).text
    except SourceError:
        return ""


def _text(part: Message, content: bytes) -> str:
    charset = part.get_param("charset") or ""
    return _decoded(content, charset if isinstance(charset, str) else charset[2])


def _file_name(part: Message) -> str:
    """File name of an attachment, without directories; empty if the part is none."""
    try:
        name = part.get_filename() or ""
    except Exception:  # as for headers
        name = "manus"
    if "=?" in name:
        holder = Message()
        holder["Name"] = name
        name = _decoded_header(holder, "Name")
    name = PurePosixPath(name.replace("\\", "/")).name
    return "".join(each if each.isprintable() else "_" for each in name)


def _own_lines(lines: Sequence[str], is_answer: bool) -> list[str]:
    """Lines of an e-mail without signature and quoted original."""
    kept: list[str] = []
    for n, line in enumerate(lines):
        if line.strip() == "--" and (line == "--" or n > len(lines) // 2):
            break
        if is_answer and _begins_original(lines[n : n + 3]):
            break
        if line.startswith(">"):
            if is_answer:
                continue
            line = line.lstrip("> ")
        kept.append(line)
    return _without_fields(kept)


def _begins_original(lines: Sequence[str]) -> bool:
    """True at the line that mail programs put above the quoted original."""
    first = lines[0].strip()
    return bool(_ORIGINAL.fullmatch(first) or _WROTE.fullmatch(first)) or _are_fields(lines)


def _are_fields(lines: Sequence[str]) -> bool:
    """True for the header fields of a quoted e-mail: the sender, and one more."""
    written = [each for each in lines if each.strip()]
    is_sender = bool(written) and _SENDER.match(written[0]) is not None
    return is_sender and len(written) > 1 and _FIELD.fullmatch(written[1]) is not None


def _without_fields(lines: Sequence[str]) -> list[str]:
    """Removes the marks and header fields above a forwarded e-mail."""
    kept: list[str] = []
    in_fields = False
    for n, line in enumerate(lines):
        is_mark = _FORWARDED.fullmatch(line.strip()) or _ORIGINAL.fullmatch(line.strip())
        if is_mark or _are_fields(lines[n : n + 3]):
            in_fields = True
            kept.append("")
        elif in_fields and (not line.strip() or _FIELD.fullmatch(line)):
            continue
        else:
            in_fields = False
            kept.append(line)
    return kept


def _marked_paragraphs(html: str) -> list[str]:
    root = parse_markup(html)
    if root is None:
        return []
    for each in list(root.iter()):
        style = re.sub(r"\s+", "", each.get("style", ""))
        if _HIDDEN in style and each.getparent() is not None:
            each.drop_tree()
    return paragraphs_below(root)


def _own_paragraphs(paragraphs: Sequence[str], is_answer: bool) -> list[str]:
    lines = [line for each in paragraphs for line in ("", *each.split("\n"))]
    blocks = "\n".join(_own_lines(lines, is_answer)).split("\n\n")
    return [each.strip() for each in blocks if each.strip()]


def _paragraphs(unmarked: list[str], markup: list[str], is_answer: bool) -> list[str]:
    """Paragraphs of the better of the two texts; of an answer without the quoted original."""
    plain_lines = [
        line for text in unmarked for line in ("", *_own_lines(lines_of(text), is_answer))
    ]
    marked = [each for text in markup for each in _marked_paragraphs(text)]
    return _better(list(joined_lines(plain_lines)), _own_paragraphs(marked, is_answer))


def _better(unmarked: list[str], markup: list[str]) -> list[str]:
    """The paragraphs of the HTML, unless it lacks much of the plain text."""
    long_plain, long_markup = (sum(len(e) for e in each) for each in (unmarked, markup))
    return markup if long_markup >= _BETTER * long_plain else unmarked


def _without_footers(paragraphs: Sequence[str]) -> Iterator[str]:
    """Removes newsletter footers, and links to view the e-mail in a browser."""
    for n, each in enumerate(paragraphs):
        if len(each) < _SHORT and _FOOTER.search(each):
            if n * 2 >= len(paragraphs):
                return
            continue
        if not _VIEW.fullmatch(each):
            yield each
