package main

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/varpulis/varpulis-sdk/sdk/go/natsgen"
	"github.com/varpulis/varpulis-sdk/sdk/go/natsgen/codec"
	"github.com/varpulis/varpulis-sdk/sdk/go/varpulis/fault"
)

// outcome returns the result of a call or an event in the words of all languages.
func outcome(reply codec.Encoder, err error) object {
	if err == nil {
		if reply == nil {
			return object{"ok": nil}
		}
		text, err := codec.Marshal(reply)
		if unknown, ok := errors.AsType[*codec.Error](err); ok {
			return object{"unknown": unknown.Pointer}
		}
		return object{"ok": json.RawMessage(text)}
	}
	failed, ok := errors.AsType[*natsgen.CallError](err)
	if !ok {
		return failure("unknown: "+err.Error(), false)
	}
	isRetryable := failed.IsRetryable()
	invalid, isInvalid := errors.AsType[*codec.Error](failed.Cause)
	switch {
	case failed.Phase == natsgen.NotSent && isInvalid:
		return notARequest(invalid)
	case errors.Is(failed.Cause, context.Canceled):
		return failure("cancelled", false)
	case failed.Phase == natsgen.NotSent:
		return failure("undelivered", isRetryable)
	case failed.Phase == natsgen.NoAnswer:
		if _, ok := errors.AsType[*natsgen.StoredError](failed.Cause); ok {
			return failure("stored", isRetryable)
		}
		return failure("unanswered", isRetryable)
	case failed.Phase == natsgen.Unreadable && isInvalid:
		return object{"error": object{"phase": "reply", "retryable": isRetryable, "pointer": invalid.Pointer}}
	}
	refused, ok := errors.AsType[*natsgen.Fault](failed.Cause)
	if !ok {
		return failure("unknown: "+err.Error(), false)
	}
	code := refused.Code
	if refused.Kind != nil {
		code = refused.Kind.Code()
		if fault.Catalogue.Find(code) == refused.Kind {
			described := object{"code": code, "detail": refused.Detail}
			if failed.RetryAfter > 0 {
				described["retry_after_ms"] = failed.RetryAfter.Milliseconds()
			}
			return object{"fault": described}
		}
	}
	return object{"error": object{"phase": "refused", "retryable": isRetryable, "code": code}}
}

func failure(phase string, isRetryable bool) object {
	return object{"error": object{"phase": phase, "retryable": isRetryable}}
}

// notARequest returns the result of a request that is no value of its type.
func notARequest(invalid *codec.Error) object {
	return object{"error": object{"phase": "request", "retryable": false, "pointer": invalid.Pointer}}
}

// documentOf returns the JSON document of a message.
func documentOf(message codec.Encoder) json.RawMessage {
	text, err := codec.Marshal(message)
	if err != nil {
		panic(err)
	}
	return text
}
