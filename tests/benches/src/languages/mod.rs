//! `languages`: the SDKs of the other languages beside the usual choice of their language. The program of each language
//! compares both sides in a single process; this bench passes its results on.

mod language;

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Seek as _};
use std::path::Path;
use std::process::Stdio;

use natsgen_testing::NatsServer;

use crate::codec::message;
use crate::report::{Report, Unit};
use crate::{Effort, Failure};
use language::{LANGUAGES, Language, root};

/// Builds and runs the program of each language.
///
/// # Errors
/// If a program does not build, fails or prints another line than `CASE value unit`. The error contains its standard error.
pub(crate) fn run(effort: Effort, report: &mut Report) -> Result<(), Failure> {
    let messages = tempfile::tempdir()?;
    for message in message::all() {
        let file = messages.path().join(format!("{}.json", message.name));
        fs::write(file, message.text)?;
    }
    let schema = root().join("sdk/schema/varpulis.json");
    fs::copy(schema, messages.path().join("schema.json"))?;
    for language in &LANGUAGES {
        language.build()?;
        let nats = NatsServer::start()?;
        measure(language, &nats.url(), messages.path(), effort, report)?;
    }
    Ok(())
}

/// Runs a program and reports each line as soon as the program prints it.
fn measure(
    language: &Language,
    url: &str,
    messages: &Path,
    effort: Effort,
    report: &mut Report,
) -> Result<(), Failure> {
    let name = language.name;
    let mut errors = tempfile::tempfile()?;
    let mut command = language.command();
    command.arg(url).arg(messages);
    if effort.quick {
        command.arg("--quick");
    }
    let mut program = command
        .stdout(Stdio::piped())
        .stderr(errors.try_clone()?)
        .spawn()
        .map_err(|error| format!("{name}: {error}"))?;
    let output = program.stdout.take().ok_or("no standard output")?;
    let mut lines = 0;
    for line in BufReader::new(output).lines() {
        let line = line?;
        let (case, value, unit) =
            result(&line).ok_or_else(|| format!("{name}: not `CASE value unit`: {line}"))?;
        report.line(&format!("{name}.{case}"), value, unit)?;
        lines += 1;
    }
    let status = program.wait()?;
    if status.success() && lines > 0 {
        return Ok(());
    }
    let mut text = String::new();
    errors.rewind()?;
    errors.read_to_string(&mut text)?;
    Err(format!("{name}: {status}, {lines} results\n{text}").into())
}

/// The parts of a line `CASE value unit`.
fn result(line: &str) -> Option<(&str, f64, Unit)> {
    let mut words = line.split(' ');
    let case = words.next()?;
    let value = words.next()?.parse().ok()?;
    let unit = Unit::named(words.next()?)?;
    words.next().is_none().then_some((case, value, unit))
}

#[cfg(test)]
mod tests {
    use super::result;
    use crate::report::Unit;

    #[test]
    fn result_lines_have_three_words() {
        assert_eq!(
            result("calls.1.bare_ratio 0.9 x"),
            Some(("calls.1.bare_ratio", 0.9, Unit::Ratio))
        );
        for line in ["", "case 1", "case one x", "case 1 parsecs", "case 1 x x"] {
            assert_eq!(result(line), None, "{line}");
        }
    }
}
