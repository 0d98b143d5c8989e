/- A text's `import` lines, read by Lean's own header parser, and the environments they ask for.

   An environment holds what a header names and nothing else; it is made once and kept while there
   is room. The order of imports is not kept, so that two ways to write a header share one. -/

/-- What a text begins with: its imports, and where its first command may stand. -/
structure Header where
  modules : List Name
  parser : Parser.ModuleParserState
  /-- What was imported for less than was written. -/
  notes : Array (String × Nat × String)

/-- What the backend lets texts import. -/
structure Importable where
  /-- Modules, with all that lies below them. -/
  allowed : List Name
  /-- What `import Std` stands for, where not all of it may be had. -/
  std : List Name

/-- Never imported by name, whatever the backend allows: with them a text can run code of its own
    while it is elaborated. -/
def neverImported : List Name := [`Lean, `Lake, `Std.Internal]

/-- Whether a name can only mean a file below the library: «..» is a name too. -/
partial def isPlainModule : Name → Bool
  | .str .anonymous last => isPlain last.toList && last != ""
  | .str front last => isPlain last.toList && last != "" && isPlainModule front
  | _ => false
where
  isPlain : List Char → Bool
    | [] => true
    | c :: rest => (c.isAlphanum || c == '_' || c == '-') && isPlain rest

def anyNamePrefix (name : Name) : List Name → Bool
  | [] => false
  | front :: rest => front.isPrefixOf name || anyNamePrefix name rest

def isImportable (allowed : List Name) (module : Name) : Bool :=
  isPlainModule module && anyNamePrefix module allowed && !anyNamePrefix module neverImported

/-- The module one import names; none for `public import`, `meta import` and `import all`. -/
def importedModule (stx : Syntax) : Option Name :=
  if stx[0].isNone && stx[1].isNone && stx[3].isNone then some stx[4].getId else none

def joined : List Name → String
  | [] => ""
  | [last] => nameText last
  | name :: rest => nameText name ++ ", " ++ joined rest

def importRefusal (policy : Policy) (can : Importable) (module : Name) : Refusal :=
  let way := policy.described (nameText module) module.getRoot
  ⟨"import_not_allowed", s!"{way}; programs may import {joined can.allowed} and what lies below"⟩

/-- Adds the modules of one `import`, and those it stands for. -/
def addImport (policy : Policy) (can : Importable) (source : String) (stx : Syntax)
    (sofar : Header) : Except Refusal Header :=
  match importedModule stx with
  | none => .error ⟨"import_not_allowed", "only plain `import`, without a modifier"⟩
  | some module =>
    if module == `Std && !List.elem `Std can.std then
      let line := ((inputOf source).fileMap.toPosition (stx.getPos?.getD 0)).line
      let note := ("narrowed", line, "import Std to " ++ joined can.std)
      .ok { sofar with modules := before can.std sofar.modules, notes := sofar.notes.push note }
    else if isImportable can.allowed module then
      .ok { sofar with modules := module :: sofar.modules }
    else .error (importRefusal policy can module)

partial def addImports (policy : Policy) (can : Importable) (source : String)
    (imports : Array Syntax) (i : Nat) (sofar : Header) : Except Refusal Header :=
  if i < imports.size then
    match addImport policy can source imports[i]! sofar with
    | .error refusal => .error refusal
    | .ok next => addImports policy can source imports (i + 1) next
  else .ok sofar

/-- Reads the header of a text and adds its modules to `before`; nothing is imported yet. -/
def readHeader (policy : Policy) (can : Importable) (before : List Name) (source : String) :
    IO (Except Refusal Header) := do
  let input := inputOf source
  let (stx, parser, messages) ← Parser.parseHeader input
  match firstError messages.toList with
  | some message => pure (.error (← parseRefusal policy input message))
  | none =>
    if !stx.raw[0].isNone then
      pure (.error ⟨"import_not_allowed", "`module` changes what later code sees: leave it out"⟩)
    else if !stx.raw[1].isNone then
      pure (.error ⟨"import_not_allowed", "`prelude` leaves out the library: leave it out"⟩)
    else pure (addImports policy can source stx.raw[2].getArgs 0 ⟨before, parser, #[]⟩)

/-- The text behind its header. -/
def afterHeader (source : String) (header : Header) : String :=
  String.Pos.Raw.extract source header.parser.pos source.rawEndPos

/-- The environments of a worker: `init` for texts without imports, and others under the sorted
    modules of their header, the last used first. -/
structure Grounds where
  can : Importable
  limit : Nat
  init : Ground
  /-- What the backend has imported ahead: sorted modules and their environment. -/
  ahead : Option (List String × Ground)
  others : IO.Ref (List (String × Ground))

def insertText (text : String) : List String → List String
  | [] => [text]
  | first :: rest =>
    if text == first then first :: rest
    else if text < first then text :: first :: rest
    else first :: insertText text rest

def insertAll : List String → List String → List String
  | [], done => done
  | text :: rest, done => insertAll rest (insertText text done)

def containsAll (all : List String) : List String → Bool
  | [] => true
  | text :: rest => List.elem text all && containsAll all rest

/-- The modules that an environment does not hold already, sorted, each once. -/
def besides (env : Environment) : List Name → List String → List String
  | [], done => done
  | module :: rest, done =>
    if (env.getModuleIdx? module).isSome then besides env rest done
    else besides env rest (insertText (nameText module) done)

def toImports : List String → Array Import → Array Import
  | [], done => done
  | module :: rest, done => toImports rest (done.push { module := module.toName })

def findGround (key : String) : List (String × Ground) → Option Ground
  | [] => none
  | (known, ground) :: rest => if known == key then some ground else findGround key rest

def othersThan (key : String) (limit : Nat) : List (String × Ground) → List (String × Ground)
  | [] => []
  | (known, ground) :: rest =>
    if limit == 0 then []
    else if known == key then othersThan key limit rest
    else (known, ground) :: othersThan key (limit - 1) rest

/-- The first module that the library does not have. -/
partial def unknownModule : List String → IO (Option String)
  | [] => pure none
  | module :: rest => do
    let found ← (findOLean module.toName).toBaseIO
    match found with
    | .error _ => pure (some module)
    | .ok path => if ← path.pathExists then unknownModule rest else pure (some module)

def importLibrary (modules : List String) : IO Environment :=
  importModules (toImports modules #[{ module := `Init }]) {} 0 #[] false true

def Grounds.keep (grounds : Grounds) (key : String) (ground : Ground)
    (others : List (String × Ground)) : IO (Except Refusal Ground) := do
  grounds.others.set ((key, ground) :: othersThan key (grounds.limit - 1) others)
  pure (.ok ground)

def Grounds.findOther (grounds : Grounds) (wanted : List String) : IO (Except Refusal Ground) := do
  let key := String.intercalate "," wanted
  let others ← grounds.others.get
  match findGround key others with
  | some ground => grounds.keep key ground others
  | none =>
    match ← unknownModule wanted with
    | some module => pure (.error ⟨"import_not_allowed", "there is no module " ++ module⟩)
    | none => grounds.keep key (← Ground.of (← importLibrary wanted)) others

/-- The environment for these modules, from the kept ones or made now. What a header adds to the
    modules imported ahead counts only where it is not among what those bring along: which
    environment a header gets never depends on earlier headers. -/
def Grounds.find (grounds : Grounds) (modules : List Name) : IO (Except Refusal Ground) := do
  match besides grounds.init.clean modules [] with
  | [] => pure (.ok grounds.init)
  | wanted =>
    match grounds.ahead with
    | none => grounds.findOther wanted
    | some (first, ground) =>
      if containsAll wanted first then
        match besides ground.clean modules [] with
        | [] => pure (.ok ground)
        | more => grounds.findOther (insertAll first more)
      else grounds.findOther wanted

/-- A program's environment, and the header it and its target begin with: what either imports,
    both see. -/
def Grounds.ofTexts (grounds : Grounds) (policy : Policy) (program target : String) :
    IO (Except Refusal (Ground × Header × Header)) := do
  match ← readHeader policy grounds.can [] program with
  | .error refusal => pure (.error refusal)
  | .ok header =>
    match ← readHeader policy grounds.can header.modules target with
    | .error refusal => pure (.error ⟨"bad_target", refusal.detail⟩)
    | .ok asked =>
      match ← grounds.find asked.modules with
      | .error refusal => pure (.error refusal)
      | .ok ground => pure (.ok (ground, header, asked))

def modulesNamed : List String → List Name
  | [] => []
  | text :: rest => text.toName :: modulesNamed rest

/-- The environments a backend asks for in its first line; `preload` is imported now. -/
def Grounds.ofJson (json : Json) : IO Grounds := do
  let init ← Ground.of (← importLibrary [])
  let first := insertAll (stringsOf (entries json "preload")) []
  let ahead ← match first with
    | [] => pure none
    | modules => do
      let ground ← Ground.of (← importLibrary modules)
      pure (some (modules, ground))
  let others ← IO.mkRef []
  pure { can := ⟨modulesNamed (stringsOf (entries json "imports")),
                 modulesNamed (stringsOf (entries json "std"))⟩
         limit := natural json "environments", init := init, ahead := ahead, others := others }
