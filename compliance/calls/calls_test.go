package calls_test

import (
	"context"
	"crypto/sha256"
	"strings"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"
	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/calls"
	"github.com/voicehive/voicehive/compliance/consent"
	"github.com/voicehive/voicehive/compliance/consent/consenttest"
	"github.com/voicehive/voicehive/compliance/keys"
)

const (
	aurora = consenttest.Aurora
	boreal = consenttest.Boreal
)

func turn(c calls.Call, seq int, speaker calls.Speaker, text string) calls.Turn {
	at := time.Duration(seq) * 10 * time.Second
	return calls.Turn{Call: c.ID, Seq: seq, Speaker: speaker, Text: text, From: at, To: at + 2*time.Second}
}

func recording(c calls.Call, consent string) calls.Recording {
	id, sum := ulid.Make().String(), sha256.Sum256([]byte("sealed"))
	return calls.Recording{
		ID: id, Call: c.ID, Object: "recordings/" + id, From: 10 * time.Second, To: 20 * time.Second,
		Consent: consent, Bytes: 6, SHA256: sum[:],
	}
}

func TestCall(t *testing.T) {
	t.Parallel()
	h := consenttest.New(t)
	ctx := t.Context()
	id := h.Scope(aurora)
	started, err := h.Calls.Start(ctx, aurora, calls.Call{ID: id, Direction: calls.Inbound, Language: "fr"})
	require.NoError(t, err)
	require.Equal(t, []keys.Purpose{keys.Operations, keys.Audit}, started.Purposes)
	again, err := h.Calls.Start(ctx, aurora, calls.Call{ID: id, Direction: calls.Outbound, Language: "de"})
	require.NoError(t, err)
	require.Equal(t, started, again, "the first start stands")
	require.NoError(t, h.Calls.End(ctx, aurora, id))
	ended, err := h.Calls.Call(ctx, aurora, id)
	require.NoError(t, err)
	require.False(t, ended.EndedAt.IsZero())
	require.NoError(t, h.Calls.End(ctx, aurora, id))
	still, err := h.Calls.Call(ctx, aurora, id)
	require.NoError(t, err)
	require.Equal(t, ended, still, "the first end stands")

	_, err = h.Calls.Call(ctx, boreal, id)
	require.ErrorIs(t, err, calls.ErrNotFound)
	require.ErrorIs(t, h.Calls.End(ctx, boreal, id), calls.ErrNotFound)
	for _, bad := range []calls.Call{
		{ID: "one", Direction: calls.Inbound, Language: "de"},
		{ID: id, Direction: "sideways", Language: "de"},
		{ID: id, Direction: calls.Inbound, Language: "tlh"},
	} {
		_, err := h.Calls.Start(ctx, aurora, bad)
		require.ErrorIs(t, err, calls.ErrInvalid)
	}
}

func TestNoticeIsProvenOnce(t *testing.T) {
	t.Parallel()
	h := consenttest.New(t)
	ctx := t.Context()
	c := h.Call(aurora, time.Minute)
	_, err := h.Calls.NoticeProven(ctx, aurora, c.ID)
	require.ErrorIs(t, err, calls.ErrNoNotice)
	n, err := consent.NewNotice("de", "Hotel Aurora.")
	require.NoError(t, err)
	require.ErrorIs(t, h.Calls.NoticePlayed(ctx, aurora, c.ID, consent.Notice{}, time.Second), consent.ErrNotice)
	require.ErrorIs(t, h.Calls.NoticePlayed(ctx, aurora, c.ID, n, 0), calls.ErrInvalid)
	require.ErrorIs(t, h.Calls.NoticePlayed(ctx, aurora, c.ID, n, 10*time.Minute), calls.ErrInvalid, "it cannot have been played for longer than the call lasts")
	require.ErrorIs(t, h.Calls.NoticePlayed(ctx, boreal, c.ID, n, time.Second), calls.ErrNotFound)

	require.NoError(t, h.Calls.NoticePlayed(ctx, aurora, c.ID, n, 6*time.Second))
	require.NoError(t, h.Calls.NoticePlayed(ctx, aurora, c.ID, n, 6*time.Second))
	proof, err := h.Calls.NoticeProven(ctx, aurora, c.ID)
	require.NoError(t, err)
	hash := n.Hash()
	require.Equal(t, hash[:], proof.Hash)
	require.Equal(t, 6*time.Second, proof.Ended)
	require.Equal(t, 1, h.Count(`select count(*) from audit_outbox where kind = 'notice.played'`))

	other, err := consent.NewNotice("de", "")
	require.NoError(t, err)
	require.ErrorIs(t, h.Calls.NoticePlayed(ctx, aurora, c.ID, other, 6*time.Second), calls.ErrTaken)
	require.ErrorIs(t, h.Calls.NoticePlayed(ctx, aurora, c.ID, n, 7*time.Second), calls.ErrTaken)

	h.Database.Admin(t, "set session_replication_role = replica", "update call set notice_addition = 'nothing of the kind'")
	_, err = h.Calls.NoticeProven(ctx, aurora, c.ID)
	require.ErrorIs(t, err, calls.ErrNoNotice, "a proof that was changed proves nothing")
}

func TestTurnsNeedNoticeAndConsent(t *testing.T) {
	t.Parallel()
	h := consenttest.New(t)
	ctx := t.Context()
	c := h.Call(aurora, 5*time.Minute)
	require.ErrorIs(t, h.Calls.AddTurn(ctx, aurora, turn(c, 1, calls.Caller, "Guten Tag")), calls.ErrNoConsent)
	h.Append(h.Said(aurora, c, consent.Recording, consent.Given, 8*time.Second))
	require.ErrorIs(t, h.Calls.AddTurn(ctx, aurora, turn(c, 1, calls.Caller, "Guten Tag")), calls.ErrNoConsent, "a yes to another purpose")
	h.Append(h.Said(aurora, c, consent.Transcription, consent.Given, 9*time.Second))
	require.NoError(t, h.Calls.AddTurn(ctx, aurora, turn(c, 1, calls.Caller, "Guten Tag")))
	require.ErrorIs(t, h.Calls.AddTurn(ctx, aurora, turn(c, 2, calls.Agent, "Was kann ich tun?")), calls.ErrNoNotice)
	h.Notice(aurora, c)
	early := turn(c, 2, calls.Agent, "Was kann ich tun?")
	early.From = time.Second
	require.ErrorIs(t, h.Calls.AddTurn(ctx, aurora, early), calls.ErrNoNotice, "before the notice had ended")
	require.NoError(t, h.Calls.AddTurn(ctx, aurora, turn(c, 2, calls.Agent, "Was kann ich tun?")))

	got, err := h.Calls.Turns(ctx, aurora, c.ID, 0, 10)
	require.NoError(t, err)
	require.Equal(t, []calls.Turn{turn(c, 1, calls.Caller, "Guten Tag"), turn(c, 2, calls.Agent, "Was kann ich tun?")}, got)
	require.Zero(t, h.Count(`select count(*) from turn where position('Guten'::bytea in sealed) > 0`))

	require.NoError(t, h.Calls.AddTurn(ctx, aurora, turn(c, 1, calls.Caller, "Guten Tag")))
	require.ErrorIs(t, h.Calls.AddTurn(ctx, aurora, turn(c, 1, calls.Caller, "Gute Nacht")), calls.ErrTaken)
	require.ErrorIs(t, h.Calls.AddTurn(ctx, boreal, turn(c, 3, calls.Caller, "hier")), keys.ErrUnknownScope, "another hotel's call")

	h.Append(h.Said(aurora, c, consent.Transcription, consent.Withdrawn, 30*time.Second))
	require.ErrorIs(t, h.Calls.AddTurn(ctx, aurora, turn(c, 3, calls.Caller, "und noch etwas")), calls.ErrNoConsent, "taken back")

	for name, bad := range map[string]calls.Turn{
		"no text": turn(c, 4, calls.Caller, ""), "long": turn(c, 4, calls.Caller, strings.Repeat("a", 33<<10)),
		"no UTF-8": turn(c, 4, calls.Caller, "\xff"), "speaker": turn(c, 4, "robot", "a"), "number": turn(c, 0, calls.Caller, "a"),
	} {
		require.ErrorIs(t, h.Calls.AddTurn(ctx, aurora, bad), calls.ErrInvalid, name)
	}
}

// A turn opens in its own place only.
func TestTurnsAreSealedInPlace(t *testing.T) {
	t.Parallel()
	h := consenttest.New(t)
	ctx := t.Context()
	c := h.Call(aurora, time.Minute)
	h.Append(h.Said(aurora, c, consent.Transcription, consent.Given, 9*time.Second))
	require.NoError(t, h.Calls.AddTurn(ctx, aurora, turn(c, 1, calls.Caller, "eins")))
	require.NoError(t, h.Calls.AddTurn(ctx, aurora, turn(c, 2, calls.Caller, "zwei")))
	h.Database.Admin(t, "set session_replication_role = replica", "update turn set sealed = (select sealed from turn where seq = 2) where seq = 1")
	_, err := h.Calls.Turns(ctx, aurora, c.ID, 0, 10)
	require.ErrorIs(t, err, keys.ErrTampered)
}

func TestRecordingsNeedNoticeAndConsent(t *testing.T) {
	t.Parallel()
	h := consenttest.New(t)
	ctx := t.Context()
	c, other := h.Call(aurora, time.Minute), h.Call(aurora, time.Minute)
	h.Notice(aurora, other)
	require.ErrorIs(t, h.Calls.AddRecording(ctx, aurora, recording(c, ulid.Make().String())), calls.ErrNoNotice)
	h.Notice(aurora, c)
	require.ErrorIs(t, h.Calls.AddRecording(ctx, aurora, recording(c, ulid.Make().String())), calls.ErrNoConsent)
	no := h.Append(h.Said(aurora, c, consent.Recording, consent.Refused, 7*time.Second))
	require.ErrorIs(t, h.Calls.AddRecording(ctx, aurora, recording(c, no.ID)), calls.ErrNoConsent)
	written := h.Append(h.Said(aurora, c, consent.Transcription, consent.Given, 8*time.Second))
	require.ErrorIs(t, h.Calls.AddRecording(ctx, aurora, recording(c, written.ID)), calls.ErrNoConsent, "a yes to something else")
	elsewhere := h.Append(h.Said(aurora, other, consent.Recording, consent.Given, 8*time.Second))
	require.ErrorIs(t, h.Calls.AddRecording(ctx, aurora, recording(c, elsewhere.ID)), calls.ErrNoConsent, "a yes in another call")

	yes := h.Append(h.Said(aurora, c, consent.Recording, consent.Given, 9*time.Second))
	require.ErrorIs(t, h.Calls.AddRecording(ctx, aurora, recording(c, elsewhere.ID)), calls.ErrNoConsent, "a yes here does not make another's count")
	kept := recording(c, yes.ID)
	require.NoError(t, h.Calls.AddRecording(ctx, aurora, kept))
	require.NoError(t, h.Calls.AddRecording(ctx, aurora, kept))
	changed := kept
	changed.SHA256 = make([]byte, 32)
	require.ErrorIs(t, h.Calls.AddRecording(ctx, aurora, changed), calls.ErrTaken)
	all, err := h.Calls.Recordings(ctx, aurora, c.ID)
	require.NoError(t, err)
	require.Equal(t, []calls.Recording{kept}, all)
	now, err := h.Calls.Call(ctx, aurora, c.ID)
	require.NoError(t, err)
	require.Contains(t, now.Purposes, keys.Recording)

	h.Append(h.Said(aurora, c, consent.Recording, consent.Withdrawn, 20*time.Second))
	require.ErrorIs(t, h.Calls.AddRecording(ctx, aurora, recording(c, yes.ID)), calls.ErrNoConsent, "taken back")
	anew := h.Append(h.Said(aurora, c, consent.Recording, consent.Given, 30*time.Second))
	require.ErrorIs(t, h.Calls.AddRecording(ctx, aurora, recording(c, yes.ID)), calls.ErrNoConsent, "a yes that was taken back stays so")
	require.NoError(t, h.Calls.AddRecording(ctx, aurora, recording(c, anew.ID)))
	require.ErrorIs(t, h.Calls.AddRecording(ctx, boreal, recording(c, yes.ID)), calls.ErrNoNotice, "another hotel's call")
	require.ErrorIs(t, h.Calls.AddRecording(ctx, aurora, calls.Recording{}), calls.ErrInvalid)
}

// A withdrawal and a recording at the same moment: whichever is first, nothing
// is recorded behind a withdrawal that somebody was told is kept.
func TestWithdrawalRacesRecording(t *testing.T) {
	t.Parallel()
	h := consenttest.New(t)
	for range 10 {
		c := h.Call(aurora, time.Minute)
		h.Notice(aurora, c)
		yes := h.Append(h.Said(aurora, c, consent.Recording, consent.Given, 9*time.Second))
		told := make(chan time.Time)
		go func() {
			_, _, err := h.Consents.Append(context.Background(), h.Said(aurora, c, consent.Recording, consent.Withdrawn, 20*time.Second))
			if err != nil {
				t.Errorf("withdraw: %v", err)
			}
			close(told)
		}()
		refused := false
		for range 20 {
			err := h.Calls.AddRecording(t.Context(), aurora, recording(c, yes.ID))
			if refused {
				require.ErrorIs(t, err, calls.ErrNoConsent, "a no is not forgotten")
			}
			refused = err != nil
		}
		<-told
		require.ErrorIs(t, h.Calls.AddRecording(t.Context(), aurora, recording(c, yes.ID)), calls.ErrNoConsent)
	}
}
