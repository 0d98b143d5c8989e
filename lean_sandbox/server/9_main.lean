/- One line of ASCII JSON in, one line out. A reply begins with the request's nonce. -/

partial def jsonStrings (items : Array String) (i : Nat) (done : Array Json) : Json :=
  if i < items.size then jsonStrings items (i + 1) (done.push (.str items[i]!)) else .arr done

/-- Microseconds spent in each gate, from the moments at which they ended. -/
partial def spans (ends : Array Nat) (from_ : Nat) (i : Nat) (done : Array Json) : Json :=
  if i < ends.size then
    spans ends ends[i]! (i + 1)
      (done.push (.num (JsonNumber.fromNat ((ends[i]! - from_) / 1000))))
  else .arr done

def severityText : MessageSeverity → String
  | .information => "info"
  | .warning => "warning"
  | .error => "error"

def numberJson (n : Nat) : Json := .num (JsonNumber.fromNat n)

/-- Severity, line and column, where it ends, text. -/
def messageJson (message : Message) (said : String) : Json :=
  let stop := message.endPos.getD message.pos
  .arr #[.str (severityText message.severity), numberJson message.pos.line,
         numberJson message.pos.column, numberJson stop.line, numberJson stop.column, .str said]

/-- The messages in words, as many as `room` characters hold. -/
def messagesJson (room : Nat) (done : Array Json) : List Message → IO Json
  | [] => pure (.arr done)
  | message :: rest => do
    if room == 0 then pure (.arr done)
    else
      let said := clip 2000 (← message.data.toString)
      messagesJson (room - said.length) (done.push (messageJson message said)) rest

/-- Kind, line, text. -/
partial def notesJson (notes : Array (String × Nat × String)) (i : Nat) (done : Array Json) : Json :=
  if i < notes.size then
    let (kind, line, text) := notes[i]!
    notesJson notes (i + 1) (done.push (.arr #[.str kind, numberJson line, .str text]))
  else .arr done

partial def outcomes (tests : Array Tested) (i : Nat) (done : Array Json) : Json :=
  if i < tests.size then outcomes tests (i + 1) (done.push (.str tests[i]!.outcome)) else .arr done

/-- The numbers of the tests whose time was over. -/
partial def lateOnes (tests : Array Tested) (i : Nat) (done : Array Json) : Json :=
  if i < tests.size then
    lateOnes tests (i + 1) (if tests[i]!.late then done.push (numberJson i) else done)
  else .arr done

def reply (nonce : String) (report : Report) (notes messages : Json) (left started ended : Nat) :
    String :=
  let json := Json.mkObj
    [("reason", .str report.reason), ("detail", .str report.detail),
     ("gates", jsonStrings report.gates 0 #[]), ("tests", outcomes report.tests 0 #[]),
     ("late", lateOnes report.tests 0 #[]), ("left", numberJson left),
     ("notes", notes), ("messages", messages),
     ("spans", spans (report.ends.push ended) started 0 #[]),
     ("microseconds", .num (JsonNumber.fromNat ((ended - started) / 1000)))]
  nonce ++ " " ++ json.compress

/-- Reads the headers, finds the environment they ask for, and judges from there. -/
def judge (policy : Policy) (grounds : Grounds) (clock : Clock Report) (request : Json)
    (heard : IO.Ref Heard) (started : Nat) : IO Report := do
  match ← grounds.ofTexts policy (text request "program") (text request "target") with
  | .error refusal => pure ⟨refusal.reason, refusal.detail, #["syntax"], #[], #[]⟩
  | .ok (ground, header, asked) =>
    heard.set ⟨#[], header.notes⟩
    let target := afterHeader (text request "target") asked
    judgeFrom policy ground clock request target header.parser heard started

/-- Judges, and then puts into words what Lean said meanwhile; the moment between the two. -/
def answer (heard : IO.Ref Heard) (judged : IO Report) : IO (Report × Json × Json × Nat) := do
  let report ← judged
  let ended ← IO.monoNanosNow
  let said ← heard.get
  pure (report, notesJson said.notes 0 #[], ← messagesJson 40000 #[] said.messages.toList, ended)

partial def replies (policy : Policy) (grounds : Grounds) (input output : IO.FS.Stream) :
    IO Unit := do
  let line ← input.getLine
  if line.isEmpty then pure () else
    match Json.parse line with
    | .error _ => pure ()
    | .ok request =>
      let started ← IO.monoNanosNow
      let clock ← Clock.ofRequest request
      let heard ← IO.mkRef (⟨#[], #[]⟩ : Heard)
      let answering (judged : IO Report) := (answer heard judged).toBaseIO
      -- A thread's stack is larger than the main one's.
      let judging ← BaseIO.asTask (answering (judge policy grounds clock request heard started))
      let outcome ← clock.await answering judging
      let (report, notes, messages, ended) ← match outcome with
        | .ok said => pure said
        | .error failure => do
          let report := ⟨"internal_error", oneLine (toString failure), #[], #[], #[]⟩
          pure (report, .arr #[], .arr #[], ← IO.monoNanosNow)
      let left ← clock.left.get
      output.putStrLn (reply (text request "nonce") report notes messages left started ended)
      output.flush
      replies policy grounds input output

/-- The policy of a backend's first line. Where it does not say which names the library mentions and
    lacks, they are looked for now. -/
def Policy.orLookedFor (json : Json) : IO Policy := do
  let policy := Policy.ofJson json
  match json.getObjVal? "missing" with
  | .ok (.arr _) => pure policy
  | _ =>
    let names ← missingNames (stringsOf (entries json "imports"))
    pure { policy with missing := textsOf (entries (.mkObj [("missing", names)]) "missing") {} }

/-- Serves requests; asked to `survey` modules instead, it says what they mention and lack. -/
public unsafe def serve : IO Unit := do
  enableInitializersExecution
  let input ← IO.getStdin
  let output ← IO.getStdout
  let first ← input.getLine
  match Json.parse first with
  | .error _ => pure ()
  | .ok json =>
    match stringsOf (entries json "survey") with
    | [] =>
      let policy ← Policy.orLookedFor json
      compileDeclsRef.set (compileLittle (← compileDeclsRef.get))
      let grounds ← Grounds.ofJson json
      output.putStrLn (text json "nonce" ++ " ready " ++ versionString)
      output.flush
      replies policy grounds input output
    | modules =>
      let names ← missingNames modules
      output.putStrLn (text json "nonce" ++ " missing " ++ names.compress)
      output.flush
