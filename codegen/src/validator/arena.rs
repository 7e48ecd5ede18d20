//! Memory for assertions that are built at run time: slices that live as long as their arena.

use std::cell::{Cell, OnceCell};
use std::sync::OnceLock;

use natsgen_runtime::assertion::{
    Assertion, Constant, ConstantCache, Keyword, Regex, RegexCache, Resource, Type,
};

/// Number of blocks of an arena. Each block has twice as many slots as the block before it.
const BLOCKS: usize = 32;

/// Slots for slices, allocated together.
type Block<T> = Box<[OnceCell<Box<[T]>>]>;

/// A list of slots that never moves a slot.
pub(super) struct Arena<T> {
    blocks: [OnceCell<Block<T>>; BLOCKS],
    used: Cell<usize>,
}

/// The arenas of all parts of assertions.
#[derive(Default)]
pub(crate) struct Memory<'s> {
    pub(super) keywords: Arena<Keyword<'s>>,
    pub(super) assertions: Arena<Assertion<'s>>,
    pub(super) members: Arena<(&'s str, Assertion<'s>)>,
    pub(super) matched: Arena<(Regex<'s>, Assertion<'s>)>,
    pub(super) dependents: Arena<(&'s str, &'s [&'s str])>,
    pub(super) anchors: Arena<(&'s str, &'s Assertion<'s>)>,
    pub(super) resources: Arena<Resource<'s>>,
    pub(super) named: Arena<OnceLock<Assertion<'s>>>,
    pub(super) constants: Arena<Constant<'s>>,
    pub(super) constant_caches: Arena<ConstantCache>,
    pub(super) regexes: Arena<Regex<'s>>,
    pub(super) regex_caches: Arena<RegexCache>,
    pub(super) strings: Arena<&'s str>,
    pub(super) texts: Arena<String>,
    pub(super) types: Arena<Type>,
}

impl<T> Default for Arena<T> {
    fn default() -> Self {
        Self {
            blocks: [const { OnceCell::new() }; BLOCKS],
            used: Cell::new(0),
        }
    }
}

impl<T> Arena<T> {
    /// Keeps the items as a slice.
    pub(super) fn slice(&self, items: impl IntoIterator<Item = T>) -> &[T] {
        let items: Box<[T]> = items.into_iter().collect();
        // Slot numbers start at 1, so that the highest bit of a number selects the block.
        let slot = self.used.get() + 1;
        self.used.set(slot);
        let block = slot.ilog2() as usize;
        let first = 1 << block;
        let slots =
            self.blocks[block].get_or_init(|| (0..first).map(|_| OnceCell::new()).collect());
        slots[slot - first].get_or_init(|| items)
    }

    /// Keeps a single item.
    pub(super) fn one(&self, item: T) -> &T {
        &self.slice([item])[0]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arena_keeps_all_slices() {
        let arena = Arena::default();
        let slices: Vec<&[usize]> = (0..100).map(|count| arena.slice(0..count)).collect();
        for (count, slice) in slices.into_iter().enumerate() {
            assert!(slice.iter().copied().eq(0..count));
        }
    }
}
