/- The time a test has. Heartbeats count what Lean allocates, so that arithmetic on large numbers
   takes long and hardly any. When a test's time is over it is told to stop, which elaborator and
   kernel look out for between two steps. One that a single step holds up is left behind in its
   thread, and another thread goes on with the next test. -/

/-- A test being decided, and how to go on without it. -/
structure Turn (α : Type) where
  number : Nat
  /-- When its time is over, by `IO.monoMsNow`. -/
  over : Nat
  stop : IO.CancelToken
  without : IO α

/-- A request's times, in milliseconds, and whose turn it is. -/
structure Clock (α : Type) where
  test : Nat
  /-- When the last test's time is over, by `IO.monoMsNow`. -/
  over : Nat
  /-- How long a test that was told to stop is waited for. -/
  grace : Nat
  turn : IO.Ref (Option (Turn α))
  /-- Tests left behind so far. -/
  left : IO.Ref Nat

/-- A thread that is left behind goes on computing, and memory is finite. -/
def mostLeft : Nat := 3

/-- The tests of a program end a little before its deadline, so that there is time to say what was
    found out. -/
def Clock.ofRequest {α : Type} (request : Json) : IO (Clock α) := do
  let now ← IO.monoMsNow
  let program := natural request "program_ms"
  let turn ← IO.mkRef none
  let left ← IO.mkRef 0
  pure { test := natural request "test_ms", over := now + program - program / 10,
         grace := min 1000 (program / 20), turn := turn, left := left }

/-- Why no further test is begun. -/
def Clock.isUp {α : Type} (clock : Clock α) : IO (Option String) := do
  if (← IO.monoMsNow) ≥ clock.over then pure (some "not begun: the program's time was over")
  else if (← clock.left.get) ≥ mostLeft then
    pure (some ("not begun: " ++ toString mostLeft ++ " tests before it did not stop"))
  else pure none

def Clock.begin {α : Type} (clock : Clock α) (number : Nat) (stop : IO.CancelToken)
    (without : IO α) : IO Unit := do
  let over := min ((← IO.monoMsNow) + clock.test) clock.over
  clock.turn.set (some { number := number, over := over, stop := stop, without := without })

/-- Ends a test's turn; false when it had ended before. -/
def Clock.end_ {α : Type} (clock : Clock α) (number : Nat) : IO Bool :=
  clock.turn.modifyGet fun
    | none => (false, none)
    | some turn => if turn.number == number then (true, none) else (false, some turn)

/-- How to go on without a test that did not stop when it was told to. -/
def Clock.leaveBehind {α : Type} (clock : Clock α) : IO (Option (IO α)) := do
  match ← clock.turn.get with
  | none => pure none
  | some turn =>
    let now ← IO.monoMsNow
    if now ≥ turn.over then turn.stop.set
    if now < turn.over + clock.grace then pure none
    else if ← clock.end_ turn.number then
      clock.left.modify (· + 1)
      pure (some turn.without)
    else pure none

/-- Waits for a request's answer, and keeps its tests to their time. -/
partial def Clock.await {α β : Type} (clock : Clock α) (answer : IO α → BaseIO β)
    (answering : Task β) : IO β := do
  if ← IO.hasFinished answering then IO.wait answering
  else
    match ← clock.leaveBehind with
    | none => do
      IO.sleep 1
      clock.await answer answering
    | some without => do
      -- To say that time is up takes no thread, and a new one would come too late.
      if (← IO.monoMsNow) ≥ clock.over then answer without
      else clock.await answer (← BaseIO.asTask (answer without) .dedicated)
