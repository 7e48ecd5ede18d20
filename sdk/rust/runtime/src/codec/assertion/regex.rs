//! A regular expression of a schema.

use std::sync::OnceLock;

/// A regular expression, compiled at its first use. [`regex!`](crate::regex!) makes a static one.
///
/// A search takes time linear in the length of the string.
#[derive(Debug)]
pub struct Regex<'s> {
    source: &'s str,
    pattern: &'s str,
    cache: &'s RegexCache,
}

/// Holds the compiled form of one [`Regex`].
#[derive(Debug, Default)]
pub struct RegexCache(OnceLock<Option<::regex::Regex>>);

impl RegexCache {
    /// An empty cache.
    #[must_use]
    pub const fn new() -> Self {
        Self(OnceLock::new())
    }
}

impl<'s> Regex<'s> {
    /// The expression that the schema writes as `source`, in the syntax of ECMA-262, and that the crate `regex` reads as
    /// `pattern`. `cache` belongs to this expression alone.
    #[must_use]
    pub const fn new(source: &'s str, pattern: &'s str, cache: &'s RegexCache) -> Self {
        Self {
            source,
            pattern,
            cache,
        }
    }

    /// The expression as the schema writes it.
    pub(super) const fn as_str(&self) -> &'s str {
        self.source
    }

    /// Whether the expression matches a part of `text`. If `pattern` is not an expression, it matches nothing.
    pub(super) fn finds(&self, text: &str) -> bool {
        self.cache
            .0
            .get_or_init(|| ::regex::Regex::new(self.pattern).ok())
            .as_ref()
            .is_some_and(|compiled| compiled.is_match(text))
    }
}

/// The [`Regex`](crate::assertion::Regex) with this source in ECMA-262 and this pattern for the crate `regex`, with a
/// static cache of its own.
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
