"""A web server for tests: pages by path, and a log of requests."""

import email.utils
import gzip
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

#: Two paragraphs, long enough for an article.
PARAGRAPHS = (
    "Klastri liikmed kohtusid Paides ja leppisid kokku ühises katsetehases, kus saab proovida uusi"
    " materjale enne suuri tellimusi.",
    "Tehas saab valmis kevadel, seal hakkab tööle kakskümmend inimest ning maa annab vald, kes"
    " teeb korda ka tee.",
)


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer at a path; with ``tags`` it has ETag and Last-Modified, and 304 is supported."""

    body: bytes = b""
    status: int = 200
    type: str = "text/html; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)
    tags: bool = True
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Asked:
    """A request with its start and end; the path includes the query, headers are lower case."""

    path: str
    headers: Mapping[str, str]
    status: int
    began: float
    ended: float


@dataclass(slots=True)
class NewsSite:
    """Pages by path with query; a function makes its reply for each request."""

    address: str
    host: str
    pages: dict[str, Reply | Callable[[], Reply]] = field(default_factory=dict)
    log: list[Asked] = field(default_factory=list)

    @property
    def paths(self) -> list[str]:
        return [each.path for each in self.log]

    def add(self, path: str, text: str | bytes, **options: object) -> None:
        """Adds a page."""
        body = text if isinstance(text, bytes) else text.encode()
        self.pages[path] = Reply(body, **options)  # type: ignore[arg-type]

    def add_article(self, path: str, title: str, number: int = 1, **options: object) -> None:
        """Adds the page of an article."""
        self.add(path, article_page(title, number), **options)

    def add_sitemap(self, path: str, *paths: str, **options: object) -> None:
        """Adds a sitemap of paths or whole addresses."""
        self.add(path, sitemap(self.address, paths), type="application/xml", **options)


@contextmanager
def news_site(host: str = "127.0.0.1") -> Iterator[NewsSite]:
    """Runs a site without pages on a free port of ``host``."""
    server = _Server((host, 0), _Handler)
    place = f"{host}:{server.server_port}"
    site = NewsSite(f"http://{place}", place)
    server.site = site  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Ignores errors: clients may disconnect at any time."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else each answer waits for the acknowledgement of the last one

    def do_GET(self) -> None:
        began = time.monotonic()
        site: NewsSite = self.server.site  # type: ignore[attr-defined]
        page = site.pages.get(self.path, Reply(b"<h1>404</h1>", 404))
        reply = page() if callable(page) else page
        time.sleep(reply.seconds)
        headers = {"Content-Type": reply.type, **reply.headers}
        status, body = reply.status, reply.body
        if reply.tags and status == 200:
            headers["ETag"] = f'"{sha256(body).hexdigest()[:12]}-gzip"'
            headers["Last-Modified"] = email.utils.formatdate(1_500_000_000, usegmt=True)
            if self.headers.get("If-None-Match") == headers["ETag"]:
                status, body = 304, b""
        told = {name.lower(): value for name, value in self.headers.items()}
        # Before the answer is sent, because its receiver may read the log at once.
        site.log.append(Asked(self.path, told, status, began, time.monotonic()))
        try:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            if status != 304:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except OSError:  # the client has disconnected
            self.close_connection = True

    def log_message(self, *_: object) -> None:
        pass


def article_page(title: str, number: int = 1, language: str = "et", charset: str = "utf-8") -> str:
    """The HTML of an article; ``number`` makes its text unique."""
    texts = "".join(f"<p>{each}</p>" for each in (*PARAGRAPHS, f"Osalejaid oli {number}."))
    return (
        f'<!DOCTYPE html><html lang="{language}"><head><meta charset="{charset}">'
        f"<title>{title} – Klaster</title>"
        '<meta property="article:published_time" content="2016-12-01T10:00:00+02:00"></head>'
        f"<body><nav><a href='/'>Avaleht</a></nav><article><h1>{title}</h1>{texts}</article>"
        "</body></html>"
    )


def sitemap(base: str, paths: tuple[str, ...]) -> bytes:
    """A sitemap of paths or whole addresses; those that end in ``.xml`` make it an index."""
    addresses = [each if "://" in each else base + each for each in paths]
    root, item = ("sitemapindex", "sitemap") if ".xml" in "".join(paths) else ("urlset", "url")
    places = "".join(f"<{item}><loc>{each}</loc></{item}>" for each in addresses)
    name = "http://www.sitemaps.org/schemas/sitemap/0.9"
    return f'<?xml version="1.0"?><{root} xmlns="{name}">{places}</{root}>'.encode()


def gzip_bomb(megabytes: int) -> bytes:
    """Gzip data that unpacks to this number of ``megabytes``."""
    return gzip.compress(b" " * (megabytes * 1_000_000), 9)
