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

def levels : List Name → List Level
  | [] => []
  | name :: rest => mkLevelParam name :: levels rest

/-- `given`'s expression with the universe parameters named as in `wanted`. -/
def renamed (wanted given : ConstantInfo) (e : Expr) : Expr :=
  e.instantiateLevelParams given.levelParams (levels wanted.levelParams)

/-- Same universe parameters and same type, up to the names of bound variables. -/
def sameType (wanted given : ConstantInfo) : Bool :=
  sameLength wanted.levelParams given.levelParams
    && wanted.type == renamed wanted given given.type

def sameValue (wanted given : ConstantInfo) : Bool :=
  match valueOf wanted, valueOf given with
  | some a, some b => a == renamed wanted given b
  | none, none => true
  | _, _ => false

/-- Everything new that a list of names leads to, through types and values. -/
partial def reachable (env clean : Environment) (todo : List Name) (seen : NameSet) : NameSet :=
  match todo with
  | [] => seen
  | name :: rest =>
    if seen.contains name || clean.contains name then reachable env clean rest seen
    else
      match env.find? name with
      | none => reachable env clean rest seen
      | some info =>
        let inValue := match valueOf info with
          | some value => pushAll value.getUsedConstants 0 rest
          | none => rest
        let all := pushAll info.type.getUsedConstants 0 inValue
        reachable env clean all (seen.insert name)

/-- The target's other constants: those it brings along, and those its own type leads to. What its
    elaboration made besides (`f._proof_1`) is the program's own affair. -/
partial def helpersRefusal (name : Name) (wanted : Array ConstantInfo) (meant : NameSet)
    (given : Environment) (i : Nat) : Option Refusal :=
  if i < wanted.size then
    let info := wanted[i]!
    let besides := name.isPrefixOf info.name && !meant.contains info.name
    if info.name == name || besides || isUnchecked info then
      helpersRefusal name wanted meant given (i + 1)
    else
      match given.find? info.name with
      | none => some ⟨"target_helper", nameText info.name ++ " of the target is missing"⟩
      | some found =>
        if sameType info found && sameValue info found then
          helpersRefusal name wanted meant given (i + 1)
        else some ⟨"target_helper", nameText info.name ++ " differs from the target's"⟩
  else none

/-- Elaborates the target, closed by `sorry` where it has no value. -/
def elaborateTarget (policy : Policy) (clean : Environment) (target : String) (heartbeats : Nat) :
    IO Elaborated := do
  let open_ ← elaborate policy clean (target ++ "\n:= sorry") heartbeats
  match open_.refusal with
  | none => pure open_
  | some _ =>
    let closed ← elaborate policy clean target heartbeats
    match closed.refusal with
    | none => pure closed
    | some _ => pure open_

def targetRefusal (policy : Policy) (clean : Environment) (target : String)
    (given : Environment) (heartbeats : Nat) : IO (Option Refusal) := do
  let wanted ← elaborateTarget policy clean target heartbeats
  match wanted.refusal with
  | some refusal => pure (some ⟨"bad_target", refusal.detail⟩)
  | none =>
    let name := declaredName wanted.last
    match wanted.state.env.find? name with
    | none => pure (some ⟨"bad_target", "the target's last declaration has no name"⟩)
    | some info =>
      match given.find? name with
      | none => pure (some ⟨"target_missing", nameText name ++ " is not declared"⟩)
      | some found =>
        if kindOf info != kindOf found then
          pure (some ⟨"target_kind",
            nameText name ++ " is a " ++ kindOf found ++ ", not a " ++ kindOf info⟩)
        else if sameType info found then
          let env := wanted.state.env
          let meant := reachable env clean (pushAll info.type.getUsedConstants 0 []) {}
          pure (helpersRefusal name (← newConstants env) meant given 0)
        else
          pure (some ⟨"target_type", nameText name ++ " has another type than the target"⟩)
