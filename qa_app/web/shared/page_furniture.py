"""What stands around every page: name, navigation, who is signed in; and how templates are set up."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from flask import Flask, current_app, request, url_for
from jinja2 import StrictUndefined

from qa_app.adapters import front_end_assets
from qa_app.web.shared import form_fields, template_filters
from qa_app.web.shared.govuk import GovukComponents

PRODUCT_NAME = "Line of Sight"


@dataclass(frozen=True)
class NavigationItem:
    """One entry of the bar under the header. `current`: the page shown lies in this part of the site."""

    text: str
    href: str
    current: bool = False


@dataclass(frozen=True)
class PageFurniture:
    """What the base page needs to know about the visitor and the site, whatever the page is about."""

    navigation: Sequence[NavigationItem] = field(default_factory=tuple)
    pages: Sequence[NavigationItem] = field(default_factory=tuple)
    """The pages of the part shown, where it has several."""
    signed_in_as: str = ""
    role: str = ""
    site_name: str = ""
    home_href: str = "/"
    sign_out_href: str = ""
    account_href: str = ""
    """Where the visitor sees their own account."""
    history_href: str = ""
    """Where the history of the record shown is read."""
    accessibility_href: str = ""
    notice: str = ""
    """A line over every page, for example that the data are invented."""


def set_up_templates(app: Flask, furniture: Callable[[], PageFurniture]) -> None:
    """Give the app's templates the strict rule, our filters, the components, and the page furniture.

    `furniture` is called once for each page that is rendered, inside the request.
    """
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    static = Path(app.static_folder or "")
    template_filters.register(app.jinja_env)
    form_fields.register(app.jinja_env)
    app.jinja_env.globals.update(
        govuk=GovukComponents(),
        product_name=PRODUCT_NAME,
        has_govuk_style=front_end_assets.are_present(static / "vendor"),
        asset=asset_address,
        url_with=url_with,
    )

    @app.context_processor
    def page_furniture() -> dict[str, Any]:
        return {"furniture": furniture()}


def asset_address(filename: str) -> str:
    """The address of a static file, with a mark that changes when the file does."""
    path = Path(current_app.static_folder or "") / filename
    return url_for("static", filename=filename, v=digest_of(path, path.stat().st_mtime_ns))


@lru_cache(maxsize=256)
def digest_of(path: Path, modified_at: int) -> str:
    """Eight characters that stand for the file's content. `modified_at` only keeps the cached value true."""
    del modified_at
    return hashlib.sha256(path.read_bytes()).hexdigest()[:8]


def url_with(**changes: Any) -> str:
    """The address of the page shown, with some filters changed; a change to None drops that filter."""
    kept: dict[str, Any] = {key: request.args.getlist(key) for key in request.args}
    kept.update(changes)
    query = urlencode({key: value for key, value in kept.items() if value not in (None, "", [])}, doseq=True)
    here = quote(request.script_root + request.path)
    return f"{here}?{query}" if query else here
