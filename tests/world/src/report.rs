//! The table: a line for each family, the misses, and the sums beside the aims.

use std::collections::BTreeMap;

use crate::Failure;
use crate::crates::{Crates, Member, Verdict};
use crate::documents::Document;
use crate::family::Compiled;
use crate::typify::Outcome;

/// The number of places that a line names.
const PLACES: usize = 3;
/// The number of characters of a document or a reason that a line shows.
const LENGTH: usize = 300;

/// The results of a family.
#[derive(Debug)]
pub(crate) struct Line<'a> {
    compiled: &'a Compiled<'a>,
    compile_error: Option<String>,
    documents: Counts,
    /// The documents with another verdict than the reference validator, with the difference.
    differences: Vec<String>,
}

/// The number of documents by result.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counts {
    all: usize,
    /// The documents of packages; the other ones are mutations.
    original: usize,
    valid: usize,
    wrongly_accepted: usize,
    wrongly_refused: usize,
    /// The valid documents that are read, and cannot be written or are written otherwise.
    unwritten: usize,
}

impl<'a> Line<'a> {
    /// Decodes the documents of a family and compares the verdicts.
    ///
    /// # Errors
    /// If the program that decodes documents cannot be run.
    pub(crate) fn new(
        compiled: &'a Compiled<'a>,
        crates: Option<&Crates>,
        documents: &[Document],
    ) -> Result<Self, Failure> {
        let compile_error = crates.and_then(|crates| crates.error(&compiled.family.name));
        let mut line = Self {
            compiled,
            compile_error: compile_error.map(str::to_owned),
            documents: Counts::default(),
            differences: Vec::new(),
        };
        if let Some(crates) = crates.filter(|_| compile_error.is_none() && !documents.is_empty()) {
            let verdicts = crates.decode(&compiled.family.name, documents)?;
            for (at, document) in documents.iter().enumerate() {
                line.compare(document, verdicts.get(at));
            }
        }
        Ok(line)
    }

    fn compare(&mut self, document: &Document, verdict: Option<&Verdict>) {
        let Some(difference) = self.documents.add(document, verdict) else {
            return;
        };
        let name = &document.name;
        self.differences.push(if document.is_mutated {
            let text: String = document.text.chars().take(LENGTH).collect();
            format!("{name} (mutated) {difference} {text}")
        } else {
            format!("{name} {difference}")
        });
    }
}

impl Counts {
    /// Counts a document. Returns the difference to the reference validator.
    pub(crate) fn add(&mut self, document: &Document, verdict: Option<&Verdict>) -> Option<String> {
        self.all += 1;
        self.original += usize::from(!document.is_mutated);
        self.valid += usize::from(document.is_valid);
        Some(match (document.is_valid, verdict) {
            (true, Some(Verdict::Valid)) | (false, Some(Verdict::Invalid(_))) => return None,
            (false, Some(Verdict::Valid)) => {
                self.wrongly_accepted += 1;
                "is accepted".to_owned()
            }
            (true, Some(Verdict::Invalid(reason))) => {
                self.wrongly_refused += 1;
                format!("is refused: {reason}")
            }
            (_, Some(Verdict::Contradiction(reason))) => {
                self.unwritten += 1;
                reason.chars().take(LENGTH).collect()
            }
            (_, None) => {
                self.wrongly_refused += 1;
                "ends the program".to_owned()
            }
        })
    }
}

/// Prints the table.
pub(crate) fn print(lines: &[Line<'_>], crates: Option<&Crates>) {
    println!(
        "family                    schema   types  typed/declared  compiled  documents  valid  time"
    );
    for line in lines {
        print_line(line, crates.is_some());
    }
    println!();
    for line in lines {
        print_misses(line);
    }
    print_sums(lines, crates);
}

fn print_line(line: &Line<'_>, built: bool) {
    let name = &line.compiled.family.name;
    let time = line.compiled.time.as_secs_f64();
    let Ok(accepted) = &line.compiled.result else {
        println!("{name:25} refused {:>58} {time:6.2} s", "");
        return;
    };
    let typed = format!("{}/{}", accepted.typed.with_field, accepted.typed.declared);
    let compiled = match (&line.compile_error, built) {
        (None, true) => "yes",
        (Some(_), _) => "no",
        (None, false) => "-",
    };
    let counts = line.documents;
    println!(
        "{name:25} accepted {:>6} {typed:>15} {compiled:>9} {:>10} {:>6} {time:6.2} s",
        accepted.types, counts.all, counts.valid
    );
}

fn print_misses(line: &Line<'_>) {
    let name = &line.compiled.family.name;
    match &line.compiled.result {
        Err(reason) => println!("{name}: refused: {reason}"),
        Ok(accepted) => {
            let missing = &accepted.typed.missing;
            if !missing.is_empty() {
                let first: Vec<_> = missing.iter().take(PLACES).map(String::as_str).collect();
                println!(
                    "{name}: {} untyped, e.g. {}",
                    missing.len(),
                    first.join(" ")
                );
            }
        }
    }
    if let Some(error) = &line.compile_error {
        println!("{name}: does not compile: {error}");
    }
    for difference in line.differences.iter().take(PLACES) {
        println!("{name}: {difference}");
    }
}

/// The sums beside the aims.
fn print_sums(lines: &[Line<'_>], crates: Option<&Crates>) {
    let accepted: Vec<_> = lines
        .iter()
        .filter_map(|line| line.compiled.result.as_ref().ok())
        .collect();
    let typed = accepted
        .iter()
        .map(|accepted| accepted.typed.with_field)
        .sum();
    let declared = accepted
        .iter()
        .map(|accepted| accepted.typed.declared)
        .sum();
    println!();
    println!(
        "accepted          {} (aim: 90 %)",
        share(accepted.len(), lines.len())
    );
    println!("typed properties  {} (aim: 85 %)", share(typed, declared));
    let Some(crates) = crates else { return };
    let broken = lines
        .iter()
        .filter(|line| line.compile_error.is_some())
        .count();
    let seconds = crates.time.as_secs();
    println!(
        "compiled          {} (aim: all), {seconds} s",
        share(accepted.len() - broken, accepted.len())
    );
    let mut sum = Counts::default();
    for line in lines {
        sum.all += line.documents.all;
        sum.original += line.documents.original;
        sum.valid += line.documents.valid;
        sum.wrongly_accepted += line.documents.wrongly_accepted;
        sum.wrongly_refused += line.documents.wrongly_refused;
        sum.unwritten += line.documents.unwritten;
    }
    print_counts(sum);
    let mut codes: BTreeMap<String, usize> = BTreeMap::new();
    for warning in accepted.iter().flat_map(|accepted| &accepted.warnings) {
        *codes.entry(warning.code.to_string()).or_default() += 1;
    }
    let codes: Vec<_> = codes
        .iter()
        .map(|(code, count)| format!("{code} {count}"))
        .collect();
    println!("warnings          {}", codes.join(", "));
}

/// The documents by result.
fn print_counts(counts: Counts) {
    println!(
        "documents         {}, {} of them from packages, the others mutated; {} are valid",
        counts.all, counts.original, counts.valid
    );
    println!("wrongly accepted  {} (aim: 0)", counts.wrongly_accepted);
    println!("wrongly refused   {} (aim: 0)", counts.wrongly_refused);
    println!("not written       {} (aim: 0)", counts.unwritten);
}

/// Prints the results of typify. Each family comes with the number of its declared properties.
pub(crate) fn print_typify(
    families: &[(&Compiled<'_>, usize, Outcome)],
    members: &[Member],
    crates: Option<&Crates>,
    counts: Counts,
) {
    println!("\ntypify");
    let (mut panics, mut accepted, mut typed, mut declared) = (0, 0, 0, 0);
    for (family, properties, outcome) in families {
        let name = &family.family.name;
        match outcome {
            Outcome::Panic(message) => {
                panics += 1;
                println!("{name}: panic: {message}");
            }
            Outcome::Refused(error) => println!("{name}: refused: {error}"),
            Outcome::Accepted(result) => {
                accepted += 1;
                typed += result.typed;
                declared += properties;
                println!("{name}: {} of {properties} properties typed", result.typed);
            }
        }
    }
    println!();
    println!("panics            {}", share(panics, families.len()));
    println!("accepted          {}", share(accepted, families.len()));
    println!("typed properties  {}", share(typed, declared));
    let Some(crates) = crates else { return };
    let compiled = members
        .iter()
        .filter(|member| crates.error(&member.family).is_none());
    let seconds = crates.time.as_secs();
    println!(
        "compiled          {}, {seconds} s",
        share(compiled.count(), accepted)
    );
    print_counts(counts);
}

fn share(part: usize, all: usize) -> String {
    let count = |count: usize| u32::try_from(count).map_or(f64::MAX, f64::from);
    let percent = if all == 0 {
        100.0
    } else {
        100.0 * count(part) / count(all)
    };
    format!("{part} of {all}, {percent:.1} %")
}
