"""Errors of a search engine on another machine, one class per situation, with message templates.

    EngineError
    ├── EngineNotInstalled   the packages of its extra are missing here
    ├── EngineUnavailable    nobody answers there, or none that can
    ├── EngineTimedOut       an answer takes longer than it may
    ├── EngineRefused        who we say we are is not believed, or may not do this
    ├── EngineUntrusted      the certificate is not one that we trust
    ├── EngineBlocked        nothing can be written for now
    ├── WriterLockLost       another process has begun to write, as this one was silent for long
    ├── EngineMismatch       the server is another one than this program is for
    ├── EngineFailed         an answer that nobody has thought of
    └── IncompleteAnswer     shards are missing, so that some of the index cannot be searched

    CopyPlaceUnusable        what ``copy`` is told names no index of any engine
    CopyDiffers              a copy on another engine is not what was copied

``server`` is a name such as “OpenSearch at https://search.example:9200”; readers of the web pages
see it without the address.
"""

from search.errors import KlastriError


class EngineError(KlastriError):
    """Base class of errors of the server that holds the index."""

    code = "engine"
    status = 503


class EngineNotInstalled(EngineError):
    """The ``package`` that speaks to it is not installed; ``remedy`` is how to get it."""

    code = "engine-not-installed"
    template = "{server} cannot be used: {package} is not installed. {remedy}"


class EngineUnavailable(EngineError):
    """Nobody answers, or only servers that cannot: ``reason`` is why."""

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
    """The login is missing or wrong (401), or has not the rights it needs (403)."""

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
    """What is there can be searched, but nothing be written."""

    code = "engine-blocked"
    template = (
        "{server} takes nothing in for now ({reason}). Give it more disk space, or take the block "
        "away, and do it again; the index is searched as it was"
    )


class WriterLockLost(EngineError):
    """The lock was taken over meanwhile, so that what was written is not made live."""

    code = "writer-lock-lost"
    template = (
        "This process was stopped or cut off from {server} for so long that another one writes to "
        "the index now. Nothing that it wrote is shown; do it again when the other one has ended"
    )


class EngineMismatch(EngineError):
    """The server, as it calls itself in ``found``, is not one that this program can use."""

    code = "engine-mismatch"
    template = "{server} is {found}, and this program needs OpenSearch 2.19 or a later 2 or 3"


class EngineFailed(EngineError):
    """An answer with ``status`` and ``reason`` that should not have come."""

    code = "engine-failed"
    template = "{server} has failed ({status}: {reason}). Its log says more"


class IncompleteAnswer(EngineError):
    """A part of the index cannot be searched, and a part is never shown as a whole."""

    code = "incomplete-answer"
    template = (
        "{server} can search only a part of the index ({reason}). Nothing is shown rather than a "
        "part of it. Try again in a moment; it may be starting a node again"
    )


class CopyPlaceUnusable(KlastriError):
    """Raised for what names no index of any engine: ``reason`` is why."""

    code = "copy-place-unusable"
    template = (
        "“{place}” names no index to copy from or to ({reason}). "
        "Write whoosh:DIRECTORY or opensearch:URL"
    )


class CopyDiffers(KlastriError):
    """Raised for a copy that is not what was to be copied: ``reason`` is where it differs."""

    code = "copy-differs"
    template = (
        "The copy is not what was to be copied ({reason}). "
        "Copy again when nothing else writes there"
    )
