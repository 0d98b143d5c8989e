/- Does a target's statement say anything? Where its hypotheses contradict each other, every proof
   of it is worth the same. Found cheaply or not at all; a proof that is found is checked by the
   kernel, where nothing is known but the library and the target's own definitions. -/

/-- `False` under the same binders. -/
def underBinders : Expr → Expr
  | .forallE name type body info => .forallE name type (underBinders body) info
  | .mdata _ inner => underBinders inner
  | _ => mkConst `False

def concludes (type : Expr) : Expr :=
  match type with
  | .forallE _ _ body _ => concludes body
  | .mdata _ inner => concludes inner
  | other => other

/-- `type` with `hole` for what follows its first `n` binders, and for the type of the next one
    nothing but that type: a proposition exactly when the binder is a hypothesis. -/
def binderUnder : Nat → Expr → Option Expr
  | 0, .forallE _ type _ _ => some type
  | n + 1, .forallE name type body info =>
    match binderUnder n body with
    | some inner => some (.forallE name type inner info)
    | none => none
  | n, .mdata _ inner => binderUnder n inner
  | _, _ => none

partial def supposesFrom (env : Environment) (heartbeats : Nat) (type : Expr) (n : Nat) :
    IO Bool := do
  match binderUnder n type with
  | none => pure false
  | some binder =>
    match ← runTerm env { heartbeats } (Meta.inferType binder) with
    | .ok sort =>
      if sort.expr == mkSort levelZero then pure true
      else supposesFrom env heartbeats type (n + 1)
    | .error _ => supposesFrom env heartbeats type (n + 1)

/-- Tried in this order, each with this many thousand heartbeats. -/
def contradictions (own : List String) : List (String × Nat) :=
  let unfold := String.intercalate ", " own
  [("by intros; first | contradiction | omega", 500),
   ("by decide", 500),
   ("by intros; simp_all [" ++ unfold ++ "]", 500),
   ("by intros; grind [" ++ unfold ++ "]", 500)]

partial def contradicts (clean env : Environment) (info : ConstantInfo) (goal : Expr) :
    List (String × Nat) → IO Bool
  | [] => pure false
  | (block, heartbeats) :: rest => do
    match Parser.runParserCategory env `term block with
    | .error _ => contradicts clean env info goal rest
    | .ok stx =>
      match ← runTerm env { heartbeats } (proofBy stx goal) with
      | .error _ => contradicts clean env info goal rest
      | .ok made =>
        let used := pushAll goal.getUsedConstants 0 (pushAll made.expr.getUsedConstants 0 [])
        match ← recheckAll made.env (kernelOptions heartbeats) ⟨clean, {}⟩ used with
        | .error _ => contradicts clean env info goal rest
        | .ok ready =>
          if kernelAccepts ready.env { heartbeats } goal made.expr info.levelParams then pure true
          else contradicts clean env info goal rest

/-- Do the hypotheses of a theorem contradict each other, as far as little effort can tell? None
    where it has none, or where it concludes `False`: then the contradiction is what it is about. -/
def contradiction (clean env : Environment) (name : Name) : IO (Option Bool) := do
  match env.find? name with
  | some (.thmInfo info) =>
    if (concludes info.type).isConstOf `False then pure none
    else if ← supposesFrom env 1000 info.type 0 then
      let goal := underBinders info.type
      let own := ownDefinitions env clean (pushAll goal.getUsedConstants 0 []) {}
      pure (some (← contradicts clean env (.thmInfo info) goal (contradictions own)))
    else pure none
  | _ => pure none

/-- The same of a target, looked for once. -/
def isVacuous (clean : Environment) (wanted : Wanted) : IO (Option Bool) := do
  match ← wanted.vacuous.get with
  | some known => pure known
  | none =>
    let found ← contradiction clean wanted.env wanted.name
    wanted.vacuous.set (some found)
    pure found
