"""One-line facts about the library, each with a false twin; values worked out by hand."""

from __future__ import annotations

_LINES = r"""
"abc".isEmpty = false
| "abc".isEmpty = true
"".isEmpty = true
| "".isEmpty = false
"abc".length = 3
| "abc".length = 4
"banana".any (· == 'n') = true
| "banana".any (· == 'n') = false
"banana".all (· == 'n') = false
| "banana".all (· == 'n') = true
"aaa".all (· == 'a') = true
| "aab".all (· == 'a') = true
"abc".foldl (fun n c => n + c.toNat) 0 = 294
| "abc".foldl (fun n c => n + c.toNat) 0 = 293
("abcd".drop 1).toString = "bcd"
| ("abcd".drop 1).toString = "abc"
("abcd".take 2).toString = "ab"
| ("abcd".take 2).toString = "cd"
("abcd".takeEnd 2).toString = "cd"
| ("abcd".takeEnd 2).toString = "ab"
("abcd".dropEnd 1).toString = "abc"
| ("abcd".dropEnd 1).toString = "bcd"
("  ab ".trimAscii).toString = "ab"
| ("  ab ".trimAscii).toString = " ab"
"abc".endsWith "bc" = true
| "abc".endsWith "ab" = true
"abc".startsWith "ab" = true
| "abc".startsWith "bc" = true
"banana".replace "an" "o" = "booa"
| "banana".replace "an" "o" = "bana"
"a-b-c".replace "-" "" = "abc"
| "a-b-c".replace "-" "" = "ab-c"
"42".toNat! = 42
| "42".toNat! = 24
"42".toNat? = some 42
| "42".toNat? = none
"4x".toNat? = none
| "4x".toNat? = some 4
"-7".toInt? = some (-7)
| "-7".toInt? = some 7
"042".isNat = true
| "a42".isNat = true
String.join ["a", "bc", ""] = "abc"
| String.join ["a", "bc", ""] = "acb"
", ".intercalate ["a", "b"] = "a, b"
| ", ".intercalate ["a", "b"] = "ab, "
"a,b,,c".splitOn "," = ["a", "b", "", "c"]
| "a,b,,c".splitOn "," = ["a", "b", "c"]
"a b".splitOn = ["a", "b"]
| "a b".splitOn = ["a b"]
("a b c".split ' ').toList.length = 3
| ("a b c".split ' ').toList.length = 2
"banana".contains 'n' = true
| "banana".contains 'x' = true
"banana".contains "nan" = true
| "banana".contains "nab" = true
"ab".map Char.toUpper = "AB"
| "ab".map Char.toUpper = "ab"
"aB1".toUpper = "AB1"
| "aB1".toUpper = "AB2"
"aB1".toLower = "ab1"
| "aB1".toLower = "aB1"
"hello".capitalize = "Hello"
| "hello".capitalize = "hello"
"ab".push 'c' = "abc"
| "ab".push 'c' = "cab"
"ab".pushn 'c' 2 = "abcc"
| "ab".pushn 'c' 2 = "abc"
"ab" ++ "cd" = "abcd"
| "ab" ++ "cd" = "cdab"
"abc".toList = ['a', 'b', 'c']
| "abc".toList = ['a', 'c', 'b']
String.ofList ['x', 'y'] = "xy"
| String.ofList ['x', 'y'] = "yx"
String.singleton 'a' = "a"
| String.singleton 'a' = "b"
"abc" < "abd"
| "abd" < "abc"
("abc" == "abc") = true
| ("abc" == "abd") = true
"abc" ≠ "ab"
| "abc" ≠ "abc"
compare "a" "b" = .lt
| compare "a" "b" = .gt
"b" ≤ "b"
| "b" ≤ "ab"
"abc".front = 'a'
| "abc".front = 'b'
"abc".back = 'c'
| "abc".back = 'b'
"abc".front? = some 'a'
| "abc".front? = none
"abc".get 0 = 'a'
| "abc".get 0 = 'b'
"abc".get ⟨1⟩ = 'b'
| "abc".get ⟨1⟩ = 'c'
("aab".takeWhile (· == 'a')).toString = "aa"
| ("aab".takeWhile (· == 'a')).toString = "a"
("aab".dropWhile (· == 'a')).toString = "b"
| ("aab".dropWhile (· == 'a')).toString = "ab"
"aXbX".foldr (fun c n => if c == 'X' then n + 1 else n) 0 = 2
| "aXbX".foldr (fun c n => if c == 'X' then n + 1 else n) 0 = 1
toString 120 = "120"
| toString 120 = "12"
toString (-5 : Int) = "-5"
| toString (-5 : Int) = "5"
s!"n={7}!" = "n=7!"
| s!"n={7}!" = "n=8!"
toString true = "true"
| toString true = "false"
toString [1, 2] = "[1, 2]"
| toString [1, 2] = "[1,2]"
toString (some 3) = "(some 3)"
| toString (some 3) = "some 3"
toString (1, true) = "(1, true)"
| toString (1, true) = "(1,true)"
toString 'a' = "a"
| toString 'a' = "'a'"
Nat.repr 90 = "90"
| Nat.repr 90 = "9"
Nat.toDigits 2 6 = ['1', '1', '0']
| Nat.toDigits 2 6 = ['1', '0', '1']
(toString 305).toList.map (fun c => c.toNat - 48) = [3, 0, 5]
| (toString 305).toList.map (fun c => c.toNat - 48) = [3, 5]
'a'.toNat = 97
| 'a'.toNat = 98
'a'.toUpper = 'A'
| 'a'.toUpper = 'a'
'7'.isDigit = true
| 'x'.isDigit = true
'x'.isAlpha = true
| '7'.isAlpha = true
' '.isWhitespace = true
| 'a'.isWhitespace = true
Char.ofNat 98 = 'b'
| Char.ofNat 98 = 'a'
Nat.gcd 12 18 = 6
| Nat.gcd 12 18 = 3
Nat.lcm 4 6 = 12
| Nat.lcm 4 6 = 24
10 / 3 = 3
| 10 / 3 = 4
2 ^ 20 = 1048576
| 2 ^ 20 = 1048575
Nat.log2 1000 = 9
| Nat.log2 1000 = 10
(7 : Int) / (-2) = -3
| (7 : Int) / (-2) = -4
(-7 : Int) % 3 = 2
| (-7 : Int) % 3 = -1
Int.natAbs (-5) = 5
| Int.natAbs (-5) = 4
Int.toNat (-5) = 0
| Int.toNat (-5) = 5
(3 : Nat) - 5 = 0
| (5 : Nat) - 3 = 3
6 &&& 3 = 2
| 6 &&& 3 = 3
6 ^^^ 3 = 5
| 6 ^^^ 3 = 4
1 <<< 4 = 16
| 1 <<< 4 = 8
[3, 1, 2].mergeSort = [1, 2, 3]
| [3, 1, 2].mergeSort = [3, 1, 2]
[3, 1, 2].mergeSort (fun a b => a ≥ b) = [3, 2, 1]
| [3, 1, 2].mergeSort (fun a b => a ≥ b) = [1, 2, 3]
[1, 2, 3].foldl (· + ·) 0 = 6
| [1, 2, 3].foldl (· + ·) 0 = 7
[1, 2, 3].map (· * 2) = [2, 4, 6]
| [1, 2, 3].map (· * 2) = [2, 4]
[1, 2, 3, 4].filter (· % 2 == 0) = [2, 4]
| [1, 2, 3, 4].filter (· % 2 == 0) = [1, 3]
[1, 2].zip [3, 4] = [(1, 3), (2, 4)]
| [1, 2].zip [3, 4] = [(1, 4), (2, 3)]
[1, 2, 3].reverse = [3, 2, 1]
| [1, 2, 3].reverse = [1, 2, 3]
[1, 1, 2].eraseDups = [1, 2]
| [1, 1, 2].eraseDups = [1, 1, 2]
[1, 2, 3].sum = 6
| [1, 2, 3].sum = 5
[4, 9].max? = some 9
| [4, 9].max? = some 4
List.range 4 = [0, 1, 2, 3]
| List.range 4 = [1, 2, 3, 4]
[1, 2, 3].take 2 ++ [1, 2, 3].drop 2 = [1, 2, 3]
| [1, 2, 3].take 2 = [2, 3]
[[1], [2, 3]].flatten = [1, 2, 3]
| [[1], [2, 3]].flatten = [1, 3]
[1, 2, 3].partition (· > 1) = ([2, 3], [1])
| [1, 2, 3].partition (· > 1) = ([1], [2, 3])
[5, 6].zipIdx = [(5, 0), (6, 1)]
| [5, 6].zipIdx = [(5, 1), (6, 2)]
[1, 2, 3].find? (· > 1) = some 2
| [1, 2, 3].find? (· > 1) = some 3
[1, 2, 3].contains 2 = true
| [1, 2, 3].contains 4 = true
[1, 2, 3].getLast? = some 3
| [1, 2, 3].getLast? = some 2
[1, 2, 3].dropLast = [1, 2]
| [1, 2, 3].dropLast = [2, 3]
[1, 2, 3][7]! = 0
| [1, 2, 3][1]! = 3
[1, 2, 3].all (· > 0) = true
| [1, 2, 3].any (· > 3) = true
[1, 2, 2].count 2 = 2
| [1, 2, 2].count 2 = 1
#[1, 2, 3].modify 1 (· + 5) = #[1, 7, 3]
| #[1, 2, 3].modify 1 (· + 5) = #[1, 2, 3]
#[1, 2].push 3 = #[1, 2, 3]
| #[1, 2].push 3 = #[3, 1, 2]
#[1, 2, 3].foldl (· + ·) 0 = 6
| #[1, 2, 3].foldl (· + ·) 0 = 5
#[1, 2, 3].map (· + 1) = #[2, 3, 4]
| #[1, 2, 3].map (· + 1) = #[1, 2, 3]
#[1, 2, 3].filter (· > 1) = #[2, 3]
| #[1, 2, 3].filter (· > 1) = #[1]
#[1, 2, 3].contains 2 = true
| #[1, 2, 3].contains 5 = true
#[1, 2, 3].toList = [1, 2, 3]
| #[1, 2, 3].toList = [1, 2]
#[1, 2, 3].back? = some 3
| #[1, 2, 3].back? = some 1
#[3, 4].zip #[5, 6] = #[(3, 5), (4, 6)]
| #[3, 4].zip #[5, 6] = #[(3, 6), (4, 5)]
#[1, 2, 3].eraseIdx! 0 = #[2, 3]
| #[1, 2, 3].eraseIdx! 0 = #[1, 2]
Array.range 3 = #[0, 1, 2]
| Array.range 3 = #[1, 2, 3]
(Array.ofFn fun i : Fin 3 => i.val * 2) = #[0, 2, 4]
| (Array.ofFn fun i : Fin 3 => i.val * 2) = #[0, 2, 5]
#[1, 2, 3].size = 3
| #[1, 2, 3].size = 2
#[1, 2, 3].reverse = #[3, 2, 1]
| #[1, 2, 3].reverse = #[1, 2, 3]
#[1, 2, 3].set! 0 9 = #[9, 2, 3]
| #[1, 2, 3].set! 0 9 = #[1, 2, 3]
#[1, 2, 3].all (· > 0) = true
| #[1, 2, 3].any (· > 3) = true
#[3, 1, 2].qsort (· < ·) = #[1, 2, 3]
| #[3, 1, 2].qsort (· < ·) = #[3, 1, 2]
(some 3).map (· + 1) = some 4
| (some 3).map (· + 1) = some 3
(none : Option Nat).getD 7 = 7
| (some 3).getD 7 = 7
(some 3).isSome = true
| (some 3).isNone = true
(Id.run do { let mut s := 0; for i in 0...(4 : Nat) do { s := s + i }; return s }) = 6
| (Id.run do { let mut s := 0; for i in 0...(4 : Nat) do { s := s + i }; return s }) = 10
(Id.run do { let mut s := 0; for i in 0...=(4 : Nat) do { s := s + i }; return s }) = 10
| (Id.run do { let mut s := 0; for i in 0...=(4 : Nat) do { s := s + i }; return s }) = 6
(Id.run do { let mut s := 0; for i in [1:5] do { s := s + i }; return s }) = 10
| (Id.run do { let mut s := 0; for i in [1:5] do { s := s + i }; return s }) = 15
(Id.run do { let mut s := 0; for i in [0:9:3] do { s := s + i }; return s }) = 9
| (Id.run do { let mut s := 0; for i in [0:9:3] do { s := s + i }; return s }) = 18
(Id.run do { let mut s := 0; for x in [4, 5] do { s := s + x }; return s }) = 9
| (Id.run do { let mut s := 0; for x in [4, 5] do { s := s + x }; return s }) = 8
(Id.run do { let mut s := 0; for x in #[4, 5] do { s := s + x }; return s }) = 9
| (Id.run do { let mut s := 0; for x in #[4, 5] do { s := s + x }; return s }) = 8
(Id.run do { let mut n := 10; while n > 3 do { n := n - 2 }; return n }) = 2
| (Id.run do { let mut n := 10; while n > 3 do { n := n - 2 }; return n }) = 4
(Id.run do { let mut n := 1; repeat { if n > 9 then { break }; n := n * 3 }; return n }) = 27
| (Id.run do { let mut n := 1; while n < 50 do { n := n * 3 }; return n }) = 27
((Std.HashMap.ofList [(1, 2), (3, 4)])[3]?) = some 4
| ((Std.HashMap.ofList [(1, 2), (3, 4)])[3]?) = some 2
(1...4).toList = [1, 2, 3]
| (1...4).toList = [1, 2, 3, 4]
(1...=3).toArray = #[1, 2, 3]
| (1...=3).toArray = #[1, 2]
((∅ : Std.HashMap Nat Nat).insert 1 2).contains 1 = true
| ((∅ : Std.HashMap Nat Nat).insert 1 2).contains 2 = true
(((∅ : Std.HashMap String Nat).insert "a" 2).insert "a" 3).size = 1
| (((∅ : Std.HashMap String Nat).insert "a" 2).insert "a" 3).size = 2
((Std.HashMap.ofList [(1, 2)]).erase 1).isEmpty = true
| ((Std.HashMap.ofList [(1, 2)]).erase 2).isEmpty = true
(Std.HashMap.ofList [(1, 2)]).getD 5 9 = 9
| (Std.HashMap.ofList [(1, 2)]).getD 1 9 = 9
(Std.HashSet.ofList [1, 2, 2]).size = 2
| (Std.HashSet.ofList [1, 2, 2]).size = 3
3 ∈ (Std.HashSet.ofList [1, 3])
| 4 ∈ (Std.HashSet.ofList [1, 3])
""".strip().splitlines()

FACTS = tuple(
    (true, false.removeprefix("| ")) for true, false in zip(_LINES[::2], _LINES[1::2], strict=True)
)
"""What is true, and beside it what is false."""
