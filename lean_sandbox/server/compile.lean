/- Compiles the server once, at install, so that a worker's start need not elaborate it (15 s).

   Written by `lean -o`, the compiled code would go to files that this build of Lean never loads;
   so the module is written here, in one file, with the compiled functions listed as constants. -/
import Lean.Elab.Frontend
open Lean Elab

partial def errors : List Message → IO Nat
  | [] => pure 0
  | message :: rest => do
    match message.severity with
    | .error =>
      let said ← message.data.toString
      (← IO.getStdout).putStrLn ("error: line " ++ toString message.pos.line ++ ": " ++ said)
      pure (1 + (← errors rest))
    | _ => errors rest

/-- Compiled functions without a declaration of their own are found by name only when the module
    has a constant of that name; any will do. -/
partial def named (data : ModuleData) (names : Array Name) (info : ConstantInfo) (i : Nat) :
    ModuleData :=
  if i < names.size then
    let data := { data with
      constNames := data.constNames.push names[i]!, constants := data.constants.push info }
    named data names info (i + 1)
  else data

public unsafe def main : IO Unit := do
  enableInitializersExecution
  let imports := #[{module := `Init}, {module := `Lean.Elab.Frontend}, {module := `Lean.Data.Json}]
  let env ← importModules imports {} 0 #[] false true
  let source ← IO.FS.readFile "/lean/server/server.lean"
  let input : Parser.InputContext :=
    { inputString := source, fileName := "server.lean", fileMap := FileMap.ofString source,
      endPos := source.rawEndPos, endPos_valid := by simp }
  let state ← IO.processCommands input {} (Command.mkState (env.setMainModule `OuterloopServer) {} {})
  let wrong ← errors state.commandState.messages.toList
  if wrong == 0 then
    let data ← mkModuleData state.commandState.env
    let data := named { data with isModule := true } data.extraConstNames data.constants[0]! 0
    saveModuleData "/lean/server/OuterloopServer.olean" `OuterloopServer data
    (← IO.getStdout).putStrLn "compiled"
