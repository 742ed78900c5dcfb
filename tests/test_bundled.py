"""Data folders are found inside an installed package, and beside it in a checkout."""

from pathlib import Path

import pytest

from qa_app.bundled import bundled_folder


@pytest.fixture
def package_folder(tmp_path: Path) -> Path:
    (tmp_path / "qa_app").mkdir()
    return tmp_path / "qa_app"


def test_a_checkout_has_the_folder_beside_the_package(package_folder: Path) -> None:
    (package_folder.parent / "migrations").mkdir()
    assert bundled_folder("migrations", package_folder) == package_folder.parent / "migrations"


def test_an_installed_package_goes_by_its_own_folder(package_folder: Path) -> None:
    (package_folder.parent / "migrations").mkdir()
    inside = package_folder / "_bundled" / "migrations"
    inside.mkdir(parents=True)
    assert bundled_folder("migrations", package_folder) == inside


def test_a_missing_folder_is_said_in_words(package_folder: Path) -> None:
    with pytest.raises(FileNotFoundError, match="install the package again"):
        bundled_folder("audit_templates", package_folder)


def test_this_checkout_has_its_forms() -> None:
    assert any(bundled_folder("audit_templates").glob("*.yaml"))
