//! What holds the values of a schema, in words, and which types have a rule beside them.

mod choices;
mod objects;
mod shown;
mod values;
