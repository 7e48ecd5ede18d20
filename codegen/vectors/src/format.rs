//! Valid and nearly valid strings of each format.

/// Strings for a format.
pub(super) struct Cases {
    /// Strings that have the format.
    pub(super) valid: &'static [&'static str],
    /// Strings that nearly have the format.
    pub(super) invalid: &'static [&'static str],
}

/// Each format with its valid and its invalid strings.
const CASES: [(&str, &[&str], &[&str]); 19] = [
    (
        "date-time",
        &[
            "2026-01-01T00:00:00Z",
            "2024-02-29T23:59:59.123456789+14:00",
            "1998-12-31T23:59:60Z",
        ],
        &[
            "2026-01-01",
            "2026-02-29T00:00:00Z",
            "2026-01-01T24:00:00Z",
            "2026-01-01T00:00:00",
            "2026-01-01 00:00:00Z",
        ],
    ),
    (
        "date",
        &["2026-01-01", "2024-02-29"],
        &["2026-02-29", "2026-13-01", "26-01-01", "20260101"],
    ),
    (
        "time",
        &["00:00:00Z", "23:59:59.5+01:00"],
        &["24:00:00Z", "00:00:00", "00:60:00Z", "0:00:00Z"],
    ),
    (
        "duration",
        &["PT0S", "P1Y2M3DT4H5M6S", "P4W"],
        &["P", "PT", "1D", "P1D2Y", "P1Y2W"],
    ),
    (
        "email",
        &["a@example.com", "a.b+c@example.com"],
        &["example.com", "a@", "@example.com", "a b@example.com"],
    ),
    (
        "idn-email",
        &["a@example.com", "\u{c5}@example.com"],
        &["example.com", "@example.com"],
    ),
    (
        "hostname",
        &["example.com", "a-b.example"],
        &["-a.example", "a_b.example", "", "a..b"],
    ),
    (
        "idn-hostname",
        &["example.com", "b\u{fc}cher.example"],
        &["-a.example", "a b"],
    ),
    (
        "ipv4",
        &["127.0.0.1", "255.255.255.255"],
        &["256.0.0.1", "1.2.3", "01.2.3.4", "1.2.3.4.5"],
    ),
    (
        "ipv6",
        &["::1", "2001:db8::192.0.2.1"],
        &["1::2::3", "12345::", "::1%eth0", "127.0.0.1"],
    ),
    (
        "uri",
        &["https://example.com/a?b#c", "urn:a:b"],
        &["/a", "a b:c", "https://example.com/<>", "//example.com"],
    ),
    (
        "uri-reference",
        &["/a", "#b", "https://example.com"],
        &["\\a", "a b", "#<"],
    ),
    (
        "iri",
        &["https://example.com/\u{e9}", "urn:a:b"],
        &["/\u{e9}", "https://example.com/ "],
    ),
    (
        "iri-reference",
        &["/\u{e9}", "#\u{e9}"],
        &["\\\u{e9}", "a b"],
    ),
    (
        "uuid",
        &[
            "0195f3a0-7c1e-7b52-8a2e-0f6f6d1f9c11",
            "00000000-0000-0000-0000-000000000000",
            "0195F3A0-7C1E-7B52-8A2E-0F6F6D1F9C11",
        ],
        &[
            "0195f3a07c1e7b528a2e0f6f6d1f9c11",
            "0195f3a0-7c1e-7b52-8a2e-0f6f6d1f9c1",
            "0195f3a0-7c1e-7b52-8a2e-0f6f6d1f9c1g",
            "{0195f3a0-7c1e-7b52-8a2e-0f6f6d1f9c11}",
            "",
        ],
    ),
    (
        "uri-template",
        &["https://example.com/{a}", ""],
        &["{a", "a}"],
    ),
    ("json-pointer", &["", "/a/~0~1"], &["a", "/~2", "/~"]),
    (
        "relative-json-pointer",
        &["0", "1/a", "0#"],
        &["/a", "01/a", "-1"],
    ),
    ("regex", &["^a+$", "[a-z]"], &["(", "^(a", "[z-a]"]),
];

/// The strings for a format. Returns `None` for a format that is not asserted.
pub(super) fn cases(format: &str) -> Option<Cases> {
    let found = CASES.iter().find(|(name, ..)| *name == format);
    found.map(|&(_, valid, invalid)| Cases { valid, invalid })
}
