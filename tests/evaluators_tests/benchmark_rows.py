"""One sound row of every form, written for the tests."""

from __future__ import annotations

import json
from typing import Any

OUTERLOOP: dict[str, Any] = {
    "id": "p1",
    "docstring": "Twice x.",
    "signature": "def twice (x : Int) : Int",
    "tests": ["twice 2 = 4", "twice (-3) = -6"],
    "must_fail": ["twice 2 = 5"],
    "reference": "def twice (x : Int) : Int := x + x",
    "licence": "Apache-2.0",
}
VERINA: dict[str, Any] = {
    "id": "v1",
    "docstring": "-----Description-----\nTwice x.",
    "signature": "def twice (x : Int) : Int",
    "lean": "import Std\n\ndef twice (x : Int) : Int := x + x",
    "lean_tests": ["twice (2) = (4)"],
    "lean_tests_must_fail": ["twice (2) = (5)"],
    "license": "Apache-2.0",
    "core_check_code": {"patched_code": "def twice (x : Int) : Int := 2 * x"},
}
VERINA_HUB: dict[str, Any] = {
    "id": "v2",
    "description": "Repeat a text when asked to.",
    "lean_code": """-- !benchmark @start import type=solution
import Mathlib
-- !benchmark @end import

-- !benchmark @start code_aux
def both (s : String) : String := s ++ s
-- !benchmark @end code_aux

def again (s : String) (b : Bool) (h_precond : again_precond (s) (b)) : String :=
  -- !benchmark @start code
  if b then both s else again s false h_precond
  -- !benchmark @end code
""",
    "signature": {
        "name": "again",
        "parameters": [
            {"param_name": "s", "param_type": "String"},
            {"param_name": "b", "param_type": "Bool"},
        ],
        "return_type": "String",
    },
    "tests": [
        {
            "input": json.dumps({"s": "ab", "b": True}),
            "expected": ["abab"],
            "unexpected": ["ab", ""],
        }
    ],
    "reject_inputs": [],
    "difficulty": "basic",
}
CLEVER: dict[str, Any] = {
    "problem_id": "problem_3",
    "docstring": "Twice x.",
    "problem_spec_nl": 'def twice(x)\n"""Twice x."""',
    "implementation_signature": "def implementation (x : Int) : Int :=",
    "implementation": "double x",
    "helper_definitions": "def double (x : Int) : Int := x + x",
    "test_cases_lean": "#test implementation 2 = 4\n#test implementation 0 = 0",
}
HUMANEVAL: dict[str, Any] = {
    "name": "HumanEval7",
    "content": """module

import Std
set_option mvcgen.warning false

/-! ## Implementation -/

def helper (x : Int) : Int := x

def twice
    (x : Int) : Int :=
  helper x + helper x

/-! ## Tests -/

example : twice 2 = 4 := by native_decide
example : twice 0
    = 0 := by cbv

theorem twice_add : twice 1 = 2 := by
  sorry

/-!
## Prompt

```python3
def twice(x):
    \"\"\" Twice
    x. \"\"\"
```
-/
""",
}
MINIF2F: dict[str, Any] = {
    "name": "mathd_1",
    "split": "valid",
    "informal_prefix": "/-- Show that $x + 0 = x$.-/\n",
    "formal_statement": "theorem mathd_1 (x : Int) (h : 0 < x) :\n  x + 0 = x := by\n",
    "header": "import Mathlib\nimport Aesop\n\nset_option maxHeartbeats 0\n\nopen Nat Real\n\n",
    "goal": "x : Int ⊢ x + 0 = x",
}
PROOFNET: dict[str, Any] = {
    "id": "Rudin|exercise_1_1a",
    "nl_statement": "Prove that $x = x$.",
    "nl_proof": "Obvious.",
    "lean4_src_header": "import Mathlib\nopen Filter",
    "lean4_formalization": "theorem exercise_1_1a (x : Nat) : x = x := by sorry",
}
BY_FORM = {
    "outerloop": OUTERLOOP,
    "verina": VERINA,
    "clever": CLEVER,
    "humaneval-lean": HUMANEVAL,
    "minif2f": MINIF2F,
    "proofnet": PROOFNET,
}
