package subject

import (
	"slices"
	"strings"
	"testing"
)

func TestCheckRefusesWhatServersDisagreeOn(t *testing.T) {
	for text, want := range map[string]bool{
		"a": true, "a.b-c_D.9": true, "": false, ".a": false, "a.": false, "a..b": false, "a.*": false, "a.>": false, "a b": false,
		"a\u00a0b": false, "\u00fc": false, "a\r\nb": false, strings.Repeat("a", 1024): true, strings.Repeat("a", 1025): false,
	} {
		if err := Check(text); (err == nil) != want {
			t.Errorf("%q: %v", text, err)
		}
	}
	for text, want := range map[string]bool{"a.*": true, "*.a": true, "a.>": true, ">": true, "a>": false, "a.>.b": false, "a*": false} {
		if err := CheckPattern(text); (err == nil) != want {
			t.Errorf("%q: %v", text, err)
		}
	}
	for text, want := range map[string]bool{"w0": true, "a.b": false, "": false, "*": false, strings.Repeat("a", 256): false} {
		if err := CheckToken(text); (err == nil) != want {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestTemplateFillsAndParses(t *testing.T) {
	template := NewTemplate("cmd.{worker_id}.x.{n}")
	if got := template.Fill("acme.fleet", []string{"w0", "7"}); got != "acme.fleet.cmd.w0.x.7" {
		t.Error(got)
	}
	if got := template.Fill("acme", []string{"", "7"}); got != "acme.cmd.*.x.7" {
		t.Error(got)
	}
	params, ok := template.Parse("acme", "acme.cmd.w0.x.7")
	if !ok || !slices.Equal(params, []string{"w0", "7"}) {
		t.Error(params, ok)
	}
	for _, text := range []string{"acme.cmd.w0.x", "acme.cmd.w0.x.7.8", "acme.cmd.w0.y.7", "other.cmd.w0.x.7", "acme", "acmecmd.w0.x.7"} {
		if params, ok := template.Parse("acme", text); ok {
			t.Error(text, params)
		}
	}
	listen := NewTemplate("cmd.{worker_id}.>")
	if got := listen.Fill("acme", []string{"w0"}); got != "acme.cmd.w0.>" {
		t.Error(got)
	}
}

func TestMatchesFollowsWildcards(t *testing.T) {
	for _, c := range []struct {
		pattern, subject string
		want             bool
	}{
		{"a.*", "a.b", true}, {"a.*", "a", false}, {"a.*", "a.b.c", false}, {"a.>", "a.b.c", true}, {"a.>", "a", false},
		{"*.b", "a.b", true}, {"a.b", "a.b", true}, {"a.b", "a.c", false},
	} {
		if got := Matches(c.pattern, c.subject); got != c.want {
			t.Errorf("%s %s: %v", c.pattern, c.subject, got)
		}
	}
}

func TestIsInboxRefusesSubjectsOfRequests(t *testing.T) {
	for text, want := range map[string]bool{
		"_INBOX.a.b": true, "_INBOX_me.a": true, "own.a": true, "own": false, "ownx.a": false, "acme.cmd.w0.deploy": false,
		"_R_.x": true, "_GR_.a.b._INBOX.c": true, "_GR_.a.b.acme.cmd": false, "_GR_.a": false,
	} {
		if got := IsInbox(text, "own"); got != want {
			t.Errorf("%s: %v", text, got)
		}
	}
}
