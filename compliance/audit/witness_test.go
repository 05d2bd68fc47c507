package audit_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	cosignature "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"

	"github.com/voicehive/voicehive/compliance/audit"
)

// witnesses starts witness servers and returns the policy that all have to
// cosign.
func witnesses(t *testing.T, h *house, names ...string) (audit.Policy, []*httptest.Server) {
	t.Helper()
	var text strings.Builder
	var servers []*httptest.Server
	for i, n := range names {
		w, err := audit.OpenWitness(filepath.Join(h.folder, n), n, h.keys)
		require.NoError(t, err)
		server := httptest.NewServer(w)
		t.Cleanup(server.Close)
		servers = append(servers, server)
		fmt.Fprintf(&text, "witness w%d %s %s\n", i, w.Key(), server.URL)
	}
	text.WriteString("group everyone " + fmt.Sprint(len(names)))
	for i := range names {
		fmt.Fprintf(&text, " w%d", i)
	}
	p, err := audit.ParsePolicy([]byte(text.String() + "\nquorum everyone\n"))
	require.NoError(t, err)
	return p, servers
}

func TestWitnessesCosign(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "seaview")
	p, servers := witnesses(t, h, "witness.alpha", "witness.beta")
	h.sequencer = h.newSequencer(audit.SequencerOptions{Witnesses: p.Witnesses(nil), WitnessInterval: time.Nanosecond})
	h.fill("seaview", 6, 2)
	report := h.verify(h.export(audit.ExportOptions{}), audit.VerifyOptions{Policy: &p})
	require.Empty(t, report.Findings)
	require.Equal(t, []string{"witness.alpha", "witness.beta"}, report.Witnesses)

	// One that is away keeps nobody from it, and catches up.
	handler := servers[0].Config.Handler
	servers[0].Config.Handler = http.NotFoundHandler()
	h.write(event(h.scope("seaview"), 1))
	require.ErrorIs(t, h.sequencer.Round(t.Context()), audit.ErrWitness)
	report = h.verify(h.export(audit.ExportOptions{}), audit.VerifyOptions{Policy: &p})
	require.True(t, report.Has(audit.FoundWitnesses))
	require.Equal(t, []string{"witness.beta"}, report.Witnesses)
	servers[0].Config.Handler = handler
	require.NoError(t, h.sequencer.AskWitnesses(t.Context()))
	require.Empty(t, h.verify(h.export(audit.ExportOptions{}), audit.VerifyOptions{Policy: &p}).Findings)

	// One that has seen more than the database remembers says so.
	h.tamper("delete from audit_cosignature")
	h.write(event(h.scope("seaview"), 2))
	h.round()
	status, err := h.log.Status(t.Context())
	require.NoError(t, err)
	require.Equal(t, map[string]int64{"witness.alpha": status.Size, "witness.beta": status.Size}, status.Cosigned)
}

// TestWitnessRefusesWhatDoesNotGoOn signs another history with the log's own
// key: only the witness knows better.
func TestWitnessRefusesWhatDoesNotGoOn(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "seaview")
	p, servers := witnesses(t, h, "witness.alpha")
	h.sequencer = h.newSequencer(audit.SequencerOptions{Witnesses: p.Witnesses(nil), WitnessInterval: time.Nanosecond})
	h.fill("seaview", 4, 4)
	head, err := h.log.Head(t.Context(), h.year())
	require.NoError(t, err)
	origin := fmt.Sprintf("%s/%d", name, h.year())
	forged := func(size int64) []byte {
		signed, err := audit.SignHead(t.Context(), h.signer, audit.Head{Origin: origin, Size: size, Root: [32]byte{7}})
		require.NoError(t, err)
		return signed
	}
	zeros := base64.StdEncoding.EncodeToString(make([]byte, 32))
	other, err := audit.OpenLocalSigner(filepath.Join(h.folder, "other"), "test")
	require.NoError(t, err)
	foreign, err := audit.SignHead(t.Context(), other, audit.Head{Origin: origin, Size: 9})
	require.NoError(t, err)
	elsewhere, err := audit.SignHead(t.Context(), h.signer, audit.Head{Origin: "audit.elsewhere/2026", Size: 9})
	require.NoError(t, err)
	for what, test := range map[string]struct {
		body   string
		status int
		answer string
	}{
		"the same again":           {fmt.Sprintf("old 5\n\n%s", head.Note), 200, "— witness.alpha "},
		"a replayed older size":    {fmt.Sprintf("old 0\n\n%s", forged(3)), 409, "5\n"},
		"from another size":        {fmt.Sprintf("old 3\n\n%s", head.Note), 409, "5\n"},
		"another head of the size": {fmt.Sprintf("old 5\n\n%s", forged(5)), 409, "another head"},
		"no proof":                 {fmt.Sprintf("old 5\n\n%s", forged(9)), 422, "does not go on"},
		"a wrong proof":            {fmt.Sprintf("old 5\n%s\n%[1]s\n\n%s", zeros, forged(9)), 422, "does not go on"},
		"back":                     {fmt.Sprintf("old 5\n\n%s", forged(4)), 400, "larger"},
		"another key":              {fmt.Sprintf("old 5\n\n%s", foreign), 403, ""},
		"an unknown log":           {fmt.Sprintf("old 5\n\n%s", elsewhere), 404, ""},
		"no old":                   {string(head.Note), 400, ""},
		"a signed old":             {"old +5\n\n" + string(head.Note), 400, ""},
		"a long proof":             {"old 5\n" + strings.Repeat(zeros+"\n", 64) + "\n" + string(head.Note), 400, ""},
		"a proof of letters":       {"old 5\nabc\n\n" + string(head.Note), 400, ""},
		"too much":                 {"old 5\n\n" + strings.Repeat("x", 1<<20), 400, ""},
		"nothing":                  {"", 400, ""},
	} {
		answer, err := http.Post(servers[0].URL+"/add-checkpoint", "text/plain", strings.NewReader(test.body))
		require.NoError(t, err, what)
		body, err := io.ReadAll(answer.Body)
		require.NoError(t, errors.Join(err, answer.Body.Close()), what)
		require.Equal(t, test.status, answer.StatusCode, what)
		require.Contains(t, string(body), test.answer, what)
		if test.status == 409 && test.answer == "5\n" {
			require.Equal(t, "text/x.tlog.size", answer.Header.Get("Content-Type"), what)
		}
	}
	// After a start it knows what it has seen.
	again, err := audit.OpenWitness(filepath.Join(h.folder, "witness.alpha"), "witness.alpha", h.keys)
	require.NoError(t, err)
	recorder := httptest.NewRecorder()
	again.ServeHTTP(recorder, httptest.NewRequest(http.MethodPost, "/add-checkpoint", bytes.NewReader(fmt.Appendf(nil, "old 0\n\n%s", forged(9)))))
	require.Equal(t, 409, recorder.Code)
	verifier, err := cosignature.NewVerifierForCosignatureV1(again.Key())
	require.NoError(t, err)
	n, err := note.Open(h.export1(), note.VerifierList(verifier))
	require.NoError(t, err)
	at, err := cosignature.CoSigV1Timestamp(n.Sigs[0])
	require.NoError(t, err)
	require.Positive(t, at.Unix(), "the witness's own clock")
	_, err = audit.OpenWitness(filepath.Join(h.folder, "witness.alpha"), "witness.beta", h.keys)
	require.Error(t, err, "another's folder")

	// A database set back behind the witness's knowledge is a rewritten log.
	h.tamper("delete from audit_leaf where n >= 2")
	h.tamper("delete from audit_hash")
	h.tamper("delete from audit_checkpoint")
	h.forget(h.copies()[0])
	h.write(event(h.scope("seaview"), 1))
	require.Error(t, h.newSequencer(audit.SequencerOptions{Witnesses: p.Witnesses(nil)}).Round(t.Context()))
}

func (h *house) export1() []byte {
	head, err := h.log.Head(h.t.Context(), h.year())
	require.NoError(h.t, err)
	return head.Note
}
