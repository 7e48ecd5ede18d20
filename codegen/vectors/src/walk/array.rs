//! Arrays: their items, their length, and `contains`.

use serde_json::Value as Json;

use super::{Spot, Walk};
use crate::sample::{Fill, different, sample};
use crate::schema::Schema;

/// The longest array that is written without a repetition.
const WRITTEN: usize = 8;

impl<'s> Walk<'s, '_> {
    pub(super) fn array(&mut self, schema: Schema<'s>, spot: &Spot) {
        let Some(items) = spot.value().as_array().cloned() else {
            return;
        };
        let first = schema.list("prefixItems");
        for (at, prefix) in first.iter().enumerate() {
            self.item(*prefix, spot, &items, at);
        }
        if let Some(rest) = schema.under("items") {
            if rest.is_never() {
                let more = items
                    .iter()
                    .cloned()
                    .chain(vec![Json::Null; first.len() + 1]);
                self.open(
                    spot,
                    "more items than there are schemas",
                    more.collect(),
                    "items",
                );
            } else {
                self.item(rest, spot, &items, first.len());
            }
        }
        if first.is_empty() {
            self.lengths(schema, spot);
        }
        if schema.get("uniqueItems") == Some(&Json::Bool(true)) {
            self.unique(schema, spot);
        }
        if let Some(contained) = schema.under("contains") {
            self.contains(schema, contained, spot);
        }
        if schema.get("unevaluatedItems").is_some() {
            let missing = (first.len() + 1).saturating_sub(items.len()).max(1);
            let more = items.iter().cloned().chain(vec![Json::Null; missing]);
            self.open(
                spot,
                "an item without a schema",
                more.collect(),
                "unevaluatedItems",
            );
        }
    }

    /// The item at an index. A missing item is added.
    fn item(&mut self, item: Schema<'s>, spot: &Spot, items: &[Json], at: usize) {
        let mut items = items.to_vec();
        while items.len() <= at {
            let Some(json) = sample(item, Fill::Least) else {
                return;
            };
            items.push(json);
        }
        let spot = spot.with(Json::Array(items));
        if self.cases.accepts(&spot.document) {
            self.valid(&spot, &format!("an item {at}"), spot.value().clone());
            self.schema(item, &spot.child(&at.to_string()));
        }
    }

    /// Arrays with the allowed number of items, with an item less and with an item more.
    fn lengths(&mut self, schema: Schema<'s>, spot: &Spot) {
        let item = match schema.under("items") {
            Some(item) => sample(item, Fill::Least),
            None => Some(Json::Null),
        };
        let is_unique = schema.get("uniqueItems") == Some(&Json::Bool(true));
        let mut add = |count: usize, keyword: Option<&'static str>| {
            let what = format!("{count} items");
            let (value, times) = match &item {
                Some(item) if count <= 1 || !is_unique && count <= WRITTEN => {
                    (vec![item.clone(); count], None)
                }
                Some(item) if !is_unique => (vec![item.clone()], Some(count)),
                _ => match different(schema.under("items"), count) {
                    Some(items) => (items, None),
                    None => return,
                },
            };
            self.repeated(spot, &what, Json::Array(value), times, keyword);
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
    fn unique(&mut self, schema: Schema<'s>, spot: &Spot) {
        let item = match schema.under("items") {
            Some(item) => sample(item, Fill::Least),
            None => Some(Json::from(1)),
        };
        let Some(item) = item else { return };
        if let Some(float) = item.as_i64().and(item.as_f64()) {
            let twice = Json::Array(vec![item.clone(), Json::from(float)]);
            self.open(spot, "the same number written twice", twice, "uniqueItems");
        }
        self.open(
            spot,
            "the same item twice",
            Json::Array(vec![item.clone(), item]),
            "uniqueItems",
        );
    }

    /// Arrays with too few and with too many items that match `contains`.
    fn contains(&mut self, schema: Schema<'s>, contained: Schema<'s>, spot: &Spot) {
        let Some(item) = sample(contained, Fill::Least) else {
            return;
        };
        let min = schema.count("minContains").unwrap_or(1);
        let max = schema.count("maxContains");
        self.open(
            spot,
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
            self.open(
                spot,
                &format!("{count} items that must be in it"),
                Json::Array(items),
                "contains",
            );
        }
        self.schema(contained, &spot.unsure().child("0"));
    }
}
