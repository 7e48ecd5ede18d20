//! Candidates for a corpus, and their validation by the reference validator.

use std::collections::HashSet;

use serde_json::Value as Json;

use super::case::{Corpus, Invalid, Repeat, Valid};
use super::reference_validator::{TypeValidator, Validation};

/// Documents with their expected results.
pub(super) struct Cases<'o> {
    validator: &'o TypeValidator,
    found: Vec<Case>,
}

/// A document with its expected result.
struct Case {
    name: String,
    document: Json,
    repeat: Option<Repeat>,
    expectation: Expectation,
}

/// The expected result of a document.
#[derive(Clone, Debug)]
pub(super) enum Expectation {
    /// The document is valid.
    Valid,
    /// The document breaks this keyword at this place, and no other keyword at another place.
    Broken {
        pointer: String,
        keyword: &'static str,
    },
    /// The reference validator decides. If the document is invalid, it most likely breaks this keyword.
    Undecided { keyword: &'static str },
}

impl<'o> Cases<'o> {
    pub(super) fn new(validator: &'o TypeValidator) -> Self {
        Self {
            validator,
            found: Vec::new(),
        }
    }

    pub(super) fn add(
        &mut self,
        name: String,
        document: Json,
        repeat: Option<Repeat>,
        expectation: Expectation,
    ) {
        self.found.push(Case {
            name,
            document,
            repeat,
            expectation,
        });
    }

    /// Whether the reference validator accepts a document.
    pub(super) fn accepts(&self, document: &Json) -> bool {
        self.validator.accepts(document)
    }

    /// The corpus of a message, or all expected results that the reference validator contradicts.
    pub(super) fn corpus(
        self,
        message: &str,
        schema: &str,
        expected: impl Fn(&Json) -> Json,
    ) -> Result<Corpus, Vec<String>> {
        let mut corpus = Corpus {
            message: message.to_owned(),
            schema: schema.to_owned(),
            valid: Vec::new(),
            invalid: Vec::new(),
        };
        let mut wrong = Vec::new();
        let mut seen = HashSet::new();
        let mut names = HashSet::new();
        for mut case in self.found {
            if !seen.insert(format!("{} {:?}", case.document, case.repeat)) {
                continue;
            }
            let validation = self
                .validator
                .validate(&Repeat::of(case.repeat.as_ref(), &case.document));
            match case.expectation.outcome(&validation) {
                Ok(Some(Outcome::Valid)) => {
                    case.name = unique("", &case.name, &mut names);
                    corpus.valid.push(case.valid(&expected));
                }
                Ok(Some(Outcome::Broken { pointer, keyword })) => {
                    case.name = unique(&pointer, &case.name, &mut names);
                    corpus.invalid.push(case.invalid(pointer, keyword));
                }
                Ok(None) => {}
                Err(()) => wrong.push(format!(
                    "{message}: {}: {}: expected {:?}, but the reference validator reports {:?}",
                    case.name,
                    shortened(&case.document),
                    case.expectation,
                    validation.broken
                )),
            }
        }
        if corpus.valid.is_empty() {
            wrong.push(format!(
                "{message}: no valid document is known; add an example"
            ));
        }
        if wrong.is_empty() {
            Ok(corpus)
        } else {
            Err(wrong)
        }
    }
}

/// The final result of a document.
enum Outcome {
    Valid,
    Broken { pointer: String, keyword: String },
}

impl Expectation {
    /// The final result of the document. Returns `None` if the document cannot be used. Fails if the reference
    /// validator contradicts the expected result.
    fn outcome(&self, validation: &Validation) -> Result<Option<Outcome>, ()> {
        let is_broken = |pointer: &str, keyword: &str| {
            validation
                .broken
                .contains(&(pointer.to_owned(), keyword.to_owned()))
        };
        let single = match validation.places.len() {
            1 => validation.places.first(),
            _ => None,
        };
        match self {
            Self::Valid | Self::Undecided { .. } if validation.places.is_empty() => {
                Ok(Some(Outcome::Valid))
            }
            Self::Valid => Err(()),
            Self::Broken { pointer, keyword } => {
                if single != Some(pointer) || !is_broken(pointer, keyword) {
                    return Err(());
                }
                let (pointer, keyword) = (pointer.clone(), (*keyword).to_owned());
                Ok(Some(Outcome::Broken { pointer, keyword }))
            }
            Self::Undecided { keyword } => Ok(single.map(|pointer| {
                let named = validation
                    .broken
                    .iter()
                    .filter(|(place, _)| place == pointer);
                let mut named = named.map(|(_, keyword)| keyword.as_str());
                let keyword = if is_broken(pointer, keyword) {
                    keyword
                } else {
                    named.next().unwrap_or(keyword)
                };
                Outcome::Broken {
                    pointer: pointer.clone(),
                    keyword: keyword.to_owned(),
                }
            })),
        }
    }
}

impl Case {
    fn valid(self, expected: impl Fn(&Json) -> Json) -> Valid {
        let full = Repeat::of(self.repeat.as_ref(), &self.document);
        let (short_output, output) = (expected(&self.document), expected(&full));
        // A small and a large document can belong to different variants of a union.
        let is_repeated = Repeat::of(self.repeat.as_ref(), &short_output) == output;
        let (document, repeat, output) = if is_repeated {
            (self.document, self.repeat, short_output)
        } else {
            (full, None, output)
        };
        Valid {
            name: self.name,
            written: Some(output).filter(|written| *written != document),
            document,
            repeat,
        }
    }

    fn invalid(self, pointer: String, keyword: String) -> Invalid {
        Invalid {
            name: self.name,
            document: self.document,
            repeat: self.repeat,
            pointer,
            keyword,
        }
    }
}

/// The name without the place, which the case has already. A repeated name gets a number as its suffix.
fn unique(pointer: &str, name: &str, names: &mut HashSet<String>) -> String {
    let place = format!("{pointer}: ");
    let name = name.strip_prefix(&place).unwrap_or(name);
    let mut numbered = name.to_owned();
    let mut number = 1;
    while !names.insert(format!("{place}{numbered}")) {
        number += 1;
        numbered = format!("{name} ({number})");
    }
    numbered
}

/// The start of a document, for an error message.
fn shortened(document: &Json) -> String {
    document.to_string().chars().take(200).collect()
}
