/- The constants a text added: what they rest on, and a second look at them by the kernel in an
   environment that no text has touched. -/

/-- Library constants that would make a proof worthless. -/
def untrusted : List Name :=
  [`sorryAx, `Lean.ofReduceBool, `Lean.ofReduceNat, `Lean.trustCompiler, `Lean.reduceBool,
   `Lean.reduceNat]

/-- Library constants that pick a value no computation can find. -/
def choices : List Name :=
  [`Classical.choice, `Classical.choose, `Classical.epsilon, `Classical.propDecidable,
   `Classical.indefiniteDescription, `Classical.strongIndefiniteDescription,
   `Classical.inhabited_of_nonempty, `Classical.ofNonempty, `Classical.typeDecidableEq]

def firstOf (bad : List Name) (names : Array Name) (i : Nat) : Option Name :=
  if i < names.size then
    if List.elem names[i]! bad then some names[i]! else firstOf bad names (i + 1)
  else none
termination_by names.size - i

/-- Every constant added since `Init` was imported. -/
def newConstants (env : Environment) : IO (Array ConstantInfo) := do
  let module ← mkModuleData env
  pure module.constants

def isUnchecked (info : ConstantInfo) : Bool := info.isUnsafe || info.isPartial

/-- A constant's value, opaque values and proofs included. -/
def valueOf : ConstantInfo → Option Expr
  | .defnInfo info => some info.value
  | .thmInfo info => some info.value
  | .opaqueInfo info => some info.value
  | _ => none

/-- The first of `bad` that a constant's type or value names. -/
def firstUsed (bad : List Name) (info : ConstantInfo) : Option Name :=
  match firstOf bad info.type.getUsedConstants 0 with
  | some name => some name
  | none =>
    match valueOf info with
    | some value => firstOf bad value.getUsedConstants 0
    | none => none

partial def axiomRefusal (constants : Array ConstantInfo) (i : Nat) : Option Refusal :=
  if i < constants.size then
    let info := constants[i]!
    match info with
    | .axiomInfo _ => some ⟨"axiom", "axiom " ++ nameText info.name⟩
    | _ =>
      match firstUsed untrusted info with
      | some `sorryAx => some ⟨"sorry", nameText info.name ++ " rests on sorry"⟩
      | some name => some ⟨"untrusted_axiom", nameText info.name ++ " rests on " ++ nameText name⟩
      | none => axiomRefusal constants (i + 1)
  else none

def constructorsOf (given : Environment) : List Name → List Constructor
  | [] => []
  | name :: rest =>
    match given.find? name with
    | some info => { name := name, type := info.type } :: constructorsOf given rest
    | none => constructorsOf given rest

def typesOf (given : Environment) : List Name → List InductiveType
  | [] => []
  | name :: rest =>
    match given.find? name with
    | some (.inductInfo info) =>
      { name := name, type := info.type, ctors := constructorsOf given info.ctors }
        :: typesOf given rest
    | _ => typesOf given rest

/-- The declaration a constant came from; none for what the kernel makes itself. -/
def declarationOf (given : Environment) : ConstantInfo → Option Declaration
  | .defnInfo info => some (.defnDecl info)
  | .thmInfo info => some (.thmDecl info)
  | .opaqueInfo info => some (.opaqueDecl info)
  | .inductInfo info =>
    some (.inductDecl info.levelParams info.numParams (typesOf given info.all) false)
  | _ => none

def pushAll (names : Array Name) (i : Nat) (rest : List Name) : List Name :=
  if i < names.size then names[i]! :: pushAll names (i + 1) rest else rest
termination_by names.size - i

def before : List Name → List Name → List Name
  | [], rest => rest
  | name :: more, rest => name :: before more rest

/-- What must be in the environment before this constant can be added. -/
def needs (given : Environment) (info : ConstantInfo) : List Name :=
  let inValue := match valueOf info with
    | some value => pushAll value.getUsedConstants 0 []
    | none => []
  let inType := pushAll info.type.getUsedConstants 0 inValue
  match info with
  | .inductInfo type => ofTypes (typesOf given type.all) inType
  | .ctorInfo constructor => constructor.induct :: inType
  | .recInfo recursor => ofAll recursor.all inType
  | _ => inType
where
  ofAll : List Name → List Name → List Name
    | [], rest => rest
    | name :: more, rest => name :: ofAll more rest
  ofConstructors : List Constructor → List Name → List Name
    | [], rest => rest
    | one :: more, rest => pushAll one.type.getUsedConstants 0 (ofConstructors more rest)
  ofTypes : List InductiveType → List Name → List Name
    | [], rest => rest
    | one :: more, rest =>
      pushAll one.type.getUsedConstants 0 (ofConstructors one.ctors (ofTypes more rest))

/-- Where a recheck stands: the environment so far, and what has been begun. -/
structure Rechecked where
  env : Environment
  begun : NameSet

def refusedBy (info : ConstantInfo) (failure : Kernel.Exception) : IO Refusal := do
  let said ← (failure.toMessageData {}).toString
  pure ⟨"kernel_refused", oneLine (nameText info.name ++ ": " ++ said)⟩

def sameRules : List RecursorRule → List RecursorRule → Bool
  | [], [] => true
  | a :: as, b :: bs => a.ctor == b.ctor && a.nfields == b.nfields && a.rhs == b.rhs && sameRules as bs
  | _, _ => false

def sameNames : List Name → List Name → Bool
  | [], [] => true
  | a :: as, b :: bs => a == b && sameNames as bs
  | _, _ => false

/-- A constant, also where only the kernel knows it: the further recursors of a nested type. -/
def findConstant (env : Environment) (name : Name) : Option ConstantInfo :=
  match env.find? name with
  | some info => some info
  | none => env.toKernelEnv.find? name

/-- Is what the kernel has under a constant's name, made by itself or added here, the same? -/
def isRemade (env : Environment) (info : ConstantInfo) : Bool :=
  match findConstant env info.name with
  | none => false
  | some made =>
    info.type == made.type && sameNames info.levelParams made.levelParams
      && match info, made with
        | .ctorInfo a, .ctorInfo b => a.induct == b.induct && a.cidx == b.cidx
        | .recInfo a, .recInfo b => a.k == b.k && sameRules a.rules b.rules
        | .inductInfo a, .inductInfo b => a.numParams == b.numParams && sameNames a.ctors b.ctors
        | .defnInfo a, .defnInfo b => a.value == b.value
        | .opaqueInfo a, .opaqueInfo b => a.value == b.value
        | .thmInfo _, .thmInfo _ => true
        | _, _ => false

def rests (info : ConstantInfo) : Bool :=
  match info with
  | .axiomInfo _ => true
  | _ => (firstUsed untrusted info).isSome

mutual
partial def recheckOne (given : Environment) (options : Options) (at_ : Rechecked)
    (name : Name) : IO (Except Refusal Rechecked) := do
  match given.find? name with
  | none => pure (.ok at_)
  | some info =>
    if at_.begun.contains name || at_.env.contains name || isUnchecked info then pure (.ok at_)
    else if rests info then
      pure (.error ⟨"untrusted_axiom", nameText name ++ " is or rests on an axiom"⟩)
    else
      match ← recheckAll given options { at_ with begun := at_.begun.insert name }
          (needs given info) with
      | .error refusal => pure (.error refusal)
      | .ok ready =>
        -- A type of a mutual block may have come along with another of the block.
        let declaration := if ready.env.contains name then none else declarationOf given info
        match declaration with
        | none => pure (.ok ready)
        | some declaration =>
          match ready.env.addDeclCore (Core.getMaxHeartbeats options).toUSize declaration none with
          | .ok env => pure (.ok { ready with env := env })
          | .error failure => pure (.error (← refusedBy info failure))

partial def recheckAll (given : Environment) (options : Options) (at_ : Rechecked)
    (names : List Name) : IO (Except Refusal Rechecked) := do
  match names with
  | [] => pure (.ok at_)
  | name :: rest =>
    match ← recheckOne given options at_ name with
    | .error refusal => pure (.error refusal)
    | .ok next => recheckAll given options next rest
end

partial def remadeRefusal (env : Environment) (constants : Array ConstantInfo) (i : Nat) :
    Option Refusal :=
  if i < constants.size then
    if isUnchecked constants[i]! || isRemade env constants[i]! then
      remadeRefusal env constants (i + 1)
    else some ⟨"kernel_refused", nameText constants[i]!.name ++ " is not what the kernel makes"⟩
  else none

partial def namesIn (constants : Array ConstantInfo) (i : Nat) : List Name :=
  if i < constants.size then constants[i]!.name :: namesIn constants (i + 1) else []

def kernelOptions (heartbeats : Nat) : Options :=
  KVMap.setNat ({} : Options) `maxHeartbeats heartbeats

/-- A head and what it is applied to. -/
def applied : Expr → List Expr → Expr × List Expr
  | .app f a, rest => applied f (a :: rest)
  | .mdata _ inner, rest => applied inner rest
  | head, rest => (head, rest)

def betaReduced : Expr → List Expr → Expr
  | .lam _ _ body _, a :: rest => betaReduced (body.instantiate1 a) rest
  | head, a :: rest => betaReduced (mkApp head a) rest
  | head, [] => head

/-- Is a type's universe written down, once definitions are unfolded? Where it comes out of a
    recursor, this kernel may see `Prop` in one place and not in the next (lean4#14807); where it
    is `Prop` in disguise (`Sort (imax 1 0)`), it does not see it (lean4#14613). -/
partial def hasPlainSort (env : Environment) (type : Expr) : Bool :=
  match type with
  | .sort level => level.isZero || !level.normalize.isZero
  | .forallE _ _ body _ => hasPlainSort env body
  | .letE _ _ value body _ => hasPlainSort env (body.instantiate1 value)
  | other =>
    match applied other [] with
    | (.const name us, args) =>
      match env.find? name with
      | some (.defnInfo info) =>
        hasPlainSort env
          (betaReduced (info.value.instantiateLevelParams info.levelParams us) args)
      | _ => false
    | (.lam name domain body info, first :: rest) =>
      hasPlainSort env (betaReduced (.lam name domain body info) (first :: rest))
    | _ => false

def isOpen (e : Expr) : Bool := e.hasMVar || e.hasFVar || e.hasLooseBVars

def isInductive (env : Environment) (name : Name) : Bool :=
  match env.find? name with
  | some (.inductInfo _) => true
  | _ => false

/-- Does the library speak of this name and not have it? It would take whatever stands there. The
    names are compared as text, so that no other way to write a part makes a difference. -/
def isMissing (missing : NameSet) (name : Name) : Bool :=
  missing.contains (Name.mkSimple (nameText name))

/-- A constant's name, and those the kernel makes beside it and Lean does not list. -/
def namesMadeWith (info : ConstantInfo) : List Name :=
  match info with
  | .inductInfo type => furtherRecursors type.name type.numNested [info.name]
  | _ => [info.name]
where
  furtherRecursors (name : Name) : Nat → List Name → List Name
    | 0, rest => rest
    | n + 1, rest => name.str ("rec_" ++ toString (n + 1)) :: furtherRecursors name n rest

def anyMissing (missing : NameSet) : List Name → Bool
  | [] => false
  | name :: rest => isMissing missing name || anyMissing missing rest

/-- What this version of the kernel is known to take for true, and no ordinary text contains. -/
def trapIn (missing : NameSet) (env : Environment) (info : ConstantInfo) : Option String :=
  if info.name.getRoot == `_nested then some "has a name that the kernel keeps for itself"
  else if anyMissing missing (namesMadeWith info) then some "has a name that the library uses"
  else if isOpen info.type || (match valueOf info with | some value => isOpen value | none => false)
  then some "is not closed"
  else
    match info with
    | .inductInfo type =>
      if hasPlainSort env type.type then none
      else some "is a type whose universe must be computed"
    | _ => none

partial def trapRefusal (missing : NameSet) (env : Environment) (constants : Array ConstantInfo)
    (i : Nat) : Option Refusal :=
  if i < constants.size then
    let info := constants[i]!
    match trapIn missing env info with
    | some said => some ⟨"kernel_refused", nameText info.name ++ " " ++ said⟩
    | none => trapRefusal missing env constants (i + 1)
  else none
