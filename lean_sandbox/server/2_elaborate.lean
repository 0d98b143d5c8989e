/- Reading one untrusted text command by command: parse, gate, elaborate. No command is elaborated
   before the gates have seen it, and nothing is concatenated to the text. -/

/-- What became of a text: a refusal, or the state after its last command. -/
structure Elaborated where
  refusal : Option Refusal
  state : Command.State
  /-- The last declaration command and its namespace, for naming a target. -/
  last : Syntax
  lastNamespace : Name
  /-- Nanoseconds spent parsing and gating; the rest went into elaboration. -/
  reading : Nat
  /-- What Lean said of the text, as far as there is room; none where nobody asked. -/
  heard : Option (Array Message)

/-- In the options of a command that adds a notation, and of no other: no text can set it. -/
def notationOption : Name := .num `outerloop 0

partial def addsNotation (stx : Syntax) : Bool :=
  let kind := stx.getKind
  if kind == `Lean.Parser.Command.in then addsNotation stx[2]
  else kind == `Lean.Parser.Command.notation || kind == `Lean.Parser.Command.mixfix

/-- Is every constant one of the library's that build data? -/
def buildsData (env : Environment) (names : Array Name) (i : Nat) : Bool :=
  if i < names.size then
    (env.getModuleIdxFor? names[i]!).isSome
      && !(String.isPrefixOf "reduce" names[i]!.getString!)
      && List.elem names[i]!.getRoot
          [`Lean, `List, `Array, `String, `Substring, `Prod, `Option, `Bool, `Nat, `Int, `OfNat,
           `instOfNat, `instOfNatNat]
      && buildsData env names (i + 1)
  else true
termination_by names.size - i

/-- Data that Lean itself wants back from a definition it has just made: the syntax of a default
    proof (`h : p := by simp`), the options of a tactic. -/
def isLeansOwn (env : Environment) (names : Array Name) : Bool :=
  match names.toList with
  | [name] =>
    (name.hasMacroScopes || isDefaultProof name)
      && match env.find? name with
        | some (.defnInfo info) => buildsData env info.value.getUsedConstants 0
        | _ => false
  | _ => false
where
  isDefaultProof : Name → Bool
    | .str _ last => String.isPrefixOf "_auto" last
    | _ => false

/-- Stands in for Lean's code generator: a program's own definitions are never compiled, so that
    nothing (`Lean.reduceBool`, a computed tactic option, a default proof) can run them. -/
def compileLittle (compile : Array Name → CoreM Unit) (names : Array Name) : CoreM Unit := do
  if KVMap.getBool (← getOptions) notationOption false || isLeansOwn (← getEnv) names then
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

/-- Sets or clears `notationOption` in the innermost scope. -/
def withNotationOption (value : Bool) (state : Command.State) : Command.State :=
  match state.scopes with
  | scope :: outer =>
    let opts := KVMap.setBool scope.opts notationOption value
    { state with scopes := { scope with opts := opts } :: outer }
  | [] => state

/-- Elaborates one command that the gates have let pass. -/
def elaborateCommand (input : Parser.InputContext) (parser : Parser.ModuleParserState)
    (state : Command.State) (stx : Syntax) : IO Command.State := do
  let state := if addsNotation stx then withNotationOption true state else state
  let frontend ← IO.mkRef
    ({ commandState := state, parserState := parser, cmdPos := parser.pos } : Frontend.State)
  Frontend.elabCommandAtFrontend (silenceTraces stx) ⟨input⟩ frontend
  let after := (← frontend.get).commandState
  pure (if addsNotation stx then withNotationOption false after else after)

/-- Keeps messages of one text, the first fifty. -/
def hear (heard : Option (Array Message)) : List Message → Option (Array Message)
  | [] => heard
  | message :: rest =>
    match heard with
    | none => none
    | some sofar => if sofar.size < 50 then hear (some (sofar.push message)) rest else heard

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
    let stx := parsed.1
    match firstError parsed.2.2.toList with
    | some message =>
      let heard := hear sofar.heard parsed.2.2.toList
      let refusal ← errorRefusal "parse_error" message
      pure { sofar with refusal := some refusal, heard := heard }
    | none =>
      if stx.getKind == `Lean.Parser.Command.eoi then pure sofar
      else
        let verdict := gate policy stx
        let reading := sofar.reading + ((← IO.monoNanosNow) - begun)
        match verdict with
        | some refusal =>
          let line := (input.fileMap.toPosition (stx.getPos?.getD 0)).line
          let refusal := ⟨refusal.reason, s!"line {line}: {refusal.detail}"⟩
          pure { sofar with refusal := some refusal, reading := reading }
        | none =>
          let after ← elaborateCommand input parsed.2.1 state stx
          let heard := hear sofar.heard after.messages.toList
          let next : Elaborated := ⟨none, after, stx, scope.currNamespace, reading, heard⟩
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
    ⟨none, startState env heartbeats, Syntax.missing, .anonymous, 0,
     if listen then some #[] else none⟩
