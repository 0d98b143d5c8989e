"""What to write instead of something refused, for the end of a verdict's detail."""

from __future__ import annotations

_COMMAND = "Lean.Parser.Command."


def _names(prefix: str, words: str) -> tuple[str, ...]:
    return tuple(prefix + word for word in words.split())


_NO_MACROS = "it runs code while the program is elaborated; write `notation`, `infixl` or a `def`"
_NO_CODE = "it runs code while the program is elaborated; leave it out"
_NO_QUOTES = "syntax trees are for macros; leave it out"
_NOT_COMPILED = "nothing is compiled here; leave the attribute out"
_NO_COMPILER = "it trusts the compiler; write `decide`, or `decide +kernel`"
_OWN_MATHLIB = "it needs a Lake project that has built it: `outerloop lean check --project FOLDER`"
_NEEDS_MATHLIB = "is Mathlib's: use `outerloop lean check --project FOLDER`"

WAYS_OUT: dict[str, str] = {
    _COMMAND + "axiom": "state what is assumed as a hypothesis",
    _COMMAND + "opaque": "give it a value with `def`",
    _COMMAND + "exit": "leave it out, with all that stands behind it",
    _COMMAND + "import": "imports stand at the top",
    **dict.fromkeys(
        _names(
            _COMMAND,
            "macro macro_rules syntax syntaxCat syntaxAbbrev elab elab_rules binderPredicate",
        ),
        _NO_MACROS,
    ),
    **dict.fromkeys(
        (_COMMAND + "initialize", "Lean.runCmd", "Lean.runElab", "Lean.runMeta"), _NO_CODE
    ),
    _COMMAND + "unsafe": "leave `unsafe` out; `partial` is allowed",
    "Lean.Parser.Term.unsafe": "leave it out",
    **dict.fromkeys(
        ("Lean.byElab", "Lean.Parser.Term.byElab", "Lean.runTac", "Lean.Parser.Tactic.runTac"),
        _NO_CODE,
    ),
    **dict.fromkeys(
        (
            *_names("Lean.Parser.Term.", "quot precheckedQuot dynamicQuot"),
            *_names("Lean.Parser.Tactic.", "quot quotSeq"),
            _COMMAND + "quot",
        ),
        _NO_QUOTES,
    ),
    "Lean.includeStr": "write the text into the program",
    "Lean.Parser.Term.includeStr": "write the text into the program",
    "Lean.Parser.Tactic.nativeDecide": _NO_COMPILER,
    **dict.fromkeys(
        ("implemented_by", "csimp", "Lean.Parser.Attr.extern", "Lean.Parser.Attr.export"),
        _NOT_COMPILED,
    ),
    **dict.fromkeys(("Mathlib", "Batteries", "Aesop"), _OWN_MATHLIB),
    "Lean": "with it a program could run its own code",
    "Lake": "with it a program could run its own code",
}
"""What to do about something refused: by syntax kind, attribute, or first part of a module."""

FOREIGN_WORDS: dict[str, str] = {
    "lemma": "is Mathlib's word for `theorem`: write that",
    **dict.fromkeys(
        _names(
            "",
            "abel aesop alias bound by_contra choose congr continuity contrapose convert "
            "convert_to decide! field_simp finiteness fun_prop gcongr group hint interval_cases "
            "library_note lift linarith linear_combination measurability module monotonicity "
            "nlinarith noncomm_ring norm_num norm_num1 notation3 nth_rewrite nth_rw "
            "obviously omega_nat ofNat peel plausible polyrith positivity push_cast push_neg "
            "qify rel ring ring1 ring_nf rify set simp_rw slim_check split_ifs "
            "suppress_compilation swap symm_saturate tauto trans use wlog zify",
        ),
        _NEEDS_MATHLIB,
    ),
}
"""Words at which this Lean stops reading, and who knows them."""
