//! Values of the wrong type, constants and enumerations.

use serde_json::{Value as Json, json};

use super::{Spot, Walk};
use crate::equal;
use crate::schema::Schema;

/// A string that no enumeration lists.
const UNKNOWN: &str = "unknown";

/// The number of wrong types that are tried at nested places.
const FEW: usize = 2;

/// A value of each type: the name, the types that the value has, and the value.
fn kinds() -> [(&'static str, &'static [&'static str], Json); 7] {
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

impl<'s> Walk<'s, '_> {
    /// Replaces the value with a value of each wrong type, and with values that are nearly a constant.
    pub(super) fn kinds(&mut self, schema: Schema<'s>, spot: &Spot) {
        let allowed = schema.texts("type");
        let values = schema.constants();
        let mut left = if spot.is_deep() { FEW } else { usize::MAX };
        for (what, names, value) in kinds() {
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
            if spot.shared || keyword.ends_with("Of") {
                self.open(spot, what, value, keyword);
            } else {
                self.broken(spot, what, value, keyword);
            }
        }
        if allowed.contains(&"null") && values.is_empty() {
            self.valid(spot, "null", Json::Null);
        }
        if allowed.contains(&"boolean") && values.is_empty() {
            self.valid(spot, "true", json!(true));
            self.valid(spot, "false", json!(false));
        }
        self.constants(&values, spot);
    }

    fn constants(&mut self, values: &[(&'static str, &'s Json)], spot: &Spot) {
        let is_value = |json: &Json| values.iter().any(|(_, constant)| equal(constant, json));
        for (keyword, constant) in values {
            if *keyword == "enum" {
                self.valid(spot, &constant.to_string(), (*constant).clone());
            }
            for other in others(constant) {
                if !is_value(&other) && spot.shared {
                    self.open(spot, &other.to_string(), other, keyword);
                } else if !is_value(&other) {
                    self.broken(spot, &other.to_string(), other, keyword);
                }
            }
        }
    }
}

/// Values that are nearly a constant.
fn others(constant: &Json) -> Vec<Json> {
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
