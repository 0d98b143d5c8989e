===== a default proof of evil syntax | elaboration_error
def evil : Lean.Syntax := dbgTrace "!" fun _ => Lean.Syntax.missing
def g (h : autoParam True evil) : Nat := 1
example : Nat := g
===== code inside a notation | syntax_not_allowed
notation "zero" => $(Lean.quote 0)
theorem goal : 2 + 2 = 4 := rfl
===== an antiquotation in a term | syntax_not_allowed
def f (x : Nat) : Nat := $(x)
===== an antiquotation splice | syntax_not_allowed
notation "list" => [$[1],*]
def f := 1
===== code run by the kernel | untrusted_axiom
def c : Bool := true
theorem t : Lean.reduceBool c = true := rfl
===== code run by the kernel, a number | untrusted_axiom
def c : Nat := 3
theorem t : Lean.reduceNat c = 3 := rfl
===== a type whose constructors are not the target's | target_type
inductive C | red | blue
T: inductive C | red | green
===== a type with a constructor more | target_type
inductive C | red | green | blue
T: inductive C | red | green
===== a structure whose fields are not the target's | target_type
structure S where
  x : Int
T: structure S where
T:   x : Nat
===== a type under the theorem's own name | target_helper
inductive goal.C | red | blue
theorem goal (c : goal.C) : c = c := rfl
T: inductive goal.C | red | green
T: theorem goal (c : goal.C) : c = c
===== a parameter made an index | target_type target_helper
set_option inductive.autoPromoteIndices false in
inductive Box : Nat → Type | mk {n : Nat} (x : Nat) : Box n
theorem goal (b : Box 3) : b = b := rfl
T: inductive Box (n : Nat) : Type | mk (x : Nat) : Box n
T: theorem goal (b : Box 3) : b = b
===== a class field weakened | target_helper
class Law (α : Type) where
  op : α → α → α
  comm : ∀ a b, op a b = op a b
theorem goal (α : Type) [Law α] (a : α) : Law.op a a = Law.op a a := rfl
T: class Law (α : Type) where
T:   op : α → α → α
T:   comm : ∀ a b, op a b = op b a
T: theorem goal (α : Type) [Law α] (a : α) : Law.op a a = Law.op a a
===== the matcher of a test, written by hand | test_failed
def match_1.{u} (motive : Nat → Sort u) (x : Nat) (h1 : Unit → motive 5)
    (h2 : (x : Nat) → motive x) : motive x := h2 x
def outerloop.match_1.{u} (motive : Nat → Sort u) (x : Nat) (h1 : Unit → motive 5)
    (h2 : (x : Nat) → motive x) : motive x := h2 x
def f (n : Nat) : Nat := n + 1
T: def f (n : Nat) : Nat
?: (match f 3 with | 5 => true | _ => false) = true
===== a function of the test's, beside the library's | test_failed
def max (a b : Nat) : Nat := 9
def f (n : Nat) : Nat := 0
T: def f (n : Nat) : Nat
?: max (f 3) 2 = 9
===== a function exported over the library's | test_failed
namespace Evil
def length (xs : List Nat) : Nat := 9
end Evil
export Evil (length)
def f (n : Nat) : List Nat := []
T: def f (n : Nat) : List Nat
?: (f 3).length = 9
===== without a target, an own constructor for the test's | test_undecided
def some (n : Nat) : Unit := ()
def f (n : Nat) : Option Nat := none
?: f 3 = some 4
===== an own equality for a type of the target | target_helper
structure R where
  v : Nat
instance : BEq R := ⟨fun _ _ => true⟩
def f (n : Nat) : R := ⟨0⟩
T: structure R where
T:   v : Nat
T:   deriving BEq
T: def f (n : Nat) : R
?: (f 3 == ⟨9⟩) = true
===== an equality under the derived one's name | target_helper
structure R where
  v : Nat
instance instBEqR : BEq R := ⟨fun _ _ => true⟩
def f (n : Nat) : R := ⟨0⟩
T: structure R where
T:   v : Nat
T:   deriving BEq
T: def f (n : Nat) : R
?: (f 3 == ⟨9⟩) = true
===== a hypothesis by class, with a test | target_type
class Cheat : Prop where h : False
def f (n : Nat) [Cheat] : Nat := 9
T: def f (n : Nat) : Nat
?: f 3 = 9
===== only some hypotheses contradict | vacuous
theorem goal (a b : Nat) (h : a < b) (k : b < a) (s : List Nat) : s = [] := by omega
T: theorem goal (a b : Nat) (h : a < b) (k : b < a) (s : List Nat) : s = []
===== a contradiction under binders | vacuous
theorem goal : ∀ n : Nat, n ≠ n → n = 7 := fun n h => absurd rfl h
T: theorem goal : ∀ n : Nat, n ≠ n → n = 7
===== a contradiction through a definition of the target | vacuous
def bound : Nat := 3
theorem goal (n : Nat) (h : n < bound) (k : n > 5) : n = 100 := by simp [bound] at h; omega
T: def bound : Nat := 3
T: theorem goal (n : Nat) (h : n < bound) (k : n > 5) : n = 100
===== a contradiction between equations | vacuous
theorem goal (xs : List Nat) (h : xs = []) (k : xs.length = 2) : xs.head? = some 4 := by simp_all
T: theorem goal (xs : List Nat) (h : xs = []) (k : xs.length = 2) : xs.head? = some 4
===== a closed false hypothesis | vacuous
theorem goal (h : 2 + 2 = 5) (n : Nat) : n = 0 := by omega
T: theorem goal (h : 2 + 2 = 5) (n : Nat) : n = 0
===== a false hypothesis by name | vacuous
theorem goal (h : False) (n : Nat) : n = 0 := h.elim
T: theorem goal (h : False) (n : Nat) : n = 0
===== a contradiction in functions | vacuous
theorem goal (f : Nat → Nat) (h : ∀ x, f x = 0) (k : f 3 = 1) : f 5 = 9 := by simp_all
T: theorem goal (f : Nat → Nat) (h : ∀ x, f x = 0) (k : f 3 = 1) : f 5 = 9
===== too deep to elaborate | too_deep
def f : Prop := ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ ¬ True
===== option in tactic config debug | option_not_allowed
theorem goal : 2 + 2 = 5 := by
  set_option debug.skipKernelTC true in decide +kernel
T: theorem goal : 2 + 2 = 5
===== option by variable name | option_not_allowed
set_option «debug».skipKernelTC true
theorem goal : 2 + 2 = 5 := by decide +kernel
T: theorem goal : 2 + 2 = 5
===== option with french quotes whole | option_not_allowed
set_option «debug.skipKernelTC» true
theorem goal : 2 + 2 = 5 := by decide +kernel
T: theorem goal : 2 + 2 = 5
===== option terminal pos | option_not_allowed
set_option Elab.async true
theorem goal : 2 + 2 = 5 := by decide +kernel
T: theorem goal : 2 + 2 = 5
===== async option with in | option_not_allowed
set_option Elab.async true in
theorem goal : 2 + 2 = 5 := by simp
T: theorem goal : 2 + 2 = 5
===== decide +kernel false | elaboration_error
theorem goal : 2 + 2 = 5 := by decide +kernel
T: theorem goal : 2 + 2 = 5
===== decide native | elaboration_error
theorem goal : 2 + 2 = 5 := by decide +native
T: theorem goal : 2 + 2 = 5
===== notation hides statement | elaboration_error
notation "goal : 2 + 2 = 5" => True
theorem goal : 2 + 2 = 5 := trivial
T: theorem goal : 2 + 2 = 5
===== notation token 5 | elaboration_error
notation "5" => 4
theorem goal : 2 + 2 = 5 := rfl
T: theorem goal : 2 + 2 = 5
===== local notation =  | target_type
local infix:50 (priority := high) " = " => fun (a b : Nat) => True
theorem goal : 2 + 2 = 5 := trivial
T: theorem goal : 2 + 2 = 5
===== prefix | elaboration_error
local prefix:max "2" => id
theorem goal : 2 + 2 = 5 := rfl
T: theorem goal : 2 + 2 = 5
===== notation theorem keyword | target_type
notation "theorem" => 3
theorem goal : 2 + 2 = 4 := rfl
T: theorem goal : 2 + 2 = 5
===== unicode math digit | parse_error
theorem goal : 2 + 2 = 𝟝 := rfl
T: theorem goal : 2 + 2 = 5
===== zero width | parse_error
theorem go​al : 2 + 2 = 5 := rfl
T: theorem goal : 2 + 2 = 5
===== rtl override | parse_error
theorem goal‮ : 2 + 2 = 4 := rfl
T: theorem goal : 2 + 2 = 5
===== exported ns alias | target_missing
namespace A
theorem goal : 2 + 2 = 4 := rfl
end A
export A (goal)
T: theorem goal : 2 + 2 = 5
===== alias via open | target_missing
namespace A
theorem goal : 2 + 2 = 4 := rfl
end A
open A
T: theorem goal : 2 + 2 = 5
===== root name | target_type
namespace X
theorem _root_.goal : 2 + 2 = 4 := rfl
end X
T: theorem goal : 2 + 2 = 5
===== where trick | elaboration_error
theorem goal : 2 + 2 = 5 := aux
where aux : 2 + 2 = 5 := aux
T: theorem goal : 2 + 2 = 5
===== let rec trick | elaboration_error
theorem goal : 2 + 2 = 5 :=
  let rec aux : (n : Nat) → 2 + 2 = 5 := fun n => aux (n + 1)
  aux 0
T: theorem goal : 2 + 2 = 5
===== partial theorem | elaboration_error
partial theorem goal : 2 + 2 = 5 := goal
T: theorem goal : 2 + 2 = 5
===== recursion theorem | elaboration_error
theorem goal : 2 + 2 = 5 := goal
T: theorem goal : 2 + 2 = 5
===== termination by sorry | sorry
theorem aux (n : Nat) : 2 + 2 = 5 := aux (n + 1)
termination_by n
decreasing_by all_goals sorry
theorem goal : 2 + 2 = 5 := aux 0
T: theorem goal : 2 + 2 = 5
===== decreasing_by admit | sorry
theorem aux (n : Nat) : 2 + 2 = 5 := aux (n + 1)
termination_by n
decreasing_by admit
theorem goal : 2 + 2 = 5 := aux 0
T: theorem goal : 2 + 2 = 5
===== partial def inhabited | elaboration_error
partial def no (n : Nat) : 2 + 2 = 5 := no n
theorem goal : 2 + 2 = 5 := no 0
T: theorem goal : 2 + 2 = 5
===== instance inhabited false | elaboration_error
instance : Inhabited (2 + 2 = 5) := ⟨default⟩
theorem goal : 2 + 2 = 5 := default
T: theorem goal : 2 + 2 = 5
===== nonempty recursion instance | elaboration_error
instance foo : Nonempty False := foo
theorem goal : 2 + 2 = 5 := foo.elim False.elim
T: theorem goal : 2 + 2 = 5
===== class prop auto | elaboration_error
class H : Prop where h : 2 + 2 = 5
instance : H := inferInstance
theorem goal : 2 + 2 = 5 := H.h
T: theorem goal : 2 + 2 = 5
===== variable inst omit | elaboration_error
class H : Prop where h : 2 + 2 = 5
variable [H]
omit [H] in
theorem goal : 2 + 2 = 5 := H.h
T: theorem goal : 2 + 2 = 5
===== hypothetical implicit arg | target_type
theorem goal {h : 2 + 2 = 5} : 2 + 2 = 5 := h
T: theorem goal : 2 + 2 = 5
===== autoparam sorry | target_type
theorem goal (h : 2 + 2 = 5 := by sorry) : 2 + 2 = 5 := h
T: theorem goal : 2 + 2 = 5
===== structure default proof sorry | sorry
structure S where
  h : 2 + 2 = 5 := by sorry
def s : S := {}
theorem goal : 2 + 2 = 5 := s.h
T: theorem goal : 2 + 2 = 5
===== deriving handler | elaboration_error
inductive E deriving Inhabited
theorem goal : 2 + 2 = 5 := nomatch (default : E)
T: theorem goal : 2 + 2 = 5
===== simp lemma false | elaboration_error
@[simp] theorem bad : (2 + 2 = 5) = True := by simp
theorem goal : 2 + 2 = 5 := by simp
T: theorem goal : 2 + 2 = 5
===== attribute simp on false hyp | elaboration_error
theorem goal : 2 + 2 = 5 := by
  have h : 2 + 2 = 5 := by exact?
  exact h
T: theorem goal : 2 + 2 = 5
===== guard failing | elaboration_error
theorem goal : 2 + 2 = 5 := by
  first | rfl | skip
T: theorem goal : 2 + 2 = 5
===== stop tactic | sorry
theorem goal : 2 + 2 = 5 := by
  stop
  rfl
T: theorem goal : 2 + 2 = 5
===== done recover | elaboration_error
theorem goal : 2 + 2 = 5 := by
  try rfl
  all_goals try omega
T: theorem goal : 2 + 2 = 5
===== any_goals sorry | sorry
theorem goal : 2 + 2 = 5 := by any_goals sorry
T: theorem goal : 2 + 2 = 5
===== case' hole | elaboration_error
theorem goal : 2 + 2 = 5 := by refine ?_; exact _
T: theorem goal : 2 + 2 = 5
===== hole term | elaboration_error
theorem goal : 2 + 2 = 5 := _
T: theorem goal : 2 + 2 = 5
===== synthetic hole | elaboration_error
theorem goal : 2 + 2 = 5 := ?x
T: theorem goal : 2 + 2 = 5
===== dots | elaboration_error
theorem goal : 2 + 2 = 5 := ⋯
T: theorem goal : 2 + 2 = 5
===== empty by | parse_error
theorem goal : 2 + 2 = 5 := by
T: theorem goal : 2 + 2 = 5
===== opaque instead | command_not_allowed
opaque goal : 2 + 2 = 5
T: theorem goal : 2 + 2 = 5
===== class inductive | target_kind
class inductive goal : Prop | mk
T: theorem goal : 2 + 2 = 5
===== abbrev goal | target_kind
abbrev goal := 2 + 2 = 5
T: theorem goal : 2 + 2 = 5
===== lean.trustcompiler | elaboration_error
theorem goal : 2 + 2 = 5 := absurd Lean.trustCompiler (by simp)
T: theorem goal : 2 + 2 = 5
===== lcUnreachable | elaboration_error
theorem goal : 2 + 2 = 5 := lcProof
T: theorem goal : 2 + 2 = 5
===== lcAny | elaboration_error
theorem goal : 2 + 2 = 5 := lcUnreachable
T: theorem goal : 2 + 2 = 5
===== unsafeCast | elaboration_error
theorem goal : 2 + 2 = 5 := unsafeCast trivial
T: theorem goal : 2 + 2 = 5
===== unsafe in term | syntax_not_allowed
theorem goal : 2 + 2 = 5 := unsafe (unsafeCast trivial)
T: theorem goal : 2 + 2 = 5
===== panic | elaboration_error
theorem goal : 2 + 2 = 5 := panic! "x"
T: theorem goal : 2 + 2 = 5
===== ofReduceNat | elaboration_error
theorem goal : 2 + 2 = 5 := Lean.ofReduceNat (2+2) 5 rfl
T: theorem goal : 2 + 2 = 5
===== inaccessible name | parse_error
theorem goal✝ : 2 + 2 = 4 := rfl
T: theorem goal : 2 + 2 = 4
===== private prefix by hand | target_missing
theorem _private.goal : 2 + 2 = 4 := rfl
T: theorem goal : 2 + 2 = 4
===== eq_1 by hand | elaboration_error
def f (n : Nat) : Nat := n + 1
theorem f.eq_1 : f 1 = 5 := by decide
theorem goal : f 1 = 5 := f.eq_1
T: def f (n : Nat) : Nat := n + 1
T: theorem goal : f 1 = 5
===== unsafe_rec by hand | test_failed
def f._unsafe_rec (n : Nat) : Nat := 5
def f (n : Nat) : Nat := n + 1
?: f 1 = 5
===== redefine in mutual | elaboration_error
mutual
theorem goal : 2 + 2 = 5 := goal2
theorem goal2 : 2 + 2 = 5 := goal
end
T: theorem goal : 2 + 2 = 5
===== coinductive | elaboration_error
coinductive Inf : Nat → Prop where
  | step : Inf n → Inf n
theorem goal : Inf 0 := by unfold Inf; simp
T: theorem goal : 2 + 2 = 5
===== decide instance for own Eq type | sorry
structure R where v : Nat
instance : DecidableEq R := fun a b => isTrue (by cases a; cases b; sorry)
def f (n : Nat) : R := ⟨0⟩
?: f 3 = ⟨9⟩
===== test sorry | test_undecided
def f (n : Nat) : Nat := n + 1
T: def f (n : Nat) : Nat
?: f (sorry) = 3
?: sorry
?: f 3 = 5 ∨ (by exact sorry : False) = (by exact sorry : False)
===== extra implicit | target_type
def f {α : Type} (x : Nat) : Nat := x
T: def f (x : Nat) : Nat
===== shadow Nat in ns open | target_type
namespace Foo
inductive Nat | z
end Foo
open Foo
theorem goal : ∀ a b : Foo.Nat, a = b := by intro a b; cases a; cases b; rfl
T: theorem goal : ∀ a b : Nat, a = b
===== local notation ∀ | elaboration_error
local notation "∀∀" => True
theorem goal : ∀ n : Nat, n < 5 := by decide
T: theorem goal : ∀ n : Nat, n < 5
===== macro-free binder pred | target_type
theorem goal : ∀ n < 5, n < 5 := fun n h => h
T: theorem goal : ∀ n : Nat, n < 5
===== Fin literal | target_type
theorem goal (n : Fin 5) : n.val < 5 := n.isLt
T: theorem goal (n : Nat) : n < 5
===== coe sort | target_type
instance : CoeSort Nat Type := ⟨fun n => Fin n⟩
theorem goal : ∀ n : (5 : Nat), n.val < 5 := fun n => n.isLt
T: theorem goal : ∀ n : Nat, n < 5
===== instLT override | target_type
instance (priority := high) : LT Nat := ⟨fun _ _ => True⟩
theorem goal : ∀ n : Nat, n < 5 := fun _ => trivial
T: theorem goal : ∀ n : Nat, n < 5
===== scoped instance | target_type
namespace A
scoped instance (priority := high) : LT Nat := ⟨fun _ _ => True⟩
end A
open A
theorem goal : ∀ n : Nat, n < 5 := fun _ => trivial
T: theorem goal : ∀ n : Nat, n < 5
===== default_instance | target_type
@[default_instance high] instance : LT Nat := ⟨fun _ _ => True⟩
theorem goal : ∀ n : Nat, n < 5 := fun _ => trivial
T: theorem goal : ∀ n : Nat, n < 5
===== attribute instance later | target_type
@[reducible] def evil : LT Nat := ⟨fun _ _ => True⟩
attribute [instance high] evil
theorem goal : ∀ n : Nat, n < 5 := fun _ => trivial
T: theorem goal : ∀ n : Nat, n < 5
===== remove instance | target_type
attribute [-instance] instLTNat
instance : LT Nat := ⟨fun _ _ => True⟩
theorem goal : ∀ n : Nat, n < 5 := fun _ => trivial
T: theorem goal : ∀ n : Nat, n < 5
===== reducible attr lib | elaboration_error
attribute [irreducible] Nat.add
attribute [reducible] Nat.lt
theorem goal : ∀ n : Nat, n < 5 := by decide
T: theorem goal : ∀ n : Nat, n < 5
===== grind attr false | elaboration_error
@[grind] theorem bad (n : Nat) (h : n < n) : False := by omega
theorem goal : False := by grind
T: theorem goal : False
===== contradiction user instance Decidable | elaboration_error
instance (priority := high) : Decidable False := .isTrue (by decide)
theorem goal : False := by decide
T: theorem goal : False
===== decidable by recursion | elaboration_error
instance foo (p : Prop) : Decidable p := foo p
theorem goal : False := by decide
T: theorem goal : False
===== partial decidable instance | elaboration_error
partial def foo (p : Prop) : Decidable p := foo p
instance : Decidable False := foo False
theorem goal : False := by decide
T: theorem goal : False
===== quot | elaboration_error
theorem goal : False := by
  have h := @Quot.sound Nat (fun _ _ => True) 0 1 trivial
  exact absurd (congrArg (Quot.lift id (by intros; simp_all)) h) (by simp)
T: theorem goal : False
===== structure eta Prop | elaboration_error
structure P : Prop where
  intro ::
  x : False
theorem goal : False := (P.mk (P.rec (fun x => x) ⟨_⟩)).x
T: theorem goal : False
===== inductive large elim | elaboration_error
inductive B : Prop | t | f
def B.toNat : B → Nat | .t => 0 | .f => 1
theorem goal : False := by have : B.t = B.f := rfl; have := congrArg B.toNat this; simp [B.toNat] at this
T: theorem goal : False
===== non positive | elaboration_error
inductive Bad | mk (f : Bad → False) : Bad
theorem goal : False := by have h : Bad → False := fun b => (match b with | .mk f => f b); exact h (.mk h)
T: theorem goal : False
===== type in type | elaboration_error
universe u
structure U : Type u where t : Type u
theorem goal : False := sorry
T: theorem goal : False
===== unsafe inductive | syntax_not_allowed
unsafe inductive Bad | mk (f : Bad → False) : Bad
theorem goal : False := sorry
T: theorem goal : False
===== inductive with user rec name | elaboration_error
inductive T | mk
theorem T.rec2 : False := by exact T.rec2
T: theorem goal : False
===== user defines noConfusion for own | elaboration_error
inductive T | a | b
theorem goal : T.a = T.b := by cases T.a; rfl
T: inductive T | a | b
T: theorem goal : T.a = T.b
===== goal as field | target_kind
structure goal where x : 2 + 2 = 4
T: theorem goal : 2 + 2 = 5
===== def named with same type Prop | target_kind
def goal : (2 + 2 = 4) := rfl
T: theorem goal : 2 + 2 = 4
===== example | target_missing
example : 2 + 2 = 4 := rfl
T: theorem goal : 2 + 2 = 4
===== pp notation in type | target_type
theorem goal : (fun x => x) (2 + 2 = 4) := rfl
T: theorem goal : 2 + 2 = 4
===== let type | target_type
theorem goal : let x := 2; x + 2 = 4 := rfl
T: theorem goal : 2 + 2 = 4
===== id type | target_type
theorem goal : id (2 + 2 = 4) := rfl
T: theorem goal : 2 + 2 = 4
===== show type mdata | target_type
theorem goal : show Prop from 2 + 2 = 4 := rfl
T: theorem goal : 2 + 2 = 4
===== a type whose universe is stuck | kernel_refused
def step (x : Bool) (n : Nat) (ih : (m : Nat) → m < n → Bool) : Bool :=
  match n with
  | 0 => x
  | k + 1 => ih k (Nat.lt_succ_self k)
def run (x : Bool) (n : Nat) (h : Acc (· < ·) n) : Bool :=
  Acc.rec (motive := fun _ _ => Bool) (fun m _ => step x m) h
theorem seed : Acc (· < ·) 1 := Nat.lt_wfRel.wf.apply 1
def a := run false 1 seed
def b := run false 1 (Acc.intro 1 fun _ => Acc.inv seed)
def c := run false 0 (Acc.inv seed (Nat.lt_succ_self 0))
theorem run_eq (x : Bool) (n : Nat) (h : Acc (· < ·) n) : run x n h = x := by
  induction h with
  | intro n smaller ih =>
    cases n with
    | zero => rfl
    | succ n => simpa only [run, step] using ih n (Nat.lt_succ_self n)
def P : Prop := a = b
def Q : Prop := a = c
theorem witness : Q := (run_eq false _ _).trans (run_eq false _ _).symm
def gate (h : P) : Type := Eq.rec (motive := fun _ _ => Type) Prop h
inductive Owner (h : P) : gate h where
  | mk (bit : Bool) : Owner h
===== a name the kernel keeps for nested types | kernel_refused
def _nested.KNHost_1 : Prop := True
inductive KNAux : Prop where
  | mk (x : _nested.KNHost_1) : KNAux
===== a type under a name the kernel keeps | kernel_refused
inductive _nested.List_1 : Type where
  | mk : _nested.List_1
inductive Rose where
  | mk (xs : List Rose) (y : _nested.List_1) : Rose
===== a default proof made by hand under Lean's name for one | elaboration_error
def x._auto_1 : Lean.Syntax :=
  Lean.Syntax.node Lean.SourceInfo.none `Lean.Parser.Tactic.tacticSeq #[
    Lean.Syntax.node Lean.SourceInfo.none `Lean.Parser.Tactic.tacticSeq1Indented #[
      Lean.Syntax.node Lean.SourceInfo.none `null #[
        Lean.Syntax.node Lean.SourceInfo.none `Lean.Parser.Tactic.tacticTrivial #[Lean.Syntax.atom Lean.SourceInfo.none "trivial"]]]]
def g (h : autoParam True x._auto_1) : Nat := 1
example : Nat := g
===== a compiled proof as a default proof made by hand | elaboration_error
def x._auto_1 : Lean.Syntax :=
  Lean.Syntax.node Lean.SourceInfo.none `Lean.Parser.Tactic.tacticSeq #[
    Lean.Syntax.node Lean.SourceInfo.none `Lean.Parser.Tactic.tacticSeq1Indented #[
      Lean.Syntax.node Lean.SourceInfo.none `null #[
        Lean.Syntax.node Lean.SourceInfo.none `Lean.Parser.Tactic.nativeDecide #[Lean.Syntax.atom Lean.SourceInfo.none "native_decide", Lean.Syntax.node Lean.SourceInfo.none `null #[]]]]]
def g (h : autoParam True x._auto_1) : Nat := 1
example : Nat := g
===== a helper under the target's name, for a test | target_helper
def f.spec (n : Nat) (r : Nat) : Bool := true
def f (n : Nat) : Nat := 0
T: def f.spec (n : Nat) (r : Nat) : Bool := r == n + 1
T: def f (n : Nat) : Nat
?: f.spec 3 (f 3) = true
===== a helper that looks like Lean's own, for a test | test_undecided
def _spec (n : Nat) (r : Nat) : Bool := true
def f (n : Nat) : Nat := 0
T: def _spec (n : Nat) (r : Nat) : Bool := r == n + 1
T: def f (n : Nat) : Nat
?: _spec 3 (f 3) = true
===== a helper match_1, for a test | test_undecided
def match_1 (n : Nat) (r : Nat) : Bool := true
def f (n : Nat) : Nat := 0
T: def match_1 (n : Nat) (r : Nat) : Bool := r == n + 1
T: def f (n : Nat) : Nat
?: match_1 3 (f 3) = true
===== a private helper of the target, for a test | target_helper
private def spec (n : Nat) (r : Nat) : Bool := true
def f (n : Nat) : Nat := 0
T: private def spec (n : Nat) (r : Nat) : Bool := r == n + 1
T: def f (n : Nat) : Nat
?: spec 3 (f 3) = true
===== an instance of the target's under its name | target_helper
structure R where
  v : Nat
instance f.beq : BEq R := ⟨fun _ _ => true⟩
def f (n : Nat) : R := ⟨0⟩
T: structure R where
T:   v : Nat
T: instance f.beq : BEq R := ⟨fun a b => a.v == b.v⟩
T: def f (n : Nat) : R
?: (f 3 == ⟨9⟩) = true
===== a name that the library lost | kernel_refused
theorem ByteArray.utf8Decode?.go._unary.induct_unfolding : True := trivial
===== a name that the library lost, by def | kernel_refused
def ByteArray.utf8Decode?.go._unary.induct_unfolding (a b c d e f : Unit) : Acc (fun _ _ : Nat => False) 1 := Acc.intro 1 (fun _ h => h.elim)
===== a structure whose universe is stuck | elaboration_error
def a : Bool := true
def gate (h : a = true) : Type := Eq.rec (motive := fun _ _ => Type) Prop h
structure Owner (h : a = true) : gate h where
  bit : Bool
===== a universe by a match | kernel_refused
def s (b : Bool) : Type := match b with | true => Prop | false => Nat → Prop
inductive O : s true where
  | mk : O
===== own false in namespace | target_type
namespace X
inductive False : Prop | intro
end X
open X
theorem goal : X.False := .intro
T: theorem goal : False
===== only the target's namespace | target_missing
namespace goal
def x := 1
end goal
theorem goal.x' : True := trivial
T: theorem goal : False
===== universe trick | elaboration_error
universe u
theorem goal (α : Sort u) (a b : α) : a = b := by
  cases a <;> rfl
T: theorem goal.{u} (α : Sort u) (a b : α) : a = b
===== universe specialised to Prop | target_type
theorem goal (α : Sort 0) (a b : α) : a = b := rfl
T: theorem goal.{u} (α : Sort u) (a b : α) : a = b
===== level name swap | target_type
theorem goal.{u, v} (α : Type u) (β : Type v) : (α → β) = (α → β) := rfl
T: theorem goal.{v, u} (α : Type u) (β : Type v) : (α → β) = (α → β)
===== Subsingleton instance on Nat | elaboration_error
instance : Subsingleton Nat := ⟨fun a b => by cases a <;> cases b <;> simp⟩
theorem goal : (1 : Nat) = 2 := Subsingleton.elim _ _
T: theorem goal : (1 : Nat) = 2
===== decidable false proof | elaboration_error
instance (priority := high) bad : Decidable (2 + 2 = 5) := .isTrue (by decide)
theorem goal : 2 + 2 = 5 := by decide
T: theorem goal : 2 + 2 = 5
===== decidable loop | elaboration_error
instance bad : Decidable (2 + 2 = 5) := bad
theorem goal : 2 + 2 = 5 := by decide
T: theorem goal : 2 + 2 = 5
===== noncomputable instance of DecidableEq in test | test_failed
open Classical in
noncomputable instance (priority := high) : DecidableEq Nat := fun a b => propDecidable _
def f (n : Nat) : Nat := n
T: def f (n : Nat) : Nat
?: f 3 = 4
===== irreducible value | test_failed
@[irreducible] def f (n : Nat) : Nat := 0
T: def f (n : Nat) : Nat
?: f 3 = 4
===== value behind an opaque proof | noncomputable
def f (n : Nat) : Nat := (Classical.choice ⟨(⟨n, rfl⟩ : {m : Nat // m = n})⟩).1
T: def f (n : Nat) : Nat
?: f 3 = 4
===== quotient value | test_failed
def f (n : Nat) : Nat := Quot.lift (r := fun a b => a = b) (fun x : Nat => x) (fun _ _ h => h) (Quot.mk _ n)
T: def f (n : Nat) : Nat
?: f 3 = 4
===== simp set says false | elaboration_error
def f (n : Nat) : Nat := n
@[simp] theorem f_eq (n : Nat) : (f n = n + 1) = True := by simp [f]
T: def f (n : Nat) : Nat
?: f 3 = 4
===== a notation for the name | target_missing
notation "f" => fun (n : Nat) => n + 1
T: def f (n : Nat) : Nat
?: f 3 = 4
===== macro scopes by hand | target_missing
def f._hyg (n : Nat) : Nat := n + 1
T: def f (n : Nat) : Nat
?: f 3 = 4
===== a name like the server's own | test_failed
def outerloop (n : Nat) : Nat := n + 1
def f (n : Nat) : Nat := n
T: def f (n : Nat) : Nat
?: f 3 = 4
===== instance argument defaulted | target_type
def f (n : Nat) (k : Nat := 4) : Nat := k
T: def f (n : Nat) : Nat
?: f 3 = 4
===== autoparam argument | target_type
def f (n : Nat) (h : 4 = 4 := by rfl) : Nat := 4
T: def f (n : Nat) : Nat
?: f 3 = 5
===== type synonym of the argument | target_type
def N := Nat
def f (n : N) : N := (4 : Nat)
T: def f (n : Nat) : Nat
?: f 3 = 4
===== outParam in the type | target_type
def f (n : outParam Nat) : Nat := n
T: def f (n : Nat) : Nat
?: f 3 = 4
===== proof by a stuck match | elaboration_error
theorem goal : False := nomatch (fun x : False => x)
T: theorem goal : False
===== proof by recursion on a negative type | elaboration_error
inductive Bad where | mk : (Bad → False) → Bad
theorem goal : False := by trivial
T: theorem goal : False
===== a type nested in a structure of functions | elaboration_error
structure W (α : Type) where f : α → False
inductive Bad where | mk : W Bad → Bad
theorem goal : False := by trivial
T: theorem goal : False
===== proof through Acc | elaboration_error
theorem goal : False := (Nat.lt_wfRel.wf.apply 0).rec (fun _ _ ih => ih 0 (by omega))
T: theorem goal : False
===== loop with decreasing_by assumption | elaboration_error
theorem goal (n : Nat) : n = 5 := goal (n + 1)
termination_by n
decreasing_by assumption
T: theorem goal (n : Nat) : n = 5
===== instance of WellFoundedRelation | elaboration_error
instance (priority := high) bad : WellFoundedRelation Nat := ⟨fun a b => a > b ∧ a < 5, by exact ⟨fun a => ⟨a, fun b h => by omega⟩⟩⟩
def goal (n : Nat) : False := goal (n + 1)
termination_by n
T: theorem goal : False
===== SizeOf that lies | elaboration_error
instance (priority := high) : SizeOf Nat := ⟨fun n => 100 - n⟩
theorem goal (n : Nat) : False := goal (n + 1)
termination_by sizeOf n
T: theorem goal (n : Nat) : False
===== partial fixpoint | elaboration_error
def f (n : Nat) : Nat := f (n + 1) + 1
partial_fixpoint
theorem goal : False := by have := f.eq_1 0; omega
T: theorem goal : False
===== partial fixpoint in Prop | elaboration_error
def goal : False := goal
partial_fixpoint
T: theorem goal : False
===== coinductive fixpoint | elaboration_error
def goal : Prop := ¬ goal
coinductive_fixpoint
T: theorem goal : False
===== inductive fixpoint | elaboration_error
def p : Prop := p
coinductive_fixpoint
theorem goal : False := by have h : p := p.coinduct True (fun _ => trivial) trivial; exact h.elim
T: theorem goal : False
===== tactic config ident | syntax_not_allowed
def c : Bool := true
theorem t (n : Nat) : n + 0 = n := by simp (decide := c)
===== grind config by a term | syntax_not_allowed
theorem t (n : Nat) : n + 0 = n := by grind (splits := 3 + 4)
===== omega config | syntax_not_allowed
def c : Lean.Meta.Omega.OmegaConfig := {}
theorem t (n : Nat) : n + 0 = n := by omega (config := c)
===== tactic config by a name in the options' own namespace | elaboration_error
def Lean.Meta.Simp.Config.own : Lean.Meta.Simp.Config := {}
theorem t (n : Nat) : n + 0 = n := by simp (config := .own)
===== tactic config by a call of an own function | elaboration_error
def Lean.Meta.Occurrences.own (ns : List Nat) : Lean.Meta.Occurrences := .pos ns
theorem t (a b : Nat) : a + b = b + a := by rw (occs := .own [1]) [Nat.add_comm]
===== tactic config with a computed list | syntax_not_allowed
def one := 1
theorem t (a b : Nat) : a + b = b + a := by rw (occs := .pos [one]) [Nat.add_comm]
===== tactic config by a function of the library | syntax_not_allowed
theorem t (n : Nat) : n + 0 = n := by simp (config := {maxSteps := Nat.pow 2 100000000})
===== tactic config with an operator | syntax_not_allowed
theorem t (n : Nat) : n + 0 = n := by simp (config := {maxSteps := 2 ^ 100000000})
===== tactic config by a proof | syntax_not_allowed
theorem t (n : Nat) : n + 0 = n := by simp (config := {maxSteps := by exact 1})
===== tactic config by a program | syntax_not_allowed
theorem t (n : Nat) : n + 0 = n := by simp (config := {maxSteps := Id.run do return 1})
===== tactic config that trusts the compiler | elaboration_error
theorem t : (2 + 2 == 5) = true := by decide (config := {kernel := true, native := true})
===== with_decl_name | target_missing
theorem x : True := with_decl_name% goal trivial
T: theorem goal : True
===== #guard_msgs in a section | elaboration_error
section
/-- error -/
#guard_msgs (error) in
example : 1 = 2 := rfl
end
===== run_meta | command_not_allowed
run_meta do return
===== run_cmd | command_not_allowed
run_cmd pure ()
===== elab_rules | command_not_allowed
elab_rules : term | `(1) => return default
===== simproc | command_not_allowed
simproc foo (_ + 0) := fun _ => return .continue
===== declare_simp_like_tactic | command_not_allowed
declare_simp_like_tactic foo "foo" fun c => c
===== set_library_suggestions | command_not_allowed
set_library_suggestions default
===== open private | parse_error
open private foo from Init.Core
===== attribute init | attribute_not_allowed
@[init] def x : IO Unit := pure ()
===== attribute export | attribute_not_allowed
@[export foo] def x : Nat := 1
===== attribute macro | attribute_not_allowed
@[macro Lean.Parser.Term.app] def x : Nat := 1
===== attribute term_elab | attribute_not_allowed
@[term_elab foo] def x : Nat := 1
===== attribute builtin_init | attribute_not_allowed
@[builtin_init] def x : IO Unit := pure ()
===== an attribute of a let rec | attribute_not_allowed
def f (n : Nat) : Nat :=
  let rec @[implemented_by Nat.succ] g (n : Nat) : Nat := n
  g n
===== an attribute given to a field later | attribute_not_allowed
structure S where
  x : Nat
attribute [extern "f"] S.x
===== attribute computed fields | attribute_not_allowed
inductive E
  | a
with
  @[computed_field] size : E → Nat
    | .a => 1
===== attribute simproc | attribute_not_allowed
@[simproc] def x : Nat := 1
===== attribute app_unexpander | attribute_not_allowed
@[app_unexpander Nat.add] def x : Nat := 1
===== attribute reducible on Not | elaboration_error
attribute [local reducible] Not
theorem goal : 2 + 2 = 5 → False := by decide
T: theorem goal : ¬ 2 + 2 = 4
===== attribute command_elab | attribute_not_allowed
attribute [command_elab foo] Nat.add
===== option in a where | option_not_allowed
def f : Nat := g where
  g : Nat := set_option debug.skipKernelTC true in 3
===== option in a default value | option_not_allowed
structure S where
  x : Nat := set_option debug.skipKernelTC true in 3
===== option in a notation | option_not_allowed
notation "sneaky" => set_option debug.skipKernelTC true in 3
def f := sneaky
===== an option inside conv | parse_error
theorem t : True := by
  conv => 
    set_option debug.skipKernelTC true in skip
  trivial
===== an option inside a tactic of conv | option_not_allowed
theorem t (a : Nat) : a = a := by
  conv => lhs; tactic => set_option debug.skipKernelTC true in rfl
===== notation with native_decide | syntax_not_allowed
notation "anything" => (by native_decide : False)
theorem goal : 2 + 2 = 5 := anything.elim
T: theorem goal : 2 + 2 = 5
===== notation with a string for include | syntax_not_allowed
notation "file" => include_str "x"
def f := file
===== notation shadowing theorem's binder | elaboration_error
notation "(" "n" ":" "Nat" ")" => (n : Int)
theorem goal : ∀ (n : Nat), n = n := fun _ => rfl
T: theorem goal : ∀ (n : Int), n = n
===== mixfix over implication | elaboration_error
infixr:25 " → " => fun (a b : Prop) => True
theorem goal : False → False := id
T: theorem goal : True → False
===== mixfix over equality with a test | test_failed
local infix:50 (priority := high) " = " => fun (a b : Nat) => a ≤ b
def f (n : Nat) : Nat := 0
T: def f (n : Nat) : Nat
?: f 3 = 4
===== local notation for a type in the signature | target_type
local notation "Int" => Nat
def f (n : Int) : Int := n
T: def f (n : Int) : Int
?: f 3 = 3
===== unicode full-width name | parse_error
def ｆ (n : Nat) : Nat := n + 1
T: def f (n : Nat) : Nat
===== unicode superscript | target_missing
def fᵢ (n : Nat) : Nat := n + 1
T: def f (n : Nat) : Nat
===== a comment left open in the last line | parse_error
def f (n : Nat) : Nat := n /-
T: def f (n : Nat) : Nat
===== doc comment at the end | parse_error
def f (n : Nat) : Nat := n
/-- nothing follows -/
T: def f (n : Nat) : Nat
===== string left open | parse_error
def f : String := "abc
===== char left open | parse_error
def f : Char := 'a
===== raw string left open | parse_error
def f : String := r#"abc"
===== interpolation left open | parse_error
def f : String := s!"{1"
===== open attribute | parse_error
@[simp
===== namespace left open | target_missing
namespace goal
theorem goal : 2 + 2 = 4 := rfl
T: theorem goal : 2 + 2 = 4
===== end of a namespace that is not open | elaboration_error
theorem goal : 2 + 2 = 4 := rfl
end Foo
===== tab | parse_error
def f : Nat :=	1
===== only a comment | target_missing
-- theorem goal : 2 + 2 = 4
T: theorem goal : 2 + 2 = 4
===== empty | target_missing
T: theorem goal : 2 + 2 = 4
===== protected in another namespace | target_missing
protected theorem N.goal : 2 + 2 = 4 := rfl
open N
T: theorem goal : 2 + 2 = 4
===== an instance that proves the class law by a cycle | elaboration_error
class Law (α : Type) where
  law : ∀ a b : α, a = b
instance : Law Nat := ⟨fun a b => Law.law a b⟩
theorem goal : (1 : Nat) = 2 := Law.law 1 2
T: theorem goal : (1 : Nat) = 2
===== an instance that builds itself | elaboration_error
class Law (α : Type) where
  law : ∀ a b : α, a = b
instance bad : Law Nat := bad
theorem goal : (1 : Nat) = 2 := Law.law 1 2
T: theorem goal : (1 : Nat) = 2
===== an instance by partial | elaboration_error
class Law (α : Type) where
  law : ∀ a b : α, a = b
partial instance bad : Law Nat := bad
theorem goal : (1 : Nat) = 2 := Law.law 1 2
T: theorem goal : (1 : Nat) = 2
===== Nonempty of a false class | elaboration_error
instance : Nonempty (1 = 2) := ⟨by simp⟩
partial def goal' (n : Nat) : PLift (1 = 2) := goal' n
theorem goal : 1 = 2 := (goal' 0).down
T: theorem goal : 1 = 2
===== Inhabited arrow for partial | elaboration_error
instance (priority := high) [Inhabited β] : Inhabited (α → β) := ⟨fun _ => default⟩
partial def no (n : Nat) : {x : Nat // x > x} := no n
theorem goal : False := absurd (no 0).2 (Nat.lt_irrefl _)
T: theorem goal : False
===== structure field default is a proof | elaboration_error
structure S where
  x : Nat
  h : x = 5 := by first | decide | sorry
theorem goal : 3 = 5 := (S.mk 3 : autoParam _ _ → S) |>.h
T: theorem goal : 3 = 5
===== structure instance default | elaboration_error
structure S where
  x : Nat
  h : x = 5 := by omega
theorem goal : 3 = 5 := ({ x := 3 } : S).h
T: theorem goal : 3 = 5
===== cases on Prop into Type | elaboration_error
def pick (h : ∃ n : Nat, n = n) : Nat := match h with | ⟨n, _⟩ => n
theorem goal : 1 = 2 := by
  have : pick ⟨1, rfl⟩ = pick ⟨2, rfl⟩ := rfl
  exact this
T: theorem goal : 1 = 2
===== projection out of Exists | elaboration_error
theorem goal : 1 = 2 := by
  have h : (⟨1, rfl⟩ : ∃ n : Nat, n = n).1 = 2 := rfl
  exact h
T: theorem goal : 1 = 2
===== a structure in Prop with data | elaboration_error
structure Box : Prop where
  n : Nat
theorem goal : 1 = 2 := by
  have : (Box.mk 1).n = (Box.mk 2).n := rfl
  exact this
T: theorem goal : 1 = 2
===== anonymous eta of a Prop structure | elaboration_error
inductive Box : Prop where
  | mk (n : Nat)
def get (b : Box) : Nat := (⟨_, rfl⟩ : {n : Nat // Box.mk n = b}).1
theorem goal : 1 = 2 := (rfl : get (Box.mk 1) = get (Box.mk 2))
T: theorem goal : 1 = 2
===== Quot.sound between unequal | elaboration_error
theorem goal : (1 : Nat) = 2 := by
  have : Quot.mk (fun _ _ : Nat => True) 1 = Quot.mk _ 2 := Quot.sound trivial
  exact congrArg (Quot.lift id (fun a b _ => by simp_all)) this
T: theorem goal : (1 : Nat) = 2
===== propext cast | elaboration_error
theorem goal : (1 : Nat) = 2 := by
  have h : (Nat : Type) = Bool := by simp
  exact absurd h (by decide)
T: theorem goal : (1 : Nat) = 2
===== Type in Type by universe | elaboration_error
inductive U : Type | mk : Type → U
theorem goal : False := by trivial
T: theorem goal : False
===== impredicative structure | elaboration_error
structure Sigma' : Type where
  α : Type
  a : α
theorem goal : False := by trivial
T: theorem goal : False
===== Hurkens start | elaboration_error
def P (S : Type) : Type := S → Prop
def U : Type := ∀ X : Type, (P (P X) → X) → P (P X)
theorem goal : False := by trivial
T: theorem goal : False
===== false through HEq | elaboration_error
theorem goal : (1 : Nat) = 2 := eq_of_heq (by simp : HEq 1 2)
T: theorem goal : (1 : Nat) = 2
===== cast over a wrong equality of types | elaboration_error
theorem goal : (1 : Nat) = 2 := cast rfl (rfl : (1 : Nat) = 1)
T: theorem goal : (1 : Nat) = 2
===== lying with decide := true | elaboration_error
theorem goal : ∀ n : Nat, n < 1000 → n * n < 1000 := by simp (config := { decide := true })
T: theorem goal : ∀ n : Nat, n < 1000 → n * n < 1000
===== omega beyond its means | elaboration_error
theorem goal (x y : Nat) : x * y = y := by omega
T: theorem goal (x y : Nat) : x * y = y
===== grind with a false lemma | elaboration_error
theorem lie (n : Nat) : n = 0 := by grind
theorem goal : (1 : Nat) = 0 := lie 1
T: theorem goal : (1 : Nat) = 0
===== bv_decide | elaboration_error
theorem goal (x : BitVec 8) : x = 0#8 := by bv_decide
T: theorem goal (x : BitVec 8) : x = 0#8
===== bv_check | parse_error
theorem goal (x : BitVec 8) : x = x := by bv_check "x.lrat"
T: theorem goal (x : BitVec 8) : x = x
===== a theorem about Float | elaboration_error
theorem goal : (1.0 : Float) = 2.0 := by decide
T: theorem goal : (1.0 : Float) = 2.0
===== a value by opaque Float | test_undecided
def f (n : Nat) : Float := n.toFloat
T: def f (n : Nat) : Float
?: f 3 = 4.0
===== a value by unsafe cast of UInt | test_failed
def f (n : Nat) : UInt8 := n.toUInt8
T: def f (n : Nat) : UInt8
?: f 300 = 45
===== a name that a lemma of the library's iterators mentions | kernel_refused
def Std.Iter.atIdxSlow?._unary.induct_unfolding : Nat := 0
===== the same in a namespace, as a theorem | kernel_refused
namespace Std.Iter
theorem atIdxSlow?._unary.induct_unfolding : True := trivial
end Std.Iter
===== a missing name with Init alone | kernel_refused
theorem ByteArray.utf8Decode?.go._unary.induct_unfolding : False → True := fun _ => trivial
===== a missing name with more of the library | kernel_refused
import Std.Data.DTreeMap
def Std.DTreeMap.Internal.Impl.minKey._unary.induct_unfolding : Nat := 0
===== a missing private name, its number written as a word | kernel_refused
def «_private».Init.Data.Array.Basic.«0».Array.erase.match_1 : Nat := 0
===== a recursor's name, before the type | elaboration_error
def Rose.rec : Nat := 0
inductive Rose | mk : List Rose → Rose
===== the name of a nested type's further recursor, before the type | elaboration_error
def Rose.rec_1 : Nat := 0
inductive Rose | mk : List Rose → Rose
===== the same after the type | elaboration_error
inductive Rose | mk : List Rose → Rose
def Rose.rec_1 : Nat := 0
===== names that a type will need | elaboration_error
def Tree.casesOn : Nat := 0
inductive Tree | leaf | node (l r : Tree)
===== the type of noConfusion | elaboration_error
def Tree.noConfusionType : Nat := 0
inductive Tree | leaf | node (l r : Tree)
===== an equation of a function | elaboration_error
def f (n : Nat) : Nat := n
theorem f.eq_1 (n : Nat) : f n = n := rfl
===== a lie about how a function unfolds | elaboration_error
def T (n : Nat) : Type := Nat
def T._sunfold (n : Nat) : Type := Bool
def f (x : T 3) : Bool := x
===== a lie about how a function unfolds, in a proof | elaboration_error
def g (n : Nat) : Bool := false
def g._sunfold (n : Nat) : Bool := true
theorem goal : g 3 = true := by rfl
T: def g (n : Nat) : Bool := false
T: theorem goal : g 3 = true
===== an ill-typed parameter of a nested type | elaboration_error kernel_refused
set_option genInjectivity false
set_option genSizeOf false
def T (n : Nat) : Type := Nat
def T._sunfold (n : Nat) : Type := Bool
inductive Wrap (b : Bool) (α : Type) where | mk : α → Wrap b α
inductive Bad (x : T 3) where | mk : Wrap x (Bad x) → Bad x
===== the compiler's proof of anything | elaboration_error
theorem goal : 2 + 2 = 5 := lcProof
T: theorem goal : 2 + 2 = 5
===== the matcher of a definition, written before it | test_failed
def f.match_1.{u} (motive : Nat → Sort u) (x : Nat) (h1 : Unit → motive 0)
    (h2 : (n : Nat) → motive n.succ) : motive x := x.casesOn (h1 ()) h2
def f (n : Nat) : Nat := match n with | 0 => 7 | n + 1 => n
T: def f (n : Nat) : Nat
?: f 0 = 0
===== #guard_msgs around #guard_msgs | elaboration_error
#guard_msgs (drop error) in
#guard_msgs (drop error) in
theorem goal : 2 + 2 = 5 := rfl
T: theorem goal : 2 + 2 = 5
===== #guard_msgs behind open | elaboration_error
open Nat in
#guard_msgs (drop error) in
theorem goal : 2 + 2 = 5 := rfl
T: theorem goal : 2 + 2 = 5
===== #guard_msgs around sorry | sorry
#guard_msgs (drop warning) in
theorem goal : 2 + 2 = 5 := sorry
T: theorem goal : 2 + 2 = 5
===== #guard_msgs around an axiom | command_not_allowed
#guard_msgs in
axiom no : False
===== #guard_msgs around code | command_not_allowed
#guard_msgs in
run_cmd pure ()
===== #guard_msgs around an option | option_not_allowed
#guard_msgs in
set_option debug.skipKernelTC true in
theorem t : 2 + 2 = 5 := by decide +kernel
===== an option around #guard_msgs | option_not_allowed
set_option debug.skipKernelTC true in
#guard_msgs in
theorem t : 2 + 2 = 5 := by decide +kernel
===== an option around what is skipped | elaboration_error
set_option debug.skipKernelTC true in
#eval 1
theorem t : 2 + 2 = 5 := by decide +kernel
===== #eval in a macro | command_not_allowed
macro "hm" : command => `(#eval 1)
hm
===== #eval in a mutual block | command_not_allowed
mutual
#eval 1
def f := 1
end
===== a target that is only evaluated | target_missing
#eval (rfl : 2 + 2 = 4)
T: theorem goal : 2 + 2 = 4
===== a definition behind #exit | command_not_allowed
#exit
theorem goal : 2 + 2 = 4 := rfl
T: theorem goal : 2 + 2 = 4
===== the kernel's option beside a clamped one | option_not_allowed
set_option maxHeartbeats 0
set_option debug.skipKernelTC true
===== the kernel's option in quoted parts | option_not_allowed
set_option «debug».«skipKernelTC» true
===== the kernel's option under another's name | elaboration_error
set_option linter.debug.skipKernelTC true
set_option weak.debug.skipKernelTC true
theorem t : 2 + 2 = 5 := by decide +kernel
===== an option that is no limit | option_not_allowed
set_option maxHeartbeats "0"
===== an option of the compiler's interpreter | option_not_allowed
set_option interpreter.prefer_native true
===== an option that starts a program | option_not_allowed
set_option sat.solver "/bin/sh"
===== an option of the universe check | option_not_allowed
set_option bootstrap.inductiveCheckResultingUniverse false
===== a solver that another import would bring | elaboration_error
import Std
theorem t (x : BitVec 8) : x &&& x = x := by bv_decide
===== an import behind import Std | import_not_allowed
import Std
import Std.Internal.Parsec
===== a comment closed in a string | command_not_allowed
def a := "/-"
axiom no : False
def b := "-/"
===== a string opened in a character | command_not_allowed
def a := '"'
axiom no : False
def b := '"'
===== a raw string with a backslash | command_not_allowed
def a := r#"\"#
axiom no : False
===== a comment closed early in a comment | command_not_allowed
/- /- -/ /-/ -/ -/ axiom no : False
===== code in an interpolated string | syntax_not_allowed
def f := s!"{(fun (_ : 1 = 1) => 1) (by native_decide)}"
===== a byte order mark that is not the first | parse_error
def f := 1
﻿axiom no : False
===== a comment that stays open in a comment | parse_error
/- /- -/
theorem goal : 2 + 2 = 4 := rfl
===== a false target closed by sorry | sorry
theorem goal : 2 + 2 = 5 := by sorry
T: theorem goal : 2 + 2 = 5 := by sorry
===== another theorem than an unfinished target | target_type
theorem goal : 2 + 2 = 4 := rfl
T: theorem goal : 2 + 2 = 5 := by
===== a pattern that looks for nothing, written where it is used | test_undecided
def f (s : String) : Bool :=
  @String.startsWith (Char → Bool) s (fun c => c == 'a') ⟨fun _ => false, fun _ => none⟩
?: f "a" = true
===== the same behind a function of the library's | test_undecided
def never (p : Char → Bool) : String.Slice.Pattern.ForwardPattern p := ⟨fun _ => false, fun _ => none⟩
def f (s : String) : Bool := @String.startsWith _ s (fun c : Char => c == 'a') (id (never _))
?: f "a" = true
===== the same in a structure | test_undecided
structure Way (p : Char → Bool) where
  pattern : String.Slice.Pattern.ForwardPattern p
def way : Way (· == 'a') := ⟨⟨fun _ => false, fun _ => none⟩⟩
def f (s : String) : Bool := @String.startsWith _ s (fun c : Char => c == 'a') way.pattern
?: f "a" = true
===== a loop over matches of the program's own | test_undecided
instance (priority := high) mine (c : Char) (s : String.Slice) :
    Std.IteratorLoop (String.Slice.Pattern.ForwardCharSearcher c s) Id Id := .defaultImplementation
def f (s : String) : Bool := s.contains 'a'
?: f "a" = true
===== keys that are equal and have other hashes | test_undecided
import Std.Data.HashMap
structure K where
  v : Nat
instance : BEq K := ⟨fun _ _ => true⟩
instance : Hashable K := ⟨fun k => k.v.toUInt64⟩
def f (n : Nat) : Bool := ((∅ : Std.HashMap K Nat).insert ⟨1⟩ 1).contains ⟨n⟩
?: f 2 = true
===== the same given to a set of any type | test_undecided
import Std.Data.HashSet
structure K where
  v : Nat
instance equal : BEq K := ⟨fun _ _ => true⟩
instance : Hashable K := ⟨fun k => k.v.toUInt64⟩
def count {α : Type} [BEq α] [Hashable α] (xs : List α) : Nat := (Std.HashSet.ofList xs).size
def f (a b : Nat) : Nat := count [K.mk a, ⟨b⟩]
?: f 1 2 = 1
===== the same by an order | test_undecided
import Std.Data.HashSet
structure K where
  v : Nat
instance order : Ord K := ⟨fun _ _ => .eq⟩
instance : BEq K := order.toBEq
instance : Hashable K := ⟨fun k => k.v.toUInt64⟩
def f (a b : Nat) : Nat := (Std.HashSet.ofList [K.mk a, ⟨b⟩]).size
?: f 1 2 = 1
===== keys that are not equal to themselves | test_undecided
import Std.Data.HashMap
structure K where
  v : Nat
instance : BEq K := ⟨fun a b => a.v < b.v⟩
instance : Hashable K := ⟨fun _ => 0⟩
def f : Option Nat := (((∅ : Std.HashMap K Nat).insert ⟨2⟩ 20).insert ⟨1⟩ 10).get? ⟨5⟩
?: f = some 20
===== a monad that counts its steps | test_undecided
structure T (α : Type) where
  v : α
  n : Nat
instance : Monad T where
  pure a := ⟨a, 0⟩
  bind x f := let y := f x.v; ⟨y.v, x.n + y.n + 1⟩
def f (k : Nat) : Nat := (do for _ in 0...k do pure () : T Unit).n
?: f 3 = 6
===== the size of a string as of its characters | test_failed
def f (s : String) : Nat := sizeOf s
?: f "" = 2
===== an equality without symmetry, asked the other way round | test_failed
structure K where
  v : Nat
  deriving DecidableEq
instance (priority := high) less : BEq K := ⟨fun a b => a.v < b.v⟩
def f : Array K := #[⟨1⟩, ⟨3⟩].replace ⟨2⟩ ⟨9⟩
?: f = #[⟨1⟩, ⟨9⟩]
===== a lawful equality around a pattern that looks for nothing | test_undecided
import Std.Data.HashSet
structure K where
  v : Nat
def odd (s : String) : Bool :=
  @String.startsWith (Char → Bool) s (fun c => c == 'a') ⟨fun _ => false, fun _ => none⟩
instance equal : BEq K := ⟨fun a b => a.v == b.v && (odd "a" || true)⟩
instance : LawfulBEq K where
  rfl := by intro a; simp [BEq.beq, equal]
  eq_of_beq := by intro a b h; cases a; cases b; simp_all [BEq.beq, equal]
instance : Hashable K := ⟨fun k => k.v.toUInt64⟩
def f (n : Nat) : Bool := odd "a" && (Std.HashSet.ofList [K.mk 1]).contains ⟨n⟩
?: f 1 = true
