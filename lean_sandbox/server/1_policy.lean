/- What a snippet may say, read off its syntax tree. The lists themselves come from Python
   (`lean_sandbox/policy.py`) as the first line of input, so that one file documents them.

   The package ships only the exported view of the library: `for` loops, `List.map` and other
   specialised functions do not compile here, hence the plain recursions in these files. -/

open Lean Elab

/-- What the gates allow. -/
structure Policy where
  commands : NameSet
  declarations : NameSet
  attributes : NameSet
  options : NameSet
  optionPrefixes : List String
  optionCaps : List (Name × Nat)
  refusedSyntax : NameSet
  maxDepth : Nat
  /-- Names of the library's that it does not have, each as one text. -/
  missing : NameSet

/-- Why a gate said no: a reason code of `policy.REASONS` and a line for a person. -/
structure Refusal where
  reason : String
  detail : String

def namesOf : List Json → NameSet → NameSet
  | [], names => names
  | .str text :: rest, names => namesOf rest (names.insert text.toName)
  | _ :: rest, names => namesOf rest names

def textsOf : List Json → NameSet → NameSet
  | [], texts => texts
  | .str text :: rest, texts => textsOf rest (texts.insert (Name.mkSimple text))
  | _ :: rest, texts => textsOf rest texts

def stringsOf : List Json → List String
  | [] => []
  | .str text :: rest => text :: stringsOf rest
  | _ :: rest => stringsOf rest

def capsOf : List Json → List (Name × Nat)
  | .str name :: .num cap :: rest => (name.toName, cap.mantissa.toNat) :: capsOf rest
  | _ => []

def entries (json : Json) (key : String) : List Json :=
  match json.getObjVal? key with
  | .ok (.arr items) => items.toList
  | _ => []

def text (json : Json) (key : String) : String :=
  match json.getObjVal? key with
  | .ok (.str value) => value
  | _ => ""

def natural (json : Json) (key : String) : Nat :=
  match json.getObjVal? key with
  | .ok (.num value) => value.mantissa.toNat
  | _ => 0

def Policy.ofJson (json : Json) : Policy :=
  { commands := namesOf (entries json "commands") {}
    declarations := namesOf (entries json "declarations") {}
    attributes := namesOf (entries json "attributes") {}
    options := namesOf (entries json "options") {}
    optionPrefixes := stringsOf (entries json "option_prefixes")
    optionCaps := capsOf (entries json "option_caps")
    refusedSyntax := namesOf (entries json "refused_syntax") {}
    maxDepth := natural json "max_depth"
    missing := textsOf (entries json "missing") {} }

/-- `Name.toString` is one of the functions that do not compile here. -/
def nameText : Name → String
  | .anonymous => ""
  | .str .anonymous last => last
  | .str front last => nameText front ++ "." ++ last
  | .num front last => nameText front ++ "." ++ toString last

def anyPrefix (name : String) : List String → Bool
  | [] => false
  | p :: rest => String.isPrefixOf p name || anyPrefix name rest

def capOf (name : Name) : List (Name × Nat) → Option Nat
  | [] => none
  | (n, cap) :: rest => if n == name then some cap else capOf name rest

/-- The name an attribute goes by: the identifier of a plain one, the syntax kind of others. -/
def attributeName (attr : Syntax) : Name :=
  if attr.getKind == `Lean.Parser.Attr.simple then attr[0].getId else attr.getKind

def optionRefusal (policy : Policy) (stx : Syntax) : Option Refusal :=
  let name := stx[1].getId.eraseMacroScopes
  match capOf name policy.optionCaps with
  | some cap =>
    match stx[3].isNatLit? with
    | some value =>
      if value == 0 || cap < value then
        some ⟨"option_over_limit", s!"set_option {nameText name} {value}: from 1 to {cap} is allowed"⟩
      else none
    | none => some ⟨"option_over_limit", s!"set_option {nameText name} needs a number from 1 to {cap}"⟩
  | none =>
    if policy.options.contains name || anyPrefix (nameText name) policy.optionPrefixes then none
    else some ⟨"option_not_allowed", s!"set_option {nameText name}"⟩

/-- Whether a term is made of literals, `true`, `false`, `.constructors` and structure instances:
    the options of a tactic are evaluated, and nothing of the program's own may be. -/
partial def isPlain (stx : Syntax) (isField : Bool := false) : Bool :=
  match stx with
  | .node _ kind args =>
    let isField := isField || kind == `Lean.Parser.Term.structInstLVal
    if kind == `null || kind == `num || kind == `Lean.Parser.Term.dotIdent
        || kind == `Lean.Parser.Term.optEllipsis
        || String.isPrefixOf "Lean.Parser.Term.structInst" (nameText kind) then
      all args isField 0
    else false
  | .ident _ _ name _ => isField || name == `true || name == `false
  | _ => true
where
  all (args : Array Syntax) (isField : Bool) (i : Nat) : Bool :=
    if i < args.size then isPlain args[i]! isField && all args isField (i + 1) else true

def isConfig (kind : Name) : Bool :=
  kind == `Lean.Parser.Tactic.valConfigItem || kind == `Lean.Parser.Tactic.config

/-- `$x`, `$(…)`, `$[…]*`: Lean runs their terms when a notation around them is used. -/
def isAntiquotation : Name → Bool
  | .str _ last =>
    last == "antiquot" || last == "antiquot_scope" || String.isPrefixOf "antiquot_suffix" last
  | _ => false

/-- The first forbidden attribute, option or construct anywhere inside `stx`. -/
partial def syntaxRefusal (policy : Policy) (stx : Syntax) : Option Refusal :=
  match stx with
  | .node _ kind args =>
    if policy.refusedSyntax.contains kind || isAntiquotation kind then
      some ⟨"syntax_not_allowed", nameText kind⟩
    else
      let here :=
        if kind == `Lean.Parser.Term.attrInstance then
          let name := attributeName args[1]!
          if policy.attributes.contains name then none
          else some ⟨"attribute_not_allowed", s!"@[{nameText name}]"⟩
        else if isConfig kind then
          if isPlain args[3]! then none
          else some ⟨"syntax_not_allowed", "a tactic option that must be computed"⟩
        else if args.size > 1 && args[0]!.isOfKind `null == false && isSetOption args[0]! then
          optionRefusal policy stx
        else none
      match here with
      | some refusal => some refusal
      | none => first args 0
  | _ => none
where
  isSetOption : Syntax → Bool
    | .atom _ value => value.trimAscii.toString == "set_option"
    | _ => false
  first (args : Array Syntax) (i : Nat) : Option Refusal :=
    if i < args.size then
      match syntaxRefusal policy args[i]! with
      | some refusal => some refusal
      | none => first args (i + 1)
    else none

/-- Whether every command in `stx`, also inside `mutual` and `… in`, is of an allowed kind. -/
partial def commandRefusal (policy : Policy) (stx : Syntax) : Option Refusal :=
  let kind := stx.getKind
  if kind == `Lean.Parser.Command.in then
    match commandRefusal policy stx[0] with
    | some refusal => some refusal
    | none => commandRefusal policy stx[2]
  else if kind == `Lean.Parser.Command.mutual then
    inside stx[1].getArgs 0
  else if kind == `Lean.Parser.Command.declaration then
    if policy.declarations.contains stx[1].getKind then none
    else some ⟨"command_not_allowed", nameText stx[1].getKind⟩
  else if policy.commands.contains kind then none
  else some ⟨"command_not_allowed", nameText kind⟩
where
  inside (commands : Array Syntax) (i : Nat) : Option Refusal :=
    if i < commands.size then
      match commandRefusal policy commands[i]! with
      | some refusal => some refusal
      | none => inside commands (i + 1)
    else none

/-- How many nodes lie above the deepest leaf, counted no further than `limit`. -/
partial def isDeeper (limit : Nat) (stx : Syntax) : Bool :=
  match stx with
  | .node _ _ args => if limit == 0 then true else any args 0
  | _ => false
where
  any (args : Array Syntax) (i : Nat) : Bool :=
    if i < args.size then isDeeper (limit - 1) args[i]! || any args (i + 1) else false

/-- What the gates say of one command before it is elaborated. -/
def gate (policy : Policy) (stx : Syntax) : Option Refusal :=
  if isDeeper policy.maxDepth stx then some ⟨"too_deep", "its syntax is nested too deeply"⟩
  else
    match commandRefusal policy stx with
    | some refusal => some refusal
    | none => syntaxRefusal policy stx

/-- `set_option trace.… true` is allowed and does nothing: traces are for people, and unbounded. So
    is `profiler`, which tells the time. -/
partial def silenceTraces (stx : Syntax) : Syntax :=
  match stx with
  | .node info kind args =>
    if args.size > 3 && args[1]!.isIdent && isSilent (nameText args[1]!.getId)
        && syntaxRefusal.isSetOption args[0]! then
      .node info kind (args.set! 3 (quiet args[3]!))
    else .node info kind (all args 0)
  | other => other
where
  isSilent (name : String) : Bool := name == "profiler" || String.isPrefixOf "trace." name
  quiet : Syntax → Syntax
    | .atom info "true" => .atom info "false"
    | .node info kind args => .node info kind (if args.size == 1 then args.set! 0 (quiet args[0]!) else args)
    | other => other
  all (args : Array Syntax) (i : Nat) : Array Syntax :=
    if i < args.size then all (args.set! i (silenceTraces args[i]!)) (i + 1) else args
