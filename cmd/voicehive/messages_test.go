package main

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"
	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/activities/notification"
	"github.com/voicehive/voicehive/activities/notification/letters"
	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/connectors/pms"
	"github.com/voicehive/voicehive/connectors/registry"
	"github.com/voicehive/voicehive/internal/notify"
	"github.com/voicehive/voicehive/internal/notify/sink"
	"github.com/voicehive/voicehive/internal/postgres"
	"github.com/voicehive/voicehive/internal/postgres/postgrestest"
)

// messagesVerb runs the verb and reads its JSON, which never tells a guest.
func messagesVerb(t *testing.T, into any, args ...string) error {
	t.Helper()
	var out bytes.Buffer
	verb := newMessages()
	verb.SetArgs(append(args, "--json"))
	verb.SetOut(&out)
	verb.SetErr(&out)
	verb.SilenceUsage, verb.SilenceErrors = true, true
	err := verb.ExecuteContext(t.Context())
	require.NotContains(t, out.String(), "zzyzxova")
	if into != nil && out.Len() > 0 {
		require.NoError(t, json.Unmarshal(out.Bytes(), into), out.String())
	}
	return err
}

func TestMessagesVerb(t *testing.T) {
	const hotel = "aurora-berlin"
	main, keysDB, home := postgrestest.New(t, postgres.Migrations), postgrestest.New(t, keys.Migrations), t.TempDir()
	for name, value := range map[string]string{
		"VOICEHIVE_ENV": "development", "VOICEHIVE_HOME": home, "VOICEHIVE_KEYRING": filepath.Join(home, "keyring.json"),
		"DATABASE_URL": main.URL, "KEYS_DATABASE_URL": keysDB.URL, "VOICEHIVE_MAIL_FROM": "post@aurora.example",
		"VOICEHIVE_SMTP": "smtp://127.0.0.1:9", // nobody listens on the discard port
	} {
		t.Setenv(name, value)
	}
	p, err := openStores(t.Context(), "test")
	require.NoError(t, err)
	t.Cleanup(p.close)
	require.NoError(t, p.registry.Add(t.Context(), registry.Hotel{
		ID: hotel, Name: "Hotel Aurora", Vendor: "apaleo", Property: "BER", TimeZone: "Europe/Berlin", Currency: "EUR",
		Country: "DE", Languages: []string{"de"}, CredentialsRef: "aurora",
	}))
	require.NoError(t, p.ring.EnsureTenant(t.Context(), hotel))
	scope, err := p.ring.Create(t.Context(), hotel)
	require.NoError(t, err)
	outbox, _, err := p.outbox()
	require.NoError(t, err)
	ref, err := outbox.Queue(t.Context(), notification.Draft{
		Hotel: hotel, Scope: scope.ID, Channel: notify.Email, To: "zzyzxova@example.org",
		Data: letters.Cancellation{Reference: "XPG-1", Arrival: pms.NewDate(2027, time.March, 1), Departure: pms.NewDate(2027, time.March, 3)},
	})
	require.NoError(t, err)

	var all []notification.Message
	require.NoError(t, messagesVerb(t, &all, "list", "--hotel", hotel, "--state", "queued"))
	require.Len(t, all, 1)
	require.Equal(t, ref.Message, all[0].ID)

	var m notification.Message
	require.ErrorContains(t, messagesVerb(t, &m, "resend", hotel, ref.Message), "was not sent")
	require.Equal(t, notification.Queued, m.State)
	require.Equal(t, "unreachable", m.Problem)

	mailbox, err := sink.Start(sink.Options{})
	require.NoError(t, err)
	t.Cleanup(mailbox.Close)
	t.Setenv("VOICEHIVE_SMTP", mailbox.MailURL())
	require.NoError(t, messagesVerb(t, nil, "sentence", hotel, "booking_cancelled", "de", "Schade, bis zum nächsten Mal!"))
	require.NoError(t, messagesVerb(t, &m, "resend", hotel, ref.Message))
	require.Equal(t, notification.Sent, m.State)
	require.Len(t, mailbox.Messages(), 1)
	require.Contains(t, mailbox.Messages()[0].Text, "Schade, bis zum nächsten Mal!")
	require.Equal(t, []string{"zzyzxova@example.org"}, mailbox.Messages()[0].To)

	require.ErrorIs(t, messagesVerb(t, nil, "resend", hotel, ref.Message), notification.ErrNotAgain)
	require.NoError(t, messagesVerb(t, &m, "resend", hotel, ref.Message, "--again"))
	require.True(t, mailbox.Messages()[1].Copy)
	require.NoError(t, messagesVerb(t, &m, "show", hotel, ref.Message))
	require.Equal(t, 3, m.Attempts)

	require.ErrorIs(t, messagesVerb(t, nil, "show", hotel, ulid.Make().String()), notification.ErrNoMessage)
	require.ErrorIs(t, messagesVerb(t, nil, "resend", "hotel-nowhere", ref.Message), notification.ErrNoMessage)
	require.ErrorAs(t, messagesVerb(t, nil, "list", "--state", "lost"), new(usageError))
	require.ErrorAs(t, messagesVerb(t, nil, "sentence", hotel, "poem", "de", "x"), new(usageError))
	require.ErrorIs(t, messagesVerb(t, nil, "sentence", "hotel-nowhere", "code", "de", "x"), registry.ErrUnknownHotel)
	t.Setenv("VOICEHIVE_SMTP", "smtp://user:s3cret@127.0.0.1:25")
	err = messagesVerb(t, nil, "resend", hotel, ref.Message, "--again")
	require.Error(t, err)
	require.NotContains(t, err.Error(), "s3cret")
	t.Setenv("VOICEHIVE_SMTP", "smtp://relay.somewhere.example")
	require.ErrorContains(t, messagesVerb(t, &m, "resend", hotel, ref.Message, "--again"), "was not sent", "the region guard does not know the host")
	require.Equal(t, "unreachable", m.Problem)
}
