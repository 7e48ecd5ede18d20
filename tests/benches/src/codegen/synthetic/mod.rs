//! A protocol of any size in the language of each generator, with the same operations, messages and fields.
//!
//! Each role serves [`PER_ROLE`] operations and has a document of shared types. Four of five operations are requests
//! with a reply and errors; the fifth is a publication. A protocol with ten times the operations therefore has ten
//! times the roles and shared types. The size of the error catalogue is constant.

mod openapi;
mod proto;
mod schema;

/// The number of operations of a role.
const PER_ROLE: usize = 50;

/// The number of errors in the catalogue.
const ERRORS: usize = 20;

/// A text file: the path below the root and the content.
pub(crate) type Text = (String, String);

/// A protocol of `operations` operations.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Synthetic {
    operations: usize,
}

/// A role with its operations and shared types.
#[derive(Clone, Debug)]
struct Role {
    /// In `snake_case`, e.g. `shelf_aac`.
    name: String,
    /// In `PascalCase`; its shared types are `<Pascal>Id`, `<Pascal>Grade` and `<Pascal>Place`.
    pascal: String,
    operations: Vec<Operation>,
}

/// An operation.
#[derive(Clone, Debug)]
struct Operation {
    /// In `snake_case`, e.g. `reserve_aab`.
    name: String,
    /// In `PascalCase`.
    pascal: String,
    /// The fields of the request or of the published message.
    request: &'static [Field],
    /// The fields of the reply; `None` for a publication.
    reply: Option<&'static [Field]>,
    /// The numbers of the declared errors.
    errors: [usize; 2],
}

/// A field of a message.
#[derive(Clone, Copy, Debug)]
struct Field {
    name: &'static str,
    kind: Kind,
    required: bool,
}

/// The type of a field.
#[derive(Clone, Copy, Debug)]
enum Kind {
    /// The role's id.
    Id,
    /// The role's enumeration.
    Grade,
    /// The role's shared object.
    Place,
    /// A string of 1 to 200 characters.
    Text,
    /// A date and time.
    Time,
    /// An integer from 0 to 1,000,000.
    Integer,
    /// A number of at least 0.
    Number,
    /// A boolean.
    Flag,
    /// Up to 16 strings.
    Texts,
}

impl Field {
    const fn required(name: &'static str, kind: Kind) -> Self {
        Self {
            name,
            kind,
            required: true,
        }
    }

    const fn optional(name: &'static str, kind: Kind) -> Self {
        Self {
            name,
            kind,
            required: false,
        }
    }
}

/// The fields of requests. Each request takes some of them, from the front.
const REQUEST: [Field; 9] = [
    Field::required("item_id", Kind::Id),
    Field::required("title", Kind::Text),
    Field::required("quantity", Kind::Integer),
    Field::required("urgent", Kind::Flag),
    Field::optional("price", Kind::Number),
    Field::optional("grade", Kind::Grade),
    Field::required("place", Kind::Place),
    Field::optional("labels", Kind::Texts),
    Field::optional("due_at", Kind::Time),
];

/// The fields of replies.
const REPLY: [Field; 5] = [
    Field::required("item_id", Kind::Id),
    Field::required("accepted_at", Kind::Time),
    Field::required("remaining", Kind::Integer),
    Field::optional("warnings", Kind::Texts),
    Field::optional("place", Kind::Place),
];

/// The fields of publications.
const EVENT: [Field; 4] = [
    Field::required("item_id", Kind::Id),
    Field::required("grade", Kind::Grade),
    Field::required("changed_at", Kind::Time),
    Field::optional("note", Kind::Text),
];

/// The fields of the shared object.
const PLACE: [Field; 3] = [
    Field::required("row", Kind::Integer),
    Field::required("column", Kind::Integer),
    Field::optional("remark", Kind::Text),
];

/// The values of the shared enumeration.
const GRADES: [&str; 4] = ["fresh", "good", "worn", "broken"];

impl Synthetic {
    /// A protocol of `operations` operations, at most 676 × 26, the number of distinct names.
    pub(crate) fn new(operations: usize) -> Self {
        Self { operations }
    }

    /// The protocol as JSON Schema for natsgen: the manifest, the types, and a document for each operation.
    pub(crate) fn schema(self) -> Vec<Text> {
        schema::texts(&self.roles())
    }

    /// The protocol as protocol buffers: a file with a service for each role.
    pub(crate) fn proto(self) -> Vec<Text> {
        self.roles().iter().map(proto::text).collect()
    }

    /// The protocol as an `OpenAPI` document.
    pub(crate) fn openapi(self) -> String {
        openapi::text(&self.roles())
    }

    fn roles(self) -> Vec<Role> {
        let mut roles: Vec<Role> = Vec::new();
        for index in 0..self.operations {
            if index % PER_ROLE == 0 {
                let (name, pascal) = named("shelf", index / PER_ROLE);
                roles.push(Role {
                    name,
                    pascal,
                    operations: Vec::new(),
                });
            }
            if let Some(role) = roles.last_mut() {
                role.operations.push(operation(index));
            }
        }
        roles
    }
}

/// The operation number `index`.
fn operation(index: usize) -> Operation {
    const VERBS: [&str; 5] = ["reserve", "restock", "inspect", "relocate", "observed"];
    let (name, pascal) = named(VERBS[index % VERBS.len()], index);
    let errors = [index % ERRORS, (index + 7) % ERRORS];
    if index % VERBS.len() == VERBS.len() - 1 {
        Operation {
            name,
            pascal,
            request: &EVENT,
            reply: None,
            errors,
        }
    } else {
        let request = &REQUEST[..4 + index / VERBS.len() % 6];
        Operation {
            name,
            pascal,
            request,
            reply: Some(&REPLY),
            errors,
        }
    }
}

/// `word` with three letters that encode `index`, in `snake_case` and in `PascalCase`.
fn named(word: &str, index: usize) -> (String, String) {
    let letter = |place: usize| char::from(b"abcdefghijklmnopqrstuvwxyz"[index / place % 26]);
    let snake: String = word
        .chars()
        .chain(['_', letter(676), letter(26), letter(1)])
        .collect();
    let pascal = pascal(&snake);
    (snake, pascal)
}

/// `snake` in `PascalCase`.
fn pascal(snake: &str) -> String {
    let word = |word: &str| word[..1].to_uppercase() + &word[1..];
    snake.split('_').map(word).collect()
}

/// The code of the error number `index`.
fn error(index: usize) -> String {
    named("failure", index).0
}

#[cfg(test)]
mod tests {
    use super::Synthetic;

    #[test]
    fn synthetic_texts_grow_linearly() {
        let check = |texts: fn(Synthetic) -> usize, per_hundred: usize, fixed: usize| {
            assert_eq!(texts(Synthetic::new(100)), per_hundred + fixed);
            assert_eq!(texts(Synthetic::new(1000)), 10 * per_hundred + fixed);
        };
        check(|synthetic| synthetic.schema().len(), 102, 1);
        check(|synthetic| synthetic.proto().len(), 2, 0);
    }
}
