//! JSON values as text.

use std::fmt;

use super::object::AnyMap;
use super::value::AnyValue;
use super::writer::Writer;

impl<S: AsRef<str>> fmt::Display for AnyValue<S> {
    /// Writes compact JSON. A float that is not finite becomes `null`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(value) => value.fmt(f),
            Self::Number(number) => number.fmt(f),
            Self::Text(text) => write_text(f, text.as_ref()),
            Self::Array(items) => {
                f.write_str("[")?;
                for (index, item) in items.iter().enumerate() {
                    f.write_str(if index == 0 { "" } else { "," })?;
                    item.fmt(f)?;
                }
                f.write_str("]")
            }
            Self::Object(members) => members.fmt(f),
        }
    }
}

impl<S: AsRef<str>> fmt::Display for AnyMap<S> {
    /// Writes compact JSON. A float that is not finite becomes `null`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("{")?;
        for (index, (key, value)) in self.iter().enumerate() {
            f.write_str(if index == 0 { "" } else { "," })?;
            write_text(f, key)?;
            f.write_str(":")?;
            value.fmt(f)?;
        }
        f.write_str("}")
    }
}

fn write_text(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    let mut writer = Writer::default();
    writer.text(text);
    f.write_str(&String::from_utf8_lossy(writer.as_bytes()))
}
