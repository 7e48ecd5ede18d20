//! Assertions: what a schema asks for beyond what its Rust type holds, as static data, and the validate that reads them.
//!
//! A assertion is a whole JSON Schema (draft 2020-12) with its references resolved. Generated code writes assertions as statics,
//! which may refer to each other in circles:
//!
//! ```
//! use natsgen_runtime::{Value, regex};
//! use natsgen_runtime::assertion::{Decimal, Keyword, Assertion, Type};
//!
//! static TREE: Assertion = Assertion::new(&[
//!     Keyword::Type(&[Type::Object]),
//!     Keyword::Required(&["name"]),
//!     Keyword::Properties(&[
//!         ("name", Assertion::new(&[Keyword::Pattern(regex!("^[a-z]+$", "^[a-z]+$"))])),
//!         ("weight", Assertion::new(&[Keyword::Minimum(Decimal::new("0.5"))])),
//!         ("child", Assertion::new(&[Keyword::Ref(&TREE)])),
//!     ]),
//! ]);
//!
//! let oak: Value = r#"{"name": "oak", "child": {"name": "ash", "weight": 0.4}}"#.parse()?;
//! let violation = TREE.validate(&oak.borrowed()).unwrap_err();
//! assert_eq!(violation.to_string(), "expected a number from 0.5 at /child/weight");
//! # Ok::<(), natsgen_runtime::Violation>(())
//! ```

mod array;
mod combine;
mod constant;
mod decimal;
mod evaluated;
mod keyword;
mod number;
mod object;
mod reason;
mod regex;
mod scalar;
mod unique;
mod validator;

pub use constant::Constant;
pub use decimal::Decimal;
pub use keyword::{Keyword, Type};
#[doc(hidden)]
pub use regex::Compiled;
pub use regex::Regex;

use crate::Violation;
use crate::codec::json::ValueRef;

use self::validator::Validator;

/// A schema: all of its keywords must hold.
#[derive(Debug)]
pub struct Assertion {
    /// What must hold, in the order in which it is validated: `unevaluated*` last, because they ask what the others saw.
    keywords: &'static [Keyword],
    /// The schema resource that the assertion is part of, if a `$dynamicRef` may look for something in it.
    resource: Option<&'static Resource>,
}

/// A schema resource: a document, or a part of one with an `$id` of its own.
#[derive(Debug)]
pub struct Resource {
    /// Its `$dynamicAnchor`s and the assertions that they name.
    pub anchors: &'static [(&'static str, &'static Assertion)],
}

impl Assertion {
    /// The assertion that all these keywords hold.
    #[must_use]
    pub const fn new(keywords: &'static [Keyword]) -> Self {
        Self {
            keywords,
            resource: None,
        }
    }

    /// The same assertion as a part of `resource`.
    #[must_use]
    pub const fn within(self, resource: &'static Resource) -> Self {
        Self {
            keywords: self.keywords,
            resource: Some(resource),
        }
    }

    /// Whether this is the schema `false`.
    const fn is_never(&self) -> bool {
        matches!(self.keywords, [Keyword::Never])
    }

    /// Validates a value.
    ///
    /// The work is bounded: at most 100,000 steps and 100 for each value, member and 16 bytes of text in `json`, and at
    /// most 512 assertions inside each other.
    ///
    /// # Errors
    /// The first violation, with the pointer of the offending value and what is expected there, never the value itself.
    /// When a bound is exceeded, with pointer "", because then nothing is known of the value.
    pub fn validate(&'static self, json: &ValueRef<'_>) -> Result<(), Violation> {
        Validator::new(json).run(self, json)
    }
}
