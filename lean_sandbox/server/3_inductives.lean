/- What the kernel makes of a type's declaration, it takes for right: it looks neither at the
   parameters of nested occurrences (lean4#14576, #14582) nor at the recursors it writes (lean4#14806).
   Here the former are looked at, and both are given to it once more, as declarations of their own
   that are then forgotten. -/

def levels : List Name → List Level
  | [] => []
  | name :: rest => mkLevelParam name :: levels rest

/-- Under `depth` binders, are the first arguments the parameters, which were bound first? -/
def beginsWithParameters (depth : Nat) : Nat → Nat → List Expr → Bool
  | 0, _, _ => true
  | n + 1, i, arg :: rest => arg == .bvar (depth - 1 - i) && beginsWithParameters depth n (i + 1) rest
  | _, _, [] => false

/-- Do the types being declared stand before their own parameters and levels alone? -/
partial def isUniform (types : List Name) (universes : List Level) (params depth : Nat) (e : Expr) :
    Bool :=
  match e with
  | .forallE _ t b _ | .lam _ t b _ => within t && isUniform types universes params (depth + 1) b
  | .letE _ t v b _ => within t && within v && isUniform types universes params (depth + 1) b
  | .proj name _ x => !List.elem name types && within x
  | _ =>
    match applied e [] with
    | (.const name us, args) =>
      (!List.elem name types || (mkConst name us == mkConst name universes
        && beginsWithParameters depth params 0 args)) && allWithin args
    | (_, []) => true
    | (head, args) => within head && allWithin args
where
  within (e : Expr) : Bool := isUniform types universes params depth e
  allWithin : List Expr → Bool
    | [] => true
    | e :: rest => within e && allWithin rest

/-- A function's type, given its first arguments. -/
def instantiated (type : Expr) : List Expr → Option Expr
  | [] => some type
  | arg :: rest =>
    match type with
    | .forallE _ _ body _ => instantiated (body.instantiate1 arg) rest
    | _ => none

/-- What stands under the first `n` binders. -/
def under : Nat → Expr → Option Expr
  | 0, type => some type
  | n + 1, .forallE _ _ body _ => under n body
  | _, _ => none

def split : Nat → List Expr → List Expr × List Expr
  | 0, rest => ([], rest)
  | n + 1, first :: rest =>
    let (front, back) := split n rest
    (first :: front, back)
  | _, [] => ([], [])

def append : List Expr → List Expr → List Expr
  | [], rest => rest
  | first :: front, rest => first :: append front rest

/-- The `n` variables bound last, the innermost at the end. -/
def variables : Nat → List Expr
  | 0 => []
  | n + 1 => .bvar n :: variables n

def applyAll (f : Expr) : List Expr → Expr
  | [] => f
  | arg :: rest => applyAll (mkApp f arg) rest

def moved (down up : Nat) : List Expr → List Expr
  | [] => []
  | e :: rest => (e.lowerLooseBVars down down).liftLooseBVars 0 up :: moved down up rest

/-- A function's type, from its lambdas and the type of what is under them. -/
def closedBy (conclusion : Expr) : Nat → Expr → Option Expr
  | 0, _ => some conclusion
  | n + 1, .lam name domain body info =>
    match closedBy conclusion n body with
    | some type => some (.forallE name domain type info)
    | none => none
  | _, _ => none

/-- The type that a recursor's rule must have: the one of the recursor applied to the constructor. -/
def ruleType (env : Environment) (recursor : RecursorVal) (rule : RecursorRule) : Option Expr := do
  let before := recursor.numParams + recursor.numMotives + recursor.numMinors
  let rest ← under (before + recursor.numIndices) recursor.type
  match rest, findConstant env rule.ctor with
  | .forallE _ major conclusion _, some (.ctorInfo constructor) =>
    match applied major [], applied conclusion [] with
    | (.const _ levels, args), (.bvar motive, _) =>
      let parameters := moved recursor.numIndices rule.nfields (split constructor.numParams args).1
      let arguments := append parameters (variables rule.nfields)
      let type := constructor.type.instantiateLevelParams constructor.levelParams levels
      let indices := (split constructor.numParams (applied (← instantiated type arguments) []).2).2
      let major := applyAll (mkConst rule.ctor levels) arguments
      let motive := Expr.bvar (motive - recursor.numIndices - 1 + rule.nfields)
      closedBy (mkApp (applyAll motive indices) major) (before + rule.nfields) rule.rhs
    | _, _ => none
  | _, _ => none

/-- Does the kernel take this declaration, under a name that no text can write? -/
def accepts (env : Environment) (heartbeats : Nat) (declaration : Declaration) : Bool :=
  match env.toKernelEnv.addDecl (kernelOptions heartbeats) declaration with
  | .ok _ => true
  | .error _ => false

def isWellTyped (env : Environment) (heartbeats : Nat) (params : List Name) (type : Expr) : Bool :=
  accepts env heartbeats <| .axiomDecl
    { name := .num `outerloop 4, levelParams := params, type := type, isUnsafe := false }

def rulesHold (env : Environment) (heartbeats : Nat) (recursor : RecursorVal) :
    List RecursorRule → Bool
  | [] => true
  | rule :: rest =>
    match ruleType env recursor rule with
    | none => false
    | some type =>
      accepts env heartbeats (.defnDecl
        { name := .num `outerloop 4, levelParams := recursor.levelParams, type := type,
          value := rule.rhs, hints := .abbrev, safety := .safe })
        && rulesHold env heartbeats recursor rest

/-- The types of one declaration. -/
def declaredWith (env : Environment) (type : Name) : List Name :=
  match findConstant env type with
  | some (.inductInfo info) => info.all
  | _ => []

/-- Of a constructor: its type is one, and uniform; of a recursor: its rules keep its type. -/
def isSound (env : Environment) (heartbeats : Nat) (name : Name) : Bool :=
  match findConstant env name with
  | some (.ctorInfo info) =>
    isUniform (declaredWith env info.induct) (levels info.levelParams) info.numParams 0 info.type
      && isWellTyped env heartbeats info.levelParams info.type
  | some (.recInfo info) =>
    isWellTyped env heartbeats info.levelParams info.type
      && rulesHold env heartbeats info info.rules
  | _ => true

def firstUnsound (env : Environment) (heartbeats : Nat) : List Name → Option Name
  | [] => none
  | name :: rest =>
    if isSound env heartbeats name then firstUnsound env heartbeats rest else some name

partial def inductivesRefusal (env : Environment) (heartbeats : Nat)
    (constants : Array ConstantInfo) (i : Nat) : Option Refusal :=
  if i < constants.size then
    let info := constants[i]!
    if isUnchecked info then inductivesRefusal env heartbeats constants (i + 1)
    else
      match firstUnsound env heartbeats (namesMadeWith info) with
      | some name => some ⟨"kernel_refused", nameText name ++ " is not of the type it should be"⟩
      | none => inductivesRefusal env heartbeats constants (i + 1)
  else none

/-- Adds the constants to `clean` through the kernel with options of our own, or says which one
    it refused. -/
def recheck (missing : NameSet) (clean given : Environment) (constants : Array ConstantInfo)
    (heartbeats : Nat) : IO (Except Refusal Environment) := do
  match trapRefusal missing given constants 0 with
  | some refusal => pure (.error refusal)
  | none =>
    match ← recheckAll given (kernelOptions heartbeats) ⟨clean, {}⟩
        (namesIn constants 0) with
    | .error refusal => pure (.error refusal)
    | .ok done =>
      match remadeRefusal done.env constants 0 with
      | some refusal => pure (.error refusal)
      | none =>
        match inductivesRefusal done.env heartbeats constants 0 with
        | some refusal => pure (.error refusal)
        | none => pure (.ok done.env)
