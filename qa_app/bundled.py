"""Where the folders lie that are data beside the package: audit forms and migrations."""

from pathlib import Path

PACKAGE_FOLDER = Path(__file__).resolve().parent


def bundled_folder(name: str, package_folder: Path = PACKAGE_FOLDER) -> Path:
    """The folder `audit_templates` or `migrations`: inside an installed package, or beside it in a checkout.

    Errors: FileNotFoundError, in words, when neither place has it.
    """
    for folder in (package_folder / "_bundled" / name, package_folder.parent / name):
        if folder.is_dir():
            return folder
    raise FileNotFoundError(
        f"The folder {name} is neither inside the installed package nor beside it: install the package again."
    )
