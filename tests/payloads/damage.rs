//! Each way in which one place of a good request can be wrong.

use serde_json::{Value, json};

/// Stands in what is wrong: an error must not repeat it.
pub(super) const SENTINEL: &str = "sentinel";

/// Members under these names are data of the caller: any JSON is right there.
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

/// Takes any JSON itself.
const ANY: &str = "watermark_state";

/// A request with one thing wrong, and where.
pub(super) struct Damaged {
    pub(super) payload: String,
    pub(super) pointer: String,
}

/// All of them for one good request.
pub(super) fn damaged(good: &Value) -> Vec<Damaged> {
    let mut all = Vec::new();
    for pointer in places(good, "") {
        let found = good.pointer(&pointer).unwrap();
        for wrong in wrong_values(found) {
            let mut request = good.clone();
            *request.pointer_mut(&pointer).unwrap() = wrong;
            all.push(Damaged {
                payload: request.to_string(),
                pointer: pointer.clone(),
            });
        }
        let name = pointer.rsplit('/').next().unwrap_or_default();
        if let (Value::Object(members), false) = (found, FREE.contains(&name)) {
            for key in members.keys() {
                all.extend(without(good, &pointer, key));
                all.push(twice(good, &pointer, key));
            }
        }
    }
    all
}

/// Pointers to all places whose type the schema fixes.
fn places(value: &Value, pointer: &str) -> Vec<String> {
    let mut found = vec![pointer.to_owned()];
    match value {
        Value::Object(members) => {
            for (key, value) in members.iter().filter(|(key, _)| *key != ANY) {
                let pointer = format!("{pointer}/{key}");
                if FREE.contains(&key.as_str()) {
                    found.push(pointer);
                } else {
                    found.extend(places(value, &pointer));
                }
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                found.extend(places(item, &format!("{pointer}/{index}")));
            }
        }
        _ => {}
    }
    found
}

/// Values of every other type, and what is not much beside the right type.
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
        // An object as the list of its values, which serde would take for a struct.
        Value::Object(members) => wrong.push(members.values().cloned().collect()),
        _ => {}
    }
    wrong
}

/// The request without one member, if that is wrong.
fn without(good: &Value, pointer: &str, key: &str) -> Option<Damaged> {
    let mut request = good.clone();
    let members = request.pointer_mut(pointer)?.as_object_mut()?;
    members.remove(key);
    (!OPTIONAL.contains(&key)).then(|| Damaged {
        payload: request.to_string(),
        pointer: pointer.to_owned(),
    })
}

/// The request with one member given twice, the second time with its key in other characters.
fn twice(good: &Value, pointer: &str, key: &str) -> Damaged {
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
    Damaged {
        payload,
        pointer: pointer.to_owned(),
    }
}
