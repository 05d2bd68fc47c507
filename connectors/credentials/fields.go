package credentials

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"gopkg.in/yaml.v3"
)

// ErrInvalid is wrapped by every *FieldError.
var ErrInvalid = errors.New("the credentials are not valid")

// A FieldError says what is wrong with an entry: which field of which
// reference, and never what it holds.
type FieldError struct {
	Ref    string
	Field  string // "client_secret", "headers.x-app-key"; empty for the entry as a whole
	Reason string
}

// Error tells reference, field and reason in one line.
func (e *FieldError) Error() string {
	if e.Field == "" {
		return fmt.Sprintf("credentials %s: %s", e.Ref, e.Reason)
	}
	return fmt.Sprintf("credentials %s: field %s: %s", e.Ref, e.Field, e.Reason)
}

// Unwrap returns ErrInvalid.
func (e *FieldError) Unwrap() error { return ErrInvalid }

// The bounds of an entry: tokens of vendors are below 8 KB.
const (
	maxValue   = 16 << 10
	maxEntries = 100
)

// A field is one name that an entry may have.
type field struct {
	name string
	// get and set move it between an entry and Credentials, in the form of
	// JSON and YAML: text, a list of text, or text by name.
	get func(*Credentials) any
	set func(*Credentials, any) string // what is wrong, or ""
}

// fields is every field there is, in the order that errors name them.
func fields() []field {
	return []field{
		text("client_id", func(c *Credentials) *string { return &c.ClientID }),
		secret("client_secret", func(c *Credentials) *Secret { return &c.ClientSecret }),
		list("scopes", func(c *Credentials) *[]string { return &c.Scopes }),
		text("username", func(c *Credentials) *string { return &c.Username }),
		secret("password", func(c *Credentials) *Secret { return &c.Password }),
		secret("refresh_token", func(c *Credentials) *Secret { return &c.RefreshToken }),
		secret("access_token", func(c *Credentials) *Secret { return &c.Access.Token }),
		moment("access_ends_at", func(c *Credentials) *time.Time { return &c.Access.EndsAt }),
		list("access_scopes", func(c *Credentials) *[]string { return &c.Access.Scopes }),
		moment("claimed_until", func(c *Credentials) *time.Time { return &c.Access.ClaimedUntil }),
		secret("api_key", func(c *Credentials) *Secret { return &c.Key }),
		byName("body_tokens", func(c *Credentials) *map[string]Secret { return &c.Tokens }),
		byName("headers", func(c *Credentials) *map[string]Secret { return &c.Headers }),
	}
}

// A form is what an entry of one kind must and may have. Every kind may have
// headers.
type form struct{ must, may []string }

var forms = map[Kind]form{
	ClientCredentials: {must: []string{"client_id", "client_secret"}, may: []string{"scopes"}},
	// Without a refresh token yet until the hotel has let the client in.
	AuthorizationCode: {must: []string{"client_id", "client_secret"}, may: []string{"scopes", "refresh_token", "access_token", "access_ends_at", "access_scopes", "claimed_until"}},
	PasswordGrant:     {must: []string{"client_id", "client_secret", "username", "password"}, may: []string{"scopes"}},
	APIKey:            {must: []string{"api_key"}},
	BodyTokens:        {must: []string{"body_tokens"}},
}

func (f form) has(name string) bool {
	return name == "headers" || slices.Contains(f.must, name) || slices.Contains(f.may, name)
}

// Parse reads an entry as it is in a file or in Vault. It is strict: a field
// that is unknown, missing, of another kind or of the wrong form is a
// *FieldError with ref and the field's name.
func Parse(ref string, data map[string]any) (Credentials, error) {
	wrong := func(field, reason string) (Credentials, error) {
		return Credentials{}, &FieldError{Ref: ref, Field: field, Reason: reason}
	}
	kind, reason := kindOf(data)
	if reason != "" {
		return wrong("kind", reason)
	}
	c := Credentials{Kind: kind}
	all := fields()
	for _, name := range slices.Sorted(maps.Keys(data)) {
		if name == "kind" {
			continue
		}
		at := slices.IndexFunc(all, func(f field) bool { return f.name == name })
		switch {
		case at < 0:
			return wrong(quotedName(name), "there is no such field")
		case !forms[kind].has(name):
			return wrong(name, "does not belong to credentials of kind "+string(kind))
		}
		if reason := all[at].set(&c, data[name]); reason != "" {
			return wrong(nested(name, &reason), reason)
		}
	}
	return c, c.Validate(ref)
}

// quotedName is a name from outside, which can be a value that slipped.
func quotedName(name string) string {
	if namePattern.MatchString(name) && len(name) <= 32 {
		return name
	}
	return "(unreadable)"
}

// nested moves the name of an item, before a colon, from a reason to its field.
func nested(name string, reason *string) string {
	if item, rest, ok := strings.Cut(*reason, ": "); ok {
		*reason = rest
		return name + "." + item
	}
	return name
}

func kindOf(data map[string]any) (Kind, string) {
	named, ok := data["kind"]
	if !ok {
		return ClientCredentials, ""
	}
	text, _ := named.(string)
	if !slices.Contains(Kinds(), Kind(text)) {
		return "", fmt.Sprintf("must be one of %v", Kinds())
	}
	return Kind(text), ""
}

// Validate refuses credentials that lack a field of their kind, have one of
// another, or hold what cannot be sent. ref names them in the error.
func (c Credentials) Validate(ref string) error {
	form, ok := forms[c.kind()]
	if !ok {
		return &FieldError{Ref: ref, Field: "kind", Reason: fmt.Sprintf("must be one of %v", Kinds())}
	}
	for _, f := range fields() {
		value := f.get(&c)
		reason := ""
		switch {
		case value == nil && slices.Contains(form.must, f.name):
			reason = "is missing"
		case value != nil && !form.has(f.name):
			reason = "does not belong to credentials of kind " + string(c.kind())
		case value != nil:
			reason = f.set(new(Credentials), value)
		}
		if reason != "" {
			return &FieldError{Ref: ref, Field: nested(f.name, &reason), Reason: reason}
		}
	}
	return nil
}

// plain is the entry's form in a store: the one place where secrets are
// written out.
func (c Credentials) plain() map[string]any {
	data := map[string]any{"kind": string(c.kind())}
	for _, f := range fields() {
		if value := f.get(&c); value != nil {
			data[f.name] = value
		}
	}
	return data
}

// Changed returns the credentials with some fields of the form of Parse set
// anew, as when a secret is rotated; a field that is nil is taken away.
func (c Credentials) Changed(ref string, fields map[string]any) (Credentials, error) {
	data := c.plain()
	for name, value := range fields {
		if value == nil {
			delete(data, name)
		} else {
			data[name] = value
		}
	}
	return Parse(ref, data)
}

// ParseText reads an entry, or some of its fields, from YAML. The parser's own
// error is dropped: it can quote the line with the secret.
func ParseText(ref string, content []byte) (map[string]any, error) {
	data := map[string]any{}
	if err := yaml.Unmarshal(content, &data); err != nil {
		return nil, &FieldError{Ref: ref, Reason: "is not YAML of the form `field: text`" + where(err)}
	}
	if len(data) == 0 {
		return nil, &FieldError{Ref: ref, Reason: "is empty; give YAML of the form `field: text`"}
	}
	return data, nil
}
