"""Text files made from Jinja templates: HTML pages and Markdown cards."""

from __future__ import annotations

from base64 import b64encode
from functools import cache
from typing import TYPE_CHECKING, Any

from scgan.utils.images import png
from scgan.utils.tables import to_markdown

if TYPE_CHECKING:
    import jinja2


def render(package: str, template: str, **values: Any) -> str:
    """Fill in a template.

    Args:
        package: package whose folder ``templates`` holds the template, like ``"scgan.reports"``.
        template: path of the file in that folder; values are escaped in ``.html`` files only.
        values: variables of the template. Each variable that the template uses is required.
    """
    return environment(package).get_template(template).render(values)


@cache
def environment(package: str) -> jinja2.Environment:
    """Templates of a package, with the filters ``png`` (image → data URI), ``gif`` (bytes → data URI), ``markdown``
    (``Table`` → Markdown)."""
    import jinja2

    templates = jinja2.Environment(
        loader=jinja2.PackageLoader(package),
        autoescape=jinja2.select_autoescape(["html"], default=False),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    templates.filters["png"] = lambda image: _data_uri("png", png(image))
    templates.filters["gif"] = lambda content: _data_uri("gif", content)
    templates.filters["markdown"] = to_markdown
    return templates


def _data_uri(kind: str, content: bytes) -> str:
    return f"data:image/{kind};base64,{b64encode(content).decode()}"
