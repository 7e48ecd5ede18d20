//! Enforced string formats.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

use iri_string::spec::{IriSpec, UriSpec};
use iri_string::validate;

mod email;
mod expression;
mod host;
mod pointer;
mod template;
mod time;

/// A string format that is enforced. The list contains all formats of JSON Schema draft 2020-12.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// A date and time of RFC 3339 section 5.6.
    DateTime,
    /// A date of RFC 3339 section 5.6.
    Date,
    /// A time of day with its offset from UTC, of RFC 3339 section 5.6.
    Time,
    /// A duration of RFC 3339 appendix A.
    Duration,
    /// A mail address of RFC 5321 section 4.1.2.
    Email,
    /// A mail address of RFC 6531.
    IdnEmail,
    /// A host name of RFC 1123 section 2.1, with punycode of RFC 5891.
    Hostname,
    /// A host name of RFC 5890 section 2.3.2.3.
    IdnHostname,
    /// An IPv4 address of RFC 2673 section 3.2.
    Ipv4,
    /// An IPv6 address of RFC 4291 section 2.2.
    Ipv6,
    /// A URI of RFC 3986.
    Uri,
    /// A URI or a relative reference of RFC 3986.
    UriReference,
    /// An IRI of RFC 3987.
    Iri,
    /// An IRI or a relative reference of RFC 3987.
    IriReference,
    /// A URI template of RFC 6570.
    UriTemplate,
    /// A UUID of RFC 4122, with hyphens, in any case.
    Uuid,
    /// A JSON pointer of RFC 6901.
    JsonPointer,
    /// A relative JSON pointer.
    RelativeJsonPointer,
    /// A regular expression of ECMA-262.
    Regex,
}

impl Format {
    /// Returns true if `text` has this format.
    #[must_use]
    pub fn accepts(self, text: &str) -> bool {
        match self {
            Self::DateTime => time::is_date_time(text),
            Self::Date => time::is_date(text),
            Self::Time => time::is_time(text),
            Self::Duration => time::is_duration(text),
            Self::Email => text.is_ascii() && email::is_address(text, host::is_name),
            Self::IdnEmail => email::is_address(text, host::is_unicode_name),
            Self::Hostname => host::is_name(text),
            Self::IdnHostname => host::is_unicode_name(text),
            Self::Ipv4 => text.parse::<Ipv4Addr>().is_ok(),
            Self::Ipv6 => text.parse::<Ipv6Addr>().is_ok(),
            Self::Uri => validate::iri::<UriSpec>(text).is_ok(),
            Self::UriReference => validate::iri_reference::<UriSpec>(text).is_ok(),
            Self::Iri => validate::iri::<IriSpec>(text).is_ok(),
            Self::IriReference => validate::iri_reference::<IriSpec>(text).is_ok(),
            Self::UriTemplate => template::is_template(text),
            Self::Uuid => is_uuid(text),
            Self::JsonPointer => pointer::is_pointer(text),
            Self::RelativeJsonPointer => pointer::is_relative(text),
            Self::Regex => expression::is_expression(text),
        }
    }
}

impl fmt::Display for Format {
    /// Writes a description of a string of this format, e.g. `a UUID`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::DateTime => "a date and time of RFC 3339",
            Self::Date => "a date of RFC 3339",
            Self::Time => "a time with its offset of RFC 3339",
            Self::Duration => "a duration of RFC 3339",
            Self::Email | Self::IdnEmail => "a mail address",
            Self::Hostname | Self::IdnHostname => "a host name",
            Self::Ipv4 => "an IPv4 address",
            Self::Ipv6 => "an IPv6 address",
            Self::Uri => "a URI",
            Self::UriReference => "a URI or a relative reference",
            Self::Iri => "an IRI",
            Self::IriReference => "an IRI or a relative reference",
            Self::UriTemplate => "a URI template",
            Self::Uuid => "a UUID",
            Self::JsonPointer => "a JSON pointer",
            Self::RelativeJsonPointer => "a relative JSON pointer",
            Self::Regex => "a regular expression",
        })
    }
}

fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(index, byte)| match index {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}
