"""What the server says library functions compute, against what the compiled library computes.

A program of this test's own is run by Lean, outside the sandbox's worker, and prints values; the
sandbox must prove each of them. Functions that this build cannot call from new code, because they
are specialised or generic, are compared by proof where the library has lemmas.
"""

from __future__ import annotations

import json
import random
import re
from pathlib import Path

import pytest

from lean_sandbox import process, toolchain
from lean_sandbox.pool import LeanPool
from lean_sandbox.sandbox import CheckRequest
from lean_sandbox.verdict import TestOutcome

pytestmark = [pytest.mark.lean, pytest.mark.slow]

ROUNDS = 25
PRINTER = """set_option linter.all false
class Shown (α : Type) where
  shown : α → String
def codes : List Char → String
  | [] => ""
  | c :: rest => Nat.repr c.toNat ++ "," ++ codes rest
def spell (s : String) : String := "String.ofList [" ++ codes s.toList ++ "]"
instance : Shown String := ⟨spell⟩
instance : Shown Nat := ⟨Nat.repr⟩
instance : Shown Bool := ⟨fun b => if b then "true" else "false"⟩
instance : Shown Char := ⟨fun c => Nat.repr c.toNat⟩
def integer : Int → String
  | .ofNat n => Nat.repr n
  | .negSucc n => "(-" ++ Nat.repr (n + 1) ++ ")"
instance : Shown Int := ⟨integer⟩
def texts : List String → String
  | [] => "]"
  | s :: rest => spell s ++ ";" ++ texts rest
instance : Shown (List String) := ⟨fun l => "[" ++ texts l⟩
instance : Shown (List Char) := ⟨fun l => "[" ++ codes l ++ "]"⟩
instance : Shown (Option Nat) := ⟨fun
  | none => "none"
  | some n => "some " ++ Nat.repr n⟩
instance : Shown (Option Int) := ⟨fun
  | none => "none"
  | some n => "some " ++ integer n⟩
instance : Shown (Option Char) := ⟨fun
  | none => "none"
  | some c => "some (Char.ofNat " ++ Nat.repr c.toNat ++ ")"⟩
"""
ARRAYS = """theorem of_modify (as : Array Nat) i f : as.modify i f = ⟨as.toList.modify i f⟩ := by
  apply Array.ext'; simp
theorem of_back (as : Array Nat) : as.back? = as.toList.getLast? := by simp
theorem of_all (as : Array Nat) p : as.all p = as.toList.all p := by simp
theorem of_any (as : Array Nat) p : as.any p = as.toList.any p := by simp
theorem of_fold (as : Array Nat) f (b : Nat) : as.foldl f b = as.toList.foldl f b := by simp
theorem of_filter (as : Array Nat) p : as.filter p = ⟨as.toList.filter p⟩ := by
  apply Array.ext'; simp
theorem of_map (as : Array Nat) (f : Nat → Nat) : as.map f = ⟨as.toList.map f⟩ := by
  apply Array.ext'; simp
theorem of_zip (as bs : Array Nat) : as.zip bs = ⟨as.toList.zip bs.toList⟩ := by
  apply Array.ext'; simp
theorem of_range (n : Nat) : Array.range n = ⟨List.range n⟩ := by apply Array.ext'; simp
theorem of_reverse (as : Array Nat) : as.reverse = ⟨as.toList.reverse⟩ := by apply Array.ext'; simp
theorem of_contains (as : Array Nat) a : as.contains a = as.toList.contains a := by simp
theorem of_erase (as : Array Nat) a : as.erase a = ⟨as.toList.erase a⟩ := by cases as; simp
theorem of_take (as : Array Nat) p : as.takeWhile p = ⟨as.toList.takeWhile p⟩ := by
  apply Array.ext'; simp
theorem of_ofFn (f : Fin n → Nat) : Array.ofFn f = ⟨List.ofFn f⟩ := by apply Array.ext'; simp
theorem of_set (as : Array Nat) i a : as.insertIdxIfInBounds i a = ⟨as.toList.insertIdx i a⟩ := by
  cases as; simp
theorem of_cut (as : Array Nat) i : as.eraseIdxIfInBounds i = ⟨as.toList.eraseIdx i⟩ := by
  apply Array.ext'; simp
"""


def quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def expressions(rounds: int, *, seed: int) -> list[str]:
    draws = random.Random(seed)

    def word(letters: str, most: int) -> str:
        return quoted("".join(draws.choices(letters, k=draws.randrange(most + 1))))

    made: list[str] = []
    for _ in range(rounds):
        s, t, u = word("ab", 6), word("ab", 2), word("abc", 2)
        number, spaced, mixed = word("01_9-+a", 4), word(" \ta\n", 5), word("aBé1🙂", 4)
        k, base, big = draws.randrange(6), draws.randrange(18), draws.randrange(-300, 300)
        cut = ("take", "drop", "takeEnd", "dropEnd")
        one = ("isEmpty", "length", "toUpper", "toLower", "capitalize", "decapitalize", "front?")
        one += ("back?", "utf8ByteSize", "trimLeft", "trimRight", "trim")
        read = ("toNat?", "toInt?", "isNat", "isInt")
        made += [f"({s}.{name} {k}).toString" for name in cut]
        made += [f"({text}).{name}" for name in one for text in (s, mixed, spaced)]
        made += [f"({number}).{name}" for name in read]
        made += [f"({s}).{name} {t}" for name in ("startsWith", "endsWith", "isPrefixOf")]
        made += [f"({s}.{name} {t}).toString" for name in ("dropPrefix", "dropSuffix")]
        made += [f"({s}).{name} {t}" for name in ("splitOn", "stripPrefix", "stripSuffix")]
        made += [
            f"({spaced}.trimAscii).toString",
            f"{t}.intercalate [{s}, {u}, {mixed}]",
            f"String.join [{s}, {u}]",
            f"({mixed}).push 'c'",
            f"({s}).any (· == 'a')",
            f"({s}).contains 'b'",
            f"({mixed}).get? ⟨{k}⟩",
            f"decide ({s} < {u})",
            f"decide ({mixed} < {u})",
            f"Nat.toDigits {base} {abs(big)}",
            f"toString ({big} : Int)",
            f"toString [{k}, {base}]",
            f"toString (some {k})",
            f"toString ({k}, {s})",
            f"toString (some {s})",
            f"({mixed}).foldl (fun n c => 3 * n + c.toNat) 1",
        ]
    return list(dict.fromkeys(made))


def compiled_values(asked: list[str], folder: Path) -> dict[str, str]:
    """What the compiled library prints; what this build cannot compile is left out."""
    lines = [f'#eval IO.println ("@{i} " ++ Shown.shown ({e}))' for i, e in enumerate(asked)]
    (folder / "values.lean").write_text(f"{PRINTER}\n" + "\n".join(lines), "utf-8")
    lean = toolchain.find()
    root = lean.loader.parent.parent
    command = [str(lean.node), "--no-warnings", "--permission", "--allow-worker"]
    command += [f"--allow-fs-read={root}/", f"--allow-fs-read={folder}/"]
    command += [f"--allow-fs-write={folder}/", str(lean.loader.with_name("build.js"))]
    command += [str(folder), "/lean/server/values.lean"]
    said = process.run(command, cwd=folder, timeout_seconds=900).stdout
    found = re.findall(r"^@(\d+) (.*)$", said, re.MULTILINE)
    return {asked[int(i)]: lean_value(text) for i, text in found}


def lean_value(text: str) -> str:
    """The printer's spelling as Lean."""
    text = text.replace(";]", "]").replace(";", ", ")
    return re.sub(
        r"\[((?:\d+,)+)\]",
        lambda codes: "[" + ", ".join(f"Char.ofNat {c}" for c in codes[1].split(",")[:-1]) + "]",
        text,
    )


def test_what_the_compiled_library_computes_is_proved(pool: LeanPool, tmp_path: Path) -> None:
    asked = expressions(ROUNDS, seed=0)
    values = compiled_values(asked, tmp_path)
    assert len(values) > 0.9 * len(asked)
    facts = [f"{expression} = {value}" for expression, value in values.items()]
    requests = [
        CheckRequest("def nothing : Nat := 0", tests=tuple(facts[start : start + 20]))
        for start in range(0, len(facts), 20)
    ]
    verdicts = pool.check_many(requests, timeout_seconds=900)
    outcomes = [outcome for verdict in verdicts for outcome in verdict.tests]
    said = zip(facts, outcomes, strict=True)
    wrong = [(fact, outcome.value) for fact, outcome in said if outcome is not TestOutcome.PASSED]
    assert wrong == []


def test_what_arrays_compute_follows_from_the_librarys_lemmas(pool: LeanPool) -> None:
    (verdict,) = pool.check_many([CheckRequest(ARRAYS)], timeout_seconds=900)
    assert verdict.accepted, verdict
