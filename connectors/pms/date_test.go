package pms_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/voicehive/voicehive/connectors/pms"
)

func anyDate() *rapid.Generator[pms.Date] {
	first := pms.NewDate(1900, time.January, 1)
	return rapid.Map(rapid.IntRange(0, 2_000_000), first.AddDays)
}

func TestDateRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		want := anyDate().Draw(t, "date")
		parsed, err := pms.ParseDate(want.String())
		require.NoError(t, err)
		require.Equal(t, want, parsed)

		wire, err := json.Marshal(want)
		require.NoError(t, err)
		var got pms.Date
		require.NoError(t, json.Unmarshal(wire, &got))
		require.Equal(t, want, got)
	})
}

func TestDateArithmetic(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		arrival := anyDate().Draw(t, "arrival")
		nights := rapid.IntRange(-200_000, 200_000).Draw(t, "nights")
		departure := arrival.AddDays(nights)
		require.Equal(t, nights, arrival.NightsUntil(departure))
		require.Equal(t, arrival, departure.AddDays(-nights))
		require.Equal(t, nights > 0, arrival.Before(departure))
		require.Equal(t, nights < 0, arrival.After(departure))
	})
}

func TestDateDoesNotSlipAcrossZones(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"Europe/Berlin", "Pacific/Kiritimati", "Pacific/Pago_Pago", "America/Sao_Paulo"} {
		zone, err := time.LoadLocation(name)
		require.NoError(t, err)
		rapid.Check(t, func(t *rapid.T) {
			day := pms.NewDate(2000, time.January, 1).AddDays(rapid.IntRange(0, 20_000).Draw(t, "days"))
			at := day.At(18, 0, zone)
			require.Equal(t, day, pms.DateOf(at))
			require.Equal(t, 18, at.Hour())
		})
	}
}

func TestZeroDate(t *testing.T) {
	t.Parallel()
	var d pms.Date
	require.True(t, d.IsZero())
	require.Empty(t, d.String())
	require.NoError(t, json.Unmarshal([]byte(`""`), &d))
	require.True(t, d.IsZero())
}

func TestParseDateRefuses(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"", "2026-2-1", "2026-02-30", "24.12.2026", "2026-12-24T00:00:00Z", " 2026-12-24", "1e9"} {
		_, err := pms.ParseDate(s)
		require.Error(t, err, s)
	}
}

func FuzzParseDate(f *testing.F) {
	for _, seed := range []string{"2026-12-24", "2024-02-29", "0000-01-01", "9999-12-31", "2026-13-01"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := pms.ParseDate(s)
		if err == nil && d.String() != s {
			t.Fatalf("%q was read as %q", s, d)
		}
	})
}
