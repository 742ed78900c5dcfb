"""The GOV.UK component macros, ready to be called from our own templates.

Our templates refuse an undefined name; the component macros are written to be handed half of theirs.
So they live in a lenient environment of their own, and our templates get them as the global `govuk`:
`{{ govuk.button(text="Save") }}`.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, PrefixLoader
from markupsafe import Markup

LIBRARY = "govuk_frontend_jinja"


@cache
def lenient_environment() -> Environment:
    """The environment in which the component macros run: undefined parameters are empty, text is escaped."""
    return Environment(autoescape=True, loader=PrefixLoader({LIBRARY: PackageLoader(LIBRARY)}))


@cache
def component_macro(name: str) -> Callable[[dict[str, Any]], str]:
    """The macro of one component, by our name for it: `error_summary` is the component `error-summary`.

    Errors: jinja2.TemplateNotFound for a component that does not exist.
    """
    template = lenient_environment().get_template(f"{LIBRARY}/components/{name.replace('_', '-')}/macro.html")
    macro: Callable[[dict[str, Any]], str] = getattr(
        template.module, "govuk" + "".join(word.capitalize() for word in name.split("_"))
    )
    return macro


def component(name: str, /, **params: Any) -> Markup:
    """One component as HTML. Parameters are those of the component; those that are None are left out."""
    given = {key: value for key, value in params.items() if value is not None}
    return Markup(str(component_macro(name)(given)).strip())  # noqa: S704 - the macros escape what they are given


class GovukComponents:
    """Every component as a method with named parameters, for use as the template global `govuk`."""

    def __getattr__(self, name: str) -> Callable[..., Markup]:
        if name.startswith("_"):
            raise AttributeError(name)

        def render(**params: Any) -> Markup:
            return component(name, **params)

        return render
