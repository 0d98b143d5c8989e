/- Is the declaration that was asked for the one that was written? The target is elaborated in the
   clean environment and compared as expressions; its text is compared with nothing. -/

/-- The name after `def`, `theorem`, … in a declaration command. -/
partial def declaredName (stx : Syntax) : Name :=
  if stx.getKind == `Lean.Parser.Command.declId then stx[0].getId.eraseMacroScopes
  else search stx.getArgs 0
where
  search (args : Array Syntax) (i : Nat) : Name :=
    if i < args.size then
      match declaredName args[i]! with
      | .anonymous => search args (i + 1)
      | name => name
    else .anonymous

def kindOf : ConstantInfo → String
  | .axiomInfo _ => "axiom"
  | .defnInfo _ => "def"
  | .thmInfo _ => "theorem"
  | .opaqueInfo _ => "opaque or partial definition"
  | .quotInfo _ => "quot"
  | .inductInfo _ => "inductive"
  | .ctorInfo _ => "constructor"
  | .recInfo _ => "recursor"

def sameLength : List Name → List Name → Bool
  | [], [] => true
  | _ :: as, _ :: bs => sameLength as bs
  | _, _ => false

/-- `given`'s expression with the universe parameters named as in `wanted`. -/
def renamed (wanted given : ConstantInfo) (e : Expr) : Expr :=
  e.instantiateLevelParams given.levelParams (levels wanted.levelParams)

/-- Two constants that must mean the same, and those found to or still being looked at. -/
structure Meanings where
  wanted : Environment
  given : Environment
  clean : Environment

/-- Names that Lean makes up for matchers, abstracted proofs and the like. -/
def isMadeUp (name : Name) : Bool := ((privateToUserName? name).getD name).isInternalDetail

mutual
/-- Do two expressions mean the same? They are equal, up to the names of bound variables and to
    matchers that Lean named differently because an equal one was there before. `seen` holds the
    pairs of constants already looked at. -/
partial def sameExpr (at_ : Meanings) (a b : Expr) (seen : List (Name × Name)) :
    Option (List (Name × Name)) :=
  if a == b then sameAll at_ a.getUsedConstants.toList seen
  else
  match a, b with
  | .const m us, .const n vs =>
    if mkConst m us == mkConst m vs then sameConstant at_ m n seen else none
  | .app f x, .app g y => both at_ f g x y seen
  | .lam _ t x _, .lam _ u y _ => both at_ t u x y seen
  | .forallE _ t x _, .forallE _ u y _ => both at_ t u x y seen
  | .letE _ t v x _, .letE _ u w y _ =>
    match sameExpr at_ t u seen with
    | some seen => both at_ v w x y seen
    | none => none
  | .mdata _ x, y => sameExpr at_ x y seen
  | x, .mdata _ y => sameExpr at_ x y seen
  | .proj m i x, .proj n j y =>
    if m == n && i == j then
      match sameConstant at_ m n seen with
      | some seen => sameExpr at_ x y seen
      | none => none
    else none
  | _, _ => none

partial def both (at_ : Meanings) (a b c d : Expr) (seen : List (Name × Name)) :
    Option (List (Name × Name)) :=
  match sameExpr at_ a b seen with
  | some seen => sameExpr at_ c d seen
  | none => none

/-- Do `m`, as the target has it, and `n`, as the program has it, mean the same? -/
partial def sameConstant (at_ : Meanings) (m n : Name) (seen : List (Name × Name)) :
    Option (List (Name × Name)) :=
  if at_.clean.contains m || at_.clean.contains n then if m == n then some seen else none
  else if List.elem (m, n) seen then some seen
  else if m != n && !(isMadeUp m && isMadeUp n) then none
  else
    match findConstant at_.wanted m, findConstant at_.given n with
    | some wanted, some given => sameInfo at_ wanted given ((m, n) :: seen)
    | _, _ => none

partial def sameInfo (at_ : Meanings) (wanted given : ConstantInfo) (seen : List (Name × Name)) :
    Option (List (Name × Name)) :=
  if kindOf wanted != kindOf given || !sameLength wanted.levelParams given.levelParams then none
  else
    match sameExpr at_ wanted.type (renamed wanted given given.type) seen with
    | none => none
    | some seen =>
      match wanted, given with
      | .defnInfo a, .defnInfo b => sameExpr at_ a.value (renamed wanted given b.value) seen
      | .opaqueInfo a, .opaqueInfo b => sameExpr at_ a.value (renamed wanted given b.value) seen
      | .inductInfo a, .inductInfo b =>
        if sameNames a.ctors b.ctors && a.numParams == b.numParams then
          sameAll at_ (a.name.str "rec" :: a.ctors) seen
        else none
      | .ctorInfo a, .ctorInfo b => sameConstant at_ a.induct b.induct seen
      | .recInfo a, .recInfo b =>
        if sameNames a.all b.all then sameAll at_ a.all seen else none
      | _, _ => some seen

partial def sameAll (at_ : Meanings) (names : List Name) (seen : List (Name × Name)) :
    Option (List (Name × Name)) :=
  match names with
  | [] => some seen
  | name :: rest =>
    match sameConstant at_ name name seen with
    | some seen => sameAll at_ rest seen
    | none => none
end

/-- The first definition the target brings along whose meaning the program's has not. What came
    with the declaration itself (`f.match_1`, `f.go`) counts where the statement leads to it, and
    there it has been compared. -/
partial def helpersRefusal (at_ : Meanings) (before : Environment)
    (constants : Array ConstantInfo) (name : Name) (seen : List (Name × Name)) (i : Nat) :
    Option Refusal :=
  if i < constants.size then
    let info := constants[i]!
    let besides := name.isPrefixOf info.name && !before.contains info.name
      && !isInductive at_.wanted name
    if info.name == name || besides || isMadeUp info.name || isUnchecked info then
      helpersRefusal at_ before constants name seen (i + 1)
    else
      match findConstant at_.given info.name with
      | none => some ⟨"target_helper", nameText info.name ++ " of the target is missing"⟩
      | some _ =>
        match sameConstant at_ info.name info.name seen with
        | some seen => helpersRefusal at_ before constants name seen (i + 1)
        | none => some ⟨"target_helper", nameText info.name ++ " differs from the target's"⟩
  else none

/-- A test's proposition, how to decide it, and where both were elaborated. -/
structure Stated where
  prop : Expr
  decidable : Option Expr
  env : Environment

/-- What there is to know of a target before any program is seen. -/
structure Wanted where
  refusal : Option Refusal
  env : Environment
  name : Name
  constants : Array ConstantInfo
  /-- Where the declaration that was asked for was elaborated: all else the target brings along. -/
  before : Environment
  /-- Whether its hypotheses contradict each other, where it has any, once that was looked for. -/
  vacuous : IO.Ref (Option (Option Bool))
  /-- The tests stated so far, by text. -/
  stated : IO.Ref (List (String × Except String Stated))

/-- The environment every program starts from, and the last targets elaborated in it. A target
    means the same each time, so that this is the memory of a function, not of a program. -/
structure Ground where
  clean : Environment
  targets : IO.Ref (List (String × Wanted))
  /-- The library's missing bodies, once a test wanted them; an error is told as one. -/
  models : IO.Ref (Option (Except String Models))

def Ground.of (clean : Environment) : IO Ground := do
  let targets ← IO.mkRef []
  let models ← IO.mkRef none
  pure { clean := clean, targets := targets, models := models }

def remembered {α : Type} (text : String) : List (String × α) → Option α
  | [] => none
  | (other, known) :: rest => if other == text then some known else remembered text rest

def firstFew {α : Type} : Nat → List α → List α
  | n + 1, one :: rest => one :: firstFew n rest
  | _, _ => []

def remember {α : Type} (most : Nat) (text : String) (known : α) (all : List (String × α)) :
    List (String × α) :=
  (text, known) :: firstFew (most - 1) all

/-- The full name of the last declaration of a text. -/
def lastDeclared (elaborated : Elaborated) : Name :=
  let name := declaredName elaborated.last
  if rootNamespace.isPrefixOf name then name.replacePrefix rootNamespace .anonymous
  else elaborated.lastNamespace ++ name

/-- The first way to read a target that is accepted; else the first that is Lean at all. -/
partial def firstReadable (read : String → IO Elaborated) (sofar : Elaborated) :
    List String → IO Elaborated
  | [] => pure sofar
  | source :: rest => do
    let elaborated ← read source
    match elaborated.refusal, sofar.refusal with
    | none, _ => pure elaborated
    | some ⟨"parse_error", _⟩, _ => firstReadable read sofar rest
    | _, some ⟨"parse_error", _⟩ => firstReadable read elaborated rest
    | _, _ => firstReadable read sofar rest

/-- Elaborates the target with `sorry` in the place of its value: where it ends before it, has one,
    or ends in `:=` or `:= by`. -/
def elaborateTarget (policy : Policy) (clean : Environment) (target : String) (heartbeats : Nat) :
    IO Elaborated := do
  let read (source : String) := elaborate policy clean source heartbeats
  let open_ ← read (target ++ "\n:= sorry")
  if open_.refusal.isNone then pure open_
  else firstReadable read open_ [target, target ++ "\n  sorry"]

def readTarget (policy : Policy) (clean : Environment) (target : String) (heartbeats : Nat) :
    IO Wanted := do
  let elaborated ← elaborateTarget policy clean target heartbeats
  let env := elaborated.state.env
  let name := lastDeclared elaborated
  let constants ← newConstants env
  let refusal := match elaborated.refusal with
    | some refusal => some ⟨"bad_target", refusal.detail⟩
    | none =>
      match env.find? name with
      | none => some ⟨"bad_target", "the target's last declaration has no name"⟩
      | some _ => none
  let vacuous ← IO.mkRef none
  let stated ← IO.mkRef []
  pure ⟨refusal, env, name, constants, elaborated.before, vacuous, stated⟩

/-- The most targets, and tests of one target, to remember. -/
def mostTargets : Nat := 16
def mostTests : Nat := 64

def wantedBy (policy : Policy) (ground : Ground) (target : String) (heartbeats : Nat) :
    IO Wanted := do
  let known ← ground.targets.get
  match remembered target known with
  | some wanted => pure wanted
  | none =>
    let wanted ← readTarget policy ground.clean target heartbeats
    ground.targets.set (remember mostTargets target wanted known)
    pure wanted

/-- Is the declaration that was asked for the one the program holds? -/
def targetRefusal (clean : Environment) (wanted : Wanted) (given : Environment) :
    Option Refusal :=
  match wanted.refusal, wanted.env.find? wanted.name with
  | some refusal, _ => some refusal
  | none, none => some ⟨"bad_target", "the target declares nothing"⟩
  | none, some info =>
    let name := wanted.name
    match given.find? name with
    | none => some ⟨"target_missing", nameText name ++ " is not declared"⟩
    | some found =>
      if kindOf info != kindOf found then
        some ⟨"target_kind",
          nameText name ++ " is a " ++ kindOf found ++ ", not a " ++ kindOf info⟩
      else
        let at_ : Meanings := ⟨wanted.env, given, clean⟩
        let differs := ⟨"target_type", nameText name ++ " has another type than the target"⟩
        let seen := [(name, name)]
        if !sameLength info.levelParams found.levelParams then some differs
        else
          let type := renamed info found found.type
          match if isInductive wanted.env name then sameInfo at_ info found seen
            else sameExpr at_ info.type type seen with
          | some seen => helpersRefusal at_ wanted.before wanted.constants name seen 0
          | none =>
            if info.type == type && !isInductive wanted.env name then
              match helpersRefusal at_ wanted.before wanted.constants name seen 0 with
              | some refusal => some refusal
              | none => some ⟨"target_helper", "what the target's type leads to was changed"⟩
            else some differs
