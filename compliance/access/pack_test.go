//go:build unix

package access_test

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"
	"golang.org/x/net/html"

	"github.com/voicehive/voicehive/compliance/access"
	"github.com/voicehive/voicehive/compliance/calls/transcript"
	"github.com/voicehive/voicehive/compliance/consent"
	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/compliance/rights"
)

// valid holds a file of a pack against its published schema.
func valid(t testing.TB, text []byte) {
	t.Helper()
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	description, err := jsonschema.UnmarshalJSON(bytes.NewReader(access.Schema()))
	require.NoError(t, err)
	require.NoError(t, compiler.AddResource(access.SchemaID, description))
	schema, err := compiler.Compile(access.SchemaID)
	require.NoError(t, err)
	instance, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	require.NoError(t, err, "%s", text)
	require.NoError(t, schema.Validate(instance), "%s", text)
}

func decode(t testing.TB, text []byte) (out map[string]any) {
	t.Helper()
	require.NoError(t, json.Unmarshal(text, &out))
	return out
}

// message sends the guest a letter, as the outbox keeps it.
func (h *house) message(scope string) {
	h.t.Helper()
	ctx, id := h.t.Context(), ulid.Make().String()
	sealed, err := h.Ring.Seal(ctx, keys.Scope{Tenant: aurora, ID: scope}, keys.Operations, "message.sealed/"+id, []byte(`{"to": "ada@example.com", "data": {}}`))
	require.NoError(h.t, err)
	_, err = h.Pool.Tenant(aurora).Exec(ctx, `
		insert into message (hotel, id, scope, purpose, channel, kind, sealed, state, language, sent_at)
		values ($1, $2, $3, 'operations', 'email', 'booking_confirmed', $4, 'sent', 'de', now())`, aurora, id, scope, sealed)
	require.NoError(h.t, err)
}

// full is a guest of whom everything is kept that can be.
func full(h *house) (scopes []string) {
	booking := h.book(ada)
	h.message(booking)
	other := h.book(bruno)
	companion, err := h.Desk.AddCompanion(h.t.Context(), aurora, other, ada.person())
	require.NoError(h.t, err)
	_, err = h.Desk.AddCompanion(h.t.Context(), aurora, booking, bruno.person())
	require.NoError(h.t, err)
	c := h.talk("Mein Name ist Ada Lovelace.", "agent: Guten Tag, was kann ich tun?", "Ich möchte am 1. März ein Zimmer.")
	h.record(c, wave(8), 8*time.Second)
	yes := h.Said(aurora, c, consent.Marketing, consent.Given, 20*time.Second)
	yes.Detail = "Ja, gern."
	h.Append(yes)
	_, err = h.Pool.Tenant(aurora).Exec(h.t.Context(), `
		insert into subject_decision (hotel, id, kind, into_subject, scopes, reason, actor) values ($1, $2, 'joined', gen_random_uuid(), $3, 'same_name_and_contact', 'worker')`,
		aurora, ulid.Make().String(), []string{booking, c.ID})
	require.NoError(h.t, err)
	return []string{booking, companion, c.ID}
}

func TestAPackHoldsEverything(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	scopes := full(h)
	c := h.open(rights.Access, scopes...)
	beats := 0
	p, err := h.desk.Build(t.Context(), aurora, c.Case.ID, false, func() { beats++ })
	require.NoError(t, err)
	require.Positive(t, beats)
	again := h.build(c, false)
	require.Equal(t, p.ID, again.ID, "a finished pack is not built twice")
	require.Equal(t, 1, h.Count(`select count(*) from audit_outbox where kind = 'access.pack_built'`))

	all := h.unpack(p)
	call := "calls/" + scopes[2]
	for _, name := range []string{"data.json", "index.html", "schema.json", call + "/transcript.json", call + "/transcript.html", call + "/audio-10000.wav"} {
		require.Contains(t, all, name)
	}
	require.Equal(t, access.Schema(), all["schema.json"])
	valid(t, all["data.json"])
	valid(t, all[call+"/transcript.json"])
	data := decode(t, all["data.json"])
	require.Equal(t, c.Case.ID, data["case"])
	for name, n := range map[string]int{"bookings": 1, "companion_of": 1, "calls": 1, "consents": 3, "messages": 1, "decisions": 1, "disclosures": 2} {
		require.Len(t, data[name], n, name)
	}
	booking := data["bookings"].([]any)[0].(map[string]any)
	require.Equal(t, "Lovelace", booking["guest"].(map[string]any)["last_name"])
	require.EqualValues(t, 1, booking["other_guests"], "how many, and nothing of them")
	require.Equal(t, "Double", booking["stays"].([]any)[0].(map[string]any)["room"])
	require.Equal(t, "ada@example.com", data["messages"].([]any)[0].(map[string]any)["to"])
	require.Contains(t, string(all["data.json"]), "Ja, gern.")
	require.Contains(t, string(all[call+"/transcript.json"]), "Mein Name ist Ada Lovelace.")
	require.Contains(t, string(all[call+"/transcript.json"]), "am 1. März", "a day names nobody")

	// Purposes, terms and sources come from the register, recipients by name.
	processing := data["processing"].(map[string]any)
	text, err := json.Marshal(processing)
	require.NoError(t, err)
	for _, name := range []string{"Apaleo GmbH", "Hotel Aurora", "Art. 6(1)(b) GDPR"} {
		require.Contains(t, string(text), name)
	}
	require.NotEmpty(t, processing["purposes"].([]any)[0].(map[string]any)["retention"])
	disclosures, err := json.Marshal(data["disclosures"])
	require.NoError(t, err)
	require.Contains(t, string(disclosures), `"recipient":"apaleo"`)
	require.Contains(t, string(disclosures), `"recipient":"mail_relay"`)
	for _, value := range []string{bruno.LastName, bruno.Email, bruno.Phone} {
		for name, text := range all {
			require.NotContains(t, string(text), value, name)
		}
	}
	require.Equal(t, 0, p.Withheld)
}

// TestSealedAtRest: neither the store nor the disk beside it has a pack in the
// clear, and nothing is left on that disk.
func TestSealedAtRest(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	c := h.open(rights.Access, h.book(ada))
	p := h.build(c, false)
	require.Equal(t, 1, h.packs())
	h.eachObject(func(name string, content []byte) {
		require.NotContains(t, string(content), "PK\x03\x04", name)
		require.NotContains(t, string(content), "Lovelace", name)
	})
	require.Empty(t, h.left())

	// The key's end is the pack's end.
	_, err := h.Ring.DestroyPurposes(t.Context(), keys.Scope{Tenant: aurora, ID: c.Case.ID}, keys.Case)
	require.NoError(t, err)
	link := h.link(p, 1)
	_, err = h.desk.Redeem(t.Context(), link.Token)
	require.ErrorIs(t, err, access.ErrLink)

	n, err := h.desk.Forget(t.Context(), aurora, c.Case.ID)
	require.NoError(t, err)
	require.Equal(t, 1, n)
	require.Zero(t, h.packs())
	n, err = h.desk.Forget(t.Context(), aurora, c.Case.ID)
	require.NoError(t, err)
	require.Zero(t, n)
}

func TestPortabilityHoldsWhatTheGuestGave(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	scopes := full(h)
	c := h.open(rights.Portability, scopes...)
	p := h.build(c, true)
	access := h.build(c, false)
	require.NotEqual(t, p.ID, access.ID)
	all := h.unpack(p)
	valid(t, all["data.json"])
	data := decode(t, all["data.json"])
	require.Equal(t, "portability", data["right"])
	for _, name := range []string{"messages", "decisions", "disclosures", "processing"} {
		require.NotContains(t, data, name)
	}
	require.Len(t, data["bookings"], 1)
	require.Len(t, data["consents"], 3)
	said := string(all["calls/"+scopes[2]+"/transcript.json"])
	valid(t, []byte(said))
	require.Contains(t, said, "Ada Lovelace")
	require.NotContains(t, said, "was kann ich tun", "what the machine said was not given by the guest")
	for name := range all {
		require.NotContains(t, name, "audio")
	}
}

// TestPagesForPeople: in each language the pages are whole, name their
// language, load nothing and run nothing.
func TestPagesForPeople(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	scopes := full(h)
	seen := map[string]bool{}
	for _, language := range access.Languages() {
		c := h.open(rights.Access, scopes...)
		c.Reply.Language = language + "-XX"
		all := h.unpack(h.build(c, false))
		for _, name := range []string{"index.html", "calls/" + scopes[2] + "/transcript.html"} {
			page := readable(t, all[name], language)
			require.False(t, seen[page.title], "%s is written in another language than the others", page.title)
			seen[page.title] = true
			for _, target := range page.links {
				if anchor, ok := strings.CutPrefix(target, "#"); ok {
					require.Contains(t, page.ids, anchor)
				} else if name == "index.html" {
					require.Contains(t, all, target)
				}
			}
		}
		require.Contains(t, string(all["index.html"]), "Lovelace")
	}
	c := h.open(rights.Access, scopes...)
	c.Reply.Language, c.Case.Language = "tlh", ""
	readable(t, h.unpack(h.build(c, false))["index.html"], "en")
}

type page struct {
	title string
	links []string
	ids   []string
}

// readable checks what a page must have to be read by everybody, and offline.
func readable(t *testing.T, text []byte, language string) (p page) {
	t.Helper()
	root, err := html.Parse(bytes.NewReader(text))
	require.NoError(t, err)
	heads, main := []int{}, 0
	for n := range root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		attrs := map[string]string{}
		for _, a := range n.Attr {
			attrs[a.Key] = a.Val
			require.False(t, strings.HasPrefix(a.Key, "on"), "a handler in <%s>", n.Data)
		}
		if id := attrs["id"]; id != "" {
			require.NotContains(t, p.ids, id, "twice")
			p.ids = append(p.ids, id)
		}
		switch n.Data {
		case "script", "iframe", "img", "link", "object", "form":
			require.Fail(t, "the page loads or runs something", n.Data)
		case "html":
			require.Equal(t, language, attrs["lang"])
		case "title":
			p.title = n.FirstChild.Data
		case "main":
			main++
		case "th":
			require.NotEmpty(t, attrs["scope"])
		case "h1", "h2", "h3":
			heads = append(heads, int(n.Data[1]-'0'))
		case "a":
			require.False(t, strings.Contains(attrs["href"], "://"), attrs["href"])
			p.links = append(p.links, attrs["href"])
		}
	}
	require.Equal(t, 1, main)
	require.NotEmpty(t, p.title)
	require.Equal(t, 1, heads[0])
	require.Equal(t, 1, len(slices.DeleteFunc(slices.Clone(heads), func(level int) bool { return level != 1 })))
	for i := 1; i < len(heads); i++ {
		require.LessOrEqual(t, heads[i], heads[i-1]+1, "a heading's level is left out")
	}
	return p
}

// TestRestoredWords: what was masked when it was stored is in the pack as the
// guest said it, and the look at it is noted.
func TestRestoredWords(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := t.Context()
	booking := h.book(ada)
	c := h.talk("Hier spricht Ada Lovelace.", "agent: Ihre Nummer?", "+49 151 12345678", "Und meine Kreditkarte ist 4111 1111 1111 1111.")
	masked, err := h.parts.Transcripts.(*transcript.Transcripts).Mask(ctx, aurora, transcript.Batch{Call: c.ID, Final: true, Region: "DE"})
	require.NoError(t, err)
	require.Equal(t, 4, masked.Masked)
	stored, err := h.Calls.Turns(ctx, aurora, c.ID, 0, 10)
	require.NoError(t, err)
	require.NotContains(t, stored[0].Text, "Lovelace")

	all := h.unpack(h.build(h.open(rights.Access, booking, c.ID), false))
	said := string(all["calls/"+c.ID+"/transcript.json"])
	require.Contains(t, said, "Ada Lovelace")
	require.Contains(t, said, "12345678")
	require.NotContains(t, said, "4111", "card data comes back to nobody")
	require.Equal(t, 1, h.Count(`select count(*) from audit_outbox where kind = 'transcript.restored'`))
}

func TestUnusableCases(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	build := func(id string) error {
		_, err := h.desk.Build(t.Context(), aurora, id, false, func() {})
		return err
	}
	require.ErrorIs(t, build(ulid.Make().String()), access.ErrRequest)
	require.ErrorIs(t, build(h.open(rights.Access).Case.ID), access.ErrRequest)
	parts := h.parts
	parts.Objects = nil
	desk, err := access.New(parts)
	require.NoError(t, err)
	c := h.open(rights.Access, h.book(ada))
	_, err = desk.Build(t.Context(), aurora, c.Case.ID, false, func() {})
	require.ErrorIs(t, err, access.ErrObjects)

	parts = h.parts
	parts.MaxBytes = 1000
	desk, err = access.New(parts)
	require.NoError(t, err)
	_, err = desk.Build(t.Context(), aurora, c.Case.ID, false, func() {})
	require.ErrorIs(t, err, access.ErrTooLarge)
	require.Zero(t, h.packs())

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = h.desk.Build(ctx, aurora, c.Case.ID, false, func() {})
	require.ErrorIs(t, err, context.Canceled)

	// What was erased is not there, and holds nothing up.
	gone := h.book(ada)
	_, err = h.Ring.Destroy(t.Context(), keys.Scope{Tenant: aurora, ID: gone})
	require.NoError(t, err)
	data := decode(t, h.unpack(h.build(h.open(rights.Access, gone), false))["data.json"])
	require.NotContains(t, data["bookings"].([]any)[0], "guest")
}
