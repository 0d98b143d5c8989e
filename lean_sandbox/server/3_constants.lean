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

/-- A constant, also where only the kernel knows it: the further recursors of a nested type. -/
def findConstant (env : Environment) (name : Name) : Option ConstantInfo :=
  match env.find? name with
  | some info => some info
  | none => env.toKernelEnv.find? name

/-- Constructors and recursors were made anew by the kernel: are they the ones the text has? -/
def isRemade (env : Environment) (info : ConstantInfo) : Bool :=
  match info, findConstant env info.name with
  | .ctorInfo a, some (.ctorInfo b) => a.type == b.type && a.induct == b.induct && a.cidx == b.cidx
  | .recInfo a, some (.recInfo b) => a.type == b.type && a.k == b.k && sameRules a.rules b.rules
  | .inductInfo a, some (.inductInfo b) => a.type == b.type
  | _, some _ => true
  | _, none => false

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

def binderAt : Nat → Expr → Option Expr
  | 0, .forallE _ type _ _ => some type
  | n + 1, .forallE _ _ body _ => binderAt n body
  | _, _ => none

def countBinders : Expr → Nat
  | .forallE _ _ body _ => countBinders body + 1
  | _ => 0

def countAll : List Expr → Nat
  | [] => 0
  | _ :: rest => countAll rest + 1

def underLambdas : Expr → Expr
  | .lam _ _ body _ => underLambdas body
  | other => other

/-- Does a recursor's rule give its case as many arguments as the recursor's type says it takes?
    This kernel looks for induction hypotheses twice, and may not find the same (lean4#14806). -/
def ruleFits (recursor : RecursorVal) (rule : RecursorRule) : Bool :=
  match applied (underLambdas rule.rhs) [] with
  | (.bvar i, args) =>
    let before := recursor.numParams + recursor.numMotives
    let case_ := before + (recursor.numMinors - 1 - (i - rule.nfields))
    match binderAt case_ recursor.type with
    | some type => countBinders type == countAll args
    | none => false
  | _ => false

def rulesFit (recursor : RecursorVal) : List RecursorRule → Bool
  | [] => true
  | rule :: rest => ruleFits recursor rule && rulesFit recursor rest

def isOpen (e : Expr) : Bool := e.hasMVar || e.hasFVar || e.hasLooseBVars

def isInductive (env : Environment) (name : Name) : Bool :=
  match env.find? name with
  | some (.inductInfo _) => true
  | _ => false

/-- The module of the library's definition or theorem that a name is below, by a part with which
    no ordinary name begins: what Lean names so, it makes itself. -/
def moduleAbove (env : Environment) (isInternal : Bool) : Name → Option Nat
  | .str front last =>
    let isInternal := isInternal || String.isPrefixOf "_" last
    match isInternal && !isInductive env front, env.getModuleIdxFor? front with
    | true, some module => some module
    | _, _ => moduleAbove env isInternal front
  | _ => none

def uses (name : Name) (info : ConstantInfo) : Bool := (firstUsed [name] info).isSome

partial def usedAmong (name : Name) (constants : Array ConstantInfo) (i : Nat) : Bool :=
  if i < constants.size then uses name constants[i]! || usedAmong name constants (i + 1) else false

/-- Does the library speak of this name and not have it? It is not shipped whole, and would take
    whatever stands there. -/
def isLost (env : Environment) (name : Name) : Bool :=
  match moduleAbove env false name with
  | some module => usedAmong name env.header.moduleData[module]!.constants 0
  | none => false

/-- What this version of the kernel is known to take for true, and no ordinary text contains. -/
def trapIn (env : Environment) (info : ConstantInfo) : Option String :=
  if info.name.getRoot == `_nested then some "has a name that the kernel keeps for itself"
  else if isLost env info.name then some "has a name that the library uses"
  else if isOpen info.type || (match valueOf info with | some value => isOpen value | none => false)
  then some "is not closed"
  else
    match info with
    | .inductInfo type =>
      if hasPlainSort env type.type then none
      else some "is a type whose universe must be computed"
    | .recInfo recursor =>
      if rulesFit recursor recursor.rules then none
      else some "is a recursor whose rules do not fit its type"
    | _ => none

partial def trapRefusal (env : Environment) (constants : Array ConstantInfo) (i : Nat) :
    Option Refusal :=
  if i < constants.size then
    let info := constants[i]!
    match trapIn env info with
    | some said => some ⟨"kernel_refused", nameText info.name ++ " " ++ said⟩
    | none => trapRefusal env constants (i + 1)
  else none

/-- Adds the constants to `clean` through the kernel with options of our own, or says which one
    it refused. -/
def recheck (clean given : Environment) (constants : Array ConstantInfo) (heartbeats : Nat) :
    IO (Except Refusal Environment) := do
  match trapRefusal given constants 0 with
  | some refusal => pure (.error refusal)
  | none =>
    match ← recheckAll given (kernelOptions heartbeats) ⟨clean, {}⟩
        (namesIn constants 0) with
    | .error refusal => pure (.error refusal)
    | .ok done =>
      match remadeRefusal done.env constants 0 with
      | some refusal => pure (.error refusal)
      | none => pure (.ok done.env)
