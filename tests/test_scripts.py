"""The scripts say in one line what is wrong and what to do; locks and containers keep their promises."""

import os
import re
import shutil
import socket
import subprocess
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parent.parent
SCRIPTS = ["demo", "server", "test", "lock", "compose-secrets", "bench"]
TOOLS = "bash cat cksum cut dirname env grep id ln mkdir mktemp od rm sed tail tr uname"


def run(*command: str, folder: Path = ROOT, **more: str) -> subprocess.CompletedProcess[str]:
    """The outcome of a command that must end within a minute."""
    env = {name: value for name, value in os.environ.items() if name not in {"PYTHON", "HOST", "PORT"}}
    return subprocess.run(command, cwd=folder, env=env | more, text=True, capture_output=True, timeout=60)


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """A copy of what the scripts need, with no environment made yet."""
    shutil.copytree(ROOT / "script", tmp_path / "script")
    for name in ("requirements.txt", "requirements-dev.txt"):
        (tmp_path / name).write_text(f"{name} of this test\n")
    return tmp_path


@pytest.fixture
def only(tmp_path: Path) -> Callable[..., str]:
    """``only(name=text …)``: a PATH with nothing but basic tools and these scripts."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for tool in TOOLS.split():
        (folder / tool).symlink_to(shutil.which(tool) or f"/bin/{tool}")

    def make(**programs: str) -> str:
        for name, text in programs.items():
            program = folder / name.replace("_", ".")
            program.write_text(f"#!/bin/sh\n{text}\n")
            program.chmod(0o755)
        return str(folder)

    return make


OLD_PYTHON = 'case "$*" in *python_version*) echo 3.11.2 ;; *) exit 1 ;; esac'


@pytest.mark.parametrize("name", SCRIPTS)
def test_every_script_explains_itself_and_does_nothing(bare: Path, name: str) -> None:
    shown = run(f"script/{name}", "--help", folder=bare)
    assert shown.returncode == 0
    assert shown.stdout.startswith(f"Usage: script/{name}")
    assert not (bare / ".venv").exists()
    assert not (bare / "var").exists()


@pytest.mark.parametrize("name", [*SCRIPTS, "lib.sh", "../.ci/run"])
def test_every_script_is_valid_and_keeps_to_what_bash_3_2_knows(name: str) -> None:
    path = ROOT / "script" / name
    assert run("bash", "-n", str(path)).returncode == 0
    newer = r"declare -A|local -n|mapfile|readarray|wait -n|\|&|&>>|\$\{\w+(,,|\^\^|@Q)|coproc|EPOCH"
    assert not re.findall(newer, path.read_text())


@pytest.mark.parametrize("name", ["demo", "server"])
def test_a_taken_port_is_one_line_that_names_another_before_any_work_begins(bare: Path, name: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        refused = run(f"script/{name}", "--port", str(port), folder=bare)
    assert refused.returncode == 1
    assert refused.stderr.splitlines() == [
        f"Port {port} is taken: stop what uses it, or choose another: script/{name} --port {port + 1}"
    ]
    assert not (bare / ".venv").exists()


@pytest.mark.parametrize("arguments", [("--port", "web"), ("--port",), ("--prot", "8001")])
@pytest.mark.parametrize("name", ["demo", "server"])
def test_a_wrong_option_is_one_line(bare: Path, name: str, arguments: tuple[str, ...]) -> None:
    refused = run(f"script/{name}", *arguments, folder=bare)
    assert refused.returncode == 1
    assert len(refused.stderr.splitlines()) == 1
    assert not refused.stdout


def test_a_python_that_was_asked_for_but_is_too_old_is_one_line(bare: Path, only: Callable[..., str]) -> None:
    path = only(python3=OLD_PYTHON)
    refused = run("script/demo", folder=bare, PATH=path, HOME=str(bare), PYTHON="python3", PYENV_ROOT="")
    assert refused.returncode == 1
    assert refused.stderr.splitlines() == [
        "PYTHON=python3 is 3.11.2; CE-CERT Rollout needs a complete Python 3.12 or newer: "
        "set PYTHON to one, or unset it to have one looked for."
    ]


def test_a_machine_with_an_old_python_and_no_way_to_a_newer_one_is_one_line(
    bare: Path, only: Callable[..., str]
) -> None:
    path = only(python3=OLD_PYTHON)
    refused = run("script/demo", folder=bare, PATH=path, HOME=str(bare), PYENV_ROOT="", SYSTEM_PACKAGES="no")
    assert refused.returncode == 1
    assert refused.stderr.splitlines() == [
        "Python is too old (python3 is 3.11.2) and no newer one could be fetched: install Python 3.12 or newer, "
        "then run PYTHON=/path/to/python3 script/demo"
    ]
    assert not (bare / ".venv").exists()


def found_python(bare: Path, **env: str) -> str:
    return run("bash", "-c", '. script/lib.sh; find_python && echo "$PY"', folder=bare, **env).stdout.strip()


def test_a_newer_python_beside_an_old_python3_is_taken(bare: Path, only: Callable[..., str]) -> None:
    path = only(python3=OLD_PYTHON, python3_12="exit 0", python3_13=OLD_PYTHON)
    assert found_python(bare, PATH=path, HOME=str(bare), PYENV_ROOT="") == f"{path}/python3.12"


def test_the_newest_python_that_pyenv_keeps_is_taken(bare: Path, only: Callable[..., str]) -> None:
    path = only(python3=OLD_PYTHON, good="exit 0")
    for version in ("3.12.9", "3.13.1", "3.11.4"):
        folder = bare / "kept" / "versions" / version / "bin"
        folder.mkdir(parents=True)
        (folder / "python").symlink_to(f"{path}/good")
    found = found_python(bare, PATH=path, HOME=str(bare), PYENV_ROOT=str(bare / "kept"))
    assert found == f"{bare}/kept/versions/3.13.1/bin/python"


def test_packages_are_installed_only_when_the_lock_has_changed(bare: Path, only: Callable[..., str]) -> None:
    path = only(uv=f'[ "$1" = --version ] || echo "$*" >>{bare}/calls', python="echo 3.13.0")
    (bare / ".venv" / "bin").mkdir(parents=True)
    (bare / ".venv" / "bin" / "python").symlink_to(f"{path}/python")

    def calls(list_name: str) -> int:
        done = run(
            "bash", "-c", f"set -eu; . script/lib.sh; install_packages {list_name}", folder=bare, PATH=path
        )
        assert done.returncode == 0, done.stderr
        return len((bare / "calls").read_text().splitlines())

    assert [calls("requirements.txt"), calls("requirements.txt")] == [1, 1]
    (bare / "requirements.txt").write_text("another pin\n")
    assert [calls("requirements.txt"), calls("requirements.txt")] == [2, 2]
    assert calls("requirements-dev.txt") == 3
    (bare / ".venv" / ".requirements.txt").unlink()
    assert calls("requirements.txt") == 3, "the development set holds the runtime set"
    assert all("--require-hashes" in line for line in (bare / "calls").read_text().splitlines())


def test_settings_of_a_real_installation_reach_neither_demo_nor_tests(bare: Path) -> None:
    mine = {
        name: "mine"
        for base in ("DATABASE_URL", "REDIS_URL", "MAIL_URL", "SECRET_KEY")
        for name in (base, f"{base}_FILE")
    } | dict.fromkeys(("SITE_URL", "ROOT_KEY_FILE", "KEY_RING_FILE", "VAR_DIR", "MAIL_FROM"), "mine")
    left = run("bash", "-c", "set -eu; . script/lib.sh; forget_installation; env", folder=bare, **mine)
    assert left.returncode == 0
    assert "=mine" not in left.stdout


def pins(name: str) -> dict[str, str]:
    """Package to version and marker, as pinned in a list."""
    return dict(re.findall(r"^([a-z0-9-]+)==(.+?) \\$", (ROOT / name).read_text(), flags=re.MULTILINE))


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt", "script/uv.txt"])
def test_every_pin_has_its_hashes_and_no_list_names_a_host(name: str) -> None:
    text = (ROOT / name).read_text()
    packages = re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE)[1:]
    assert len(packages) == len(pins(name))
    assert all("--hash=sha256:" in package for package in packages)
    assert not re.findall(r"://|index-url|find-links|^-", text, flags=re.MULTILINE)


def test_the_lists_hold_what_the_project_asks_for_with_one_set_of_runtime_pins() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())

    def names(wanted: list[str]) -> set[str]:
        return {re.split(r"[\[~=<> ]", each)[0] for each in wanted}

    runtime, development = pins("requirements.txt"), pins("requirements-dev.txt")
    assert names(project["project"]["dependencies"]) <= runtime.keys()
    assert names(project["dependency-groups"]["dev"]) <= development.keys()
    assert {name: development.get(name) for name in runtime} == runtime


@pytest.fixture
def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    return found


def test_only_the_web_publishes_a_port_and_only_on_this_machine(compose: dict[str, Any]) -> None:
    published = {
        name: service["ports"] for name, service in compose["services"].items() if "ports" in service
    }
    assert list(published) == ["web"]
    assert all(port.startswith("127.0.0.1:") for port in published["web"])


def test_every_service_that_stays_has_a_health_check_and_no_secret_in_its_environment(
    compose: dict[str, Any],
) -> None:
    staying = {name for name, service in compose["services"].items() if service["restart"] != "no"}
    assert staying == {"web", "worker", "beat", "database", "redis"}
    assert all("healthcheck" in compose["services"][name] for name in staying)
    secret = re.compile(r"PASSWORD|_URL|KEY")
    for service in compose["services"].values():
        given = {name for name in service.get("environment", {}) if secret.search(name)} - {"SITE_URL"}
        assert all(name.endswith("_FILE") for name in given), given


def test_every_secret_that_compose_mounts_is_made_once_and_kept(bare: Path, compose: dict[str, Any]) -> None:
    wanted = {bare / secret["file"] for secret in compose["secrets"].values()}
    assert run("script/compose-secrets", folder=bare).returncode == 0
    made = {path.resolve(): path.read_text() for path in wanted}
    assert run("script/compose-secrets", folder=bare).returncode == 0
    assert {path.resolve(): path.read_text() for path in wanted} == made
    assert (bare / "var" / "secrets").stat().st_mode & 0o077 == 0
    folder = (bare / "var" / "secrets").resolve()
    assert made[folder / "postgres-password"] in made[folder / "database-url"]
    assert made[folder / "redis-password"] in made[folder / "redis-url"]
    assert len(made[folder / "secret-key"]) == 128


def test_the_image_does_not_run_as_root_and_installs_by_hash() -> None:
    text = (ROOT / "Dockerfile").read_text()
    assert text.index("--require-hashes") < text.index("\nUSER rollout\n") < text.index("\nCMD ")
