//! The numbers at the limits of a range.

use serde_json::Value as Json;

use super::schema::Schema;

/// The number keywords of a schema.
pub(super) struct Numbers<'s> {
    schema: Schema<'s>,
    whole: bool,
}

/// An end of a range.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Least,
    Greatest,
}

/// The numbers at an end of a range.
pub(super) struct Edge {
    /// The keyword that sets the limit.
    pub(super) keyword: &'static str,
    /// The last number inside the range.
    pub(super) inside: Json,
    /// The first number outside the range.
    pub(super) outside: Json,
}

impl<'s> Numbers<'s> {
    pub(super) fn new(schema: Schema<'s>) -> Self {
        let types = schema.texts("type");
        let whole = types.contains(&"integer") && !types.contains(&"number");
        Self { schema, whole }
    }

    /// The limit at an end, if the range has a limit there.
    pub(super) fn edge(&self, end: End) -> Option<Edge> {
        let (inclusive, exclusive) = match end {
            End::Least => ("minimum", "exclusiveMinimum"),
            End::Greatest => ("maximum", "exclusiveMaximum"),
        };
        let at = |keyword| self.schema.get(keyword).filter(|bound| bound.is_number());
        match (at(inclusive), at(exclusive)) {
            (Some(bound), None) => self.inclusive(inclusive, bound, end),
            (None, Some(bound)) => self.exclusive(exclusive, bound, end),
            _ => None,
        }
    }

    fn inclusive(&self, keyword: &'static str, bound: &Json, end: End) -> Option<Edge> {
        let (inside, outside) = if self.whole {
            let last = last_whole(bound, end)?;
            (integer(last), beyond(last, end))
        } else {
            (bound.clone(), step(bound.as_f64()?, outwards(end)))
        };
        Some(Edge {
            keyword,
            inside,
            outside,
        })
    }

    fn exclusive(&self, keyword: &'static str, bound: &Json, end: End) -> Option<Edge> {
        if !self.whole {
            let inside = step(bound.as_f64()?, !outwards(end));
            return Some(Edge {
                keyword,
                inside,
                outside: bound.clone(),
            });
        }
        let last = last_whole(bound, end)?;
        let is_bound = whole(bound) == Some(last);
        let last = if is_bound { last - sign(end) } else { last };
        Some(Edge {
            keyword,
            inside: integer(last),
            outside: beyond(last, end),
        })
    }

    /// A number inside the range. It satisfies `multipleOf` if such a number is easy to find.
    pub(super) fn some(&self) -> Json {
        let least = self.edge(End::Least).map(|edge| edge.inside);
        let greatest = self.edge(End::Greatest).map(|edge| edge.inside);
        let factor = self.schema.get("multipleOf").and_then(whole);
        let zero = Json::from(0);
        let above = least
            .as_ref()
            .and_then(Json::as_f64)
            .is_none_or(|least| least <= 0.0);
        let below = greatest
            .as_ref()
            .and_then(Json::as_f64)
            .is_none_or(|most| most >= 0.0);
        let nearest = match (above, below) {
            (true, true) => return zero,
            (false, _) => least.unwrap_or(zero),
            (true, false) => greatest.unwrap_or(zero),
        };
        match (whole(&nearest), factor) {
            (Some(number), Some(factor)) if number > 0 && factor > 0 => {
                integer((number + factor - 1) / factor * factor)
            }
            (Some(number), Some(factor)) if factor > 0 => integer(number / factor * factor),
            _ => nearest,
        }
    }
}

/// Whether the numbers beyond this end are greater.
fn outwards(end: End) -> bool {
    end == End::Greatest
}

fn sign(end: End) -> i128 {
    if outwards(end) { 1 } else { -1 }
}

/// The number as an integer, if it is an integer.
pub(super) fn whole(number: &Json) -> Option<i128> {
    let exact = number
        .as_u64()
        .map(i128::from)
        .or_else(|| number.as_i64().map(i128::from));
    exact.or_else(|| {
        let float = number.as_f64().filter(|float| float.fract() == 0.0)?;
        format!("{float:.0}").parse().ok()
    })
}

/// The last integer that is not beyond a limit.
fn last_whole(bound: &Json, end: End) -> Option<i128> {
    whole(bound).or_else(|| {
        let float = bound.as_f64()?;
        let float = if outwards(end) {
            float.floor()
        } else {
            float.ceil()
        };
        format!("{float:.0}").parse().ok()
    })
}

/// An integer as JSON. An integer beyond 64 bits becomes the nearest float.
fn integer(number: i128) -> Json {
    let unsigned = u64::try_from(number).map(Json::from);
    unsigned
        .or_else(|_| i64::try_from(number).map(Json::from))
        .unwrap_or_else(|_| {
            format!("{number}.0")
                .parse::<f64>()
                .map_or(Json::Null, Json::from)
        })
}

/// The first number beyond an integer that JSON parsers distinguish from it.
fn beyond(last: i128, end: End) -> Json {
    let next = integer(last + sign(end));
    match whole(&next) {
        Some(number) if number != last => next,
        _ => step(next.as_f64().unwrap_or(0.0), outwards(end)),
    }
}

/// The next float above or below.
fn step(from: f64, up: bool) -> Json {
    Json::from(if up { from.next_up() } else { from.next_down() })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::schema::Documents;
    use natsgen::Schemas;
    use natsgen::internal;
    use natsgen::model::Source;

    #[test]
    fn edge_is_last_inside_and_first_outside() {
        let check = |schema: Json, end: End, inside: Json, outside: Json| {
            let schemas = Schemas::from_texts([("a.json", schema.to_string())]);
            let parsed = internal::documents(&schemas);
            let documents = Documents::new(&parsed);
            let source = Source {
                file: "a.json".to_owned(),
                pointer: String::new(),
            };
            let edge = documents
                .at(&source)
                .and_then(|schema| Numbers::new(schema).edge(end));
            let edge = edge.map(|edge| (edge.inside, edge.outside));
            assert_eq!(edge, Some((inside, outside)), "{schema}");
        };
        let integer = |keyword: &str, bound: Json| json!({ "type": "integer", keyword: bound });
        check(
            integer("minimum", json!(0)),
            End::Least,
            json!(0),
            json!(-1),
        );
        check(
            integer("maximum", json!(7)),
            End::Greatest,
            json!(7),
            json!(8),
        );
        check(
            integer("exclusiveMaximum", json!(7)),
            End::Greatest,
            json!(6),
            json!(7),
        );
        check(
            integer("exclusiveMinimum", json!(1.5)),
            End::Least,
            json!(2),
            json!(1),
        );
        check(
            integer("maximum", json!(u64::MAX)),
            End::Greatest,
            json!(u64::MAX),
            json!(18_446_744_073_709_551_616.0),
        );
        check(
            integer("minimum", json!(i64::MIN)),
            End::Least,
            json!(i64::MIN),
            json!(-9_223_372_036_854_777_856.0),
        );
        let number = |keyword: &str, bound: Json| json!({ "type": "number", keyword: bound });
        check(
            number("minimum", json!(1.0)),
            End::Least,
            json!(1.0),
            json!(0.999_999_999_999_999_9),
        );
        check(
            number("exclusiveMinimum", json!(0)),
            End::Least,
            json!(5e-324),
            json!(0),
        );
    }
}
