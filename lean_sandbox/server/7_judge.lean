/- The gates in order, and what each one that ran has to say. -/

structure Report where
  reason : String
  detail : String
  gates : Array String
  tests : Array String
  /-- Nanoseconds at which each gate ended. -/
  ends : Array Nat

/-- The gates begun so far, and the moments at which all but the last ended. -/
structure Progress where
  gates : Array String
  ends : Array Nat

def Progress.next (so : Progress) (gate : String) : IO Progress := do
  pure ⟨so.gates.push gate, so.ends.push (← IO.monoNanosNow)⟩

def Progress.stop (so : Progress) (refusal : Refusal) : Report :=
  ⟨refusal.reason, refusal.detail, so.gates, #[], so.ends⟩

partial def runTests (decide : String → IO Tested) (tests : List String) (done : Array Tested) :
    IO (Array Tested) := do
  match tests with
  | [] => pure done
  | test :: rest => runTests decide rest (done.push (← decide test))

/-- The first test with this outcome, described. -/
partial def firstWith (outcome : String) (tests : List String) (done : Array Tested) (i : Nat) :
    Option String :=
  match tests with
  | [] => none
  | test :: rest =>
    if done[i]!.outcome == outcome then
      some (if done[i]!.detail == "" then test else test ++ ": " ++ done[i]!.detail)
    else firstWith outcome rest done (i + 1)

partial def reaches (env clean : Environment) (bad : List Name) (todo : List Name)
    (seen : NameSet) : Option Name :=
  match todo with
  | [] => none
  | name :: rest =>
    if seen.contains name || clean.contains name then reaches env clean bad rest seen
    else
      match env.find? name with
      | some (.defnInfo info) =>
        let used := info.value.getUsedConstants
        match firstOf bad used 0 with
        | some _ => some name
        | none => reaches env clean bad (pushAll used 0 rest) (seen.insert name)
      | _ => reaches env clean bad rest (seen.insert name)

partial def outcomes (done : Array Tested) (i : Nat) (said : Array String) : Array String :=
  if i < done.size then outcomes done (i + 1) (said.push done[i]!.outcome) else said

def testReport (policy : Policy) (wanted : Option Wanted) (ground : Ground)
    (rechecked elaborated : Environment) (heartbeats : Nat)
    (constants : Array ConstantInfo) (tests : List String) (so : Progress) : IO Report := do
  let gates := so.gates
  let ends := so.ends
  let worlds ← IO.mkRef none
  let done ← runTests (decideTest policy wanted ground worlds rechecked elaborated heartbeats)
    tests #[]
  match firstWith "failed" tests done 0 with
  | some detail => pure ⟨"test_failed", detail, gates, outcomes done 0 #[], ends⟩
  | none =>
    match firstWith "undecided" tests done 0 with
    | none => pure ⟨"", "", gates, outcomes done 0 #[], ends⟩
    | some detail =>
      match reaches rechecked ground.clean choices (namesIn constants 0) {} with
      | some name =>
        pure ⟨"noncomputable", nameText name ++ " chooses a value that nothing can compute",
              gates, #[], ends⟩
      | none => pure ⟨"test_undecided", detail, gates, outcomes done 0 #[], ends⟩

/-- The gates that need a target: is it the one that was asked for, and does it say anything? -/
def judgeTarget (policy : Policy) (ground : Ground) (target : String) (rechecked : Environment)
    (heartbeats : Nat) (so : Progress) : IO (Progress × Except Refusal (Option Wanted)) := do
  if target == "" then pure (so, .ok none)
  else
    let so ← so.next "target"
    let wanted ← wantedBy policy ground target heartbeats
    match targetRefusal ground.clean wanted rechecked with
    | some refusal => pure (so, .error refusal)
    | none =>
      let begun ← so.next "vacuity"
      match ← isVacuous ground.clean wanted with
      | some true =>
        let said := "the hypotheses of " ++ nameText wanted.name ++ " contradict each other"
        pure (begun, .error ⟨"vacuous", said⟩)
      | some false => pure (begun, .ok (some wanted))
      | none => pure (so, .ok (some wanted))

/-- What goes along with a verdict and has no part in it. -/
structure Heard where
  /-- What Lean said of the program, if the request asks for it. -/
  messages : Array Message
  notes : Array (String × Nat × String)

def noted (input : Parser.InputContext) (note : Note) : String × Nat × String :=
  (note.kind, (input.fileMap.toPosition note.place).line, note.text)

partial def firstNotes (input : Parser.InputContext) (notes : Array Note) (i : Nat)
    (done : Array (String × Nat × String)) : Array (String × Nat × String) :=
  if i < notes.size && done.size < 50 then
    firstNotes input notes (i + 1) (done.push (noted input notes[i]!))
  else done

/-- Runs the gates in order. The program begins where `parser` stands, behind its header. -/
def judgeFrom (policy : Policy) (ground : Ground) (request : Json) (target : String)
    (parser : Parser.ModuleParserState) (heard : IO.Ref Heard) (started : Nat) :
    IO Report := do
  let heartbeats := natural request "heartbeats"
  let elaborated ← elaborate policy ground.clean (text request "program") heartbeats parser
    (natural request "messages" == 1)
  let input := inputOf (text request "program")
  heard.modify fun before =>
    ⟨elaborated.heard.getD #[], firstNotes input elaborated.notes 0 before.notes⟩
  let so : Progress := ⟨#["syntax", "elaboration"], #[started + elaborated.reading]⟩
  match elaborated.refusal with
  | some refusal =>
    if refusal.reason == "elaboration_error" then pure (so.stop refusal)
    else pure (Progress.stop ⟨#["syntax"], #[]⟩ refusal)
  | none =>
    let env := elaborated.state.env
    let so ← so.next "axioms"
    let constants ← newConstants env
    match axiomRefusal constants 0 with
    | some refusal => pure (so.stop refusal)
    | none =>
      let so ← so.next "kernel"
      match ← recheck policy.missing ground.clean env constants heartbeats with
      | .error refusal => pure (so.stop refusal)
      | .ok rechecked =>
        match ← judgeTarget policy ground target rechecked heartbeats so with
        | (so, .error refusal) => pure (so.stop refusal)
        | (so, .ok wanted) =>
          match stringsOf (entries request "tests") with
          | [] => pure ⟨"", "", so.gates, #[], so.ends⟩
          | tests =>
            testReport policy wanted ground rechecked env heartbeats constants tests
              (← so.next "tests")
