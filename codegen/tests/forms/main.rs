//! Tests of the shapes that schemas are lowered to, in words, and of the types that have an assertion.

mod choices;
mod objects;
mod shown;
mod values;
