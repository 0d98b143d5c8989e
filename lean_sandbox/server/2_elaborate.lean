/- Reading one untrusted text command by command: parse, gate, elaborate. No command is elaborated
   before the gates have seen it, and nothing is concatenated to the text. -/

/-- What became of a text: a refusal, or the state after its last command. -/
structure Elaborated where
  refusal : Option Refusal
  state : Command.State
  /-- The last declaration, as a command, and its namespace: they name a target. -/
  last : Syntax
  lastNamespace : Name
  /-- Where that declaration was elaborated. -/
  before : Environment
  /-- Nanoseconds spent parsing and gating; the rest went into elaboration. -/
  reading : Nat
  /-- What Lean said of the text, as far as there is room; none where nobody asked. -/
  heard : Option (Array Message)
  notes : Array Note

/-- In the options of a command that adds a notation, and of no other: no text can set it. -/
def notationOption : Name := .num `outerloop 0

/-- The same of a command in which no name looks like those Lean gives to default proofs. -/
def defaultsOption : Name := .num `outerloop 3

/-- Has a name a part that Lean gives to what it makes itself? -/
def hasLeansPart : Name → Bool
  | .str front last => String.isPrefixOf "_auto" last || hasLeansPart front
  | .num front _ => hasLeansPart front
  | .anonymous => false

partial def writesLeansPart (stx : Syntax) : Bool :=
  match stx with
  | .node _ _ args => any args 0
  | .ident _ _ name _ => hasLeansPart name
  | _ => false
where
  any (args : Array Syntax) (i : Nat) : Bool :=
    if i < args.size then writesLeansPart args[i]! || any args (i + 1) else false

/-- The option under which a command's data may be compiled. -/
partial def compilingOption (stx : Syntax) : Option Name :=
  let kind := stx.getKind
  if kind == `Lean.Parser.Command.in then compilingOption stx[2]
  else if kind == `Lean.Parser.Command.notation || kind == `Lean.Parser.Command.mixfix then
    some notationOption
  else if writesLeansPart stx then none
  else some defaultsOption

/-- Is every constant one of the library's that build data? -/
def buildsData (env : Environment) (names : Array Name) (i : Nat) : Bool :=
  if i < names.size then
    (env.getModuleIdxFor? names[i]!).isSome
      && !(String.isPrefixOf "reduce" names[i]!.getString!)
      && List.elem names[i]!.getRoot
          [`Lean, `List, `Array, `String, `Substring, `Prod, `Option, `Bool, `Nat, `Int, `OfNat,
           `instOfNat, `instOfNatNat, `HPow, `instHPow, `instPowNat, `instNatPowNat]
      && buildsData env names (i + 1)
  else true
termination_by names.size - i

/-- Data that Lean itself wants back from a definition it has just made: the options of a tactic,
    whose name ends in a number, which no text can write; the syntax of a default proof
    (`h : p := by simp`), whose name a text can write, but not in the same command. -/
def isLeansOwn (env : Environment) (defaults : Bool) (names : Array Name) : Bool :=
  match names.toList with
  | [name] =>
    isMade name defaults
      && match env.find? name with
        | some (.defnInfo info) => buildsData env info.value.getUsedConstants 0
        | _ => false
  | _ => false
where
  isMade : Name → Bool → Bool
    | .num front n, _ => (Name.num front n).hasMacroScopes
    | .str _ last, defaults => defaults && String.isPrefixOf "_auto" last
    | _, _ => false

/-- Stands in for Lean's code generator: a program's own definitions are never compiled, so that
    nothing (`Lean.reduceBool`, a computed tactic option, a default proof) can run them. -/
def compileLittle (compile : Array Name → CoreM Unit) (names : Array Name) : CoreM Unit := do
  let options ← getOptions
  if KVMap.getBool options notationOption false
      || isLeansOwn (← getEnv) (KVMap.getBool options defaultsOption false) names then
    compile names
  else pure ()

/-- The scope every text starts from. Nobody looks at linters and info trees here, and a misspelt
    type is no variable. -/
def startState (env : Environment) (heartbeats : Nat) : Command.State :=
  let opts : Options := KVMap.setNat ({} : Options) `maxHeartbeats heartbeats
  let opts := KVMap.setBool opts `linter.all false
  let opts := KVMap.setBool opts `relaxedAutoImplicit false
  let state := Command.mkState env {} opts
  { state with scopes := [{ header := "", opts := opts, isNoncomputable := true }],
               infoState := { state.infoState with enabled := false } }

def inputOf (source : String) : Parser.InputContext :=
  { inputString := source, fileName := "<snippet>", fileMap := FileMap.ofString source,
    endPos := source.rawEndPos, endPos_valid := by simp }

def firstError : List Message → Option Message
  | [] => none
  | message :: rest =>
    match message.severity with
    | .error => some message
    | _ => firstError rest

def clip (limit : Nat) (s : String) : String :=
  if s.length ≤ limit then s else (s.take limit).toString ++ "…"

def oneLine (s : String) : String :=
  clip 400 (String.intercalate " " (s.splitOn "\n"))

def errorRefusal (reason : String) (message : Message) : IO Refusal := do
  let said ← message.data.toString
  pure ⟨reason, oneLine ("line " ++ toString message.pos.line ++ ": " ++ said)⟩

def isWordPart (c : Char) : Bool := c.isAlphanum || c == '_' || c == '!' || c == '?'

partial def wordStart (source : String) (at_ : String.Pos.Raw) : String.Pos.Raw :=
  if at_.byteIdx == 0 then at_
  else
    let before := String.Pos.Raw.prev source at_
    if isWordPart (String.Pos.Raw.get source before) then wordStart source before else at_

partial def wordEnd (source : String) (at_ : String.Pos.Raw) : String.Pos.Raw :=
  if at_ < source.rawEndPos && isWordPart (String.Pos.Raw.get source at_) then
    wordEnd source (String.Pos.Raw.next source at_)
  else at_

/-- A parse error, and who knows the word around it, where this Lean does not. -/
def parseRefusal (policy : Policy) (input : Parser.InputContext) (message : Message) :
    IO Refusal := do
  let refusal ← errorRefusal "parse_error" message
  let place := input.fileMap.ofPosition message.pos
  let source := input.inputString
  let word := String.Pos.Raw.extract source (wordStart source place) (wordEnd source place)
  match valueOf? word.toName policy.foreignWords with
  | some way => pure { refusal with detail := s!"{refusal.detail}; `{word}` {way}" }
  | none => pure refusal

/-- Sets or clears an option of ours in the innermost scope. -/
def withOption (option : Option Name) (value : Bool) (state : Command.State) : Command.State :=
  match option, state.scopes with
  | some name, scope :: outer =>
    let opts := KVMap.setBool scope.opts name value
    { state with scopes := { scope with opts := opts } :: outer }
  | _, _ => state

/-- Elaborates one command that the gates have let pass, and that was tamed. -/
def elaborateCommand (input : Parser.InputContext) (parser : Parser.ModuleParserState)
    (state : Command.State) (stx : Syntax) : IO Command.State := do
  let option := compilingOption stx
  let state := withOption option true state
  let frontend ← IO.mkRef
    ({ commandState := state, parserState := parser, cmdPos := parser.pos } : Frontend.State)
  Frontend.elabCommandAtFrontend stx ⟨input⟩ frontend
  let after := (← frontend.get).commandState
  pure (withOption option false after)

/-- Keeps messages of one text, the first fifty. -/
def hear (heard : Option (Array Message)) : List Message → Option (Array Message)
  | [] => heard
  | message :: rest =>
    match heard with
    | none => none
    | some sofar => if sofar.size < 50 then hear (some (sofar.push message)) rest else heard

def isDeclaration (stx : Syntax) : Bool :=
  let kind := (innermost stx).getKind
  kind == `Lean.Parser.Command.declaration || kind == `Lean.Parser.Command.mutual
    || kind == `lemma

/-- A command that only says something: it is not elaborated, or only to be heard, and nothing of
    it is kept. What it says, an error too, has no part in the verdict. -/
def passOver (policy : Policy) (input : Parser.InputContext) (parser : Parser.ModuleParserState)
    (stx : Syntax) (sofar : Elaborated) : IO Elaborated := do
  let isHeard := sofar.heard.isSome && policy.heard.contains (innermost stx).getKind
    && (gate policy stx).isNone
  if isHeard then
    let (stx, notes) := tamed policy stx sofar.notes
    let after ← elaborateCommand input parser sofar.state stx
    pure { sofar with heard := hear sofar.heard after.messages.toList, notes := notes }
  else
    let word := firstWord (innermost stx)
    pure { sofar with notes := sofar.notes.push (skipNote (innermost stx) word) }

partial def elaborateFrom (policy : Policy) (input : Parser.InputContext)
    (parser : Parser.ModuleParserState) (sofar : Elaborated) : IO Elaborated := do
  let state := sofar.state
  match state.scopes with
  | [] => pure { sofar with refusal := some ⟨"elaboration_error", "no scope left"⟩ }
  | scope :: _ =>
    let begun ← IO.monoNanosNow
    let context : Parser.ParserModuleContext :=
      { env := state.env, options := scope.opts, currNamespace := scope.currNamespace,
        openDecls := scope.openDecls }
    let parsed := Parser.parseCommand input context parser {}
    match firstError parsed.2.2.toList with
    | some message =>
      let heard := hear sofar.heard parsed.2.2.toList
      let refusal ← parseRefusal policy input message
      pure { sofar with refusal := some refusal, heard := heard }
    | none =>
      let (stx, notes) := unguarded parsed.1 sofar.notes
      let kind := (innermost stx).getKind
      if kind == `Lean.Parser.Command.eoi then pure sofar
      else if policy.skipped.contains kind || policy.heard.contains kind then
        elaborateFrom policy input parsed.2.1
          (← passOver policy input parsed.2.1 stx { sofar with notes := notes })
      else
        let verdict := match gate policy stx with
          | some refusal => some refusal
          | none => sizeRefusal ⟨state.env, scope.currNamespace, scope.openDecls⟩ stx
        let (stx, notes) := tamed policy stx notes
        let reading := sofar.reading + ((← IO.monoNanosNow) - begun)
        match verdict with
        | some refusal =>
          let line := (input.fileMap.toPosition (stx.getPos?.getD 0)).line
          let refusal := ⟨refusal.reason, s!"line {line}: {refusal.detail}"⟩
          pure { sofar with refusal := some refusal, reading := reading, notes := notes }
        | none =>
          let after ← elaborateCommand input parsed.2.1 state stx
          let heard := hear sofar.heard after.messages.toList
          let next :=
            { sofar with state := after, reading := reading, heard := heard, notes := notes }
          let next := if isDeclaration stx then
            { next with last := stx, lastNamespace := scope.currNamespace, before := state.env }
          else next
          match firstError after.messages.toList with
          | some message =>
            pure { next with refusal := some (← errorRefusal "elaboration_error" message) }
          | none =>
            elaborateFrom policy input parsed.2.1
              { next with state := { after with messages := {} } }

/-- Elaborates `source` from `env`; a header, which ends at `parser`, is the caller's. -/
def elaborate (policy : Policy) (env : Environment) (source : String) (heartbeats : Nat)
    (parser : Parser.ModuleParserState := {}) (listen : Bool := false) : IO Elaborated :=
  elaborateFrom policy (inputOf source) parser
    ⟨none, startState env heartbeats, Syntax.missing, .anonymous, env, 0,
     if listen then some #[] else none, #[]⟩
