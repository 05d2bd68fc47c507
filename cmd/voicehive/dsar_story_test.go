//go:build full && linux

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/cmd/voicehive/internal/stack"
	"github.com/voicehive/voicehive/compliance/erasure"
	"github.com/voicehive/voicehive/compliance/rights"
	"github.com/voicehive/voicehive/connectors/pms"
	"github.com/voicehive/voicehive/connectors/sandbox/apaleo"
	"github.com/voicehive/voicehive/internal/notify/sink"
	"github.com/voicehive/voicehive/starter"
	"github.com/voicehive/voicehive/starter/api/client"
)

// A counter is a compliance officer in front of a running stack.
type counter struct {
	*testing.T
	*house
	mailbox *sink.Sink
	token   string       // file with the token of the officer at the terminal
	other   *http.Client // a second officer, with a login of their own
}

// verb runs the binary as the officer at the terminal does, and returns its
// exit code.
func (d *counter) verb(ctx context.Context, input string, args ...string) (out string, code int) {
	d.Helper()
	command := exec.CommandContext(ctx, os.Getenv("VOICEHIVE_BINARY"), args...)
	command.Env, command.Dir, command.Stdin = append(d.Env(), "VOICEHIVE_TOKEN_FILE="+d.token), d.TempDir(), strings.NewReader(input)
	var said, complained bytes.Buffer
	command.Stdout, command.Stderr = &said, &complained
	err := command.Run()
	var failed *exec.ExitError
	if err != nil && !errors.As(err, &failed) {
		require.NoError(d, err)
	}
	require.NotContains(d, complained.String(), ada.Email)
	return said.String() + complained.String(), command.ProcessState.ExitCode()
}

// dsar runs a verb about requests that succeeds.
func (d *counter) dsar(ctx context.Context, input string, args ...string) (c starter.Case) {
	d.Helper()
	args = append(append([]string{"dsar", args[0], "--hotel", d.Hotel.ID, "--json"}, args[1:]...), []string{}...)
	out, code := d.verb(ctx, input, args...)
	require.Zero(d, code, "%v: %s", args, out)
	lines := strings.Split(strings.TrimSpace(out), "\n")
	for _, line := range lines {
		if strings.HasPrefix(line, `{"id"`) {
			require.NoError(d, json.Unmarshal([]byte(line), &c), out)
			return c
		}
	}
	require.Fail(d, "no request was printed", out)
	return c
}

// letter waits for a message whose subject matches.
func (d *counter) letter(ctx context.Context, subject string) (found sink.Received) {
	d.Helper()
	pattern := regexp.MustCompile(subject)
	require.Eventually(d, func() bool {
		for _, m := range d.mailbox.Messages() {
			if pattern.MatchString(m.Subject) {
				found = m
				return true
			}
		}
		return ctx.Err() != nil
	}, 2*time.Minute, 50*time.Millisecond, subject)
	return found
}

// byAPI is what the second officer does.
func (d *counter) byAPI(ctx context.Context, method, path, body string) (code int, text string) {
	d.Helper()
	request, err := http.NewRequestWithContext(ctx, method, d.API+"/v1/hotels/"+d.Hotel.ID+path, strings.NewReader(body))
	require.NoError(d, err)
	request.Header.Set("Idempotency-Key", client.NewKey())
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	answer, err := d.other.Do(request)
	require.NoError(d, err)
	defer answer.Body.Close()
	said, err := io.ReadAll(answer.Body)
	require.NoError(d, err)
	return answer.StatusCode, string(said)
}

// approve is the agreement of the officer at the terminal; to an erasure, by the
// plan that they see.
func (d *counter) approve(ctx context.Context, id string) starter.Case {
	d.Helper()
	args := []string{"approve", id}
	if seen := d.dsar(ctx, "", "show", id).Plan; seen != nil {
		args = append(args, "--plan", seen.Hash)
	}
	return d.dsar(ctx, "", args...)
}

// approveByAPI is that of the second officer.
func (d *counter) approveByAPI(ctx context.Context, id string) {
	d.Helper()
	body := starter.ApproveRequest{}
	if seen := d.shown(ctx, id).Plan; seen != nil {
		body.PlanHash = seen.Hash
	}
	code, text := d.byAPI(ctx, http.MethodPost, "/dsars/"+id+"/approve", jsonOf(d.T, body))
	require.Contains(d, []int{http.StatusOK, http.StatusAccepted}, code, text)
}

// shown is a request as the second officer sees it.
func (d *counter) shown(ctx context.Context, id string) (c starter.Case) {
	d.Helper()
	code, text := d.byAPI(ctx, http.MethodGet, "/dsars/"+id, "")
	require.Equal(d, http.StatusOK, code, text)
	require.NoError(d, json.Unmarshal([]byte(text), &c))
	return c
}

// instructed has both officers sign in and read the procedure, without which
// neither decides anything.
func (d *counter) instructed(ctx context.Context) {
	d.Helper()
	d.officers(ctx)
	out, code := d.verb(ctx, "", "dsar", "procedure", "--hotel", d.Hotel.ID, "--json")
	require.Zero(d, code, out)
	var p starter.Procedure
	require.NoError(d, json.Unmarshal([]byte(out[strings.LastIndex(strings.TrimSpace(out), "\n")+1:]), &p), out)
	require.True(d, p.ConfirmedAt.IsZero())
	out, code = d.verb(ctx, "", "dsar", "procedure", "--hotel", d.Hotel.ID, "--confirm", p.Version)
	require.Zero(d, code, out)
	status, said := d.byAPI(ctx, http.MethodPost, "/procedure", `{"version": "`+p.Version+`"}`)
	require.Equal(d, http.StatusOK, status, said)
}

// awaitCase waits until a request is in a state.
func (d *counter) awaitCase(ctx context.Context, id string, state rights.State) (c starter.Case) {
	d.Helper()
	require.Eventually(d, func() bool {
		code, text := d.byAPI(ctx, http.MethodGet, "/dsars/"+id, "")
		return code == http.StatusOK && json.Unmarshal([]byte(text), &c) == nil && c.State == state
	}, 4*time.Minute, 100*time.Millisecond, "the request does not become %s", state)
	return c
}

// TestAGuestIsErasedAtTheirWish: a guest books, stays, and asks to be erased.
// Two officers, one at the terminal and one at the API, carry the request
// through, a worker is killed on the way, and at the end stands a certificate
// that anybody can check without us.
func TestAGuestIsErasedAtTheirWish(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 9*time.Minute)
	defer cancel()
	mailbox, settings, err := openMailbox(t.TempDir())
	require.NoError(t, err)
	defer mailbox.Close()
	d := &counter{T: t, mailbox: mailbox, house: raiseForTest(ctx, t, stack.Options{Env: settings})}
	scope := d.stayed(ctx)

	d.instructed(ctx)
	d.othersFirst(ctx, scope)
	d.mailbox.Clear()
	c := d.dsar(ctx, "", "open", "erasure", "--scope", scope)
	require.Equal(t, rights.KnownPerson, c.Match)
	again := d.dsar(ctx, "", "open", "erasure", "--scope", scope)
	require.Equal(t, c.ID, again.JoinedTo, "the same person again is joined")
	d.letter(ctx, c.ID)
	d.prove(ctx, c.ID)

	d.awaitCase(ctx, c.ID, rights.Deciding)
	out, exit := d.verb(ctx, "", "erasure", "plan", "--hotel", d.Hotel.ID, "--case", c.ID, "--json")
	require.Zero(t, exit, "the verdicts stand before anybody approves: %s", out)
	require.Regexp(t, `"erase": ?[1-9]`, out)
	require.Equal(t, 1, d.approve(ctx, c.ID).Approvals)
	out, exit = d.verb(ctx, "", "dsar", "approve", "--hotel", d.Hotel.ID, c.ID, "--plan", d.shown(ctx, c.ID).Plan.Hash)
	require.Equal(t, exitRefused, exit, "the same person twice: %s", out)
	require.Contains(t, out, starter.SamePerson.Code)
	d.Workers()[0].Kill()
	_, err = d.StartWorker(ctx)
	require.NoError(t, err)
	d.approveByAPI(ctx, c.ID)

	done := d.awaitCase(ctx, c.ID, rights.Completed)
	require.Equal(t, rights.Granted, done.Outcome)
	require.NotEmpty(t, done.Certificate)
	d.letter(ctx, "Löschbescheinigung|Certificate")
	b := openBooks(ctx, t, d.house)
	require.Zero(t, b.count(ctx, "guest where booking = $1", scope))
	require.Zero(t, b.count(ctx, "guest_index where scope = $1", scope))
	d.checkCertificate(ctx, c.ID)
}

// prove has the guest tell the code that was sent, after a wrong one.
func (d *counter) prove(ctx context.Context, id string) (told string) {
	d.Helper()
	d.awaitCase(ctx, id, rights.Verifying)
	d.dsar(ctx, "", "verify", id, "--send")
	code := regexp.MustCompile(`(?m)^ *([0-9]{6})\s*$`).FindStringSubmatch(d.letter(ctx, "^Ihr Code").Text)
	require.Len(d, code, 2)
	if code[1] != "000000" {
		require.Equal(d, "code_wrong", d.dsar(ctx, "000000", "verify", id).Problem)
	}
	require.Equal(d, rights.ByCode, d.dsar(ctx, code[1], "verify", id).Proof)
	return code[1]
}

// othersFirst has the guest's other rights carried out: what is erased cannot be
// handed out any more.
func (d *counter) othersFirst(ctx context.Context, scope string) {
	d.Helper()
	for _, one := range [][]string{
		{"objection", "--against", "direct_marketing"}, {"access"}, {"restriction", "--ground", "accuracy"}, {"restriction", "--lift"},
	} {
		d.mailbox.Clear()
		c := d.dsar(ctx, "", append([]string{"open", one[0], "--scope", scope}, one[1:]...)...)
		if c.Tier != rights.Low {
			d.prove(ctx, c.ID)
			d.awaitCase(ctx, c.ID, rights.Deciding)
			d.approve(ctx, c.ID)
		}
		if c.Tier == rights.High {
			d.approveByAPI(ctx, c.ID)
		}
		require.Equal(d, rights.Granted, d.awaitCase(ctx, c.ID, rights.Completed).Outcome, one)
		d.letter(ctx, c.ID+" ist erledigt")
	}
}

// stayed books for Ada, and lets the stay pass.
func (d *counter) stayed(ctx context.Context) (scope string) { return d.guest(ctx, ada) }

// guest books for somebody, and lets the stay pass.
func (d *counter) guest(ctx context.Context, g pms.Guest) (scope string) {
	d.Helper()
	s, err := newStory(d.house, io.Discard, time.Now())
	require.NoError(d, err)
	quote, err := s.quote(ctx, apaleo.Double, apaleo.Flexible(apaleo.Double), s.arrival, 2)
	require.NoError(d, err)
	booked, err := s.api.Book(ctx, d.Hotel.ID, client.NewKey(), starter.BookRequest{Quote: quote.ID, Guest: g})
	require.NoError(d, err)
	d.letter(ctx, booked.Confirmation)
	_, err = openBooks(ctx, d.T, d.house).ledger.Exec(ctx, `update booking set arrival = now()::date - 9, departure = now()::date - 7, created_at = now() - interval '60 days' where id = $1`, booked.ID)
	require.NoError(d, err)
	return booked.ID
}

// checkCertificate writes the certificate of a request and has it checked with
// nothing but the audit log's public key.
func (d *counter) checkCertificate(ctx context.Context, id string) {
	d.Helper()
	file, key := filepath.Join(d.TempDir(), "certificate.json"), d.logKey(ctx)
	require.Eventually(d, func() bool {
		out, code := d.verb(ctx, "", "erasure", "certificate", "--hotel", d.Hotel.ID, "--case", id, "--out", file, "--json")
		return code == 0 && strings.Contains(out, `"in_audit_log":true`)
	}, time.Minute, time.Second, "the log is signed")
	text := d.alone(ctx, "erasure", "verify", "--file", file, "--key", key, "--json")
	var checked erasure.Verified
	require.NoError(d, json.Unmarshal(text, &checked))
	require.True(d, checked.InLog)
	require.Equal(d, id, checked.Certificate.Case)
	require.Equal(d, erasure.StateErased, checked.Certificate.State)
}

// logKey is a file with the audit log's public keys.
func (d *counter) logKey(ctx context.Context) (file string) {
	d.Helper()
	file = filepath.Join(d.TempDir(), "key")
	out, code := d.verb(ctx, "", "audit", "status", "--json")
	require.Zero(d, code, out)
	var status struct{ Keys []string }
	require.NoError(d, json.Unmarshal([]byte(out[strings.LastIndex(strings.TrimSpace(out), "\n")+1:]), &status), out)
	require.NoError(d, os.WriteFile(file, []byte(status.Keys[0]), 0o600))
	return file
}

// alone runs the binary where there is nothing of the stack: no database, no
// key, no network that it was told of.
func (d *counter) alone(ctx context.Context, args ...string) []byte {
	d.Helper()
	command := exec.CommandContext(ctx, os.Getenv("VOICEHIVE_BINARY"), args...)
	command.Env = []string{"PATH=" + os.Getenv("PATH")}
	text, err := command.Output()
	require.NoError(d, err, args)
	return text
}
