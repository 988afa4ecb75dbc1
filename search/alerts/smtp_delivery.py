"""SMTP delivery of e-mails, which distinguishes refused addresses from failures of the server.

Replies of the server are never repeated: they may contain the address of a reader.
"""

import contextlib
import ipaddress
import smtplib
import ssl
from collections.abc import Callable, Iterator, Mapping
from email.message import EmailMessage
from types import TracebackType

from search.configuration import SmtpSettings
from search.errors import SmtpFailed
from search.login import Login, LoginPlace

_LOGIN = LoginPlace("KLASTRIOTSING_SMTP_USER", "KLASTRIOTSING_SMTP_PASSWORD", "smtp")
_PORTS = {"starttls": 587, "tls": 465, "none": 25}
_PERMANENT = 500
#: Enhanced status codes (RFC 3463) of class 5.7 are about rules of the server, not the mailbox.
_POLICY = b"5.7."


def smtp_login(settings: SmtpSettings, environment: Mapping[str, str]) -> Login | None:
    """The login from ``environment``, else from the file of ``settings``; None without any.

    Raises ConfigurationError.
    """
    return _LOGIN.read(settings.login, environment)


class MailboxRefused(Exception):
    """Raised for a permanent refusal: there is no such mailbox."""


class EmailPostponed(Exception):
    """Raised for a temporary refusal of this e-mail."""


class SmtpDelivery:
    """Context manager: a session with the SMTP server, opened with the first e-mail.

    Every method raises SmtpFailed if no e-mail at all can be sent. ``timeout`` is in seconds.
    """

    def __init__(
        self,
        settings: SmtpSettings,
        login: Login | None,
        greeting: str,
        timeout: float = 30.0,
        tls: Callable[[], ssl.SSLContext] = ssl.create_default_context,
    ) -> None:
        self._settings = settings
        self._login = login
        self._greeting = greeting
        self._timeout = timeout
        self._tls = tls
        self._port = settings.port or _PORTS[settings.security]
        self._server = f"{settings.host}:{self._port}"
        self._session: smtplib.SMTP | None = None

    def __enter__(self) -> "SmtpDelivery":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._session is not None:
            # All accepted e-mails are accepted even if this fails.
            with contextlib.suppress(OSError, smtplib.SMTPException):
                self._session.quit()
            self._session.close()
            self._session = None

    def open(self) -> None:
        """Connects, unless connected."""
        if self._session is None:
            with self._failures():
                self._session = self._connected()

    def send(self, email: EmailMessage, address: str) -> None:
        """Sends ``email``. Raises MailboxRefused or EmailPostponed, without the address."""
        self.open()
        session = self._session
        if session is None:
            return
        _, sender = self._settings.sender_parts
        with self._failures():
            try:
                session.sendmail(sender, [address], email.as_bytes())
            except smtplib.SMTPRecipientsRefused as refused:
                code, reply = next(iter(refused.recipients.values()))
                if code == 421:
                    raise smtplib.SMTPServerDisconnected from None
                is_final = code >= _PERMANENT and _POLICY not in reply
                raise (MailboxRefused if is_final else EmailPostponed) from None
            except smtplib.SMTPDataError:
                raise EmailPostponed from None

    def _connected(self) -> smtplib.SMTP:
        settings = self._settings
        host, port, name = settings.host, self._port, self._greeting
        if settings.security == "tls":
            session: smtplib.SMTP = smtplib.SMTP_SSL(
                host, port, name, timeout=self._timeout, context=self._tls()
            )
        else:
            session = smtplib.SMTP(host, port, name, timeout=self._timeout)
        try:
            if settings.security == "starttls":
                session.starttls(context=self._tls())
            if self._login is not None:
                self._log_in(session, self._login)
        except BaseException:
            session.close()
            raise
        return session

    def _log_in(self, session: smtplib.SMTP, login: Login) -> None:
        if self._settings.security == "none" and not _is_here(self._settings.host):
            raise SmtpFailed(
                server=self._server,
                problem="would get the password in the clear",
                remedy='Set security = "starttls" or "tls" in [smtp]',
            )
        session.login(login.user, login.password)

    @contextlib.contextmanager
    def _failures(self) -> Iterator[None]:
        """Context manager: turns failures that concern all e-mails into SmtpFailed."""
        try:
            yield
        except smtplib.SMTPAuthenticationError as error:
            raise self._failed(
                f"does not accept the login ({error.smtp_code})",
                "Check the user name and the password",
            ) from None
        except smtplib.SMTPSenderRefused as error:
            raise self._failed(
                f"does not send e-mails from {self._settings.sender_parts[1]} ({error.smtp_code})",
                "Check “sender” of [smtp]",
            ) from None
        except smtplib.SMTPNotSupportedError:
            raise self._failed(
                "offers no STARTTLS, or no login that is known here",
                'Check “security” and “port” of [smtp]: "tls" is usual on port 465',
            ) from None
        except ssl.SSLError as error:
            raise self._failed(
                f"cannot be trusted ({error.reason or 'TLS'})",
                "Check “host”, “port” and “security” of [smtp], and the certificate of the server",
            ) from None
        except smtplib.SMTPResponseException as error:
            raise self._failed(
                f"answers {error.smtp_code}", "The e-mails are tried again next time"
            ) from None
        except TimeoutError:
            raise self._failed(
                f"has not answered within {self._timeout:g} s",
                "The e-mails are tried again next time",
            ) from None
        except smtplib.SMTPException:
            raise self._failed(
                "has ended the connection", "The e-mails are tried again next time"
            ) from None
        except OSError as error:
            raise self._failed(
                f"cannot be reached ({error.strerror or 'no such host'})",
                "Check “host” and “port” of [smtp]; the e-mails are tried again next time",
            ) from None

    def _failed(self, problem: str, remedy: str) -> SmtpFailed:
        # The session is unusable after any failure.
        if self._session is not None:
            self._session.close()
            self._session = None
        return SmtpFailed(server=self._server, problem=problem, remedy=remedy)


def _is_here(host: str) -> bool:
    """True for a loopback address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
