//! The results of calls in the words of all languages.

use natsgen_runtime::{
    CallError, DecodeError, Encode, EncodeError, Failure, Fault, PublishFailure, Refused,
    Unpublished, codec,
};
use serde_json::{Value as Json, json};

/// The result of a call.
pub(super) fn of_call<T: Encode, F: Fault>(result: Result<T, CallError<F>>) -> Json {
    let failed = match result {
        Ok(reply) => return of_reply(&reply),
        Err(failed) => failed,
    };
    let is_retryable = failed.is_retryable();
    let retry_after = failed.retry_after();
    match failed.failure {
        Failure::NotEncoded(error) => not_encoded(&error),
        Failure::NotDelivered(_) => error("undelivered", is_retryable),
        Failure::NoAnswer(_) => error("unanswered", is_retryable),
        Failure::Refused(Refused::Fault(fault)) => {
            let mut result =
                json!({ "fault": { "code": fault.kind().code, "detail": fault.detail() } });
            if let Some(pause) = retry_after {
                result["fault"]["retry_after_ms"] = json!(pause.as_millis());
            }
            result
        }
        Failure::Refused(Refused::Standard(fault)) => {
            with(error("refused", is_retryable), "code", fault.kind().code)
        }
        Failure::Refused(Refused::Unknown { code, .. }) => with(
            error("refused", is_retryable),
            "code",
            &code.unwrap_or_default(),
        ),
        Failure::Stored(_) => error("stored", is_retryable),
        Failure::Unreadable(DecodeError { pointer, .. }) => {
            with(error("reply", is_retryable), "pointer", &pointer)
        }
        other => json!({ "error": { "phase": format!("{other:?}") } }),
    }
}

/// The result of a call with this reply. A value of a newer peer cannot be written again.
fn of_reply(reply: &impl Encode) -> Json {
    match codec::encode(reply) {
        Ok(bytes) => json!({ "ok": parsed(&bytes) }),
        Err(EncodeError { pointer, .. }) => json!({ "unknown": pointer }),
    }
}

/// The result of an event.
pub(super) fn of_event(result: Result<(), PublishFailure>) -> Json {
    match result.map_err(|failure| failure.reason) {
        Ok(()) => json!({ "ok": null }),
        Err(Unpublished::NotEncoded(error)) => not_encoded(&error),
        Err(Unpublished::NotDelivered(reason)) => error("undelivered", reason.is_retryable()),
        Err(other) => json!({ "error": { "phase": format!("{other:?}") } }),
    }
}

/// The result of a request that is no value of its type.
pub(super) fn not_a_request(failed: &DecodeError) -> Json {
    with(error("request", false), "pointer", &failed.pointer)
}

/// The result of a call that was cancelled.
pub(super) fn cancelled() -> Json {
    error("cancelled", false)
}

/// The JSON document of a message.
pub(super) fn document(message: &impl Encode) -> Json {
    parsed(&codec::encode(message).expect("a decoded message can be encoded"))
}

fn parsed(bytes: &[u8]) -> Json {
    serde_json::from_slice(bytes).expect("the codec writes JSON")
}

fn not_encoded(failed: &EncodeError) -> Json {
    with(error("request", false), "pointer", &failed.pointer)
}

fn error(phase: &str, is_retryable: bool) -> Json {
    json!({ "error": { "phase": phase, "retryable": is_retryable } })
}

fn with(mut result: Json, member: &str, text: &str) -> Json {
    result["error"][member] = text.into();
    result
}
