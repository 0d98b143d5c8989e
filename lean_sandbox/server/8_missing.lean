/- The names that the library's constants mention and that the library does not have: it is shipped
   in part, and what Lean makes on demand may be used in one module and made in another. To the
   kernel such a name means whatever a program declares under it.

   A projection's structure needs no look of its own: the type of what it projects from names it. -/

def allMentioned (info : ConstantInfo) : Expr :=
  let named := match valueOf info with
    | some value => mkApp info.type value
    | none => info.type
  match info with
  | .inductInfo type => constants type.all (constants type.ctors named)
  | .ctorInfo constructor => constants [constructor.induct] named
  | .recInfo recursor => rules recursor.rules (constants recursor.all named)
  | _ => named
where
  constants : List Name → Expr → Expr
    | [], rest => rest
    | name :: more, rest => mkApp (mkConst name) (constants more rest)
  rules : List RecursorRule → Expr → Expr
    | [], rest => rest
    | rule :: more, rest => mkApp (mkApp (mkConst rule.ctor) rule.rhs) (rules more rest)

/-- All that these constants say as one expression, so that compiled code looks through it. -/
partial def together (constants : Array ConstantInfo) (first last : Nat) : Expr :=
  if first + 1 < last then
    let middle := (first + last) / 2
    mkApp (together constants first middle) (together constants middle last)
  else if first < last then allMentioned constants[first]!
  else mkSort levelZero

/-- For each module the modules that come with it, a bit each. -/
partial def closures (env : Environment) (done : Array Nat) : Array Nat :=
  if done.size < env.header.moduleData.size then
    closures env (done.push (ofImports env.header.moduleData[done.size]!.imports 0 (1 <<< done.size)))
  else done
where
  ofImports (imports : Array Import) (i : Nat) (bits : Nat) : Nat :=
    if i < imports.size then
      let module : Nat := (env.getModuleIdx? imports[i]!.module).getD done.size
      ofImports imports (i + 1) (bits ||| done[module]?.getD 0)
    else bits

/-- Of `names`, those that no module among `closure` has. -/
partial def missingOf (env : Environment) (closure : Nat) (names : Array Name) (i : Nat)
    (missing : NameSet) : NameSet :=
  if i < names.size then
    let isThere := match env.getModuleIdxFor? names[i]! with
      | some module =>
        let bit : Nat := module
        (closure >>> bit) % 2 == 1
      | none => false
    missingOf env closure names (i + 1) (if isThere then missing else missing.insert names[i]!)
  else missing

/-- What the modules of an environment mention and do not have; `seen` were looked at before. -/
partial def missingIn (env : Environment) (closed : Array Nat) (i : Nat)
    (sofar : NameSet × NameSet) : NameSet × NameSet :=
  if i < closed.size then
    let (missing, seen) := sofar
    let module := env.header.moduleNames[i]!
    if seen.contains module then missingIn env closed (i + 1) sofar
    else
      let constants := env.header.moduleData[i]!.constants
      let names := (together constants 0 constants.size).getUsedConstants
      missingIn env closed (i + 1) (missingOf env closed[i]! names 0 missing, seen.insert module)
  else sofar

/-- Looks through each of these modules that has not come with an earlier one. -/
partial def missingFrom (modules : List String) (sofar : NameSet × NameSet) : IO NameSet := do
  match modules with
  | [] => pure sofar.1
  | module :: rest => do
    if sofar.2.contains module.toName then missingFrom rest sofar
    else
      let env ← importModules (toImports [module] #[{ module := `Init }]) {}
      missingFrom rest (missingIn env (closures env #[]) 0 sofar)

def inWords : List Name → Array Json → Array Json
  | [], done => done
  | name :: rest, done => inWords rest (done.push (.str (nameText name)))

/-- The names that no program may declare which imports from these modules, as text. -/
def missingNames (modules : List String) : IO Json := do
  let missing ← missingFrom modules ({}, {})
  pure (.arr (inWords missing.toList #[]))
