// Package codec reads and writes JSON texts and checks every constraint of their schemas in the same pass.
//
// Generated types have the methods DecodeFrom and EncodeTo, which call a [Reader] and a [Writer]. Both keep their first
// error, so generated code has no error paths. An error names the place as a JSON pointer and never contains a value,
// because values can be secrets.
//
// The reader is strict: it refuses duplicate members (RFC 7493), text that is not UTF-8, lone surrogates, numbers that a
// float64 cannot hold, and text behind the value. It ignores members that a type does not know, duplicates included.
package codec
