package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	erasures "github.com/voicehive/voicehive/activities/erasure"
	"github.com/voicehive/voicehive/compliance/access"
	"github.com/voicehive/voicehive/compliance/region"
	"github.com/voicehive/voicehive/compliance/register"
)

// Recipients have the names that the region report and the file of those who
// are told of erasures have for them, each hotel its own.
func TestRecipientsHaveTheInstallationsNames(t *testing.T) {
	t.Parallel()
	known, err := register.Load()
	require.NoError(t, err)
	check := func(endpoint, tenant, provider, country string) region.Check {
		return region.Check{Finding: region.Finding{Endpoint: endpoint, Tenant: tenant, Provider: provider, Country: country}}
	}
	checks := []region.Check{
		check("DATABASE_URL", "", "Hosting Example", "DE"), check("DATABASE_URL[1]", "", "Hosting Example", "DE"),
		check("KEYS_DATABASE_URL", "", "Other Example", "FR"), check("VOICEHIVE_SMTP", "", "", ""),
		check("VOICEHIVE_RECIPIENTS[1]", "", "Cloud Example", "AT"), check("hotel/aurora/pms", "aurora", "Hosting Example", "IT"),
		check("VOICEHIVE_SMS", "", "seven", "DE"),
	}
	file := erasures.RecipientsFile{Recipients: []erasures.RecipientEntry{
		{Name: "spa.example", Hotels: map[string]string{"boreal": "b"}},
		{Name: "breakfast.example", Hotels: map[string]string{"aurora": "a"}},
		{Name: "channel.example", All: true},
	}}
	all := namedBy(known, file, checks, "aurora")
	require.Equal(t, map[string][]access.Named{
		"database_host":    {{Name: "Hosting Example", Country: "DE"}, {Name: "Other Example", Country: "FR"}},
		"told_of_erasures": {{Name: "breakfast.example", Country: "AT"}, {Name: "channel.example"}},
	}, all, "what has no provider keeps the register's words, and so does who has a name there")
	require.Empty(t, namedBy(known, erasures.RecipientsFile{}, nil, "aurora")["told_of_erasures"])

	// Both are what the register calls them.
	r, ok := known.Recipient(toldOfErasures)
	require.True(t, ok)
	require.Equal(t, "VOICEHIVE_RECIPIENTS", r.Setting)
	require.Equal(t, inReport, r.Country)
}
