package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/connectors/pms"
	"github.com/voicehive/voicehive/starter"
)

// Every kind that the starter can answer arrives with its status, its code and
// something to say.
func TestEveryKindArrives(t *testing.T) {
	t.Parallel()
	for _, kind := range Problems() {
		t.Run(kind.Code, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			refused := kind.In("/quote_id", "What to do.")
			refused.RetryAfter = 1500 * time.Millisecond
			b.starter.err = fmt.Errorf("wrapped: %w", refused)
			w := b.send(t, request{method: "POST", path: hotel + "/reservations", body: exampleBookRequest, header: keyed})
			require.Equal(t, "2", w.Header().Get("Retry-After"), "rounded up")
			require.Equal(t, "Accept-Language", w.Header().Get("Vary"))
			require.Equal(t, kind.Status == 401, w.Header().Get("WWW-Authenticate") != "")
			p := requireProblem(t, w, kind)
			require.Equal(t, "What to do.", p.Detail)
			require.Equal(t, "/quote_id", p.Field)
			require.Equal(t, 2, p.RetryAfter)
		})
	}
}

func TestUnauthenticatedTellsHow(t *testing.T) {
	t.Parallel()
	w := newBench(t).send(t, request{method: "GET", path: hotel + "/reservations/" + id, as: "-"})
	require.Equal(t, `Bearer realm="voicehive"`, w.Header().Get("WWW-Authenticate"))
	requireProblem(t, w, starter.Unauthenticated)
}

func TestSoldOutOffersAnotherRoom(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	refused := starter.SoldOut.With("Offer an alternative.")
	refused.Alternatives = []pms.Offer{
		{RoomType: pms.Named{Name: "Junior Suite"}, PayableTotal: pms.Money{Amount: 24650, Currency: "EUR"}, Vendor: json.RawMessage(`1`)},
		{RoomType: pms.Named{Name: "Suite"}},
	}
	b.starter.err = refused
	for language, want := range map[string]string{
		"":                       "I'm sorry, that room is no longer available. I could offer you this instead: Junior Suite, for 246.50 EUR in total.",
		"de-AT,de;q=0.9,en;q=.5": "Es tut mir leid, dieses Zimmer ist nicht mehr frei. Ich könnte Ihnen stattdessen Folgendes anbieten: Junior Suite, für insgesamt 246,50 EUR.",
	} {
		w := b.send(t, request{
			method: "POST", path: hotel + "/reservations", body: exampleBookRequest,
			header: map[string]string{"Idempotency-Key": "k", "Accept-Language": language},
		})
		require.NotContains(t, w.Body.String(), "vendor")
		p := requireProblem(t, w, starter.SoldOut)
		require.Equal(t, want, p.Say)
		require.Len(t, p.Alternatives, 2)
	}
	require.NotNil(t, refused.Alternatives[0].Vendor)
}

func TestOtherErrorsTellTheCallerNothing(t *testing.T) {
	t.Parallel()
	read := request{method: "GET", path: hotel + "/reservations/" + id}
	b := newBench(t)
	b.starter.err = errors.New("dialling 10.1.2.3")
	w := b.send(t, read)
	require.NotContains(t, w.Body.String(), "10.1.2.3")
	requireProblem(t, w, starter.Internal)
	require.Contains(t, b.log.String(), "10.1.2.3", "operations must see the cause")

	b = newBench(t)
	b.starter.err = fmt.Errorf("reading: %w", context.DeadlineExceeded)
	p := requireProblem(t, b.send(t, read), starter.Unavailable)
	require.Positive(t, p.RetryAfter)
}

func TestProblemsAreSpokenInEveryLanguage(t *testing.T) {
	t.Parallel()
	for _, kind := range Problems() {
		seen := map[string]bool{}
		for i, text := range phraseOf(kind.Code) {
			require.NotEmpty(t, text, "%s in %s", kind.Code, languages[i])
			require.Less(t, len(text), 160, "%s in %s is too long to say", kind.Code, languages[i])
			seen[text] = true
		}
		require.Len(t, seen, len(languages), "%s is the same in two languages", kind.Code)
		require.NotEmpty(t, adviceOf(kind.Code), kind.Code)
	}
}

func TestLanguageIsChosen(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]string{
		"": "en", "de": "de", "fr-CH": "fr", "es-MX,en": "es", "it;q=0.5, nl;q=0.9": "nl", "pl": "pl",
		"sv": "en", "*": "en", "!!": "en", "ja, de;q=0.1": "de",
	} {
		require.Equal(t, want, languages[chosen(header)].String(), header)
	}
}

func FuzzChosen(f *testing.F) {
	f.Add("de-AT, de;q=0.9, *;q=0.1")
	f.Fuzz(func(t *testing.T, header string) {
		if i := chosen(header); i < 0 || i >= len(languages) {
			t.Fatal("no language")
		}
	})
}
