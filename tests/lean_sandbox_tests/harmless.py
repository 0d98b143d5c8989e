"""Ordinary Lean of every common kind, which must be accepted."""

HARMLESS = {
    "structure with deriving": """
structure Point where
  x : Nat
  y : Nat := 3
  deriving Repr, DecidableEq, BEq, Hashable, Inhabited, Ord
""",
    "open in": "open Nat in\ntheorem t (a b : Nat) : a + b = b + a := Nat.add_comm a b",
    "raised heartbeats": """
set_option maxHeartbeats 400000 in
theorem t (a b : Nat) : a + b = b + a := by omega
""",
    "forbidden words in comments, strings and names": """
-- axiom sorry #eval native_decide
/-- set_option debug.skipKernelTC true; import Lean -/
def axiom_count (sorry_flag : Nat) : String := s!"sorry #eval import {sorry_flag}"
def «unsafe axiom» := axiom_count 3
""",
    "section variables": """
section
variable {α : Type} [DecidableEq α] (xs : List α)
def count (a : α) : Nat := (xs.filter (· == a)).length
end
""",
    "namespace": "namespace A\ndef x := 1\nend A\nopen A\n#check x\n#print A.x",
    "mutual recursion": """
mutual
def isEven : Nat → Bool
  | 0 => true
  | n + 1 => isOdd n
def isOdd : Nat → Bool
  | 0 => false
  | n + 1 => isEven n
end
""",
    "well-founded recursion": """
def gcd' (a b : Nat) : Nat := if h : b = 0 then a else gcd' b (a % b)
termination_by b
decreasing_by exact Nat.mod_lt _ (Nat.pos_of_ne_zero h)
""",
    "partial": "partial def loop (n : Nat) : Nat := loop (n + 1)",
    "noncomputable": "noncomputable def c : Nat := Classical.choice ⟨0⟩",
    "instance on a library type": "instance : Add String := ⟨fun a b => a ++ b⟩\n"
    "def f (a b : String) := a + b",
    "local instance on an own type": """
structure V where x : Nat
local instance : Add V := ⟨fun a b => ⟨a.x + b.x⟩⟩
instance : ToString V := ⟨fun v => toString v.x⟩
instance : Coe V Nat := ⟨V.x⟩
""",
    "class": """
class Shape (α : Type) where
  area : α → Nat
instance : Shape Nat where
  area := id
""",
    "inductive type": """
inductive Tree (α : Type) where
  | leaf
  | node (l : Tree α) (v : α) (r : Tree α)
  deriving Repr, DecidableEq
def Tree.size {α} : Tree α → Nat
  | leaf => 0
  | node l _ r => l.size + 1 + r.size
theorem t : (Tree.node .leaf 1 .leaf).size = 1 := rfl
""",
    "imperative code": """
def f (xs : List Int) : Int := Id.run do
  let mut s := 0
  for x in xs do
    if x > 0 then s := s + x
  return s
""",
    "arrays and sorting": """
def f (xs : Array Nat) : Nat := xs.foldl (· + ·) 0
def m (xs : Array Nat) : Array Nat := xs.map (· * 2)
def s (xs : List Nat) : List Nat := xs.mergeSort
""",
    "strings": """
def f (s : String) : String := s.map Char.toUpper |>.trim
def g (s : String) : List String := s.splitOn ","
def h (x : Nat) : String := s!"{x} and {x + 1}"
""",
    "own notation": """
local notation "‖" x "‖" => Int.natAbs x
def f (x : Int) : Nat := ‖x‖
infixl:65 " +++ " => fun (a b : Nat) => a + b + 1
def g (x : Nat) : Nat := x +++ 2
""",
    "attributes": """
@[simp] theorem foo (a : Nat) : a + 0 = a := rfl
@[inline, reducible] def g (x : Nat) := x
@[ext] structure Q where
  a : Nat
@[match_pattern] def z : Nat := 0
@[deprecated "use g" (since := "2025-01-01")] def f := 1
attribute [local simp] foo
attribute [-simp] foo
@[elab_as_elim] theorem ind {p : Nat → Prop} (n : Nat) (h : ∀ n, p n) : p n := h n
@[specialize] def mp (f : Nat → Nat) (x : Nat) := f x
@[reducible, instance] def inh : Inhabited Nat := ⟨3⟩
@[default_instance] instance : Inhabited Int := ⟨3⟩
@[norm_cast] theorem nc (a b : Nat) : ((a + b : Nat) : Int) = a + b := rfl
@[grind =] theorem foo2 (xs : List Nat) : (xs ++ []).length = xs.length := by simp
""",
    "options": """
set_option autoImplicit false
set_option linter.unusedVariables false in
set_option pp.all true in
set_option trace.Meta.synthInstance true in
def f (x : Nat) := 1
""",
    "private and protected": """
private def helper (x : Nat) := x + 1
protected def Nat.foo (x : Nat) := x
def f := helper 3
""",
    "universes": "universe u\ndef idd {α : Sort u} (a : α) := a",
    "deriving afterwards": "deriving instance Repr for Except",
    "a program with main": 'def main : IO Unit := IO.println "hi"',
    "tactics": """
theorem a (x : Nat) (h : x > 0) : x ≥ 1 := by
  cases x with
  | zero => contradiction
  | succ n => simp
theorem b (a b c : Nat) (h : a < b) (h2 : b < c) : a < c := by
  have := Nat.lt_trans h h2
  exact?
theorem c (a b : Nat) : (a + b) ^ 2 = a ^ 2 + 2 * a * b + b ^ 2 := by grind
theorem d (x : Nat) : x + 0 = x := by simp (config := { decide := true }) only [Nat.add_zero]
theorem e (x : Nat) : x + 0 = x := by simp +arith (maxSteps := 1000)
theorem f (p q : Prop) (hp : p) (hq : q) : p ∧ q := by constructor <;> assumption
""",
}
