//! Formats: the values of `format` that are asserted.

use crate::diagnostic::text::{listed, nearest, quoted};
use crate::diagnostic::{Code, Problem};
use crate::model::Format;

/// The formats that the runtime asserts.
const ASSERTED: [(&str, Format); 19] = [
    ("date-time", Format::DateTime),
    ("date", Format::Date),
    ("time", Format::Time),
    ("duration", Format::Duration),
    ("email", Format::Email),
    ("idn-email", Format::IdnEmail),
    ("hostname", Format::Hostname),
    ("idn-hostname", Format::IdnHostname),
    ("ipv4", Format::Ipv4),
    ("ipv6", Format::Ipv6),
    ("uri", Format::Uri),
    ("uri-reference", Format::UriReference),
    ("iri", Format::Iri),
    ("iri-reference", Format::IriReference),
    ("uuid", Format::Uuid),
    ("uri-template", Format::UriTemplate),
    ("json-pointer", Format::JsonPointer),
    ("relative-json-pointer", Format::RelativeJsonPointer),
    ("regex", Format::Regex),
];
/// Formats with which other generators declare the width of a number. They assert nothing.
const WIDTHS: [&str; 14] = [
    "int", "int8", "int16", "int32", "int64", "int128", "uint", "uint8", "uint16", "uint32",
    "uint64", "uint128", "float", "double",
];

/// The format of this name. Returns `None` if the format only declares the width of a number.
///
/// # Errors
///
/// Fails if the format is not asserted, with the diagnostic.
pub(crate) fn asserted(name: &str) -> Result<Option<Format>, Problem> {
    if let Some((_, format)) = ASSERTED.iter().find(|(known, _)| *known == name) {
        return Ok(Some(*format));
    }
    if is_width(name) {
        return Ok(None);
    }
    let names = ASSERTED.map(|(known, _)| known);
    let help = match nearest(name, names) {
        Some(near) => format!("did you mean {}?", quoted(near)),
        None => format!("remove it, or choose one of {}", listed(&names)),
    };
    let message = format!("unknown format {}", quoted(name));
    Err(Problem::new(Code::UnknownFormat, message, help))
}

/// Whether the format only declares the width of a number.
pub(crate) fn is_width(name: &str) -> bool {
    WIDTHS.contains(&name)
}
