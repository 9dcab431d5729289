"""The shell wrapper: any working directory, spaces in the path, and exact words about what to install."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from services.chassis import settings

pytestmark = pytest.mark.unit
TOOLS = ("sh", "dirname", "cksum", "cat", "rm", "find", "grep", "ls", "env", "tee", "chmod")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The wrapper and the locks in a folder with spaces, beside a made-up .venv that tells what it was called with."""
    folder = tmp_path / "a check out"
    (folder / ".venv" / "bin").mkdir(parents=True)
    for name in ("anju", "requirements.txt", "requirements-test.txt"):
        shutil.copy(settings.ROOT / name, folder / name)
        if name != "anju":
            stamp = subprocess.run(
                ["cksum"], input=(folder / name).read_bytes(), capture_output=True, check=True
            ).stdout
            (folder / ".venv" / f"stamp-{name}").write_bytes(stamp)
    script(folder / ".venv/bin/python", 'echo "PYTHONPATH=$PYTHONPATH"; for word; do echo "[$word]"; done')
    return folder


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """A PATH with the tools every machine has, a good Python, and no package manager."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for tool in TOOLS:
        (folder / tool).symlink_to(str(shutil.which(tool)))
    script(folder / "python3", "exit 0")
    script(folder / "uname", "echo Linux")
    script(folder / "id", "echo 1000")
    return folder


def script(path: Path, text: str) -> None:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


def run(checkout: Path, path: Path, *arguments: str, cwd: Path = Path("/")) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(checkout / "anju"), *arguments],
        cwd=cwd,
        env={"PATH": str(path), "HOME": str(checkout)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def test_it_hands_over_from_any_directory_with_arguments_intact(checkout: Path, bare: Path) -> None:
    done = run(checkout, bare, "status", "two words", cwd=Path("/"))
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [f"PYTHONPATH={checkout}", "[-m]", "[deploy]", "[status]", "[two words]"]


def test_a_changed_lock_makes_the_environment_anew(checkout: Path, bare: Path) -> None:
    (checkout / "requirements.txt").write_text("another==1\n")
    made = 'mkdir -p "$3/bin"; printf "#!/bin/sh\\necho [\\$*]\\n" > "$3/bin/python"; chmod 755 "$3/bin/python"'
    (bare / "mkdir").symlink_to(str(shutil.which("mkdir")))
    script(bare / "python3", f'[ "$2" != venv ] || {{ {made}; }}')
    done = run(checkout, bare, "status")
    assert done.returncode == 0, done.stderr
    lock = checkout / "requirements.txt"
    assert f"--require-hashes --no-deps -r {lock}]" in done.stdout
    assert "making .venv from the locked requirements" in done.stderr
    assert "[-m deploy status]" in done.stdout
    assert "making .venv" not in run(checkout, bare, "status").stderr


def test_without_python_it_says_what_to_install(checkout: Path, bare: Path) -> None:
    script(bare / "python3", "exit 1")
    done = run(checkout, bare, "status")
    assert done.returncode == 1
    assert "Please install what Debian calls: python3 python3-venv" in done.stderr


def test_on_a_mac_it_names_the_homebrew_package(checkout: Path, bare: Path) -> None:
    script(bare / "python3", "exit 1")
    script(bare / "uname", "echo Darwin")
    done = run(checkout, bare, "status")
    assert done.returncode == 1
    assert "Please run: brew install python@3.12" in done.stderr


def test_on_debian_without_rights_it_says_the_command(checkout: Path, bare: Path) -> None:
    script(bare / "python3", "exit 1")
    script(bare / "apt-get", "exit 1")
    done = run(checkout, bare, "status")
    assert done.returncode == 1
    assert "Please run as root: apt-get install python3 python3-venv" in done.stderr


def test_on_debian_with_rights_it_installs(checkout: Path, bare: Path, tmp_path: Path) -> None:
    if os.getuid() != 0 and not os.access("/usr/sbin", os.W_OK):
        pytest.skip("would write policy-rc.d")
    policy = Path("/usr/sbin/policy-rc.d")
    before = policy.exists()
    log = tmp_path / "apt.log"
    script(bare / "id", "echo 0")
    script(bare / "python3", f'grep -q " install " "{log}" 2>/dev/null')
    script(bare / "apt-get", f'echo "apt $*" >> "{log}"')
    done = run(checkout, bare, "status")
    assert done.returncode == 0, done.stderr
    assert "install -y --no-install-recommends python3 python3-venv" in log.read_text()
    assert policy.exists() == before
