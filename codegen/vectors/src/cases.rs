//! Candidates for a corpus, and their validation by the reference validator.

use std::collections::HashSet;

use serde_json::Value as Json;

use super::case::{Corpus, Invalid, Repeat, Valid};
use super::oracle::{Verdict, Verdicts};

/// Documents with their expected results.
pub(super) struct Cases<'o> {
    verdicts: &'o Verdicts,
    found: Vec<Case>,
}

/// A document with its expected result.
struct Case {
    name: String,
    document: Json,
    repeat: Option<Repeat>,
    claim: Claim,
}

/// The expected result of a document.
#[derive(Clone, Debug)]
pub(super) enum Claim {
    /// The document is valid.
    Valid,
    /// The document breaks this keyword at this place, and no other keyword at another place.
    Broken {
        pointer: String,
        keyword: &'static str,
    },
    /// The reference validator decides. If the document is invalid, it most likely breaks this keyword.
    Open { keyword: &'static str },
}

impl<'o> Cases<'o> {
    pub(super) fn new(verdicts: &'o Verdicts) -> Self {
        Self {
            verdicts,
            found: Vec::new(),
        }
    }

    pub(super) fn add(
        &mut self,
        name: String,
        document: Json,
        repeat: Option<Repeat>,
        claim: Claim,
    ) {
        self.found.push(Case {
            name,
            document,
            repeat,
            claim,
        });
    }

    /// Whether the reference validator accepts a document.
    pub(super) fn accepts(&self, document: &Json) -> bool {
        self.verdicts.accepts(document)
    }

    /// The corpus of a message, or all expected results that the reference validator contradicts.
    pub(super) fn corpus(
        self,
        message: &str,
        schema: &str,
        written: impl Fn(&Json) -> Json,
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
            let verdict = self
                .verdicts
                .judge(&Repeat::of(case.repeat.as_ref(), &case.document));
            match case.claim.settled(&verdict) {
                Ok(Some(Settled::Valid)) => {
                    case.name = unique("", &case.name, &mut names);
                    corpus.valid.push(case.valid(&written));
                }
                Ok(Some(Settled::Broken { pointer, keyword })) => {
                    case.name = unique(&pointer, &case.name, &mut names);
                    corpus.invalid.push(case.invalid(pointer, keyword));
                }
                Ok(None) => {}
                Err(()) => wrong.push(format!(
                    "{message}: {}: {} is claimed to be {:?}, the oracle says {:?}",
                    case.name,
                    shortened(&case.document),
                    case.claim,
                    verdict.broken
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
enum Settled {
    Valid,
    Broken { pointer: String, keyword: String },
}

impl Claim {
    /// The final result of the document. Returns `None` if the document cannot be used. Fails if the reference
    /// validator contradicts the expected result.
    fn settled(&self, verdict: &Verdict) -> Result<Option<Settled>, ()> {
        let is_broken = |pointer: &str, keyword: &str| {
            verdict
                .broken
                .contains(&(pointer.to_owned(), keyword.to_owned()))
        };
        let single = match verdict.places.len() {
            1 => verdict.places.first(),
            _ => None,
        };
        match self {
            Self::Valid | Self::Open { .. } if verdict.places.is_empty() => {
                Ok(Some(Settled::Valid))
            }
            Self::Valid => Err(()),
            Self::Broken { pointer, keyword } => {
                if single != Some(pointer) || !is_broken(pointer, keyword) {
                    return Err(());
                }
                let (pointer, keyword) = (pointer.clone(), (*keyword).to_owned());
                Ok(Some(Settled::Broken { pointer, keyword }))
            }
            Self::Open { keyword } => Ok(single.map(|pointer| {
                let named = verdict.broken.iter().filter(|(place, _)| place == pointer);
                let mut named = named.map(|(_, keyword)| keyword.as_str());
                let keyword = if is_broken(pointer, keyword) {
                    keyword
                } else {
                    named.next().unwrap_or(keyword)
                };
                Settled::Broken {
                    pointer: pointer.clone(),
                    keyword: keyword.to_owned(),
                }
            })),
        }
    }
}

impl Case {
    fn valid(self, written: impl Fn(&Json) -> Json) -> Valid {
        let written = Some(written(&self.document)).filter(|written| *written != self.document);
        Valid {
            name: self.name,
            document: self.document,
            repeat: self.repeat,
            written,
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
