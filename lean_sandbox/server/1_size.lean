/- Numbers written down that no memory holds: `1 <<< 4294967296`. Lean would make them with a
   library that ends the process where memory does, so they are looked for before. What is seen is
   what stands there: literals, the constants of the program that are literals, and `+`, `*`, `^`
   and `<<<` of these. A number that a recursion makes is not seen. -/

/-- Counting ends here. -/
def countedUpTo : Nat := 1000000000000

/-- The most bits of a number that is written down: 16 MB. -/
def mostBits : Nat := 134217728

/-- Larger exponents no kernel evaluates. -/
def largestExponent : Nat := 16777216

def capped (n : Nat) : Nat := if n < countedUpTo then n else countedUpTo

/-- A number that can be read off, counted no further than `countedUpTo`, and its size. -/
structure Written where
  value : Nat
  bits : Nat

def Written.ofNat (n : Nat) : Written := ⟨capped n, n.log2 + 1⟩

partial def cappedPower (base exponent sofar : Nat) : Nat :=
  if exponent == 0 || base == 1 then sofar
  else if countedUpTo ≤ sofar || sofar == 0 then sofar
  else cappedPower base (exponent - 1) (capped (sofar * base))

inductive WrittenOp where
  | add | mul | pow | shift

def Written.apply : WrittenOp → Written → Written → Written
  | .add, a, b => ⟨capped (a.value + b.value), (if a.bits < b.bits then b.bits else a.bits) + 1⟩
  | .mul, a, b => ⟨capped (a.value * b.value), capped (a.bits + b.bits)⟩
  | .pow, a, b =>
    ⟨cappedPower a.value b.value 1,
     if largestExponent < b.value || a.value < 2 then 1 else capped (a.bits * b.value)⟩
  | .shift, a, b => ⟨capped (a.value * cappedPower 2 b.value 1), capped (a.bits + b.value)⟩

def opOfConstant : Name → Option WrittenOp
  | `HAdd.hAdd => some .add
  | `HMul.hMul => some .mul
  | `HPow.hPow => some .pow
  | `HShiftLeft.hShiftLeft => some .shift
  | _ => none

/-- The number that a constant's value is; `deep` counts the constants on the way. -/
partial def writtenExpr (env : Environment) (deep : Nat) (e : Expr) : Option Written :=
  match e with
  | .lit (.natVal n) => some (Written.ofNat n)
  | .mdata _ inner => writtenExpr env deep inner
  | .app (.app (.app (.const `OfNat.ofNat _) _) inner) _ => writtenExpr env deep inner
  | .app (.app (.app (.app (.app (.app (.const op _) _) _) _) _) a) b =>
    match opOfConstant op, writtenExpr env deep a, writtenExpr env deep b with
    | some op, some a, some b => some (Written.apply op a b)
    | _, _, _ => none
  | .const name _ =>
    match deep, env.find? name with
    | deep + 1, some (.defnInfo info) => writtenExpr env deep info.value
    | _, _ => none
  | _ => none

/-- Where a command stands: what its names may mean. -/
structure Place where
  env : Environment
  space : Name
  opened : List OpenDecl

partial def inSpace (env : Environment) (space name : Name) : Option Name :=
  if env.contains (space ++ name) then some (space ++ name)
  else if space.isAnonymous then none
  else inSpace env space.getPrefix name

def inOpened (env : Environment) (name : Name) : List OpenDecl → Option Name
  | [] => none
  | .simple space _ :: rest =>
    if env.contains (space ++ name) then some (space ++ name) else inOpened env name rest
  | .explicit short full :: rest => if short == name then some full else inOpened env name rest

def Place.constant (at_ : Place) (name : Name) : Option Name :=
  match inSpace at_.env at_.space name with
  | some full => some full
  | none => inOpened at_.env name at_.opened

def opOfKind (kind : Name) : Option WrittenOp :=
  if kind == `«term_<<<_» then some .shift
  else if kind == `«term_^_» then some .pow
  else if kind == `«term_*_» then some .mul
  else if kind == `«term_+_» then some .add
  else none

def lastPart : Name → String
  | .str _ last => last
  | _ => ""

def opNamed (last : String) : Option WrittenOp :=
  if last == "shiftLeft" || last == "hShiftLeft" then some .shift
  else if last == "pow" || last == "hPow" then some .pow
  else none

/-- The operation that a function is, and what it is a projection of, as in `(1 : Nat).shiftLeft`;
    an atomic name is a text's own. -/
def opOfFunction (stx : Syntax) : Option (WrittenOp × Syntax) :=
  if stx.getKind == `Lean.Parser.Term.proj then
    match opNamed (lastPart stx[2].getId) with
    | some op => some (op, stx[0])
    | none => none
  else
    match stx with
    | .ident _ _ name _ =>
      match name.isAtomic, opNamed (lastPart name.eraseMacroScopes) with
      | false, some op => some (op, .missing)
      | _, _ => none
    | _ => none

/-- The operation a piece of syntax is, and its operands. -/
def operation (stx : Syntax) : Option (WrittenOp × Syntax × Syntax) :=
  if stx.getKind == `Lean.Parser.Term.app then
    let given := stx[1].getArgs
    match opOfFunction stx[0] with
    | some (op, first) =>
      if given.size == 0 then none
      else some (op, if given.size == 1 then first else given[0]!, given[given.size - 1]!)
    | none => none
  else
    match opOfKind stx.getKind with
    | some op => some (op, stx[0], stx[2])
    | none => none

partial def writtenSyntax (at_ : Place) (stx : Syntax) : Option Written :=
  match stx.isNatLit? with
  | some n => some (Written.ofNat n)
  | none =>
    let kind := stx.getKind
    if kind == `Lean.Parser.Term.paren || kind == `Lean.Parser.Term.typeAscription then
      writtenSyntax at_ stx[1]
    else if stx.isIdent then
      match at_.constant stx.getId.eraseMacroScopes with
      | some name => writtenExpr at_.env 16 (mkConst name)
      | none => none
    else
      match operation stx with
      | some (op, a, b) =>
        match writtenSyntax at_ a, writtenSyntax at_ b with
        | some a, some b => some (Written.apply op a b)
        | _, _ => none
      | none => none

/-- An operation whose right side can be read off makes at least this many bits. -/
def bitsMade (at_ : Place) (stx : Syntax) : Nat :=
  match operation stx with
  | some (op, a, b) =>
    match op, writtenSyntax at_ a, writtenSyntax at_ b with
    | .shift, none, some b => b.value
    | op, some a, some b => (Written.apply op a b).bits
    | _, _, _ => 0
  | none => 0

/-- What `open … in` opens, by every name in it. -/
partial def openedBy (stx : Syntax) (sofar : List OpenDecl) : List OpenDecl :=
  match stx with
  | .ident _ _ name _ => .simple name [] :: sofar
  | .node _ _ args => all args 0 sofar
  | _ => sofar
where
  all (args : Array Syntax) (i : Nat) (sofar : List OpenDecl) : List OpenDecl :=
    if i < args.size then all args (i + 1) (openedBy args[i]! sofar) else sofar

def Place.within (at_ : Place) (stx : Syntax) : Place :=
  if stx.getKind == `Lean.Parser.Command.in && stx[0].getKind == `Lean.Parser.Command.open then
    { at_ with opened := openedBy stx[0] at_.opened }
  else at_

/-- The first number anywhere inside `stx` that is too large to be made. -/
partial def sizeRefusal (outside : Place) (stx : Syntax) : Option Refusal :=
  let at_ := outside.within stx
  match stx with
  | .node _ _ args =>
    let bits := bitsMade at_ stx
    if mostBits < bits then
      let least := if countedUpTo ≤ bits then "at least " else ""
      some ⟨"number_too_large", s!"a number of {least}{bits} bits is written down; at most {mostBits} are made"⟩
    else first at_ args 0
  | _ => none
where
  first (at_ : Place) (args : Array Syntax) (i : Nat) : Option Refusal :=
    if i < args.size then
      match sizeRefusal at_ args[i]! with
      | some refusal => some refusal
      | none => first at_ args (i + 1)
    else none
