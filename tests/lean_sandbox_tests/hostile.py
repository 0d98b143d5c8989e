"""Programs that must not be accepted, one or more of each way of cheating."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Hostile:
    name: str
    program: str
    reasons: tuple[str, ...]
    target: str | None = None
    tests: tuple[str, ...] = ()


FALSE = "theorem goal : 2 + 2 = 5"
DOUBLE = ("twice 4 = 8",)


def _false(name: str, program: str, *reasons: str) -> Hostile:
    return Hostile(name, program, reasons, target=FALSE)


HOSTILE = (
    _false("sorry by another name", f"{FALSE} := by admit", "sorry"),
    _false("sorry as a term", f"{FALSE} := sorryAx _ false", "sorry"),
    _false(
        "sorry two lemmas away",
        f"theorem a : False := by sorry\ntheorem b : False := a\n{FALSE} := b.elim",
        "sorry",
    ),
    _false(
        "sorry inside a structure's field",
        f"structure S where h : 2 + 2 = 5\ndef s : S := ⟨sorry⟩\n{FALSE} := s.h",
        "sorry",
    ),
    _false("error recovery", f"{FALSE} := by simp", "elaboration_error"),
    _false(
        "kernel switched off",
        f"set_option debug.skipKernelTC true\n{FALSE} := by decide +kernel",
        "option_not_allowed",
    ),
    _false(
        "kernel switched off inside a proof",
        f"{FALSE} := by\n  set_option debug.skipKernelTC true in\n  decide +kernel",
        "option_not_allowed",
    ),
    _false(
        "kernel switched off inside a term",
        "def t : 2 + 2 = 5 := set_option debug.skipKernelTC true in (by decide +kernel)\n"
        f"{FALSE} := t",
        "option_not_allowed",
    ),
    _false(
        "messages dropped", f"#guard_msgs (drop error) in\n{FALSE} := rfl", "elaboration_error"
    ),
    _false(
        "axiom", f"axiom anything (p : Prop) : p\n{FALSE} := anything _", "command_not_allowed"
    ),
    _false(
        "axiom behind open",
        f"open Nat in\naxiom anything (p : Prop) : p\n{FALSE} := anything _",
        "command_not_allowed",
    ),
    _false(
        "axiom in a mutual block",
        f"mutual\naxiom no : False\nend\n{FALSE} := no.elim",
        "command_not_allowed",
        "parse_error",
    ),
    _false("opaque", f"opaque no : False\n{FALSE} := no.elim", "command_not_allowed"),
    _false(
        "hypothesis by variable",
        f"variable (h : 2 + 2 = 5)\ninclude h\n{FALSE} := h",
        "target_type",
    ),
    _false(
        "hypothesis by class",
        f"class No : Prop where no : False\nvariable [No]\n{FALSE} := No.no.elim",
        "target_type",
    ),
    _false(
        "hypothesis as argument", "theorem goal (h : 2 + 2 = 5) : 2 + 2 = 5 := h", "target_type"
    ),
    _false("compiled proof", f"{FALSE} := by native_decide", "syntax_not_allowed"),
    _false(
        "compiled proof by option",
        "def yes (n : Nat) : Bool := n == n\n"
        "theorem t : yes 7 = true := by decide +native\n" + f"{FALSE} := absurd t (by simp [yes])",
        "untrusted_axiom",
        "elaboration_error",
    ),
    _false(
        "compiler's axiom",
        "theorem t (b : Bool) (h : Lean.reduceBool b = true) : b = true :="
        f" Lean.ofReduceBool b true h\n{FALSE} := by simp",
        "untrusted_axiom",
        "elaboration_error",
    ),
    _false(
        "swapped code",
        "def no (n : Nat) : Bool := false\n"
        f"@[implemented_by no] def yes (n : Nat) : Bool := true\n{FALSE} := rfl",
        "attribute_not_allowed",
    ),
    _false(
        "foreign code",
        f'@[extern "x"] def yes (n : Nat) : Bool := true\n{FALSE} := rfl',
        "attribute_not_allowed",
    ),
    _false(
        "attribute given later",
        f"attribute [implemented_by Nat.succ] Nat.pred\n{FALSE} := rfl",
        "attribute_not_allowed",
    ),
    _false(
        "simplifier's compiled lemma",
        f"@[csimp] theorem t : @id = @id := rfl\n{FALSE} := rfl",
        "attribute_not_allowed",
    ),
    _false("unsafe", f"unsafe def no : False := no\n{FALSE} := rfl", "syntax_not_allowed"),
    _false(
        "instance of addition",
        f"instance : HAdd Nat Nat Nat := ⟨fun _ _ => 5⟩\n{FALSE} := rfl",
        "elaboration_error",
        "target_type",
    ),
    _false(
        "instance of a numeral",
        f"local instance (priority := high) : OfNat Nat 5 := ⟨4⟩\n{FALSE} := rfl",
        "target_type",
    ),
    _false(
        "instance by attribute, split by a comment",
        f"@[local /- calm -/ instance] def i : Add Nat := ⟨fun _ _ => 5⟩\n{FALSE} := rfl",
        "target_type",
    ),
    _false(
        "notation over a symbol",
        f'notation:65 a " + " b => max a (b + 3)\n{FALSE} := rfl',
        "target_type",
        "elaboration_error",
        "parse_error",
    ),
    _false("macro", f"macro_rules | `($a + $b) => `(5)\n{FALSE} := rfl", "command_not_allowed"),
    _false("new syntax", f'syntax "hm" : term\n{FALSE} := rfl', "command_not_allowed"),
    _false(
        "namespace with its own equality",
        "namespace N\ndef Eq (a b : Nat) := True\ntheorem goal : Eq (2 + 2) 5 := trivial\nend N\n"
        "export N (goal)",
        "target_missing",
    ),
    _false(
        "a type of the same name",
        "namespace N\nabbrev Nat := Unit\nend N\nopen N\n"
        "theorem goal : (2 : _root_.Nat) = 2 := rfl",
        "target_type",
    ),
    _false("a definition instead of a theorem", "def goal : 2 + 2 = 4 := rfl", "target_kind"),
    _false("private", f"private {FALSE.replace('5', '4')} := rfl", "target_missing"),
    _false("a letter that looks the same", "theorem «gоal» : 2 + 2 = 4 := rfl", "target_missing"),
    _false("a weaker statement", "theorem goal : 2 + 2 = 4 := rfl", "target_type"),
    Hostile(
        "vacuous hypothesis",
        "theorem goal (n : Nat) (h : n < 0) : n = 9 := absurd h (by simp)",
        ("target_type",),
        target="theorem goal (n : Nat) (h : n < 10) (k : 8 < n) : n = 9",
    ),
    Hostile(
        "helper redefined",
        "def bound : Nat := 0\ntheorem goal (n : Nat) : bound ≤ n := Nat.zero_le n",
        ("target_helper",),
        target="def bound : Nat := 7\ntheorem goal (n : Nat) : bound ≤ n",
    ),
    Hostile(
        "the statement's own matcher written by hand",
        "def goal.match_1.{u} (motive : Nat → Sort u) (x : Nat) (h_1 : Unit → motive 0)\n"
        "    (h_2 : (x : Nat) → motive x) : motive x := h_2 x\n"
        "theorem goal : goal.match_1 (fun _ => Prop) 0 (fun _ => False) (fun _ => True) :="
        " trivial",
        ("target_type", "target_helper"),
        target="theorem goal : (match 0 with | 0 => False | _ => True)",
    ),
    Hostile(
        "a type of another shape",
        "inductive C | red | blue\ntheorem goal (c : C) : c = c := rfl",
        ("target_helper",),
        target="inductive C | red | green\ntheorem goal (c : C) : c = c",
    ),
    Hostile(
        "coercion",
        "instance : Coe Bool Int := ⟨fun _ => 7⟩\ndef b : Bool := true\n"
        "theorem goal : (b : Int) = 7 := rfl",
        ("target_type", "target_helper"),
        target="def b : Int := 1\ntheorem goal : (b : Int) = 7",
    ),
    Hostile(
        "invented type",
        "set_option autoImplicit true\nset_option relaxedAutoImplicit true\n"
        "theorem goal : ∀ x : Imt, x = x := fun _ => rfl",
        ("target_type",),
        target="theorem goal : ∀ x : Int, x = x",
    ),
    Hostile(
        "end of input hidden",
        "def twice (n : Nat) : Nat := n\n#exit",
        ("command_not_allowed",),
        tests=DOUBLE,
    ),
    Hostile(
        "comment left open", "def twice (n : Nat) : Nat := n\n/-", ("parse_error",), tests=DOUBLE
    ),
    Hostile(
        "dangling in",
        "def twice (n : Nat) : Nat := n\nset_option pp.all true in",
        ("parse_error",),
        tests=DOUBLE,
    ),
    Hostile(
        "equality test overridden",
        "instance (priority := high) : BEq Nat := ⟨fun _ _ => true⟩\n"
        "def twice (n : Nat) : Nat := n",
        ("test_failed",),
        tests=("(twice 4 == 8) = true",),
    ),
    Hostile(
        "decision overridden",
        "instance (priority := high) (a b : Nat) : Decidable (a = b) :=\n"
        "  if h : a = b then .isTrue h else .isFalse h\ndef twice (n : Nat) : Nat := n",
        ("test_failed",),
        tests=DOUBLE,
    ),
    Hostile(
        "coercion of the result",
        "instance : Coe Nat Int := ⟨fun _ => 8⟩\ndef twice (n : Nat) : Nat := n",
        ("test_failed", "test_undecided"),
        tests=("(twice 4 : Int) = 8",),
    ),
    Hostile(
        "own numerals in the test",
        "instance (priority := high) : OfNat Nat 8 := ⟨4⟩\ndef twice (n : Nat) : Nat := n",
        ("test_failed",),
        tests=DOUBLE,
    ),
    Hostile(
        "a value nobody can compute",
        "noncomputable def twice : Nat → Nat := Classical.choice ⟨fun _ => 0⟩",
        ("noncomputable",),
        tests=DOUBLE,
    ),
    Hostile(
        "only the visible answers",
        "def twice (n : Nat) : Nat := if n = 4 then 8 else 0",
        ("test_failed",),
        tests=("twice 4 = 8", "twice 5 = 10"),
    ),
    Hostile("text of a file", 'def f := include_str "/etc/hostname"', ("syntax_not_allowed",)),
    Hostile("code at import", "initialize x : Unit ← pure ()", ("command_not_allowed",)),
    Hostile("code in a proof", "theorem t : True := by run_tac pure ()", ("syntax_not_allowed",)),
    Hostile("code in a term", "def f : Nat := by_elab return default", ("syntax_not_allowed",)),
    Hostile(
        "code in a tactic's options",
        "def c : Lean.Meta.Simp.Config := {}\n"
        "theorem t (n : Nat) : n + 0 = n := by simp (config := c)",
        ("syntax_not_allowed",),
    ),
    Hostile(
        "limits off",
        "set_option maxHeartbeats 0 in\nset_option maxRecDepth 1000000 in\n"
        "example : (List.range 200000).length = 200000 := by decide",
        ("elaboration_error",),
    ),
    Hostile("more of Lean", "import Lean\ndef f := 1", ("import_not_allowed",)),
    Hostile("no library", "prelude\ndef f := 1", ("import_not_allowed",)),
)
