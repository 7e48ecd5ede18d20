//! URI references, as far as references between schemas need them: RFC 3986, sections 3, 5.2 and 2.1.

/// The parts of a URI reference; a part that is not there differs from one that is empty.
#[derive(Debug, Default, PartialEq, Eq)]
struct Parts<'u> {
    scheme: Option<&'u str>,
    authority: Option<&'u str>,
    path: &'u str,
    query: Option<&'u str>,
}

/// What a reference means, seen from a base; both are without fragment.
pub(super) fn resolve(base: &str, reference: &str) -> String {
    let (base, mut target) = (parts(base), parts(reference));
    let merged;
    if target.scheme.is_none() {
        target.scheme = base.scheme;
        if target.authority.is_none() {
            target.authority = base.authority;
            if target.path.is_empty() {
                target.path = base.path;
                target.query = target.query.or(base.query);
            } else if !target.path.starts_with('/') {
                merged = merge(&base, target.path);
                target.path = &merged;
            }
        }
    }
    let mut uri = String::new();
    if let Some(scheme) = target.scheme {
        uri.extend([scheme, ":"]);
    }
    if let Some(authority) = target.authority {
        uri.extend(["//", authority]);
    }
    uri.push_str(&without_dots(target.path));
    if let Some(query) = target.query {
        uri.extend(["?", query]);
    }
    uri
}

/// A reference without its fragment, and the fragment, still encoded; empty where there is none.
pub(super) fn split(reference: &str) -> (&str, &str) {
    reference.split_once('#').unwrap_or((reference, ""))
}

/// Whether a reference says all by itself.
pub(super) fn is_absolute(reference: &str) -> bool {
    parts(reference).scheme.is_some()
}

/// The text behind `%41` and its like; `None` where it is not UTF-8 or an escape is broken.
pub(super) fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        rest = tail;
        if first == b'%' {
            let (digits, tail) = rest.split_at_checked(2)?;
            let digits = std::str::from_utf8(digits).ok()?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = tail;
        } else {
            bytes.push(first);
        }
    }
    String::from_utf8(bytes).ok()
}

fn parts(uri: &str) -> Parts<'_> {
    let (rest, query) = match uri.split_once('?') {
        Some((rest, query)) => (rest, Some(query)),
        None => (uri, None),
    };
    let scheme = rest.split_once(':').filter(|(scheme, _)| {
        let letters = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
        scheme.starts_with(|c: char| c.is_ascii_alphabetic()) && scheme.chars().all(letters)
    });
    let (scheme, rest) = match scheme {
        Some((scheme, rest)) => (Some(scheme), rest),
        None => (None, rest),
    };
    let (authority, path) = match rest.strip_prefix("//") {
        Some(rest) => {
            let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
            (Some(authority), path)
        }
        None => (None, rest),
    };
    Parts {
        scheme,
        authority,
        path,
        query,
    }
}

/// A relative path behind the folder of the base.
fn merge(base: &Parts<'_>, path: &str) -> String {
    if base.authority.is_some() && base.path.is_empty() {
        return format!("/{path}");
    }
    let folder = base
        .path
        .rfind('/')
        .map_or("", |slash| &base.path[..=slash]);
    format!("{folder}{path}")
}

/// A path without `.` and `..`.
fn without_dots(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    let rooted = path.starts_with('/');
    let segments = path.strip_prefix('/').unwrap_or(path).split('/');
    let mut open = false;
    for segment in segments {
        open = matches!(segment, "." | "..");
        match segment {
            "." => {}
            ".." => drop(kept.pop()),
            _ => kept.push(segment),
        }
    }
    if open {
        kept.push("");
    }
    let slash = if rooted { "/" } else { "" };
    format!("{slash}{}", kept.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples of RFC 3986, section 5.4, without their fragments.
    const EXAMPLES: &[(&str, &str)] = &[
        ("g:h", "g:h"),
        ("g", "http://a/b/c/g"),
        ("./g", "http://a/b/c/g"),
        ("g/", "http://a/b/c/g/"),
        ("/g", "http://a/g"),
        ("//g", "http://g"),
        ("?y", "http://a/b/c/d;p?y"),
        ("g?y", "http://a/b/c/g?y"),
        (";x", "http://a/b/c/;x"),
        ("g;x?y", "http://a/b/c/g;x?y"),
        ("", "http://a/b/c/d;p?q"),
        (".", "http://a/b/c/"),
        ("./", "http://a/b/c/"),
        ("..", "http://a/b/"),
        ("../", "http://a/b/"),
        ("../g", "http://a/b/g"),
        ("../..", "http://a/"),
        ("../../g", "http://a/g"),
        ("../../../g", "http://a/g"),
        ("/./g", "http://a/g"),
        ("/../g", "http://a/g"),
        ("g.", "http://a/b/c/g."),
        ("..g", "http://a/b/c/..g"),
        ("./g/.", "http://a/b/c/g/"),
        ("g/../h", "http://a/b/c/h"),
        ("g?y/./x", "http://a/b/c/g?y/./x"),
    ];

    #[test]
    fn references_resolve_as_the_rfc_shows() {
        for (reference, expected) in EXAMPLES {
            assert_eq!(
                resolve("http://a/b/c/d;p?q", reference),
                *expected,
                "{reference}"
            );
        }
    }

    #[test]
    fn opaque_uris_stay_whole() {
        let urn = "urn:example:foo-bar?+CCResolve:cc=uk";
        assert_eq!(resolve(urn, ""), urn);
        assert_eq!(resolve("http://a", "b"), "http://a/b");
        assert_eq!(
            resolve("schema:/types/a.json", "../x/b.json"),
            "schema:/x/b.json"
        );
        assert_eq!(split("a#/b#c"), ("a", "/b#c"));
    }

    #[test]
    fn escapes_are_decoded() {
        for (text, expected) in [
            ("%25", Some("%")),
            ("a%20b", Some("a b")),
            ("%C3%A4", Some("ä")),
            ("ä", Some("ä")),
            ("%", None),
            ("%4", None),
            ("%zz", None),
            ("%ff", None),
        ] {
            assert_eq!(decode(text).as_deref(), expected, "{text}");
        }
    }
}
