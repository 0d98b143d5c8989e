/- Reading one untrusted text command by command: parse, gate, elaborate. No command is elaborated
   before the gates have seen it, and nothing is concatenated to the text. -/

/-- What became of a text: a refusal, or the state after its last command. -/
structure Elaborated where
  refusal : Option Refusal
  state : Command.State
  /-- The last declaration command, for naming a target. -/
  last : Syntax
  /-- Nanoseconds spent parsing and gating; the rest went into elaboration. -/
  reading : Nat

/-- The scope every text starts from; code generation is not asked for, the kernel judges. -/
def startState (env : Environment) (heartbeats : Nat) : Command.State :=
  let opts : Options := KVMap.setNat ({} : Options) `maxHeartbeats heartbeats
  let state := Command.mkState env {} opts
  { state with scopes := [{ header := "", opts := opts, isNoncomputable := true }] }

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

partial def elaborateFrom (policy : Policy) (input : Parser.InputContext)
    (parser : Parser.ModuleParserState) (state : Command.State) (last : Syntax) (reading : Nat) :
    IO Elaborated := do
  match state.scopes with
  | [] => pure ⟨some ⟨"elaboration_error", "no scope left"⟩, state, last, reading⟩
  | scope :: _ =>
    let begun ← IO.monoNanosNow
    let context : Parser.ParserModuleContext :=
      { env := state.env, options := scope.opts, currNamespace := scope.currNamespace,
        openDecls := scope.openDecls }
    let parsed := Parser.parseCommand input context parser {}
    let stx := parsed.1
    match firstError parsed.2.2.toList with
    | some message => pure ⟨some (← errorRefusal "parse_error" message), state, last, reading⟩
    | none =>
      if stx.getKind == `Lean.Parser.Command.eoi then
        pure ⟨none, state, last, reading⟩
      else
        let verdict := gate policy stx
        let reading := reading + ((← IO.monoNanosNow) - begun)
        match verdict with
        | some refusal =>
          let line := (input.fileMap.toPosition (stx.getPos?.getD 0)).line
          pure ⟨some ⟨refusal.reason, s!"line {line}: {refusal.detail}"⟩, state, last, reading⟩
        | none =>
          let frontend ← IO.mkRef ({ commandState := state, parserState := parsed.2.1,
                                     cmdPos := parser.pos } : Frontend.State)
          Frontend.elabCommandAtFrontend (silenceTraces stx) ⟨input⟩ frontend
          let after := (← frontend.get).commandState
          match firstError after.messages.toList with
          | some message => pure ⟨some (← errorRefusal "elaboration_error" message), after, last, reading⟩
          | none => elaborateFrom policy input parsed.2.1 { after with messages := {} } stx reading

/-- Elaborates `source` from `env`, from where its header ended. -/
def elaborate (policy : Policy) (env : Environment) (source : String) (heartbeats : Nat)
    (parser : Parser.ModuleParserState := {}) : IO Elaborated :=
  elaborateFrom policy (inputOf source) parser (startState env heartbeats) Syntax.missing 0
