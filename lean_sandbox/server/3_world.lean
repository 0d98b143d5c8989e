/- A copy of what a test leads to, in which the functions of `4_library.lean` stand in the place of
   the library's. What it evaluates to there it evaluates to in the library, whose bodies this
   build does not export: that is all that is trusted, and the kernel checks the copies.

   A definition that leads to a replaced function is copied with its body; what has no body, or is
   proved, is taken over with its type alone. What cannot be copied stays undecided. -/

/-- The version whose library was compared with `4_library.lean`; others are left alone. -/
def isComparedVersion : Bool := version.major == 4 && version.minor == 28

/-- The same name below another. -/
def below (front : Name) : Name → Name
  | .anonymous => front
  | .str before last => .str (below front before) last
  | .num before last => .num (below front before) last

def modelOf (name : Name) : Name := below `Outerloop name
def copyOf (name : Name) : Name := below (.num `outerloop 5) name

/-- A library function whose replacement takes only some of its arguments, and its pattern (a
    character, a predicate or a string) in one form for all. -/
structure Shape where
  arity : Nat
  kept : List Nat
  patternType : Nat
  pattern : Option Nat

def shapeOf (name : Name) : Option Shape :=
  match name with
  | .str (.str (.str .anonymous "Std") "Iter") last => iterShape last
  | .str (.str .anonymous "Std") "Iter" => some ⟨2, [1], 0, none⟩
  | .str (.str (.str .anonymous "String") "Slice") last => textShape last
  | .str (.str .anonymous "String") last => textShape last
  | _ => none
where
  iterShape (last : String) : Option Shape :=
    if List.elem last ["toList", "toArray"] then some ⟨4, [1, 3], 0, none⟩
    else if last == "map" then some ⟨6, [1, 2, 4, 5], 0, none⟩
    else if last == "filter" then some ⟨5, [1, 3, 4], 0, none⟩
    else none
  textShape (last : String) : Option Shape :=
    if List.elem last ["startsWith", "endsWith", "all", "dropPrefix", "dropPrefix?", "dropSuffix",
        "dropSuffix?", "takeWhile", "dropWhile", "takeEndWhile", "dropEndWhile"] then
      some ⟨4, [1, 2], 0, some 2⟩
    else if List.elem last ["any", "contains"] then some ⟨7, [4, 5], 0, some 5⟩
    else if last == "split" then some ⟨5, [2, 3], 0, some 3⟩
    else if last == "replace" then some ⟨10, [4, 5, 6, 7, 9], 0, some 7⟩
    else none

/-- The pattern in its one form; none for one of a type of the program's. -/
def patternForm (type : Expr) : Option Name :=
  match type with
  | .const `Char _ => some `Outerloop.Pattern.ofChar
  | .const `String _ => some `Outerloop.Pattern.ofString
  | .const `String.Slice _ => some `Outerloop.Pattern.ofSlice
  | .forallE _ (.const `Char _) (.const `Bool _) _ => some `Outerloop.Pattern.ofPred
  | _ => none

def charList : List Char → Expr
  | [] => mkApp (mkConst `List.nil [levelZero]) (mkConst `Char)
  | c :: rest =>
    mkApp3 (mkConst `List.cons [levelZero]) (mkConst `Char)
      (mkApp (mkConst `Char.ofNat) (mkRawNatLit c.toNat)) (charList rest)

def hasAtLeast : Nat → List Expr → Bool
  | 0, _ => true
  | _, [] => false
  | n + 1, _ :: rest => hasAtLeast n rest

def nth : List Expr → Nat → Option Expr
  | [], _ => none
  | first :: _, 0 => some first
  | _ :: rest, n + 1 => nth rest n

def dropFirst : Nat → List Expr → List Expr
  | 0, rest => rest
  | _, [] => []
  | n + 1, _ :: rest => dropFirst n rest

def appliedTo : Expr → List Expr → Expr
  | head, [] => head
  | head, arg :: rest => appliedTo (mkApp head arg) rest

/-- What is replaced or copied so far. -/
structure Copies where
  replaced : NameSet
  copied : NameSet

def Copies.find? (copies : Copies) (name : Name) : Option Name :=
  if copies.replaced.contains name then some (modelOf name)
  else if copies.copied.contains name then some (copyOf name)
  else none

def Copies.contains (copies : Copies) (name : Name) : Bool :=
  copies.replaced.contains name || copies.copied.contains name

/-- Types of ours that are made as the library's are. The others are made otherwise: what Lean makes
    beside a type (constructors, recursors, projections, sizes) says nothing about the library's. -/
def isMadeAlike (type : Name) : Bool := List.elem type [`ToString, `String.ToSlice]

/-- A constant that is nowhere: the kernel refuses what mentions it. -/
def unreadable : Name := .num `outerloop 6

mutual
/-- An expression with the copies in the place of what they are of. -/
partial def translated (clean : Environment) (copies : Copies) (e : Expr) : Expr :=
  e.replace fun e =>
    match e with
    | .lit (.strVal s) => some (mkApp (mkConst `Outerloop.String.mk) (charList s.toList))
    | .const name us =>
      match copies.find? name with
      | some copy => some (mkConst copy us)
      | none => none
    | .proj type i inner =>
      match copies.find? type with
      | some copy =>
        if copies.replaced.contains type && !isMadeAlike type then some (mkConst unreadable)
        else some (.proj copy i (translated clean copies inner))
      | none => none
    | .app _ _ => reshaped clean copies e
    | _ => none

partial def reshaped (clean : Environment) (copies : Copies) (e : Expr) : Option Expr :=
  match applied e [] with
  | (.const name us, args) =>
    if !copies.replaced.contains name then none
    else
      match shapeOf name with
      | none => none
      | some shape =>
        if !hasAtLeast shape.arity args then none
        else
          match chosen clean copies shape args shape.kept with
          | none => none
          | some kept =>
            let head := appliedTo (mkConst (modelOf name) us) kept
            some (appliedTo head (allTranslated clean copies (dropFirst shape.arity args)))
  | _ => none

partial def allTranslated (clean : Environment) (copies : Copies) : List Expr → List Expr
  | [] => []
  | e :: rest => translated clean copies e :: allTranslated clean copies rest

partial def chosen (clean : Environment) (copies : Copies) (shape : Shape) (args : List Expr) :
    List Nat → Option (List Expr)
  | [] => some []
  | i :: more =>
    match nth args i, chosen clean copies shape args more with
    | some arg, some rest =>
      let arg := translated clean copies arg
      if shape.pattern == some i then
        match nth args shape.patternType with
        | none => none
        | some type =>
          match patternForm type with
          | some form => some (mkApp (mkConst form) arg :: rest)
          | none => none
      else some (arg :: rest)
    | _, _ => none
end

def hasText (e : Expr) : Bool :=
  (e.find? fun e => match e with | .lit (.strVal _) => true | _ => false).isSome

def constantsOf (e : Expr) (rest : List Name) : List Name :=
  let rest := pushAll e.getUsedConstants 0 rest
  if hasText e then `String :: rest else rest

mutual
/-- An expression without the arguments that no replacement takes. -/
partial def pruned (clean : Environment) (e : Expr) : Expr :=
  e.replace fun e =>
    match e with
    | .app _ _ =>
      match applied e [] with
      | (.const name us, args) =>
        match shapeOf name with
        | none => none
        | some shape =>
          if clean.contains name && hasAtLeast shape.arity args then
            some (prunedArgs clean shape (mkConst name us) args 0)
          else none
      | _ => none
    | _ => none

partial def prunedArgs (clean : Environment) (shape : Shape) (head : Expr) :
    List Expr → Nat → Expr
  | [], _ => head
  | arg :: rest, i =>
    if shape.arity ≤ i || List.elem i shape.kept then
      prunedArgs clean shape (mkApp head (pruned clean arg)) rest (i + 1)
    else prunedArgs clean shape head rest (i + 1)
end

def copyNeeds (clean : Environment) (e : Expr) (rest : List Name) : List Name :=
  constantsOf (pruned clean e) rest

/-- What a copy of this constant would mention. -/
def mentioned (clean given : Environment) (info : ConstantInfo) : List Name :=
  match info with
  | .defnInfo info => copyNeeds clean info.type (copyNeeds clean info.value [])
  | .inductInfo _ | .ctorInfo _ | .recInfo _ => needs given info
  | _ => copyNeeds clean info.type []

/-- Which constants lead to a replaced one, and which do not. -/
structure Touched where
  yes : NameSet
  no : NameSet

def Touched.known (touched : Touched) (name : Name) : Option Bool :=
  if touched.yes.contains name then some true
  else if touched.no.contains name then some false
  else none

def Touched.note (touched : Touched) (name : Name) (answer : Bool) : Touched :=
  if answer then { touched with yes := touched.yes.insert name }
  else { touched with no := touched.no.insert name }

/-- Replacements in the clean environment, and what of the library leads to one. -/
structure Models where
  env : Environment
  touched : IO.Ref Touched

/-- A program's copy so far. -/
structure World where
  models : Models
  clean : Environment
  touched : Touched
  copies : Copies
  env : Environment

/-- Is what ours has under the library's name written down there, and not made by Lean? -/
def isWritten (models : Models) (name : Name) : Bool :=
  match models.env.find? (modelOf name) with
  | some (.inductInfo _) => true
  | some (.ctorInfo info) => isAlike info.induct
  | some (.recInfo _) => isMadeAlike name.getPrefix
  | some (.defnInfo _) =>
    isMadeAlike name.getPrefix
      || !(name.isInternalDetail || List.elem (lastPart name)
        ["casesOn", "recOn", "below", "brecOn", "noConfusion", "noConfusionType", "ctorIdx"])
  | _ => false
where
  isAlike (ours : Name) : Bool := isMadeAlike (ours.replacePrefix `Outerloop .anonymous)

def isModelled (models : Models) (clean : Environment) (name : Name) : Bool :=
  clean.contains name && isWritten models name

/-- The library's answers are kept for all programs. -/
def World.note (world : World) (name : Name) (answer : Bool) : IO World := do
  if world.clean.contains name then
    let known ← world.models.touched.get
    world.models.touched.set (known.note name answer)
    pure world
  else pure { world with touched := world.touched.note name answer }

mutual
/-- Does a constant lead to a replaced one? -/
partial def touches (given : Environment) (world : World) (name : Name) : IO (World × Bool) := do
  let library ← world.models.touched.get
  match library.known name, world.touched.known name with
  | some known, _ => pure (world, known)
  | _, some known => pure (world, known)
  | none, none =>
    if isModelled world.models world.clean name then pure (world, true)
    else if world.models.env.contains name && !world.clean.contains name then
      throw (IO.userError "the program has a name of ours")
    else
      match findConstant given name with
      | none => pure (world, false)
      | some info =>
        let (world, answer) ← touchesAny given (← world.note name false) (mentioned world.clean given info)
        pure (← world.note name answer, answer)

partial def touchesAny (given : Environment) (world : World) : List Name → IO (World × Bool)
  | [] => pure (world, false)
  | name :: rest => do
    let (world, answer) ← touches given world name
    if answer then pure (world, true) else touchesAny given world rest
end

def worldHeartbeats : Nat := 50000

def World.add (world : World) (declaration : Declaration) : IO World := do
  match world.env.addDeclCore
      (Core.getMaxHeartbeats (kernelOptions worldHeartbeats)).toUSize declaration none with
  | .ok env => pure { world with env := env }
  | .error failure => do
    let said ← (failure.toMessageData {}).toString
    throw (IO.userError said)

def World.copied (world : World) (name : Name) : World :=
  { world with copies := { world.copies with copied := world.copies.copied.insert name } }

/-- Hash maps and sets are known by their keys' equality, whichever of their functions is used. -/
def isKeyed (name : Name) : Bool :=
  (`Std.HashMap).isPrefixOf name || (`Std.HashSet).isPrefixOf name

def World.replaced (world : World) (name : Name) : World :=
  let names := world.copies.replaced.insert name
  let names := if isKeyed name then names.insert `Std.HashMap else names
  { world with copies := { world.copies with replaced := names } }

def allCopied (world : World) : List Name → World
  | [] => world
  | name :: rest => allCopied (world.copied name) rest

/-- A block of types is copied with its constructors and recursors. -/
def blockCopied (given : Environment) (world : World) : List Name → World
  | [] => world
  | type :: rest =>
    match given.find? type with
    | some (.inductInfo info) =>
      let world := allCopied (nested type info.numNested world) info.ctors
      blockCopied given ((world.copied type).copied (type.str "rec")) rest
    | _ => world
where
  nested (type : Name) : Nat → World → World
    | 0, world => world
    | n + 1, world => nested type n (world.copied (type.str ("rec_" ++ toString (n + 1))))

def World.of (world : World) (e : Expr) : Expr := translated world.clean world.copies e

def copiedTypes (world : World) : List InductiveType → List InductiveType
  | [] => []
  | type :: rest =>
    { name := copyOf type.name, type := world.of type.type,
      ctors := constructors type.ctors } :: copiedTypes world rest
where
  constructors : List Constructor → List Constructor
    | [] => []
    | c :: rest =>
      { name := copyOf c.name, type := world.of c.type }
        :: constructors rest

mutual
/-- Sees to it that a constant stands in the world, as itself or as a copy. -/
partial def enter (given : Environment) (world : World) (name : Name) : IO World := do
  if world.copies.contains name then pure world
  else if isModelled world.models world.clean name then pure (world.replaced name)
  else
    let (world, isTouched) ← touches given world name
    if isTouched then copy given world name
    else if world.env.contains name then pure world
    else
      match ← recheckAll given (kernelOptions worldHeartbeats) ⟨world.env, {}⟩ [name] with
      | .ok ready => pure { world with env := ready.env }
      | .error refusal => throw (IO.userError refusal.detail)

partial def enterAll (given : Environment) (world : World) : List Name → IO World
  | [] => pure world
  | name :: rest => do enterAll given (← enter given world name) rest

partial def copy (given : Environment) (world : World) (name : Name) : IO World := do
  match findConstant given name with
  | none => throw (IO.userError "unknown")
  | some (.quotInfo _) => pure world
  | some (.ctorInfo info) => within given world [info.induct]
  | some (.recInfo info) => within given world info.all
  | some (.inductInfo info) =>
    let world ← enterAll given (blockCopied given world info.all) (needs given (.inductInfo info))
    world.add (.inductDecl info.levelParams info.numParams
      (copiedTypes world (typesOf given info.all)) false)
  | some (.defnInfo info) =>
    if info.safety != .safe then throw (IO.userError "partial")
    else
      let world ← enterAll given world (mentioned world.clean given (.defnInfo info))
      let world := world.copied name
      world.add (.defnDecl { info with
        name := copyOf name, type := world.of info.type, value := world.of info.value,
        all := [copyOf name] })
  | some info =>
    if info.isUnsafe || info.isPartial then throw (IO.userError "unsafe")
    else
      let world ← enterAll given world (mentioned world.clean given info)
      let world := world.copied name
      world.add (.axiomDecl
        { name := copyOf name, levelParams := info.levelParams, type := world.of info.type,
          isUnsafe := false })

/-- Enters the types of a constructor or recursor: these must be copied along with them. -/
partial def within (given : Environment) (world : World) (types : List Name) : IO World := do
  let world ← enterAll given world types
  match types with
  | type :: _ =>
    if world.copies.replaced.contains type then
      throw (IO.userError "the inside of a type that is replaced")
    else pure world
  | [] => pure world
end

/-! ### Instances of a program's own, of which no definition of ours takes notice -/

/-- What a function gives, whatever it is given. -/
def givenBy : Expr → Name
  | .forallE _ _ body _ => givenBy body
  | .mdata _ inner => givenBy inner
  | .app f _ => givenBy f
  | .const name _ => name
  | _ => .anonymous

/-- Classes whose instances the definitions of ours leave out: patterns and iterators. -/
def isLeftOut (class_ : Name) : Bool :=
  (`String.Slice.Pattern).isPrefixOf class_ || (`Std.Iterators).isPrefixOf class_
    || List.elem class_ [`Std.Iterator, `Std.IteratorLoop, `Std.IteratorCollect]

/-- Instances of the library's by which things are equal only if they are the same, given that their
    parts' are. -/
def lawfulEqualities : List Name :=
  [`instBEqOfDecidableEq, `instBEqProd, `List.instBEq, `Option.instBEq, `Array.instBEq]

/-- The ways to loop in a monad whose definition of ours has other steps than the library's: they
    come to the same where the monad's laws hold. -/
def needsLawfulMonad (copies : Copies) : Bool :=
  copies.replaced.contains
      `Std.Rco.instForIn'InferInstanceMembershipOfLawfulUpwardEnumerableOfLawfulUpwardEnumerableLEOfLawfulUpwardEnumerableLTOfMonadOfFiniteIteratorId
    || copies.replaced.contains
      `Std.Rcc.instForIn'InferInstanceMembershipOfLawfulUpwardEnumerableOfLawfulUpwardEnumerableLEOfMonadOfFiniteIteratorId

/-- Does this constant of the library make something of which ours believe that it is the library's
    own, or that laws hold for it? -/
def isSuspect (clean : Environment) (copies : Copies) (name : Name) : Bool :=
  match clean.find? name with
  | none => false
  | some info =>
    let class_ := givenBy info.type
    if isLeftOut class_ then isClass clean class_ && !Meta.isInstanceCore clean name
    else if class_ == `BEq then
      copies.replaced.contains `Std.HashMap && !List.elem name lawfulEqualities
    else name == `Monad.mk && needsLawfulMonad copies

def anySuspect (clean : Environment) (copies : Copies) : List Name → Bool
  | [] => false
  | name :: rest => isSuspect clean copies name || anySuspect clean copies rest

def constantsOfAll : List Expr → List Name
  | [] => []
  | e :: rest => pushAll e.getUsedConstants 0 (constantsOfAll rest)

/-- Is this constant one instance, written down, and nothing else in it to be suspected? -/
def isOneInstance (clean : Environment) (copies : Copies) (info : ConstantInfo) : Bool :=
  match info with
  | .defnInfo info =>
    match applied info.value [] with
    | (.const made _, args) =>
      List.elem made [`BEq.mk, `Monad.mk] && !anySuspect clean copies (constantsOfAll args)
    | _ => false
  | _ => false

/-- Does the program, in what these names lead to, make such a thing for which no law is proved? -/
partial def isLawless (isLawful : Name → IO Bool) (clean given : Environment) (copies : Copies)
    (todo : List Name) (seen : NameSet) : IO Bool := do
  match todo with
  | [] => pure false
  | name :: rest =>
    if seen.contains name || clean.contains name then
      isLawless isLawful clean given copies rest seen
    else
      match findConstant given name with
      | none | some (.thmInfo _) =>
        isLawless isLawful clean given copies rest (seen.insert name)
      | some info =>
        let used := needs given info
        let isPassed ← if !anySuspect clean copies used then pure true
          else if isOneInstance clean copies info then isLawful name
          else pure false
        if isPassed then
          isLawless isLawful clean given copies (before used rest) (seen.insert name)
        else pure true

/-- The constants of the compiled server, in the order of their names' hashes. -/
inductive Table where
  | empty
  | node (left : Table) (info : ConstantInfo) (right : Table)

def Table.find? (name : Name) : Table → Option ConstantInfo
  | .empty => none
  | .node left info right =>
    if info.name == name then some info
    else if name.hash < info.name.hash then left.find? name
    else right.find? name

def Table.insert (new : ConstantInfo) : Table → Table
  | .empty => .node .empty new .empty
  | .node left info right =>
    if new.name.hash < info.name.hash then .node (left.insert new) info right
    else .node left info (right.insert new)

partial def tableOf (constants : Array ConstantInfo) (i : Nat) (done : Table) : Table :=
  if i < constants.size then tableOf constants (i + 1) (done.insert constants[i]!) else done

def constructorsIn (table : Table) : List Name → List Constructor
  | [] => []
  | name :: rest =>
    match table.find? name with
    | some info => { name := name, type := info.type } :: constructorsIn table rest
    | none => constructorsIn table rest

def typesIn (table : Table) : List Name → List InductiveType
  | [] => []
  | name :: rest =>
    match table.find? name with
    | some (.inductInfo info) =>
      { name := name, type := info.type, ctors := constructorsIn table info.ctors }
        :: typesIn table rest
    | _ => typesIn table rest

def neededBy (table : Table) (info : ConstantInfo) : List Name :=
  match info with
  | .defnInfo info => constantsOf info.type (pushAll info.value.getUsedConstants 0 [])
  | .thmInfo info => constantsOf info.type (pushAll info.value.getUsedConstants 0 [])
  | .inductInfo info => inTypes (typesIn table info.all) (constantsOf info.type [])
  | .ctorInfo info => [info.induct]
  | .recInfo info => info.all
  | info => constantsOf info.type []
where
  inTypes : List InductiveType → List Name → List Name
    | [], rest => rest
    | type :: more, rest => inConstructors type.ctors (inTypes more rest)
  inConstructors : List Constructor → List Name → List Name
    | [], rest => rest
    | c :: more, rest => pushAll c.type.getUsedConstants 0 (inConstructors more rest)

def declarationIn (table : Table) : ConstantInfo → Option Declaration
  | .defnInfo info => some (.defnDecl info)
  | .thmInfo info => some (.thmDecl info)
  | .axiomInfo info => some (.axiomDecl info)
  | .inductInfo info =>
    some (.inductDecl info.levelParams info.numParams (typesIn table info.all) false)
  | _ => none

mutual
partial def addModel (table : Table) (at_ : Rechecked) (name : Name) : IO Rechecked := do
  if at_.env.contains name || at_.begun.contains name then pure at_
  else
    match table.find? name with
    | none => pure at_
    | some info =>
      let at_ ← addModels table { at_ with begun := at_.begun.insert name } (neededBy table info)
      match declarationIn table info with
      | none => pure at_
      | some declaration =>
        if at_.env.contains name then pure at_
        else
          match at_.env.addDeclCore 0 declaration none with
          | .ok env => pure { at_ with env := env }
          | .error failure => do
            let said ← (failure.toMessageData {}).toString
            throw (IO.userError (nameText name ++ ": " ++ said))

partial def addModels (table : Table) (at_ : Rechecked) : List Name → IO Rechecked
  | [] => pure at_
  | name :: rest => do addModels table (← addModel table at_ name) rest
end

partial def ours (constants : Array ConstantInfo) (i : Nat) : List Name :=
  if i < constants.size then
    let info := constants[i]!
    if (`Outerloop).isPrefixOf info.name && !isUnchecked info then
      info.name :: ours constants (i + 1)
    else ours constants (i + 1)
  else []

/-- The replacements, read from the compiled server and given to the kernel. -/
def loadModels (clean : Environment) : IO Models := do
  let (data, _) ← readModuleData (← findOLean `OuterloopServer)
  let table := tableOf data.constants 0 .empty
  let done ← addModels table ⟨clean, {}⟩ (ours data.constants 0)
  let touched ← IO.mkRef ⟨{}, {}⟩
  pure { env := done.env, touched := touched }

/-- What became of a program's copies: none before the first test. -/
abbrev Worlds := IO.Ref (Option World)

def known (env : Environment) : List Name → List Name
  | [] => []
  | name :: rest => if env.contains name then name :: known env rest else known env rest

/-- A closed proposition and its decision procedure, as they read in the world; none where they
    lead to nothing that is replaced. `base` is what all tests of a program share. -/
def inWorld (models : Models) (isLawful : Name → IO Bool) (clean base given : Environment)
    (worlds : Worlds) (prop inst : Expr) : IO (Option (Environment × Expr × Expr)) := do
  let begun := match ← worlds.get with
    | some world => world
    | none => ⟨models, clean, ⟨{}, {}⟩, ⟨{}, {}⟩, models.env⟩
  let names := copyNeeds clean prop (copyNeeds clean inst [])
  let (begun, isTouched) ← touchesAny given begun names
  if !isTouched then pure none
  else
    let shared ← enterAll base begun (known base names)
    worlds.set (some shared)
    let world ← enterAll given shared names
    let stated := constantsOf prop (constantsOf inst [])
    if anySuspect clean world.copies stated then pure none
    else if ← isLawless isLawful clean given world.copies stated {} then pure none
    else pure (some (world.env, world.of prop, world.of inst))
