"""Runs the real nginx with the sample of examples/operation before a running server."""

import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
SAMPLE = ROOT / "examples/operation/nginx/klastriotsing.conf"


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def adapted(sample: str, port: int, upstream: int) -> str:
    """Adapts ``sample`` to a test: another port, no certificate, shorter timeouts."""
    changes = {
        r"listen 443 ssl http2;": f"listen 127.0.0.1:{port};",
        r"listen 80;": f"listen 127.0.0.1:{free_port()};",
        r"\n *ssl_\w+ [^;]*;": "",
        r"127\.0\.0\.1:8000": f"127.0.0.1:{upstream}",
        r"(client_\w+_timeout|send_timeout) +\d+s": r"\1 1s",
        r"X-Forwarded-Proto \$scheme": "X-Forwarded-Proto https",
    }
    for before, after in changes.items():
        sample, count = re.subn(before, after, sample)
        assert count, before
    return sample


@contextmanager
def proxied(upstream: int, folder: Path) -> Iterator[str]:
    """Runs nginx before the server at port ``upstream``; yields its address, without a path."""
    port = free_port()
    (folder / "site.conf").write_text(adapted(SAMPLE.read_text(encoding="utf-8"), port, upstream))
    with running_nginx(folder, port):
        yield f"http://127.0.0.1:{port}"


@contextmanager
def running_nginx(folder: Path, port: int) -> Iterator[None]:
    """Runs nginx with ``site.conf`` in ``folder``, from when it listens on ``port``."""
    paths = "".join(
        f"{each}_temp_path {folder}/{each};\n"
        for each in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"daemon off;\npid {folder}/pid;\nerror_log {folder}/error.log;\n"
        "events { worker_connections 1024; }\n"
        f"http {{\naccess_log off;\ngzip on;\ngzip_proxied any;\ngzip_min_length 100;\n"
        f"{paths}include {folder}/site.conf;\n}}\n"
    )
    program = shutil.which("nginx") or "/usr/sbin/nginx"
    server = subprocess.Popen([program, "-e", f"{folder}/error.log", "-c", f"{folder}/nginx.conf"])
    try:
        for _ in range(200):
            with socket.socket() as trying:
                if trying.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.02)
        yield
    finally:
        server.terminate()
        server.wait(timeout=20)
