//! The texts of values and keys.

use super::Case;
use super::case::Verdict;
use super::segment::Segment;

/// Numbers that are JSON.
const NUMBERS: [(&str, &str); 11] = [
    ("minus zero", "-0"),
    ("minus zero with a fraction", "-0.0"),
    ("zero with a huge exponent", "0e99999999999999999999"),
    ("exponent with a sign", "1E+2"),
    ("number below the smallest double", "1e-400"),
    ("smallest double", "5e-324"),
    ("largest double", "1.7976931348623157e308"),
    ("largest integer of 64 bits", "18446744073709551615"),
    ("smallest integer of 64 bits", "-9223372036854775808"),
    ("integer that a double rounds", "9007199254740993"),
    (
        "integer of 40 digits",
        "1234567890123456789012345678901234567890",
    ),
];

/// Numbers that are not JSON.
const WRONG_NUMBERS: [(&str, &str); 18] = [
    ("leading zero", "01"),
    ("leading zero after minus", "-01"),
    ("minus alone", "-"),
    ("leading plus", "+1"),
    ("leading point", ".5"),
    ("trailing point", "1."),
    ("point before the exponent", "1.e1"),
    ("exponent without digits", "1e"),
    ("exponent with a sign only", "1e+"),
    ("hexadecimal number", "0x10"),
    ("digits with underscore", "1_000"),
    ("digits of another script", "\u{0661}"),
    ("NaN", "NaN"),
    ("Infinity", "Infinity"),
    ("minus Infinity", "-Infinity"),
    ("number above the largest double", "1e400"),
    ("number below the lowest double", "-1e400"),
    ("exponent of 20 digits", "1e99999999999999999999"),
];

/// Strings that are JSON.
const STRINGS: [(&str, &str); 10] = [
    ("escaped NUL", r#""\u0000""#),
    ("surrogate pair", r#""\ud83d\uDE00""#),
    ("character outside the BMP", "\"\u{1f600}\""),
    ("all short escapes", r#""\"\\\/\b\f\n\r\t""#),
    ("DEL", "\"\u{7f}\""),
    ("line separators", "\"\u{2028}\u{2029}\""),
    ("noncharacters", "\"\u{ffff}\u{fdd0}\""),
    ("byte order mark", "\"\u{feff}\""),
    ("escaped backslash before u", r#""\\ud800""#),
    ("combining characters", "\"e\u{301}\u{e9}\""),
];

/// Strings that are not JSON.
const WRONG_STRINGS: [(&str, &str); 17] = [
    ("lone high surrogate", r#""\ud800""#),
    ("lone high surrogate before text", r#""\ud800x""#),
    ("lone low surrogate", r#""\udc00""#),
    ("two high surrogates", r#""\ud800\ud800""#),
    ("surrogates in the wrong order", r#""\udc00\ud800""#),
    ("high surrogate before another escape", r#""\ud800\n""#),
    ("unknown escape", r#""\x41""#),
    ("escaped apostrophe", r#""\'""#),
    ("escape with three digits", r#""\u004""#),
    ("escape with a sign", r#""\u+123""#),
    ("escape with braces", r#""\u{41}""#),
    ("escaped line break", "\"\\\n\""),
    ("tab", "\"\t\""),
    ("line break", "\"\n\""),
    ("NUL", "\"\u{0}\""),
    ("unit separator", "\"\u{1f}\""),
    ("apostrophes", "'a'"),
];

/// Values that are JSON.
const VALUES: [(&str, &str); 7] = [
    ("white space around", " \t\r\n1\n"),
    ("white space inside", "[ 1 ,\n\t2 ]"),
    ("empty key", r#"{"":1}"#),
    ("key __proto__", r#"{"__proto__":{"a":1}}"#),
    (
        "keys of JavaScript objects",
        r#"{"constructor":1,"toString":2,"hasOwnProperty":3}"#,
    ),
    ("keys in two normal forms", "{\"\u{e9}\":1,\"e\u{301}\":2}"),
    ("keys that look like numbers", r#"{"2":1,"1":2,"01":3}"#),
];

/// Values that are not JSON.
const WRONG_VALUES: [(&str, &str); 27] = [
    ("no value", ""),
    ("True", "True"),
    ("nul", "nul"),
    ("nullx", "nullx"),
    ("undefined", "undefined"),
    ("trailing comma in an array", "[1,]"),
    ("leading comma in an array", "[,1]"),
    ("two commas in an array", "[1,,2]"),
    ("no comma in an array", "[1 2]"),
    ("unclosed array", "[1"),
    ("array closed as an object", "[1}"),
    ("trailing comma in an object", r#"{"a":1,}"#),
    ("comma in an empty object", "{,}"),
    ("no colon", r#"{"a" 1}"#),
    ("no member value", r#"{"a":}"#),
    ("no comma in an object", r#"{"a":1 "b":2}"#),
    ("key without quotes", "{a:1}"),
    ("number as key", "{1:1}"),
    ("null as key", "{null:1}"),
    ("key with a lone surrogate", r#"{"\ud800":1}"#),
    ("unclosed string", r#""a"#),
    ("comment before", "/* a */1"),
    ("comment behind", "1// a\n"),
    ("form feed", "\u{c}1"),
    ("no-break space", "\u{a0}1"),
    ("NUL behind", "1\u{0}"),
    ("byte order mark before", "\u{feff}1"),
];

/// Bytes that are not UTF-8.
const WRONG_BYTES: [(&str, &[u8]); 9] = [
    ("byte FF", &[0xff]),
    ("lone continuation byte", &[0x80]),
    ("lone start byte", &[0xc3]),
    ("truncated character of 3 bytes", &[0xe2, 0x82]),
    ("overlong NUL", &[0xc0, 0x80]),
    ("overlong slash", &[0xe0, 0x80, 0xaf]),
    ("encoded surrogate", &[0xed, 0xa0, 0x80]),
    ("character beyond U+10FFFF", &[0xf4, 0x90, 0x80, 0x80]),
    ("Latin-1", &[0xe9]),
];

/// The texts where any value is kept.
pub(super) fn values(pointer: &str) -> Vec<Case> {
    let mut cases = ignored_values();
    // In values that are kept, duplicates are errors.
    cases.retain(|case| !case.name.contains("duplicate"));
    cases.extend(duplicates(|at| Verdict::Refused(format!("{pointer}{at}"))));
    cases
}

/// The texts where a value is ignored.
pub(super) fn ignored_values() -> Vec<Case> {
    let mut cases = texts(&NUMBERS, &Verdict::Valid);
    cases.extend(texts(&STRINGS, &Verdict::Valid));
    cases.extend(texts(&VALUES, &Verdict::Valid));
    cases.push(nested("[", "1", "]", 100, "100 arrays", Verdict::Valid));
    cases.extend(duplicates(|_| Verdict::Valid));
    cases.extend(texts(&WRONG_NUMBERS, &Verdict::Malformed));
    cases.push(case(
        "integer of 400 digits",
        vec![Segment::repeated("1", 400)],
        Verdict::Malformed,
    ));
    cases.extend(texts(&WRONG_STRINGS, &Verdict::Malformed));
    cases.extend(texts(&WRONG_VALUES, &Verdict::Malformed));
    cases.extend(wrong_bytes());
    let deep = [("[", "1", "]", "arrays"), (r#"{"a":"#, "1", "}", "objects")];
    for (open, value, close, what) in deep {
        for times in [128, 10_000] {
            let name = format!("{times} {what}");
            cases.push(nested(
                open,
                value,
                close,
                times,
                &name,
                Verdict::Unreadable,
            ));
        }
    }
    let unclosed = vec![Segment::repeated("[", 100_000)];
    cases.push(case(
        "100000 unclosed arrays",
        unclosed,
        Verdict::Unreadable,
    ));
    cases
}

/// The texts of a string.
pub(super) fn strings() -> Vec<Case> {
    let mut cases = texts(&STRINGS, &Verdict::Valid);
    cases.extend(texts(&WRONG_STRINGS, &Verdict::Malformed));
    cases.extend(wrong_bytes());
    cases
}

/// The texts of an integer from 0 to 2^64 - 1.
pub(super) fn integers(pointer: &str) -> Vec<Case> {
    let valid = [
        ("minus zero", "-0"),
        ("minus zero with a fraction", "-0.0"),
        ("zero with a huge exponent", "0e99999999999999999999"),
        ("fraction of zeros", "7.000000000000000000000000000000"),
        ("exponent", "7e2"),
        ("negative exponent", "700e-2"),
        ("fraction and exponent", "0.7e1"),
        ("integer that a double rounds", "9007199254740993"),
        ("largest integer", "18446744073709551615"),
    ];
    let refused = [
        ("integer of 65 bits", "18446744073709551616"),
        (
            "integer of 40 digits",
            "1234567890123456789012345678901234567890",
        ),
        ("minus one", "-1"),
        ("fraction", "0.5"),
        ("small fraction", "1.00000000000000000000000000000001"),
        ("tiny fraction", "1e-400"),
        ("large exponent", "1e30"),
        ("string", r#""1""#),
    ];
    let mut cases = texts(&valid, &Verdict::Valid);
    cases.extend(texts(&refused, &Verdict::Refused(pointer.to_owned())));
    cases.extend(texts(&WRONG_NUMBERS, &Verdict::Malformed));
    cases
}

/// The texts of a number.
pub(super) fn numbers(pointer: &str) -> Vec<Case> {
    let valid = [
        ("zero with a huge exponent", "0e99999999999999999999"),
        ("exponent with a sign", "1E+2"),
        ("number below the smallest double", "1e-400"),
        ("smallest double", "5e-324"),
        ("largest double", "1.7976931348623157e308"),
        (
            "many digits",
            "0.1000000000000000055511151231257827021181583404541015625",
        ),
        ("number between two doubles", "9007199254740993.0"),
        (
            "integer of 40 digits",
            "1234567890123456789012345678901234567890",
        ),
    ];
    let refused = [
        ("integer that a double rounds", "9007199254740993"),
        (
            "integer of 64 bits that a double rounds",
            "18446744073709551615",
        ),
        ("string", r#""1""#),
    ];
    let mut cases = texts(&valid, &Verdict::Valid);
    cases.extend(texts(&refused, &Verdict::Refused(pointer.to_owned())));
    cases.extend(texts(&WRONG_NUMBERS, &Verdict::Malformed));
    cases
}

/// The texts of a key of a map.
pub(super) fn keys(pointer: &str) -> Vec<Case> {
    let duplicates = [
        ("duplicate", r#""a":0,"a""#),
        ("duplicate with an escape", r#""a":0,"\u0061""#),
        ("duplicate of an empty key", r#""":0,"""#),
        ("duplicate of __proto__", r#""__proto__":0,"__proto__""#),
    ];
    let mut cases = ignored_keys();
    cases.retain(|case| !case.name.contains("duplicate"));
    cases.extend(texts(&duplicates, &Verdict::Refused(pointer.to_owned())));
    cases
}

/// The texts of the key of an ignored member.
pub(super) fn ignored_keys() -> Vec<Case> {
    let more = [
        ("empty", r#""""#),
        ("__proto__", r#""__proto__""#),
        ("two normal forms", "\"\u{e9}\":0,\"e\u{301}\""),
        ("duplicate", r#""not":0,"not""#),
        ("duplicate with an escape", r#""not":0,"n\u006ft""#),
    ];
    let mut cases = texts(&STRINGS, &Verdict::Valid);
    cases.extend(texts(&more, &Verdict::Valid));
    cases.extend(texts(&WRONG_STRINGS, &Verdict::Malformed));
    cases.extend(texts(
        &[("number", "1"), ("no quotes", "a")],
        &Verdict::Malformed,
    ));
    cases.extend(wrong_bytes());
    cases
}

/// Values with duplicate members, whose verdict depends on the place of the object.
fn duplicates(verdict: impl Fn(&str) -> Verdict) -> Vec<Case> {
    let pairs = [
        ("duplicate member", r#"{"a":1,"b":2,"a":3}"#, ""),
        (
            "duplicate member with an escape",
            r#"{"a":1,"\u0061":1}"#,
            "",
        ),
        (
            "duplicate member inside",
            r#"[{"b":{"a":1,"a":1}}]"#,
            "/0/b",
        ),
        (
            "duplicate __proto__",
            r#"{"__proto__":1,"__proto__":1}"#,
            "",
        ),
    ];
    let cases = pairs.map(|(name, text, at)| case(name, vec![Segment::text(text)], verdict(at)));
    cases.into()
}

/// Strings with bytes that are not UTF-8.
fn wrong_bytes() -> Vec<Case> {
    let cases = WRONG_BYTES.iter().map(|(name, bytes)| {
        let quote = || Segment::text("\"");
        case(
            name,
            vec![quote(), Segment::hex(bytes), quote()],
            Verdict::Malformed,
        )
    });
    cases.collect()
}

fn nested(
    open: &str,
    value: &str,
    close: &str,
    times: usize,
    name: &str,
    verdict: Verdict,
) -> Case {
    let bytes = vec![
        Segment::repeated(open, times),
        Segment::text(value),
        Segment::repeated(close, times),
    ];
    case(name, bytes, verdict)
}

fn texts(texts: &[(&str, &str)], verdict: &Verdict) -> Vec<Case> {
    let cases = texts
        .iter()
        .map(|(name, text)| case(name, vec![Segment::text(*text)], verdict.clone()));
    cases.collect()
}

pub(super) fn case(name: &str, bytes: Vec<Segment>, verdict: Verdict) -> Case {
    Case {
        name: name.to_owned(),
        bytes,
        verdict,
    }
}
