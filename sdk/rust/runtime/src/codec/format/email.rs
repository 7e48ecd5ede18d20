//! Mail addresses of RFC 5321 section 4.1.2 and RFC 6531.

use std::net::{Ipv4Addr, Ipv6Addr};

/// The maximum length of a local part in bytes (RFC 5321 section 4.5.3.1.1).
const LOCAL: usize = 64;

/// Returns true if `text` is a mailbox. Its domain must be an address literal, or `is_domain` must accept it.
pub(super) fn is_address(text: &str, is_domain: impl Fn(&str) -> bool) -> bool {
    text.rsplit_once('@').is_some_and(|(local, domain)| {
        let literal = domain
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'));
        let is_host = literal.map_or_else(|| is_domain(domain), is_literal);
        is_host && local.len() <= LOCAL && (is_dotted(local) || is_quoted(local))
    })
}

/// Returns true for words of at least 1 character with dots between them.
fn is_dotted(local: &str) -> bool {
    let is_text = |char: char| {
        !char.is_ascii() || char.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(char)
    };
    local
        .split('.')
        .all(|word| !word.is_empty() && word.chars().all(is_text))
}

/// Returns true for a quoted string. Any printable character may follow a backslash.
fn is_quoted(local: &str) -> bool {
    let inside = local
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'));
    let Some(inside) = inside else { return false };
    let mut chars = inside.chars();
    while let Some(char) = chars.next() {
        let is_right = match char {
            '\\' => chars.next().is_some_and(|next| (' '..='~').contains(&next)),
            '"' => false,
            _ => !char.is_ascii() || (' '..='~').contains(&char),
        };
        if !is_right {
            return false;
        }
    }
    true
}

fn is_literal(literal: &str) -> bool {
    let tag = literal.get(..5).unwrap_or_default();
    if tag.eq_ignore_ascii_case("IPv6:") {
        literal[5..].parse::<Ipv6Addr>().is_ok()
    } else {
        literal.parse::<Ipv4Addr>().is_ok()
    }
}
