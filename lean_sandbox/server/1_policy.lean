/- What a snippet may say, read off its syntax tree. The lists themselves come from Python
   (`lean_sandbox/policy.py`) as the first line of input, so that one file documents them.

   The package ships only the exported view of the library: `for` loops, `List.map` and other
   specialised functions do not compile here, hence the plain recursions in these files. -/

open Lean Elab

/-- What the gates allow. -/
structure Policy where
  commands : NameSet
  declarations : NameSet
  /-- Commands that only say something: never elaborated, or only to be heard. -/
  skipped : NameSet
  heard : NameSet
  attributes : NameSet
  options : NameSet
  optionPrefixes : List String
  /-- Options that change nothing a verdict rests on, by name and by the beginning of it. -/
  idleOptions : NameSet
  idlePrefixes : List String
  optionCaps : List (Name × Nat)
  refusedSyntax : NameSet
  /-- What to write instead of a refused name, and who knows a word that this Lean does not. -/
  waysOut : List (Name × String)
  foreignWords : List (Name × String)
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

def pairsOf : List Json → List (Name × String)
  | .str name :: .str text :: rest => (name.toName, text) :: pairsOf rest
  | _ => []

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
    skipped := namesOf (entries json "skipped_commands") {}
    heard := namesOf (entries json "heard_commands") {}
    attributes := namesOf (entries json "attributes") {}
    options := namesOf (entries json "options") {}
    optionPrefixes := stringsOf (entries json "option_prefixes")
    idleOptions := namesOf (entries json "idle_options") {}
    idlePrefixes := stringsOf (entries json "idle_option_prefixes")
    optionCaps := capsOf (entries json "option_caps")
    refusedSyntax := namesOf (entries json "refused_syntax") {}
    waysOut := pairsOf (entries json "ways_out")
    foreignWords := pairsOf (entries json "foreign_words")
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

def valueOf? {α : Type} (name : Name) : List (Name × α) → Option α
  | [] => none
  | (n, value) :: rest => if n == name then some value else valueOf? name rest

/-- A refused name and, where the policy knows one, the way out. -/
def Policy.described (policy : Policy) (shown : String) (name : Name) : String :=
  match valueOf? name policy.waysOut with
  | some way => shown ++ ": " ++ way
  | none => shown

/-- The name an attribute goes by: the identifier of a plain one, the syntax kind of others. -/
def attributeName (attr : Syntax) : Name :=
  if attr.getKind == `Lean.Parser.Attr.simple then attr[0].getId else attr.getKind

def optionName (stx : Syntax) : Name := stx[1].getId.eraseMacroScopes

def Policy.isIdle (policy : Policy) (option : Name) : Bool :=
  policy.idleOptions.contains option || anyPrefix (nameText option) policy.idlePrefixes

def optionRefusal (policy : Policy) (stx : Syntax) : Option Refusal :=
  let name := optionName stx
  match valueOf? name policy.optionCaps with
  | some _ =>
    if stx[3].isNatLit?.isSome then none
    else some ⟨"option_not_allowed", s!"set_option {nameText name} needs a number"⟩
  | none =>
    if policy.options.contains name || policy.isIdle name
        || anyPrefix (nameText name) policy.optionPrefixes then none
    else some ⟨"option_not_allowed", s!"set_option {nameText name}: leave it out"⟩

/-- `.pos [1]`: a name that can only mean something of the option's own type. -/
def isConstructorCall (kind : Name) (args : Array Syntax) : Bool :=
  kind == `Lean.Parser.Term.app && args.size > 0
    && args[0]!.getKind == `Lean.Parser.Term.dotIdent

mutual
/-- A tactic's option as it will be evaluated, or none for one that must be computed: literals,
    `true`, `false`, `.constructors` of those, lists and structure instances. Of a text that may be
    read in several ways (`{}` is the empty set too) the plain one is taken. -/
partial def plain? (stx : Syntax) (isField : Bool := false) : Option Syntax :=
  match stx with
  | .node info kind args =>
    if kind == `choice then firstPlain args 0
    else if kind == `null || kind == `num || kind == `Lean.Parser.Term.dotIdent
        || kind == `Lean.Parser.Term.optEllipsis || kind == `«term[_]»
        || isConstructorCall kind args
        || String.isPrefixOf "Lean.Parser.Term.structInst" (nameText kind) then
      let isField := isField || kind == `Lean.Parser.Term.structInstLVal
        || kind == `Lean.Parser.Term.dotIdent
      match allPlain args isField 0 with
      | some args => some (.node info kind args)
      | none => none
    else none
  | .ident _ _ name _ => if isField || name == `true || name == `false then some stx else none
  | _ => some stx

partial def allPlain (args : Array Syntax) (isField : Bool) (i : Nat) : Option (Array Syntax) :=
  if i < args.size then
    match plain? args[i]! isField with
    | some arg => allPlain (args.set! i arg) isField (i + 1)
    | none => none
  else some args

partial def firstPlain (choices : Array Syntax) (i : Nat) : Option Syntax :=
  if i < choices.size then
    match plain? choices[i]! with
    | some stx => some stx
    | none => firstPlain choices (i + 1)
  else none
end

def isConfig (kind : Name) : Bool :=
  kind == `Lean.Parser.Tactic.valConfigItem || kind == `Lean.Parser.Tactic.config

/-- `$x`, `$(…)`, `$[…]*`: Lean runs their terms when a notation around them is used. -/
def isAntiquotation : Name → Bool
  | .str _ last =>
    last == "antiquot" || last == "antiquot_scope" || String.isPrefixOf "antiquot_suffix" last
  | _ => false

/-- `set_option name value`, as a command, in a term or in a proof. -/
def isSetOption (args : Array Syntax) : Bool :=
  args.size > 3 && args[1]!.isIdent && match args[0]! with
    | .atom _ value => value.trimAscii.toString == "set_option"
    | _ => false

/-- The first forbidden attribute, option or construct anywhere inside `stx`. -/
partial def syntaxRefusal (policy : Policy) (stx : Syntax) : Option Refusal :=
  match stx with
  | .node _ kind args =>
    if policy.refusedSyntax.contains kind || isAntiquotation kind then
      some ⟨"syntax_not_allowed", policy.described (nameText kind) kind⟩
    else
      let here :=
        if kind == `Lean.Parser.Term.attrInstance then
          let name := attributeName args[1]!
          if policy.attributes.contains name then none
          else some ⟨"attribute_not_allowed", policy.described s!"@[{nameText name}]" name⟩
        else if isConfig kind then
          if (plain? args[3]!).isSome then none
          else some ⟨"syntax_not_allowed",
            "a tactic option that must be computed: write its value, as in `(maxSteps := 100)`"⟩
        else if isSetOption args then optionRefusal policy stx
        else none
      match here with
      | some refusal => some refusal
      | none => first args 0
  | _ => none
where
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
    else refused stx[1].getKind
  else if policy.commands.contains kind || policy.heard.contains kind then none
  else refused kind
where
  refused (kind : Name) : Option Refusal :=
    some ⟨"command_not_allowed", policy.described (nameText kind) kind⟩
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

/-- Something that was done with a text and does not show in its verdict, and where. -/
structure Note where
  kind : String
  place : String.Pos.Raw
  text : String
  deriving Inhabited

/-- What a command does behind `open … in`, `set_option … in` and the like. -/
partial def innermost (stx : Syntax) : Syntax :=
  if stx.getKind == `Lean.Parser.Command.in then innermost stx[2] else stx

/-- The first word of a command, as `#eval`. -/
partial def firstWord (stx : Syntax) : String :=
  match stx with
  | .node _ _ args => first args 0
  | .atom _ value => value.trimAscii.toString
  | _ => ""
where
  first (args : Array Syntax) (i : Nat) : String :=
    if i < args.size then
      let word := firstWord args[i]!
      if word == "" then first args (i + 1) else word
    else ""

def skipNote (stx : Syntax) (word : String) : Note := ⟨"skipped", stx.getPos?.getD 0, word⟩

/-- A command without `#guard_msgs … in`: what it guards is elaborated, and its errors count. -/
partial def unguarded (stx : Syntax) (notes : Array Note) : Syntax × Array Note :=
  match stx with
  | .node info kind args =>
    if kind == `Lean.guardMsgsCmd then
      unguarded args[args.size - 1]! (notes.push (skipNote stx "#guard_msgs"))
    else if kind == `Lean.Parser.Command.in then
      let inner := unguarded args[2]! notes
      (.node info kind (args.set! 2 inner.1), inner.2)
    else (stx, notes)
  | _ => (stx, notes)

/-- A command as it is elaborated: limits of the program's own are at most ours, options that
    change nothing are not set, and the options of tactics are read in one way. -/
partial def tamed (policy : Policy) (stx : Syntax) (notes : Array Note) : Syntax × Array Note :=
  match stx with
  | .node info kind args =>
    if isConfig kind then
      match plain? args[3]! with
      | some value => (.node info kind (args.set! 3 value), notes)
      | none => (stx, notes)
    else
      let here := if isSetOption args then option args notes else (args, notes)
      let below := all here.1 0 here.2
      (.node info kind below.1, below.2)
  | other => (other, notes)
where
  option (args : Array Syntax) (notes : Array Note) : Array Syntax × Array Note :=
    let name := args[1]!.getId.eraseMacroScopes
    let place := args[0]!.getPos?.getD 0
    if policy.isIdle name then
      ((args.set! 1 (mkIdentFrom args[1]! `linter.all)).set! 3 (mkAtomFrom args[3]! "false"), notes)
    else
      match valueOf? name policy.optionCaps, args[3]!.isNatLit? with
      | some cap, some value =>
        if value == 0 || cap < value then
          (args.set! 3 (Syntax.mkNumLit (toString cap) args[3]!.getHeadInfo),
           notes.push ⟨"clamped", place, s!"{nameText name} {value} to {cap}"⟩)
        else (args, notes)
      | _, _ => (args, notes)
  all (args : Array Syntax) (i : Nat) (notes : Array Note) : Array Syntax × Array Note :=
    if i < args.size then
      let below := tamed policy args[i]! notes
      all (args.set! i below.1) (i + 1) below.2
    else (args, notes)
