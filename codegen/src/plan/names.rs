//! Names of the items that an output adds to the types of a protocol.

use crate::model::{Name, Operation, Role, Struct};

/// The client of a role.
pub(crate) fn client(role: &Role) -> Name {
    role.name.with("client")
}

/// The interface that a server of the role implements.
pub(crate) fn service(role: &Role) -> Name {
    role.name.with("service")
}

/// The server of a role.
pub(crate) fn server(role: &Role) -> Name {
    role.name.with("server")
}

/// The errors that an operation can return.
pub(crate) fn fault(operation: &Operation) -> Name {
    operation.name.with("fault")
}

/// The subject parameters of an operation.
pub(crate) fn params(operation: &Operation) -> Name {
    operation.name.with("params")
}

/// The parameters that a subscriber of an event can fix.
pub(crate) fn filter(operation: &Operation) -> Name {
    operation.name.with("filter")
}

/// The member that holds the additional members of an object.
pub(crate) fn additional_members(shape: &Struct) -> Name {
    let is_free = |name: &Name| shape.fields.iter().all(|field| field.name != *name);
    let mut name = Name::new(vec!["fields".to_owned()]);
    while !is_free(&name) {
        name = Name::new(vec!["other".to_owned()]).join(&name);
    }
    name
}
