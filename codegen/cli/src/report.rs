//! Diagnostics as text with an excerpt of the source, and in the formats of other programs.

use std::collections::BTreeMap;
use std::fs;
use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use clap::ValueEnum;
use natsgen::{Code, Diagnostic, Severity};
use serde_json::{Value as Json, json};

use crate::position::{find, line_and_column};

/// The format of diagnostics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// Text with an excerpt of the source.
    #[default]
    Text,
    /// A JSON object per line, with `line` and `column`.
    Json,
    /// Commands of GitHub Actions, which annotate the changed files.
    Github,
    /// A log in SARIF 2.1.0, for code scanning.
    Sarif,
}

/// Writes diagnostics in a format.
pub(super) fn report(format: Format, diagnostics: &[Diagnostic]) -> String {
    let mut sources = Sources::default();
    if format == Format::Sarif {
        return sarif(&mut sources, diagnostics).to_string() + "\n";
    }
    let mut text = String::new();
    for diagnostic in diagnostics {
        text += &match format {
            Format::Json => with_position(&mut sources, diagnostic).to_string(),
            Format::Github => github(&mut sources, diagnostic),
            Format::Text | Format::Sarif => with_excerpt(&mut sources, diagnostic),
        };
        text.push('\n');
    }
    text
}

/// The texts of the files. A file that cannot be read has no text.
#[derive(Default)]
struct Sources(BTreeMap<String, Option<String>>);

impl Sources {
    /// The text of a diagnostic's file, and the bytes of its place.
    fn place(&mut self, diagnostic: &Diagnostic) -> Option<(&str, Range<usize>)> {
        let file = &diagnostic.file;
        let text = self.0.entry(file.clone());
        let text = text
            .or_insert_with(|| fs::read_to_string(file).ok())
            .as_deref()?;
        Some((text, find(text, &diagnostic.pointer)))
    }

    /// Line and column of a diagnostic.
    fn position(&mut self, diagnostic: &Diagnostic) -> (usize, usize) {
        let place = self.place(diagnostic);
        place.map_or((1, 1), |(text, range)| line_and_column(text, range.start))
    }
}

fn with_excerpt(sources: &mut Sources, diagnostic: &Diagnostic) -> String {
    let text = diagnostic.to_string();
    let is_inside = !diagnostic.pointer.is_empty();
    let place = sources.place(diagnostic).filter(|_| is_inside);
    let Some((source, range)) = place else {
        return text;
    };
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let snippet = Snippet::source(source)
        .path(&*diagnostic.file)
        .annotation(AnnotationKind::Primary.span(range));
    let excerpt = Renderer::plain().render(&[Group::with_level(level).element(snippet)]);
    format!("{text}\n{excerpt}\n")
}

fn with_position(sources: &mut Sources, diagnostic: &Diagnostic) -> Json {
    let (line, column) = sources.position(diagnostic);
    let mut json = json!(diagnostic);
    json["line"] = json!(line);
    json["column"] = json!(column);
    json
}

/// A command of GitHub Actions.
fn github(sources: &mut Sources, diagnostic: &Diagnostic) -> String {
    let (line, column) = sources.position(diagnostic);
    let escaped = |text: &str| {
        let text = text.replace('%', "%25").replace('\r', "%0D");
        text.replace('\n', "%0A")
    };
    let file = escaped(&diagnostic.file)
        .replace(':', "%3A")
        .replace(',', "%2C");
    let message = escaped(&format!("{}\n{}", diagnostic.message, diagnostic.help));
    format!(
        "::{} file={file},line={line},col={column},title={}::{message}",
        diagnostic.severity, diagnostic.code
    )
}

fn sarif(sources: &mut Sources, diagnostics: &[Diagnostic]) -> Json {
    let rules = Code::all().iter().map(|entry| {
        json!({
            "id": entry.name,
            "shortDescription": { "text": entry.title },
            "fullDescription": { "text": entry.cause },
            "help": { "text": entry.fix },
        })
    });
    let results = diagnostics.iter().map(|diagnostic| {
        let (line, column) = sources.position(diagnostic);
        json!({
            "ruleId": diagnostic.code,
            "level": diagnostic.severity,
            "message": { "text": format!("{}. Fix: {}.", diagnostic.message, diagnostic.help) },
            "locations": [{ "physicalLocation": {
                "artifactLocation": { "uri": diagnostic.file },
                "region": { "startLine": line, "startColumn": column },
            } }],
        })
    });
    let results: Vec<Json> = results.collect();
    let driver = json!({
        "name": "natsgen",
        "version": env!("CARGO_PKG_VERSION"),
        "rules": rules.collect::<Vec<Json>>(),
    });
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{ "tool": { "driver": driver }, "columnKind": "unicodeCodePoints", "results": results }],
    })
}
