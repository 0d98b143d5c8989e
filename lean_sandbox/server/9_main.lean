/- One line of ASCII JSON in, one line out. A reply begins with the request's nonce. -/

structure Report where
  reason : String
  detail : String
  gates : Array String
  tests : Array String
  /-- Nanoseconds at which each gate ended. -/
  ends : Array Nat

partial def jsonStrings (items : Array String) (i : Nat) (done : Array Json) : Json :=
  if i < items.size then jsonStrings items (i + 1) (done.push (.str items[i]!)) else .arr done

/-- Microseconds spent in each gate, from the moments at which they ended. -/
partial def spans (ends : Array Nat) (from_ : Nat) (i : Nat) (done : Array Json) : Json :=
  if i < ends.size then
    spans ends ends[i]! (i + 1)
      (done.push (.num (JsonNumber.fromNat ((ends[i]! - from_) / 1000))))
  else .arr done

def reply (nonce : String) (report : Report) (started ended : Nat) : String :=
  let json := Json.mkObj
    [("reason", .str report.reason), ("detail", .str report.detail),
     ("gates", jsonStrings report.gates 0 #[]), ("tests", jsonStrings report.tests 0 #[]),
     ("spans", spans (report.ends.push ended) started 0 #[]),
     ("microseconds", .num (JsonNumber.fromNat ((ended - started) / 1000)))]
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
    (constants : Array ConstantInfo) (tests : List String) (gates : Array String)
    (ends : Array Nat) : IO Report := do
  let done ← runTests (decideTest policy clean rechecked elaborated heartbeats) tests #[]
  match firstWith "failed" tests done 0 with
  | some detail => pure ⟨"test_failed", detail, gates, outcomes done 0 #[], ends⟩
  | none =>
    match firstWith "undecided" tests done 0 with
    | none => pure ⟨"", "", gates, outcomes done 0 #[], ends⟩
    | some detail =>
      match reaches rechecked clean choices (namesIn constants 0) {} with
      | some name =>
        pure ⟨"noncomputable", nameText name ++ " chooses a value that nothing can compute",
              gates, #[], ends⟩
      | none => pure ⟨"test_undecided", detail, gates, outcomes done 0 #[], ends⟩

/-- Runs the gates in order; `ends` holds the moment each one but the last ended. -/
def judgeFrom (policy : Policy) (clean : Environment) (request : Json) (header asked : Header)
    (started : Nat) : IO Report := do
  let heartbeats := natural request "heartbeats"
  let elaborated ← elaborate policy clean (text request "program") heartbeats header.parser
  let ends := #[started + elaborated.reading]
  match elaborated.refusal with
  | some refusal =>
    if refusal.reason == "elaboration_error" then
      pure ⟨refusal.reason, refusal.detail, #["syntax", "elaboration"], #[], ends⟩
    else pure ⟨refusal.reason, refusal.detail, #["syntax"], #[], #[]⟩
  | none =>
    let env := elaborated.state.env
    let ends := ends.push (← IO.monoNanosNow)
    let constants ← newConstants env
    let gates := #["syntax", "elaboration", "axioms"]
    match axiomRefusal constants 0 with
    | some refusal => pure ⟨refusal.reason, refusal.detail, gates, #[], ends⟩
    | none =>
      let ends := ends.push (← IO.monoNanosNow)
      let gates := gates.push "kernel"
      match ← recheck clean env constants heartbeats with
      | .error refusal => pure ⟨refusal.reason, refusal.detail, gates, #[], ends⟩
      | .ok rechecked =>
        let target := afterHeader (text request "target") asked
        let ends ← if target == "" then pure ends else pure (ends.push (← IO.monoNanosNow))
        let gates := if target == "" then gates else gates.push "target"
        let wrong ← if target == "" then pure none
          else targetRefusal policy clean target rechecked heartbeats
        match wrong with
        | some refusal => pure ⟨refusal.reason, refusal.detail, gates, #[], ends⟩
        | none =>
          match stringsOf (entries request "tests") with
          | [] => pure ⟨"", "", gates, #[], ends⟩
          | tests =>
            testReport policy clean rechecked env heartbeats constants tests (gates.push "tests")
              (ends.push (← IO.monoNanosNow))

/-- Reads the headers, finds the environment they ask for, and judges from there. -/
def judge (policy : Policy) (grounds : Grounds) (request : Json) (started : Nat) : IO Report := do
  match ← grounds.ofTexts (text request "program") (text request "target") with
  | .error refusal => pure ⟨refusal.reason, refusal.detail, #["syntax"], #[], #[]⟩
  | .ok (ground, header, asked) => judgeFrom policy ground.clean request header asked started

partial def replies (policy : Policy) (grounds : Grounds) (input output : IO.FS.Stream) :
    IO Unit := do
  let line ← input.getLine
  if line.isEmpty then pure () else
    match Json.parse line with
    | .error _ => pure ()
    | .ok request =>
      let started ← IO.monoNanosNow
      let outcome ← (judge policy grounds request started).toBaseIO
      let report := match outcome with
        | .ok report => report
        | .error failure => ⟨"internal_error", oneLine (toString failure), #[], #[], #[]⟩
      let ended ← IO.monoNanosNow
      output.putStrLn (reply (text request "nonce") report started ended)
      output.flush
      replies policy grounds input output

public unsafe def serve : IO Unit := do
  enableInitializersExecution
  let input ← IO.getStdin
  let output ← IO.getStdout
  let first ← input.getLine
  match Json.parse first with
  | .error _ => pure ()
  | .ok json =>
    let grounds ← Grounds.ofJson json
    output.putStrLn (text json "nonce" ++ " ready " ++ versionString)
    output.flush
    replies (Policy.ofJson json) grounds input output
