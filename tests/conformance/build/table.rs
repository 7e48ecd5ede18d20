//! The table of all groups, as Rust source.

use crate::group::{Group, Section};

/// The modules of the groups, and the table that leads to them.
#[derive(Debug, Default)]
pub(crate) struct Table {
    modules: String,
    groups: String,
    len: usize,
}

impl Table {
    /// How many groups are in the table.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// Takes in a group with the path of its type in `module`, or with the reason why it has none.
    pub(crate) fn push(&mut self, group: &Group, module: &str, outcome: Result<String, String>) {
        let judge = match outcome {
            Ok(path) => {
                self.modules.push_str(&format!(
                    "/// What natsgen makes of a group of `{}`.\npub mod {module} {{\n    \
                     include!(\"{module}/mod.rs\");\n}}\n",
                    group.keyword
                ));
                format!("Ok(crate::judge::judge::<{module}::{path}>)")
            }
            Err(why) => format!("Err({why:?})"),
        };
        let section = match group.section {
            Section::Required => "Required",
            Section::Format => "Format",
        };
        let tests: String = group
            .described
            .tests
            .iter()
            .map(|test| {
                format!(
                    "        Test {{ name: {:?}, instance: {:?}, valid: {} }},\n",
                    test.description,
                    test.data.get(),
                    test.valid
                )
            })
            .collect();
        self.groups.push_str(&format!(
            "    Group {{\n        draft: Draft::{}, section: Section::{section}, keyword: {:?},\n        \
             name: {:?},\n        judge: {judge},\n        tests: &[\n{tests}        ],\n    }},\n",
            group.draft.variant, group.keyword, group.described.description
        ));
        self.len += 1;
    }

    /// The source.
    pub(crate) fn finish(self) -> String {
        let Self {
            modules, groups, ..
        } = self;
        format!(
            "use crate::suite::{{Draft, Group, Section, Test}};\n\n{modules}\n\
             /// All groups.\npub static GROUPS: &[Group] = &[\n{groups}];\n"
        )
    }
}
