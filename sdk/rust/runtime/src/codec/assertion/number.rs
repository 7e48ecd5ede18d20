//! Keywords for numbers.

use crate::codec::json::Number;

use super::keyword::Keyword;
use super::validator::{Validator, Verdict};

impl Validator<'_, '_> {
    pub(super) fn number(&self, keyword: &Keyword, number: Number) -> Verdict {
        match keyword {
            Keyword::Minimum(min) => self.expect(min.compare(number).is_ge(), || {
                format!("expected a number from {}", min.as_str())
            }),
            Keyword::Maximum(max) => self.expect(max.compare(number).is_le(), || {
                format!("expected a number up to {}", max.as_str())
            }),
            Keyword::ExclusiveMinimum(min) => self.expect(min.compare(number).is_gt(), || {
                format!("expected a number above {}", min.as_str())
            }),
            Keyword::ExclusiveMaximum(max) => self.expect(max.compare(number).is_lt(), || {
                format!("expected a number below {}", max.as_str())
            }),
            Keyword::MultipleOf(divisor) => self.expect(divisor.divides(number), || {
                format!("expected a multiple of {}", divisor.as_str())
            }),
            _ => Ok(()),
        }
    }
}
