package codec

// Enum are the texts of an enumeration.
type Enum struct {
	texts  []string
	isOpen bool
}

// NewEnum returns an enumeration of these texts.
func NewEnum(texts ...string) Enum { return Enum{texts: texts} }

// NewOpenEnum is like [NewEnum], but unknown texts are kept in replies and events. They are never written.
func NewOpenEnum(texts ...string) Enum { return Enum{texts: texts, isOpen: true} }

func (e *Enum) find(text string) (string, bool) {
	for _, known := range e.texts {
		if known == text {
			return known, true
		}
	}
	return text, false
}

// Enum reads a text of the enumeration.
func (r *Reader) Enum(enum *Enum) string {
	text, ok := r.string()
	if !ok {
		return ""
	}
	known, ok := enum.find(text)
	if !ok && !(enum.isOpen && r.isOpen) {
		r.fail("expected one of " + quoted(enum.texts))
		return ""
	}
	return known
}

// Enum writes a text of the enumeration. An empty text stands for the only text, unless it can be an unknown text of a
// newer peer.
func (w *Writer) Enum(text string, enum *Enum) {
	if text == "" && len(enum.texts) == 1 && !enum.isOpen {
		text = enum.texts[0]
	}
	if _, ok := enum.find(text); !ok {
		w.fail("expected one of " + quoted(enum.texts))
		return
	}
	w.buf = appendString(w.buf, text)
}
