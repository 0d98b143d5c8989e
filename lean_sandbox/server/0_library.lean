/- What library functions compute whose bodies this build of Lean does not export, so that the
   kernel cannot evaluate them. `Outerloop.f` says it of `f`: same type, same universes, no proof.
   `4_world.lean` puts them in the place of the library's in a copy of what a test leads to.

   A string is its list of characters here, a hash map its list of pairs. Each of these is part
   of what a verdict rests on: the tests compare them with what the compiled library answers. -/

noncomputable section
namespace Outerloop

/-! ## Recursion and loops -/

/-- More rounds than a test has that the kernel can follow; behind them stands no answer. -/
def rounds : Nat := 10000

/-- Nobody says which of its values this is. -/
axiom unknown.{u} {α : Type u} [Inhabited α] : α

def WellFounded.fix.{u, v} {α : Sort u} {C : α → Sort v} {r : α → α → Prop} (hwf : WellFounded r)
    (F : (x : α) → ((y : α) → r y x → C y) → C x) (x : α) : C x :=
  Nat.rec (motive := fun _ => (x : α) → C x) (_root_.WellFounded.fix hwf F)
    (fun _ again x => F x (fun y _ => again y)) rounds x

def WellFounded.Nat.fix.{u, v} {α : Sort u} {motive : α → Sort v} (h : α → Nat)
    (F : (x : α) → ((y : α) → InvImage (fun a b => a < b) h y x → motive y) → motive x) (x : α) :
    motive x :=
  Nat.rec (motive := fun _ => (x : α) → motive x) (_root_.WellFounded.Nat.fix h F)
    (fun _ again x => F x (fun y _ => again y)) rounds x

def next.{u, v} {β : Type u} {m : Type u → Type v} [Monad m] (step : m (ForInStep β))
    (again : β → m β) : m β :=
  bind step fun
    | .done b => pure b
    | .yield b => again b

def Lean.Loop.forIn.{u, v} {β : Type u} {m : Type u → Type v} [Monad m] (l : Lean.Loop) (init : β)
    (f : Unit → β → m (ForInStep β)) : m β :=
  Nat.rec (motive := fun _ => β → m β) (fun b => _root_.Lean.Loop.forIn l b f)
    (fun _ again b => next (f () b) again) rounds init

def Std.Legacy.Range.forIn'.{u, v} {m : Type u → Type v} {β : Type u} [Monad m]
    (range : Std.Legacy.Range) (init : β)
    (f : (i : Nat) → i ∈ range → β → m (ForInStep β)) : m β :=
  Nat.rec (motive := fun _ => Nat → β → m β) (fun _ b => pure b)
    (fun _ again i b =>
      if h : range.start ≤ i ∧ i < range.stop ∧ (i - range.start) % range.step = 0 then
        next (f i h b) (again (i + range.step))
      else pure b)
    (range.stop - range.start) range.start init

def listLoop.{u, v, w} {α : Type u} {m : Type w → Type v} {β : Type w} [Monad m]
    {P : α → Prop} (f : (a : α) → P a → β → m (ForInStep β)) :
    (l : List α) → (∀ a, a ∈ l → P a) → β → m β
  | [], _, b => pure b
  | a :: l, h, b =>
    next (f a (h a (.head l)) b) (listLoop f l (fun a' h' => h a' (.tail a h')))

def Array.forIn'.{u, v, w} {α : Type u} {β : Type v} {m : Type v → Type w} [Monad m]
    (as : Array α) (b : β) (f : (a : α) → a ∈ as → β → m (ForInStep β)) : m β :=
  listLoop (P := fun a => a ∈ as) f as.toList (fun _ h => ⟨h⟩) b

def Std.Rco.instForIn'InferInstanceMembershipOfLawfulUpwardEnumerableOfLawfulUpwardEnumerableLEOfLawfulUpwardEnumerableLTOfMonadOfFiniteIteratorId.{u, v}
    {α : Type u} {m : Type u → Type v} [Std.PRange.UpwardEnumerable α] [LE α] [LT α]
    [DecidableLT α] [Std.PRange.LawfulUpwardEnumerable α] [Std.PRange.LawfulUpwardEnumerableLE α]
    [Std.PRange.LawfulUpwardEnumerableLT α] [Monad m]
    [Std.Iterators.Finite (Std.Rxo.Iterator α) Id] : ForIn' m (Std.Rco α) α inferInstance where
  forIn' {β} r init f :=
    Nat.rec (motive := fun _ => Nat → β → m β) (fun _ b => @unknown _ ⟨pure b⟩)
      (fun _ again n b =>
        match h : Std.PRange.UpwardEnumerable.succMany? n r.lower with
        | none => pure b
        | some a =>
          if below : a < r.upper then
            next (f a ⟨(Std.PRange.LawfulUpwardEnumerableLE.le_iff ..).mpr ⟨n, h⟩, below⟩ b)
              (again (n + 1))
          else pure b)
      rounds 0 init

def Std.Rcc.instForIn'InferInstanceMembershipOfLawfulUpwardEnumerableOfLawfulUpwardEnumerableLEOfMonadOfFiniteIteratorId.{u, v}
    {α : Type u} {m : Type u → Type v} [Std.PRange.UpwardEnumerable α] [LE α] [DecidableLE α]
    [Std.PRange.LawfulUpwardEnumerable α] [Std.PRange.LawfulUpwardEnumerableLE α] [Monad m]
    [Std.Iterators.Finite (Std.Rxc.Iterator α) Id] : ForIn' m (Std.Rcc α) α inferInstance where
  forIn' {β} r init f :=
    Nat.rec (motive := fun _ => Nat → β → m β) (fun _ b => @unknown _ ⟨pure b⟩)
      (fun _ again n b =>
        match h : Std.PRange.UpwardEnumerable.succMany? n r.lower with
        | none => pure b
        | some a =>
          if below : a ≤ r.upper then
            next (f a ⟨(Std.PRange.LawfulUpwardEnumerableLE.le_iff ..).mpr ⟨n, h⟩, below⟩ b)
              (again (n + 1))
          else pure b)
      rounds 0 init

/-- From a value on, while a test holds. -/
def upward.{u} {α : Type u} [Std.PRange.UpwardEnumerable α] (isIn : α → Bool) (start : α) :
    List α :=
  Nat.rec (motive := fun _ => Nat → List α) (fun _ => unknown)
    (fun _ again n =>
      match Std.PRange.UpwardEnumerable.succMany? n start with
      | none => []
      | some a => if isIn a then a :: again (n + 1) else [])
    rounds 0

def Std.Rco.toList.{u} {α : Type u} [LT α] [DecidableLT α] [Std.PRange.UpwardEnumerable α]
    [Std.PRange.LawfulUpwardEnumerable α] [Std.Rxo.IsAlwaysFinite α] (r : Std.Rco α) : List α :=
  upward (fun a => decide (a < r.upper)) r.lower
def Std.Rcc.toList.{u} {α : Type u} [LE α] [DecidableLE α] [Std.PRange.UpwardEnumerable α]
    [Std.PRange.LawfulUpwardEnumerable α] [Std.Rxc.IsAlwaysFinite α] (r : Std.Rcc α) : List α :=
  upward (fun a => decide (a ≤ r.upper)) r.lower

def Std.Rco.toArray.{u} {α : Type u} [LT α] [DecidableLT α] [Std.PRange.UpwardEnumerable α]
    [Std.PRange.LawfulUpwardEnumerable α] [Std.Rxo.IsAlwaysFinite α] (r : Std.Rco α) : Array α :=
  ⟨Outerloop.Std.Rco.toList r⟩
def Std.Rcc.toArray.{u} {α : Type u} [LE α] [DecidableLE α] [Std.PRange.UpwardEnumerable α]
    [Std.PRange.LawfulUpwardEnumerable α] [Std.Rxc.IsAlwaysFinite α] (r : Std.Rcc α) : Array α :=
  ⟨Outerloop.Std.Rcc.toList r⟩

/-! ## Lists, sorting -/

def List.merge.{u} {α : Type u} (xs ys : List α)
    (le : α → α → Bool := by exact fun a b => a ≤ b) : List α :=
  go (xs.length + ys.length) xs ys
where
  go : Nat → List α → List α → List α
    | 0, xs, ys => xs ++ ys
    | _ + 1, [], ys => ys
    | _ + 1, xs, [] => xs
    | n + 1, x :: xs, y :: ys =>
      if le x y then x :: go n xs (y :: ys) else y :: go n (x :: xs) ys

def List.mergeSort.{u} {α : Type u} (xs : List α)
    (le : α → α → Bool := by exact fun a b => a ≤ b) : List α :=
  go xs.length xs
where
  go : Nat → List α → List α
    | 0, xs => xs
    | _ + 1, [] => []
    | _ + 1, [a] => [a]
    | n + 1, a :: b :: xs =>
      let all := a :: b :: xs
      let half := (all.length + 1) / 2
      Outerloop.List.merge (go n (all.take half)) (go n (all.drop half)) le

def lessAt.{u} {α : Type u} (lt : α → α → Bool) (l : List α) (i j : Nat) : Bool :=
  match l[i]?, l[j]? with
  | some a, some b => lt a b
  | _, _ => false
def swapped.{u} {α : Type u} (l : List α) (i j : Nat) : List α :=
  match l[i]?, l[j]? with
  | some a, some b => (l.set i b).set j a
  | _, _ => l
def swappedIf.{u} {α : Type u} (lt : α → α → Bool) (l : List α) (i j at_ with_ : Nat) : List α :=
  if lessAt lt l i j then swapped l at_ with_ else l

/-- Quicksort as the library does it, which is not stable. -/
def quickSorted.{u} {α : Type u} (lt : α → α → Bool) : Nat → List α → Nat → Nat → List α
  | 0, l, _, _ => l
  | n + 1, l, low, high =>
    if low < high then
      let middle := (low + high) / 2
      let l := swappedIf lt l middle low low middle
      let l := swappedIf lt l high low low high
      let l := swappedIf lt l middle high middle high
      let (l, middle) := around high (high - low) l low low
      if high ≤ middle then l
      else quickSorted lt n (quickSorted lt n l low middle) (middle + 1) high
    else l
where
  around (high : Nat) : Nat → List α → Nat → Nat → List α × Nat
    | 0, l, i, _ => (swapped l i high, i)
    | n + 1, l, i, k =>
      if lessAt lt l k high then around high n (swapped l i k) (i + 1) (k + 1)
      else around high n l i (k + 1)

def Array.qsort.{u} {α : Type u} (as : Array α) (lt : α → α → Bool := by exact fun a b => a < b)
    (low : Nat := 0) (high : Nat := as.size - 1) : Array α :=
  ⟨quickSorted lt as.size as.toList low (min high (as.size - 1))⟩

def splitListBy {α : Type} (p : α → Bool) : List α → List α → List (List α)
  | [], word => [word.reverse]
  | a :: rest, word =>
    if p a then word.reverse :: splitListBy p rest [] else splitListBy p rest (a :: word)

/-! ## Strings: the type, and what is compared -/

structure String where
  data : List Char

instance : Inhabited String := ⟨⟨[]⟩⟩

def instDecidableEqString : DecidableEq String
  | ⟨a⟩, ⟨b⟩ =>
    match decEq a b with
    | isTrue h => isTrue (congrArg _ h)
    | isFalse h => isFalse fun same => h (congrArg String.data same)

def String.decEq : (a b : String) → Decidable (a = b) := instDecidableEqString
def String.instLT : LT String := ⟨fun a b => a.data < b.data⟩
def String.decidableLT (a b : String) : Decidable (String.instLT.lt a b) :=
  inferInstanceAs (Decidable (a.data < b.data))
def String.le (a b : String) : Prop := ¬ String.instLT.lt b a
def String.instLE : LE String := ⟨String.le⟩
def String.decLE (a b : String) : Decidable (String.instLE.le a b) :=
  inferInstanceAs (Decidable (¬ (b.data < a.data)))

def String.ofList (l : List Char) : String := ⟨l⟩
def String.toList (s : String) : List Char := s.data
def String.length (s : String) : Nat := s.data.length
def String.isEmpty (s : String) : Bool := s.data.isEmpty
def String.append (a b : String) : String := ⟨a.data ++ b.data⟩
def String.Internal.append (a b : String) : String := ⟨a.data ++ b.data⟩
def String.push (s : String) (c : Char) : String := ⟨s.data ++ [c]⟩
def String.pushn (s : String) (c : Char) (n : Nat) : String := ⟨s.data ++ _root_.List.replicate n c⟩
def String.singleton (c : Char) : String := ⟨[c]⟩
def String.join (l : List String) : String := ⟨l.flatMap String.data⟩
def String.intercalate (sep : String) : List String → String
  | [] => ⟨[]⟩
  | s :: rest => ⟨rest.foldl (fun all t => all ++ sep.data ++ t.data) s.data⟩
def String.map (f : Char → Char) (s : String) : String := ⟨s.data.map f⟩
def String.foldl.{u} {α : Type u} (f : α → Char → α) (init : α) (s : String) : α :=
  s.data.foldl f init
def String.foldr.{u} {α : Type u} (f : Char → α → α) (init : α) (s : String) : α :=
  s.data.foldr f init
def String.toUpper (s : String) : String := ⟨s.data.map Char.toUpper⟩
def String.toLower (s : String) : String := ⟨s.data.map Char.toLower⟩
def String.capitalize : String → String
  | ⟨[]⟩ => ⟨[]⟩
  | ⟨c :: rest⟩ => ⟨c.toUpper :: rest⟩
def String.decapitalize : String → String
  | ⟨[]⟩ => ⟨[]⟩
  | ⟨c :: rest⟩ => ⟨c.toLower :: rest⟩
def String.front? (s : String) : Option Char := s.data.head?
def String.back? (s : String) : Option Char := s.data.getLast?
def String.front (s : String) : Char := s.data.headD default
def String.back (s : String) : Char := s.data.getLastD default
def String.isPrefixOf (p s : String) : Bool := p.data.isPrefixOf s.data
def String.utf8ByteSize (s : String) : Nat := s.data.foldl (fun n c => n + c.utf8Size) 0

/-- From a byte on, the characters left; none inside a character. -/
def fromByte : List Char → Nat → Option (List Char)
  | l, 0 => some l
  | [], _ + 1 => none
  | c :: rest, n + 1 => if n + 1 < c.utf8Size then none else fromByte rest (n + 1 - c.utf8Size)

def charAt (s : String) (p : String.Pos.Raw) : Option Char :=
  (fromByte s.data p.byteIdx).bind _root_.List.head?

def String.Pos.Raw.get (s : String) (p : _root_.String.Pos.Raw) : Char := (charAt s p).getD default
def String.Pos.Raw.get! (s : String) (p : _root_.String.Pos.Raw) : Char := (charAt s p).getD default
def String.Pos.Raw.get? (s : String) (p : _root_.String.Pos.Raw) : Option Char := charAt s p
def String.Pos.Raw.next (s : String) (p : _root_.String.Pos.Raw) : _root_.String.Pos.Raw :=
  ⟨p.byteIdx + ((charAt s p).getD default).utf8Size⟩
def String.Pos.Raw.atEnd (s : String) (p : _root_.String.Pos.Raw) : Bool :=
  decide (s.utf8ByteSize ≤ p.byteIdx)

/-! ## Slices and patterns -/

/-- A piece of a string, by what it holds. -/
structure String.Slice where
  data : List Char

class String.ToSlice.{u} (α : Type u) where
  toSlice : α → String.Slice
def String.toSlice (s : String) : String.Slice := ⟨s.data⟩
def String.instToSlice : String.ToSlice String := ⟨String.toSlice⟩
def String.instToSliceSlice : String.ToSlice String.Slice := ⟨id⟩
def String.Slice.copy (s : String.Slice) : String := ⟨s.data⟩
def String.Slice.toString (s : String.Slice) : String := ⟨s.data⟩
def String.Slice.isEmpty (s : String.Slice) : Bool := s.data.isEmpty
def String.Slice.beq (a b : String.Slice) : Bool := a.data == b.data
def String.Slice.length (s : String.Slice) : Nat := s.data.length
def String.Slice.foldl.{u} {α : Type u} (f : α → Char → α) (init : α) (s : String.Slice) : α :=
  s.data.foldl f init
def String.Slice.front? (s : String.Slice) : Option Char := s.data.head?
def String.Slice.back? (s : String.Slice) : Option Char := s.data.getLast?

/-- What is looked for: how long it is where it stands at the front, and whether it is empty. -/
structure Pattern where
  front : List Char → Option Nat
  back : List Char → Option Nat
  isEmpty : Bool := false

def Pattern.ofPred (p : Char → Bool) : Pattern :=
  let first : List Char → Option Nat
    | [] => none
    | c :: _ => if p c then some 1 else none
  ⟨first, first, false⟩
def Pattern.ofChar (c : Char) : Pattern := Pattern.ofPred (· == c)
/-- The back is asked of the characters in reverse. -/
def Pattern.ofList (l : List Char) : Pattern :=
  ⟨fun rest => if l.isPrefixOf rest then some l.length else none,
   fun rest => if l.reverse.isPrefixOf rest then some l.length else none, l.isEmpty⟩
def Pattern.ofString (s : String) : Pattern := Pattern.ofList s.data
def Pattern.ofSlice (s : String.Slice) : Pattern := Pattern.ofList s.data

/-- The pieces between the places where a pattern stands, from the left; `left` is how many
    characters of the last place are still to be skipped. -/
def pieces (p : Pattern) : List Char → Nat → List Char → List (List Char)
  | [], _, word => [word.reverse]
  | _ :: rest, left + 1, word => pieces p rest left word
  | c :: rest, 0, word =>
    match p.front (c :: rest) with
    | some (n + 1) => word.reverse :: pieces p rest n []
    | _ => pieces p rest 0 (c :: word)

def piecesOf (p : Pattern) (l : List Char) : List (List Char) :=
  if p.isEmpty then unknown else pieces p l 0 []

def stands (p : Pattern) : List Char → Bool
  | [] => p.isEmpty
  | c :: rest => (p.front (c :: rest)).isSome || stands p rest

def allOf (p : Pattern) (l : List Char) : Bool :=
  if p.isEmpty then unknown else go l.length l
where
  go : Nat → List Char → Bool
    | _, [] => true
    | 0, _ => false
    | n + 1, l =>
      match p.front l with
      | some k => go n (l.drop k)
      | none => false

/-- How many characters at the front are made up of the pattern. -/
def spanOf (at_ : List Char → Option Nat) (isEmpty : Bool) (l : List Char) : Nat :=
  if isEmpty then unknown else go l.length l
where
  go : Nat → List Char → Nat
    | 0, _ => 0
    | n + 1, l =>
      match at_ l with
      | some k => k + go n (l.drop k)
      | none => 0

def takeBack (n : Nat) (l : List Char) : List Char := l.drop (l.length - n)
def dropBack (n : Nat) (l : List Char) : List Char := l.take (l.length - n)

def String.Slice.take (s : String.Slice) (n : Nat) : String.Slice := ⟨s.data.take n⟩
def String.Slice.drop (s : String.Slice) (n : Nat) : String.Slice := ⟨s.data.drop n⟩
def String.Slice.takeEnd (s : String.Slice) (n : Nat) : String.Slice := ⟨takeBack n s.data⟩
def String.Slice.dropEnd (s : String.Slice) (n : Nat) : String.Slice := ⟨dropBack n s.data⟩
def trimmed (l : List Char) : List Char := l.dropWhile Char.isWhitespace
def trimmedBack (l : List Char) : List Char := (trimmed l.reverse).reverse
def String.Slice.trimAsciiStart (s : String.Slice) : String.Slice := ⟨trimmed s.data⟩
def String.Slice.trimAsciiEnd (s : String.Slice) : String.Slice := ⟨trimmedBack s.data⟩
def String.Slice.trimAscii (s : String.Slice) : String.Slice := ⟨trimmedBack (trimmed s.data)⟩
def String.Slice.startsWith (s : String.Slice) (p : Pattern) : Bool := (p.front s.data).isSome
def String.Slice.endsWith (s : String.Slice) (p : Pattern) : Bool :=
  (p.back s.data.reverse).isSome
def String.Slice.dropPrefix? (s : String.Slice) (p : Pattern) : Option String.Slice :=
  (p.front s.data).map fun n => ⟨s.data.drop n⟩
def String.Slice.dropSuffix? (s : String.Slice) (p : Pattern) : Option String.Slice :=
  (p.back s.data.reverse).map fun n => ⟨dropBack n s.data⟩
def String.Slice.dropPrefix (s : String.Slice) (p : Pattern) : String.Slice :=
  (s.dropPrefix? p).getD s
def String.Slice.dropSuffix (s : String.Slice) (p : Pattern) : String.Slice :=
  (s.dropSuffix? p).getD s
def String.Slice.takeWhile (s : String.Slice) (p : Pattern) : String.Slice :=
  ⟨s.data.take (spanOf p.front p.isEmpty s.data)⟩
def String.Slice.dropWhile (s : String.Slice) (p : Pattern) : String.Slice :=
  ⟨s.data.drop (spanOf p.front p.isEmpty s.data)⟩
def String.Slice.takeEndWhile (s : String.Slice) (p : Pattern) : String.Slice :=
  ⟨takeBack (spanOf p.back p.isEmpty s.data.reverse) s.data⟩
def String.Slice.dropEndWhile (s : String.Slice) (p : Pattern) : String.Slice :=
  ⟨dropBack (spanOf p.back p.isEmpty s.data.reverse) s.data⟩
def String.Slice.any (s : String.Slice) (p : Pattern) : Bool := stands p s.data
def String.Slice.contains (s : String.Slice) (p : Pattern) : Bool := stands p s.data
def String.Slice.all (s : String.Slice) (p : Pattern) : Bool := allOf p s.data
def String.Slice.replace.{u} (α : Type u) (inst : String.ToSlice α) (s : String.Slice) (p : Pattern)
    (by_ : α) : String :=
  let by_ := (inst.toSlice by_).data
  match piecesOf p s.data with
  | [] => ⟨[]⟩
  | first :: rest => ⟨rest.foldl (fun all piece => all ++ by_ ++ piece) first⟩

def isDigits : List Char → Bool
  | [] => false
  | l => l.all fun c => c.isDigit

/-- Digits, single underscores between them. -/
def isNumber (l : List Char) : Bool := (splitListBy (· == '_') l []).all isDigits
def numberOf (l : List Char) : Nat :=
  l.foldl (fun n c => if c == '_' then n else 10 * n + (c.toNat - '0'.toNat)) 0
def natOf (l : List Char) : Option Nat := if isNumber l then some (numberOf l) else none
def intOf : List Char → Option Int
  | '-' :: rest => (natOf rest).map fun n => -(n : Int)
  | l => (natOf l).map fun n => (n : Int)
def isInteger : List Char → Bool
  | '-' :: rest => isNumber rest
  | l => isNumber l

def String.Slice.isNat (s : String.Slice) : Bool := isNumber s.data
def String.Slice.isInt (s : String.Slice) : Bool := isInteger s.data
def String.Slice.toNat? (s : String.Slice) : Option Nat := natOf s.data
def String.Slice.toNat! (s : String.Slice) : Nat := (natOf s.data).getD 0
def String.Slice.toInt? (s : String.Slice) : Option Int := intOf s.data
def String.Slice.toInt! (s : String.Slice) : Int := (intOf s.data).getD 0
def String.isNat (s : String) : Bool := isNumber s.data
def String.isInt (s : String) : Bool := isInteger s.data
def String.toNat? (s : String) : Option Nat := natOf s.data
def String.toNat! (s : String) : Nat := (natOf s.data).getD 0
def String.toInt? (s : String) : Option Int := intOf s.data
def String.toInt! (s : String) : Int := (intOf s.data).getD 0

def String.take (s : String) (n : Nat) : String.Slice := s.toSlice.take n
def String.drop (s : String) (n : Nat) : String.Slice := s.toSlice.drop n
def String.takeEnd (s : String) (n : Nat) : String.Slice := s.toSlice.takeEnd n
def String.dropEnd (s : String) (n : Nat) : String.Slice := s.toSlice.dropEnd n
def String.takeRight (s : String) (n : Nat) : String := ⟨takeBack n s.data⟩
def String.dropRight (s : String) (n : Nat) : String := ⟨dropBack n s.data⟩
def String.takeRightWhile (s : String) (p : Char → Bool) : String :=
  ⟨(s.data.reverse.takeWhile p).reverse⟩
def String.dropRightWhile (s : String) (p : Char → Bool) : String :=
  ⟨(s.data.reverse.dropWhile p).reverse⟩
def String.trimAscii (s : String) : String.Slice := s.toSlice.trimAscii
def String.trimAsciiStart (s : String) : String.Slice := s.toSlice.trimAsciiStart
def String.trimAsciiEnd (s : String) : String.Slice := s.toSlice.trimAsciiEnd
def String.trim (s : String) : String := ⟨trimmedBack (trimmed s.data)⟩
def String.trimLeft (s : String) : String := ⟨trimmed s.data⟩
def String.trimRight (s : String) : String := ⟨trimmedBack s.data⟩
def String.stripPrefix (s p : String) : String := (s.toSlice.dropPrefix (.ofString p)).copy
def String.stripSuffix (s p : String) : String := (s.toSlice.dropSuffix (.ofString p)).copy
def String.startsWith (s : String) (p : Pattern) : Bool := s.toSlice.startsWith p
def String.endsWith (s : String) (p : Pattern) : Bool := s.toSlice.endsWith p
def String.dropPrefix (s : String) (p : Pattern) : String.Slice := s.toSlice.dropPrefix p
def String.dropSuffix (s : String) (p : Pattern) : String.Slice := s.toSlice.dropSuffix p
def String.dropPrefix? (s : String) (p : Pattern) : Option String.Slice := s.toSlice.dropPrefix? p
def String.dropSuffix? (s : String) (p : Pattern) : Option String.Slice := s.toSlice.dropSuffix? p
def String.takeWhile (s : String) (p : Pattern) : String.Slice := s.toSlice.takeWhile p
def String.dropWhile (s : String) (p : Pattern) : String.Slice := s.toSlice.dropWhile p
def String.takeEndWhile (s : String) (p : Pattern) : String.Slice := s.toSlice.takeEndWhile p
def String.dropEndWhile (s : String) (p : Pattern) : String.Slice := s.toSlice.dropEndWhile p
def String.any (s : String) (p : Pattern) : Bool := stands p s.data
def String.contains (s : String) (p : Pattern) : Bool := stands p s.data
def String.all (s : String) (p : Pattern) : Bool := allOf p s.data
def String.replace.{u} (α : Type u) (inst : String.ToSlice α) (s : String) (p : Pattern)
    (by_ : α) : String :=
  s.toSlice.replace α inst p by_
def String.splitOn (s : String) (sep : String := ⟨[' ']⟩) : List String :=
  if sep.isEmpty then [s] else (piecesOf (.ofString sep) s.data).map String.mk
def String.splitToList (s : String) (p : Char → Bool) : List String :=
  (splitListBy p s.data []).map String.mk

/-- An iterator, by what it will give. -/
structure Std.Iter.{u} (β : Type u) where
  gives : List β
def Std.Iter.toList.{u} (β : Type u) (it : Std.Iter β) : List β := it.gives
def Std.Iter.toArray.{u} (β : Type u) (it : Std.Iter β) : Array β := ⟨it.gives⟩
def Std.Iter.map.{u} (β γ : Type u) (f : β → γ) (it : Std.Iter β) : Std.Iter γ := ⟨it.gives.map f⟩
def Std.Iter.filter.{u} (β : Type u) (f : β → Bool) (it : Std.Iter β) : Std.Iter β :=
  ⟨it.gives.filter f⟩
def String.split (s : String) (p : Pattern) : Std.Iter String.Slice :=
  ⟨(piecesOf p s.data).map String.Slice.mk⟩
def String.Slice.split (s : String.Slice) (p : Pattern) : Std.Iter String.Slice :=
  ⟨(piecesOf p s.data).map String.Slice.mk⟩
def String.chars (s : String) : Std.Iter Char := ⟨s.data⟩
def String.Slice.chars (s : String.Slice) : Std.Iter Char := ⟨s.data⟩

/-! ## Numbers and collections as text -/

def panicCore.{u} {α : Sort u} [Inhabited α] (_ : String) : α := default
def panic.{u} {α : Sort u} [Inhabited α] (_ : String) : α := default
def panicWithPos.{u} {α : Sort u} [Inhabited α] (_ : String) (_ _ : Nat) (_ : String) : α := default
def panicWithPosWithDecl.{u} {α : Sort u} [Inhabited α] (_ _ : String) (_ _ : Nat) (_ : String) :
    α := default

def Nat.digitChar (n : Nat) : Char :=
  if n < 10 then Char.ofNat (48 + n) else if n < 16 then Char.ofNat (87 + n) else '*'
def Nat.toDigitsCore (base : Nat) : Nat → Nat → List Char → List Char
  | 0, _, digits => digits
  | fuel + 1, n, digits =>
    let digits := Outerloop.Nat.digitChar (n % base) :: digits
    if n / base = 0 then digits else Outerloop.Nat.toDigitsCore base fuel (n / base) digits
def Nat.toDigits (base n : Nat) : List Char := Outerloop.Nat.toDigitsCore base (n + 1) n []
def Nat.repr (n : Nat) : String := ⟨Outerloop.Nat.toDigits 10 n⟩
def Int.repr : Int → String
  | .ofNat n => Outerloop.Nat.repr n
  | .negSucc n => ⟨'-' :: (Outerloop.Nat.repr (n + 1)).data⟩

class ToString.{u} (α : Type u) where
  toString : α → String
def addParenHeuristic (s : String) : String :=
  let opens := [['('], ['['], ['{'], ['#', '[']]
  if opens.any (·.isPrefixOf s.data) || !s.data.any Char.isWhitespace then s
  else ⟨'(' :: s.data ++ [')']⟩
def instToStringInt : ToString Int := ⟨Int.repr⟩
def listText : List String → String
  | [] => ⟨['[', ']']⟩
  | s :: rest => ⟨'[' :: (String.intercalate ⟨[',', ' ']⟩ (s :: rest)).data ++ [']']⟩
def List.toString.{u} {α : Type u} [ToString α] (l : List α) : String :=
  listText (l.map ToString.toString)

/-! ## Arrays, by their lists -/

def Array.map.{u, v} {α : Type u} {β : Type v} (f : α → β) (as : Array α) : Array β :=
  ⟨as.toList.map f⟩
def Array.mapIdx.{u, v} {α : Type u} {β : Type v} (f : Nat → α → β) (as : Array α) : Array β :=
  ⟨(as.toList.zipIdx).map fun (a, i) => f i a⟩
def Array.zip.{u, v} {α : Type u} {β : Type v} (as : Array α) (bs : Array β) : Array (α × β) :=
  ⟨as.toList.zip bs.toList⟩
def Array.zipWith.{u, v, w} {α : Type u} {β : Type v} {γ : Type w} (f : α → β → γ) (as : Array α)
    (bs : Array β) : Array γ :=
  ⟨_root_.List.zipWith f as.toList bs.toList⟩
def Array.unzip.{u, v} {α : Type u} {β : Type v} (as : Array (α × β)) : Array α × Array β :=
  (⟨as.toList.map Prod.fst⟩, ⟨as.toList.map Prod.snd⟩)
def Array.modify.{u} {α : Type u} (as : Array α) (i : Nat) (f : α → α) : Array α :=
  ⟨as.toList.modify i f⟩
def Array.back?.{u} {α : Type u} (as : Array α) : Option α := as.toList.getLast?
def Array.back!.{u} {α : Type u} [Inhabited α] (as : Array α) : α := as.toList.getLastD default
def between.{u} {α : Type u} (l : List α) (start stop : Nat) : List α := (l.take stop).drop start
def Array.all.{u} {α : Type u} (as : Array α) (p : α → Bool) (start : Nat := 0)
    (stop : Nat := as.size) : Bool :=
  (between as.toList start stop).all p
def Array.any.{u} {α : Type u} (as : Array α) (p : α → Bool) (start : Nat := 0)
    (stop : Nat := as.size) : Bool :=
  (between as.toList start stop).any p
def Array.filter.{u} {α : Type u} (p : α → Bool) (as : Array α) (start : Nat := 0)
    (stop : Nat := as.size) : Array α :=
  ⟨(between as.toList start stop).filter p⟩
def Array.foldl.{u, v} {α : Type u} {β : Type v} (f : β → α → β) (init : β) (as : Array α)
    (start : Nat := 0) (stop : Nat := as.size) : β :=
  (between as.toList start stop).foldl f init
def Array.contains.{u} {α : Type u} [BEq α] (as : Array α) (a : α) : Bool := as.toList.any (a == ·)
def Array.elem.{u} {α : Type u} [BEq α] (a : α) (as : Array α) : Bool := as.toList.any (a == ·)
def Array.range (n : Nat) : Array Nat := ⟨_root_.List.range n⟩
def Array.range' (start size : Nat) (step : Nat := 1) : Array Nat :=
  ⟨_root_.List.range' start size step⟩
def Array.ofFn.{u} {α : Type u} {n : Nat} (f : Fin n → α) : Array α := ⟨_root_.List.ofFn f⟩
def Array.reverse.{u} {α : Type u} (as : Array α) : Array α := ⟨as.toList.reverse⟩
def Array.toListRev.{u} {α : Type u} (as : Array α) : List α := as.toList.reverse
def Array.partition.{u} {α : Type u} (p : α → Bool) (as : Array α) : Array α × Array α :=
  (⟨as.toList.filter p⟩, ⟨as.toList.filter fun a => !p a⟩)
def Array.takeWhile.{u} {α : Type u} (p : α → Bool) (as : Array α) : Array α :=
  ⟨as.toList.takeWhile p⟩
def Array.popWhile.{u} {α : Type u} (p : α → Bool) (as : Array α) : Array α :=
  ⟨(as.toList.reverse.dropWhile p).reverse⟩
def Array.shrink.{u} {α : Type u} (as : Array α) (n : Nat) : Array α := ⟨as.toList.take n⟩
def Array.eraseIdx!.{u} {α : Type u} (as : Array α) (i : Nat) : Array α :=
  if i < as.size then ⟨as.toList.eraseIdx i⟩ else #[]
def Array.eraseIdxIfInBounds.{u} {α : Type u} (as : Array α) (i : Nat) : Array α :=
  ⟨as.toList.eraseIdx i⟩
def Array.insertIdx!.{u} {α : Type u} (as : Array α) (i : Nat) (a : α) : Array α :=
  if i ≤ as.size then ⟨as.toList.insertIdx i a⟩ else #[]
def Array.insertIdxIfInBounds.{u} {α : Type u} (as : Array α) (i : Nat) (a : α) : Array α :=
  ⟨as.toList.insertIdx i a⟩
def Array.erase.{u} {α : Type u} [BEq α] (as : Array α) (a : α) : Array α := ⟨as.toList.erase a⟩
def Array.replace.{u} {α : Type u} [BEq α] (as : Array α) (a b : α) : Array α :=
  match as.toList.findIdx? (· == a) with
  | some i => ⟨as.toList.set i b⟩
  | none => as
def Array.idxOf?.{u} {α : Type u} [BEq α] (as : Array α) (a : α) : Option Nat := as.toList.idxOf? a
def Array.isEqv.{u} {α : Type u} (as bs : Array α) (p : α → α → Bool) : Bool :=
  as.toList.isEqv bs.toList p
def Array.instDecidableEq.{u} {α : Type u} [DecidableEq α] : DecidableEq (Array α)
  | ⟨a⟩, ⟨b⟩ =>
    match decEq a b with
    | isTrue h => isTrue (congrArg _ h)
    | isFalse h => isFalse fun same => h (congrArg Array.toList same)

/-! ## Hash maps and sets, by their pairs; in which order they give them, nobody says -/

structure Std.HashMap.{u, v} (α : Type u) (β : Type v) [BEq α] [Hashable α] where
  pairs : List (α × β)

section Maps
universe u v w
variable {α : Type u} {β : Type v}

def lookedUp [BEq α] (l : List (α × β)) (a : α) : Option β :=
  (l.find? fun p => p.1 == a).map Prod.snd
def put [BEq α] (l : List (α × β)) (a : α) (b : β) : List (α × β) :=
  match l with
  | [] => [(a, b)]
  | (a', b') :: rest => if a' == a then (a, b) :: rest else (a', b') :: put rest a b

variable {_ : BEq α} {_ : Hashable α}

def Std.HashMap.get? (m : Std.HashMap α β) (a : α) : Option β := lookedUp m.pairs a
def Std.HashMap.contains (m : Std.HashMap α β) (a : α) : Bool := (lookedUp m.pairs a).isSome
def Std.HashMap.insert (m : Std.HashMap α β) (a : α) (b : β) : Std.HashMap α β := ⟨put m.pairs a b⟩
def Std.HashMap.insertIfNew (m : Std.HashMap α β) (a : α) (b : β) : Std.HashMap α β :=
  if m.contains a then m else m.insert a b
def Std.HashMap.erase (m : Std.HashMap α β) (a : α) : Std.HashMap α β :=
  ⟨m.pairs.filter fun p => !(p.1 == a)⟩
def Std.HashMap.size (m : Std.HashMap α β) : Nat := m.pairs.length
def Std.HashMap.isEmpty (m : Std.HashMap α β) : Bool := m.pairs.isEmpty
def Std.HashMap.getD (m : Std.HashMap α β) (a : α) (b : β) : β := (m.get? a).getD b
def Std.HashMap.get! [Inhabited β] (m : Std.HashMap α β) (a : α) : β := (m.get? a).getD default
def Std.HashMap.alter (m : Std.HashMap α β) (a : α) (f : Option β → Option β) : Std.HashMap α β :=
  match f (m.get? a) with
  | none => m.erase a
  | some b => m.insert a b
def Std.HashMap.modify (m : Std.HashMap α β) (a : α) (f : β → β) : Std.HashMap α β :=
  ⟨m.pairs.map fun (a', b) => (a', if a' == a then f b else b)⟩
def Std.HashMap.filter (f : α → β → Bool) (m : Std.HashMap α β) : Std.HashMap α β :=
  ⟨m.pairs.filter fun (a, b) => f a b⟩
def Std.HashMap.all (m : Std.HashMap α β) (f : α → β → Bool) : Bool :=
  m.pairs.all fun (a, b) => f a b
def Std.HashMap.any (m : Std.HashMap α β) (f : α → β → Bool) : Bool :=
  m.pairs.any fun (a, b) => f a b

end Maps

def Std.HashMap.emptyWithCapacity.{u, v} {α : Type u} {β : Type v} [BEq α] [Hashable α]
    (_ : Nat := 8) : Std.HashMap α β := ⟨[]⟩
def Std.HashMap.instEmptyCollection.{u, v} {α : Type u} {β : Type v} [BEq α] [Hashable α] :
    EmptyCollection (Std.HashMap α β) := ⟨⟨[]⟩⟩
def Std.HashMap.instInhabited.{u, v} {α : Type u} {β : Type v} [BEq α] [Hashable α] :
    Inhabited (Std.HashMap α β) := ⟨⟨[]⟩⟩
def Std.HashMap.ofList.{u, v} {α : Type u} {β : Type v} [BEq α] [Hashable α] (l : List (α × β)) :
    Std.HashMap α β := l.foldl (fun m p => m.insert p.1 p.2) ⟨[]⟩
def Std.HashMap.instMembership.{u, v} {α : Type u} {β : Type v} [BEq α] [Hashable α] :
    Membership α (Std.HashMap α β) := ⟨fun m a => m.contains a = true⟩
def Std.HashMap.instDecidableMem.{u, v} {α : Type u} {β : Type v} [BEq α] [Hashable α]
    {m : Std.HashMap α β} {a : α} : Decidable (Std.HashMap.instMembership.mem m a) :=
  inferInstanceAs (Decidable (m.contains a = true))
def Std.HashMap.get.{u, v} {α : Type u} {β : Type v} {_ : BEq α} {_ : Hashable α}
    (m : Std.HashMap α β) (a : α) (h : Std.HashMap.instMembership.mem m a) : β :=
  (m.get? a).get h
def Std.HashMap.instGetElem?Mem.{u, v} {α : Type u} {β : Type v} [BEq α] [Hashable α] :
    GetElem? (Std.HashMap α β) α β (fun m a => Std.HashMap.instMembership.mem m a) where
  getElem m a h := m.get a h
  getElem? m a := m.get? a
  getElem! m a := m.get! a

structure Std.HashSet.{u} (α : Type u) [BEq α] [Hashable α] where
  inner : Std.HashMap α Unit

section Sets
universe u
variable {α : Type u} {_ : BEq α} {_ : Hashable α}

def Std.HashSet.contains (m : Std.HashSet α) (a : α) : Bool := m.inner.contains a
def Std.HashSet.insert (m : Std.HashSet α) (a : α) : Std.HashSet α :=
  ⟨m.inner.insertIfNew a ()⟩
def Std.HashSet.containsThenInsert (m : Std.HashSet α) (a : α) : Bool × Std.HashSet α :=
  (m.contains a, m.insert a)
def Std.HashSet.erase (m : Std.HashSet α) (a : α) : Std.HashSet α := ⟨m.inner.erase a⟩
def Std.HashSet.size (m : Std.HashSet α) : Nat := m.inner.size
def Std.HashSet.isEmpty (m : Std.HashSet α) : Bool := m.inner.isEmpty
def Std.HashSet.filter (f : α → Bool) (m : Std.HashSet α) : Std.HashSet α :=
  ⟨m.inner.filter fun a _ => f a⟩
def Std.HashSet.all (m : Std.HashSet α) (f : α → Bool) : Bool := m.inner.all fun a _ => f a
def Std.HashSet.any (m : Std.HashSet α) (f : α → Bool) : Bool := m.inner.any fun a _ => f a

end Sets

def Std.HashSet.emptyWithCapacity.{u} {α : Type u} [BEq α] [Hashable α] (_ : Nat := 8) :
    Std.HashSet α := ⟨⟨[]⟩⟩
def Std.HashSet.instEmptyCollection.{u} {α : Type u} [BEq α] [Hashable α] :
    EmptyCollection (Std.HashSet α) := ⟨⟨⟨[]⟩⟩⟩
def Std.HashSet.instInhabited.{u} {α : Type u} [BEq α] [Hashable α] :
    Inhabited (Std.HashSet α) := ⟨⟨⟨[]⟩⟩⟩
def Std.HashSet.ofList.{u} {α : Type u} [BEq α] [Hashable α] (l : List α) : Std.HashSet α :=
  l.foldl (fun m a => m.insert a) ⟨⟨[]⟩⟩
def Std.HashSet.ofArray.{u} {α : Type u} [BEq α] [Hashable α] (l : Array α) : Std.HashSet α :=
  Std.HashSet.ofList l.toList
def Std.HashSet.instMembership.{u} {α : Type u} [BEq α] [Hashable α] :
    Membership α (Std.HashSet α) := ⟨fun m a => m.contains a = true⟩
def Std.HashSet.instDecidableMem.{u} {α : Type u} [BEq α] [Hashable α] {m : Std.HashSet α}
    {a : α} : Decidable (Std.HashSet.instMembership.mem m a) :=
  inferInstanceAs (Decidable (m.contains a = true))

end Outerloop
end
