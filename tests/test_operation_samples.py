"""The samples for operation: units that systemd finds safe, and a container that can be built."""

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from indexer.cli import klastriotsing

ROOT = Path(__file__).parent.parent
UNITS = sorted((ROOT / "examples/operation/systemd").iterdir())
SERVICES = [each for each in UNITS if each.suffix == ".service"]
#: Of 10, by ``systemd-analyze security``; less is safer. A unit without any sandbox has 9.6.
EXPOSURE = 1.5
ANALYZE = shutil.which("systemd-analyze") or ""


def name(path: Path) -> str:
    return path.name


@pytest.mark.systemd
@pytest.mark.parametrize("unit", SERVICES, ids=name)
def test_the_sandbox_is_tight(unit: Path) -> None:
    done = subprocess.run(
        [ANALYZE, "security", "--offline=true", "--no-pager", str(unit)],
        capture_output=True,
        text=True,
        check=True,
    )
    found = re.search(r"exposure level for \S+: ([\d.]+)", done.stdout)
    assert found
    assert float(found[1]) <= EXPOSURE, done.stdout


@pytest.mark.systemd
def test_units_hold_no_mistake(tmp_path: Path) -> None:
    """systemd knows every line; the program is where it is only on the owner's machine."""
    for unit in UNITS:
        text = re.sub(r"(?m)^ExecStart=.*", "ExecStart=/bin/true", unit.read_text(encoding="utf-8"))
        (tmp_path / unit.name).write_text(text, encoding="utf-8")
    done = subprocess.run(
        [ANALYZE, "verify", "--man=no", *map(str, sorted(tmp_path.iterdir()))],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("unit", SERVICES, ids=name)
def test_units_run_commands_that_there_are(unit: Path) -> None:
    line = re.search(r"(?m)^ExecStart=\S+/klastriotsing (.*)$", unit.read_text(encoding="utf-8"))
    assert line
    command, *options = shlex.split(line[1])
    told = CliRunner().invoke(klastriotsing, [command, "--help"]).output
    for option in options:
        assert not option.startswith("--") or option in told


def instructions() -> list[tuple[str, str]]:
    """Instructions of the Containerfile with their arguments."""
    text = (ROOT / "Containerfile").read_text(encoding="utf-8")
    text = re.sub(r"(?m)^#.*\n", "", text).replace("\\\n", " ")
    return [tuple(line.split(None, 1)) for line in text.splitlines() if line]  # type: ignore[misc]


def test_the_container_holds_files_that_there_are_and_runs_as_nobody() -> None:
    for name, arguments in instructions():
        assert name != "ADD"
        if name == "COPY" and not arguments.startswith("--from="):
            for source in arguments.split()[:-1]:
                assert (ROOT / source).exists(), source
        if name == "RUN":
            assert not re.search(r"\b(curl|wget|git)\b|https?:", arguments)
    last = dict(instructions())
    assert last["USER"] == "10001"
    assert last["ENTRYPOINT"] == '["klastriotsing"]'
    # What the package is made of is copied before it is installed.
    copied = [each for name, each in instructions() if name == "COPY"]
    for needed in ("search", "indexer", "webui", "pyproject.toml", "requirements.lock"):
        assert any(needed in each.split() for each in copied)
    admitted = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    for each in (name for line in copied if "--from=" not in line for name in line.split()[:-1]):
        assert f"!{each}" in admitted


def test_the_container_installs_nothing_without_its_hash() -> None:
    """Tried with buildah: pip of Debian 12 takes hashes from requirements, not constraints."""
    run = " ".join(arguments for name, arguments in instructions() if name == "RUN")
    locked = re.search(r'locked="([^"]*)"', run)
    assert locked
    assert {"--require-hashes", "--no-deps", "--only-binary"} <= set(locked[1].split())
    installs = re.findall(r"pip install ([^&;]*)", run)
    assert len(installs) == 4
    for each in installs:
        assert "$locked" in each or {"--no-deps", "--no-build-isolation"} <= set(each.split())


def test_the_proxy_speaks_modern_tls_only() -> None:
    sample = (ROOT / "examples/operation/nginx/klastriotsing.conf").read_text(encoding="utf-8")
    assert re.search(r"ssl_protocols +TLSv1\.2 TLSv1\.3;", sample)
    plain = re.search(r"listen 80;[^}]*}", sample)
    assert plain
    assert "return 301 https://" in plain[0]
    assert "proxy_pass" not in plain[0]
