"""The first file that runs: it must speak plainly on a Python that cannot run the rest."""

import ast
import sys
from pathlib import Path

import bootstrap
import pytest


def test_an_old_python_can_read_the_file() -> None:
    ast.parse(Path(bootstrap.__file__).read_text(), feature_version=(3, 6))


@pytest.mark.parametrize("version", [(3, 10), (3, 15)])
def test_unfit_python_is_told_what_to_install(
    version: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "version_info", version)
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(
        SystemExit, match=rf"needs Python 3\.11 to 3\.14, and this is 3\.{version[1]}; install"
    ):
        bootstrap.use_fitting_python()


def test_fitting_python_beside_it_takes_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dead, alive = tmp_path / "python3.14", tmp_path / "python3.12"
    dead.write_text("#!/bin/sh\nexit 127\n")
    alive.write_text("#!/bin/sh\nexit 0\n")
    for program in (dead, alive):
        program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    assert bootstrap.fitting_python() == str(alive)
