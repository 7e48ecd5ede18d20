//! The parts of JSON text, each as its own text. Nothing is decoded and encoded again.

use std::borrow::Cow;

use crate::codec::json::{Kind, Reader, Value};
use crate::codec::side::Side;

/// A member of an object: its name, and the text of its value.
pub(super) type Member<'a> = (Cow<'a, str>, &'a str);

/// The members of an object. Returns `None` if the text is not an object or not valid JSON.
pub(super) fn members(text: &str) -> Option<Vec<Member<'_>>> {
    let mut members = Vec::new();
    let mut reader = Reader::new(text, Side::Reply);
    let read = reader.object(|reader, name| {
        members.push((name, reader.raw()?));
        Ok(())
    });
    read.ok()?;
    reader.finish().ok()?;
    Some(members)
}

/// The items of an array. Returns `None` if the text is not an array or not valid JSON.
pub(super) fn items(text: &str) -> Option<Vec<&str>> {
    let mut items = Vec::new();
    let mut reader = Reader::new(text, Side::Reply);
    let read = reader.array(|reader, _| {
        items.push(reader.raw()?);
        Ok(())
    });
    read.ok()?;
    reader.finish().ok()?;
    Some(items)
}

/// The value at a path of names and indexes. Returns `None` if it is absent, a name on the path stands twice in its
/// object, or the text is not valid JSON.
pub(super) fn find<'a>(text: &'a str, path: &[String]) -> Option<&'a str> {
    let mut reader = Reader::new(text, Side::Reply);
    let mut value = reader.raw().ok()?;
    reader.finish().ok()?;
    for step in path {
        let kind = Reader::new(value, Side::Reply).peek().ok()?;
        value = if kind == Kind::Array {
            items(value)?.get(step.parse::<usize>().ok()?)?
        } else {
            let mut found = members(value)?.into_iter().filter(|(name, _)| name == step);
            let (_, value) = found.next()?;
            if found.next().is_some() {
                return None;
            }
            value
        };
    }
    Some(value)
}

/// Writes an object. The text of each value is not checked.
pub(super) fn object(
    members: impl IntoIterator<Item = (impl AsRef<str>, impl AsRef<str>)>,
) -> String {
    let mut text = "{".to_owned();
    for (name, value) in members {
        if text.len() > 1 {
            text.push(',');
        }
        text.push_str(&Value::from(name.as_ref()).to_string());
        text.push(':');
        text.push_str(value.as_ref());
    }
    text.push('}');
    text
}
