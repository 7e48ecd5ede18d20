//! A regular expression of a schema.

use std::sync::OnceLock;

/// What an expression is compiled to; public for the macro alone.
#[doc(hidden)]
pub use ::regex::Regex as Compiled;

/// A regular expression, compiled when it is first used. [`regex!`](crate::regex!) makes one.
///
/// It finds something in time that is linear in the length of the text.
#[derive(Debug)]
pub struct Regex {
    source: &'static str,
    pattern: &'static str,
    compiled: &'static OnceLock<Option<Compiled>>,
}

impl Regex {
    /// The expression that the schema writes as `source`, and the crate `regex` as `pattern`, to be kept in `compiled`.
    #[doc(hidden)]
    #[must_use]
    pub const fn new(
        source: &'static str,
        pattern: &'static str,
        compiled: &'static OnceLock<Option<Compiled>>,
    ) -> Self {
        Self {
            source,
            pattern,
            compiled,
        }
    }

    /// The expression as the schema writes it.
    pub(super) const fn as_str(&self) -> &'static str {
        self.source
    }

    /// Whether the expression matches somewhere in `text`. One that is not an expression matches nothing.
    pub(super) fn finds(&self, text: &str) -> bool {
        self.compiled
            .get_or_init(|| Compiled::new(self.pattern).ok())
            .as_ref()
            .is_some_and(|compiled| compiled.is_match(text))
    }
}

/// The [`Regex`](crate::codec::assertion::Regex) that a schema writes in the first way, and the crate `regex` in the second.
///
/// It is a macro, because what a static refers to may only change inside if it is a static itself.
#[macro_export]
macro_rules! regex {
    ($source:literal, $pattern:literal) => {
        $crate::codec::assertion::Regex::new($source, $pattern, {
            static COMPILED: ::std::sync::OnceLock<
                ::core::option::Option<$crate::codec::assertion::Compiled>,
            > = ::std::sync::OnceLock::new();
            &COMPILED
        })
    };
}
