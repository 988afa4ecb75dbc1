"""Errors of a search engine on another machine, one class per situation, with message templates.

    EngineError
    ├── EngineNotInstalled   the packages of its extra are not installed
    ├── EngineUnavailable    no server answers, or none that works
    ├── EngineTimedOut
    ├── EngineRefused        wrong login, or missing permissions
    ├── EngineUntrusted      the certificate is not trusted
    ├── EngineBlocked        the index is read-only for now
    ├── WriterLockLost       the lock of this writer has expired, and another one has taken it
    ├── EngineMismatch       an unsupported server or version
    ├── EngineFailed         an unexpected answer
    └── IncompleteAnswer     shards are missing

    CopyPlaceUnusable        the target of ``copy`` is no index of any engine
    CopyDiffers              a copy on another engine differs from its source

``server`` is a name such as “OpenSearch at https://search.example:9200”; readers of the web pages
see it without the address.
"""

from search.errors import KlastriError


class EngineError(KlastriError):
    """Base class of errors of the server that holds the index."""

    code = "engine"
    status = 503


class EngineNotInstalled(EngineError):
    """Its client ``package`` is not installed; ``remedy`` is how to get it."""

    code = "engine-not-installed"
    template = "{server} cannot be used: {package} is not installed. {remedy}"


class EngineUnavailable(EngineError):
    """No server answers, or none that works: ``reason`` is why."""

    code = "engine-unavailable"
    template = (
        "{server} cannot be reached ({reason}). Try again in a moment. If that does not help, "
        "check that it runs and that urls in [opensearch] name it"
    )


class EngineTimedOut(EngineError):
    """No answer within ``seconds``."""

    code = "engine-timed-out"
    template = "{server} has not answered within {seconds} s. Try again in a moment"


class EngineRefused(EngineError):
    """The login is missing or wrong (401), or has no permission (403)."""

    code = "engine-refused"
    template = (
        "{server} does not let this program in ({reason}). "
        "Check the user name and the password, and what that user may do"
    )


class EngineUntrusted(EngineError):
    """The certificate cannot be verified, so nothing has been sent."""

    code = "engine-untrusted"
    template = (
        "The certificate of {server} cannot be trusted ({reason}). "
        "Name the certificate of its authority: ca = … in [opensearch]"
    )


class EngineBlocked(EngineError):
    """The index can be searched, but not written."""

    code = "engine-blocked"
    template = (
        "{server} takes nothing in for now ({reason}). Give it more disk space, or take the block "
        "away, and do it again; the index is searched as it was"
    )


class WriterLockLost(EngineError):
    """The writer lock was taken over, so that this generation does not go live."""

    code = "writer-lock-lost"
    template = (
        "This process was stopped or cut off from {server} for so long that another one writes to "
        "the index now. Nothing that it wrote is shown; do it again when the other one has ended"
    )


class EngineMismatch(EngineError):
    """The server, ``found`` by its own words, is not supported."""

    code = "engine-mismatch"
    template = "{server} is {found}, and this program needs OpenSearch 2.19 or a later 2 or 3"


class EngineFailed(EngineError):
    """An unexpected answer with ``status`` and ``reason``."""

    code = "engine-failed"
    template = "{server} has failed ({status}: {reason}). Its log says more"


class IncompleteAnswer(EngineError):
    """Shards of the index are missing, and partial answers are never given."""

    code = "incomplete-answer"
    template = (
        "{server} can search only a part of the index ({reason}). Nothing is shown rather than a "
        "part of it. Try again in a moment; it may be starting a node again"
    )


class CopyPlaceUnusable(KlastriError):
    """Raised for a target that is no index of any engine: ``reason`` is why."""

    code = "copy-place-unusable"
    template = (
        "“{place}” names no index to copy from or to ({reason}). "
        "Write whoosh:DIRECTORY or opensearch:URL"
    )


class CopyDiffers(KlastriError):
    """Raised for a copy that differs from its source: ``reason`` is where."""

    code = "copy-differs"
    template = (
        "The copy is not what was to be copied ({reason}). "
        "Copy again when nothing else writes there"
    )
