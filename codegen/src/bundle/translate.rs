//! Keywords of older dialects in 2020-12.

use serde_json::{Map, Value as Json};

/// Replaces the keywords that only older dialects have.
pub(super) fn newer(schema: &mut Map<String, Json>) {
    let additional = schema.shift_remove("additionalItems");
    if let Some(list) = schema.get_mut("items").filter(|items| items.is_array()) {
        let list = list.take();
        schema.shift_remove("items");
        schema.insert("prefixItems".to_owned(), list);
        if let Some(additional) = additional {
            schema.insert("items".to_owned(), additional);
        }
    }
    let Some(Json::Object(dependencies)) = schema.shift_remove("dependencies") else {
        return;
    };
    let (keys, schemas): (Map<String, Json>, _) = dependencies
        .into_iter()
        .partition(|(_, dependency)| dependency.is_array());
    for (keyword, members) in [("dependentRequired", keys), ("dependentSchemas", schemas)] {
        if !members.is_empty() {
            schema.insert(keyword.to_owned(), Json::Object(members));
        }
    }
}
