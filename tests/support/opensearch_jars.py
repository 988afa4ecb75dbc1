"""Builds the OpenSearch of the tests: jars by Maven, once, and a small compiled main class.

Both are in ``build/cluster``, which is not committed; their sources are in ``tests/cluster``.
"""

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
SOURCES = ROOT / "tests/cluster"
BUILT = ROOT / "build/cluster"
#: Directory of Java installations of Debian and others.
JAVA_HOMES = Path("/usr/lib/jvm")


@dataclass(frozen=True)
class Release:
    """A release of OpenSearch, and the Java versions for it; ``sources`` are for it only."""

    version: str
    sources: str
    java: range


#: The supported release.
SUPPORTED = Release("2.19.6", "java-2", range(17, 24))
#: The next release, with which answers are compared.
NEXT = Release("3.9.0", "java-3", range(21, 26))


@dataclass(frozen=True)
class Build:
    """A built release: the program ``java``, and its ``classpath``."""

    release: Release
    java: Path
    classpath: str


def java_home(release: Release) -> Path | None:
    """The oldest Java development kit that runs ``release``; None without one."""
    homes = [Path(named)] if (named := os.environ.get("JAVA_HOME")) else []
    if (program := shutil.which("java")) is not None:
        homes.append(Path(program).resolve().parent.parent)
    homes += sorted(JAVA_HOMES.glob("*"))
    suitable = [
        (number, home)
        for home in homes
        if (home / "bin/javac").exists() and (number := _java_version(home)) in release.java
    ]
    return min(suitable, key=lambda each: each[0])[1] if suitable else None


def _java_version(home: Path) -> int:
    try:
        told = (home / "release").read_text(encoding="utf-8")
    except OSError:
        return 0
    found = re.search(r'^JAVA_VERSION="(\d+)', told, re.MULTILINE)
    return int(found[1]) if found else 0


def can_build(release: Release) -> bool:
    """True if this machine has everything that ``build`` needs, except the network."""
    return java_home(release) is not None and shutil.which("mvn") is not None


def build(release: Release) -> Build:
    """Builds the jars and classes of ``release`` unless they exist; takes about 15 seconds.

    Raises AssertionError with the output of Maven or the compiler if one fails.
    """
    home = java_home(release)
    assert home is not None, f"there is no JDK for OpenSearch {release.version}"
    sources = [SOURCES / "java/Server.java", *sorted((SOURCES / release.sources).glob("*.java"))]
    digest = hashlib.sha256(b"".join(each.read_bytes() for each in _inputs(sources))).hexdigest()
    folder = BUILT / f"{release.version}-{digest[:8]}"
    BUILT.mkdir(parents=True, exist_ok=True)
    with (BUILT / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            begun = BUILT / f"{folder.name}.new"
            shutil.rmtree(begun, ignore_errors=True)
            _copy_jars(release, home, begun)
            _compile(home, sources, begun)
            begun.rename(folder)
    return Build(release, home / "bin/java", f"{folder}/classes:{folder}/lib/*")


def _inputs(sources: list[Path]) -> Iterator[Path]:
    yield SOURCES / "pom.xml"
    yield from sources


def _copy_jars(release: Release, home: Path, folder: Path) -> None:
    _run(
        *("mvn", "--quiet", "--batch-mode", "--file", str(SOURCES / "pom.xml")),
        "dependency:copy-dependencies",
        *(f"-Dopensearch={release.version}", "-DincludeScope=runtime"),
        f"-DoutputDirectory={folder}/lib",
        environment={"JAVA_HOME": str(home)},
    )


def _compile(home: Path, sources: list[Path], folder: Path) -> None:
    _run(
        *(str(home / "bin/javac"), "-nowarn", "-d", f"{folder}/classes"),
        *("-cp", f"{folder}/lib/*", *map(str, sources)),
        environment={},
    )


def _run(*command: str, environment: dict[str, str]) -> None:
    done = subprocess.run(
        command, env={**os.environ, **environment}, capture_output=True, text=True, timeout=600
    )
    assert done.returncode == 0, f"{command[0]} failed: {done.stdout[-2000:]}{done.stderr[-2000:]}"
