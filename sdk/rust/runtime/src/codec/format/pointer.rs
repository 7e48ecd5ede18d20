//! JSON pointers.

/// RFC 6901: empty, or tokens that begin with `/`. A `~` must be part of `~0` or `~1`.
pub(super) fn is_pointer(text: &str) -> bool {
    let is_escaped = |rest: &str| rest.starts_with(['0', '1']);
    (text.is_empty() || text.starts_with('/')) && text.split('~').skip(1).all(is_escaped)
}

/// The number of levels to go up, without leading zeros, followed by `#` or a JSON pointer.
pub(super) fn is_relative(text: &str) -> bool {
    let rest = text.trim_start_matches(|char: char| char.is_ascii_digit());
    let levels = &text[..text.len() - rest.len()];
    let is_number = !levels.is_empty() && (levels == "0" || !levels.starts_with('0'));
    is_number && (rest == "#" || is_pointer(rest))
}
