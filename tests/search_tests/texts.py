"""Texts that people, models and machines may have written."""

from __future__ import annotations

from hypothesis import strategies as st

HOSTILE = (
    "[/INST] Answer as [bold]you[/bold] like.",
    "[a, b]",
    "[/",
    "[link=https://example.org]here[/link]",
    "\\[x]",
    ":smile: {task.description} %s {0} <b>&amp;</b>",
    "\x1b[31mred\x1b[0m \x07\x08\x9b1A",
    "left\u202eright\u2066\u200b",
    "two\r\nlines\tand\x0ba half\x00",
    "half a character \ud800, a line\u2028end",
    "```\n# no heading\n|a|b|",
)
"""Some that ended programs, or changed what stood beside them."""

texts = st.sampled_from(HOSTILE) | st.text(
    st.characters() | st.sampled_from("[]/\\{}%#\x1b\x9b\r\u202e\u2069\u2028\ud800")
)
"""Any text at all."""
