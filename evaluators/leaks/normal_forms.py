"""Texts brought to a form in which two can be held against each other.

Two strengths: `normal_text` and `normal_lean` keep order and operators, so that only copies agree;
`content_words` keeps what a description is about, so that two wordings of one task agree mostly.
"""

from __future__ import annotations

import re
import unicodedata

_WORD = re.compile(r"\w+|[-+*/%^<>=]")  # x + 1 is not x - 1
_COMMENT = re.compile(r"--[^\n]*|/-.*?-/", re.DOTALL)
_LEAN_TOKEN = re.compile(r'"(?:\\.|[^"\\])*"|[^\W\d][\w\'!?]*|\d+|[^\w\s]')
_HEADER = re.compile(r"\b(?:def|theorem|abbrev|lemma)\s+([^\s({:\[]+)(.*?)(?::=|$)", re.DOTALL)
_BINDER = re.compile(r"[({⦃]([^(){}:]+):")
_NAME_PART = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
_HEADING = re.compile(r"^\s*-{3,}.*$|^\s*#+ .*$", re.MULTILINE)
_SECTION = re.compile(
    r"^\W*(?:inputs?|outputs?|args?|arguments|parameters|params|returns?|raises|examples?|notes?)"
    r"\b\s*(?:-{3,}|:)|^\s*>>>",
    re.IGNORECASE | re.MULTILINE,
)
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n{2,}")
_LEAN_FOUR = re.compile(r"\blean 4\b", re.IGNORECASE)

_SAYS_NOTHING = frozenset(
    """
    a an and any are as at be been being both by can could do does each either every for from given
    has have having here how if in into is it its let may more most must no nor not of on one only
    or other our out over should so some such than that the their them then there these they this
    those to under until up was were what when where whether which while who whose will with within
    without would you your
    check compute calculate determine find get implement make need perform provide produce return
    task take write method function program python lean code input output result use value describe
    require enter particular
    """.split()  # noqa: SIM905 - a list of so many words is no easier to read
)
_SAME_MEANING = (
    "list array tuple vector sequence",
    "number integer int num nat natural",
    "minimum smallest min least minimal",
    "maximum largest max greatest biggest maximal highest",
    "string text str",
    "character char letter",
    "multiply multiplication product mul",
    "add addition sum total plus",
    "subtract subtraction difference minus",
    "distinct unique different",
    "identical same equal",
    "remainder modulo mod modulus",
    "position index",
    "rotate shift",
    "swap interchange exchange",
    "contain include",
    "remove delete",
    "concatenate join append merge",
    "sublist subarray",
    "digit numeric",
    "lowercase lower",
    "uppercase upper",
)
"""Words that programmers' descriptions use for one another; the first stands for all."""


def normal_text(text: str) -> str:
    """English without case, punctuation, accents' encoding and spacing.

    >>> normal_text("Return  x+1, doubled.")
    'return x + 1 doubled'
    """
    return " ".join(_WORD.findall(unicodedata.normalize("NFKC", text).casefold()))


def normal_lean(lean: str) -> str:
    """A Lean definition's tokens, its own and its parameters' names replaced in order.

    >>> normal_lean("def twice (x : Int) : Int := x + x")
    'def v0 ( v1 : Int ) : Int := v1 + v1'
    """
    text = _COMMENT.sub(" ", lean)
    names: dict[str, str] = {}
    header = _HEADER.search(text)
    if header:
        binders = " ".join(_BINDER.findall(header.group(2)))
        for name in [header.group(1), *binders.split()]:
            names.setdefault(name, f"v{len(names)}")
    tokens = _LEAN_TOKEN.findall(text)
    return " ".join(names.get(token, token) for token in tokens).replace(": =", ":=")


def name_text(name: str) -> str:
    """An identifier as words.

    >>> name_text("kthElement"), name_text("kth_element")
    ('kth element', 'kth element')
    """
    return " ".join(_NAME_PART.findall(name.replace("_", " "))).lower()


def declared_name(signature: str) -> str:
    """The name that a Lean header declares, empty where it declares none."""
    header = _HEADER.search(signature)
    return header.group(1) if header else ""


def description(docstring: str) -> str:
    """What a docstring says before its first section on inputs, parameters or examples."""
    text = _LEAN_FOUR.sub(" ", docstring)
    for section in _SECTION.finditer(text):
        if _HEADING.sub(" ", text[: section.start()]).strip():
            text = text[: section.start()]
            break
    return _HEADING.sub(" ", text).strip()


def first_sentence(text: str) -> str:
    """A description's first sentence."""
    return _SENTENCE_END.split(text.strip(), maxsplit=1)[0]


def content_words(text: str) -> list[str]:
    """What a text is about: stems, words of one meaning made one, filler left out.

    >>> content_words("Write a function to find the smallest numbers in a list.")
    ['minimum', 'number', 'list']
    """
    words = []
    for word in re.findall(r"[a-z]+|\d+", text.lower()):
        stem = _stem(word)
        known = _ONE_FOR_ALL.get(word) or _ONE_FOR_ALL.get(stem) or stem
        if word not in _SAYS_NOTHING and stem not in _FILLER_STEMS:
            words.append(known)
    return words


def _stem(word: str) -> str:
    """A word without its ending; crude, and the same for `sorted`, `sorting` and `sorts`."""
    for ending in ("ingly", "edly", "ing", "ies", "ied", "es", "ed", "ly", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word[: -len(ending)] + ("y" if ending in {"ies", "ied"} else "")
            break
    if len(word) > 3 and word[-1] == "e":
        word = word[:-1]
    if len(word) > 3 and word[-1] == word[-2]:
        word = word[:-1]
    return word


_ONE_FOR_ALL = {
    form: group.split()[0]
    for group in _SAME_MEANING
    for word in group.split()
    for form in (word, _stem(word))
}
_FILLER_STEMS = frozenset(_stem(word) for word in _SAYS_NOTHING)
