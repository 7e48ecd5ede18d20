package assertion

import (
	"net/netip"
	"strings"
)

// isIRI reports whether text is an IRI of RFC 3987, or a relative reference. In ASCII it is a URI of RFC 3986.
func isIRI(text string, isReference bool) bool {
	text, fragment, _ := strings.Cut(text, "#")
	text, query, _ := strings.Cut(text, "?")
	if !hasOnly(fragment, ":@/?", false) || !hasOnly(query, ":@/?", true) {
		return false
	}
	if scheme, rest, ok := strings.Cut(text, ":"); ok && isScheme(scheme) {
		text = rest
	} else if first, _, _ := strings.Cut(text, "/"); !isReference || strings.Contains(first, ":") {
		return false
	}
	if rest, ok := strings.CutPrefix(text, "//"); ok {
		end := strings.IndexByte(rest, '/')
		if end < 0 {
			end = len(rest)
		}
		if !isAuthority(rest[:end]) {
			return false
		}
		text = rest[end:]
	}
	return hasOnly(text, ":@/", false)
}

func isScheme(text string) bool {
	for i := range len(text) {
		c := text[i]
		if !isAlphanumeric(c) && (i == 0 || !strings.ContainsRune("+-.", rune(c))) || (i == 0 && c <= '9') {
			return false
		}
	}
	return text != ""
}

func isAuthority(text string) bool {
	if user, rest, ok := strings.Cut(text, "@"); ok {
		if !hasOnly(user, ":", false) {
			return false
		}
		text = rest
	}
	host, port := text, ""
	if end := strings.LastIndexByte(text, ']'); strings.HasPrefix(text, "[") && end > 0 {
		host, port = text[:end+1], text[end+1:]
		if port != "" && port[0] != ':' {
			return false
		}
		port = strings.TrimPrefix(port, ":")
	} else if i := strings.LastIndexByte(text, ':'); i >= 0 {
		host, port = text[:i], text[i+1:]
	}
	for i := range len(port) {
		if port[i] < '0' || port[i] > '9' {
			return false
		}
	}
	if literal, ok := strings.CutPrefix(host, "["); ok {
		return isLiteral(strings.TrimSuffix(literal, "]"))
	}
	return hasOnly(host, "", false)
}

// isLiteral reports whether text is an IPv6 address, or an address of a later version.
func isLiteral(text string) bool {
	if text == "" || text[0]|0x20 != 'v' {
		return isAddress(text, netip.Addr.Is6)
	}
	version, address, ok := strings.Cut(text[1:], ".")
	for i := range len(version) {
		if !isHex(version[i]) {
			return false
		}
	}
	return ok && version != "" && address != "" && isASCII(address) && !strings.Contains(address, "%") && hasOnly(address, ":", false)
}

func isHex(c byte) bool { return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'f' }

// hasOnly reports whether text consists of unreserved characters, of delimiters of parts, of escapes, and of others.
func hasOnly(text, others string, isQuery bool) bool {
	for i, c := range text {
		switch {
		case c == '%':
			if i+2 >= len(text) || !isHex(text[i+1]) || !isHex(text[i+2]) {
				return false
			}
		case c < 0x80:
			if !isAlphanumeric(byte(c)) && !strings.ContainsRune("-._~!$&'()*+,;=", c) && !strings.ContainsRune(others, c) {
				return false
			}
		case !isCharacter(c) && !(isQuery && isPrivate(c)):
			return false
		}
	}
	return true
}

// isCharacter reports whether c is a ucschar of RFC 3987.
func isCharacter(c rune) bool {
	switch {
	case c < 0x10000:
		return c >= 0xa0 && c <= 0xd7ff || c >= 0xf900 && c <= 0xfdcf || c >= 0xfdf0 && c <= 0xffef
	case c >= 0xe0000:
		return c >= 0xe1000 && c <= 0xefffd
	default:
		return c&0xffff <= 0xfffd
	}
}

// isPrivate reports whether c is an iprivate of RFC 3987.
func isPrivate(c rune) bool {
	return c >= 0xe000 && c <= 0xf8ff || c >= 0xf0000 && c <= 0xffffd || c >= 0x100000 && c <= 0x10fffd
}
