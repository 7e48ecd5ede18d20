//! Messages that are designed to cost more than their size.

/// About the size limit of a NATS message.
const SIZE: usize = 1_000_000;

/// A hostile message.
pub(super) struct Flood {
    pub(super) name: &'static str,
    pub(super) text: Vec<u8>,
    /// Whether the message must be accepted, because it violates neither the schema nor a limit.
    pub(super) is_valid: bool,
}

/// `part`, repeated up to the size.
fn many(part: &str) -> String {
    part.repeat(SIZE / part.len())
}

/// Numbered parts up to the size, separated by commas.
fn numbered(part: impl Fn(usize) -> String) -> String {
    let mut text = String::with_capacity(SIZE + 64);
    let mut number = 0;
    while text.len() < SIZE {
        if number > 0 {
            text.push(',');
        }
        text.push_str(&part(number));
        number += 1;
    }
    text
}

/// A batch with these events.
fn events(events: &str) -> String {
    format!(r#"{{"pipeline_id":"p","events":[{events}]}}"#)
}

/// A batch of a single event with these fields.
fn fields(fields: &str) -> String {
    events(&format!(r#"{{"event_type":"A","fields":{{{fields}}}}}"#))
}

/// A valid batch with unknown members.
fn beside(members: &str) -> String {
    format!(r#"{{{members},"pipeline_id":"p","events":[]}}"#)
}

/// A hostile message.
fn flood(name: &'static str, text: String, is_valid: bool) -> Flood {
    Flood {
        name,
        text: text.into_bytes(),
        is_valid,
    }
}

/// A member that no other number yields.
fn member(number: usize) -> String {
    format!(r#""k{number}":0"#)
}

/// Deep nesting.
fn nesting() -> Vec<Flood> {
    vec![
        flood("nesting", fields(&format!(r#""x":{}"#, many("["))), false),
        flood("nesting_objects", fields(&many(r#""x":{"#)), false),
        flood(
            "nesting_beside",
            beside(&format!(r#""x":{}"#, many("["))),
            false,
        ),
        flood(
            "nesting_wide",
            beside(&format!(
                r#""x":[{}]"#,
                numbered(|_| format!("{}{}", "[".repeat(100), "]".repeat(100)))
            )),
            true,
        ),
    ]
}

/// Long numbers.
fn numbers() -> Vec<Flood> {
    vec![
        flood("number", fields(&format!(r#""x":{}"#, many("1"))), false),
        flood(
            "number_fraction",
            fields(&format!(r#""x":0.{}"#, many("1"))),
            true,
        ),
        flood(
            "number_beside",
            beside(&format!(r#""x":0.{}"#, many("1"))),
            true,
        ),
        flood(
            "exponents",
            events(&numbered(|_| "1e999999999".to_owned())),
            false,
        ),
    ]
}

/// Long strings and keys.
fn texts() -> Vec<Flood> {
    vec![
        flood("text", fields(&format!(r#""x":"{}""#, many("x"))), true),
        flood(
            "text_escaped",
            fields(&format!(r#""x":"{}""#, many("\\u0041"))),
            true,
        ),
        flood(
            "text_line_feeds",
            fields(&format!(r#""x":"{}""#, many("\\n"))),
            true,
        ),
        flood(
            "text_too_long",
            events(&format!(
                r#"{{"event_type":"{}","fields":{{}}}}"#,
                many("x")
            )),
            false,
        ),
        flood(
            "text_beside",
            beside(&format!(r#""x":"{}""#, many("\u{e9}"))),
            true,
        ),
        flood("key", fields(&format!(r#""{}":0"#, many("x"))), true),
    ]
}

/// Many members.
fn members() -> Vec<Flood> {
    vec![
        flood(
            "duplicate_keys",
            fields(many(r#""x":0,"#).trim_end_matches(',')),
            false,
        ),
        flood(
            "duplicate_members",
            beside(many(r#""events":[],"#).trim_end_matches(',')),
            false,
        ),
        flood("fields", fields(&numbered(member)), false),
        flood(
            "fields_deeper",
            fields(&format!(r#""x":{{{}}}"#, numbered(member))),
            true,
        ),
        flood(
            "fields_deeper_twice",
            fields(&format!(r#""x":{{{},"k0":0}}"#, numbered(member))),
            false,
        ),
        flood("fields_beside", beside(&numbered(member)), true),
    ]
}

/// Many items, and white space.
fn items() -> Vec<Flood> {
    vec![
        flood(
            "values",
            fields(&format!(r#""x":[{}]"#, numbered(|_| "0".to_owned()))),
            true,
        ),
        flood(
            "values_beside",
            beside(&format!(r#""x":[{}]"#, numbered(|_| "{}".to_owned()))),
            true,
        ),
        flood("events", events(&numbered(|_| "{}".to_owned())), false),
        flood("spaces", beside(&format!(r#""x":{}0"#, many(" "))), true),
    ]
}

/// All hostile messages.
pub(super) fn all() -> Vec<Flood> {
    let groups = [nesting(), numbers(), texts(), members(), items()];
    groups.into_iter().flatten().collect()
}
