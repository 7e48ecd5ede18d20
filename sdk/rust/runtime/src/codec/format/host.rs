//! Host names: ASCII (RFC 1123) and internationalized (RFC 5890 to 5893).

use std::sync::LazyLock;

use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};
use regex_automata::meta::Regex;

/// Invalid parts of a label beyond UTS 46, according to RFC 5892: the categories of section 2.1 with the exceptions of
/// section 2.6, and the contextual assertions of appendix A. UTS 46 covers the joiners.
const WRONG: &str = r"(?x)
    ^ \p{M}
    | [^ \- a-z 0-9 \p{L} \p{Mn} \p{Mc} \p{Nd}
        \u{00B7} \u{0375} \u{05F3} \u{05F4} \u{06FD} \u{06FE} \u{0F0B} \u{200C} \u{200D} \u{3007} \u{30FB} ]
    | [ \u{0640} \u{07FA} \u{302E} \u{302F} \u{3031}-\u{3035} \u{303B} ]
    | (^ | [^l]) \u{00B7} | \u{00B7} ([^l] | $)
    | \u{0375} (\P{Greek} | $)
    | (^ | \P{Hebrew}) [\u{05F3} \u{05F4}]
    | ^ [^ \p{Hiragana} \p{Katakana} \p{Han} ]* \u{30FB} [^ \p{Hiragana} \p{Katakana} \p{Han} ]* $
    | [\u{0660}-\u{0669}] .* [\u{06F0}-\u{06F9}] | [\u{06F0}-\u{06F9}] .* [\u{0660}-\u{0669}]
";

/// The compiled expression. A test checks that it compiles.
static IS_WRONG: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(WRONG).ok());

/// Returns true if `text` is a host name in ASCII.
pub(super) fn is_name(text: &str) -> bool {
    let is_plain = |label: &str| {
        let bytes = label.as_bytes();
        let is_inside = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'-';
        (1..=63).contains(&bytes.len())
            && bytes.iter().all(is_inside)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    // Hyphens in the third and fourth position mark an encoding; punycode is the only encoding.
    let is_encoded = |label: &str| label.get(2..4) == Some("--");
    text.len() <= 253
        && text.split('.').all(is_plain)
        && (!text.split('.').any(is_encoded) || is_unicode_name(text))
}

/// Returns true if `text` is a host name with characters of any script.
pub(super) fn is_unicode_name(text: &str) -> bool {
    let (deny, hyphens) = (AsciiDenyList::STD3, Hyphens::Check);
    let names = Uts46::new();
    let Ok(ascii) = names.to_ascii(text.as_bytes(), deny, hyphens, DnsLength::Verify) else {
        return false;
    };
    let (name, _) = names.to_unicode(ascii.as_bytes(), deny, hyphens);
    let is_right = |label| {
        IS_WRONG
            .as_ref()
            .is_some_and(|wrong| !wrong.is_match(label))
    };
    name.split('.').all(is_right)
}
