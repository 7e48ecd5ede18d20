//! Places of documents where byte-level cases differ from the document.

use std::collections::BTreeMap;

use natsgen::internal::escape;
use natsgen::model::TypeDef;
use serde_json::{Map, Value as Json, json};

use super::segment::{Segment, merged};
use super::{Case, document, literal};
use crate::case::Corpus;
use crate::reference_validator::TypeValidator;

/// The text that marks a place in a document.
const MARK: &str = "natsgen-place";

/// The maximal length of a document that is searched.
const LONGEST_DOCUMENT: usize = 400;

/// The maximal number of documents of a message that are searched.
const DOCUMENTS: usize = 4;

/// A document with a place whose text differs between cases.
pub(super) struct Place<'a> {
    pub(super) corpus: &'a Corpus,
    pub(super) def: &'a TypeDef,
    kind: Kind,
    /// The pointer of the value; for keys, of their object.
    pointer: String,
    before: String,
    after: String,
}

/// The kinds of places.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// The whole document: an object with at least two members.
    Document,
    /// A value that may be any JSON value.
    Any,
    /// A string without constraints on its characters.
    Text,
    /// An integer of 64 bits without sign.
    Integer,
    /// A number.
    Number,
    /// The key of a map.
    Key,
    /// A member that a reader ignores.
    Ignored,
    /// The key of such a member.
    IgnoredKey,
}

impl Kind {
    const ALL: [Self; 8] = [
        Self::Document,
        Self::Any,
        Self::Text,
        Self::Integer,
        Self::Number,
        Self::Key,
        Self::Ignored,
        Self::IgnoredKey,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Document => "document",
            Self::Any => "any value",
            Self::Text => "string",
            Self::Integer => "integer",
            Self::Number => "number",
            Self::Key => "key",
            Self::Ignored => "ignored member",
            Self::IgnoredKey => "key of an ignored member",
        }
    }
}

impl Place<'_> {
    /// All cases at this place.
    pub(super) fn cases(&self) -> Vec<Case> {
        let literals = match self.kind {
            Kind::Document => document::literals(&self.before),
            Kind::Any => literal::values(&self.pointer),
            Kind::Text => literal::strings(),
            Kind::Integer => literal::integers(&self.pointer),
            Kind::Number => literal::numbers(&self.pointer),
            Kind::Key => literal::keys(&self.pointer),
            Kind::Ignored => literal::ignored_values(),
            Kind::IgnoredKey => literal::ignored_keys(),
        };
        let cases = literals.into_iter().map(|case| {
            let bytes = if self.kind == Kind::Document {
                merged(case.bytes)
            } else {
                let before = [Segment::text(self.before.as_str())];
                let after = [Segment::text(self.after.as_str())];
                merged(before.into_iter().chain(case.bytes).chain(after))
            };
            Case {
                name: format!("{}: {}", self.kind.name(), case.name),
                bytes,
                ..case
            }
        });
        cases.collect()
    }

    fn length(&self) -> usize {
        self.before.len() + self.after.len()
    }
}

/// Searches the documents of a message for places.
pub(super) struct Search<'a, 'v> {
    corpus: &'a Corpus,
    def: &'a TypeDef,
    validator: &'v TypeValidator,
    written: &'v dyn Fn(&Json) -> Json,
}

impl<'a, 'v> Search<'a, 'v> {
    pub(super) fn new(
        corpus: &'a Corpus,
        def: &'a TypeDef,
        validator: &'v TypeValidator,
        written: &'v dyn Fn(&Json) -> Json,
    ) -> Self {
        Self {
            corpus,
            def,
            validator,
            written,
        }
    }

    /// Adds the places that no shorter document has.
    pub(super) fn collect(&self, places: &mut BTreeMap<&'static str, Place<'a>>) {
        let valid = self.corpus.valid.iter();
        let small = valid.filter(|valid| {
            valid.repeat.is_none() && valid.document.to_string().len() <= LONGEST_DOCUMENT
        });
        for valid in small.take(DOCUMENTS) {
            for pointer in pointers(&valid.document) {
                let at = Position {
                    search: self,
                    document: &valid.document,
                    pointer: &pointer,
                };
                for kind in Kind::ALL {
                    let Some(place) = at.place(kind) else {
                        continue;
                    };
                    let known = places.get(kind.name());
                    if known.is_none_or(|known| place.length() < known.length()) {
                        places.insert(kind.name(), place);
                    }
                }
            }
        }
    }
}

/// A position in a valid document.
struct Position<'s, 'a, 'v> {
    search: &'s Search<'a, 'v>,
    document: &'s Json,
    pointer: &'s str,
}

impl<'a> Position<'_, 'a, '_> {
    /// The place here, if it is of this kind.
    fn place(&self, kind: Kind) -> Option<Place<'a>> {
        let (before, after) = if kind == Kind::Document {
            let is_plain = self.pointer.is_empty() && self.members()?.len() > 1;
            let is_unchanged = (self.search.written)(self.document) == *self.document;
            (is_plain && is_unchanged).then(|| (self.document.to_string(), String::new()))?
        } else {
            let text = self.replaced(&self.marked(kind)?).to_string();
            let (before, after) = text.split_once(&json!(MARK).to_string())?;
            (before.to_owned(), after.to_owned())
        };
        Some(Place {
            corpus: self.search.corpus,
            def: self.search.def,
            kind,
            pointer: self.pointer.to_owned(),
            before,
            after,
        })
    }

    /// The value here with a mark, if the place is of this kind.
    fn marked(&self, kind: Kind) -> Option<Json> {
        let accepts = |value: &Json| self.accepts(value);
        let mark = |is_such: bool| is_such.then(|| json!(MARK));
        match kind {
            Kind::Document => None,
            Kind::Any => {
                let any = [
                    json!(null),
                    json!("\u{0}"),
                    json!(-0.5),
                    json!([{ "": [] }]),
                ];
                mark(any.iter().all(|value| accepts(value) && self.keeps(value)))
            }
            Kind::Text => {
                let texts = ["", "\u{0}", "\u{e9} \u{1f600}", MARK];
                mark(!accepts(&json!(0)) && texts.iter().all(|text| accepts(&json!(text))))
            }
            Kind::Integer => {
                let wrong = [json!(-1), json!(0.5)];
                let is_integer = accepts(&json!(0)) && accepts(&json!(u64::MAX));
                mark(is_integer && !wrong.iter().any(accepts))
            }
            Kind::Number => {
                let numbers = [json!(0.5), json!(0), json!(1e300)];
                mark(!accepts(&json!("")) && numbers.iter().all(accepts))
            }
            Kind::Key => {
                let map = json!({ "": 0, "\u{0}\u{e9}": 0, "__proto__": 0 });
                self.members()?;
                // A value that may also be a string is no map.
                let is_map = accepts(&map) && self.keeps(&map) && !accepts(&json!(""));
                is_map.then(|| json!({ MARK: 0 }))
            }
            Kind::Ignored => self.with_ignored("ignored", json!(MARK)),
            Kind::IgnoredKey => self.with_ignored(MARK, json!(0)),
        }
    }

    /// The object here with another member, if it ignores such members.
    fn with_ignored(&self, key: &str, value: Json) -> Option<Json> {
        let mut members = self.members()?.clone();
        members.insert(key.to_owned(), json!([{ "a": null }]));
        let more = Json::Object(members.clone());
        members.insert(key.to_owned(), value);
        (self.accepts(&more) && !self.keeps(&more)).then_some(Json::Object(members))
    }

    fn members(&self) -> Option<&Map<String, Json>> {
        self.document.pointer(self.pointer)?.as_object()
    }

    /// The document with another value here.
    fn replaced(&self, value: &Json) -> Json {
        let mut document = self.document.clone();
        if let Some(place) = document.pointer_mut(self.pointer) {
            *place = value.clone();
        }
        document
    }

    fn accepts(&self, value: &Json) -> bool {
        self.search.validator.accepts(&self.replaced(value))
    }

    /// Whether the value here is written as it is read.
    fn keeps(&self, value: &Json) -> bool {
        let document = self.replaced(value);
        (self.search.written)(&document).pointer(self.pointer) == Some(value)
    }
}

/// The pointers of all values of a document.
fn pointers(document: &Json) -> Vec<String> {
    let mut pointers = vec![String::new()];
    let mut add = |key: &str, value: &Json| {
        let nested = self::pointers(value);
        pointers.extend(
            nested
                .iter()
                .map(|pointer| format!("{}{pointer}", escape(key))),
        );
    };
    match document {
        Json::Object(members) => members.iter().for_each(|(key, value)| add(key, value)),
        Json::Array(items) => (0..)
            .zip(items)
            .for_each(|(at, value): (usize, _)| add(&at.to_string(), value)),
        _ => {}
    }
    pointers
}
