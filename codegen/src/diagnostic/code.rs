//! The codes of all diagnostics: a table with severity, title, cause, fix and an example.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

use super::severity::Severity;

/// The explanation of a code.
#[derive(Debug)]
pub struct Explanation {
    /// The code itself.
    pub code: Code,
    /// Its name, e.g. `subject-overlap`.
    pub name: &'static str,
    /// Whether it is an error or a warning. The manifest can change the level of a warning.
    pub severity: Severity,
    /// The problem in a few words.
    pub title: &'static str,
    /// The problem, and its consequence.
    pub cause: &'static str,
    /// The change that fixes the problem.
    pub fix: &'static str,
    /// A document with the problem.
    pub example: Example,
}

/// A document with a problem.
#[derive(Clone, Copy, Debug)]
pub enum Example {
    /// A whole file: path and text.
    File(&'static str, &'static str),
    /// A part of a JSON file: path, and the members that show the problem.
    Excerpt(&'static str, &'static str),
}

/// An operation document that examples change.
const OPERATION: &str = "lamp/dim.json";
/// A document of types that examples change.
const TYPES: &str = "types/lamp.json";
const MANIFEST: &str = "manifest.json";

macro_rules! codes {
    ($($code:ident $name:literal $severity:ident $title:literal
        cause $cause:literal
        fix $fix:literal
        $example:ident($path:expr, $text:literal);)*) => {
        /// The stable code of a diagnostic. Displayed as its name, e.g. `subject-overlap`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Code {
            $(#[doc = $title] $code,)*
        }

        /// All codes in the order of the stages that report them.
        static EXPLANATIONS: &[Explanation] = &[$(Explanation {
            code: Code::$code,
            name: $name,
            severity: Severity::$severity,
            title: $title,
            cause: $cause,
            fix: $fix,
            example: Example::$example($path, $text),
        }),*];
    };
}

codes! {
    FileError "file-error" Error "a file cannot be read or written"
        cause "The operating system refused to read a schema file or to write a generated file. The message gives its reason."
        fix "Correct the path or the permissions."
        Excerpt(TYPES, "{}");
    InvalidJson "invalid-json" Error "the file is not JSON"
        cause "The parser stopped at the place that the message names. Comments and trailing commas are not JSON."
        fix "Correct the JSON at this place."
        File(TYPES, r#"{ "$defs": { "Level" "integer" } }"#);
    InvalidEncoding "invalid-encoding" Error "the file is not plain UTF-8"
        cause "JSON files are UTF-8 without a byte order mark (RFC 8259, section 8.1)."
        fix "Save the file as UTF-8 without a byte order mark."
        File(TYPES, "\u{feff}{}");
    DuplicateKey "duplicate-key" Error "an object has the same key twice"
        cause "Parsers disagree about which of the two members counts."
        fix "Remove one of the two members."
        File(TYPES, r#"{ "$defs": { "Level": { "type": "integer", "type": "number" } } }"#);
    NestingTooDeep "nesting-too-deep" Error "the file is nested deeper than 64 levels"
        cause "Objects and arrays may be nested 64 levels deep."
        fix "Move inner schemas to `$defs` and refer to them with `$ref`."
        File(TYPES, "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]");
    UnexpectedType "unexpected-type" Error "a value has the wrong JSON type"
        cause "The keyword or member requires another JSON type, for example an array or a string."
        fix "Write a value of the type that the message names."
        Excerpt(TYPES, r#"{ "$defs": { "Level": { "type": "string", "maxLength": "8" } } }"#);
    InvalidValue "invalid-value" Error "a value is outside what is allowed here"
        cause "The value has the right JSON type, but the keyword or the meta-schema in `schema/meta` does not allow it."
        fix "Write a value that the help of the diagnostic describes."
        Excerpt(MANIFEST, r#"{ "version": "1.2" }"#);
    InvalidName "invalid-name" Error "a name is not in `snake_case`"
        cause "Roles, errors, operations, parameters and files have names in snake_case, so that each target language can write them in its own style."
        fix "Use lower-case letters, digits and single `_` between words; start with a letter."
        Excerpt(MANIFEST, r#"{ "roles": { "nightLight": { "description": "Gives little light." } } }"#);
    MissingMember "missing-member" Error "a required member is missing"
        cause "The object is not complete without this member."
        fix "Add the member; the help says how."
        File(MANIFEST, r#"{ "name": "lamps", "version": "1.2.0", "description": "Lamps.", "roles": { "lamp": { "description": "Gives light." } } }"#);
    UnknownMember "unknown-member" Error "an object has a member that does not exist"
        cause "The manifest and `x-nats` have a fixed list of members. An unknown member would be ignored silently."
        fix "Correct the spelling or remove the member."
        Excerpt(MANIFEST, r#"{ "prefx": "acme" }"#);
    MissingManifest "missing-manifest" Error "the schema directory has no manifest"
        cause "`manifest.json` defines the name, version, subject prefix, roles and errors of the protocol."
        fix "Create `manifest.json` in the schema directory."
        File("schema/types/lamp.json", r#"{ "$schema": "https://json-schema.org/draft/2020-12/schema" }"#);
    UnknownDocument "unknown-document" Error "a file is neither manifest, operation nor types"
        cause "Operations are in `<role>/<operation>.json`, shared types in `types/<topic>.json`."
        fix "Move the file to one of these paths, or out of the schema directory."
        File("lamp/old/dim.json", r#"{ "$schema": "https://json-schema.org/draft/2020-12/schema" }"#);
    UnreadFile "unread-file" Warning "a file of the schema directory is not read"
        cause "natsgen reads files whose names end in `.json`. It ignores `.md` files, hidden files and the folder `meta`."
        fix "Rename the file, or move it out of the schema directory."
        File("types/lamp.yaml", "{}");
    MisplacedKeyword "misplaced-keyword" Error "a keyword has no effect at this place"
        cause "An operation document has schemas only under `$defs`; `x-nats` and `$schema` belong at the root of a document."
        fix "Move the keyword to the place that the help names."
        Excerpt(OPERATION, r#"{ "type": "object" }"#);
    InvalidSubject "invalid-subject" Error "the subject is malformed"
        cause "A subject starts with `{prefix}.`, then has words and parameters, joined by dots. A parameter fills a whole token. Wildcards are derived from parameters."
        fix "Write the subject as `{prefix}.word.{parameter}`."
        Excerpt(OPERATION, r#"{ "x-nats": { "subject": "{prefix}.dim.*" } }"#);
    UnknownRole "unknown-role" Error "the manifest does not define the role"
        cause "`from` and `to` name roles of the manifest."
        fix "Correct the name, or add the role to `roles` in the manifest."
        Excerpt(OPERATION, r#"{ "x-nats": { "from": "pannel" } }"#);
    UnknownError "unknown-error" Error "the manifest does not define the error"
        cause "`errors` of an operation names codes of the manifest's error catalogue."
        fix "Correct the code, or add the error to `errors` in the manifest."
        Excerpt(OPERATION, r#"{ "x-nats": { "errors": ["broken"] } }"#);
    DuplicateEntry "duplicate-entry" Error "a list has the same entry twice"
        cause "The second entry has no effect, so it is likely a mistake."
        fix "Remove one of the two entries."
        Excerpt(OPERATION, r#"{ "x-nats": { "errors": ["burnt_out", "burnt_out"] } }"#);
    ForeignMessage "foreign-message" Error "a message type is in another document"
        cause "The request, reply or message of an operation is a type of its own document, so that generated code has one place for it."
        fix "Define the type under `$defs` of the operation; it may be a `$ref` to a shared type."
        Excerpt(OPERATION, r#"{ "x-nats": { "request": "../types/lamp.json#/$defs/Scene" } }"#);
    MissingTimeout "missing-timeout" Warning "a request has no timeout"
        cause "Neither the operation nor `defaults` in the manifest sets a timeout. Calls then wait 10 s."
        fix "Add `\"timeout\": \"10s\"` to the operation or to `defaults` in the manifest."
        File(MANIFEST, r#"{ "name": "lamps", "version": "1.2.0", "description": "Lamps.", "prefix": "acme.lamps",
  "roles": { "lamp": { "description": "Gives light.", "instance": "lamp_id" }, "panel": { "description": "Controls lamps." } },
  "errors": { "burnt_out": { "description": "The lamp is dead.", "status": 503, "text": "burnt out" },
              "no_such_scene": { "description": "The scene is not defined.", "status": 404, "text": "no such scene: {detail}" } } }"#);
    InvalidHttp "invalid-http" Error "the HTTP form of an operation is not possible"
        cause "A parameter of a path is a parameter of the subject or a required string or integer of the request. A GET or DELETE request has strings, numbers and booleans only. No two operations have the same method and path. A conversion reads members that its documents have."
        fix "Correct the member of `x-http` that the message names."
        Excerpt(OPERATION, r#"{ "x-http": { "method": "POST", "path": "/lamps/{lamp}" } }"#);
    UntypedParameter "untyped-parameter" Error "a parameter of the subject has no type"
        cause "Each parameter of the subject has a type under `params`. The type guarantees that a value stays inside its token."
        fix "Add the parameter to `params`, with a reference to a type."
        Excerpt(OPERATION, r#"{ "x-nats": { "subject": "{prefix}.cmd.{lamp_id}.dim.{speed}" } }"#);
    UnusedParameter "unused-parameter" Error "`params` has a parameter that the subject does not have"
        cause "A type under `params` belongs to a parameter of the subject."
        fix "Remove it, or add the parameter to the subject."
        Excerpt(OPERATION, r#"{ "x-nats": { "params": { "room": "../types/lamp.json#/$defs/Scene" } } }"#);
    UnsafeParameter "unsafe-parameter" Error "a parameter can leave its subject token"
        cause "A parameter is put into a subject. The constraints of its type must exclude `.`, `*`, `>`, white space and the empty string. Integers must not be negative. Secrets are not allowed, because subjects are visible on the server."
        fix "Restrict the type with `pattern` and `minLength`, e.g. `^[^.*>\\s]+$`, or with `enum`."
        Excerpt(TYPES, r#"{ "$defs": { "LampId": { "pattern": "^[a-z.]+$" } } }"#);
    MisplacedOperation "misplaced-operation" Error "the document is not in the folder of its role"
        cause "The document of an operation is in the folder of the role that serves it."
        fix "Move the document, or correct `to`."
        Excerpt(OPERATION, r#"{ "x-nats": { "to": "panel" } }"#);
    BroadcastRequest "broadcast-request" Error "a request is delivered to all subscribers"
        cause "With the delivery `broadcast` each subscriber would send a reply, and a caller expects a single reply."
        fix "Use `queue:<name>` or `instance`."
        Excerpt(OPERATION, r#"{ "x-nats": { "delivery": "broadcast" } }"#);
    MissingInstance "missing-instance" Error "the subject does not name the instance"
        cause "With the delivery `instance` the subject contains the parameter that the manifest names for the role under `instance`."
        fix "Add the parameter to the subject, name it in the manifest, or use `queue:<name>`."
        Excerpt(OPERATION, r#"{ "x-nats": { "subject": "{prefix}.cmd.{scene}.dim", "params": { "scene": "../types/lamp.json#/$defs/Scene" } } }"#);
    AmbiguousInstance "ambiguous-instance" Error "a parameter stands directly beside the instance"
        cause "An instance is a single parameter. Two servers of this instance would both execute a request, because they get all values of the other parameter."
        fix "Use a single parameter for both, or put a fixed word between them."
        Excerpt(OPERATION, r#"{ "x-nats": { "subject": "{prefix}.cmd.{lamp_id}.{scene}.dim", "params": { "scene": "../types/lamp.json#/$defs/Scene" } } }"#);
    InstanceTypeConflict "instance-type-conflict" Error "two operations have different types for one instance"
        cause "The id of an instance has the same type in all operations of its role."
        fix "Use one type for the parameter in all operations of the role."
        File("lamp/blink.json", r##"{ "$schema": "https://json-schema.org/draft/2020-12/schema", "description": "Blinks.",
  "x-nats": { "kind": "publish", "subject": "{prefix}.blink.{lamp_id}", "params": { "lamp_id": "../types/lamp.json#/$defs/Scene" },
              "from": "panel", "to": "lamp", "message": "#/$defs/Message", "delivery": "instance" },
  "$defs": { "Message": { "description": "Nothing more.", "type": "object" } } }"##);
    SubjectOverlap "subject-overlap" Error "a message could belong to two operations"
        cause "Two subjects overlap: some concrete subject matches both. A server could not tell which operation is meant."
        fix "Let the two subjects differ in a fixed word at the same position, or in their number of tokens."
        Excerpt("panel/glow.json", r#"{ "x-nats": { "subject": "{prefix}.cmd.{lamp_id}.dim" } }"#);
    AmbiguousReply "ambiguous-reply" Error "an error satisfies the schema of the reply"
        cause "Errors are sent as `{\"error\": \"…\", \"code\": …}`. A caller that accepts such an object as a reply would not notice the error."
        fix "Make the reply an object that requires a member with another name than `error`."
        Excerpt(OPERATION, r#"{ "$defs": { "Reply": { "required": [] } } }"#);
    StreamReply "stream-reply" Error "the acknowledgement of a stream satisfies the schema of the reply"
        cause "A JetStream stream whose subjects contain the subject of a request acknowledges the request with `{\"stream\": \"…\", \"seq\": …}`. A caller that accepts such an object as a reply would not notice that the server did not answer."
        fix "Let the reply require a member with another name than `stream` and `seq`."
        Excerpt(OPERATION, r#"{ "$defs": { "Reply": { "required": ["stream"], "properties": { "stream": { "description": "Its video stream.", "type": "string", "maxLength": 64 } }, "examples": [{ "stream": "porch" }] } } }"#);
    InvalidOrdering "invalid-ordering" Error "the ordering key is not a required field of the request"
        cause "Requests with equal ordering keys run in order. The key is a field of the request: required, not nullable, a string or an integer."
        fix "Name such a field of the request."
        Excerpt(OPERATION, r#"{ "x-nats": { "ordering": "fade_ms" } }"#);
    ReservedError "reserved-error" Error "the runtime already has this error"
        cause "The runtime answers with errors of its own, for example `overloaded`. An error of the protocol needs another code and another text."
        fix "Remove the error, or choose another code or text."
        Excerpt(MANIFEST, r#"{ "errors": { "overloaded": { "description": "Too hot.", "status": 503, "text": "too hot" } } }"#);
    DuplicateErrorText "duplicate-error-text" Error "two errors have the same text"
        cause "Some peers send an error without its code. Then the text is all that tells errors apart."
        fix "Choose another text for one of the two errors."
        Excerpt(MANIFEST, r#"{ "errors": { "dead": { "description": "Dead.", "status": 503, "text": "burnt out" } } }"#);
    InvalidErrorForm "invalid-error-form" Error "the form of errors is not consistent"
        cause "`error_form` in the manifest says where text, code and status of an error stand in a reply. A server must be able to write them, and a caller must be able to tell errors apart."
        fix "Correct the member that the message names."
        Excerpt(MANIFEST, r#"{ "error_form": { "text": "/error", "code": "/error/code" } }"#);
    InvalidLint "invalid-lint" Error "the manifest sets the level of a code that has no level"
        cause "`lints` sets the level of warnings: `allow`, `warn` or `deny`. Errors are always errors."
        fix "Name the code of a warning; `natsgen explain` lists all codes."
        Excerpt(MANIFEST, r#"{ "lints": { "subject-overlap": "allow" } }"#);
    MissingDialect "missing-dialect" Warning "a document has no `$schema`"
        cause "Without `$schema`, the document is read as JSON Schema 2020-12."
        fix "Write `$schema` with the URI of the dialect."
        File(TYPES, r#"{ "$defs": { "Level": { "description": "Level.", "type": "integer", "minimum": 0, "maximum": 9 } } }"#);
    UnsupportedDialect "unsupported-dialect" Error "`$schema` names an unknown dialect"
        cause "Documents are written in JSON Schema 2020-12, 2019-09, draft-07, draft-06 or draft-04, or name a meta-schema of the schema directory."
        fix "Write `https://json-schema.org/draft/2020-12/schema` or the URI of another of these dialects."
        Excerpt(TYPES, r#"{ "$schema": "http://json-schema.org/draft-03/schema" }"#);
    UnsupportedVocabulary "unsupported-vocabulary" Error "a meta-schema requires an unknown vocabulary"
        cause "A meta-schema of the schema directory requires a vocabulary that is not part of 2020-12, so its keywords have no known meaning."
        fix "Remove the vocabulary, or set it to `false`."
        File("types/meta.json", r#"{ "$schema": "https://acme.example/dialect", "$id": "https://acme.example/dialect",
  "$vocabulary": { "https://acme.example/vocab/colors": true }, "$defs": {} }"#);
    InvalidId "invalid-id" Error "`$id` is not a URI reference without fragment"
        cause "`$id` identifies a schema resource. In 2020-12 it has no fragment."
        fix "Write a URI, and write a fragment as `$anchor`."
        Excerpt(TYPES, r#"{ "$defs": { "Scene": { "$id": "https://acme.example/scene#name" } } }"#);
    DuplicateId "duplicate-id" Error "two schemas have the same `$id`"
        cause "A reference to this URI would be ambiguous."
        fix "Give each schema an `$id` of its own."
        Excerpt(TYPES, r#"{ "$defs": { "Scene": { "$id": "https://acme.example/lamps/lamp/dim.json" } } }"#);
    IgnoredId "ignored-id" Warning "an `$id` is a JSON pointer"
        cause "Some tools write the place of a schema as its `$id`. Before 2019-09, a fragment in `$id` is the name of an anchor, and a JSON pointer is no name."
        fix "Remove the `$id`. References by JSON pointer work without it."
        File(TYPES, r##"{ "$schema": "http://json-schema.org/draft-07/schema#", "definitions": { "Level": { "$id": "#/definitions/Level", "description": "Level.", "type": "integer", "minimum": 0, "maximum": 9 } } }"##);
    InvalidAnchor "invalid-anchor" Error "an anchor is not a name"
        cause "An anchor starts with a letter or `_` and consists of ASCII letters, digits, `-`, `_` and `.`."
        fix "Choose such a name."
        Excerpt(TYPES, r#"{ "$defs": { "Scene": { "$anchor": "a scene" } } }"#);
    DuplicateAnchor "duplicate-anchor" Error "two places of a schema have the same anchor"
        cause "A reference to this anchor would be ambiguous."
        fix "Give each place an anchor of its own."
        Excerpt(TYPES, r#"{ "$defs": { "Scene": { "$anchor": "here" }, "Color": { "$anchor": "here" } } }"#);
    UnresolvedReference "unresolved-reference" Error "a reference leads to no schema"
        cause "There is no document, place or anchor with this name. Nothing is fetched from the network."
        fix "Correct the reference, or define its target."
        Excerpt(TYPES, r##"{ "$defs": { "Mood": { "description": "Mood.", "$ref": "#/$defs/Colour" } } }"##);
    OperationReference "operation-reference" Error "a reference leads into another operation"
        cause "The types of an operation belong to it. Shared types are in `types/`."
        fix "Move the type to a document in `types/`, and refer to it from both."
        Excerpt("panel/glow.json", r#"{ "$defs": { "Message": { "properties": { "outcome": { "$ref": "../lamp/dim.json#/$defs/Outcome" } } } } }"#);
    MetaSchemaReference "meta-schema-reference" Error "a message type is a meta-schema"
        cause "The bundled meta-schemas validate values, but they become no types."
        fix "Define a type that refers to the meta-schema."
        Excerpt(OPERATION, r#"{ "x-nats": { "params": { "lamp_id": "https://json-schema.org/draft/2020-12/schema" } } }"#);
    IgnoredBesideRef "ignored-beside-ref" Warning "a dialect before 2019-09 ignores keywords beside `$ref`"
        cause "Before 2019-09, a schema with `$ref` is only the reference. All keywords beside it have no effect."
        fix "Put both into an `allOf`, or write the document in 2020-12."
        File("types/old.json", r##"{ "$schema": "http://json-schema.org/draft-07/schema#",
  "definitions": { "Word": { "description": "A word.", "type": "string", "maxLength": 9 },
                   "Short": { "$ref": "#/definitions/Word", "maxLength": 3 } } }"##);
    UnknownKeyword "unknown-keyword" Error "a keyword is misspelled"
        cause "The dialect has no such keyword, but a similar keyword. A misspelled keyword would be ignored."
        fix "Correct the spelling, or remove the keyword. `schema/README.md` lists the keywords."
        Excerpt(TYPES, r#"{ "$defs": { "Scene": { "minLenght": 1 } } }"#);
    IgnoredKeyword "ignored-keyword" Warning "the dialect has no such keyword"
        cause "JSON Schema ignores keywords that its dialect does not define. Known annotations of other tools, and keywords that start with `x-`, are not reported."
        fix "Remove the keyword, or list it under `annotations` in the manifest."
        Excerpt(TYPES, r#"{ "$defs": { "Scene": { "widget": "dropdown" } } }"#);
    IneffectiveKeyword "ineffective-keyword" Warning "a keyword has no effect"
        cause "The keyword applies to values of another type, or needs another keyword beside it. All values pass it."
        fix "Remove the keyword, correct the `type`, or add the other keyword."
        Excerpt(TYPES, r#"{ "$defs": { "Level": { "description": "Level.", "type": "integer", "minimum": 0, "maximum": 9, "maxLength": 3 } } }"#);
    UnknownType "unknown-type" Error "`type` names no JSON type"
        cause "The types are `string`, `integer`, `number`, `boolean`, `object`, `array` and `null`."
        fix "Write one of these types, or a list of them."
        Excerpt(TYPES, r#"{ "$defs": { "Level": { "description": "Level.", "type": "int" } } }"#);
    UnknownFormat "unknown-format" Warning "the format is not validated"
        cause "The runtime validates only the formats of JSON Schema. Any string is valid for another format."
        fix "Correct the name, or set the level of this warning to `allow`."
        Excerpt(TYPES, r#"{ "$defs": { "Date": { "description": "Date.", "type": "string", "format": "date-tiem" } } }"#);
    InvalidPattern "invalid-pattern" Error "the pattern is not a regular expression"
        cause "Patterns are ECMA 262 regular expressions with the flag `u`."
        fix "Correct the pattern."
        Excerpt(TYPES, r#"{ "$defs": { "Word": { "description": "Word.", "type": "string", "pattern": "(a" } } }"#);
    PatternNotLinear "pattern-not-linear" Error "the pattern needs backtracking"
        cause "Patterns are matched in linear time. Backreferences and lookaround cannot be."
        fix "Rewrite the pattern without them, or combine two schemas with `allOf` or `not`."
        Excerpt(TYPES, r#"{ "$defs": { "Word": { "description": "Word.", "type": "string", "pattern": "^(a+)\\1$" } } }"#);
    PatternTooLarge "pattern-too-large" Error "the pattern is too large"
        cause "The compiled pattern would have more than 30,000 states."
        fix "Use smaller repetitions, and limit lengths with `maxLength`."
        Excerpt(TYPES, r#"{ "$defs": { "Word": { "description": "Word.", "type": "string", "pattern": "^([a-z]{200}){200}$" } } }"#);
    UnsatisfiableBounds "unsatisfiable-bounds" Error "no value satisfies the bounds"
        cause "The lower bound is above the upper bound, or the pattern contradicts the length."
        fix "Correct the bounds."
        Excerpt(TYPES, r#"{ "$defs": { "Level": { "description": "Level.", "type": "integer", "minimum": 9, "maximum": 1 } } }"#);
    ConflictingType "conflicting-type" Error "`type` excludes all constants"
        cause "No value has this type and equals one of these constants."
        fix "Correct `type`, `const` or `enum`."
        Excerpt(TYPES, r#"{ "$defs": { "Level": { "description": "Level.", "type": "integer", "const": "high" } } }"#);
    ConflictingNull "conflicting-null" Warning "`type` and `enum` disagree about `null`"
        cause "Only one of the two keywords allows `null`, so `null` is refused."
        fix "Allow `null` in both keywords or in neither."
        Excerpt(TYPES, r#"{ "$defs": { "Mood": { "description": "Mood.", "type": "string", "enum": ["good", null] } } }"#);
    EmptyEnum "empty-enum" Warning "`enum` is empty"
        cause "No value is valid."
        fix "Write at least one value."
        Excerpt(TYPES, r#"{ "$defs": { "Mood": { "description": "Mood.", "enum": [] } } }"#);
    IntegerTooWide "integer-too-wide" Warning "the integer's range is wider than 64 bits"
        cause "Integers are held in 64 bits. Values outside are refused, although the schema allows them."
        fix "Write `minimum` and `maximum` within 64 bits."
        Excerpt(TYPES, r#"{ "$defs": { "Level": { "description": "Level.", "type": "integer", "minimum": 0 } } }"#);
    InexactInteger "inexact-integer" Warning "the integer exceeds 2^53"
        cause "Languages that hold numbers as 64-bit floating point round integers beyond 2^53."
        fix "Lower the bound, or confirm the width with `\"format\": \"uint64\"` or `\"int64\"`."
        Excerpt(TYPES, r#"{ "$defs": { "Level": { "description": "Level.", "type": "integer", "minimum": 0, "maximum": 9007199254740993 } } }"#);
    InexactNumber "inexact-number" Warning "a number is rounded"
        cause "Numbers other than integers of 64 bits are held as 64-bit floating point. The number has more digits, so the nearest such number is used in its place."
        fix "Write the number that the message names."
        File("types/level.json", r#"{ "$schema": "https://json-schema.org/draft/2020-12/schema",
  "$defs": { "Level": { "description": "Level.", "type": "number", "minimum": 0, "maximum": 9007199254740993.5 } } }"#);
    InvalidUnit "invalid-unit" Error "`x-unit` is not on an integer from 0 on"
        cause "`x-unit` makes an integer a duration. A duration is a property whose `type` is `integer` and whose `minimum` is at least 0."
        fix "Write `\"type\": \"integer\"` and `\"minimum\": 0` beside it, or remove `x-unit`."
        Excerpt(OPERATION, r#"{ "$defs": { "Request": { "properties": { "level": { "x-unit": "ms", "minimum": -1 } } } } }"#);
    UnitSuffix "unit-suffix" Warning "a key ends in a unit, but the schema has no `x-unit`"
        cause "The key looks like a duration. Without `x-unit` its type is a plain integer, and callers can confuse the unit."
        fix "Add `x-unit` to make it a duration, or choose another key."
        Excerpt(OPERATION, r#"{ "$defs": { "Request": { "properties": { "delay_ms": { "description": "Delay.", "type": "integer", "minimum": 0, "maximum": 9 } } } } }"#);
    UnitMismatch "unit-mismatch" Warning "the key ends in another unit than `x-unit`"
        cause "Readers take the unit from the key, code takes it from `x-unit`."
        fix "Correct the key or `x-unit`."
        Excerpt(OPERATION, r#"{ "$defs": { "Request": { "properties": { "delay_ms": { "description": "Delay.", "type": "integer", "minimum": 0, "maximum": 9, "x-unit": "s" } } } } }"#);
    SensitiveValue "sensitive-value" Error "only a string can be sensitive"
        cause "`sensitive` hides a string in debug output and logs. Other values are shown."
        fix "Write `\"type\": \"string\"` beside it, or remove `sensitive`."
        Excerpt(TYPES, r#"{ "$defs": { "Pin": { "description": "Pin.", "type": "integer", "minimum": 0, "maximum": 9999, "sensitive": true } } }"#);
    SensitiveKey "sensitive-key" Error "a key of an object cannot be sensitive"
        cause "Logs and errors show the keys of objects."
        fix "Put the secret into a value."
        Excerpt(TYPES, r##"{ "$defs": { "Keys": { "description": "Keys.", "type": "object", "propertyNames": { "$ref": "#/$defs/PairingKey" } } } }"##);
    UntypedKeyword "untyped-keyword" Warning "a keyword has no `type` beside it"
        cause "The keyword applies to values of one type. Values of all other types pass, and code holds any JSON value."
        fix "Write the `type`."
        Excerpt(TYPES, r#"{ "$defs": { "Word": { "description": "Word.", "maxLength": 9 } } }"#);
    FreeFormValue "free-form-value" Warning "no type describes the values of a schema"
        cause "The keywords of the schema do not say which values are valid in a form that a type can have. Code holds any JSON value, and validates it."
        fix "Write the `type` of the values. Write `true` if any value is intended."
        Excerpt(TYPES, r#"{ "$defs": { "Word": { "description": "Word.", "not": { "type": "null" } } } }"#);
    UndescribedProperty "undescribed-property" Warning "a required key is not a property"
        cause "`required` lists a key that `properties` does not describe. Its value is any JSON value."
        fix "Describe the key under `properties`, or correct the spelling."
        Excerpt(OPERATION, r#"{ "$defs": { "Request": { "required": ["scene", "level", "leevl"] } } }"#);
    ImpossibleProperty "impossible-property" Error "a required key is not allowed"
        cause "`required` lists a key that `properties` does not describe, and `additionalProperties` is `false`. No value is valid."
        fix "Describe the key under `properties`, or remove it from `required`."
        Excerpt(OPERATION, r#"{ "$defs": { "Request": { "required": ["scene", "leevl"], "additionalProperties": false } } }"#);
    RequiredDefault "required-default" Warning "a required property has a default"
        cause "A default applies when a property is absent. A required property is never absent."
        fix "Remove the default, or remove the key from `required`."
        Excerpt(OPERATION, r#"{ "$defs": { "Request": { "properties": { "level": { "default": 5 } } } } }"#);
    InvalidExample "invalid-example" Warning "an example is not valid"
        cause "A value under `examples` does not satisfy its own schema. natsgen does not use it."
        fix "Correct the example or the schema."
        Excerpt(TYPES, r#"{ "$defs": { "Scene": { "examples": ["Dinner"] } } }"#);
    InvalidDefault "invalid-default" Warning "a default is not valid"
        cause "The value under `default` does not satisfy its own schema, or the generated type cannot hold it: an integer beyond 64 bits. natsgen does not use it, so the member is optional."
        fix "Correct the default or the schema."
        Excerpt(OPERATION, r#"{ "$defs": { "Request": { "properties": { "fade_ms": { "default": -1 } } } } }"#);
    EndlessType "endless-type" Error "no value of the type is finite"
        cause "Each value of the type contains another value of the same type."
        fix "End the recursion with an array or a map that may be empty, an optional member, or `null`."
        Excerpt(TYPES, r##"{ "$defs": { "Node": { "description": "Node.", "type": "object", "properties": { "next": { "$ref": "#/$defs/Node" } }, "required": ["next"] } } }"##);
    EndlessDefault "endless-default" Warning "a default contains itself"
        cause "The default has an object without a member whose own default contains the first default again."
        fix "Write the member in the default, or remove the default."
        Excerpt(TYPES, r##"{ "$defs": { "Node": { "description": "Node.", "type": "object", "properties": { "nodes": { "description": "Nodes.", "type": "array", "items": { "$ref": "#/$defs/Node" }, "default": [{}] } } } } }"##);
    EndlessReference "endless-reference" Error "a reference leads back to itself"
        cause "Validation of a value would never end: the references return to this schema without descending into the value."
        fix "Refer to the schema under `properties`, `items` or another keyword for parts of the value."
        Excerpt(TYPES, r##"{ "$defs": { "Loop": { "description": "Loop.", "not": { "$ref": "#/$defs/Loop" } } } }"##);
    ReservedName "reserved-name" Error "generated code or a target language reserves the name"
        cause "The name is a keyword of a target language, or generated code already uses it."
        fix "Choose another name."
        Excerpt(MANIFEST, r#"{ "roles": { "types": { "description": "Types." } } }"#);
    DuplicateName "duplicate-name" Error "two operations have the same name"
        cause "The names of operations are unique in the protocol, because clients and subjects have one list of them."
        fix "Rename one of the two files."
        File("panel/dim.json", r##"{ "$schema": "https://json-schema.org/draft/2020-12/schema", "description": "Blinks.",
  "x-nats": { "kind": "publish", "subject": "{prefix}.dimmed", "from": "lamp", "to": "panel", "message": "#/$defs/Message", "delivery": "broadcast" },
  "$defs": { "Message": { "description": "Nothing more.", "type": "object" } } }"##);
    RenamedItem "renamed-item" Warning "a type or a member has another name in code than its schema suggests"
        cause "Names are unique in generated code: types in the protocol, fields and variants in their type. Case and separators do not count. The later of two equal names gets the name of its document or a number."
        fix "Set another name with `title`, or rename one of the two definitions."
        Excerpt(OPERATION, r#"{ "$defs": { "Request": { "properties": { "fadeTo": { "description": "A color.", "type": "string", "maxLength": 9 }, "fade-to": { "description": "A level.", "type": "string", "maxLength": 9 } } } } }"#);
    MissingDescription "missing-description" Warning "a definition has no description"
        cause "Descriptions become the documentation of generated code."
        fix "Add a `description`."
        Excerpt(OPERATION, r#"{ "description": "" }"#);
    MissingExample "missing-example" Warning "a message has no example"
        cause "Examples are validated, and tests of all languages use them."
        fix "Add `examples`."
        Excerpt(OPERATION, r#"{ "$defs": { "Request": { "examples": [] } } }"#);
    ExposedSecret "exposed-secret" Warning "a key looks like a secret, but its value is shown"
        cause "Debug output and logs show the value."
        fix "Refer to a string type with `\"sensitive\": true`, or choose another key."
        Excerpt(OPERATION, r#"{ "$defs": { "Request": { "properties": { "password": { "description": "Password.", "type": "string", "maxLength": 9 } } } } }"#);
    UnlimitedSize "unlimited-size" Warning "a part of a message has no size limit"
        cause "A server cannot bound the memory that such a message needs."
        fix "Add `maxLength`, `maxItems` or `maxProperties`."
        Excerpt(OPERATION, r#"{ "$defs": { "Request": { "properties": { "note": { "description": "Note.", "type": "string" } } } } }"#);
}

impl Code {
    /// The explanations of all codes, in the order of the stages that report them.
    #[must_use]
    pub fn all() -> &'static [Explanation] {
        EXPLANATIONS
    }

    /// The explanation of the code.
    #[must_use]
    pub fn explanation(self) -> &'static Explanation {
        &EXPLANATIONS[self as usize]
    }

    /// The name, e.g. `subject-overlap`.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.explanation().name
    }

    /// Whether the code is an error or a warning.
    #[must_use]
    pub fn severity(self) -> Severity {
        self.explanation().severity
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Code {
    type Err = ();

    fn from_str(name: &str) -> Result<Self, ()> {
        let found = EXPLANATIONS.iter().find(|entry| entry.name == name);
        found.map(|entry| entry.code).ok_or(())
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn code_table_is_in_the_order_of_the_codes() {
        let mut names = HashSet::new();
        for (at, entry) in Code::all().iter().enumerate() {
            assert_eq!(entry.code as usize, at, "{}", entry.name);
            assert!(names.insert(entry.name), "{}", entry.name);
            assert_eq!(entry.name.parse(), Ok(entry.code));
        }
    }
}
