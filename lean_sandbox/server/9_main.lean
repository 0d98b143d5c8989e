/- One line of ASCII JSON in, one line out. A reply begins with the request's nonce. -/

structure Report where
  reason : String
  detail : String
  gates : Array String
  tests : Array String

partial def jsonStrings (items : Array String) (i : Nat) (done : Array Json) : Json :=
  if i < items.size then jsonStrings items (i + 1) (done.push (.str items[i]!)) else .arr done

def reply (nonce : String) (report : Report) (milliseconds : Nat) : String :=
  let json := Json.mkObj
    [("reason", .str report.reason), ("detail", .str report.detail),
     ("gates", jsonStrings report.gates 0 #[]), ("tests", jsonStrings report.tests 0 #[]),
     ("milliseconds", .num (JsonNumber.fromNat milliseconds))]
  nonce ++ " " ++ json.compress

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

def testReport (policy : Policy) (clean rechecked elaborated : Environment) (heartbeats : Nat)
    (constants : Array ConstantInfo) (tests : List String) (gates : Array String) : IO Report := do
  let done ← runTests (decideTest policy clean rechecked elaborated heartbeats) tests #[]
  match firstWith "failed" tests done 0 with
  | some detail => pure ⟨"test_failed", detail, gates, outcomes done 0 #[]⟩
  | none =>
    match firstWith "undecided" tests done 0 with
    | none => pure ⟨"", "", gates, outcomes done 0 #[]⟩
    | some detail =>
      match reaches rechecked clean choices (namesIn constants 0) {} with
      | some name =>
        pure ⟨"noncomputable", nameText name ++ " chooses a value that nothing can compute",
              gates, #[]⟩
      | none => pure ⟨"test_undecided", detail, gates, outcomes done 0 #[]⟩

def judge (policy : Policy) (clean : Environment) (request : Json) : IO Report := do
  let heartbeats := natural request "heartbeats"
  let elaborated ← elaborate policy clean (text request "program") heartbeats
  let gates := #["syntax", "elaboration"]
  match elaborated.refusal with
  | some refusal =>
    let gates := if refusal.reason == "elaboration_error" then gates else #["syntax"]
    pure ⟨refusal.reason, refusal.detail, gates, #[]⟩
  | none =>
    let env := elaborated.state.env
    let constants ← newConstants env
    let gates := gates.push "axioms"
    match axiomRefusal constants 0 with
    | some refusal => pure ⟨refusal.reason, refusal.detail, gates, #[]⟩
    | none =>
      let gates := gates.push "kernel"
      match ← recheck clean env constants heartbeats with
      | .error refusal => pure ⟨refusal.reason, refusal.detail, gates, #[]⟩
      | .ok rechecked =>
        let target := text request "target"
        let gates := if target == "" then gates else gates.push "target"
        let wrong ← if target == "" then pure none
          else targetRefusal policy clean target rechecked heartbeats
        match wrong with
        | some refusal => pure ⟨refusal.reason, refusal.detail, gates, #[]⟩
        | none =>
          match stringsOf (entries request "tests") with
          | [] => pure ⟨"", "", gates, #[]⟩
          | tests =>
            testReport policy clean rechecked env heartbeats constants tests (gates.push "tests")

partial def replies (policy : Policy) (clean : Environment) (input output : IO.FS.Stream) :
    IO Unit := do
  let line ← input.getLine
  if line.isEmpty then pure () else
    match Json.parse line with
    | .error _ => pure ()
    | .ok request =>
      let started ← IO.monoMsNow
      let outcome ← (judge policy clean request).toBaseIO
      let report := match outcome with
        | .ok report => report
        | .error failure => ⟨"internal_error", oneLine (toString failure), #[], #[]⟩
      let ended ← IO.monoMsNow
      output.putStrLn (reply (text request "nonce") report (ended - started))
      output.flush
      replies policy clean input output

public unsafe def serve : IO Unit := do
  enableInitializersExecution
  let clean ← importModules #[{module := `Init}] {} 0 #[] false true
  let input ← IO.getStdin
  let output ← IO.getStdout
  let first ← input.getLine
  match Json.parse first with
  | .error _ => pure ()
  | .ok json =>
    output.putStrLn (text json "nonce" ++ " ready " ++ versionString)
    output.flush
    replies (Policy.ofJson json) clean input output
