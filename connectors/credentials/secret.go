package credentials

import (
	"fmt"
	"log/slog"
)

const redacted = "[redacted]"

// A Secret is a string that does not print: not with fmt, slog, JSON or YAML.
// It keeps a pointer, so that even a formatter that cannot call its methods,
// as fmt in an unexported field, shows an address only.
type Secret struct{ value *string }

// NewSecret wraps a secret.
func NewSecret(value string) Secret { return Secret{&value} }

// Reveal returns the secret itself, for the one place that sends it.
func (s Secret) Reveal() string {
	if s.value == nil {
		return ""
	}
	return *s.value
}

// IsZero reports whether there is no secret.
func (s Secret) IsZero() bool { return s.Reveal() == "" }

// Format prints the same redaction for every verb.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(redacted)) }

// String returns the redaction.
func (s Secret) String() string { return redacted }

// LogValue returns the redaction.
func (s Secret) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText writes the redaction, in JSON and YAML too.
func (s Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// UnmarshalText reads the secret.
func (s *Secret) UnmarshalText(text []byte) error {
	*s = NewSecret(string(text))
	return nil
}
