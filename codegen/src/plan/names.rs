//! Names of the items that an output adds to the types of a protocol.

use crate::model::{Name, Operation, Role, Struct};

const CLIENT: &str = "client";
const SERVICE: &str = "service";
const SERVER: &str = "server";
const SUBSCRIBER: &str = "subscriber";
const FAULT: &str = "fault";
const PARAMS: &str = "params";
const FILTER: &str = "filter";
const SUBSCRIBE: &str = "subscribe";

/// All items that outputs add to the types of an operation with this name.
pub(crate) fn companions_of_operation(name: &Name) -> Vec<Name> {
    let subscribe = Name::new(vec![SUBSCRIBE.to_owned()]).join(name);
    let others = [FAULT, PARAMS, FILTER].map(|word| name.with(word));
    others.into_iter().chain([subscribe]).collect()
}

/// All items that outputs add to the types of a role with this name.
pub(crate) fn companions_of_role(name: &Name) -> Vec<Name> {
    [CLIENT, SERVICE, SERVER, SUBSCRIBER]
        .map(|word| name.with(word))
        .into()
}

/// The client of a role.
pub(crate) fn client(role: &Role) -> Name {
    role.name.with(CLIENT)
}

/// The interface that a server of the role implements.
pub(crate) fn service(role: &Role) -> Name {
    role.name.with(SERVICE)
}

/// The server of a role.
pub(crate) fn server(role: &Role) -> Name {
    role.name.with(SERVER)
}

/// The errors that an operation can return.
pub(crate) fn fault(operation: &Operation) -> Name {
    operation.name.with(FAULT)
}

/// The subject parameters of an operation.
pub(crate) fn params(operation: &Operation) -> Name {
    operation.name.with(PARAMS)
}

/// The parameters that a subscriber of an event can fix.
pub(crate) fn filter(operation: &Operation) -> Name {
    operation.name.with(FILTER)
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

/// The class with the subscriptions of a role.
pub(crate) fn subscriber(role: &Role) -> Name {
    role.name.with(SUBSCRIBER)
}

/// The function that subscribes to an event.
pub(crate) fn subscribe(operation: &Operation) -> Name {
    Name::new(vec![SUBSCRIBE.to_owned()]).join(&operation.name)
}
