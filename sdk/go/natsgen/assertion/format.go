package assertion

import (
	"net/netip"
	"regexp"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"golang.org/x/net/idna"

	"github.com/varpulis/varpulis-sdk/sdk/go/natsgen/codec"
)

// Formats that the package codec does not contain.
var (
	// Email is a mailbox of RFC 5321.
	Email = codec.NewFormat("a mail address", func(text string) bool { return isASCII(text) && isMailbox(text, isHostname) })

	// IDNEmail is a mailbox of RFC 6531.
	IDNEmail = codec.NewFormat("a mail address", func(text string) bool { return isMailbox(text, isIDNHostname) })

	// Hostname is a host name of RFC 1123.
	Hostname = codec.NewFormat("a host name", isHostname)

	// IDNHostname is a host name of RFC 5890.
	IDNHostname = codec.NewFormat("a host name", isIDNHostname)

	// URI is a URI of RFC 3986.
	URI = codec.NewFormat("a URI", func(text string) bool { return isASCII(text) && isIRI(text, false) })

	// URIReference is a URI or a relative reference of RFC 3986.
	URIReference = codec.NewFormat("a URI or a relative reference",
		func(text string) bool { return isASCII(text) && isIRI(text, true) })

	// IRI is an IRI of RFC 3987.
	IRI = codec.NewFormat("an IRI", func(text string) bool { return isIRI(text, false) })

	// IRIReference is an IRI or a relative reference of RFC 3987.
	IRIReference = codec.NewFormat("an IRI or a relative reference", func(text string) bool { return isIRI(text, true) })

	// URITemplate is a URI template of RFC 6570.
	URITemplate = codec.NewFormat("a URI template", func(text string) bool { return template().MatchString(text) })

	// Regex is a regular expression.
	Regex = codec.NewFormat("a regular expression", isRegex)
)

// formats are the formats by their names in JSON Schema.
var formats = map[string]codec.Format{
	"date-time": codec.DateTime, "date": codec.Date, "time": codec.Time, "duration": codec.Duration, "uuid": codec.UUID,
	"ipv4": codec.IPv4, "ipv6": codec.IPv6, "json-pointer": codec.JSONPointer,
	"relative-json-pointer": codec.RelativeJSONPointer, "email": Email, "idn-email": IDNEmail, "hostname": Hostname,
	"idn-hostname": IDNHostname, "uri": URI, "uri-reference": URIReference, "iri": IRI, "iri-reference": IRIReference,
	"uri-template": URITemplate,
}

func isASCII(text string) bool {
	for i := range len(text) {
		if text[i] >= 0x80 {
			return false
		}
	}
	return true
}

// template is the grammar of RFC 6570, section 2. Literals include the apostrophe, according to erratum 6937.
var template = sync.OnceValue(func() *regexp.Regexp {
	const character = `(?:[A-Za-z0-9_]|%[0-9A-Fa-f]{2})`
	const variable = character + `(?:\.?` + character + `)*(?::[1-9][0-9]{0,3}|\*)?`
	return regexp.MustCompile(`^(?:[^\x00-\x20"%<>\\^` + "`" + `{|}\x7F-\x{9F}]|%[0-9A-Fa-f]{2}|\{[+#./;?&=,!@|]?` +
		variable + `(?:,` + variable + `)*\})*$`)
})

var regex = sync.OnceValue(func() *jsonschema.Schema {
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	if err := compiler.AddResource(location, map[string]any{"format": "regex"}); err != nil {
		panic("assertion: " + err.Error())
	}
	return compiler.MustCompile(location)
})

func isRegex(text string) bool { return regex().Validate(text) == nil }

// maxLocal is the greatest length of a local part in bytes (RFC 5321, section 4.5.3.1.1).
const maxLocal = 64

func isMailbox(text string, isDomain func(string) bool) bool {
	i := strings.LastIndexByte(text, '@')
	if i < 0 || i > maxLocal {
		return false
	}
	local, domain := text[:i], text[i+1:]
	if !isDotted(local) && !isQuoted(local) {
		return false
	}
	if !strings.HasPrefix(domain, "[") {
		return isDomain(domain)
	}
	literal, ok := strings.CutSuffix(domain[1:], "]")
	if !ok {
		return false
	}
	if len(literal) >= 5 && strings.EqualFold(literal[:5], "IPv6:") {
		return isAddress(literal[5:], netip.Addr.Is6)
	}
	return isAddress(literal, netip.Addr.Is4)
}

func isAddress(text string, isKind func(netip.Addr) bool) bool {
	address, err := netip.ParseAddr(text)
	return err == nil && isKind(address) && address.Zone() == ""
}

func isDotted(local string) bool {
	for word := range strings.SplitSeq(local, ".") {
		for _, c := range word {
			if c < 0x80 && !isAlphanumeric(byte(c)) && !strings.ContainsRune("!#$%&'*+-/=?^_`{|}~", c) {
				return false
			}
		}
		if word == "" {
			return false
		}
	}
	return true
}

func isAlphanumeric(c byte) bool {
	return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z'
}

func isQuoted(local string) bool {
	if len(local) < 2 || local[0] != '"' || local[len(local)-1] != '"' {
		return false
	}
	isEscaped := false
	for _, c := range local[1 : len(local)-1] {
		switch {
		case isEscaped:
			if c < ' ' || c > '~' {
				return false
			}
			isEscaped = false
		case c == '\\':
			isEscaped = true
		case c == '"', c < ' ', c == 0x7f:
			return false
		}
	}
	return !isEscaped
}

// wrongLabel matches the labels that RFC 5892 forbids beyond UTS 46: the categories of section 2.1 with the exceptions of
// section 2.6, and the contextual rules of appendix A.
var wrongLabel = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(strings.Join([]string{
		`^\p{M}`,
		`[^\-a-z0-9\p{L}\p{Mn}\p{Mc}\p{Nd}\x{B7}\x{375}\x{5F3}\x{5F4}\x{6FD}\x{6FE}\x{F0B}\x{200C}\x{200D}\x{3007}\x{30FB}]`,
		`[\x{640}\x{7FA}\x{302E}\x{302F}\x{3031}-\x{3035}\x{303B}]`,
		`(?:^|[^l])\x{B7}|\x{B7}(?:[^l]|$)`,
		`\x{375}(?:\P{Greek}|$)`,
		`(?:^|\P{Hebrew})[\x{5F3}\x{5F4}]`,
		`^[^\p{Hiragana}\p{Katakana}\p{Han}]*\x{30FB}[^\p{Hiragana}\p{Katakana}\p{Han}]*$`,
		`[\x{660}-\x{669}].*[\x{6F0}-\x{6F9}]|[\x{6F0}-\x{6F9}].*[\x{660}-\x{669}]`,
	}, "|"))
})

var profile = idna.New(
	idna.MapForLookup(), idna.Transitional(false), idna.StrictDomainName(true), idna.ValidateLabels(true),
	idna.CheckHyphens(true), idna.CheckJoiners(true), idna.BidiRule(), idna.VerifyDNSLength(true),
)

func isIDNHostname(text string) bool {
	ascii, err := profile.ToASCII(text)
	if err != nil || strings.HasSuffix(ascii, ".") {
		return false
	}
	name, err := profile.ToUnicode(ascii)
	if err != nil {
		return false
	}
	for label := range strings.SplitSeq(name, ".") {
		if wrongLabel().MatchString(label) {
			return false
		}
	}
	return true
}

func isHostname(text string) bool {
	if len(text) > 253 {
		return false
	}
	isEncoded := false
	for label := range strings.SplitSeq(text, ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		for i := range len(label) {
			if !isAlphanumeric(label[i]) && label[i] != '-' {
				return false
			}
		}
		// Hyphens in the third and fourth position mark an encoding; punycode is the only one.
		isEncoded = isEncoded || (len(label) >= 4 && label[2:4] == "--")
	}
	return !isEncoded || isIDNHostname(text)
}
