//! The output of a bench.

use std::fmt;
use std::io::{self, Write};

use serde_json::json;

/// The unit of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    /// Bytes.
    Bytes,
    /// Nanoseconds.
    Nanos,
    /// Microseconds.
    Micros,
    /// Milliseconds.
    Millis,
    /// Seconds.
    Seconds,
    /// Per second.
    PerSecond,
    /// Lines of text.
    Lines,
    /// A value divided by another.
    Ratio,
    /// Messages.
    Count,
    /// A seed of random numbers.
    Seed,
    /// Tests of a suite.
    Tests,
    /// Percent.
    Percent,
}

impl Unit {
    /// The unit that a program of another language may print.
    pub(crate) fn named(name: &str) -> Option<Self> {
        [Self::Micros, Self::PerSecond, Self::Ratio]
            .into_iter()
            .find(|unit| unit.to_string() == name)
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Bytes => "B",
            Self::Nanos => "ns",
            Self::Micros => "us",
            Self::Millis => "ms",
            Self::Seconds => "s",
            Self::PerSecond => "/s",
            Self::Lines => "lines",
            Self::Ratio => "x",
            Self::Count => "messages",
            Self::Seed => "seed",
            Self::Tests => "tests",
            Self::Percent => "percent",
        })
    }
}

/// Prints the results of a bench as soon as they are known.
#[derive(Debug)]
pub(crate) struct Report {
    bench: &'static str,
    json: bool,
    output: Box<dyn Output>,
}

/// The destination of the lines.
trait Output: Write + fmt::Debug {}

impl<W: Write + fmt::Debug> Output for W {}

impl Report {
    /// A report of `bench`, as text or as JSON lines.
    pub(crate) fn new(
        bench: &'static str,
        json: bool,
        output: impl Write + fmt::Debug + 'static,
    ) -> Self {
        Self {
            bench,
            json,
            output: Box::new(output),
        }
    }

    /// Prints a value.
    ///
    /// # Errors
    /// If the output fails.
    pub(crate) fn line(&mut self, case: &str, value: f64, unit: Unit) -> io::Result<()> {
        let name = format!("{}.{case}", self.bench);
        if self.json {
            let line = json!({ "name": name, "value": value, "unit": unit.to_string() });
            writeln!(self.output, "{line}")
        } else {
            writeln!(self.output, "{name} {} {unit}", rounded(value, unit))
        }
    }

    /// Prints a subject with a reason instead of a value.
    ///
    /// # Errors
    /// If the output fails.
    pub(crate) fn note(&mut self, case: &str, subject: &str, reason: &str) -> io::Result<()> {
        let name = format!("{}.{case}", self.bench);
        if self.json {
            let line = json!({ "name": name, "subject": subject, "reason": reason });
            writeln!(self.output, "{line}")
        } else {
            writeln!(self.output, "{name} {subject}: {reason}")
        }
    }
}

/// Formats with three significant digits, and without decimals for large values. Ratios have three decimals.
fn rounded(value: f64, unit: Unit) -> String {
    let decimals = match value.abs() {
        _ if unit == Unit::Ratio => 3,
        _ if unit == Unit::Percent => 2,
        _ if matches!(unit, Unit::Count | Unit::Seed | Unit::Tests) => 0,
        large if large >= 100.0 => 0,
        middle if middle >= 10.0 => 1,
        _ => 2,
    };
    format!("{value:.decimals$}")
}

#[cfg(test)]
mod tests {
    use super::{Unit, rounded};

    #[test]
    fn report_rounds_by_unit() {
        let check = |value, unit, expected: &str| assert_eq!(rounded(value, unit), expected);
        check(1.0346, Unit::Ratio, "1.035");
        check(12.0, Unit::Ratio, "12.000");
        check(114_203.4, Unit::PerSecond, "114203");
        check(31.26, Unit::Millis, "31.3");
        check(4.256, Unit::Micros, "4.26");
        check(99.846, Unit::Percent, "99.85");
    }
}
