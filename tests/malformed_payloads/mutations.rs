//! Mutations of a valid request: each has an error at a single place.

use serde_json::{Value, json};

/// The text inside wrong values. An error must not repeat it.
pub(super) const SENTINEL: &str = "sentinel";

/// Members with free data of the caller: any JSON is valid there.
const FREE: [&str; 8] = [
    "fields",
    "window_states",
    "sase_states",
    "join_states",
    "variables",
    "distinct_states",
    "limit_states",
    "source_offsets",
];

/// Members that may be absent.
const OPTIONAL: [&str; 6] = [
    "fields",
    "version",
    "watermark_state",
    "distinct_states",
    "limit_states",
    "source_offsets",
];

/// A member that may hold any JSON.
const ANY: &str = "watermark_state";

/// A request with an error, and the pointer to the error.
pub(super) struct Mutation {
    pub(super) payload: String,
    pub(super) pointer: String,
}

/// All mutations of a valid request.
pub(super) fn mutations_of(good: &Value) -> Vec<Mutation> {
    let mut all = Vec::new();
    for pointer in fixed_places(good, "") {
        let found = good.pointer(&pointer).unwrap();
        for wrong in wrong_values(found) {
            let mut request = good.clone();
            *request.pointer_mut(&pointer).unwrap() = wrong;
            all.push(Mutation {
                payload: request.to_string(),
                pointer: pointer.clone(),
            });
        }
        let name = pointer.rsplit('/').next().unwrap_or_default();
        if let (Value::Object(members), false) = (found, FREE.contains(&name)) {
            for key in members.keys() {
                all.extend(without(good, &pointer, key));
                all.push(duplicated(good, &pointer, key));
            }
        }
    }
    all
}

/// The pointers to all places with a type fixed by the schema.
fn fixed_places(value: &Value, pointer: &str) -> Vec<String> {
    let mut found = vec![pointer.to_owned()];
    match value {
        Value::Object(members) => {
            for (key, value) in members.iter().filter(|(key, _)| *key != ANY) {
                let pointer = format!("{pointer}/{key}");
                if FREE.contains(&key.as_str()) {
                    found.push(pointer);
                } else {
                    found.extend(fixed_places(value, &pointer));
                }
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                found.extend(fixed_places(item, &format!("{pointer}/{index}")));
            }
        }
        _ => {}
    }
    found
}

/// Values of every other type, and invalid values of the right type.
fn wrong_values(right: &Value) -> Vec<Value> {
    let kind = std::mem::discriminant(right);
    let mut wrong = vec![
        json!(null),
        json!(true),
        json!(false),
        json!(7),
        json!(SENTINEL),
        json!(""),
        json!([]),
        json!([SENTINEL]),
        json!({}),
        json!({ SENTINEL: SENTINEL }),
    ];
    wrong.retain(|value| std::mem::discriminant(value) != kind);
    match right {
        Value::Number(_) => wrong.extend([json!(-1), json!(1.5), json!(1e300), json!("7")]),
        // An object as the array of its values, which serde accepts as a struct.
        Value::Object(members) => wrong.push(members.values().cloned().collect()),
        _ => {}
    }
    wrong
}

/// The request without a member, if the member is required.
fn without(good: &Value, pointer: &str, key: &str) -> Option<Mutation> {
    let mut request = good.clone();
    let members = request.pointer_mut(pointer)?.as_object_mut()?;
    members.remove(key);
    (!OPTIONAL.contains(&key)).then(|| Mutation {
        payload: request.to_string(),
        pointer: pointer.to_owned(),
    })
}

/// The request with a duplicate member; the second key is written with an escape.
fn duplicated(good: &Value, pointer: &str, key: &str) -> Mutation {
    let mut request = good.clone();
    let members = request.pointer_mut(pointer).unwrap();
    let again = members[key].to_string();
    members[SENTINEL] = json!(SENTINEL);
    let escaped = format!("\\u{:04x}{}", key.as_bytes()[0], &key[1..]);
    let payload = request.to_string().replacen(
        &format!(r#""{SENTINEL}":"{SENTINEL}""#),
        &format!(r#""{escaped}":{again}"#),
        1,
    );
    Mutation {
        payload,
        pointer: pointer.to_owned(),
    }
}
