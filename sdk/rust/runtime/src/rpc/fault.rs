//! Errors that a peer returns: standard faults, and the wire format of all faults.

use std::error::Error;
use std::fmt;

use crate::codec;
use crate::codec::json::{Encode, MapRef, Writer};
use crate::codec::side::Side;
use crate::codec::violation::Violation;
use crate::error_form::ErrorForm;
use crate::escaped::Escaped;
use crate::fault::{ErrorKind, Fault};
use crate::rpc::form::{self, Found};
use crate::transport::Headers;
use bytes::Bytes;

/// The header that marks a reply as an error and contains its status.
pub(crate) const ERROR_CODE_HEADER: &str = "Nats-Service-Error-Code";
/// The header with the text of an error.
pub(crate) const ERROR_HEADER: &str = "Nats-Service-Error";

/// The maximum size of an error text in the header, in bytes. The body contains the complete text.
const HEADER_TEXT_LIMIT: usize = 200;

/// The standard faults, which the runtime of the server returns for each operation.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StandardFault {
    /// The request violates its schema.
    BadRequest {
        /// The JSON pointer of the invalid value; empty for the request itself, or if the peer sends no pointer.
        pointer: String,
        /// The expected value.
        reason: String,
    },
    /// The server has no operation with this subject.
    UnknownCommand {
        /// The tokens of the subject that name the operation.
        command: String,
    },
    /// The deadline passed before the server started the request. The request was not executed.
    DeadlineExceeded,
    /// The queue of the server is full. The request was not executed.
    Overloaded,
    /// Too many requests with the same ordering key are queued. The request was not executed.
    KeyOverloaded,
    /// The server is draining. The request was not executed.
    Draining,
    /// A control request with the same ordering key has overtaken the request, which was not executed.
    Cancelled,
    /// A control request with the same ordering key has stopped the running request. Its effects are unknown.
    Aborted,
    /// An internal error of the server, without details.
    Internal,
    /// The request was executed, but its reply exceeds the size limit of a message.
    ReplyTooLarge {
        /// Size and limit as text.
        detail: String,
    },
    /// An earlier request with this id was executed, but the server no longer has the reply.
    ReplyForgotten,
}

pub(crate) const BAD_REQUEST: ErrorKind = ErrorKind {
    code: "bad_request",
    status: 400,
    text: "bad request: ",
    has_detail: true,
};
const UNKNOWN_COMMAND: ErrorKind = ErrorKind {
    code: "unknown_command",
    status: 404,
    text: "unknown command: ",
    has_detail: true,
};
const DEADLINE_EXCEEDED: ErrorKind = ErrorKind {
    code: "deadline_exceeded",
    status: 408,
    text: "deadline exceeded",
    has_detail: false,
};
const OVERLOADED: ErrorKind = ErrorKind {
    code: "overloaded",
    status: 429,
    text: "overloaded",
    has_detail: false,
};
const KEY_OVERLOADED: ErrorKind = ErrorKind {
    code: "key_overloaded",
    status: 429,
    text: "overloaded: too many requests with this ordering key",
    has_detail: false,
};
const CANCELLED: ErrorKind = ErrorKind {
    code: "cancelled",
    status: 409,
    text: "cancelled",
    has_detail: false,
};
const ABORTED: ErrorKind = ErrorKind {
    code: "aborted",
    status: 409,
    text: "aborted",
    has_detail: false,
};
const DRAINING: ErrorKind = ErrorKind {
    code: "draining",
    status: 503,
    text: "draining",
    has_detail: false,
};
const INTERNAL: ErrorKind = ErrorKind {
    code: "internal",
    status: 500,
    text: "internal error",
    has_detail: false,
};
const REPLY_TOO_LARGE: ErrorKind = ErrorKind {
    code: "reply_too_large",
    status: 413,
    text: "reply too large: ",
    has_detail: true,
};

const REPLY_FORGOTTEN: ErrorKind = ErrorKind {
    code: "reply_forgotten",
    status: 410,
    text: "executed before, reply forgotten",
    has_detail: false,
};

const STANDARD: &[ErrorKind] = &[
    BAD_REQUEST,
    UNKNOWN_COMMAND,
    DEADLINE_EXCEEDED,
    OVERLOADED,
    KEY_OVERLOADED,
    DRAINING,
    CANCELLED,
    ABORTED,
    INTERNAL,
    REPLY_TOO_LARGE,
    REPLY_FORGOTTEN,
];

impl StandardFault {
    /// Returns code, status and text.
    #[must_use]
    pub const fn kind(&self) -> &'static ErrorKind {
        match self {
            Self::BadRequest { .. } => &BAD_REQUEST,
            Self::UnknownCommand { .. } => &UNKNOWN_COMMAND,
            Self::DeadlineExceeded => &DEADLINE_EXCEEDED,
            Self::Overloaded => &OVERLOADED,
            Self::KeyOverloaded => &KEY_OVERLOADED,
            Self::Draining => &DRAINING,
            Self::Cancelled => &CANCELLED,
            Self::Aborted => &ABORTED,
            Self::Internal => &INTERNAL,
            Self::ReplyTooLarge { .. } => &REPLY_TOO_LARGE,
            Self::ReplyForgotten => &REPLY_FORGOTTEN,
        }
    }

    /// Returns the detail after the text.
    #[must_use]
    pub fn detail(&self) -> &str {
        match self {
            Self::BadRequest { reason, .. } => reason,
            Self::UnknownCommand { command } => command,
            Self::ReplyTooLarge { detail } => detail,
            Self::DeadlineExceeded
            | Self::Overloaded
            | Self::KeyOverloaded
            | Self::Draining
            | Self::Cancelled
            | Self::Aborted
            | Self::Internal
            | Self::ReplyForgotten => "",
        }
    }

    /// Returns true if the server did not execute the request and a later attempt can succeed.
    #[must_use]
    pub const fn is_retryable(&self) -> bool {
        matches!(
            self,
            Self::DeadlineExceeded | Self::Overloaded | Self::KeyOverloaded | Self::Draining
        )
    }

    fn from_code(code: &str, detail: String, pointer: String) -> Option<Self> {
        Some(match code {
            "bad_request" => Self::BadRequest {
                pointer,
                reason: detail,
            },
            "unknown_command" => Self::UnknownCommand { command: detail },
            "deadline_exceeded" => Self::DeadlineExceeded,
            "overloaded" => Self::Overloaded,
            "key_overloaded" => Self::KeyOverloaded,
            "draining" => Self::Draining,
            "cancelled" => Self::Cancelled,
            "aborted" => Self::Aborted,
            "internal" => Self::Internal,
            "reply_too_large" => Self::ReplyTooLarge { detail },
            "reply_forgotten" => Self::ReplyForgotten,
            _ => return None,
        })
    }
}

impl fmt::Display for StandardFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.kind().text, Escaped(self.detail()))?;
        match self {
            Self::BadRequest { pointer, .. } if !pointer.is_empty() => {
                write!(f, " at {}", Escaped(pointer))
            }
            _ => Ok(()),
        }
    }
}

impl Error for StandardFault {}

/// The error that a peer returned for a call.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refused<F> {
    /// A declared error of the operation.
    Fault(F),
    /// A standard fault.
    Standard(StandardFault),
    /// An unknown error, from a newer peer or from a peer without error codes.
    Unknown {
        /// The code, if the peer sent a code.
        code: Option<String>,
        /// The text.
        text: String,
    },
}

impl<F: fmt::Display> fmt::Display for Refused<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fault(fault) => fault.fmt(f),
            Self::Standard(fault) => fault.fmt(f),
            Self::Unknown {
                code: Some(code),
                text,
            } => write!(f, "{} ({})", Escaped(text), Escaped(code)),
            Self::Unknown { code: None, text } => write!(f, "{}", Escaped(text)),
        }
    }
}

/// The body of an error reply. `code` and `pointer` are extensions; peers that know only `error` ignore them.
struct Body<'a> {
    error: &'a str,
    code: &'a str,
    pointer: Option<&'a str>,
}

impl Encode for Body<'_> {
    fn encode(&self, writer: &mut Writer) -> Result<(), Violation> {
        writer.object(|members| {
            members.member("error", self.error)?;
            members.member("code", self.code)?;
            self.pointer
                .map_or(Ok(()), |pointer| members.member("pointer", pointer))
        })
    }
}

/// Encodes a declared fault as a reply, in the form of its protocol.
pub(crate) fn write_fault(form: Option<&ErrorForm>, fault: &impl Fault) -> (Headers, Bytes) {
    match form {
        None => write_error(fault.kind(), fault.detail(), None),
        Some(form) => write_in(form, fault.kind(), fault.detail()),
    }
}

/// Encodes a standard fault as a reply, in the form of its protocol.
pub(crate) fn write_standard(form: Option<&ErrorForm>, fault: &StandardFault) -> (Headers, Bytes) {
    let pointer = match fault {
        StandardFault::BadRequest { pointer, .. } => Some(pointer.as_str()),
        _ => None,
    };
    match (form, pointer) {
        (None, _) => write_error(fault.kind(), fault.detail(), pointer),
        (Some(form), None | Some("")) => write_in(form, fault.kind(), fault.detail()),
        (Some(form), Some(pointer)) => {
            let detail = format!("{} at {pointer}", fault.detail());
            write_in(form, fault.kind(), &detail)
        }
    }
}

fn write_in(form: &ErrorForm, kind: &ErrorKind, detail: &str) -> (Headers, Bytes) {
    let text = [kind.text, detail].concat();
    let (payload, code) = form::write(form, kind, &text);
    (error_headers(code, &text), payload)
}

fn error_headers(code: String, text: &str) -> Headers {
    let mut headers = Headers::new();
    headers.append(ERROR_CODE_HEADER, code);
    headers.append(ERROR_HEADER, one_line(text));
    headers
}

fn write_error(kind: &ErrorKind, detail: &str, pointer: Option<&str>) -> (Headers, Bytes) {
    let text = [kind.text, detail].concat();
    // A body of strings cannot violate a schema.
    let body = codec::encode(&Body {
        error: &text,
        code: kind.code,
        pointer,
    })
    .unwrap_or_default();
    (error_headers(kind.status.to_string(), &text), body.into())
}

/// Converts a text for a header: replaces control characters and line ends with spaces, and limits the size.
fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len().min(HEADER_TEXT_LIMIT));
    for character in text.chars() {
        if line.len() + character.len_utf8() > HEADER_TEXT_LIMIT {
            break;
        }
        line.push(if character.is_control() {
            ' '
        } else {
            character
        });
    }
    line.truncate(line.trim_end().len());
    line
}

/// Decodes a reply as an error. Returns `None` if neither headers nor body describe an error.
pub(crate) fn read_refusal<F: Fault>(headers: &Headers, payload: &[u8]) -> Option<Refused<F>> {
    let members: MapRef<'_> = codec::decode(payload, Side::Reply).unwrap_or_default();
    let take = |name| Some(members.get(name)?.as_str()?.to_owned());
    let header = || {
        headers
            .get(ERROR_CODE_HEADER)
            .map(|_| headers.get(ERROR_HEADER).unwrap_or_default().to_owned())
    };
    let text = take("error").or_else(header)?;
    let pointer = take("pointer").unwrap_or_default();
    Some(match take("code") {
        Some(code) => by_code(code, text, pointer),
        None => by_text(text),
    })
}

/// Decodes a reply as an error in the form of its protocol. Only peers with this library send standard faults, which they
/// mark with a header. They use the form of this library if the reply comes over HTTP.
pub(crate) fn read_refusal_in<F: Fault>(
    form: &ErrorForm,
    headers: &Headers,
    payload: &[u8],
) -> Option<Refused<F>> {
    let found = form::find(form, payload).or_else(|| form::find_in_headers(form, headers));
    let is_marked = headers.get(ERROR_CODE_HEADER).is_some();
    let Some(Found { code, text }) = found else {
        return is_marked.then(|| {
            read_refusal(headers, payload).unwrap_or(Refused::Unknown {
                code: None,
                text: String::new(),
            })
        });
    };
    let declared = |name: &str| {
        let kind = F::catalogue().iter().find(|kind| kind.code == name)?;
        let detail = text.strip_prefix(kind.text).unwrap_or(&text);
        F::from_code(kind.code, detail.to_owned())
    };
    let fault = match &code {
        Some(code) => declared(form::name(form, code).unwrap_or(code)),
        None => longest(F::catalogue(), &text).and_then(|(kind, _)| declared(kind.code)),
    };
    if let Some(fault) = fault {
        return Some(Refused::Fault(fault));
    }
    let standard = longest(STANDARD, &text).filter(|_| is_marked);
    let standard = standard.and_then(|(kind, detail)| {
        StandardFault::from_code(kind.code, detail.to_owned(), String::new())
    });
    Some(standard.map_or(Refused::Unknown { code, text }, Refused::Standard))
}

/// The code and the status of an error that declares `kinds`, by its code or else by its text.
#[cfg(feature = "http")]
pub(crate) fn status_of<'a>(
    kinds: &'a [ErrorKind],
    code: Option<&'a str>,
    text: &str,
) -> (&'a str, Option<u16>) {
    let mut all = kinds.iter().chain(STANDARD);
    let kind = match code {
        Some(code) => all.find(|kind| kind.code == code),
        None => longest(kinds, text)
            .or_else(|| longest(STANDARD, text))
            .map(|(kind, _)| kind),
    };
    let known = kind.map_or("internal", |kind| kind.code);
    (code.unwrap_or(known), kind.map(|kind| kind.status))
}

/// The code of an error: a known code, or else the declared code with this status, if there is a single one.
#[cfg(feature = "http")]
pub(crate) fn code_of<'a>(
    kinds: &'a [ErrorKind],
    code: Option<&'a str>,
    status: u16,
) -> Option<&'a str> {
    let all = || kinds.iter().chain(STANDARD);
    if code.is_some_and(|code| all().any(|kind| kind.code == code)) {
        return code;
    }
    let mut declared = kinds.iter().filter(|kind| kind.status == status);
    match (declared.next(), declared.next()) {
        (Some(kind), None) => Some(kind.code),
        _ if matches!(status, 400 | 422) => Some(BAD_REQUEST.code),
        _ => code,
    }
}

fn by_code<F: Fault>(code: String, text: String, pointer: String) -> Refused<F> {
    let kinds = F::catalogue().iter().chain(STANDARD);
    let kind = kinds.into_iter().find(|kind| kind.code == code);
    let detail = kind
        .and_then(|kind| text.strip_prefix(kind.text))
        .unwrap_or(&text);
    if let Some(fault) = F::from_code(&code, detail.to_owned()) {
        return Refused::Fault(fault);
    }
    match StandardFault::from_code(&code, detail.to_owned(), pointer) {
        Some(fault) => Refused::Standard(fault),
        None => Refused::Unknown {
            code: Some(code),
            text,
        },
    }
}

fn by_text<F: Fault>(text: String) -> Refused<F> {
    if let Some((kind, detail)) = longest(F::catalogue(), &text) {
        return match F::from_code(kind.code, detail.to_owned()) {
            Some(fault) => Refused::Fault(fault),
            None => Refused::Unknown {
                code: Some(kind.code.to_owned()),
                text,
            },
        };
    }
    let standard = longest(STANDARD, &text).and_then(|(kind, detail)| {
        StandardFault::from_code(kind.code, detail.to_owned(), String::new())
    });
    standard.map_or(Refused::Unknown { code: None, text }, Refused::Standard)
}

fn longest<'k, 't>(kinds: &'k [ErrorKind], text: &'t str) -> Option<(&'k ErrorKind, &'t str)> {
    kinds
        .iter()
        .filter_map(|kind| Some((kind, text.strip_prefix(kind.text)?)))
        .filter(|(kind, detail)| kind.has_detail || detail.is_empty())
        .max_by_key(|(kind, _)| kind.text.len())
}
