"""Builds a manylinux wheel for Python 3.11 to 3.13, without a container.

    python tests/support/wheels.py DIRECTORY

The compiled kernels are built by zig, a compiler that knows the symbols of every glibc, against
Python's stable ABI; auditwheel checks the result and names it. Then the wheel is unpacked and run.
"""

import os
import platform
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
#: RHEL 7, Debian 8 and later releases have it.
GLIBC = "2.17"
#: The oldest Python whose stable ABI is used.
TAG, VERSION = "cp311", "0x030B0000"
CHECK = """
from search.engines.whoosh.kernels import load
print(load("compiled").__file__)
"""


def build(source: Path, made: Path) -> Path:
    """Builds the wheel of ``source`` in ``made``, without earlier build results."""
    compiler = f"{sys.executable} -m ziglang cc -target {platform.machine()}-linux-gnu.{GLIBC}"
    environment = {
        **os.environ,
        "CC": compiler,
        "LDSHARED": f"{compiler} -shared -s",
        "CFLAGS": f"-DPy_LIMITED_API={VERSION}",
        "SETUPTOOLS_EXT_SUFFIX": ".abi3.so",
    }
    subprocess.run(
        [
            *(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"),
            f"--config-settings=--build-option=--py-limited-api={TAG}",
            *("--wheel-dir", str(made), str(source)),
        ],
        env=environment,
        check=True,
    )
    (wheel,) = made.glob("*.whl")
    return wheel


def repaired(wheel: Path, destination: Path) -> Path:
    """Renames the wheel by the oldest glibc that it runs with, in ``destination``."""
    out = wheel.parent / "out"
    tools = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    subprocess.run(
        [
            *(
                sys.executable,
                "-m",
                "auditwheel",
                "repair",
                "--wheel-dir",
                str(wheel.parent / "out"),
            ),
            *("--plat", f"manylinux_{GLIBC.replace('.', '_')}_{platform.machine()}", str(wheel)),
        ],
        env={**os.environ, "PATH": tools},
        check=True,
    )
    (found,) = out.glob("*.whl")
    return Path(shutil.copy(found, destination))


def check(wheel: Path, unpacked: Path) -> None:
    """Fails unless the kernels can be loaded from the wheel itself."""
    shutil.unpack_archive(wheel, unpacked, "zip")
    done = subprocess.run(
        [sys.executable, "-c", CHECK], cwd=unpacked, check=True, capture_output=True, text=True
    )
    assert Path(done.stdout.strip()).is_relative_to(unpacked), done.stdout


def main() -> None:
    destination = Path(sys.argv[1])
    destination.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder).resolve()
        source = work / "source"
        left_out = shutil.ignore_patterns("*.so", "_compiled.c", "__pycache__")
        for each in ("search", "indexer", "webui"):
            shutil.copytree(ROOT / each, source / each, ignore=left_out)
        for each in ("pyproject.toml", "README.md", "LICENSE"):
            shutil.copy(ROOT / each, source)
        wheel = repaired(build(source, work / "made"), destination)
        check(wheel, work / "unpacked")
        sys.stdout.write(f"{wheel}\n")


if __name__ == "__main__":
    main()
