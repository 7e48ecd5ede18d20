//! The report as a table, for people.

use std::fmt::Display;
use std::io::{self, Write};
use std::time::Duration;

use anstyle::{AnsiColor, Style};

use super::report::{Outcome, Report, Row, Tally, Title};
use crate::terminal::text::counted;

const HEADING: Style = Style::new().bold();
const QUIET: Style = Style::new().dimmed();
const GOOD: Style = AnsiColor::Green.on_default();
const EXPECTED: Style = AnsiColor::Yellow.on_default();
const EVENT: Style = AnsiColor::Cyan.on_default();
const BAD: Style = AnsiColor::Red.on_default().bold();

/// Writes a table. The writer removes colours if necessary.
pub(super) struct Table<W> {
    out: W,
    prefix: String,
}

impl<W: Write> Table<W> {
    pub(super) const fn new(out: W) -> Self {
        Self {
            out,
            prefix: String::new(),
        }
    }

    fn cells(&mut self, cells: &[&dyn Display; 5]) -> io::Result<()> {
        let [operation, subject, request, reply, latency] = cells;
        write!(
            self.out,
            "{operation:<15}{subject:<26}{request:>8}{reply:>9}{latency:>10}  "
        )
    }
}

impl<W: Write> Report for Table<W> {
    fn title(&mut self, title: &Title<'_>) -> io::Result<()> {
        self.prefix = format!("{}.", title.prefix);
        let out = &mut self.out;
        writeln!(
            out,
            "{HEADING}A coordinator and two workers, alpha and beta, {}{HEADING:#}\n",
            title.location
        )?;
        writeln!(
            out,
            "{QUIET}Subjects begin with {} · sizes are payload sizes · latency is seen by the caller{QUIET:#}",
            title.prefix
        )?;
        writeln!(
            out,
            "{GOOD}✓{GOOD:#} {QUIET}ok ·{QUIET:#} {EXPECTED}✗{EXPECTED:#} {QUIET}expected failure ·{QUIET:#} \
             {EVENT}→{EVENT:#} {QUIET}event, without a reply{QUIET:#}\n"
        )?;
        write!(out, "{QUIET}  ")?;
        self.cells(&[&"operation", &"subject", &"request", &"reply", &"latency"])?;
        writeln!(self.out, "outcome{QUIET:#}")
    }

    fn section(&mut self, heading: &str) -> io::Result<()> {
        writeln!(self.out, "\n{HEADING}{heading}{HEADING:#}")
    }

    fn row(&mut self, row: &Row<'_>) -> io::Result<()> {
        let (style, mark) = match row.outcome {
            Outcome::Succeeded => (GOOD, "✓"),
            Outcome::Published => (EVENT, "→"),
            Outcome::Failed(failed) if failed.as_expected => (EXPECTED, "✗"),
            Outcome::Failed(_) => (BAD, "✗"),
        };
        let entry = row.entry;
        let subject = entry
            .subject
            .strip_prefix(&self.prefix)
            .unwrap_or(&entry.subject);
        let call = entry.call.as_ref();
        let reply = call
            .and_then(|call| call.reply_bytes)
            .map_or_else(|| "–".to_owned(), bytes);
        let latency = call.map_or_else(|| "–".to_owned(), |call| duration(call.latency));
        write!(self.out, "{style}{mark}{style:#} ")?;
        self.cells(&[
            &entry.operation,
            &subject,
            &bytes(entry.request_bytes),
            &reply,
            &latency,
        ])?;
        if matches!(row.outcome, Outcome::Failed(_)) {
            writeln!(self.out, "{style}{}{style:#}", row.note)
        } else {
            writeln!(self.out, "{}", row.note)
        }
    }

    fn summary(
        &mut self,
        tally: &Tally,
        elapsed: Duration,
        failure: Option<&str>,
    ) -> io::Result<()> {
        let out = &mut self.out;
        match failure {
            None => write!(out, "\n{GOOD}{HEADING}All as expected:{HEADING:#} ")?,
            Some(_) => write!(out, "\n{BAD}Stopped after{BAD:#} ")?,
        }
        writeln!(
            out,
            "{} ({} ok, {} failed) and {} in {}",
            counted(tally.calls(), "call"),
            tally.succeeded,
            tally.failed,
            counted(tally.events, "event"),
            duration(elapsed)
        )?;
        writeln!(
            out,
            "{QUIET}{} sent, {} received; median latency {}, longest latency {}{QUIET:#}",
            bytes(tally.bytes_sent),
            bytes(tally.bytes_received),
            duration(tally.median()),
            duration(tally.longest())
        )?;
        out.flush()
    }
}

/// `12,345 B`
fn bytes(bytes: usize) -> String {
    let digits = bytes.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text + " B"
}

/// Formats a duration with three significant digits: `85 µs`, `1.23 ms`, `12.3 ms`, `4.56 s`.
fn duration(duration: Duration) -> String {
    let micros = duration.as_micros();
    if micros < 1_000 {
        return format!("{micros} µs");
    }
    let (value, unit) = if micros < 1_000_000 {
        (duration.as_secs_f64() * 1e3, "ms")
    } else {
        (duration.as_secs_f64(), "s")
    };
    let decimals = if value < 9.995 {
        2
    } else {
        usize::from(value < 99.95)
    };
    format!("{value:.decimals$} {unit}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_sizes_have_digit_groups() {
        let check = |value: usize, expected: &str| assert_eq!(bytes(value), expected);
        check(0, "0 B");
        check(999, "999 B");
        check(1_000, "1,000 B");
        check(1_234_567, "1,234,567 B");
    }

    #[test]
    fn table_durations_have_three_digits() {
        let check = |micros: u64, expected: &str| {
            assert_eq!(duration(Duration::from_micros(micros)), expected);
        };
        check(0, "0 µs");
        check(999, "999 µs");
        check(1_234, "1.23 ms");
        check(9_996, "10.0 ms");
        check(99_960, "100 ms");
        check(123_456, "123 ms");
        check(4_560_000, "4.56 s");
    }
}
