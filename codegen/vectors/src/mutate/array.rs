//! Arrays: their items, their length, and `contains`.

use serde_json::Value as Json;

use super::{Mutator, Position};
use crate::sample::{Fill, distinct_items, sample};
use crate::schema::Schema;

/// The longest array that is written without a repetition.
const WRITTEN: usize = 8;

impl<'s> Mutator<'s, '_> {
    pub(super) fn array(&mut self, schema: Schema<'s>, position: &Position) {
        let Some(items) = position.value().as_array().cloned() else {
            return;
        };
        let first = schema.list("prefixItems");
        for (at, prefix) in first.iter().enumerate() {
            self.item(*prefix, position, &items, at);
        }
        if let Some(rest) = schema.subschema("items") {
            if rest.is_false() {
                let more = items
                    .iter()
                    .cloned()
                    .chain(vec![Json::Null; first.len() + 1]);
                self.undecided(
                    position,
                    "more items than there are schemas",
                    more.collect(),
                    "items",
                );
            } else {
                self.item(rest, position, &items, first.len());
            }
        }
        if first.is_empty() {
            self.lengths(schema, position);
        }
        if schema.get("uniqueItems") == Some(&Json::Bool(true)) {
            self.unique(schema, position);
        }
        if let Some(contained) = schema.subschema("contains") {
            self.contains(schema, contained, position);
        }
        if schema.get("unevaluatedItems").is_some() {
            let missing = (first.len() + 1).saturating_sub(items.len()).max(1);
            let more = items.iter().cloned().chain(vec![Json::Null; missing]);
            self.undecided(
                position,
                "an item without a schema",
                more.collect(),
                "unevaluatedItems",
            );
        }
    }

    /// The item at an index. A missing item is added.
    fn item(&mut self, item: Schema<'s>, position: &Position, items: &[Json], at: usize) {
        let mut items = items.to_vec();
        while items.len() <= at {
            let Some(json) = sample(item, Fill::Minimal) else {
                return;
            };
            items.push(json);
        }
        let position = position.with(Json::Array(items));
        if self.cases.accepts(&position.document) {
            self.valid(
                &position,
                &format!("an item {at}"),
                position.value().clone(),
            );
            self.schema(item, &position.child(&at.to_string()));
        }
    }

    /// Arrays with the allowed number of items, with an item less and with an item more.
    fn lengths(&mut self, schema: Schema<'s>, position: &Position) {
        let item = match schema.subschema("items") {
            Some(item) => sample(item, Fill::Minimal),
            None => Some(Json::Null),
        };
        let is_unique = schema.get("uniqueItems") == Some(&Json::Bool(true));
        let mut add = |count: usize, keyword: Option<&'static str>| {
            let label = format!("{count} items");
            let (value, times) = match &item {
                Some(item) if count <= 1 || !is_unique && count <= WRITTEN => {
                    (vec![item.clone(); count], None)
                }
                Some(item) if !is_unique => (vec![item.clone()], Some(count)),
                _ => match distinct_items(schema.subschema("items"), count) {
                    Some(items) => (items, None),
                    None => return,
                },
            };
            self.repeated(position, &label, Json::Array(value), times, keyword);
        };
        if let Some(min) = schema.count("minItems") {
            add(min, None);
            if let Some(fewer) = min.checked_sub(1) {
                add(fewer, Some("minItems"));
            }
        }
        if let Some(max) = schema.count("maxItems") {
            add(max, None);
            add(max + 1, Some("maxItems"));
        }
    }

    /// An array with a duplicate item.
    fn unique(&mut self, schema: Schema<'s>, position: &Position) {
        let item = match schema.subschema("items") {
            Some(item) => sample(item, Fill::Minimal),
            None => Some(Json::from(1)),
        };
        let Some(item) = item else { return };
        if let Some(float) = item.as_i64().and(item.as_f64()) {
            let twice = Json::Array(vec![item.clone(), Json::from(float)]);
            self.undecided(
                position,
                "the same number written twice",
                twice,
                "uniqueItems",
            );
        }
        self.undecided(
            position,
            "the same item twice",
            Json::Array(vec![item.clone(), item]),
            "uniqueItems",
        );
    }

    /// Arrays with too few and with too many items that match `contains`.
    fn contains(&mut self, schema: Schema<'s>, contained: Schema<'s>, position: &Position) {
        let Some(item) = sample(contained, Fill::Minimal) else {
            return;
        };
        let min = schema.count("minContains").unwrap_or(1);
        let max = schema.count("maxContains");
        self.undecided(
            position,
            "nothing that must be in it",
            Json::Array(Vec::new()),
            "contains",
        );
        for count in [min.saturating_sub(1), min]
            .into_iter()
            .chain(max)
            .chain(max.map(|max| max + 1))
        {
            let items = vec![item.clone(); count.min(WRITTEN)];
            self.undecided(
                position,
                &format!("{count} items that must be in it"),
                Json::Array(items),
                "contains",
            );
        }
        self.schema(contained, &position.unsure().child("0"));
    }
}
