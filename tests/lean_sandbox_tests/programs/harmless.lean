===== structures
structure Point (α : Type u) where
  x : α
  y : α
  deriving Repr, BEq, DecidableEq, Hashable, Inhabited
namespace Point
variable {α : Type u}
def swap (p : Point α) : Point α := ⟨p.y, p.x⟩
theorem swap_swap (p : Point α) : p.swap.swap = p := rfl
protected def add [Add α] (p q : Point α) : Point α := { x := p.x + q.x, y := p.y + q.y }
instance [Add α] : Add (Point α) := ⟨Point.add⟩
@[simp] theorem add_x [Add α] (p q : Point α) : (p + q).x = p.x + q.x := rfl
end Point
===== structure extends
structure A where
  a : Nat := 1
structure B extends A where
  b : Nat
  h : a ≤ b := by omega
structure C extends A, B
def b : B := { b := 2 }
def c : C := { b with }
example : b.a = 1 := rfl
===== class hierarchy
class Monoid' (M : Type u) extends Mul M where
  one : M
  one_mul : ∀ a : M, one * a = a
  mul_assoc : ∀ a b c : M, a * b * c = a * (b * c)
class CommMonoid' (M : Type u) extends Monoid' M where
  mul_comm : ∀ a b : M, a * b = b * a
instance : CommMonoid' Nat where
  one := 1
  one_mul := Nat.one_mul
  mul_assoc := Nat.mul_assoc
  mul_comm := Nat.mul_comm
theorem foo {M} [CommMonoid' M] (a b c : M) : a * b * c = c * (b * a) := by
  rw [CommMonoid'.mul_comm a b, CommMonoid'.mul_comm]
===== inductive families
inductive Vec (α : Type u) : Nat → Type u where
  | nil : Vec α 0
  | cons : α → Vec α n → Vec α (n + 1)
namespace Vec
def map (f : α → β) : Vec α n → Vec β n
  | nil => nil
  | cons a v => cons (f a) (map f v)
def head : Vec α (n + 1) → α
  | cons a _ => a
def toList : Vec α n → List α
  | nil => []
  | cons a v => a :: v.toList
theorem length_toList : (v : Vec α n) → v.toList.length = n
  | nil => rfl
  | cons _ v => by simp [toList, length_toList v]
end Vec
===== inductive predicate
inductive Even : Nat → Prop
  | zero : Even 0
  | step (n) : Even n → Even (n + 2)
theorem even_add {m n} (hm : Even m) (hn : Even n) : Even (m + n) := by
  induction hn with
  | zero => exact hm
  | step n _ ih => exact .step _ ih
theorem not_even_one : ¬ Even 1 := by
  intro h
  cases h
===== mutual inductive
mutual
inductive Tree (α : Type) where
  | node : α → Forest α → Tree α
inductive Forest (α : Type) where
  | nil : Forest α
  | cons : Tree α → Forest α → Forest α
end
mutual
def Tree.size : Tree α → Nat
  | .node _ f => f.size + 1
def Forest.size : Forest α → Nat
  | .nil => 0
  | .cons t f => t.size + f.size
end
===== nested inductive
inductive Rose (α : Type) where
  | node : α → List (Rose α) → Rose α
partial def Rose.size : Rose α → Nat
  | .node _ cs => 1 + (cs.map Rose.size).foldl (· + ·) 0
def Rose.count : Rose α → Nat
  | .node _ cs => 1 + (cs.attach.map fun ⟨c, _⟩ => c.count).sum
===== expr evaluator
inductive Expr where
  | num (n : Int)
  | var (s : String)
  | add (a b : Expr)
  | mul (a b : Expr)
  deriving Repr, DecidableEq, Inhabited
def Expr.eval (env : String → Int) : Expr → Int
  | num n => n
  | var s => env s
  | add a b => a.eval env + b.eval env
  | mul a b => a.eval env * b.eval env
def Expr.simplify : Expr → Expr
  | add (num 0) e | add e (num 0) => e.simplify
  | add a b => add a.simplify b.simplify
  | mul (num 1) e | mul e (num 1) => e
  | e => e
theorem eval_add (env : String → Int) (a b : Expr) :
    (Expr.add a b).eval env = a.eval env + b.eval env := rfl
===== option monad
def safeDiv (a b : Nat) : Option Nat := if b = 0 then none else some (a / b)
def calc3 (a b c : Nat) : Option Nat := do
  let x ← safeDiv a b
  let y ← safeDiv x c
  guard (y > 0)
  return x + y
def firstJust (xs : List (Option α)) : Option α := xs.findSome? id
===== except
inductive Err where | neg | big (n : Nat)
  deriving Repr
def check (n : Int) : Except Err Nat := do
  if n < 0 then throw .neg
  let m := n.toNat
  unless m < 100 do throw (.big m)
  pure m
def both (a b : Int) : Except Err Nat := do
  let x ← check a
  let y ← try check b catch _ => pure 0
  return x + y
===== state monad
def counter : StateM Nat Nat := do
  modify (· + 1)
  let s ← get
  if s > 10 then set 0
  return s
def runTwice : Nat × Nat := (do let _ ← counter; counter).run 3
===== reader and transformer
abbrev App := ReaderT Nat (StateT String (Except String))
def app : App Nat := do
  let n ← read
  modify (· ++ "x")
  if n = 0 then throw "zero"
  return n
===== imperative
def sieve (n : Nat) : Array Bool := Id.run do
  let mut a := Array.replicate (n + 1) true
  for i in [2:n+1] do
    if a[i]! then
      let mut j := i * i
      while j ≤ n do
        a := a.set! j false
        j := j + i
  return a
def find (xs : Array Int) (x : Int) : Option Nat := do
  for h : i in [0:xs.size] do
    if xs[i] == x then return i
  none
def nested (n : Nat) : Nat := Id.run do
  let mut total := 0
  for i in [:n] do
    for j in [i:n:2] do
      if j == 3 then continue
      if j > 7 then break
      total := total + j
  return total
===== new range syntax
def f (n : Nat) : Nat := Id.run do
  let mut s := 0
  for i in 0...n do
    s := s + i
  return s
===== strings and chars
def isVowel (c : Char) : Bool := c ∈ ['a', 'e', 'i', 'o', 'u']
def countVowels (s : String) : Nat := s.toList.countP isVowel
def caesar (k : Nat) (s : String) : String := s.map fun c =>
  if c.isLower then Char.ofNat ((c.toNat - 'a'.toNat + k) % 26 + 'a'.toNat) else c
def words (s : String) : List String := s.splitOn " " |>.filter (· ≠ "")
def cap (s : String) : String := s.capitalize
def palin (s : String) : Bool := s.toList == s.toList.reverse
def interp (x : Nat) (y : Float) : String := s!"x = {x}, y = {y}"
def multi := "a
b\tc\u0041 \x41"
def raw := r#"a"b"#
def j := String.join ["a", "b"] ++ String.intercalate ", " ["c"]
===== numbers
def h := 0xFF + 0b101 + 0o17
def fl : Float := 1.5e3 + 2.0
def u : UInt8 := 255 + 1
def bv : BitVec 8 := 0x1F#8 &&& 3#8
def i : Int := -7 / 2 + (-7) % 2
def fin : Fin 5 := 7
def r := (10 : Nat) ^ 20
def sh := 1 <<< 3 ||| 5 ^^^ 2
===== subtype
def Pos := { n : Nat // n > 0 }
def Pos.add (a b : Pos) : Pos := ⟨a.1 + b.1, by have := a.2; omega⟩
instance : Coe Pos Nat := ⟨Subtype.val⟩
def two (p : Pos) : Nat := p + 1
def sumFin (n : Nat) (f : Fin n → Nat) : Nat := (List.finRange n).foldl (fun s i => s + f i) 0
===== where and let rec
def fib (n : Nat) : Nat := go n 0 1
where
  go : Nat → Nat → Nat → Nat
    | 0, a, _ => a
    | n + 1, a, b => go n b (a + b)
def sum (xs : List Nat) : Nat :=
  let rec loop : List Nat → Nat → Nat
    | [], acc => acc
    | x :: xs, acc => loop xs (acc + x)
  loop xs 0
theorem fib_zero : fib 0 = 0 := rfl
===== termination
def log2 (n : Nat) : Nat := if n ≤ 1 then 0 else 1 + log2 (n / 2)
termination_by n
decreasing_by omega
def ack : Nat → Nat → Nat
  | 0, n => n + 1
  | m + 1, 0 => ack m 1
  | m + 1, n + 1 => ack m (ack (m + 1) n)
termination_by m n => (m, n)
def merge : List Nat → List Nat → List Nat
  | [], ys => ys
  | xs, [] => xs
  | x :: xs, y :: ys => if x ≤ y then x :: merge xs (y :: ys) else y :: merge (x :: xs) ys
def collatz (n fuel : Nat) : Nat := match fuel with
  | 0 => n
  | k + 1 => if n % 2 = 0 then collatz (n / 2) k else collatz (3 * n + 1) k
def pf (n : Nat) : Option Nat := if n = 0 then some 0 else pf (n + 1)
partial_fixpoint
===== structural annotation
def len : List α → Nat
  | [] => 0
  | _ :: xs => len xs + 1
termination_by structural xs => xs
===== pattern matching
def f : Nat × Option (List Nat) → Nat
  | (0, none) => 0
  | (n, some []) => n
  | (n, some (x :: y :: _)) => n + x + y
  | (n, some [x]) => n * x
  | (n, none) => n + 1
def g (x : Nat) (h : x > 0) : Nat := match x, h with | n + 1, _ => n
def k (xs : List Nat) : Nat := match h : xs with | [] => 0 | x :: _ => x
def ifLet (o : Option Nat) : Nat := if let some x := o then x else 0
def letPat (p : Nat × Nat) : Nat := let (a, b) := p; a + b
def m (o : Option Nat) : Bool := o matches some (_ + 1)
def fn : Nat → Nat → Nat := fun | 0, _ => 0 | n + 1, m => n + m
def nomatch1 (h : Fin 0) : α := nomatch h
def nofun1 : Empty → α := nofun
===== anonymous constructors and dots
def a : List Nat := [1, 2, 3].map (· + 1) |>.filter (· > 2) |>.reverse
def b : Nat := a.foldl (init := 0) fun acc x => acc + x
def c := (a.zip a).map (fun (x, y) => x * y)
def d : Option Nat := .some 3
def e := (fun x => x + 4) <| 3
def f := Function.comp (· + 1) (· * 2) 3
def g := (Nat.succ ∘ Nat.pred) 3
def h : Nat → Nat := fun x ↦ x
def p := a.head?.getD 0
def q := a[0]? |>.getD 1
def r (xs : Array Nat) (i : Fin xs.size) := xs[i]
===== theorem tactics
theorem t1 (p q : Prop) : p ∧ q → q ∧ p := by
  rintro ⟨hp, hq⟩
  exact ⟨hq, hp⟩
theorem t2 (p q r : Prop) : p ∧ (q ∨ r) ↔ (p ∧ q) ∨ (p ∧ r) := by
  constructor
  · rintro ⟨hp, hq | hr⟩
    · left; exact ⟨hp, hq⟩
    · right; constructor <;> assumption
  · rintro (⟨hp, hq⟩ | ⟨hp, hr⟩)
    · exact ⟨hp, Or.inl hq⟩
    · exact ⟨hp, Or.inr hr⟩
theorem t3 (a b c : Nat) (h : a = b) (h' : b = c) : a = c := by
  calc a = b := h
    _ = c := h'
theorem t4 (f : Nat → Nat) (h : ∀ x, f x = x) : f (f 2) = 2 := by
  conv => lhs; arg 1; rw [h]
  rw [h]
theorem t5 (n : Nat) : n * 0 = 0 := by
  induction n with
  | zero => rfl
  | succ n ih => simp
theorem t6 (x : Nat) (h : x = 0 ∨ x = 1) : x < 2 := by
  rcases h with rfl | rfl <;> decide
theorem t7 (x y : Int) (h : x < y) : ∃ z, x < z ∧ z ≤ y := ⟨y, h, by omega⟩
theorem t8 (b : Bool) : (if b then 1 else 2) > 0 := by
  split
  · decide
  · decide
theorem t9 (xs ys : List Nat) : (xs ++ ys).length = ys.length + xs.length := by
  simp only [List.length_append]
  rw [Nat.add_comm]
theorem t10 (a b : Nat) (h : a ≤ b) : ∃ c, b = a + c := by
  obtain ⟨c, hc⟩ := Nat.exists_eq_add_of_le h
  exact ⟨c, hc⟩
theorem t11 : ∃ x : Nat, x * x = 49 := by
  refine ⟨7, ?_⟩
  rfl
theorem t12 (p : Prop) [Decidable p] : ¬¬p → p := by
  intro h
  by_cases hp : p
  · exact hp
  · exact absurd hp h
theorem t13 (a b : Nat) : max a b = max b a := by
  simp only [Nat.max_def]
  split <;> split <;> omega
theorem t14 (xs : List Nat) : xs.reverse.reverse = xs := by
  exact?
theorem t15 (a b c : Nat) : a * (b + c) = a * b + a * c := by grind
theorem t16 (f : Nat → Nat) (a b : Nat) (h : a = b) : f a = f b := by
  congr
theorem t17 (f g : Nat → Nat) (h : ∀ x, f x = g x) : f = g := by
  funext x
  exact h x
theorem t18 (p q : Prop) (hpq : p → q) (hnq : ¬q) : ¬p := by
  intro hp
  apply hnq
  exact hpq hp
theorem t19 (x : Nat) : x ≠ x + 1 := by
  intro h
  have : x < x + 1 := Nat.lt_succ_self x
  omega
theorem t20 (s : Nat) (h : s > 3) : s ≥ 2 := by
  suffices s ≥ 3 by omega
  show s ≥ 3
  exact Nat.le_of_lt h
theorem t21 (a b : Nat) (h : a = b) : b = a := by subst h; rfl
theorem t22 (a b : Nat) (h : a = b) : b = a := h ▸ rfl
theorem t23 : ∀ x y : Bool, (x && y) = (y && x) := by decide
theorem t24 (x : Nat) : x = x := by
  first
  | exact absurd rfl (by decide)
  | rfl
theorem t25 (h : 1 = 2) : False := by injection h with h; contradiction
theorem t26 (a b : Nat) (h : a + b = 3) : a + b ≠ 4 := by
  generalize a + b = c at *
  omega
===== more tactics
theorem t1 (x : Nat) (h : x ∈ [1, 2, 3]) : x ≤ 3 := by
  simp at h
  omega
theorem t2 (x y : Nat) : (x + y) ^ 2 = x ^ 2 + 2 * x * y + y ^ 2 := by
  grind
theorem t3 (xs : List α) (f : α → β) (g : β → γ) : (xs.map f).map g = xs.map (g ∘ f) := by
  simp
theorem t4 (a b : Nat) (hab : a ∣ b) (hb : b > 0) : a ≤ b := Nat.le_of_dvd hb hab
theorem t5 : (5 : Nat) ∣ 10 := ⟨2, rfl⟩
theorem t6 (x : Nat) : x % 2 = 0 ∨ x % 2 = 1 := by
  cases Nat.mod_two_eq_zero_or_one x with
  | inl h => exact Or.inl h
  | inr h => exact Or.inr h
theorem t7 (n : Nat) (h : 0 < n) : n - 1 + 1 = n := by
  match n, h with
  | n + 1, _ => rfl
theorem t8 (a b c : Nat) (h₁ : a < b) (h₂ : b < c) : a + 1 < c := by
  have h₃ := Nat.lt_of_le_of_lt (Nat.succ_le_of_lt h₁) h₂
  simpa using h₃
theorem t9 (x : Nat) : ∃ y, y > x := by
  exists x + 1
  exact Nat.lt_succ_self x
theorem t10 (p : Nat → Prop) (h : ¬∃ x, p x) : ∀ x, ¬p x := by
  intro x hx
  exact h ⟨x, hx⟩
theorem t11 (a b : Nat) (h : a ≠ b) : a < b ∨ b < a := by
  rcases Nat.lt_trichotomy a b with h1 | h1 | h1
  · exact .inl h1
  · exact (h h1).elim
  · exact .inr h1
theorem t12 (x : Nat) (hx : x = 5) : x + x = 10 := by
  rw [hx]
theorem t13 : (fun (x : Nat) => x + 0) = id := by
  ext x
  rfl
theorem t14 (a b : Int) : a - b = -(b - a) := by omega
===== term proofs
theorem and_swap' {p q : Prop} : p ∧ q ↔ q ∧ p :=
  ⟨fun ⟨hp, hq⟩ => ⟨hq, hp⟩, fun ⟨hq, hp⟩ => ⟨hp, hq⟩⟩
theorem trans' {a b c : Nat} (h₁ : a = b) (h₂ : b = c) : a = c := h₁.trans h₂
theorem em' (p : Prop) : p ∨ ¬p := Classical.em p
theorem skolem {p : Nat → Nat → Prop} (h : ∀ x, ∃ y, p x y) : ∃ f : Nat → Nat, ∀ x, p x (f x) :=
  ⟨fun x => Classical.choose (h x), fun x => Classical.choose_spec (h x)⟩
theorem bycon (p : Prop) (h : ¬p → False) : p := Classical.byContradiction h
theorem haveShow (a b : Nat) (h : a = b) : b + 0 = a :=
  have h' : b = a := h.symm
  show b + 0 = a from h'
theorem fromAssumption (a b : Nat) (_ : a = b) : a = b := ‹a = b›
open Classical in
theorem dec (p : Prop) : (if p then 1 else 1) = 1 := by split <;> rfl
===== quotients and setoids
def mod2 : Setoid Nat where
  r a b := a % 2 = b % 2
  iseqv := ⟨fun _ => rfl, fun h => h.symm, fun h₁ h₂ => h₁.trans h₂⟩
def Z2 := Quotient mod2
def Z2.mk (n : Nat) : Z2 := Quotient.mk mod2 n
theorem z : Z2.mk 0 = Z2.mk 2 := Quotient.sound rfl
def Z2.toNat (x : Z2) : Nat := Quotient.lift (s := mod2) (· % 2) (fun _ _ h => h) x
===== universes and sections
universe u v w
section
variable {α : Type u} {β : Type v} (f : α → β)
def twice' (g : α → α) : α → α := g ∘ g
theorem comp_id' : f ∘ id = f := rfl
end
section Named
variable (n : Nat)
include n
theorem foo : True := trivial
omit n
end Named
noncomputable section
def choose' (h : ∃ x : Nat, x > 3) : Nat := Classical.choose h
end
def poly.{z} (α : Sort z) := α
===== quoted names and unicode
def «my function» (x : Nat) := x + 1
def «let» := 3
theorem «t-1» : «my function» 2 = 3 := rfl
def α' := 1
def f₁ (x₂ : Nat) := x₂
def ℕ' := Nat
namespace «name space»
def x := 1
end «name space»
#check «name space».x
===== comments
/-! module doc: axiom sorry -/
/- nested /- comment axiom -/ -/
/-- doc `#eval` -/
def f := 1 -- sorry
/-- unsafe -/
structure S where
  /-- field native_decide -/
  x : Nat -- implemented_by
===== own notation
structure V where
  x : Int
  y : Int
instance : Add V := ⟨fun a b => ⟨a.x + b.x, a.y + b.y⟩⟩
instance : HMul Int V V := ⟨fun k a => ⟨k * a.x, k * a.y⟩⟩
instance : OfNat V 0 := ⟨⟨0, 0⟩⟩
instance : Neg V := ⟨fun a => ⟨-a.x, -a.y⟩⟩
def V.dot (a b : V) : Int := a.x * b.x + a.y * b.y
infixl:70 " ⬝ " => V.dot
prefix:max "‼" => V.x
notation "⟪" a ", " b "⟫" => V.mk a b
def d (a b : V) : Int := a ⬝ b + ‼ a
example : ⟪1, 2⟫ + 0 = ⟪1, 2⟫ := rfl
postfix:max "ᵀ" => V.y
infixr:80 " ⊗⊗ " => fun a (_ : V) => a
===== printing commands
#check Nat
#check (1 : Nat)
#print Nat
#print axioms Nat.add_comm
#reduce 2 + 2
#synth Inhabited Nat
#where
#version
===== deriving many
inductive Color where | red | green | blue
  deriving Repr, BEq, DecidableEq, Hashable, Ord, Inhabited, ReflBEq, LawfulBEq
structure S where
  a : Nat
  c : Color
  deriving BEq, Hashable, Ord, Repr, DecidableEq, Inhabited, Nonempty
===== deriving nonempty
structure S where
  a : Nat
deriving instance Nonempty for S
===== instances on own
structure Stack (α : Type) where
  items : List α
namespace Stack
def push (s : Stack α) (a : α) : Stack α := ⟨a :: s.items⟩
def pop (s : Stack α) : Option (α × Stack α) := match s.items with
  | [] => none
  | a :: r => some (a, ⟨r⟩)
instance : EmptyCollection (Stack α) := ⟨⟨[]⟩⟩
instance : Functor Stack := ⟨fun f s => ⟨s.items.map f⟩, fun a s => ⟨s.items.map fun _ => a⟩⟩
instance [ToString α] : ToString (Stack α) := ⟨fun s => toString s.items⟩
instance : Membership α (Stack α) := ⟨fun s a => a ∈ s.items⟩
instance : GetElem (Stack α) Nat α (fun s i => i < s.items.length) := ⟨fun s i h => s.items[i]⟩
theorem pop_push (s : Stack α) (a : α) : (s.push a).pop = some (a, s) := rfl
end Stack
===== own monad
structure State (σ α : Type) where
  run : σ → α × σ
instance : Monad (State σ) where
  pure a := ⟨fun s => (a, s)⟩
  bind m f := ⟨fun s => let (a, s') := m.run s; (f a).run s'⟩
def tick : State Nat Unit := ⟨fun n => ((), n + 1)⟩
def three : State Nat Nat := do
  tick
  tick
  return 3
instance : LawfulMonad (State σ) := LawfulMonad.mk' _ (fun _ => rfl) (fun _ _ => rfl) (fun _ _ _ => rfl)
===== abbrev and opens
abbrev Str := String
open List Nat in
def f (xs : List Nat) := xs.map succ
open Nat (succ zero) in
def g := succ zero
open List hiding map
open List renaming filter → keep
export Nat (pred)
def h := pred 3
namespace A.B
def x := 1
end A.B
open A
#check B.x
===== array ops
def sumA (xs : Array Int) : Int := Id.run do
  let mut s := 0
  for x in xs do s := s + x
  return s
def rev (xs : Array α) : Array α := xs.foldr (fun x acc => acc.push x) #[]
def mx (xs : Array Nat) : Nat := xs.foldl max 0
def sl (xs : Array Nat) : Array Nat := xs.extract 1 3 ++ #[4] |>.map (· + 1)
def sorted (xs : Array Nat) := xs.qsort (· < ·)
def mat : Array (Array Nat) := #[#[1, 2], #[3, 4]]
def at' := mat[0]![1]!
def bsearch (xs : Array Int) (t : Int) : Option Nat :=
  let rec go (lo hi : Nat) : Option Nat :=
    if h : lo < hi then
      let mid := (lo + hi) / 2
      if xs[mid]! = t then some mid
      else if xs[mid]! < t then go (mid + 1) hi
      else go lo mid
    else none
  termination_by hi - lo
  go 0 xs.size
===== main
def greet (n : String) : IO Unit := do
  IO.println s!"Hello {n}"
  let stdin ← IO.getStdin
  let l ← stdin.getLine
  for i in [0:3] do
    IO.println s!"{i} {l}"
def main (args : List String) : IO UInt32 := do
  greet (args.headD "x")
  return 0
===== import init
import Init
def f := 1
===== import init data
import Init.Data.List.Basic
def f := 1
===== conv mode
theorem c (a b c : Nat) : a + b + c = b + a + c := by
  conv =>
    lhs
    rw [Nat.add_comm a b]
theorem c2 (f : Nat → Nat) (h : ∀ x, f x = 0) : (fun x => f x + 1) = fun _ => 1 := by
  conv => lhs; ext x; rw [h]
theorem c3 (a b : Nat) : a * b = b * a := by
  conv in a * b => rw [Nat.mul_comm]
===== simp variations
@[simp] def dbl (n : Nat) := n + n
theorem a (n : Nat) : dbl n = 2 * n := by simp; omega
theorem b (n : Nat) (h : n = 3) : dbl n = 6 := by simp [h]
theorem c (xs : List Nat) (h : xs ≠ []) : xs.length ≠ 0 := by simp_all
theorem d (p q : Prop) (hp : p) (hq : q) : p ∧ q ∧ True := by simp [*]
theorem e (n : Nat) : n + 0 = n := by simp (config := { contextual := true, decide := false })
theorem f (n : Nat) : 0 + n = n := by simp +arith
theorem g (a b : Nat) (h : a = b) : a + 1 = b + 1 := by simp (disch := assumption) [h]
theorem h (n : Nat) (hn : 0 < n) : n / n = 1 := by simp [Nat.div_self hn]
theorem i (n : Nat) : n * 1 = n := by simp only [Nat.mul_one]
theorem j (a b : Nat) : a + b = b + a := by ac_rfl
theorem k (a b c : Nat) (h : a ∣ b) : a ∣ b * c := by exact Nat.dvd_mul_right_of_dvd h c
theorem l (n : Nat) : n < 2 ^ n := by exact Nat.lt_two_pow_self
theorem m (x y : BitVec 8) : x + y = y + x := by bv_omega
theorem n (x : BitVec 4) : x &&& x = x := by simp
theorem o (a b : Bool) : (a || b) = (b || a) := by cases a <;> cases b <;> rfl
theorem p (x : Nat) : (x = 1 ∨ x = 2) → x ≤ 2 := by omega
theorem q (x : Nat) : x ≤ x := by show_term exact Nat.le_refl x
===== induction using
theorem strong (p : Nat → Prop) (h : ∀ n, (∀ m, m < n → p m) → p n) (n : Nat) : p n := by
  induction n using Nat.strongRecOn with
  | _ n ih => exact h n ih
theorem two (n : Nat) (f : Nat → Nat) (h0 : f 0 = 0) (hs : ∀ n, f (n+1) = f n) : f n = 0 := by
  induction n generalizing f with
  | zero => assumption
  | succ n ih => rw [hs]; exact ih f h0 hs
def fib : Nat → Nat | 0 => 0 | 1 => 1 | n + 2 => fib n + fib (n + 1)
theorem fib_le (n : Nat) : fib n ≤ 2 ^ n := by
  fun_induction fib n with
  | case1 => simp
  | case2 => simp
  | case3 n ih1 ih2 =>
    have h : 2 ^ (n + 2) = 2 ^ (n + 1) + 2 * 2 ^ n := by grind
    have : 0 < 2 ^ n := Nat.two_pow_pos n
    omega
===== suggestions
theorem a (a b : Nat) (h : a < b) : ¬ b ≤ a := by simp?; omega
theorem c (n : Nat) : n + 0 = n := by rw?
theorem d (x y : Nat) (h : x = y) : y = x := by grind?
theorem e (x y : Nat) (h : x = y) : y = x := by solve_by_elim [Eq.symm]
theorem f : True ∧ True := by trivial
theorem g (x : Nat) : x = x := by try?
===== options in tactics
theorem a (x : Nat) : x + 0 = x := by
  set_option maxRecDepth 1000 in
  simp
set_option maxRecDepth 2000 in
theorem b : (List.range 100).length = 100 := by decide
set_option linter.unusedVariables false
set_option pp.proofs true
===== autoimplicit
def f (x : α) : α := x
theorem g (xs : List α) : xs ++ [] = xs := by simp
def h {n : Nat} (v : Fin n) : Nat := v
===== deprecated alias
@[deprecated Nat.add_comm (since := "2024-01-01")] theorem foo (a b : Nat) : a + b = b + a := Nat.add_comm a b
@[reducible] def N := Nat
@[simp, grind =] theorem dbl (n : Nat) : n * 2 = n + n := by omega
attribute [local instance] Classical.propDecidable
attribute [simp] Nat.add_comm in
theorem x (a b : Nat) : a + b = b + a := by simp
===== thunk task
def t : Thunk Nat := Thunk.mk fun _ => 3
def v := t.get
def ta : Task Nat := Task.spawn fun _ => 3
===== hygiene names
theorem foo (x : Nat) (this : x = 1) : x = 1 := this
theorem bar : ∀ _ : Nat, True := fun _ => trivial
example (x : Nat) : x = x := by
  have := rfl (a := x)
  exact this
===== opaque types
def Graph := Nat → List Nat
instance : Inhabited Graph := ⟨fun _ => []⟩
def Graph.reach (g : Graph) (fuel : Nat) (n : Nat) : List Nat := match fuel with
  | 0 => [n]
  | k + 1 => n :: (g n).flatMap (g.reach k)
===== bounded quantifiers
theorem a : ∀ x ∈ [1, 2, 3], x < 4 := by decide
theorem b : ∃ x ∈ [1, 2, 3], x > 2 := by decide
theorem c : ∀ x < 10, x * x < 100 := by decide
def isPrime (n : Nat) : Bool := n ≥ 2 && (List.range n).all fun d => d < 2 || n % d != 0
theorem p : isPrime 13 = true := by decide
theorem p2 : isPrime 97 = true := by rfl
===== a theorem proved with a helper that made the same matcher first
def first : Nat → Nat
  | 0 => 0
  | n + 1 => n
theorem goal (n : Nat) : (match n with | 0 => 0 | k + 1 => k) = n - 1 := by
  cases n <;> rfl
T: theorem goal (n : Nat) : (match n with | 0 => 0 | k + 1 => k) = n - 1
===== a matcher of the target's helper, made before by another function
def other : Nat → Nat
  | 0 => 5
  | n + 1 => n
def pred' : Nat → Nat
  | 0 => 0
  | n + 1 => n
theorem goal : pred' 3 = 2 := rfl
T: def pred' : Nat → Nat
T:   | 0 => 0
T:   | n + 1 => n
T: theorem goal : pred' 3 = 2
===== a target in a namespace
namespace Algebra
theorem goal : 2 + 2 = 4 := rfl
end Algebra
T: namespace Algebra
T: theorem goal : 2 + 2 = 4
===== a target with its own type, and tests that use its constructors
inductive Colour where
  | red | green
  deriving DecidableEq
structure Pixel where
  colour : Colour
  depth : Nat
  deriving DecidableEq
def paint (n : Nat) : Pixel := { colour := if n = 0 then .red else .green, depth := n }
T: inductive Colour where
T:   | red | green
T:   deriving DecidableEq
T: structure Pixel where
T:   colour : Colour
T:   depth : Nat
T:   deriving DecidableEq
T: def paint (n : Nat) : Pixel
?: paint 0 = { colour := .red, depth := 0 }
?: (paint 3).colour = .green
===== a test with a match in it
def f (n : Nat) : Option Nat := if n = 0 then none else some (n - 1)
T: def f (n : Nat) : Option Nat
?: (match f 3 with | some 2 => true | _ => false) = true
===== ordinary hypotheses
theorem goal (a b c : Nat) (h : a < b) (k : b < c) (s : List Nat) (m : a ∈ s) : a < c ∧ s ≠ [] := by
  constructor
  · omega
  · intro e; simp [e] at m
T: theorem goal (a b c : Nat) (h : a < b) (k : b < c) (s : List Nat) (m : a ∈ s) : a < c ∧ s ≠ []
===== a theorem about a contradiction
theorem goal (n : Nat) (h : n < n) : False := Nat.lt_irrefl n h
T: theorem goal (n : Nat) (h : n < n) : False
===== a lemma from False, beside the target
theorem helper (p : Prop) (h : False) : p := h.elim
theorem goal : 2 + 2 = 4 := rfl
T: theorem goal : 2 + 2 = 4
===== sealed and unsealed
def f (n : Nat) : Nat := n + 1
seal f
unseal f
example : f 1 = 2 := rfl
===== default proofs and default values
def f (n : Nat) (h : n = n := by rfl) (k : Nat := 3) : Nat := n + k
def g := f 3
structure S where
  x : Nat
  p : x = x := by simp
def s : S := { x := 3 }
===== names that Lean would make up itself
def match_1 (n : Nat) : Nat := n
def helper._sunfold (n : Nat) : Nat := n
def f (n : Nat) : Nat := match n with | 0 => match_1 1 | n + 1 => n
===== a hundred of each
inductive Big where
  | c0
  | c1
  | c2
  | c3
  | c4
  | c5
  | c6
  | c7
  | c8
  | c9
  | c10
  | c11
  | c12
  | c13
  | c14
  | c15
  | c16
  | c17
  | c18
  | c19
  | c20
  | c21
  | c22
  | c23
  | c24
  | c25
  | c26
  | c27
  | c28
  | c29
  | c30
  | c31
  | c32
  | c33
  | c34
  | c35
  | c36
  | c37
  | c38
  | c39
  | c40
  | c41
  | c42
  | c43
  | c44
  | c45
  | c46
  | c47
  | c48
  | c49
  | c50
  | c51
  | c52
  | c53
  | c54
  | c55
  | c56
  | c57
  | c58
  | c59
def deep (x : Nat) : Nat :=
  let y0 := x + 0
  let y1 := x + 1
  let y2 := x + 2
  let y3 := x + 3
  let y4 := x + 4
  let y5 := x + 5
  let y6 := x + 6
  let y7 := x + 7
  let y8 := x + 8
  let y9 := x + 9
  let y10 := x + 10
  let y11 := x + 11
  let y12 := x + 12
  let y13 := x + 13
  let y14 := x + 14
  let y15 := x + 15
  let y16 := x + 16
  let y17 := x + 17
  let y18 := x + 18
  let y19 := x + 19
  let y20 := x + 20
  let y21 := x + 21
  let y22 := x + 22
  let y23 := x + 23
  let y24 := x + 24
  let y25 := x + 25
  let y26 := x + 26
  let y27 := x + 27
  let y28 := x + 28
  let y29 := x + 29
  x
theorem many : True := by
  have h0 : 0 = 0 := rfl
  have h1 : 1 = 1 := rfl
  have h2 : 2 = 2 := rfl
  have h3 : 3 = 3 := rfl
  have h4 : 4 = 4 := rfl
  have h5 : 5 = 5 := rfl
  have h6 : 6 = 6 := rfl
  have h7 : 7 = 7 := rfl
  have h8 : 8 = 8 := rfl
  have h9 : 9 = 9 := rfl
  have h10 : 10 = 10 := rfl
  have h11 : 11 = 11 := rfl
  have h12 : 12 = 12 := rfl
  have h13 : 13 = 13 := rfl
  have h14 : 14 = 14 := rfl
  have h15 : 15 = 15 := rfl
  have h16 : 16 = 16 := rfl
  have h17 : 17 = 17 := rfl
  have h18 : 18 = 18 := rfl
  have h19 : 19 = 19 := rfl
  have h20 : 20 = 20 := rfl
  have h21 : 21 = 21 := rfl
  have h22 : 22 = 22 := rfl
  have h23 : 23 = 23 := rfl
  have h24 : 24 = 24 := rfl
  have h25 : 25 = 25 := rfl
  have h26 : 26 = 26 := rfl
  have h27 : 27 = 27 := rfl
  have h28 : 28 = 28 := rfl
  have h29 : 29 = 29 := rfl
  have h30 : 30 = 30 := rfl
  have h31 : 31 = 31 := rfl
  have h32 : 32 = 32 := rfl
  have h33 : 33 = 33 := rfl
  have h34 : 34 = 34 := rfl
  have h35 : 35 = 35 := rfl
  have h36 : 36 = 36 := rfl
  have h37 : 37 = 37 := rfl
  have h38 : 38 = 38 := rfl
  have h39 : 39 = 39 := rfl
  trivial
===== do notation and try
def safe (x : Nat) : Except String Nat := do
  if x = 0 then throw "zero"
  return 10 / x
def both (x y : Nat) : Except String Nat := do
  let a ← safe x
  let b ← try safe y catch _ => pure 0
  return a + b
def run' : ExceptT String (StateM Nat) Unit := do
  modify (· + 1)
  if (← get) > 3 then throw "big"
  unless (← get) == 0 do set 0
===== do nested actions
def f (xs : Array Nat) : Option Nat := do
  let mut best := 0
  for h : i in [0:xs.size] do
    let x := xs[i]'(Membership.get_elem_helper h rfl)
    if x > best then best := x
    else if x == 0 then continue
    else break
  if let some y := xs[0]? then return y + best
  let some z := xs[1]? | none
  guard (z > 0)
  return best
def g (n : Nat) : StateM (Array Nat) Unit := do
  for i in [0:n:2], j in [5:50] do
    modify (·.push (i * j))
  repeat
    if (← get).size < 3 then break
    modify Array.pop
  while (← get).size > 1 do
    modify Array.pop
===== hash maps
import Std.Data.HashMap
import Std.Data.HashSet
import Std.Data.TreeMap
open Std
def freq (xs : List Nat) : HashMap Nat Nat :=
  xs.foldl (fun m x => m.insert x (m.getD x 0 + 1)) {}
def uniq (xs : List String) : HashSet String := xs.foldl (·.insert ·) ∅
def total (m : TreeMap String Nat) : Nat := m.foldl (fun s _ v => s + v) 0
def g (m : HashMap String Nat) : Nat := Id.run do
  let mut s := 0
  for (_, v) in m do s := s + v
  if let some v := m["a"]? then s := s + v
  if h : "b" ∈ m then s := s + m["b"]
  return s
===== rationals
def q : Rat := 1 / 3 + 2
theorem t : (1 : Rat) / 2 + 1 / 2 = 1 := by decide +kernel
===== structure things
structure Config where
  name : String := "default"
  level : Nat := 1
  tags : List String := []
  deriving Repr, BEq, Inhabited
structure Extended extends Config where
  extra : Option Nat := none
  level := 5
def c : Extended := { name := "x", extra := some 3 }
def d : Config := { c.toConfig with level := 7, tags := ["a", "b"] }
def e (x : Config) : String := let { name, level, .. } := x; name ++ toString level
def f : Config → String | { name := n, .. } => n
def g (x : Extended) := { x with name := "y", toConfig.tags := [] }
instance : Coe Config String := ⟨Config.name⟩
def h (x : Config) : String := x
def k : Config := ⟨"a", 2, []⟩
===== class things
class Animal (α : Type) where
  name : α → String
  noise : α → String := fun _ => "?"
  legs : Nat := 4
structure Dog where
instance : Animal Dog where
  name _ := "dog"
def describe [Animal α] (a : α) : String := s!"{Animal.name a} says {Animal.noise a}"
class Semi (α : Type u) extends Add α, Zero α where
  add_zero : ∀ a : α, a + 0 = a
instance : Semi Nat := { add_zero := Nat.add_zero }
instance (priority := low) [Semi α] : Inhabited α := ⟨0⟩
variable {α} [Semi α] in
theorem foo (a : α) : a + 0 = a := Semi.add_zero a
===== mutual with termination
mutual
def even : Nat → Bool
  | 0 => true
  | n + 1 => odd n
termination_by n => n
def odd : Nat → Bool
  | 0 => false
  | n + 1 => even n
termination_by n => n
end
theorem e4 : even 4 = true := by simp [even, odd]
===== sections, variables
section A
variable (α : Type _) [Inhabited α]
variable {β : Type _}
variable (f : α → β) in
def app : β := f default
def pair (b : β) : α × β := (default, b)
end A
namespace B
section
universe u
variable {γ : Sort u}
def idd (x : γ) := x
end
end B
open B (idd)
open B renaming idd → ident
#check @ident
===== let rec and where
def sumTo (n : Nat) : Nat := go n 0
where
  /-- helper -/
  go : Nat → Nat → Nat
    | 0, acc => acc
    | n + 1, acc => go n (acc + n + 1)
def fact (n : Nat) : Nat :=
  let rec loop (k acc : Nat) : Nat := match k with
    | 0 => acc
    | k + 1 => loop k (acc * (k + 1))
  loop n 1
theorem s : sumTo 3 = 6 := by rfl
theorem sum_go (n acc : Nat) : sumTo.go n acc = acc + sumTo.go n 0 := by
  induction n generalizing acc with
  | zero => simp [sumTo.go]
  | succ n ih => simp only [sumTo.go]; rw [ih, ih (0 + n + 1)]; omega
===== pattern zoo
def f : Nat × Nat → Nat
  | (0, y) => y
  | (x@(k + 1), y) => x + k + y
def g : List Nat → String
  | [] => "none"
  | [_] => "one"
  | _ :: _ :: _ => "many"
def h (c : Char) : Bool := match c with
  | 'a' | 'e' | 'i' => true
  | _ => false
def k (s : String) : Nat := match s with
  | "one" => 1
  | "two" => 2
  | _ => 0
def l (x : Int) : Nat := match x with
  | .ofNat n => n
  | .negSucc n => n + 1
def m (x y : Option Nat) : Nat := match x, y with
  | some a, some b => a + b
  | some a, none | none, some a => a
  | none, none => 0
def n (x : Nat) : Nat := if let some y := [1, 2, 3][x]? then y else 0
def o (x : Except String Nat) : Nat := match h : x with
  | .ok v => v
  | .error e => e.length
def p (xs : List Nat) (h : xs ≠ []) : Nat := match xs, h with
  | x :: _, _ => x
def q : (n : Nat) → n < 3 → String
  | 0, _ => "a" | 1, _ => "b" | 2, _ => "c"
def r (x : Nat) : Nat := match x with
  | 0 => 1
  | n + 1 => if n > 5 then n else match n with | 0 => 7 | _ => 8
===== higher order
def compose (f : β → γ) (g : α → β) : α → γ := f ∘ g
def pipeline (xs : List Nat) : List String :=
  xs |>.filter (· % 2 == 0) |>.map (· + 1) |>.map toString
def app := (· + 1) <$> [1, 2, 3]
def seq' : Option Nat := (· + ·) <$> some 1 <*> some 2
def z := List.zipWith (fun a b => a * b) [1, 2] [3, 4]
def u := [1, 2, 3].foldr (init := 0) fun x acc => x + acc
def v : Nat → Nat := fun | 0 => 1 | n + 1 => n
def w := (List.range 10).map fun n => n ^ 2
def x := #[1, 2, 3].map (fun x => x * 2) |>.toList
def y : List (Nat × Char) := [1, 2].zip ['a', 'b']
def a1 := [3, 1, 2].toArray.qsort (· < ·) |>.toList
def a2 := ([1, 2, 3].map fun x => (x, x)).unzip.1
def a3 : Nat := Nat.fold 5 (fun i _ acc => acc + i) 0
def a4 := [1, 2, 3].flatMap fun x => [x, x]
def a5 := [some 1, none].filterMap id
def a6 := (some 3).getD 0 + (none : Option Nat).getD 1
def a7 := [1, 2, 3].partition (· > 1)
def a8 := "abc".toList.map Char.toNat |>.sum
def a9 := [1, 2].all (· > 0) && [1, 2].any (· == 2) && [1].contains 1
===== arrays
def a (xs : Array Nat) (h : 0 < xs.size) : Nat := xs[0]
def b (xs : Array Nat) : Nat := xs[0]! + xs[1]?.getD 0 + xs.getD 2 0 + xs.back!
def c (xs : Array Nat) : Array Nat := xs.set! 0 5 |>.push 6 |>.reverse
def d (xs : Array Nat) : Array Nat := Id.run do
  let mut ys := xs
  for i in [:xs.size] do
    ys := ys.modify i (· + 1)
    ys := ys.set! i (ys[i]! * 2)
  return ys
def e := Array.range 5 ++ (Array.replicate 3 0) ++ #[1, 2].map (· + 1)
def f (xs : Array Int) : Int := xs.foldl (init := 0) (· + ·)
def g : Array (Array Nat) := Array.replicate 2 (Array.replicate 3 0)
def h (xs : Array Nat) : Option Nat := xs.find? (· > 3)
def i (v : Vector Nat 3) : Nat := v[0] + v[2]
def j : Vector Nat 3 := #v[1, 2, 3]
def k (xs : Array Nat) : Bool := xs.all (· > 0) || xs.any (· == 0) || xs.contains 3
def l (xs : Array Nat) : Array (Nat × Nat) := xs.mapIdx fun i x => (i, x)
def m (xs : Array Nat) := xs.swapIfInBounds 0 1
def bubble (xs : Array Int) : Array Int := Id.run do
  let mut a := xs
  for i in [0:a.size] do
    for j in [0:a.size - i - 1] do
      if a[j]! > a[j+1]! then
        let t := a[j]!
        a := a.set! j a[j+1]!
        a := a.set! (j+1) t
  return a
===== where ex fixed
def tree (n : Nat) : Nat := aux n 0 where
  aux (n acc : Nat) : Nat :=
    if n = 0 then acc else aux (n - 1) (acc + n)
  termination_by n
===== quotients, subtypes
def Even := {n : Nat // n % 2 = 0}
instance : Add Even := ⟨fun a b => ⟨a.1 + b.1, by have := a.2; have := b.2; omega⟩⟩
def two : Even := ⟨2, rfl⟩
def four := two + two
theorem even_add_comm (a b : Even) : a + b = b + a := Subtype.ext (Nat.add_comm _ _)
def Int' := Quot (fun (a b : Nat × Nat) => a.1 + b.2 = b.1 + a.2)
def Fin3 := Fin 3
def pos : { x : Int // x > 0 } := ⟨1, by decide⟩
===== own list and proofs
inductive L (α : Type u)
  | nil : L α
  | cons : α → L α → L α
  deriving Repr, DecidableEq, BEq, Hashable, Ord, Inhabited
namespace L
variable {α : Type u}
def app : L α → L α → L α
  | nil, ys => ys
  | cons x xs, ys => cons x (app xs ys)
instance : Append (L α) := ⟨app⟩
@[simp] theorem nil_app (xs : L α) : nil ++ xs = xs := rfl
@[simp] theorem cons_app (x : α) (xs ys : L α) : cons x xs ++ ys = cons x (xs ++ ys) := rfl
theorem app_nil (xs : L α) : xs ++ nil = xs := by
  induction xs with
  | nil => rfl
  | cons x xs ih => simp [ih]
theorem app_assoc (xs ys zs : L α) : (xs ++ ys) ++ zs = xs ++ (ys ++ zs) := by
  induction xs <;> simp_all
def rev : L α → L α
  | nil => nil
  | cons x xs => rev xs ++ cons x nil
theorem rev_app (xs ys : L α) : rev (xs ++ ys) = rev ys ++ rev xs := by
  induction xs with
  | nil => simp [rev, app_nil]
  | cons x xs ih => simp [rev, ih, app_assoc]
theorem rev_rev : ∀ xs : L α, rev (rev xs) = xs
  | nil => rfl
  | cons x xs => by simp [rev, rev_app, rev_rev xs]
def fold (f : β → α → β) (b : β) : L α → β
  | nil => b
  | cons x xs => fold f (f b x) xs
instance : Functor L where
  map f xs := go f xs
where go {α β} (f : α → β) : L α → L β
  | nil => nil
  | cons x xs => cons (f x) (go f xs)
end L
===== monad transformers
structure Env where
  depth : Nat := 0
  names : List String := []
inductive Err | notFound (s : String) | deep
  deriving Repr, Inhabited
abbrev M := ReaderT Env (StateT Nat (Except Err))
def fresh : M Nat := do
  let n ← get
  set (n + 1)
  return n
def lookup (s : String) : M Nat := do
  match (← read).names.findIdx? (· == s) with
  | some i => pure i
  | none => throw (.notFound s)
def deeper (m : M α) : M α := do
  if (← read).depth > 10 then throw .deep
  withReader (fun e => { e with depth := e.depth + 1 }) m
def all : M (List Nat) := ["a", "b"].mapM lookup
def safely : M Nat := tryCatch (lookup "x") fun _ => fresh
def runAll : Except Err (Nat × Nat) := (deeper safely).run {} |>.run 3
def io (n : Nat) : IO Unit := do
  let ref ← IO.mkRef 0
  for i in [0:n] do ref.modify (· + i)
  try IO.println s!"{← ref.get}" catch e => IO.eprintln s!"{e}"
  if n > 3 then throw <| IO.userError "no"
===== tests of strings and more
def f (n : Nat) : List Nat := (List.range n).reverse
T: def f (n : Nat) : List Nat
?: f 3 = [2, 1, 0]
?: (f 4).length = 4
?: f 0 = []
===== tests with quoted name
def «my f» (n : Nat) : Nat := Id.run do
  let mut s := 0
  for i in [0:n] do s := s + i
  return s
T: def «my f» (n : Nat) : Nat
?: «my f» 4 = 6
===== target with default proof
def f (n : Nat) (h : 0 < n := by decide) : Nat := n - 1
T: def f (n : Nat) (h : 0 < n := by decide) : Nat
?: f 3 = 2
===== target with default value
def f (n : Nat) (k : Nat := 3) : Nat := n + k
T: def f (n : Nat) (k : Nat := 3) : Nat
?: f 3 = 6
===== target structure with default proof
structure S where
  x : Nat
  h : x = x := by rfl
def f (n : Nat) : S := { x := n }
T: structure S where
T:   x : Nat
T:   h : x = x := by rfl
T: def f (n : Nat) : S
?: (f 3).x = 3
===== a helper theorem before the target's helper
theorem zero (n : Nat) : n + 0 = n := rfl
def other (n : Nat) (h : n < 3) : Fin 3 := ⟨n, by omega⟩
def pick (n : Nat) (h : n < 3) : Fin 3 := ⟨n, by omega⟩
def f (n : Nat) : Nat := if h : n < 3 then (pick n h).1 else 0
T: def pick (n : Nat) (h : n < 3) : Fin 3 := ⟨n, by omega⟩
T: def f (n : Nat) : Nat
?: f 2 = 2
===== target as instance
structure V where
  x : Nat
instance addV : Add V := ⟨fun a b => ⟨a.x + b.x⟩⟩
T: structure V where
T:   x : Nat
T: instance addV : Add V
===== target wf helper
def gcd' (a b : Nat) : Nat := if h : b = 0 then a else gcd' b (a % b)
termination_by b
decreasing_by exact Nat.mod_lt _ (Nat.pos_of_ne_zero h)
def extra := 3
def f (n : Nat) : Nat := gcd' n 12
T: def gcd' (a b : Nat) : Nat := if h : b = 0 then a else gcd' b (a % b)
T: termination_by b
T: decreasing_by exact Nat.mod_lt _ (Nat.pos_of_ne_zero h)
T: def f (n : Nat) : Nat
?: f 18 = 6
===== target partial helper
partial def loop (n : Nat) : Nat := if n > 100 then n else loop (n * 2 + 1)
def f (n : Nat) : Nat := n + 1
T: partial def loop (n : Nat) : Nat := if n > 100 then n else loop (n * 2 + 1)
T: def f (n : Nat) : Nat
?: f 2 = 3
===== binder names and implicit differ
theorem goal {α : Type u} [BEq α] (l : List α) (x : α) : (l ++ [x]).length = l.length + 1 := by simp
T: theorem goal.{v} {β : Type v} [BEq β] (xs : List β) (a : β) : (xs ++ [a]).length = xs.length + 1
===== variable order
variable {α : Type u} (xs : List α)
theorem goal : xs ++ [] = xs := List.append_nil xs
T: theorem goal.{u} {α : Type u} (xs : List α) : xs ++ [] = xs
===== public section
public section
def f (x : Nat) : Nat := x
end
===== typename deriving
structure S where
  x : Nat
  deriving TypeName
===== target with end
namespace A
theorem goal : 2 + 2 = 4 := rfl
end A
T: namespace A
T: theorem goal : 2 + 2 = 4 := sorry
T: end A
===== section end target
variable (n : Nat)
theorem goal : n + 0 = n := rfl
T: section
T: variable (n : Nat)
T: theorem goal : n + 0 = n := by sorry
T: end
===== target given with where
def f (n : Nat) : Nat := n + 1
T: def f (n : Nat) : Nat := go n where
T:   go (n : Nat) : Nat := n
?: f 3 = 4
===== private helper and a loop
private def step (n : Nat) : Nat := n * 2
def f (n : Nat) : Nat := Id.run do
  let mut s := 0
  for i in [0:n] do s := s + step i
  return s
T: def f (n : Nat) : Nat
?: f 4 = 12
===== trace profiler output
set_option trace.profiler.output "x.json" in
def f := 1
===== decreasing by everything
def log2 (n : Nat) : Nat := if h : n ≤ 1 then 0 else 1 + log2 (n / 2)
def collatz (n fuel : Nat) : Nat := match fuel with
  | 0 => 0
  | fuel + 1 => if n == 1 then 0 else if n % 2 == 0 then 1 + collatz (n / 2) fuel else 1 + collatz (3 * n + 1) fuel
def ack : Nat → Nat → Nat
  | 0, n => n + 1
  | m + 1, 0 => ack m 1
  | m + 1, n + 1 => ack m (ack (m + 1) n)
termination_by m n => (m, n)
def interleave (xs ys : List Nat) : List Nat := match xs with
  | [] => ys
  | x :: xs => x :: interleave ys xs
termination_by xs.length + ys.length
decreasing_by simp_wf; omega
def digits (n : Nat) : List Nat := if n < 10 then [n] else digits (n / 10) ++ [n % 10]
termination_by n
def msort (xs : List Nat) : List Nat :=
  if h : xs.length ≤ 1 then xs
  else
    let n := xs.length / 2
    have h1 : (xs.take n).length < xs.length := by simp; omega
    have h2 : (xs.drop n).length < xs.length := by simp; omega
    (msort (xs.take n) ++ msort (xs.drop n))
termination_by xs.length
def find (p : Nat → Bool) (n : Nat) : Option Nat := if p n then some n else find p (n + 1)
partial_fixpoint
===== instances
structure Point (α : Type) where
  x : α
  y : α
  deriving Repr, BEq, DecidableEq, Hashable, Ord, Inhabited
namespace Point
variable {α : Type}
instance [Add α] : Add (Point α) := ⟨fun p q => ⟨p.x + q.x, p.y + q.y⟩⟩
instance [Mul α] : HMul α (Point α) (Point α) := ⟨fun k p => ⟨k * p.x, k * p.y⟩⟩
instance [Neg α] : Neg (Point α) where neg p := ⟨-p.x, -p.y⟩
instance [OfNat α n] : OfNat (Point α) n := ⟨⟨OfNat.ofNat n, OfNat.ofNat n⟩⟩
instance [LT α] : LT (Point α) := ⟨fun p q => p.x < q.x ∧ p.y < q.y⟩
instance [LT α] [DecidableRel (α := α) (· < ·)] (p q : Point α) : Decidable (p < q) :=
  inferInstanceAs (Decidable (_ ∧ _))
instance [ToString α] : ToString (Point α) := ⟨fun p => s!"({p.x}, {p.y})"⟩
instance : CoeHead (Point Nat) Nat := ⟨fun p => p.x + p.y⟩
instance : CoeFun (Point Nat) fun _ => Nat → Nat := ⟨fun p n => p.x * n + p.y⟩
end Point
===== instances 2
structure P where
  x : Nat
local instance : BEq P := ⟨fun a b => a.x == b.x⟩
instance : Ord P := ⟨fun a b => compare a.x b.x⟩
local instance (priority := low) : Inhabited P := ⟨⟨3⟩⟩
instance : DecidableEq P := fun a b =>
  if h : a.x = b.x then isTrue (by cases a; cases b; simp_all) else isFalse (by intro h'; exact h (h' ▸ rfl))
instance : LE P := ⟨fun a b => a.x ≤ b.x⟩
instance : DecidableRel (α := P) (· ≤ ·) := fun a b => inferInstanceAs (Decidable (a.x ≤ b.x))
instance : Max P := maxOfLe
instance : CoeSort P Type := ⟨fun p => Fin p.x⟩
instance : Membership Nat P := ⟨fun p n => n < p.x⟩
instance : GetElem P Nat Nat (fun p i => i < p.x) := ⟨fun _ i _ => i⟩
instance : ForIn Id P Nat := ⟨fun p b f => forIn [0:p.x] b f⟩
instance : Stream P Nat := ⟨fun p => if p.x = 0 then none else some (p.x, ⟨p.x - 1⟩)⟩
example (a b : P) : Decidable (a = b) := inferInstance
def total (p : P) : Nat := Id.run do
  let mut s := 0
  for i in p do s := s + i
  return s
===== notations
notation:50 a " ≃ₘ " b:51 => a % 10 = b % 10
example : 12 ≃ₘ 2 := rfl
infix:60 " ⊞ " => Nat.add
local postfix:90 "!" => fun n => n * 2
example : 3 ! = 6 := rfl
===== theorem proofs
theorem a (p q r : Prop) : (p ∧ q) ∧ r ↔ p ∧ (q ∧ r) := by
  constructor
  · rintro ⟨⟨hp, hq⟩, hr⟩
    exact ⟨hp, hq, hr⟩
  · intro ⟨hp, hq, hr⟩
    exact ⟨⟨hp, hq⟩, hr⟩
theorem b (xs ys : List Nat) : (xs ++ ys).length = xs.length + ys.length := by
  induction xs with
  | nil => simp
  | cons x xs ih => simp [ih]; omega
theorem d (x y : Nat) (h : x ≤ y) : ∃ z, y = x + z := ⟨y - x, by omega⟩
theorem e (f : Nat → Nat) (h : ∀ x, f x = x) : f (f 2) = 2 := by rw [h, h]
theorem g (a b : Nat) : a + b = b + a := calc
  a + b = b + a := Nat.add_comm ..
  _ = b + a := rfl
theorem h (p q : Prop) : p ∨ q → q ∨ p := by
  rintro (hp | hq)
  · right; assumption
  · left; assumption
theorem i : ¬ (3 : Nat) ∣ 10 := by decide
theorem j (s : String) : s ++ "" = s := by simp
theorem k (a b c : Int) (h : a < b) : a + c < b + c := by omega
theorem l (x : Nat) : (if x = x then 1 else 2) = 1 := by split <;> simp_all
theorem m (x : Option Nat) (h : x ≠ none) : ∃ y, x = some y := by
  match x, h with
  | some y, _ => exact ⟨y, rfl⟩
  | none, h => exact absurd rfl h
theorem n (a b : Nat) (h : a = b) : b = a := by
  subst h
  rfl
theorem o (xs : List Nat) (h : 3 ∈ xs) : xs ≠ [] := by
  rintro rfl
  simp at h
theorem p (a b : Nat) : max a b = max b a := by
  simp only [Nat.max_def]
  split <;> split <;> omega
theorem q (x y z : Nat) (h₁ : x < y) (h₂ : y < z) : x < z := by
  calc x < y := h₁
    _ < z := h₂
theorem r : ∃ x : Nat, x * x = 49 := by exists 7
theorem s (h : 1 = 2) : False := by nomatch h
theorem t (x : Nat × Nat) : x = (x.1, x.2) := by
  obtain ⟨a, b⟩ := x
  rfl
theorem u (a b c d : Nat) (h : a = b) (h' : c = d) : a + c = b + d := by
  congr
theorem v (f g : Nat → Nat) (h : ∀ x, f x = g x) : f = g := by
  funext x
  exact h x
theorem w (a b : Nat) (h : a ≤ b) (h' : b ≤ a) : a = b := by
  apply Nat.le_antisymm <;> assumption
===== documentation and printing
/-- A function. # Heading `code` {braces} -/
def f (x : Nat) : Nat := x
/-! ## Section -/
#check (f : Nat → Nat)
#check_failure (f "a")
#print f
#print axioms f
#reduce f 3
#reduce (proofs := true) f 3
===== options of all kinds
set_option maxRecDepth 2000
set_option autoImplicit true
set_option pp.all true
set_option format.width 80 in
def a := 1
set_option profiler false in
def a' := 1
set_option tactic.customEliminators true in
def b := 1
set_option backward.split false in
def c := 1
set_option compiler.extract_closed false in
def d := 1
set_option maxSynthPendingDepth 3 in
def e := 1
set_option genSizeOfSpec false in
inductive F | a
set_option genInjectivity false in
inductive G | a
===== strings
def a := "abc".length + "abc".toList.length
def b := "a,b".splitOn ","
def c := ("a" ++ "b" : String).push 'c'
def d := String.join ["a", "b"]
def e := ", ".intercalate ["a", "b"]
def f := "abc".toUpper ++ "ABC".toLower ++ " x ".trim
def g := "42".toNat?.getD 0 + ("-3".toInt?.getD 0).toNat
def h := s!"{1 + 1} {"x"} {[1, 2]} {(1, 'c')} {some 3}"
def i := "abc".get! 0 |>.isAlpha
def j := 'a'.toNat + 'z'.val.toNat
def k := "héllo → ∀ 🎉"
def l := "a\n\t\"\\ \x41 \u00e9 \
   continued"
def m := r"raw \n" ++ r#"raw "quoted""#
def n := "abc".startsWith "a" && "abc".endsWith "c" && "abc".contains 'b'
def o := String.mk ['a', 'b'] ++ String.ofList ['c']
def p := "abc".foldl (fun n c => n + c.toNat) 0
def q := "a b c".split (· == ' ')
def r := "abc".replace "b" "x"
def s := ("abc".take 2).toString ++ ("abc".drop 1).toString
def t := 'a'.isDigit || 'A'.isUpper || '\n'.isWhitespace
def u := "import Lean\naxiom x : False\n#eval sorry set_option debug.skipKernelTC true"
def v : String := "abc".map fun c => if c == 'a' then 'b' else c
def x := "abc" < "abd" && "a" == "a" && "a" != "b"
===== type level
def Vec (α : Type u) (n : Nat) := { xs : List α // xs.length = n }
inductive Ty | nat | bool | fn (a b : Ty)
@[reducible] def Ty.denote : Ty → Type
  | nat => Nat
  | bool => Bool
  | fn a b => a.denote → b.denote
variable {ctx : List Ty} {a b t : Ty} in
inductive Term : List Ty → Ty → Type
  | var : Term (t :: ctx) t
  | const (n : Nat) : Term ctx .nat
  | plus : Term ctx .nat → Term ctx .nat → Term ctx .nat
  | lam : Term (a :: ctx) b → Term ctx (.fn a b)
def HList : List Type → Type 1
  | [] => PUnit
  | t :: ts => t × HList ts
abbrev Matrix (m n : Nat) (α : Type u) := Fin m → Fin n → α
def Matrix.mul [Add α] [Mul α] [Zero α] (a : Matrix m n α) (b : Matrix n p α) : Matrix m p α :=
  fun i j => (List.finRange n).foldl (fun s k => s + a i k * b k j) 0
inductive All (P : α → Prop) : List α → Prop
  | nil : All P []
  | cons {x xs} : P x → All P xs → All P (x :: xs)
inductive Reach (r : α → α → Prop) : α → α → Prop
  | refl : Reach r a a
  | tail : Reach r a b → r b c → Reach r a c
theorem Reach.trans {r : α → α → Prop} (h : Reach r a b) (h' : Reach r b c) : Reach r a c := by
  induction h' with
  | refl => exact h
  | tail _ hr ih => exact .tail ih hr
inductive Set' (α : Type) : (α → Prop) → Prop
  | mk (p) : Set' α p
def MySet (α : Type u) := α → Prop
inductive Evens : MySet Nat
  | zero : Evens 0
  | add (n) : Evens n → Evens (n + 2)
inductive MyUnit : Sort (max 1 u)
  | star
structure Both (α : Sort u) (β : Sort v) where
  f : α → β
  a : α
abbrev T1 := Type 1
inductive Dyn : T1
  | mk (α : Type) (a : α)
===== numbers of all kinds
def a : Float := 3.5e-2 + Float.sqrt 2.0 * Float.floor 1.5
def b : UInt8 := 255 + 1
def d : Int := -7 / 2 + Int.emod (-7) 2 + Int.toNat (-3)
def e : BitVec 16 := 0xff#16 ++ 0#0 + (BitVec.ofNat 16 3).rotateLeft 2
def f : Fin 10 := 3 + 9
def g : Int8 := -128
def h : USize := 10
def i : Float32 := 1.5
def j : Char := Char.ofNat ('a'.toNat + 1)
theorem bv (x y : BitVec 8) : x &&& y = y &&& x := BitVec.and_comm x y
===== further tactics
theorem a (x y : BitVec 32) : x + y = y + x := by bv_omega
theorem c (x : Nat) (h : 0 < x) : x / x = 1 := by
  rw [Nat.div_self]
  exact h
theorem d (a b : Nat) (h : ¬ a ≤ b) : b < a := by
  by_cases h' : b < a
  · exact h'
  · exfalso; omega
theorem e (xs : List Nat) : xs.map id = xs := by
  simp
theorem f (n : Nat) : 2 ∣ n * (n + 1) := by
  rcases Nat.mod_two_eq_zero_or_one n with h | h
  · exact ⟨n / 2 * (n + 1), by rw [← Nat.mul_assoc]; congr; omega⟩
  · exact ⟨n * ((n + 1) / 2), by rw [Nat.mul_left_comm]; congr; omega⟩
theorem g (a b c : Nat) (h : a ∣ b) (h' : b ∣ c) : a ∣ c := Nat.dvd_trans h h'
theorem h (p : Nat → Prop) (h : ∃ x, p x ∧ x > 0) : ∃ y, y > 0 ∧ p y := by
  have ⟨x, hp, hx⟩ := h
  refine ⟨x, ?_, ?_⟩
  all_goals assumption
theorem i (a b : Nat) : (a + b) * (a + b) = a * a + 2 * (a * b) + b * b := by grind
theorem j (a b : Nat) (h : a * b = 0) : a = 0 ∨ b = 0 := by
  simpa [Nat.mul_eq_zero] using h
theorem k : (fun x : Nat => x + 0) = id := by
  ext x
  simp
theorem l (x : Nat) : x ∈ [x] := by
  first
  | done
  | simp
theorem m (a b c : Nat) : a + b + c = c + b + a := by
  ac_nf
theorem n (h : p ∧ q) : q := by
  cases h
  next _ hq => exact hq
theorem p (n : Nat) : n ≤ n ^ 2 := by
  rw [Nat.pow_two]
  exact Nat.le_mul_self n
theorem q (n : Nat) : 0 + n = n := by
  change 0 + n = n
  show _ = _
  exact Nat.zero_add n
theorem r (a b : Nat) (hab : a = b) (hb : b = 3) : a = 3 := by
  replace hab := hab.trans hb
  clear hb
  revert hab
  exact id
theorem s (f : Nat → Nat) (hf : ∀ a b, f a = f b → a = b) : f 1 ≠ f 2 := by
  intro h
  have := hf _ _ h
  contradiction
theorem t (a b : Nat) : a = b ∨ a ≠ b := by
  rcases Nat.decEq a b with h | h
  · exact .inr h
  · exact .inl h
theorem u : ∀ b : Bool, (b && true) = b := by decide
theorem v (x : Nat) (h : x ∈ [1, 2, 3]) : x < 5 := by
  simp only [List.mem_cons, List.not_mem_nil, or_false] at h
  rcases h with rfl | rfl | rfl <;> decide
theorem w (x y : Int) (h : 2 * x + 1 = 2 * y) : False := by omega
===== default proofs
def f (n : Nat) (h : n = n := by rfl) (k : Nat := 3) : Nat := n + k
def g := f 3
structure S where
  x : Nat
  p : x = x := by simp
def s : S := { x := 3 }
section
variable (n : Nat) (h : 0 < n + 1 := by omega)
include h
def k : Nat := n
def l : Nat := k 3
end
===== names below the library's
theorem Nat.add.mine (a b : Nat) (h : a < 3) : (⟨a, by omega⟩ : Fin 3) = ⟨a, by omega⟩ := rfl
def List.length._mine := 3
def Nat._mine := 3
===== what Lean makes of the library
theorem b (xs : List Nat) : List.zipWith (· + ·) xs [] = [] := by
  cases xs <;> rw [List.zipWith.eq_def]
theorem c (f : Nat → Nat) (x : Nat) (xs : List Nat) : (x :: xs).map f = f x :: xs.map f := by rw [List.map.eq_2]
theorem d (xs : List (Nat × Nat)) : (List.lookup 3 xs).isSome = true ∨ (List.lookup 3 xs).isSome = false := by
  fun_induction List.lookup 3 xs <;> simp_all
===== sort by a definition
def MySet (α : Type u) := α → Prop
inductive Evens : MySet Nat
  | zero : Evens 0
  | add (n) : Evens n → Evens (n + 2)
abbrev T1 := Type 1
inductive Dyn : T1
  | mk (α : Type) (a : α)
inductive MyUnit : Sort (max 1 u)
  | star
structure Both (α : Sort u) (β : Sort v) where
  f : α → β
  a : α
===== class abbrev
class abbrev X (α : Type) := Add α, Mul α
#check_failure (1 : String)
set_option profiler true in
def f := 1
===== a prover's header
set_option maxHeartbeats 400000
set_option linter.all false
set_option linter.style.longLine false
set_option weak.linter.mathlibStandardSet true
set_option pp.numericTypes true
set_option trace.aesop true
set_option profiler true
set_option warn.sorry false
set_option autoImplicit false
set_option relaxedAutoImplicit false
open Nat
theorem t (a b : Nat) (h : a < b) : a + 1 ≤ b := by omega
===== options of tactics in every form
theorem a (x : Nat) : x + 0 = x := by simp (config := {}) only [Nat.add_zero]
theorem b (x : Nat) : x + 0 = x := by simp (config := {decide := true, maxSteps := 1000})
theorem c (x y : Nat) : x + y = y + x := by rw (config := {occs := .pos [1]}) [Nat.add_comm]
theorem d (x y : Nat) : x + y = y + x := by rw (occs := .pos [1]) [Nat.add_comm]
theorem e (x : Nat) : x < x + 1 := by omega (config := {})
theorem f (x : Nat) : x < x + 1 := by grind (splits := 20) (ematch := 10) -ring +splitImp
theorem g : 3 < 5 := by decide (config := {kernel := true})
theorem h (x y : Nat) (p : x = y) : y = x := by simp_all (config := {zeta := false})
===== dbg_trace
def f (n : Nat) : Nat := dbg_trace "n is {n}"; n + 1
===== everything of Std that may be had
import Std
open Std Std.Do
def count (words : List String) : HashMap String Nat :=
  words.foldl (fun counts word => counts.insert word (counts.getD word 0 + 1)) {}
def seen : TreeSet Nat := .ofList [3, 1, 2]
def pure3 : Id Nat := do
  let mut s := 0
  s := s + 3
  return s
theorem t : pure3.run = 3 := by
  generalize h : pure3.run = r
  apply Id.of_wp_run_eq h
  mvcgen [pure3]
===== a target that ends in :=
theorem goal : 2 + 2 = 4 := rfl
T: theorem goal : 2 + 2 = 4 :=
===== a target that ends in := by
theorem goal : 2 + 2 = 4 := rfl
T: theorem goal : 2 + 2 = 4 := by
===== a target that ends in := by and a comment
theorem goal (n : Nat) (h : n < 3) : n < 4 := by omega
T: theorem goal (n : Nat) (h : n < 3) : n < 4 := by -- your proof
===== a target that ends in := by sorry
theorem goal : 2 + 2 = 4 := rfl
T: theorem goal : 2 + 2 = 4 := by sorry
===== a target that ends in := sorry
theorem goal : 2 + 2 = 4 := rfl
T: theorem goal : 2 + 2 = 4 :=
T:   sorry
===== a definition's target that ends in :=
def limit : Nat := 7
def f (x : Nat) : Nat := x + limit
T: def limit : Nat := 7
T: def f (x : Nat) : Nat :=
?: f 1 = 8
===== a target in a namespace that ends in := by
namespace A
theorem t : 1 = 1 := rfl
end A
T: namespace A
T: theorem t : 1 = 1 := by
