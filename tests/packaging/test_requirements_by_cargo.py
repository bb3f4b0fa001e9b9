"""Cargo's own word on requirements: it resolves a dependency exactly where `holds` says that the requirement holds."""

import shutil
import subprocess

import pytest

from bot.packaging.requirements import holds

pytestmark = pytest.mark.skipif(shutil.which("cargo") is None, reason="cargo is not installed")

REQUIREMENTS = ["0.5", "*", "0.5.0-rc.1", "=0.4", "~0.4.1", ">=0.4, <0.6", "<=0.4", "0.4.*", "^0.0.3"]
VERSIONS = ["0.4.0", "0.4.9", "0.5.0-rc.2", "0.0.3", "1.0.0"]


@pytest.mark.parametrize("requirement", REQUIREMENTS)
def test_a_requirement_holds_where_cargo_resolves_it(requirement, tmp_path):
    manifest = '[package]\nname = "{}"\nversion = "{}"\nedition = "2021"\n'
    for name in ("lamp", "house"):
        (tmp_path / name / "src").mkdir(parents=True)
        (tmp_path / name / "src" / "lib.rs").touch()
    for version in VERSIONS:
        wanted = f'[dependencies]\nlamp = {{ path = "../lamp", version = "{requirement}" }}\n'
        (tmp_path / "lamp" / "Cargo.toml").write_text(manifest.format("lamp", version))
        (tmp_path / "house" / "Cargo.toml").write_text(manifest.format("house", "0.1.0") + wanted)
        (tmp_path / "house" / "Cargo.lock").unlink(missing_ok=True)
        asked = ["cargo", "metadata", "--offline", "--format-version", "1"]
        done = subprocess.run(asked, cwd=tmp_path / "house", capture_output=True, text=True, check=False)
        assert (done.returncode == 0) == holds(requirement, version), (version, done.stderr)
