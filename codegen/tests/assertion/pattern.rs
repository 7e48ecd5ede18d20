//! Tests of patterns: the translation from ECMA 262 to the notation of the `regex` crate.

use regex::Regex;
use serde_json::{Value as Json, json};

use super::{DIALECT, THINGS, compiled, judged, refuse, thing};
use natsgen::Formats;

/// The white space of ECMA 262.
const SPACE: &str = r"\t\n\x{B}\x{C}\r \x{A0}\x{1680}\x{2000}-\x{200A}\x{2028}\x{2029}\x{202F}\x{205F}\x{3000}\x{FEFF}";

/// The translation of a pattern.
fn translated(pattern: &str) -> String {
    let documents = [(THINGS, thing(DIALECT, &json!({ "pattern": pattern })))];
    let protocol = compiled(&documents, Formats::Assert).unwrap_or_else(|wrong| panic!("{wrong}"));
    let assertion = judged(&protocol).0;
    assert_eq!(assertion[0]["pattern"]["source"], pattern);
    let linear = assertion[0]["pattern"]["linear"].as_str();
    linear.map(str::to_owned).expect("a pattern is a text")
}

#[test]
fn pattern_is_translated() {
    let space = format!("[{SPACE}]");
    let no_space = format!("[^{SPACE}]");
    for (pattern, expected) in [
        ("^a|b*?c+?d??$", "^a|b*?c+?d??$"),
        ("(a)(?:b)(?<name>c)", "(a)(?:b)(c)"),
        ("a{2}b{2,}c{2,3}?", "a{2}b{2,}c{2,3}?"),
        (".", r"[^\n\r\x{2028}\x{2029}]"),
        (r"\d\D", "[0-9][^0-9]"),
        (r"\w\W", "[0-9A-Za-z_][^0-9A-Za-z_]"),
        (r"\s", &space),
        (r"\S", &no_space),
        (r"[\d\-x][^\s]", &format!("[0-9\\-x][^{SPACE}]")),
        (r"[\D.$]", r"[[^0-9].$]"),
        (r"\bx\B", r"(?-u:\b)x(?-u:\B)"),
        (
            r"\p{Letter}\P{Lu}[\p{Script=Greek}]",
            r"\p{Letter}\P{Lu}[\p{Script=Greek}]",
        ),
        (r"\/\-\_\@", "/-_@"),
        (r"\.\*\\", r"\.\*\\"),
        (r"\cA\0\t\v", r"\x{1}\x{0}\t\x{B}"),
        (r"\x41\u00e4\u{1F600}\ud83d\ude00", "Aä😀😀"),
        (r"[\b&&~~[-]", r"[\x{8}\&\&\~\~\[\-]"),
        (r"[a\-z][-a][a-]", r"[a\-z][\-a][a\-]"),
        ("a{b}]", r"a\{b\}\]"),
        ("x{,3}", r"x\{,3\}"),
        ("á ", "á "),
    ] {
        assert_eq!(translated(pattern), expected, "{pattern}");
    }
}

#[test]
fn pattern_translation_matches_the_same_strings() {
    for (pattern, matching, other) in [
        (r"^\d+$", "09", "\u{9ea}"),
        (r"^\w$", "_", "é"),
        (r"^\s$", "\u{feff}", "\u{85}"),
        (r"^\S$", "\u{85}", "\u{2003}"),
        ("^a$", "a", "a\n"),
        ("^.$", "\u{85}", "\u{2028}"),
        (r"^\p{Letter}+$", "Latinä", "1"),
        (r"\bfoo\b", "éfoo", "_foo"),
        (r"^[\w.-]+@[^@]+$", "a.b-c@d", "a@"),
        (r"^\cC$", "\u{3}", "C"),
        (r"^[^\d]{2}$", "ab", "a1"),
    ] {
        let linear = translated(pattern);
        let regex = Regex::new(&linear).expect(&linear);
        assert!(regex.is_match(matching), "{pattern} {matching:?}");
        assert!(!regex.is_match(other), "{pattern} {other:?}");
    }
}

#[test]
fn pattern_accepted_by_natsgen_compiles() {
    for pattern in [
        "^[^a]{0,7000}$",
        r"^(?:\p{L}|\d){1,40}$",
        "^(?:[^a]{10}){700}$",
        r"^[\s\S]{0,9000}$",
        "^a{10000}$",
    ] {
        let linear = translated(pattern);
        assert!(Regex::new(&linear).is_ok(), "{pattern}");
    }
}

const AROUND: &str = "rewrite it without lookaround, or add a second schema under `allOf` or `not`";
const CORRECT: &str = "correct it; the syntax is ECMA 262 with the flag `u`";
const SMALL: &str = "use smaller repetitions, and limit lengths with `maxLength`";
const REPEATED: &str = "write the repeated part before it, or a backslash";

/// Refused patterns, each with its error and its help.
const REFUSED: &[(&str, &str, &str)] = &[
    ("^(?=a)", "looks ahead, which needs backtracking", AROUND),
    ("(?!a)", "looks ahead, which needs backtracking", AROUND),
    ("(?<=a)b", "looks behind, which needs backtracking", AROUND),
    ("(?<!a)b", "looks behind, which needs backtracking", AROUND),
    (
        r"(a)\1",
        "has a backreference, which needs backtracking",
        "write the repeated part again",
    ),
    (
        r"(?<n>a)\k<n>",
        "has a backreference, which needs backtracking",
        "write the repeated part again",
    ),
    (
        "(?i:a)",
        "has a group of an unknown kind",
        "write `(…)` or `(?:…)`",
    ),
    (
        "[^]",
        "has an empty class",
        r"write `[\s\S]` for any character, or `\]` for a bracket",
    ),
    (
        "[]",
        "has an empty class",
        r"write `[\s\S]` for any character, or `\]` for a bracket",
    ),
    (
        "[a",
        "has a `[` without `]`",
        r"close the class, or write `\[`",
    ),
    (
        r"[\d-x]",
        "has a range that ends in a set",
        "write the `-` at the end of the class",
    ),
    (
        r"\a",
        r"has the unknown escape `\a`",
        r"write the character itself, or its `\u` escape",
    ),
    (
        r"\ud83d",
        r"has the unknown escape `\u`",
        r"write the character itself, or its `\u` escape",
    ),
    (
        r"\pL",
        r"has `\p` without a property",
        r"write the name of a Unicode property, e.g. `\p{Letter}`",
    ),
    (
        r"\p{Nothing}",
        "is not a regular expression: Unicode property not found",
        CORRECT,
    ),
    ("a\\", "ends in a backslash", "write two backslashes"),
    ("*a", "has nothing before `*`", REPEATED),
    ("a**", "has nothing before `*`", REPEATED),
    ("(|+)", "has nothing before `+`", REPEATED),
    ("a{2}{3}", "has nothing before `{3}`", REPEATED),
    ("(a", "is not a regular expression: unclosed group", CORRECT),
    ("a)", "is not a regular expression: unopened group", CORRECT),
    (
        "[b-a]",
        "is not a regular expression: invalid character class range, the start must be <= the end",
        CORRECT,
    ),
    (
        "a{3,2}",
        "is not a regular expression: invalid repetition count range, the start must be <= the end",
        CORRECT,
    ),
    ("(a{1000}){1000}", "is too large", SMALL),
    ("^.{0,20000}$", "is too large", SMALL),
];

#[test]
fn pattern_not_linear_or_not_ecma_262_is_an_error() {
    for (pattern, reason, help) in REFUSED {
        let code = match *reason {
            reason if reason.ends_with("needs backtracking") => "pattern-not-linear",
            "is too large" => "pattern-too-large",
            _ => "invalid-pattern",
        };
        let expected =
            format!("/pattern: error[{code}]: the pattern `{pattern}` {reason}\n  help: {help}");
        refuse(DIALECT, &json!({ "pattern": pattern }), &expected);
    }
    let schema: Json = json!({ "patternProperties": { "(": true } });
    let expected = format!(
        "/patternProperties/(: error[invalid-pattern]: the pattern `(` is not a regular expression: \
         unclosed group\n  help: {CORRECT}"
    );
    refuse(DIALECT, &schema, &expected);
}
