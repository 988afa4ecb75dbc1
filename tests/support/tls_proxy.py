"""A TLS proxy with a password: the real nginx, with a CA made by openssl."""

import base64
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from proxied import free_port, running_nginx

_KEY = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2"


@dataclass(frozen=True)
class GuardedServer:
    """``url`` is https; its certificate is for 127.0.0.1 and signed by ``ca``."""

    url: str
    ca: Path


def _openssl(command: str, folder: Path) -> None:
    subprocess.run(
        [shutil.which("openssl") or "openssl", *command.split()],
        cwd=folder,
        check=True,
        capture_output=True,
    )


def authority(folder: Path, name: str) -> Path:
    """Makes a CA: its certificate ``name.pem``, with the key beside it."""
    _openssl(f"req -x509 {_KEY} -subj /CN={name} -keyout {name}.key -out {name}.pem", folder)
    return folder / f"{name}.pem"


def certificate(folder: Path, ca: str, name: str) -> Path:
    """Makes a certificate for 127.0.0.1 signed by ``ca``, with the key beside it."""
    _openssl(
        f"req -x509 {_KEY} -subj /CN={name} -addext subjectAltName=IP:127.0.0.1 "
        f"-CA {ca}.pem -CAkey {ca}.key -keyout {name}.key -out {name}.pem",
        folder,
    )
    return folder / f"{name}.pem"


@contextmanager
def guarded(upstream: str, folder: Path, user: str, password: str) -> Iterator[GuardedServer]:
    """Runs nginx before ``upstream``; it requires ``user`` and ``password`` (Basic).

    That user has no access to settings of the whole cluster.
    """
    ca = authority(folder, "authority")
    certificate(folder, "authority", "server")
    # No ``auth_basic`` file and no buffers, because workers may not enter our directories.
    wanted = base64.b64encode(f"{user}:{password}".encode()).decode()
    port = free_port()
    (folder / "site.conf").write_text(
        f"""
        server {{
            listen 127.0.0.1:{port} ssl;
            ssl_certificate {folder}/server.pem;
            ssl_certificate_key {folder}/server.key;
            client_max_body_size 100m;
            proxy_request_buffering off;
            proxy_buffering off;
            location = /_cluster/settings {{ return 403; }}
            location / {{
                if ($http_authorization != "Basic {wanted}") {{ return 401; }}
                proxy_pass http://{urlsplit(upstream).netloc};
            }}
        }}
        """,
        encoding="utf-8",
    )
    with running_nginx(folder, port):
        yield GuardedServer(f"https://127.0.0.1:{port}", ca)
