package pii_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/pii"
	"github.com/voicehive/voicehive/compliance/pii/evaluation"
)

// TestEvaluation scores the detector on the frozen set, prints the table and
// demands every bound.
func TestEvaluation(t *testing.T) {
	t.Parallel()
	set, err := evaluation.Load(evaluation.First)
	require.NoError(t, err)
	result := scored(t, set)
	t.Log(result)
	require.Empty(t, evaluation.Check(result, evaluation.Numbers))
}

// asked turns a turn of the set into a request, as a call would make it: what
// the agent asked last counts, whether the set names the types or not.
func asked(q evaluation.Request) pii.Request {
	r := pii.Request{
		Text: q.Text, Language: q.Language, Region: q.Region, Allow: q.Allow,
		Known: pii.Known{Names: q.Names, Phones: q.Phones, Emails: q.Emails, Bookings: q.Bookings, Addresses: q.Addresses},
	}
	r.Expect = pii.Asked(q.Agent)
	for _, name := range q.Expect {
		r.Expect = append(r.Expect, typeNamed(name))
	}
	for _, name := range q.Entities {
		r.Entities = append(r.Entities, typeNamed(name))
	}
	return r
}

// typeNamed is the detector's type for one that the set names otherwise.
func typeNamed(name string) pii.Type {
	if name == "DK_CPR" {
		return "DK_CPR_NUMBER"
	}
	return pii.Type(name)
}
