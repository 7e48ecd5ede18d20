//! URI references between schemas: RFC 3986, sections 2.1 and 5.2, with the characters of RFC 3987.

use iri_string::percent_encode::decode::decode_whatwg_bytes;
use iri_string::types::{IriAbsoluteStr, IriReferenceStr};

/// Resolves a reference against a base, both without fragment. Returns a reference that is not a URI unchanged.
pub(super) fn resolve(base: &str, reference: &str) -> String {
    match (IriAbsoluteStr::new(base), IriReferenceStr::new(reference)) {
        (Ok(base), Ok(reference)) => reference.resolve_against(base).to_string(),
        _ => reference.to_owned(),
    }
}

/// Splits a reference into the part before the fragment and the fragment, still encoded.
pub(super) fn split(reference: &str) -> (&str, &str) {
    reference.split_once('#').unwrap_or((reference, ""))
}

/// Whether a reference has a scheme.
pub(super) fn is_absolute(reference: &str) -> bool {
    IriReferenceStr::new(reference).is_ok_and(|reference| reference.scheme_str().is_some())
}

/// Decodes percent-encoded characters. Returns the text unchanged if the decoded text is not UTF-8.
pub(super) fn decode(text: &str) -> String {
    let decoded = decode_whatwg_bytes(text.as_bytes()).into_string();
    decoded.unwrap_or_else(|_| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reference_resolves_against_its_base() {
        let urn = "urn:example:foo-bar?+CCResolve:cc=uk";
        for (base, reference, expected) in [
            ("http://a/b/c/d;p?q", "../g?y", "http://a/b/g?y"),
            ("http://a", "b", "http://a/b"),
            (urn, "", urn),
            ("schema:/types/a.json", "../x/b.json", "schema:/x/b.json"),
            (
                "schema:/types/a.json",
                "größe.json",
                "schema:/types/größe.json",
            ),
            ("schema:/types/a.json", "not a uri", "not a uri"),
        ] {
            assert_eq!(resolve(base, reference), expected, "{reference}");
        }
        assert_eq!(split("a#/b#c"), ("a", "/b#c"));
    }

    #[test]
    fn uri_percent_encoding_is_decoded() {
        for (text, expected) in [
            ("%25", "%"),
            ("a%20b", "a b"),
            ("%C3%A4", "ä"),
            ("%zz", "%zz"),
            ("%ff", "%ff"),
        ] {
            assert_eq!(decode(text), expected, "{text}");
        }
    }
}
