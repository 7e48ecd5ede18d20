//! Values of the wrong type, constants and enumerations.

use serde_json::{Value as Json, json};

use super::{Mutator, Position};
use crate::equal;
use crate::schema::Schema;

/// A string that no enumeration lists.
const UNKNOWN: &str = "unknown";

/// The number of wrong types that are tried at nested places.
const FEW: usize = 2;

/// A value of each type: the name, the types that the value has, and the value.
fn value_of_each_type() -> [(&'static str, &'static [&'static str], Json); 7] {
    [
        ("null", &["null"], Json::Null),
        ("a fraction", &["number"], json!(1.5)),
        ("a text", &["string"], json!("x")),
        ("true", &["boolean"], json!(true)),
        ("an integer", &["integer", "number"], json!(7)),
        ("a list", &["array"], json!([])),
        ("an object", &["object"], json!({})),
    ]
}

impl<'s> Mutator<'s, '_> {
    /// Replaces the value with a value of each wrong type, and with values that are nearly a constant.
    pub(super) fn wrong_types(&mut self, schema: Schema<'s>, position: &Position) {
        let allowed = schema.texts("type");
        let values = schema.constants();
        let mut left = if position.is_deep() { FEW } else { usize::MAX };
        for (label, names, value) in value_of_each_type() {
            if left == 0 {
                break;
            }
            let has_type = allowed.iter().any(|name| names.contains(name));
            let is_value = values.iter().any(|(_, constant)| equal(constant, &value));
            let keyword = match (&allowed[..], values.first()) {
                ([], None) if schema.get("oneOf").is_some() => "oneOf",
                ([], None) if schema.get("anyOf").is_some() => "anyOf",
                ([_, ..], _) if !has_type => "type",
                (_, Some((keyword, _))) if !is_value => keyword,
                _ => continue,
            };
            left -= 1;
            if position.shared || keyword.ends_with("Of") {
                self.undecided(position, label, value, keyword);
            } else {
                self.broken(position, label, value, keyword);
            }
        }
        if allowed.contains(&"null") && values.is_empty() {
            self.valid(position, "null", Json::Null);
        }
        if allowed.contains(&"boolean") && values.is_empty() {
            self.valid(position, "true", json!(true));
            self.valid(position, "false", json!(false));
        }
        self.constants(&values, position);
    }

    fn constants(&mut self, values: &[(&'static str, &'s Json)], position: &Position) {
        let is_value = |json: &Json| values.iter().any(|(_, constant)| equal(constant, json));
        for (keyword, constant) in values {
            if *keyword == "enum" {
                self.valid(position, &constant.to_string(), (*constant).clone());
            }
            for other in near_values(constant) {
                if !is_value(&other) && position.shared {
                    self.undecided(position, &other.to_string(), other, keyword);
                } else if !is_value(&other) {
                    self.broken(position, &other.to_string(), other, keyword);
                }
            }
        }
    }
}

/// Values that are nearly a constant.
fn near_values(constant: &Json) -> Vec<Json> {
    match constant {
        Json::Bool(value) => vec![json!(!value)],
        Json::Number(number) => number
            .as_f64()
            .map(|number| json!(number + 1.0))
            .into_iter()
            .collect(),
        Json::String(text) => vec![
            json!(UNKNOWN),
            json!(""),
            json!(format!("{text} ")),
            json!(text.to_uppercase()),
            json!({ text: null }),
        ],
        Json::Array(items) => vec![Json::Array(
            items.iter().cloned().chain([Json::Null]).collect(),
        )],
        Json::Object(members) => {
            let mut members = members.clone();
            members.insert(UNKNOWN.to_owned(), Json::Null);
            vec![Json::Object(members)]
        }
        Json::Null => Vec::new(),
    }
}
