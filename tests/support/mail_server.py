"""A real local SMTP server that keeps received e-mails, and refuses recipients on request."""

import asyncio
import email
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult


@dataclass
class Mailboxes:
    """E-mails by recipient, in order; ``refusals`` are error replies by recipient."""

    port: int = 0
    emails: list[tuple[str, EmailMessage]] = field(default_factory=list)
    refusals: dict[str, str] = field(default_factory=dict)
    data_answer: str = "250 OK"
    sessions: list[Any] = field(default_factory=list)

    def of(self, address: str) -> list[EmailMessage]:
        return [message for to, message in self.emails if to == address]

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: object, session: object, envelope: Any, address: str, options: object
    ) -> str:
        del server, session, options
        if address in self.refusals:
            return self.refusals[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: object, session: Any, envelope: Any) -> str:  # noqa: N802
        del server
        if self.data_answer.startswith("250"):
            message = email.message_from_bytes(envelope.content, policy=default)
            assert isinstance(message, EmailMessage)
            self.emails += [(each, message) for each in envelope.rcpt_tos]
            self.sessions.append(session)
        return self.data_answer


@contextmanager
def mail_server(
    tls: ssl.SSLContext | None = None, login: tuple[str, str] | None = None
) -> Iterator[Mailboxes]:
    """Runs the server on a free port; ``tls`` and ``login`` require STARTTLS and that login."""
    boxes = Mailboxes()

    def authenticate(*arguments: Any) -> AuthResult:
        data = arguments[-1]
        given = (data.login.decode(), data.password.decode())
        return AuthResult(success=given == login, handled=False)

    options: dict[str, Any] = {"hostname": "localhost"}
    if tls is not None:
        options |= {"tls_context": tls, "require_starttls": True}
    if login is not None:
        options |= {"authenticator": authenticate, "auth_required": True}
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    async def start() -> asyncio.Server:
        return await loop.create_server(lambda: SMTP(boxes, **options), "127.0.0.1", 0)

    async def stop(server: asyncio.Server) -> None:
        server.close()
        await server.wait_closed()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for each in others:
            each.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    server = asyncio.run_coroutine_threadsafe(start(), loop).result(10)
    boxes.port = server.sockets[0].getsockname()[1]
    try:
        yield boxes
    finally:
        asyncio.run_coroutine_threadsafe(stop(server), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
