//! A regular expression in a schema.

use std::sync::OnceLock;

use regex_automata::meta;

/// A regular expression, compiled at its first use. [`regex!`](crate::regex!) creates a static expression.
///
/// A search takes time linear in the length of the string. The compiled form has at most 10 MB.
#[derive(Debug)]
pub struct Regex<'s> {
    source: &'s str,
    pattern: &'s str,
    cache: &'s RegexCache,
}

/// The cache for the compiled form of a [`Regex`].
#[derive(Debug, Default)]
pub struct RegexCache(OnceLock<Option<meta::Regex>>);

impl RegexCache {
    /// Creates an empty cache.
    #[must_use]
    pub const fn new() -> Self {
        Self(OnceLock::new())
    }
}

impl<'s> Regex<'s> {
    /// Creates an expression. `source` is the text in the schema, in the syntax of ECMA-262. `pattern` is the
    /// equivalent for the crate `regex`. `cache` must not be shared with other expressions.
    #[must_use]
    pub const fn new(source: &'s str, pattern: &'s str, cache: &'s RegexCache) -> Self {
        Self {
            source,
            pattern,
            cache,
        }
    }

    /// Returns the text in the schema.
    pub(super) const fn as_str(&self) -> &'s str {
        self.source
    }

    /// Returns true if the expression matches a part of `text`. An invalid `pattern` matches nothing.
    pub(super) fn finds(&self, text: &str) -> bool {
        self.cache
            .0
            .get_or_init(|| meta::Regex::new(self.pattern).ok())
            .as_ref()
            .is_some_and(|compiled| compiled.is_match(text))
    }
}

/// Creates a [`Regex`](crate::assertion::Regex) with this source in ECMA-262 and this pattern for the crate `regex`,
/// with a static cache.
#[doc(hidden)]
#[macro_export]
macro_rules! regex {
    ($source:literal, $pattern:literal) => {
        $crate::assertion::Regex::new($source, $pattern, {
            static CACHE: $crate::assertion::RegexCache = $crate::assertion::RegexCache::new();
            &CACHE
        })
    };
}
