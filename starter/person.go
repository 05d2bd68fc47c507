package starter

import (
	"context"
	"encoding/hex"
	"strings"
)

// providerOf is the identity provider that let a subject in, as package auth
// writes one: issuer#sub. It is "" for an API key and for whoever types at a
// terminal, which nobody let in as a person.
func providerOf(subject string) string {
	issuer, sub, _ := strings.Cut(subject, "#")
	if sub == "" || !strings.HasPrefix(issuer, "https://") && !strings.HasPrefix(issuer, "http://") {
		return ""
	}
	return issuer
}

// Pseudonym is a role with a digest of who has it: a caller's subject can be an
// address. Behind a dot stands a digest of the provider that let a person in.
func Pseudonym(ctx context.Context, macs Macer, hotel, role, subject string) (string, error) {
	mac, err := macs.MAC(ctx, hotel, "actor", []byte(subject))
	if err != nil {
		return "", keysAway("The hotel's key cannot be read now.", err)
	}
	text := role + ":" + hex.EncodeToString(mac[:8])
	provider := providerOf(subject)
	if provider == "" {
		return text, nil
	}
	if mac, err = macs.MAC(ctx, hotel, "provider", []byte(provider)); err != nil {
		return "", keysAway("The hotel's key cannot be read now.", err)
	}
	return text + "." + hex.EncodeToString(mac[:4]), nil
}

// oneOfTwo is the pseudonym of somebody who counts as one of two people. Who has
// an API key, or a login on a machine, can have an account of their own beside
// it, and would be two.
func oneOfTwo(ctx context.Context, macs Macer, hotel, role, subject string) (string, error) {
	if providerOf(subject) == "" {
		return "", PersonNeeded.With("Where two people have to agree, each signs in as a person: in the console, or with a token that the identity provider gave them for the API or `--token-file`.")
	}
	return Pseudonym(ctx, macs, hotel, role, subject)
}

// besides refuses a second person who is the first one, or could be: with an
// account at another provider.
func besides(first, second string) error {
	one, of, known := strings.Cut(first, ".")
	another, by, _ := strings.Cut(second, ".")
	switch {
	case one == another:
		return SamePerson.With("Somebody else has to agree to this.")
	case known && of != by:
		return OtherProvider.With("The first person signed in at another identity provider. Somebody with an account at that one has to agree.")
	}
	return nil
}
