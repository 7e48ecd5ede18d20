//! Assertions, and the validator for them.

mod apply;
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
pub use keyword::{Assertion, Keyword, Resource, Type};
pub use regex::{Regex, RegexCache};
