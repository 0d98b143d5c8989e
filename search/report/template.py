"""Pages of one file that need no network, from the templates beside this module.

What people get wrong: what models write is shown to a person, so a text that says `<script>` must
not become one. Every text is escaped, what nobody could see in it is named, and a page's own
policy lets no script run but the one whose hash stands in it.
"""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

import jinja2
from markupsafe import Markup

from search.untrusted_text import fit, visible

_TEMPLATES = Path(__file__).parent / "templates"


def render(template: str, **values: object) -> str:
    """A page with the style and the script that all pages share."""
    script = (_TEMPLATES / "report.mjs").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    templates = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        autoescape=True,
        finalize=_shown,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters["fit"] = fit
    return templates.get_template(template).render(
        style=Markup((_TEMPLATES / "report.css.jinja").read_text(encoding="utf-8")),
        script=Markup(script),
        script_sha256=digest,
        **values,
    )


def _shown(value: object) -> object:
    """A value as it stands on a page; what is markup already is ours."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value
