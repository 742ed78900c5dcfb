"""Build hook: puts the GOV.UK Frontend files into the package while it is built or installed from source.

Without them the install goes on: the site then uses its own plain style sheet.
"""

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


def load_front_end_assets(root: Path) -> ModuleType:
    """The fetching code of the package itself, loaded by path because the package is not installed yet."""
    path = root / "qa_app" / "adapters" / "front_end_assets.py"
    spec = importlib.util.spec_from_file_location("front_end_assets", path)
    if spec is None or spec.loader is None:
        raise FileNotFoundError(path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class FrontEndAssetsHook(BuildHookInterface):
    """Fetches the front-end files before the wheel is put together."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called by hatchling before it collects the files of the wheel."""
        root = Path(self.root)
        assets = load_front_end_assets(root)
        try:
            assets.make_present(root / assets.FOLDER, may_install_node=False)
        except (assets.AssetsUnavailable, OSError) as problem:
            self.app.display_warning(
                f"WARNING: the GOV.UK Frontend files could not be fetched: {problem}. The install goes "
                "on, and the site uses its own plain style. To try again later: qa assets"
            )
