//! The table of all groups, as Rust source.

use crate::group::{Group, Section, Test};

/// The table of groups.
#[derive(Debug, Default)]
pub(crate) struct Table {
    groups: Vec<String>,
}

impl Table {
    /// Adds a group with the path of its type, or with the reason why it has no type.
    pub(crate) fn push(&mut self, group: &Group, validator: Result<String, String>) {
        let validate = match validator {
            Ok(path) => format!("Ok(crate::validate::validate::<{path}>)"),
            Err(why) => format!("Err({why:?})"),
        };
        let tests: Vec<_> = group.described.tests.iter().map(test).collect();
        self.groups.push(format!(
            "    Group {{\n        draft: Draft::{},\n        section: Section::{},\n        \
             keyword: {:?},\n        name: {:?},\n        validate: {validate},\n        \
             tests: &[\n{}        ],\n    }},\n",
            group.draft.variant,
            section(group.section),
            group.keyword,
            group.described.description,
            tests.concat()
        ));
    }

    /// The source text.
    pub(crate) fn finish(self) -> String {
        format!(
            "use crate::suite::{{Draft, Group, Section, Test}};\n\n\
             include!(\"modules.rs\");\n\n\
             /// All groups.\npub static GROUPS: &[Group] = &[\n{}];\n",
            self.groups.concat()
        )
    }
}

/// The variant of a section.
fn section(section: Section) -> &'static str {
    match section {
        Section::Required => "Required",
        Section::Optional => "Optional",
        Section::Format => "Format",
    }
}

fn test(test: &Test) -> String {
    format!(
        "            Test {{ name: {:?}, instance: {:?}, valid: {} }},\n",
        test.description,
        test.data.get(),
        test.valid
    )
}
