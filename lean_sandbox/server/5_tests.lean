/- Behaviour tests: closed propositions, elaborated where none of the program's instances,
   notations, coercions or macros exist, and decided by the kernel. -/

/-- What the kernel said of one test, and why. -/
structure Tested where
  outcome : String
  detail : String := ""
  /-- Whether it is undecided because its time was over. -/
  late : Bool := false
  deriving Inhabited

/-- What a proof may take: Lean's measure of work, and the sign that its time is over. -/
structure Effort where
  heartbeats : Nat
  stop : Option IO.CancelToken := none

def Effort.quarter (effort : Effort) : Effort :=
  { effort with heartbeats := effort.heartbeats / 4 }

def Effort.isOver (effort : Effort) : IO Bool :=
  match effort.stop with
  | some stop => stop.isSet
  | none => pure false

/-- An expression, and the environment with what its elaboration added (equation lemmas). -/
structure Made where
  expr : Expr
  env : Environment

/-- Unification as Lean's commands have it: a `do` block whose monad is not known yet needs it. -/
def commandContext : Meta.Context :=
  { keyedConfig := Meta.Config.toConfigWithKey
      { foApprox := true, ctxApprox := true } }

/-- Runs an elaborator from a fresh state in `env`. What it adds goes by a name that no text can
    write, so that a program cannot have declared it before. -/
def runTerm (env : Environment) (effort : Effort) (x : Term.TermElabM Expr) :
    IO (Except String Made) := do
  let opts := kernelOptions effort.heartbeats
  let begun ← IO.getNumHeartbeats
  let termContext : Term.Context := { declName? := some (.num `outerloop 1) }
  let coreContext : Core.Context :=
    { fileName := "<test>", fileMap := FileMap.ofString "", options := opts,
      initHeartbeats := begun, maxHeartbeats := Core.getMaxHeartbeats opts,
      cancelTk? := effort.stop }
  let auxiliary : DeclNameGenerator := { namePrefix := .num `outerloop 1 }
  let core ← IO.mkRef ({ env := env, auxDeclNGen := auxiliary } : Core.State)
  let meta_ ← IO.mkRef ({} : Meta.State)
  let term ← IO.mkRef ({} : Term.State)
  let outcome ← (x termContext term commandContext meta_ coreContext core).toBaseIO
  match outcome with
  | .ok value => pure (.ok ⟨value, (← core.get).env⟩)
  | .error failure => do
    let said ← failure.toMessageData.toString
    pure (.error (oneLine said))

/-- Elaborates a term; an error is an error, not `sorry`. -/
def elaborateTerm (stx : Syntax) (type : Expr) : Term.TermElabM Expr := fun context =>
  Term.elabTermEnsuringType stx (some type) true true none { context with errToSorry := false }

/-- The proposition a test states, as an expression without holes. -/
def statement (stx : Syntax) : Term.TermElabM Expr := do
  let prop ← elaborateTerm stx (mkSort levelZero)
  Term.synthesizeSyntheticMVarsNoPostponing
  let prop ← instantiateMVars prop
  if prop.hasMVar || prop.hasFVar || prop.hasSorry then
    throwError "the test leaves something open"
  else pure prop

def decidableInstance (prop : Expr) : Term.TermElabM Expr := do
  let inst ← Meta.synthInstance (mkApp (mkConst `Decidable) prop)
  instantiateMVars inst

/-- A closed proof of `goal` by the tactic block `stx`. -/
def proofBy (stx : Syntax) (goal : Expr) : Term.TermElabM Expr := do
  let proof ← elaborateTerm stx goal
  Term.synthesizeSyntheticMVarsNoPostponing
  let proof ← instantiateMVars proof
  if proof.hasMVar || proof.hasFVar || proof.hasSorry then
    throwError "no proof"
  else pure proof

/-- Does the kernel accept `proof : goal`, resting on nothing untrusted? The theorem's name is one
    that no program can write. -/
def kernelAccepts (env : Environment) (effort : Effort) (goal proof : Expr)
    (levelParams : List Name := []) : Bool :=
  match firstOf untrusted proof.getUsedConstants 0 with
  | some _ => false
  | none =>
    let theorem_ : TheoremVal :=
      { name := .num `outerloop 2, levelParams := levelParams, type := goal, value := proof }
    let options := kernelOptions effort.heartbeats
    match env.toKernelEnv.addDecl options (.thmDecl theorem_) effort.stop with
    | .ok _ => true
    | .error _ => false

def decidesTo (env : Environment) (effort : Effort) (prop inst : Expr) (value : Name) : Bool :=
  let bool := mkConst `Bool
  let goal := mkApp3 (mkConst `Eq [levelOne]) bool
    (mkApp2 (mkConst `Decidable.decide) prop inst) (mkConst value)
  kernelAccepts env effort goal (mkApp2 (mkConst `Eq.refl [levelOne]) bool (mkConst value))

/-- Is it an equation about strings or arrays, and do both sides evaluate to the same one? The kernel
    compares two literals at once; the decision procedure of strings goes through their bytes, and
    that of arrays is not exported with its body. -/
def isSame (env : Environment) (effort : Effort) (prop : Expr) : Bool :=
  match prop with
  | .app (.app (.app (.const `Eq levels) type) a) _ =>
    let used := type.getUsedConstants.toList
    (List.elem `String used || List.elem `Array used)
      && kernelAccepts env effort prop (mkApp2 (mkConst `Eq.refl levels) type a)
  | _ => false

/-- Of an equation of arrays, the one of their lists; both say the same by `Array.toList_inj`. -/
def ofLists (prop : Expr) : Option Expr :=
  match prop with
  | .app (.app (.app (.const `Eq levels) (.app (.const `Array inner) type)) a) b =>
    let toList (array : Expr) := mkApp2 (mkConst `Array.toList inner) type array
    some (mkApp3 (mkConst `Eq levels) (mkApp (mkConst `List inner) type) (toList a) (toList b))
  | _ => none

/-- A name as a term that can mean nothing else; none for what Lean made up. -/
def namedTerm (name : Name) : Option String :=
  let name := (privateToUserName? name).getD name
  if name.isInternalDetail then none else some ("_root_" ++ quoted name)
where
  quoted : Name → String
    | .str front last => quoted front ++ ".«" ++ last ++ "»"
    | _ => ""

/-- The program's own definitions that a proposition leads to, by name, for `simp` to unfold. -/
partial def ownDefinitions (env clean : Environment) (todo : List Name) (seen : NameSet) :
    List String :=
  match todo with
  | [] => []
  | name :: rest =>
    if seen.contains name || clean.contains name then ownDefinitions env clean rest seen
    else
      match env.find? name with
      | some (.defnInfo info) =>
        let further :=
          ownDefinitions env clean (pushAll info.value.getUsedConstants 0 rest) (seen.insert name)
        match namedTerm name with
        | some term => term :: further
        | none => further
      | _ => ownDefinitions env clean rest (seen.insert name)

/-- The tactic blocks tried when plain evaluation gets stuck. Loops over a range, `Array.range` and
    `String.map` are not exported with their bodies, but lemmas say what they do to lists; recursion
    that is not structural goes by its equation lemmas. -/
def ladder (own : List String) : List String :=
  let ranges := ["Std.Legacy.Range.forIn_eq_forIn_range'", "Std.Legacy.Range.size",
    "← List.toArray_range"]
  let texts := ["← String.toList_inj", "← Array.toList_inj"]
  ["by first | rfl | " ++ simplify [own],
   "by " ++ simplify [own, ranges] ++ " <;> first | decide +kernel | rfl",
   "by " ++ simplify [own, ranges, texts] ++ " <;> decide +kernel"]
where
  simplify (lemmas : List (List String)) : String :=
    "simp [" ++ String.intercalate ", " (joined lemmas) ++ "]"
  joined : List (List String) → List String
    | [] => []
    | some_ :: more => before some_ (joined more)
  before : List String → List String → List String
    | [], rest => rest
    | first :: more, rest => first :: before more rest

partial def climb (rechecked elaborated : Environment) (effort : Effort) (goal : Expr) :
    List String → IO Bool
  | [] => pure false
  | block :: rest => do
    match Parser.runParserCategory elaborated `term block with
    | .error _ => climb rechecked elaborated effort goal rest
    | .ok stx =>
      match ← runTerm elaborated effort (proofBy stx goal) with
      | .error _ => climb rechecked elaborated effort goal rest
      | .ok made =>
        let lemmas ← recheckAll made.env (kernelOptions effort.heartbeats) ⟨rechecked, {}⟩
          (pushAll made.expr.getUsedConstants 0 [])
        match lemmas with
        | .error _ => climb rechecked elaborated effort goal rest
        | .ok ready =>
          if kernelAccepts ready.env effort goal made.expr then pure true
          else climb rechecked elaborated effort goal rest

/-- Of an equality or a monad of the program's own, the proposition that it keeps the laws. -/
def lawsOf (name : Name) : Expr → Option Expr
  | .app (.const `BEq us) type => some (mkApp2 (mkConst `LawfulBEq us) type (mkConst name))
  | .app (.const `Monad us) type => some (mkApp2 (mkConst `LawfulMonad us) type (mkConst name))
  | _ => none

/-- Is it proved, or easily proved, that an instance of the program's own keeps the laws? -/
def lawsHold (rechecked elaborated : Environment) (effort : Effort) (name : Name) : IO Bool := do
  match rechecked.find? name, namedTerm name with
  | some (.defnInfo info), some term =>
    match lawsOf name info.type with
    | none => pure false
    | some laws =>
      let unfolded := s!"simp_all [BEq.beq, {term}, {term}.beq]"
      climb rechecked elaborated effort laws
        ["inferInstance",
         s!"\{ rfl := by intro a; cases a <;> first | rfl | {unfolded}, "
           ++ "eq_of_beq := by intro a b h; cases a <;> cases b <;> first | rfl | contradiction | "
           ++ unfolded ++ " }"]
  | _, _ => pure false

/-- Elaborates a test in `env`, and looks for an instance that decides it. -/
def stateTest (policy : Policy) (env : Environment) (effort : Effort) (test : String) :
    IO (Except String Stated) := do
  match Parser.runParserCategory env `term test with
  | .error said => pure (.error (oneLine ("the test does not parse: " ++ said)))
  | .ok stx =>
    match syntaxRefusal policy stx, sizeRefusal ⟨env, .anonymous, []⟩ stx with
    | some refusal, _ => pure (.error ("the test may not use " ++ refusal.detail))
    | none, some refusal => pure (.error ("the test cannot be decided: " ++ refusal.detail))
    | none, none =>
      match ← runTerm env effort (statement stx) with
      | .error said => pure (.error ("the test cannot be stated: " ++ said))
      | .ok stated =>
        let prop := stated.expr
        let decidable := (ofLists prop).getD prop
        match ← runTerm stated.env effort (decidableInstance decidable) with
        | .ok inst => pure (.ok ⟨prop, some inst.expr, inst.env⟩)
        | .error _ => pure (.ok ⟨prop, none, stated.env⟩)

/-- States a test where the target was elaborated; a test means the same there for every program. -/
def stateAsked (policy : Policy) (wanted : Wanted) (effort : Effort) (test : String) :
    IO (Except String Stated) := do
  let known ← wanted.stated.get
  match remembered test known with
  | some stated => pure stated
  | none =>
    let stated ← stateTest policy wanted.env effort test
    -- What was not finished says nothing of the test.
    unless ← effort.isOver do wanted.stated.set (remember mostTests test stated known)
    pure stated

/-- Does a program have a constant of the name of one that only stating the test added? -/
def isTaken (known rechecked : Environment) (names : Array Name) (i : Nat) : Bool :=
  if i < names.size then
    (!known.contains names[i]! && rechecked.contains names[i]!)
      || isTaken known rechecked names (i + 1)
  else false
termination_by names.size - i

/-- Does every name of the target's in a test mean in the program what it means in the target? The
    declaration that was asked for is the program's to fill. -/
partial def meansTheSame (at_ : Meanings) (names : List Name) (seen : List (Name × Name)) :
    Bool :=
  match names with
  | [] => true
  | name :: rest =>
    if !at_.wanted.contains name then meansTheSame at_ rest seen
    else
      match sameConstant at_ name name seen with
      | some seen => meansTheSame at_ rest seen
      | none => false

def namesOfStated (stated : Stated) : List Name :=
  pushAll stated.prop.getUsedConstants 0 <| match stated.decidable with
    | some inst => pushAll inst.getUsedConstants 0 []
    | none => []

/-- States a test: with a target, among the target's constants alone, where nothing the program
    declares can take a name's place; else, or when it names others, among the program's. -/
def stateFor (policy : Policy) (wanted : Option Wanted) (clean rechecked : Environment)
    (effort : Effort) (test : String) : IO (Except String Stated) := do
  match wanted with
  | none => stateTest policy rechecked effort test
  | some wanted =>
    match ← stateAsked policy wanted effort test with
    | .ok stated =>
      if isTaken wanted.env rechecked stated.prop.getUsedConstants 0 then
        pure (.error "the program has a name that only this test should have")
      else pure (agreed wanted (.ok stated))
    | .error _ => pure (agreed wanted (← stateTest policy rechecked effort test))
where
  agreed (wanted : Wanted) : Except String Stated → Except String Stated
    | .error said => .error said
    | .ok stated =>
      if meansTheSame ⟨wanted.env, rechecked, clean⟩ (namesOfStated stated)
          [(wanted.name, wanted.name)] then .ok stated
      else .error "a name in the test means something else in the program"

/-- `rechecked` with what stating a test added (matchers). -/
def withAdded (stated : Stated) (rechecked : Environment) (effort : Effort) : IO Environment := do
  match ← recheckAll stated.env (kernelOptions effort.heartbeats) ⟨rechecked, {}⟩
      (namesOfStated stated) with
  | .ok ready => pure ready.env
  | .error _ => pure rechecked

/-- The replacements of the library's functions that the kernel cannot evaluate, loaded once. -/
def Ground.replacements (ground : Ground) : IO (Except String Models) := do
  match ← ground.models.get with
  | some known => pure known
  | none =>
    let loaded ← if isComparedVersion then (loadModels ground.clean).toBaseIO
      else pure (.error (IO.userError "another version"))
    let known := match loaded with
      | .ok models => .ok models
      | .error failure => .error (toString failure)
    ground.models.set (some known)
    pure known

/-- What the kernel evaluates a decision procedure to: "" where it gets stuck. -/
def evaluated (env : Environment) (effort : Effort) (prop inst : Expr) : String :=
  if decidesTo env effort prop inst `Bool.true then "passed"
  else if decidesTo env effort prop inst `Bool.false then "failed"
  else ""

/-- Evaluates a test where the library's missing bodies stand; "" where it leads to none of them,
    cannot be copied, or gets stuck there too. -/
def evaluatedInWorld (ground : Ground) (worlds : Worlds) (base given elaborated : Environment)
    (effort : Effort) (prop inst : Expr) : IO String := do
  match ← ground.replacements with
  | .error _ => pure ""
  | .ok models =>
    let isLawful := lawsHold given elaborated effort.quarter
    match ← (inWorld models isLawful ground.clean base given worlds prop inst).toBaseIO with
    | .ok (some (env, prop, inst)) => pure (evaluated env effort prop inst)
    | _ => pure ""

/-- Decides one test. `base` knows the program's constants and nothing else of it; `elaborated` is
    where the program's own lemmas and instances may help to find a proof, which is then checked
    in `base`. -/
def decideTest (policy : Policy) (wanted : Option Wanted) (ground : Ground) (worlds : Worlds)
    (base elaborated : Environment) (effort : Effort) (test : String) : IO Tested := do
  let clean := ground.clean
  match ← stateFor policy wanted clean base effort test with
  | .error said => pure { outcome := "undecided", detail := said }
  | .ok stated =>
    let prop := stated.prop
    let decidable := (ofLists prop).getD prop
    let rechecked ← withAdded stated base effort
    let inst ← match stated.decidable with
      | some inst => pure (some inst)
      | none =>
        match ← runTerm elaborated effort (decidableInstance decidable) with
        | .ok inst => pure (some inst.expr)
        | .error _ => pure none
    let decided ← match inst with
      | none => pure ""
      | some inst =>
        match ← evaluatedInWorld ground worlds base rechecked elaborated effort decidable inst with
        | "" =>
          if isSame rechecked effort.quarter prop then pure "passed"
          else pure (evaluated rechecked effort decidable inst)
        | said => pure said
    if decided != "" then pure { outcome := decided }
    else
      let used := pushAll prop.getUsedConstants 0 []
      let blocks := ladder (ownDefinitions rechecked clean used {})
      if ← climb rechecked elaborated effort.quarter prop blocks then
        pure { outcome := "passed" }
      else if ← climb rechecked elaborated effort.quarter (mkApp (mkConst `Not) prop) blocks then
        pure { outcome := "failed" }
      else
        let detail := "neither the test nor its negation could be proved"
        pure { outcome := "undecided", detail }
