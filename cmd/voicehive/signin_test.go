//go:build unix

package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/consent/consenttest"
	"github.com/voicehive/voicehive/starter"
	"github.com/voicehive/voicehive/starter/auth/authtest"
)

// officers are files with the tokens of two compliance officers.
func officers(t *testing.T) (olive, otto string) {
	t.Helper()
	people := authtest.New(t)
	t.Setenv("VOICEHIVE_OIDC", people.Trusted())
	return people.File("olive", "compliance", consenttest.Aurora), people.File("otto", "compliance", consenttest.Aurora)
}

// TestSigningInAtATerminal: whose token it is, with the role at the hotel, acts;
// a program, a stranger and a spoiled token do not.
func TestSigningInAtATerminal(t *testing.T) {
	subjectHouse(t)
	people := authtest.New(t)
	review := []string{"hold", "list", "--hotel", consenttest.Aurora, "--token-file"}
	_, err := verb(t, append(review, people.File("olive", "compliance", consenttest.Aurora))...)
	require.ErrorContains(t, err, "VOICEHIVE_OIDC")
	t.Setenv("VOICEHIVE_OIDC", people.Trusted())
	_, err = verb(t, append(review, people.File("olive", "compliance", consenttest.Aurora))...)
	require.NoError(t, err)
	for name, one := range map[string]struct {
		file string
		kind starter.Kind
	}{
		"another role":      {people.File("olive", "agent", consenttest.Aurora), starter.Forbidden},
		"another hotel":     {people.File("olive", "compliance", "boreal-oslo"), starter.Forbidden},
		"another issuer":    {authtest.New(t).File("olive", "compliance", consenttest.Aurora), starter.Unauthenticated},
		"a program":         {people.File("a-browser", "compliance", consenttest.Aurora), starter.PersonNeeded},
		"a program (Auth0)": {people.File("olive", "compliance", consenttest.Aurora, func(c map[string]any) { c["gty"] = "client-credentials" }), starter.PersonNeeded},
		"a program (Entra)": {people.File("olive", "compliance", consenttest.Aurora, func(c map[string]any) { c["idtyp"] = "app" }), starter.PersonNeeded},
		"over":              {people.File("olive", "compliance", consenttest.Aurora, func(c map[string]any) { c["exp"] = 1 }), starter.Unauthenticated},
	} {
		t.Log(name)
		_, err = verb(t, append(review, one.file)...)
		problem(t, err, one.kind)
	}
	_, err = verb(t, append(review, t.TempDir()+"/none")...)
	require.ErrorContains(t, err, "read the token")
}
