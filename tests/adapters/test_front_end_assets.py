"""The front-end files: made neutral, checked, and written only when they are whole."""

import io
import json
import stat
import sys
import tarfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from qa_app.adapters import front_end_assets as assets
from qa_app.cli import assets as command

STYLE = (
    '@charset "UTF-8";:root{--a:1}/*! All rights reserved. */@font-face{font-family:GDS Transport;'
    'src:url(/assets/fonts/x.woff2) format("woff2")}.b{font-family:GDS Transport,arial,sans-serif}'
    ".crest{background-image:url(/assets/images/govuk-crest.svg)}/*# sourceMappingURL=x.css.map */"
)
SCRIPT = "export{initAll};//# sourceMappingURL=x.js.map"


def package(style: str = STYLE, *, with_script: bool = True) -> bytes:
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w:gz") as archive:
        for name, text in ((assets.STYLE, style), (assets.SCRIPT, SCRIPT)):
            if name == assets.SCRIPT and not with_script:
                continue
            member = tarfile.TarInfo(f"package/dist/govuk/{name}")
            member.size = len(text.encode())
            archive.addfile(member, io.BytesIO(text.encode()))
    return held.getvalue()


def test_typeface_crest_and_source_maps_are_left_out() -> None:
    style = assets.files_from(package())[assets.STYLE].decode()
    assert "GDS" not in style
    assert "url(" not in style
    assert "font-face" not in style
    assert "sourceMapping" not in style
    assert ".b{font-family:system-ui" in style
    assert ":root{--a:1}" in style
    assert assets.files_from(package())[assets.SCRIPT] == b"export{initAll};"


def test_a_package_without_its_script_is_refused() -> None:
    with pytest.raises(assets.AssetsUnavailable, match=r"no package/dist/govuk/govuk-frontend\.min\.js"):
        assets.files_from(package(with_script=False))


def fake_npm(folder: Path, script: str) -> list[str]:
    path = folder / "npm.py"
    path.write_text(script, encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return [sys.executable, str(path)]


def test_a_package_with_another_digest_is_refused(tmp_path: Path) -> None:
    npm = fake_npm(tmp_path, "open('x.tgz', 'wb').write(b'something else')")
    with pytest.raises(assets.AssetsUnavailable, match="digest differs"):
        assets.fetch_archive(npm, tmp_path)


def test_when_npm_fails_its_last_words_are_passed_on_without_addresses(tmp_path: Path) -> None:
    npm = fake_npm(tmp_path, "import sys; sys.exit('fault\\ncould not reach https://host.example/x now')")
    with pytest.raises(assets.AssetsUnavailable, match=r"could not reach \(address\) now") as refusal:
        assets.fetch_archive(npm, tmp_path)
    assert "host.example" not in str(refusal.value)


def test_an_error_code_of_npm_is_passed_on(tmp_path: Path) -> None:
    npm = fake_npm(
        tmp_path, "import sys; sys.exit('npm error code ENOTFOUND\\nnpm error A complete log is in x')"
    )
    with pytest.raises(assets.AssetsUnavailable, match=r"stopped with an error \(ENOTFOUND\)"):
        assets.fetch_archive(npm, tmp_path)


def test_a_program_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(assets.AssetsUnavailable, match="could not be run"):
        assets.run([str(tmp_path / "nothing")], tmp_path, {})


def test_files_count_as_present_only_when_all_of_this_version_are_there(tmp_path: Path) -> None:
    folder = tmp_path / "vendor"
    assert not assets.are_present(folder)
    assets.write_files(folder, assets.files_from(package()))
    assert assets.are_present(folder)
    (folder / assets.NOTICE).write_text("govuk-frontend 1.0.0", encoding="utf-8")
    assert not assets.are_present(folder)


def test_what_is_present_is_not_fetched_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr(assets, "npm_command", lambda *a, **k: ["npm"])
    monkeypatch.setattr(assets, "fetch_archive", lambda *a: asked.append(1) or package())
    assert assets.make_present(tmp_path / "vendor", may_install_node=False)
    assert not assets.make_present(tmp_path / "vendor", may_install_node=False)
    assert len(asked) == 1


def test_without_node_the_build_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assets.shutil, "which", lambda name: None)
    monkeypatch.setattr(assets.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(assets.AssetsUnavailable, match="no Node"):
        assets.npm_command(tmp_path, may_install_node=False)
    with pytest.raises(assets.AssetsUnavailable, match="neither Node nor pip nor uv"):
        assets.npm_command(tmp_path, may_install_node=True)


def test_the_command_says_what_it_did(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "VENDOR_FOLDER", tmp_path / "vendor")
    monkeypatch.setattr(assets, "npm_command", lambda *a, **k: ["npm"])
    monkeypatch.setattr(assets, "fetch_archive", lambda *a: package())
    first = CliRunner().invoke(command.assets, ["--json"])
    assert json.loads(first.stdout) == {"version": assets.VERSION, "fetched": True, "present": True}
    second = CliRunner().invoke(command.assets, [])
    assert "already there" in second.stdout
    assert second.exit_code == 0


def test_the_command_refuses_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> list[str]:
        raise assets.AssetsUnavailable("there is no Node here to fetch them with")

    monkeypatch.setattr(command, "VENDOR_FOLDER", tmp_path / "vendor")
    monkeypatch.setattr(assets, "npm_command", fail)
    refused = CliRunner().invoke(command.assets, ["--json"])
    assert refused.exit_code == 1
    assert "there is no Node here" in json.loads(refused.stdout)["error"]
    assert not (tmp_path / "vendor").exists()
