//! The parts of JSON text, each as its own text. Nothing is decoded and encoded again.

use std::borrow::Cow;

use crate::codec::json::{Kind, Reader, Value};
use crate::codec::side::Side;

/// The usual number of members of an object.
const FEW: usize = 8;

/// A member of an object: its name, and the text of its value.
pub(super) type Member<'a> = (Cow<'a, str>, &'a str);

/// The members of an object. Returns `None` if the text is not an object or not valid JSON.
pub(super) fn members(text: &str) -> Option<Vec<Member<'_>>> {
    let mut members = Vec::with_capacity(FEW);
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
    let Some((step, path)) = path.split_first() else {
        let mut reader = Reader::new(text, Side::Reply);
        let value = reader.raw().ok()?;
        return reader.finish().ok().map(|()| value);
    };
    let is_array = Reader::new(text, Side::Reply).peek().ok()? == Kind::Array;
    let value = if is_array {
        items(text)?.into_iter().nth(step.parse().ok()?)?
    } else {
        member(text, step)?
    };
    if path.is_empty() {
        return Some(value);
    }
    find(value, path)
}

/// The member of an object. Returns `None` if it is absent or stands twice, or the text is not valid JSON.
fn member<'a>(text: &'a str, searched: &str) -> Option<&'a str> {
    let (mut found, mut is_twice) = (None, false);
    let mut reader = Reader::new(text, Side::Reply);
    let read = reader.object(|reader, name| {
        if name != searched {
            return reader.skip();
        }
        is_twice |= found.replace(reader.raw()?).is_some();
        Ok(())
    });
    read.ok()?;
    reader.finish().ok()?;
    found.filter(|_| !is_twice)
}

/// Writes an object. The text of each value is not checked.
pub(super) fn object(members: &[Member<'_>]) -> String {
    let room = members
        .iter()
        .map(|(name, value)| name.len() + value.len() + "\"\":,".len());
    let mut text = String::with_capacity(room.sum::<usize>() + "{}".len());
    text.push('{');
    for (name, value) in members {
        if text.len() > 1 {
            text.push(',');
        }
        push_name(&mut text, name);
        text.push_str(value);
    }
    text.push('}');
    text
}

/// Appends the name of a member and a colon.
pub(super) fn push_name(text: &mut String, name: &str) {
    text.push_str(&Value::from(name).to_string());
    text.push(':');
}
