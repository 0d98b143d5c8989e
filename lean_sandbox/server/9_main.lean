/- One line of ASCII JSON in, one line out. A reply begins with the request's nonce. -/

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

/-- Reads the headers, finds the environment they ask for, and judges from there. -/
def judge (policy : Policy) (grounds : Grounds) (request : Json) (started : Nat) : IO Report := do
  match ← grounds.ofTexts (text request "program") (text request "target") with
  | .error refusal => pure ⟨refusal.reason, refusal.detail, #["syntax"], #[], #[]⟩
  | .ok (ground, header, asked) =>
    let target := afterHeader (text request "target") asked
    judgeFrom policy ground request target header.parser started

partial def replies (policy : Policy) (grounds : Grounds) (input output : IO.FS.Stream) :
    IO Unit := do
  let line ← input.getLine
  if line.isEmpty then pure () else
    match Json.parse line with
    | .error _ => pure ()
    | .ok request =>
      let started ← IO.monoNanosNow
      -- A thread's stack is larger than the main one's.
      let judging ← BaseIO.asTask (judge policy grounds request started).toBaseIO
      let outcome ← IO.wait judging
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
    compileDeclsRef.set (compileLittle (← compileDeclsRef.get))
    let grounds ← Grounds.ofJson json
    output.putStrLn (text json "nonce" ++ " ready " ++ versionString)
    output.flush
    replies (Policy.ofJson json) grounds input output
