package redaction

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"unicode"

	"gopkg.in/yaml.v3"

	"github.com/voicehive/voicehive/compliance/pii"
)

// Action is what becomes of a personal datum.
type Action string

// The actions.
const (
	Keep      Action = "keep"
	Replace   Action = "replace"   // <PERSON>
	Pseudonym Action = "pseudonym" // <PERSON_1>, the same for a value all call long
	Mask      Action = "mask"      // ****4242
	Redact    Action = "redact"    // nothing is left
	Hash      Action = "hash"      // keyed: the same value gives the same text
	Encrypt   Action = "encrypt"   // can be restored with the key
	Tokenise  Action = "tokenise"  // can be restored, and is the same for a value
)

// A Rule is an action with what it needs.
type Rule struct {
	Action Action `yaml:"action"`
	// Last is how many letters and digits of the end Mask keeps.
	Last int `yaml:"last,omitempty"`
}

// A Policy says what a sink gets.
type Policy struct {
	Name    string            `yaml:"name"`
	Default Rule              `yaml:"default"`
	Types   map[pii.Type]Rule `yaml:"types,omitempty"`
	// KeepSubject keeps the values that the call knows: in an export for the
	// data subject they are his own, and everything else is a third person's.
	KeepSubject bool `yaml:"keep_subject,omitempty"`
}

// ErrPolicy: a policy says what cannot be done, or must not.
var ErrPolicy = errors.New("redaction: this policy cannot be used")

var replaceAll = Rule{Action: Replace}

// The policies of the house's sinks. They are made anew for each caller.
func policies() map[string]Policy {
	return map[string]Policy{
		"live_model":  {Name: "live_model", Default: Rule{Action: Pseudonym}},
		"transcript":  {Name: "transcript", Default: Rule{Action: Tokenise}},
		"logs":        {Name: "logs", Default: replaceAll},
		"analytics":   {Name: "analytics", Default: Rule{Action: Hash}},
		"dsar_export": {Name: "dsar_export", Default: replaceAll, KeepSubject: true},
	}
}

// PolicyOf gives the policy of a sink: live_model, transcript, logs, analytics
// or dsar_export.
func PolicyOf(sink string) (Policy, error) {
	p, ok := policies()[sink]
	if !ok {
		return Policy{}, fmt.Errorf("%w: no sink is called so; take live_model, transcript, logs, analytics or dsar_export", ErrPolicy)
	}
	return p, nil
}

// ReadPolicy reads a policy from YAML and checks it.
func ReadPolicy(r io.Reader) (Policy, error) {
	text, err := io.ReadAll(io.LimitReader(r, 64<<10))
	if err != nil {
		return Policy{}, fmt.Errorf("redaction: read a policy: %w", err)
	}
	var p Policy
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	if err := decoder.Decode(&p); err != nil {
		return Policy{}, fmt.Errorf("%w: %w", ErrPolicy, err)
	}
	return p, p.Validate()
}

// Validate tells whether a policy can be used. Card data may be replaced,
// removed or masked to its last four, and no more.
func (p Policy) Validate() error {
	if err := p.Default.check(); err != nil {
		return err
	}
	known := map[pii.Type]bool{}
	for _, t := range pii.Types() {
		known[t] = true
	}
	for t, r := range p.Types {
		if !known[t] {
			return fmt.Errorf("%w: there is no type %q", ErrPolicy, string(t)[:min(len(t), 40)])
		}
		if err := r.check(); err != nil {
			return err
		}
		if allowed := harden(t, r); allowed != r {
			return fmt.Errorf("%w: %s must not be kept by %q", ErrPolicy, t, r.Action)
		}
	}
	return nil
}

func (r Rule) check() error {
	switch r.Action {
	case Keep, Replace, Pseudonym, Mask, Redact, Hash, Encrypt, Tokenise:
	default:
		return fmt.Errorf("%w: an action is one of keep, replace, pseudonym, mask, redact, hash, encrypt and tokenise", ErrPolicy)
	}
	if r.Last < 0 || r.Last > 4 {
		return fmt.Errorf("%w: a mask keeps at most the last four", ErrPolicy)
	}
	return nil
}

// rule is what happens to a span.
func (p Policy) rule(s pii.Span, value string) Rule {
	r, ok := p.Types[s.Type]
	if !ok {
		r = p.Default
	}
	if p.KeepSubject && s.Source == pii.FromKnown {
		r = Rule{Action: Keep}
	}
	if s.Type == pii.CreditCard || likeCard(s.Type, value) {
		return harden(pii.CreditCard, r)
	}
	return harden(s.Type, r)
}

// harden weakens what must not be done to card data.
func harden(t pii.Type, r Rule) Rule {
	switch t {
	case pii.CVV, pii.CardExpiry:
		if r.Action != Redact {
			return replaceAll
		}
	case pii.CreditCard:
		if r.Action != Redact && r.Action != Mask {
			return replaceAll
		}
	}
	return r
}

// shortestCard is the length of the shortest card number.
const shortestCard = 13

// likeCard tells whether a number without a type, or with one that only a word
// beside it tells, may be a card's that was misheard: its check digit fails
// then, and it is a card's all the same.
func likeCard(t pii.Type, value string) bool {
	switch t {
	case pii.NumberSequence:
	case pii.Phone, pii.BookingRef, pii.LoyaltyNumber, pii.IdentityCard, pii.Passport, pii.DrivingLicence:
		return writtenCard(value)
	default:
		return false
	}
	digits, words, inside := 0, 0, false
	for _, r := range value {
		if unicode.IsDigit(r) {
			digits++
		}
		if unicode.IsLetter(r) && !inside {
			words++
		}
		inside = unicode.IsLetter(r)
	}
	// A word says two digits at most in the ways that cards are read out.
	return digits >= 12 || digits+2*words >= 14
}

// writtenCard tells whether a value is as many digits as a card has and begins
// as cards do.
func writtenCard(value string) bool {
	digits, first := 0, byte(0)
	for i := range len(value) {
		if b := value[i]; b >= '0' && b <= '9' {
			if digits == 0 {
				first = b
			}
			digits++
		} else if b >= 'A' {
			return false
		}
	}
	return digits >= shortestCard && first >= '2' && first <= '6' && value[0] != '+'
}
