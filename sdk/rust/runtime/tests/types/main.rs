//! Types as generated code declares them: what they take, what they refuse, and that serde, the wire, the owned and the
//! borrowed form agree on it.

mod agreement;
mod building;
mod objects;
mod scalars;
mod shapes;
mod unions;
