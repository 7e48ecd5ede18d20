//! Names that are taken: each type of a protocol has a name of its own in every output.

use std::collections::{BTreeMap, HashMap};

use super::document::{Document, Role};
use crate::diagnostic::text::quoted;
use crate::diagnostic::{Code, Diagnostics};
use crate::model::{Name, Source};
use crate::{plan, target};

/// The names that are taken, and the types that got another name than their schema suggests.
#[derive(Debug, Default)]
pub(super) struct Taken {
    /// Each name without regard to case, with its meaning.
    names: HashMap<String, String>,
    renamed: BTreeMap<Source, (Name, Name, String)>,
}

impl Taken {
    /// The names of the items that outputs add to the types of these operations and roles.
    pub(super) fn new<'n>(
        documents: &[Document<'_>],
        roles: impl Iterator<Item = &'n Name>,
    ) -> Self {
        let mut taken = Self::default();
        for word in target::reserved_types() {
            taken.take(&Name::of(word), "a keyword of a language".to_owned());
        }
        for document in documents {
            if let Role::Operation(name) = &document.role {
                // Constants have the name in upper case.
                let constant = (name.pascal() == name.screaming()).then(|| name.clone());
                for companion in plan::companions_of_operation(name)
                    .into_iter()
                    .chain(constant)
                {
                    taken.take(&companion, format!("an item of the operation `{name}`"));
                }
            }
        }
        for role in roles {
            for companion in plan::companions_of_role(role) {
                taken.take(&companion, format!("an item of the role `{role}`"));
            }
        }
        taken
    }

    fn take(&mut self, name: &Name, meaning: String) {
        self.names.insert(folded(name), meaning);
    }

    /// Takes this name for the type at `source`, or the first free name of: the name after the name of its document, the
    /// name with a number.
    pub(super) fn claim(&mut self, name: Name, document: Option<&Name>, source: Source) -> Name {
        let found = match self.names.get(&folded(&name)) {
            None => name,
            Some(meaning) => {
                let meaning = meaning.clone();
                let free = |name: &Name| !self.names.contains_key(&folded(name));
                let qualified =
                    document.filter(|document| !name.words().starts_with(document.words()));
                let qualified = qualified.map(|document| document.join(&name));
                let numbered = (2..).map(|number: u32| name.with(&number.to_string()));
                let found = qualified.into_iter().chain(numbered).find(free);
                let found = found.expect("numbers do not end");
                let renamed = (name, found.clone(), meaning);
                self.renamed.insert(source.clone(), renamed);
                found
            }
        };
        let Source { file, pointer } = source;
        self.take(&found, format!("the type at `{file}#{pointer}`"));
        found
    }

    /// Reports the types that got another name.
    pub(super) fn report(&mut self, out: &mut Diagnostics) {
        for (source, (wanted, name, other)) in std::mem::take(&mut self.renamed) {
            let (wanted, name) = (quoted(&wanted.pascal()), quoted(&name.pascal()));
            let message = format!("the type has the name {name}, because {wanted} is {other}");
            let help = "rename one of the two; the number depends on the order of the types";
            out.report(Code::RenamedItem, source, message, help);
        }
    }
}

/// The form of a name in which names of all languages differ.
pub(super) fn folded(name: &Name) -> String {
    name.pascal().to_ascii_lowercase()
}
