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
