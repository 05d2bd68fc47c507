package transcript_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/calls"
	"github.com/voicehive/voicehive/compliance/calls/transcript"
	"github.com/voicehive/voicehive/compliance/consent"
	"github.com/voicehive/voicehive/compliance/consent/consenttest"
	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/compliance/pii"
	"github.com/voicehive/voicehive/compliance/pii/redaction"
)

const hotel = consenttest.Aurora

var cause = transcript.Cause{Actor: "operator", By: "A. Officer", Reason: "request 17"}

// A room has a call whose caller agreed to be written down.
type room struct {
	*consenttest.House
	*transcript.Transcripts
	t    *testing.T
	call calls.Call
}

func open(t *testing.T, detector redaction.Detector) *room {
	h := consenttest.New(t)
	r := &room{House: h, t: t, call: h.Call(hotel, 10*time.Minute)}
	h.Append(h.Said(hotel, r.call, consent.Transcription, consent.Given, 5*time.Second))
	h.Notice(hotel, r.call)
	r.Transcripts = transcript.New(transcript.Parts{Calls: h.Calls, Keys: h.Ring, Detector: detector, Pool: h.Pool, Auditor: h.Writer})
	return r
}

func (r *room) turn(seq int, speaker calls.Speaker, text string) calls.Turn {
	at := time.Duration(seq) * 10 * time.Second
	return calls.Turn{Call: r.call.ID, Seq: seq, Speaker: speaker, Text: text, From: at, To: at + 3*time.Second}
}

// say writes turns down: the agent has the odd ones.
func (r *room) say(texts ...string) {
	r.t.Helper()
	for i, text := range texts {
		speaker := calls.Agent
		if i%2 == 1 {
			speaker = calls.Caller
		}
		require.NoError(r.t, r.Calls.AddTurn(r.t.Context(), hotel, r.turn(i+1, speaker, text)))
	}
}

func (r *room) texts() (all []string) {
	r.t.Helper()
	turns, err := r.Calls.Turns(r.t.Context(), hotel, r.call.ID, 0, 100)
	require.NoError(r.t, err)
	for _, t := range turns {
		all = append(all, t.Text)
	}
	return all
}

func TestTurnsAreMaskedWhereTheyLie(t *testing.T) {
	t.Parallel()
	r := open(t, pii.New(pii.Options{}))
	ctx := t.Context()
	r.say(
		"Hotel Aurora, guten Tag. Wie ist Ihre Telefonnummer?",
		"Das ist die null eins sieben eins, fünf fünf fünf, null eins neun neun.",
		"Danke. Und die Kartennummer brauche ich nicht.",
		"Meine Karte ist 4242 4242 4242 4242, und ich heiße Müller, Zimmer 12 bitte.",
	)
	batch := transcript.Batch{Call: r.call.ID, Known: pii.Known{Names: []string{"Petra Müller"}}, Region: "DE", Final: true}
	done, err := r.Mask(ctx, hotel, batch)
	require.NoError(t, err)
	require.Equal(t, transcript.Progress{Masked: 4, Redacted: 2, Next: 4}, done)

	masked := r.texts()
	require.Equal(t, "Danke. Und die Kartennummer brauche ich nicht.", masked[2])
	for _, secret := range []string{"fünf", "neun", "4242", "Müller"} {
		require.NotContains(t, strings.Join(masked, "\n"), secret)
	}
	require.Contains(t, masked[1], "<PHONE_NUMBER:t:")
	require.Contains(t, masked[3], "<CREDIT_CARD>")
	require.Contains(t, masked[3], "Zimmer 12")

	again, err := r.Mask(ctx, hotel, batch)
	require.NoError(t, err)
	require.Equal(t, transcript.Progress{Next: 4}, again, "nothing is masked twice")
	require.Equal(t, masked, r.texts())

	// The recogniser's activity may be tried again: the turn is known by its times.
	require.NoError(t, r.Calls.AddTurn(ctx, hotel, r.turn(4, calls.Caller, "what it said before")))
	moved := r.turn(4, calls.Caller, "x")
	moved.To += time.Second
	require.ErrorIs(t, r.Calls.AddTurn(ctx, hotel, moved), calls.ErrTaken)
	require.Equal(t, masked, r.texts())

	shown, err := r.Restore(ctx, hotel, r.call.ID, 0, 100, cause)
	require.NoError(t, err)
	require.Equal(t, "Das ist die null eins sieben eins, fünf fünf fünf, null eins neun neun.", shown[1].Text)
	require.Equal(t, "Meine Karte ist <CREDIT_CARD>, und ich heiße Müller, Zimmer 12 bitte.", shown[3].Text)
	require.Equal(t, 1, r.Count(`select count(*) from audit_outbox where kind = 'transcript.restored'`))
	require.Equal(t, masked, r.texts(), "what is shown is not written")

	_, err = r.Restore(ctx, hotel, r.call.ID, 0, 100, transcript.Cause{Actor: "officer", By: "A. Officer"})
	require.ErrorIs(t, err, redaction.ErrNoReason)
	_, err = r.Restore(ctx, consenttest.Boreal, r.call.ID, 0, 100, cause)
	require.ErrorIs(t, err, calls.ErrNotFound)
	_, err = r.Ring.Destroy(ctx, keys.Scope{Tenant: hotel, ID: r.call.ID})
	require.NoError(t, err)
	_, err = r.Restore(ctx, hotel, r.call.ID, 0, 100, cause)
	require.ErrorIs(t, err, keys.ErrDestroyed)
}

// A number that goes on in the next turn is held back until it is there, and
// masked in both.
func TestANumberOverTwoTurns(t *testing.T) {
	t.Parallel()
	r := open(t, pii.New(pii.Options{}))
	ctx := t.Context()
	add := func(seq int, speaker calls.Speaker, text string) {
		require.NoError(t, r.Calls.AddTurn(ctx, hotel, r.turn(seq, speaker, text)))
	}
	add(1, calls.Agent, "What is the number on the card?")
	add(2, calls.Caller, "it is 4242 4242")
	first, err := r.Mask(ctx, hotel, transcript.Batch{Call: r.call.ID})
	require.NoError(t, err)
	require.Equal(t, transcript.Progress{Masked: 1, Next: 1}, first, "the caller may go on")
	add(3, calls.Caller, "4242 4242")
	add(4, calls.Agent, "Thank you very much.")
	second, err := r.Mask(ctx, hotel, transcript.Batch{Call: r.call.ID, After: first.Next, Final: true})
	require.NoError(t, err)
	require.Equal(t, 4, second.Next)
	require.NotContains(t, strings.Join(r.texts(), " "), "4242")
	shown, err := r.Restore(ctx, hotel, r.call.ID, 0, 100, cause)
	require.NoError(t, err)
	for _, turn := range shown {
		require.NotContains(t, turn.Text, "4242", "a card does not come back")
	}
}

// However the turns are cut into batches, the same ones are masked, and nothing
// of the guest is left.
func TestBatchesMaskWhatTheWholeMasks(t *testing.T) {
	t.Parallel()
	said := []string{
		"Good evening, may I have your name?", "Margaret Oduya",
		"And your e-mail?", "margaret dot oduya at example dot org", "Thank you.", "I arrive on the third of May with two children",
	}
	for _, most := range []int{100, 1, 2, 3} {
		r := open(t, pii.New(pii.Options{}))
		r.say(said...)
		for after, more := 0, true; more; {
			done, err := r.Mask(t.Context(), hotel, transcript.Batch{Call: r.call.ID, After: after, Most: most, Final: true})
			require.NoError(t, err)
			require.True(t, done.Next > after || !done.More, "it comes to an end")
			after, more = done.Next, done.More
		}
		for i, text := range r.texts() {
			require.Equal(t, i == 1 || i == 3, text != said[i], text)
			require.NotContains(t, strings.ToLower(text), "oduya")
		}
		shown, err := r.Restore(t.Context(), hotel, r.call.ID, 0, 100, cause)
		require.NoError(t, err)
		for i := range shown {
			require.Equal(t, said[i], shown[i].Text)
		}
	}
}

// A name that a caller told is known in the batches that follow, though nothing
// leads to it any more.
func TestANameIsKnownInTheNextBatch(t *testing.T) {
	t.Parallel()
	for _, most := range []int{100, 2} {
		r := open(t, pii.New(pii.Options{}))
		r.say("Hotel Aurora, good evening.", "My name is Oduyashvili and I need a room.", "Sure.", "please tell oduyashvili that we come later", "Of course.", "oduyashvili brings a dog")
		for after, more := 0, true; more; {
			done, err := r.Mask(t.Context(), hotel, transcript.Batch{Call: r.call.ID, After: after, Most: most, Final: true})
			require.NoError(t, err)
			after, more = done.Next, done.More
		}
		require.NotContains(t, strings.ToLower(strings.Join(r.texts(), " ")), "oduyashvili")
	}
}

// broken is a detector that cannot look.
type broken struct{ err error }

func (b broken) Scan([]pii.Span, pii.Request) ([]pii.Span, error) {
	if b.err == nil {
		panic("what the guest said")
	}
	return nil, b.err
}

func TestWhatCannotBeLookedThroughIsSuppressed(t *testing.T) {
	t.Parallel()
	for _, failure := range []error{nil, pii.ErrTooLong} {
		r := open(t, broken{failure})
		r.say("Hello.", "my name is Margaret")
		done, err := r.Mask(t.Context(), hotel, transcript.Batch{Call: r.call.ID, Final: true})
		require.NoError(t, err)
		require.Equal(t, 2, done.Suppressed)
		require.Equal(t, []string{redaction.Suppressed, redaction.Suppressed}, r.texts())
	}
	r := open(t, broken{errors.New("not now")})
	r.say("Hello.", "my name is Margaret")
	_, err := r.Mask(t.Context(), hotel, transcript.Batch{Call: r.call.ID, Final: true})
	require.Error(t, err)
	require.Equal(t, []string{"Hello.", "my name is Margaret"}, r.texts(), "tried again later")
	shown, err := r.Restore(t.Context(), hotel, r.call.ID, 0, 100, cause)
	require.NoError(t, err)
	require.Equal(t, redaction.Suppressed, shown[1].Text, "nobody has taken a card out of it")
}

// The audit log is asked before anything is opened.
func TestNothingIsShownWithoutTheLog(t *testing.T) {
	t.Parallel()
	r := open(t, pii.New(pii.Options{}))
	r.say("Hello.", "my e-mail is someone@example.org")
	_, err := r.Mask(t.Context(), hotel, transcript.Batch{Call: r.call.ID, Final: true})
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	r.Database.Admin(t, "alter table audit_outbox rename to away")
	shown, err := r.Restore(ctx, hotel, r.call.ID, 0, 100, cause)
	require.Error(t, err)
	require.Nil(t, shown)
	cancel()
}

// Two workers mask the same turns at once: one text stands.
func TestTwoMaskAtOnce(t *testing.T) {
	t.Parallel()
	r := open(t, pii.New(pii.Options{}))
	r.say("Hello.", "my e-mail is someone@example.org")
	failed := make(chan error, 4)
	for range cap(failed) {
		go func() {
			_, err := r.Mask(t.Context(), hotel, transcript.Batch{Call: r.call.ID, Final: true})
			failed <- err
		}()
	}
	for range cap(failed) {
		require.NoError(t, <-failed)
	}
	shown, err := r.Restore(t.Context(), hotel, r.call.ID, 0, 100, cause)
	require.NoError(t, err)
	require.Equal(t, "my e-mail is someone@example.org", shown[1].Text)
}
