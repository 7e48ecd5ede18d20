package codec

import (
	"fmt"
	"io"
	"log/slog"
)

const hidden = "***"

// Secret is a text that formatting and logging hide.
type Secret string

// Format hides the text.
func (s Secret) Format(f fmt.State, _ rune) { Hide(f) }

// LogValue hides the text.
func (s Secret) LogValue() slog.Value { return HiddenValue() }

// Hide writes a placeholder in place of a secret.
func Hide(f fmt.State) {
	// A failing writer reports its error to its own caller.
	_, _ = io.WriteString(f, hidden)
}

// HiddenValue is the log value of a secret.
func HiddenValue() slog.Value { return slog.StringValue(hidden) }
