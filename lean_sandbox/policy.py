"""What a program may say, and every reason a verdict can give.

The allow-lists are sent to the Lean server as its first line and applied there to the syntax tree,
never to text: a word in a comment, a string or a longer identifier is not a command.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from lean_sandbox.ways_out import FOREIGN_WORDS, WAYS_OUT

MAX_PROGRAM_BYTES = 100_000
"""A longer program is refused unread."""
MAX_NESTING = 400
"""Brackets open at once; deeper ones only serve to overflow the worker's stack."""
MAX_DEPTH = 3_000
"""Levels of a syntax tree; deeper ones only serve to overflow the worker's stack."""
HEARTBEATS = 100_000
"""Lean's own measure of work (`maxHeartbeats`) for one declaration, one proof and one test."""
MAX_HEARTBEATS = 400_000
"""The most a program may ask for itself."""
MAX_RECURSION_DEPTH = 4_096
"""The most `set_option maxRecDepth` may ask for; beyond it lies the worker's stack."""

_COMMAND = "Lean.Parser.Command."


def _names(prefix: str, words: str) -> tuple[str, ...]:
    return tuple(prefix + word for word in words.split())


ALLOWED_COMMANDS: tuple[str, ...] = (
    *_names(
        _COMMAND,
        "addDocString attribute classAbbrev deriving end export include moduleDoc namespace omit "
        "open section set_option universe variable grindPattern notation mixfix "
        "recommended_spelling",
    ),
    "Lean.Parser.commandSeal__",
    "Lean.Parser.commandUnseal__",
    "lemma",
)
"""Commands besides declarations; `mutual … end` and `… in` are looked into. `lemma` is Mathlib's
`theorem`."""

SKIPPED_COMMANDS: tuple[str, ...] = (
    *_names(_COMMAND, "eval evalBang guardCmd guardExprCmd assertNotExists assertNotImported"),
    *_names(
        "Lean.Parser.",
        "checkTactic checkTacticFailure checkSimp checkSimpFailure timeCmd "
        "discrTreeKeyCmd discrTreeSimpKeyCmd",
    ),
)
"""Commands that say or try something and declare nothing: left out, never run, and the verdict
says so. Of `#guard_msgs … in` only these words are left out: what it guards is judged."""

HEARD_COMMANDS: tuple[str, ...] = (
    *_names(
        _COMMAND,
        "check check_failure print printAxioms printEqns printSig printTacTags synth where "
        "version importPath",
    ),
    "Lean.reduceCmd",
)
"""Left out too, but elaborated where the request asks for Lean's messages: they look at types and
run nothing. Neither what they change nor an error of theirs has a part in the verdict."""

ALLOWED_DECLARATIONS: tuple[str, ...] = _names(
    _COMMAND,
    "abbrev classInductive coinductive definition example inductive instance structure theorem",
)
"""Neither `axiom` nor `opaque`."""

ALLOWED_ATTRIBUTES: tuple[str, ...] = (
    *_names(
        "",
        "always_inline cases_eliminator coe congr defeq deprecated elab_as_elim "
        "elab_without_expected_type ext expose grind implicit_reducible induction_eliminator "
        "inherit_doc instance_reducible inline irreducible macro_inline match_pattern "
        "never_extract no_expose noinline nospecialize norm_cast partial_fixpoint_monotone "
        "pp_nodot pp_using_anonymous_constructor push_cast reducible refl semireducible simp spec "
        "specialize suggest_for symm trans unification_hint unused_variables_ignore_fn "
        "wf_preprocess",
    ),
    *_names(
        "Lean.Parser.Attr.",
        "class default_instance ext grind instance method_specs_simp norm_cast recursor simp "
        "specialize wf_preprocess",
    ),
    *_names("Lean.", "Attr.coe Attr.ext Attr.grind deprecated inherit_doc"),
)
"""Attributes that change how later code elaborates and nothing about what the kernel checks."""

ALLOWED_OPTIONS: tuple[str, ...] = _names(
    "",
    "autoImplicit relaxedAutoImplicit autoLift checkBinderAnnotations quotPrecheck "
    "quotPrecheck.allowSectionVars match.ignoreUnusedAlts structureDiamondWarning "
    "structure.strictResolutionOrder smartUnfolding diagnostics diagnostics.threshold "
    "diagnostics.threshold.proofSize tactic.hygienic simprocs warningAsError "
    "inductive.autoPromoteIndices hygiene genInjectivity genSizeOf genSizeOfSpec genCtorIdx "
    "allowUnsafeReducibility tactic.customEliminators tactic.skipAssignedInstances "
    "tactic.fun_induction.unfolding synthInstance.checkSynthOrder wf.preprocess "
    "cleanup.letToHave deprecated.oldSectionVars",
)
"""Options that may be set to anything."""

ALLOWED_OPTION_PREFIXES: tuple[str, ...] = ("pp.", "format.", "backward.", "deriving.")
"""`backward.*` elaborates as older versions do."""

IDLE_OPTIONS: tuple[str, ...] = _names(
    "",
    "profiler warn.sorry warn.exposeOnPrivate grind.warning mvcgen.warning tactic.simp.trace "
    "showInferredTerminationBy showTacticDiff showPartialSyntaxErrors verbose maxErrors "
    "printMessageEndPos stderrAsMessages maxTraceChildren grind.param.codeAction "
    "server.reportDelayMs",
)
IDLE_OPTION_PREFIXES: tuple[str, ...] = _names(
    "", "linter. weak. trace. profiler. compiler. eval. guard_msgs."
)
"""Options that change what is printed, compiled or measured and nothing else. Setting them has no
effect here, so that one which only a newer Lean or Mathlib knows is no error."""

OPTION_CAPS: tuple[tuple[str, int], ...] = (
    ("maxHeartbeats", MAX_HEARTBEATS),
    ("maxRecDepth", MAX_RECURSION_DEPTH),
    ("synthInstance.maxHeartbeats", MAX_HEARTBEATS),
    ("synthInstance.maxSize", 1_024),
    ("maxSynthPendingDepth", 16),
    ("maxUniverseOffset", 64),
    ("exponentiation.threshold", 1_024),
)
"""Limits that a program may set up to a number. What is more, or 0, which would mean without
limit, is read as that number, and the verdict says so."""

REFUSED_SYNTAX: tuple[str, ...] = (
    _COMMAND + "unsafe",
    "Lean.Parser.Term.unsafe",
    "Lean.Parser.Term.dynamicQuot",
    "Lean.Parser.Term.quot",
    "Lean.Parser.Term.precheckedQuot",
    "Lean.Parser.Tactic.quot",
    "Lean.Parser.Tactic.quotSeq",
    _COMMAND + "quot",
    "Lean.byElab",
    "Lean.Parser.Term.byElab",
    "Lean.includeStr",
    "Lean.Parser.Term.includeStr",
    "Lean.runTac",
    "Lean.Parser.Tactic.runTac",
    "Lean.Parser.Tactic.nativeDecide",
)
"""Constructs inside terms and proofs that would run code or trust the compiler. A tactic's
`(config := …)` is evaluated too: there only literals and structure instances are allowed."""


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason code: what it means, and a program or situation that gets it."""

    code: str
    outcome: str
    meaning: str
    example: str
    """Lean source, or a description in parentheses when no source alone gives it."""
    target: str | None = None
    """The target of the example."""
    tests: tuple[str, ...] = ()
    """The tests of the example."""


_REASONS: tuple[Reason, ...] = (
    Reason(
        "too_large",
        "refused",
        f"The program has more than {MAX_PROGRAM_BYTES:,} bytes.",
        "(a program of 100,001 bytes)",
    ),
    Reason(
        "bad_encoding",
        "refused",
        "The text holds a NUL byte or cannot be written as UTF-8.",
        "(def f := 1 followed by a NUL byte)",
    ),
    Reason(
        "too_deep",
        "refused",
        f"More than {MAX_NESTING} brackets are open at once, or a command's syntax has more than "
        f"{MAX_DEPTH:,} levels.",
        "(a number inside 401 parentheses)",
    ),
    Reason("parse_error", "refused", "The text is not Lean.", "def f (x : Int) : Int :="),
    Reason(
        "command_not_allowed",
        "refused",
        "A command that is not on the list: it runs code, adds an axiom or opaque constant, "
        "imports, or changes the language. Commands that only print (`#eval`, `#check`) are left "
        "out instead, and a note says so.",
        'macro "two" : term => `(2)',
    ),
    Reason(
        "import_not_allowed",
        "refused",
        "An import of a module that is not on the backend's list or does not exist, or a header "
        "with `prelude` or `module`.",
        "import Lean\ntheorem t : 1 + 1 = 2 := rfl",
    ),
    Reason(
        "attribute_not_allowed",
        "refused",
        "An attribute that swaps compiled code or registers code.",
        "def liar (n : Nat) : Nat := n\n@[implemented_by liar] def honest (n : Nat) : Nat := 0",
    ),
    Reason(
        "option_not_allowed",
        "refused",
        "An option that is not on the list, anywhere in the program. A limit that is switched "
        "off or set too high is read as the highest allowed instead, and a note says so.",
        "set_option debug.skipKernelTC true in\ntheorem t : 1 + 1 = 2 := rfl",
    ),
    Reason(
        "syntax_not_allowed",
        "refused",
        "A construct inside a term or proof that runs code or trusts the compiler.",
        "theorem t : 1 + 1 = 2 := by native_decide",
    ),
    Reason(
        "number_too_large",
        "refused",
        "A number of more than 134,217,728 bits is written down, with `<<<`, `^` or `*` of "
        "literals and of constants that are literals; making it would take the worker's memory.",
        "theorem t : 1 <<< 4294967296 % 2 = 0 := by decide +kernel",
    ),
    Reason(
        "elaboration_error",
        "refused",
        "Lean reported an error.",
        "def f (x : Int) : String := x",
    ),
    Reason(
        "sorry", "refused", "A declaration rests on `sorry`.", "theorem t : 1 + 1 = 3 := by admit"
    ),
    Reason(
        "axiom",
        "refused",
        "The program added an axiom in a way the command list did not see.",
        "(no known program)",
    ),
    Reason(
        "untrusted_axiom",
        "refused",
        "A declaration rests on the compiler (`Lean.ofReduceBool`, `Lean.trustCompiler`).",
        "theorem t (b : Bool) (h : Lean.reduceBool b = true) : b = true := "
        "Lean.ofReduceBool b true h",
    ),
    Reason(
        "kernel_refused",
        "refused",
        "The kernel, asked again in a clean environment, did not accept a declaration, or the "
        "declaration has a shape that this kernel is known to take wrongly.",
        "def _nested.x : Nat := 0",
    ),
    Reason(
        "bad_target",
        "refused",
        "The target itself does not elaborate.",
        "def f (x : Int) : Int := x",
        target="def f (x : Int) : 3",
    ),
    Reason(
        "target_missing",
        "refused",
        "The program does not declare the target's name.",
        "def g (x : Int) : Int := x",
        target="def f (x : Int) : Int",
    ),
    Reason(
        "target_kind",
        "refused",
        "The name is declared as something else: a `def` for a `theorem`, a `partial def`.",
        "def t : 1 + 1 = 2 := rfl",
        target="theorem t : 1 + 1 = 2",
    ),
    Reason(
        "target_type",
        "refused",
        "The name is declared with another type than the target's.",
        "def f (x : Nat) : Nat := x",
        target="def f (x : Int) : Int",
    ),
    Reason(
        "target_helper",
        "refused",
        "A definition that the target brings along is missing or was changed.",
        "def limit : Nat := 0\ntheorem t : limit < 1 := by decide",
        target="def limit : Nat := 42\ntheorem t : limit < 1",
    ),
    Reason(
        "vacuous",
        "refused",
        "The target's hypotheses contradict each other, so that every proof of it is worth "
        "nothing.",
        "theorem t (n : Nat) (h : n < n) : n = 7 := absurd h (Nat.lt_irrefl n)",
        target="theorem t (n : Nat) (h : n < n) : n = 7",
    ),
    Reason(
        "test_failed",
        "refused",
        "The kernel proved a test false.",
        "def f (x : Int) : Int := x",
        tests=("f 2 = 3",),
    ),
    Reason(
        "noncomputable",
        "refused",
        "A test depends on a value chosen by `Classical.choice`, which nothing can compute.",
        "noncomputable def f : Nat → Nat := Classical.choice ⟨fun _ => 0⟩",
        tests=("f 3 = 9",),
    ),
    Reason(
        "test_undecided",
        "undecided",
        "This Lean can neither prove nor refute a test, or cannot state it.",
        "partial def f (n : Nat) : Nat := if n = 0 then 0 else f (n - 1)",
        tests=("f 3 = 0",),
    ),
    Reason(
        "test_deadline",
        "undecided",
        "A test ran past its own wall-clock deadline, or the program's time was over before it; "
        "no test failed.",
        "(a test that keeps the kernel busy past its deadline)",
    ),
    Reason(
        "deadline",
        "timeout",
        "The program ran past its wall-clock deadline; its worker was killed.",
        "(a program that keeps the kernel busy past the deadline)",
    ),
    Reason(
        "flood",
        "timeout",
        "The worker wrote more than a reply may hold; it was killed.",
        "(a worker that prints without end)",
    ),
    Reason(
        "worker_died",
        "memory",
        "The program brought down a worker with as much room as a new one, by memory or by "
        "recursion.",
        "(a program that allocates without end)",
    ),
    Reason(
        "internal_error",
        "undecided",
        "The server could not finish its own work on this program; please report it.",
        "(no known program)",
    ),
)

REASONS: dict[str, Reason] = {reason.code: reason for reason in _REASONS}
"""Every reason code a verdict can carry."""


def server_policy() -> dict[str, list[str | int] | int]:
    """The allow-lists in the form the Lean server reads."""
    return {
        "commands": list(ALLOWED_COMMANDS),
        "declarations": list(ALLOWED_DECLARATIONS),
        "skipped_commands": list(SKIPPED_COMMANDS),
        "heard_commands": list(HEARD_COMMANDS),
        "attributes": list(ALLOWED_ATTRIBUTES),
        "options": list(ALLOWED_OPTIONS),
        "option_prefixes": list(ALLOWED_OPTION_PREFIXES),
        "idle_options": list(IDLE_OPTIONS),
        "idle_option_prefixes": list(IDLE_OPTION_PREFIXES),
        "option_caps": _flat(OPTION_CAPS),
        "refused_syntax": list(REFUSED_SYNTAX),
        "ways_out": _flat(WAYS_OUT.items()),
        "foreign_words": _flat(FOREIGN_WORDS.items()),
        "max_depth": MAX_DEPTH,
    }


def _flat(pairs: Iterable[tuple[str, str | int]]) -> list[str | int]:
    return [part for pair in pairs for part in pair]
