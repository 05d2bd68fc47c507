//go:build unix

package main

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/consent/consenttest"
	"github.com/voicehive/voicehive/compliance/holds"
	"github.com/voicehive/voicehive/compliance/retention"
	"github.com/voicehive/voicehive/compliance/subjects"
	"github.com/voicehive/voicehive/starter"
)

func TestHoldVerb(t *testing.T) {
	house := subjectHouse(t)
	scope := house.Booking(consenttest.Aurora, subjects.Person{FirstName: "Ada", LastName: "Zzyzx", Phone: "+49 30 5550199"})
	hotel := []string{"--hotel", consenttest.Aurora}
	olive, otto := officers(t)
	on := func(args ...string) []string { return append(append([]string{"hold"}, args...), hotel...) }
	review := time.Now().AddDate(0, 2, 0).Format(time.DateOnly)

	text, err := verb(t, on("list")...)
	require.NoError(t, err)
	require.Contains(t, text, "There are no holds.")
	_, err = verb(t, on("place", scope, "--matter", "2026-17/B", "--review", review)...)
	problem(t, err, starter.PersonNeeded)
	t.Setenv("VOICEHIVE_TOKEN_FILE", olive)
	placed := must[holds.Hold](t, on("place", scope, "--matter", "2026-17/B", "--review", review, "--class", "recording,guest")...)
	require.Equal(t, holds.Proposed, placed.State)
	text, err = verb(t, on("show", placed.ID)...)
	require.NoError(t, err)
	require.Contains(t, text, "voicehive hold approve "+placed.ID)
	require.Contains(t, text, "recording, guest")
	require.Contains(t, text, scope)
	_, err = verb(t, on("approve", placed.ID)...)
	problem(t, err, starter.SamePerson)
	_, err = verb(t, on("approve", placed.ID, "--token-file", otto)...)
	require.NoError(t, err)
	_, err = verb(t, on("review", placed.ID, "--review", review)...)
	require.NoError(t, err)
	text, err = verb(t, on("release", placed.ID)...)
	require.NoError(t, err)
	require.Contains(t, text, "another person has to do so too")
	text, err = verb(t, on("list")...)
	require.NoError(t, err)
	require.Contains(t, text, "leaving")
	_, err = verb(t, on("place", scope, "--matter", "Ada Zzyzx", "--review", review)...)
	problem(t, err, starter.InvalidRequest)
	_, err = verb(t, on("show", "01JD3ZG0000000000000000000")...)
	problem(t, err, starter.UnknownHold)
}

func TestRetentionVerb(t *testing.T) {
	house := subjectHouse(t)
	scope := house.Booking(consenttest.Aurora, subjects.Person{FirstName: "Ada", LastName: "Zzyzx", Phone: "+49 30 5550199"})
	house.Database.Admin(t, "update booking set arrival = current_date - 102, departure = current_date - 100")
	on := func(args ...string) []string {
		return append(append([]string{"retention"}, args...), "--hotel", consenttest.Aurora)
	}
	plan := must[retention.Plan](t, on("dry-run")...)
	require.Positive(t, plan.Rows)
	text, err := verb(t, on("dry-run")...)
	require.NoError(t, err)
	require.Contains(t, text, "guest 1")
	require.NotContains(t, text, scope)
	text, err = verb(t, on("explain", "guest", scope)...)
	require.NoError(t, err)
	require.Contains(t, text, "erase")
	require.Contains(t, text, "guest decides")
	text, err = verb(t, on("explain", "invoice", "--at", "issued=2026-05-14", "--asked")...)
	require.NoError(t, err)
	require.Contains(t, text, "AO § 147(3)")
	require.Contains(t, text, "restrict")
	text, err = verb(t, on("policy", "show", "guest")...)
	require.NoError(t, err)
	require.Contains(t, text, "not reviewed by a lawyer")
	_, err = verb(t, on("policy", "set", "guest", "P14D")...)
	problem(t, err, starter.PersonNeeded)
	olive, _ := officers(t)
	t.Setenv("VOICEHIVE_TOKEN_FILE", olive)
	text, err = verb(t, on("policy", "set", "guest", "P14D")...)
	require.NoError(t, err)
	require.Contains(t, text, "P14D")
	_, err = verb(t, on("policy", "set", "guest", "P14Y")...)
	problem(t, err, starter.InvalidRequest)
	text, err = verb(t, on("status")...)
	require.NoError(t, err)
	require.Contains(t, text, "There was no run yet.")
	_, err = verb(t, on("status", "01JD3ZG0000000000000000000")...)
	problem(t, err, starter.UnknownRetention)
}

func TestRetentionPolicyCheck(t *testing.T) {
	text, err := verb(t, "retention", "policy", "check")
	require.NoError(t, err)
	require.Contains(t, text, "were not reviewed by a lawyer")
	folder := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(folder, "mine.yaml"), []byte("owner: us\nrules:\n  - {id: a, class: shoes}\n"), 0o600))
	text, err = verb(t, "retention", "policy", "check", folder)
	require.Error(t, err)
	require.Contains(t, text, "mine.yaml:3: retention: not a policy: there is no class shoes")
}
