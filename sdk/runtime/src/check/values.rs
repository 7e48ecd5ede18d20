//! What values of the plain types are checked as.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{Check, CheckResult, Checked};
use crate::{False, Map, True, Value};

/// A text or the absence of one.
pub trait Text {
    /// The text, if there is one.
    fn text(&self) -> Option<&str>;
}

impl Text for str {
    fn text(&self) -> Option<&str> {
        Some(self)
    }
}

impl Text for String {
    fn text(&self) -> Option<&str> {
        Some(self)
    }
}

impl Text for Option<String> {
    fn text(&self) -> Option<&str> {
        self.as_deref()
    }
}

/// An integer of any width or the absence of one.
pub trait Whole {
    /// The integer, if there is one.
    fn whole(self) -> Option<i128>;
}

impl Whole for u128 {
    fn whole(self) -> Option<i128> {
        Some(i128::try_from(self).unwrap_or(i128::MAX))
    }
}

impl<T: Whole> Whole for Option<T> {
    fn whole(self) -> Option<i128> {
        self.and_then(Whole::whole)
    }
}

/// Something with a number of elements, or the absence of it.
pub trait Counted {
    /// The number of elements, if there is anything to count.
    fn count(&self) -> Option<usize>;
}

impl<T> Counted for Vec<T> {
    fn count(&self) -> Option<usize> {
        Some(self.len())
    }
}

impl<K, V> Counted for BTreeMap<K, V> {
    fn count(&self) -> Option<usize> {
        Some(self.len())
    }
}

impl Counted for Map {
    fn count(&self) -> Option<usize> {
        Some(self.len())
    }
}

impl<T: Counted> Counted for Option<T> {
    fn count(&self) -> Option<usize> {
        self.as_ref().and_then(Counted::count)
    }
}

impl<T: Checked> Checked for Option<T> {
    fn check(&self, check: Check<'_>) -> CheckResult {
        self.as_ref().map_or(Ok(()), |value| value.check(check))
    }
}

impl<T: Checked + ?Sized> Checked for Box<T> {
    fn check(&self, check: Check<'_>) -> CheckResult {
        self.as_ref().check(check)
    }
}

impl<T: Checked> Checked for Vec<T> {
    fn check(&self, check: Check<'_>) -> CheckResult {
        check.each_item(self)
    }
}

impl<K: AsRef<str>, V: Checked> Checked for BTreeMap<K, V> {
    fn check(&self, check: Check<'_>) -> CheckResult {
        check.each_value(self)
    }
}

impl Checked for f64 {
    fn check(&self, check: Check<'_>) -> CheckResult {
        check.number("", *self, f64::MIN, f64::MAX).finish()
    }
}

macro_rules! whole {
    ($($integer:ty),+) => {$(
        impl Whole for $integer {
            fn whole(self) -> Option<i128> {
                Some(i128::from(self))
            }
        }

        impl Checked for $integer {
            fn check(&self, _: Check<'_>) -> CheckResult {
                Ok(())
            }
        }
    )+};
}

whole!(u8, u16, u32, u64, i8, i16, i32, i64, i128);

macro_rules! always_valid {
    ($($plain:ty),+) => {$(
        impl Checked for $plain {
            fn check(&self, _: Check<'_>) -> CheckResult {
                Ok(())
            }
        }
    )+};
}

always_valid!((), bool, str, String, Duration, Value, Map, True, False);
