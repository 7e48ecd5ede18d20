//! Assertions: JSON Schema keywords that a Rust type cannot hold, and the validator for them.
//!
//! An [`Assertion`] is a whole JSON Schema (draft 2020-12) with its references resolved. Generated code writes assertions
//! as statics, which may refer to each other in circles:
//!
//! ```
//! use natsgen_runtime::{Value, regex};
//! use natsgen_runtime::assertion::{Assertion, Decimal, Keyword, Type};
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
//!
//! An assertion can also be built at run time over data with any lifetime. [`Keyword::Forward`] refers to an assertion
//! that is set later:
//!
//! ```
//! use std::sync::OnceLock;
//!
//! use natsgen_runtime::Value;
//! use natsgen_runtime::assertion::{Assertion, Keyword, Type};
//!
//! let list = OnceLock::new();
//! let next = [Keyword::Forward(&list)];
//! let members = [("next", Assertion::new(&next))];
//! let keywords = [Keyword::Type(&[Type::Object]), Keyword::Properties(&members)];
//! let list = list.get_or_init(|| Assertion::new(&keywords));
//!
//! let value: Value = r#"{"next": {"next": 1}}"#.parse()?;
//! let violation = list.validate(&value.borrowed()).unwrap_err();
//! assert_eq!(violation.to_string(), "expected an object at /next/next");
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

pub use constant::{Constant, ConstantCache};
pub use decimal::Decimal;
pub use keyword::{Keyword, Type};
pub use regex::{Regex, RegexCache};

use crate::codec::json::ValueRef;
use crate::codec::violation::Violation;

use self::validator::Validator;

/// A schema: a value is valid if all of its keywords are.
#[derive(Debug)]
pub struct Assertion<'s> {
    /// Keywords in the order of validation. `unevaluated*` come last, because they depend on the other keywords.
    keywords: &'s [Keyword<'s>],
    /// The schema resource of this assertion, if a `$dynamicRef` may look for an anchor in it.
    resource: Option<&'s Resource<'s>>,
}

/// A schema resource: a document, or a part of one with an `$id` of its own.
#[derive(Debug)]
pub struct Resource<'s> {
    /// Its `$dynamicAnchor`s and the assertions that they name.
    pub anchors: &'s [(&'s str, &'s Assertion<'s>)],
}

impl<'s> Assertion<'s> {
    /// The assertion with these keywords.
    #[must_use]
    pub const fn new(keywords: &'s [Keyword<'s>]) -> Self {
        Self {
            keywords,
            resource: None,
        }
    }

    /// The same assertion as a part of `resource`.
    #[must_use]
    pub const fn within(self, resource: &'s Resource<'s>) -> Self {
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
    /// most 512 nested assertions.
    ///
    /// # Errors
    /// The first violation: the pointer of the invalid value and what is expected there, never the value itself. If a
    /// bound is exceeded, the pointer is empty, because the value's validity is unknown.
    pub fn validate(&self, json: &ValueRef<'_>) -> Result<(), Violation> {
        Validator::new(json).run(self, json)
    }
}
