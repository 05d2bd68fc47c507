//go:build unix

package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/consent/consenttest"
	"github.com/voicehive/voicehive/compliance/subjects"
	"github.com/voicehive/voicehive/connectors/registry"
	"github.com/voicehive/voicehive/starter"
)

// subjectVerb runs the verb on a house's databases, and reads its JSON into
// what is not nil. The person is on standard input.
func subjectVerb(t *testing.T, into any, person string, args ...string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	root := newRoot()
	args = append([]string{"subject"}, append(args, "--hotel", consenttest.Aurora)...)
	if into != nil {
		args = append(args, "--json")
	}
	root.SetArgs(args)
	root.SetIn(strings.NewReader(person))
	root.SetOut(&out)
	root.SetErr(&out)
	err := root.ExecuteContext(t.Context())
	for _, secret := range []string{"Zzyzx", "5550199", "passport"} {
		require.NotContains(t, out.String(), secret)
		if err != nil {
			require.NotContains(t, err.Error(), secret)
		}
	}
	if err == nil && into != nil {
		require.NoError(t, json.Unmarshal(out.Bytes(), into), out.String())
	}
	return out.String(), err
}

func subjectHouse(t *testing.T) *consenttest.House {
	t.Helper()
	house := consenttest.New(t)
	for name, value := range map[string]string{
		"VOICEHIVE_ENV": "development", "VOICEHIVE_HOME": t.TempDir(), "VOICEHIVE_KEYRING": house.Keyring, "VOICEHIVE_LOG_LEVEL": "error",
		"DATABASE_URL": house.Database.URL, "KEYS_DATABASE_URL": house.KeysDB.URL,
	} {
		t.Setenv(name, value)
	}
	hotels, err := registry.New(house.Pool)
	require.NoError(t, err)
	require.NoError(t, hotels.Add(t.Context(), registry.Hotel{
		ID: consenttest.Aurora, Name: "Hotel", Vendor: "apaleo", Property: "MUC", TimeZone: "Europe/Berlin", Currency: "EUR",
		Country: "DE", Languages: []string{"de"}, CredentialsRef: "aurora",
	}))
	return house
}

func TestSubjectVerb(t *testing.T) {
	house := subjectHouse(t)
	ada := subjects.Person{FirstName: "Ada", LastName: "Zzyzx", Phone: "+49 30 5550199"}
	one, two := house.Booking(consenttest.Aurora, ada), house.Booking(consenttest.Aurora, subjects.Person{FirstName: "William", LastName: "Zzyzx", Phone: ada.Phone})
	note := filepath.Join(t.TempDir(), "note")
	require.NoError(t, os.WriteFile(note, []byte("a passport was shown"), 0o600))

	var found starter.People
	_, err := subjectVerb(t, &found, "{phone: 030 5550199}", "find")
	require.NoError(t, err)
	require.Len(t, found.People, 2)
	text, err := subjectVerb(t, nil, "last_name: Zzyzx\n", "find")
	require.NoError(t, err)
	require.Contains(t, text, one)
	require.Contains(t, text, "surname")
	text, err = subjectVerb(t, nil, "{last_name: Nobody}", "find")
	require.NoError(t, err)
	require.Contains(t, text, "Nobody matches")

	show := func(scope string) (p starter.Profile) {
		_, err := subjectVerb(t, &p, "", "show", scope)
		require.NoError(t, err)
		return p
	}
	before := []starter.Profile{show(one), show(two)}
	require.Equal(t, before[1].Subject, before[0].Candidates[0].Subject)
	var merged starter.Decided
	_, err = subjectVerb(t, &merged, "", "merge", two, one, "--reason", "guest_confirmed", "--note-file", note)
	require.NoError(t, err)
	require.Equal(t, before[0].Subject, merged.Subject)
	require.Len(t, show(two).Scopes, 2)
	_, err = subjectVerb(t, nil, "", "merge", two, one, "--reason", "guest_confirmed")
	problem(t, err, starter.AlreadyMerged)
	text, err = subjectVerb(t, nil, "", "undo", merged.Decision, "--reason", "mistaken_identity")
	require.NoError(t, err)
	require.Contains(t, text, "taken back")
	after := []starter.Profile{show(one), show(two)}
	for i := range after {
		require.Len(t, after[i].Decisions, 2)
		require.Regexp(t, `^compliance:[0-9a-f]{16}$`, after[i].Decisions[0].Actor)
		after[i].Decisions = before[i].Decisions
	}
	require.Equal(t, before, after, "as before")

	_, err = subjectVerb(t, nil, "", "merge", two, one, "--reason", "guest_confirmed")
	require.NoError(t, err)
	text, err = subjectVerb(t, nil, "", "split", two, "--reason", "shared_contact")
	require.NoError(t, err)
	require.Contains(t, text, "somebody new")
	text, err = subjectVerb(t, nil, "{first_name: Ada, last_name: Zzyzx}", "show")
	require.NoError(t, err)
	require.Contains(t, text, "Who may be the same")
	require.Contains(t, text, "mistaken_identity")
	require.Equal(t, 4, house.Count(`select count(*) from audit_outbox where kind in ('subject.merged', 'subject.split') and tenant = $1`, consenttest.Aurora))
}

func TestSubjectVerbRefuses(t *testing.T) {
	house := subjectHouse(t)
	one := house.Booking(consenttest.Aurora, subjects.Person{FirstName: "Ada", LastName: "Zzyzx", Phone: "+49 30 5550199"})
	house.Booking(consenttest.Aurora, subjects.Person{FirstName: "William", LastName: "Zzyzx"})
	foreign := house.Booking(consenttest.Boreal, subjects.Person{FirstName: "Ada", LastName: "Zzyzx"})
	for _, test := range []struct {
		person string
		args   []string
		kind   starter.Kind
	}{
		{"", []string{"find"}, starter.InvalidRequest},
		{"{first_name: Zzyzx}", []string{"find"}, starter.InvalidRequest},
		{"{last_name: Zzyzx}", []string{"show"}, starter.AmbiguousSubject},
		{"{last_name: Nobody}", []string{"show"}, starter.UnknownSubject},
		{"", []string{"show", foreign}, starter.UnknownSubject},
		{"", []string{"show", "Zzyzx"}, starter.InvalidRequest},
		{"", []string{"merge", one, foreign, "--reason", "guest_confirmed"}, starter.UnknownSubject},
		{"", []string{"merge", one, one, "--reason", "guest_confirmed"}, starter.AlreadyMerged},
		{"", []string{"split", one, "--reason", "shared_contact"}, starter.ImpossibleSplit},
		{"", []string{"split", one, "--reason", "felt_like_it"}, starter.InvalidRequest},
		{"", []string{"undo", one, "--reason", "mistaken_identity"}, starter.UnknownDecision},
	} {
		_, err := subjectVerb(t, nil, test.person, test.args...)
		problem(t, err, test.kind)
	}
	for _, person := range []string{"{surname: Zzyzx}", "{last_name: [Zzyzx]}", "Zzyzx", "{last_name: " + strings.Repeat("Zzyzx", 1000) + "}"} {
		_, err := subjectVerb(t, nil, person, "find")
		var usage usageError
		require.ErrorAs(t, err, &usage)
	}
	_, err := subjectVerb(t, nil, "", "merge", one, one)
	require.ErrorContains(t, err, "reason", "no decision without one")
	require.Zero(t, house.Count(`select count(*) from subject_decision`))
}

// problem expects a refusal of a kind.
func problem(t *testing.T, err error, kind starter.Kind) {
	t.Helper()
	var refused *starter.Problem
	require.True(t, errors.As(err, &refused), "%v", err)
	require.Equal(t, kind.Code, refused.Code)
}

// TestAskingInFrontOfATerminal: questions go to standard error, answers in.
func TestAskingInFrontOfATerminal(t *testing.T) {
	t.Parallel()
	var questions bytes.Buffer
	q, err := askPerson(strings.NewReader("\nZzyzx\n\n 030 5550199 \n"), &questions)
	require.NoError(t, err)
	require.Equal(t, starter.PersonQuery{LastName: "Zzyzx", Phone: "030 5550199"}, q)
	require.Contains(t, questions.String(), "Phone")
	require.False(t, terminal(strings.NewReader("")))
}

// TestTheOperatorIsNotWhoTheySay: four eyes on the command line are two logins.
func TestTheOperatorIsNotWhoTheySay(t *testing.T) {
	before := operator()
	t.Setenv("USER", "somebody-else")
	t.Setenv("LOGNAME", "somebody-else")
	require.Equal(t, before, operator())
	require.NotContains(t, before, "somebody-else")
}
