package assertion_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/varpulis/varpulis-sdk/sdk/go/natsgen/assertion"
	"github.com/varpulis/varpulis-sdk/sdk/go/natsgen/codec"
)

// suite contains the official tests of JSON Schema.
const suite = "../../../../tests/conformance/suite/tests/draft2020-12/optional/format"

// The formats are part of two packages, because few protocols need those of package assertion.
func TestFormatsAgreeWithTheOfficialSuite(t *testing.T) {
	for name, format := range map[string]codec.Format{
		"date-time": codec.DateTime, "date": codec.Date, "time": codec.Time, "duration": codec.Duration, "uuid": codec.UUID,
		"ipv4": codec.IPv4, "ipv6": codec.IPv6, "json-pointer": codec.JSONPointer,
		"relative-json-pointer": codec.RelativeJSONPointer,
		"email":                 assertion.Email, "idn-email": assertion.IDNEmail, "hostname": assertion.Hostname,
		"idn-hostname": assertion.IDNHostname, "uri": assertion.URI, "uri-reference": assertion.URIReference,
		"iri": assertion.IRI, "iri-reference": assertion.IRIReference, "uri-template": assertion.URITemplate,
		"regex": assertion.Regex,
	} {
		text, err := os.ReadFile(filepath.Join(suite, name+".json"))
		if err != nil {
			t.Fatal(err)
		}
		var groups []struct {
			Tests []struct {
				Description string `json:"description"`
				Data        any    `json:"data"`
				Valid       bool   `json:"valid"`
			} `json:"tests"`
		}
		if err := json.Unmarshal(text, &groups); err != nil {
			t.Fatal(err)
		}
		rule := codec.Text{Format: format}
		for _, group := range groups {
			for _, test := range group.Tests {
				data, ok := test.Data.(string)
				if !ok {
					continue
				}
				if err := rule.Check(data); (err == nil) != test.Valid {
					t.Errorf("%s, %s: %q: %v", name, test.Description, data, err)
				}
			}
		}
	}
}
