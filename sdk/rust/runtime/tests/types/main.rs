//! Types as generated code declares them: valid values, violations, and agreement. The owned form, the borrowed form,
//! serde and the wire format must agree.

mod agreement;
mod building;
mod objects;
mod scalars;
mod shapes;
mod unions;
