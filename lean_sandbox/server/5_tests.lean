/- Behaviour tests: closed propositions, elaborated where none of the program's instances,
   notations, coercions or macros exist, and decided by the kernel. -/

/-- What the kernel said of one test, and why. -/
structure Tested where
  outcome : String
  detail : String
  deriving Inhabited

/-- An expression, and the environment with what its elaboration added (equation lemmas). -/
structure Made where
  expr : Expr
  env : Environment

/-- Runs an elaborator from a fresh state in `env`. -/
def runTerm (env : Environment) (heartbeats : Nat) (x : Term.TermElabM Expr) :
    IO (Except String Made) := do
  let opts := kernelOptions heartbeats
  let begun ← IO.getNumHeartbeats
  let coreContext : Core.Context :=
    { fileName := "<test>", fileMap := FileMap.ofString "", options := opts,
      initHeartbeats := begun, maxHeartbeats := Core.getMaxHeartbeats opts }
  let core ← IO.mkRef ({ env := env } : Core.State)
  let meta_ ← IO.mkRef ({} : Meta.State)
  let term ← IO.mkRef ({} : Term.State)
  let outcome ← (x {} term {} meta_ coreContext core).toBaseIO
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
def kernelAccepts (env : Environment) (heartbeats : Nat) (goal proof : Expr) : Bool :=
  match firstOf untrusted proof.getUsedConstants 0 with
  | some _ => false
  | none =>
    let theorem_ : TheoremVal :=
      { name := .num `outerloop 0, levelParams := [], type := goal, value := proof }
    match env.toKernelEnv.addDecl (kernelOptions heartbeats) (.thmDecl theorem_) with
    | .ok _ => true
    | .error _ => false

def decidesTo (env : Environment) (heartbeats : Nat) (prop inst : Expr) (value : Name) : Bool :=
  let bool := mkConst `Bool
  let goal := mkApp3 (mkConst `Eq [levelOne]) bool
    (mkApp2 (mkConst `Decidable.decide) prop inst) (mkConst value)
  kernelAccepts env heartbeats goal (mkApp2 (mkConst `Eq.refl [levelOne]) bool (mkConst value))

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
        if name.isInternalDetail then further else nameText name :: further
      | _ => ownDefinitions env clean rest (seen.insert name)

/-- The tactic blocks tried when plain evaluation gets stuck. Loops over a range are not exported
    with their bodies, but a lemma says what they fold over. -/
def ladder (own : List String) : List String :=
  let unfold := String.intercalate ", " own
  let ranges := "Std.Legacy.Range.forIn_eq_forIn_range', Std.Legacy.Range.size"
  ["by first | rfl | simp [" ++ unfold ++ "]",
   "by simp [" ++ unfold ++ ", " ++ ranges ++ "] <;> decide +kernel"]

partial def climb (rechecked elaborated : Environment) (heartbeats : Nat) (goal : Expr) :
    List String → IO Bool
  | [] => pure false
  | block :: rest => do
    match Parser.runParserCategory elaborated `term block with
    | .error _ => climb rechecked elaborated heartbeats goal rest
    | .ok stx =>
      match ← runTerm elaborated heartbeats (proofBy stx goal) with
      | .error _ => climb rechecked elaborated heartbeats goal rest
      | .ok made =>
        let lemmas ← recheckAll made.env (kernelOptions heartbeats) ⟨rechecked, {}⟩
          (pushAll made.expr.getUsedConstants 0 [])
        match lemmas with
        | .error _ => climb rechecked elaborated heartbeats goal rest
        | .ok ready =>
          if kernelAccepts ready.env heartbeats goal made.expr then pure true
          else climb rechecked elaborated heartbeats goal rest

/-- Decides one test. `rechecked` knows the program's constants and nothing else of it;
    `elaborated` is where the program's own lemmas and instances may help to find a proof, which
    is then checked in `rechecked`. -/
def decideTest (policy : Policy) (clean rechecked elaborated : Environment) (heartbeats : Nat)
    (test : String) : IO Tested := do
  match Parser.runParserCategory rechecked `term test with
  | .error said => pure ⟨"undecided", oneLine ("the test does not parse: " ++ said)⟩
  | .ok stx =>
    match syntaxRefusal policy stx with
    | some refusal => pure ⟨"undecided", "the test may not use " ++ refusal.detail⟩
    | none =>
      match ← runTerm rechecked heartbeats (statement stx) with
      | .error said => pure ⟨"undecided", "the test cannot be stated: " ++ said⟩
      | .ok stated =>
        let prop := stated.expr
        let plain ← runTerm rechecked heartbeats (decidableInstance prop)
        let inst ← match plain with
          | .ok inst => pure (.ok inst)
          | .error _ => runTerm elaborated heartbeats (decidableInstance prop)
        let decided := match inst with
          | .error _ => ""
          | .ok inst =>
            if decidesTo rechecked heartbeats prop inst.expr `Bool.true then "passed"
            else if decidesTo rechecked heartbeats prop inst.expr `Bool.false then "failed"
            else ""
        if decided != "" then pure ⟨decided, ""⟩
        else
          let used := pushAll prop.getUsedConstants 0 []
          let blocks := ladder (ownDefinitions rechecked clean used {})
          if ← climb rechecked elaborated (heartbeats / 4) prop blocks then pure ⟨"passed", ""⟩
          else if ← climb rechecked elaborated (heartbeats / 4) (mkApp (mkConst `Not) prop) blocks then
            pure ⟨"failed", ""⟩
          else pure ⟨"undecided", "neither the test nor its negation could be proved"⟩
