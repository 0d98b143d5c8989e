/- Behaviour tests: closed propositions, elaborated where none of the program's instances,
   notations, coercions or macros exist, and decided by the kernel. -/

/-- What the kernel said of one test, and why. -/
structure Tested where
  outcome : String
  detail : String
  deriving Inhabited

/-- Runs an elaborator from a fresh state in `env`. -/
def runTerm (env : Environment) (heartbeats : Nat) (x : Term.TermElabM Expr) :
    IO (Except String Expr) := do
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
  | .ok value => pure (.ok value)
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

/-- Does the kernel accept `proof : goal`, resting on nothing untrusted? -/
def kernelAccepts (env : Environment) (heartbeats : Nat) (goal proof : Expr) : Bool :=
  match firstOf untrusted proof.getUsedConstants 0 with
  | some _ => false
  | none =>
    let theorem_ : TheoremVal :=
      { name := `outerloopTest, levelParams := [], type := goal, value := proof }
    match env.toKernelEnv.addDecl (kernelOptions heartbeats) (.thmDecl theorem_) with
    | .ok _ => true
    | .error _ => false

def decidesTo (env : Environment) (heartbeats : Nat) (prop inst : Expr) (value : Name) : Bool :=
  let bool := mkConst `Bool
  let goal := mkApp3 (mkConst `Eq [levelOne]) bool
    (mkApp2 (mkConst `Decidable.decide) prop inst) (mkConst value)
  kernelAccepts env heartbeats goal (mkApp2 (mkConst `Eq.refl [levelOne]) bool (mkConst value))

partial def ownNames (env : Environment) (clean : Environment) (names : Array Name) (i : Nat) :
    List String :=
  if i < names.size then
    let rest := ownNames env clean names (i + 1)
    if clean.contains names[i]! || names[i]!.isInternal then rest
    else nameText names[i]! :: rest
  else []

/-- The tactic blocks tried when plain evaluation gets stuck. -/
def ladder (own : List String) : List String :=
  let simpSet := String.intercalate ", " own
  ["by first | rfl | with_unfolding_all rfl | decide | simp [" ++ simpSet ++ "] | simp +decide +arith [" ++ simpSet ++ "]"]

partial def climb (rechecked elaborated : Environment) (heartbeats : Nat) (goal : Expr) :
    List String → IO Bool
  | [] => pure false
  | block :: rest => do
    match Parser.runParserCategory elaborated `term block with
    | .error _ => climb rechecked elaborated heartbeats goal rest
    | .ok stx =>
      match ← runTerm elaborated heartbeats (proofBy stx goal) with
      | .error _ => climb rechecked elaborated heartbeats goal rest
      | .ok proof =>
        if kernelAccepts rechecked heartbeats goal proof then pure true
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
      | .ok prop =>
        let plain ← runTerm rechecked heartbeats (decidableInstance prop)
        let inst ← match plain with
          | .ok inst => pure (.ok inst)
          | .error _ => runTerm elaborated heartbeats (decidableInstance prop)
        let decided := match inst with
          | .error _ => ""
          | .ok inst =>
            if decidesTo rechecked heartbeats prop inst `Bool.true then "passed"
            else if decidesTo rechecked heartbeats prop inst `Bool.false then "failed"
            else ""
        if decided != "" then pure ⟨decided, ""⟩
        else
          let blocks := ladder (ownNames rechecked clean prop.getUsedConstants 0)
          if ← climb rechecked elaborated (heartbeats / 4) prop blocks then pure ⟨"passed", ""⟩
          else if ← climb rechecked elaborated (heartbeats / 4) (mkApp (mkConst `Not) prop) blocks then
            pure ⟨"failed", ""⟩
          else pure ⟨"undecided", "neither the test nor its negation could be proved"⟩
