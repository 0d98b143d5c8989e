/- The gates in order, and what each one that ran has to say. -/

structure Report where
  reason : String
  detail : String
  gates : Array String
  tests : Array Tested
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

/-- Decides test after test, each within its time. -/
partial def runTests (clock : Clock Report) (decide : IO.CancelToken → String → IO Tested)
    (conclude : Array Tested → Report) (tests : List String) (done : Array Tested) : IO Report := do
  match tests with
  | [] => pure (conclude done)
  | test :: rest =>
    match ← clock.isUp with
    | some detail => runTests clock decide conclude rest (done.push (late detail))
    | none =>
      let without := done.push (late ("not decided in " ++ toString clock.test ++ " ms"))
      let stop ← IO.CancelToken.new
      clock.begin done.size stop (runTests clock decide conclude rest without)
      let tested ← decide stop test
      unless ← clock.end_ done.size do throw (IO.userError "left behind: nobody reads this")
      if tested.outcome == "undecided" && (← stop.isSet) then
        runTests clock decide conclude rest without
      else runTests clock decide conclude rest (done.push tested)
where
  late (detail : String) : Tested := { outcome := "undecided", detail := detail, late := true }

/-- The first test of this kind, described. -/
partial def firstWhere (isIt : Tested → Bool) (tests : List String) (done : Array Tested)
    (i : Nat) : Option String :=
  match tests with
  | [] => none
  | test :: rest =>
    if isIt done[i]! then
      some (if done[i]!.detail == "" then test else test ++ ": " ++ done[i]!.detail)
    else firstWhere isIt rest done (i + 1)

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

/-- What the tests say of the program together. A late one leaves open what they say. -/
def testReport (clean rechecked : Environment) (constants : Array ConstantInfo)
    (tests : List String) (so : Progress) (done : Array Tested) : Report :=
  let with_ (reason detail : String) : Report := ⟨reason, detail, so.gates, done, so.ends⟩
  match firstWhere (·.outcome == "failed") tests done 0, firstWhere (·.late) tests done 0 with
  | some detail, _ => with_ "test_failed" detail
  | none, some detail => with_ "test_deadline" detail
  | none, none =>
    match firstWhere (·.outcome == "undecided") tests done 0 with
    | none => with_ "" ""
    | some detail =>
      match reaches rechecked clean choices (namesIn constants 0) {} with
      | some name =>
        so.stop ⟨"noncomputable", nameText name ++ " chooses a value that nothing can compute"⟩
      | none => with_ "test_undecided" detail

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
def judgeFrom (policy : Policy) (ground : Ground) (clock : Clock Report) (request : Json)
    (target : String) (parser : Parser.ModuleParserState) (heard : IO.Ref Heard) (started : Nat) :
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
            let so ← so.next "tests"
            let worlds ← IO.mkRef none
            let _ ← ground.replacements -- loading them is no test's time
            let decide (stop : IO.CancelToken) :=
              decideTest policy wanted ground worlds rechecked env { heartbeats, stop := some stop }
            runTests clock decide (testReport ground.clean rechecked constants tests so) tests #[]
