//go:build full && linux

package main

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"
	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/cmd/voicehive/internal/stack"
	"github.com/voicehive/voicehive/compliance/rights"
	"github.com/voicehive/voicehive/connectors/pms"
	"github.com/voicehive/voicehive/connectors/sandbox/apaleo"
	"github.com/voicehive/voicehive/starter"
)

// Two guests whose names do not tell them apart.
var (
	anna  = pms.Guest{FirstName: "Anna", LastName: "Doppelmuster", Email: "anna@example.com", Language: "de"}
	bruno = pms.Guest{FirstName: "Bruno", LastName: "Doppelmuster", Email: "bruno@example.com", Language: "de"}
)

// TestRightsAndWhatGoesWrong: on one running house, what is due is erased while
// a worker is killed, guests have themselves corrected and handed their data,
// everything that can be asked wrongly is, and at the end a backup is restored.
// Each chapter leaves a guest as the next one needs them.
func TestRightsAndWhatGoesWrong(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 9*time.Minute)
	defer cancel()
	mailbox, settings, err := openMailbox(t.TempDir())
	require.NoError(t, err)
	defer mailbox.Close()
	d := &counter{T: t, mailbox: mailbox, house: raiseForTest(ctx, t, stack.Options{Env: settings})}
	d.instructed(ctx)
	adas, annas, brunos := d.stayed(ctx), d.guest(ctx, anna), d.guest(ctx, bruno)
	backup := d.backUp(ctx)

	aged := d.beginRetention(ctx)
	code := d.rectified(ctx, adas)
	d.ported(ctx, adas, code)
	d.unknown(ctx)
	d.ambiguous(ctx, annas, brunos)
	d.late(ctx, adas)
	d.held(ctx, annas)
	d.refusedByTheHotel(ctx, brunos)
	d.endRetention(ctx, aged)

	d.restored(ctx, backup, brunos)
}

// refuses runs a verb that is refused, and requires its problem.
func (d *counter) refuses(ctx context.Context, kind starter.Kind, input string, args ...string) {
	d.Helper()
	out, exit := d.verb(ctx, input, append(args, "--hotel", d.Hotel.ID)...)
	require.Equal(d, exitRefused, exit, "%v: %s", args, out)
	require.Contains(d, out, kind.Code)
}

// agreed opens a request and has it proven and approved by both officers, as far
// as it needs them.
func (d *counter) agreed(ctx context.Context, input string, args ...string) (c starter.Case, code string) {
	d.Helper()
	d.mailbox.Clear()
	c = d.dsar(ctx, input, append([]string{"open"}, args...)...)
	code = d.prove(ctx, c.ID)
	d.awaitCase(ctx, c.ID, rights.Deciding)
	d.approve(ctx, c.ID)
	d.refusesTwice(ctx, c)
	if c.Tier == rights.High {
		d.approveByAPI(ctx, c.ID)
	}
	return c, code
}

// refusesTwice: an approval by the same person again is none. Where one is
// enough the request is past it.
func (d *counter) refusesTwice(ctx context.Context, c starter.Case) {
	d.Helper()
	if c.Tier != rights.High {
		return
	}
	args := []string{"dsar", "approve", c.ID}
	if seen := d.shown(ctx, c.ID).Plan; seen != nil {
		args = append(args, "--plan", seen.Hash)
	}
	d.refuses(ctx, starter.SamePerson, "", args...)
}

// rectified: a guest's name is corrected at the hotel's system and here, and is
// found by the new one alone.
func (d *counter) rectified(ctx context.Context, scope string) (code string) {
	d.Helper()
	c, code := d.agreed(ctx, "correct: {last_name: Neumuster}\n", "rectification", "--scope", scope, "--file", "-")
	require.Equal(d, rights.Granted, d.awaitCase(ctx, c.ID, rights.Completed).Outcome)
	d.letter(ctx, c.ID+" ist erledigt")
	require.Equal(d, "Neumuster", d.atHotel(ctx, scope).Booker.LastName)
	for name, people := range map[string]int{"Neumuster": 1, ada.LastName: 0} {
		out, exit := d.verb(ctx, "{last_name: "+name+"}", "subject", "find", "--hotel", d.Hotel.ID, "--json")
		require.Zero(d, exit, out)
		var found starter.People
		require.NoError(d, json.Unmarshal([]byte(lastLine(out)), &found), out)
		require.Len(d, found.People, people)
	}
	return code
}

// lastLine is what a verb with --json prints, behind what it logs.
func lastLine(out string) string {
	out = strings.TrimSpace(out)
	return out[strings.LastIndex(out, "\n")+1:]
}

// atHotel is a booking at the hotel's own system.
func (d *counter) atHotel(ctx context.Context, scope string) pms.Reservation {
	d.Helper()
	p, err := openStores(ctx, "test")
	require.NoError(d, err)
	defer p.close()
	w := &watch{T: d.T, house: d.house, parts: p}
	return w.reservationOf(ctx, scope)
}

// ported: a guest is handed what they gave, by a link that works once. A code of
// another request proves nothing, and a request is extended once.
func (d *counter) ported(ctx context.Context, scope, used string) {
	d.Helper()
	d.mailbox.Clear()
	c := d.dsar(ctx, "", "open", "portability", "--scope", scope)
	d.awaitCase(ctx, c.ID, rights.Verifying)
	d.refuses(ctx, starter.RequestState, used, "dsar", "verify", c.ID) // none was sent
	d.dsar(ctx, "", "verify", c.ID, "--send")
	if !strings.Contains(d.letter(ctx, "^Ihr Code").Text, used) {
		require.Equal(d, "code_wrong", d.dsar(ctx, used, "verify", c.ID).Problem, "the code of another request")
	}
	d.mailbox.Clear()
	code := d.prove(ctx, c.ID)
	d.refuses(ctx, starter.RequestState, code, "dsar", "verify", c.ID)
	d.dsar(ctx, "", "extend", c.ID, "--reason", "number")
	d.letter(ctx, c.ID+" dauert länger")
	d.refuses(ctx, starter.AlreadyExtended, "", "dsar", "extend", c.ID, "--reason", "complexity")
	d.awaitCase(ctx, c.ID, rights.Deciding)
	d.approve(ctx, c.ID)
	d.refusesTwice(ctx, c)
	d.approveByAPI(ctx, c.ID)
	require.Equal(d, rights.Granted, d.awaitCase(ctx, c.ID, rights.Completed).Outcome)

	link := regexp.MustCompile(`/v1/exports/\S+`).FindString(d.letter(ctx, c.ID+" ist erledigt").Text)
	require.NotEmpty(d, link)
	link = d.API + link // a stack of tests takes whatever port is free
	status, pack := d.fetchOnce(ctx, link)
	require.Equal(d, http.StatusOK, status)
	files, err := zip.NewReader(bytes.NewReader(pack), int64(len(pack)))
	require.NoError(d, err)
	names := map[string]bool{}
	for _, f := range files.File {
		names[f.Name] = true
	}
	require.Subset(d, names, map[string]bool{"data.json": true, "schema.json": true, "index.html": true})
	inside, err := files.Open("data.json")
	require.NoError(d, err)
	var data map[string]any
	require.NoError(d, json.NewDecoder(inside).Decode(&data))
	require.Equal(d, "portability", data["right"])
	require.Contains(d, jsonOf(d.T, data["person"]), "Neumuster")
	require.Len(d, data["bookings"], 1)
	require.NotContains(d, data, "processing", "what the guest gave, and no more")
	status, _ = d.fetchOnce(ctx, link)
	require.NotEqual(d, http.StatusOK, status, "the link works once")
}

func (d *counter) fetchOnce(ctx context.Context, link string) (int, []byte) {
	d.Helper()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, link, nil)
	require.NoError(d, err)
	answer, err := http.DefaultClient.Do(request)
	require.NoError(d, err)
	defer answer.Body.Close()
	text, err := io.ReadAll(io.LimitReader(answer.Body, 16<<20))
	require.NoError(d, err)
	return answer.StatusCode, text
}

// unknown: who is nowhere to be found is looked for by a person, who cannot name
// what there is not.
func (d *counter) unknown(ctx context.Context) {
	d.Helper()
	c := d.dsar(ctx, "person: {last_name: Niemand, phone: +49 30 5550198}\n", "open", "access", "--file", "-")
	require.Equal(d, rights.UnknownPerson, c.Match)
	task := d.openTask(ctx, c.ID, rights.FindGuest)
	require.Equal(d, "unknown_guest", d.dsar(ctx, "", "task", c.ID, task, "--scope", ulid.Make().String()).Problem)
	require.Equal(d, task, d.openTask(ctx, c.ID, rights.FindGuest))
	d.refuses(ctx, starter.UnknownTask, "", "dsar", "task", c.ID, ulid.Make().String())
	d.refuses(ctx, starter.UnknownRequest, "", "dsar", "approve", ulid.Make().String())
	d.refuses(ctx, starter.RequestState, "", "dsar", "approve", c.ID)
	require.Equal(d, rights.Withdrawn, d.dsar(ctx, "", "withdraw", c.ID).State)
}

// openTask waits for a task of a kind that is not done, and returns its id.
func (d *counter) openTask(ctx context.Context, id string, kind rights.TaskKind) (task string) {
	d.Helper()
	require.Eventually(d, func() bool {
		code, text := d.byAPI(ctx, http.MethodGet, "/dsars/"+id, "")
		var c starter.Case
		if code != http.StatusOK || json.Unmarshal([]byte(text), &c) != nil {
			return false
		}
		for _, t := range c.Tasks {
			if t.Kind == kind && t.DoneAt.IsZero() {
				task = t.ID
			}
		}
		return task != ""
	}, 2*time.Minute, 100*time.Millisecond, "there is no task %s", kind)
	return task
}

// ambiguous: of two who match a person chooses one, and the code goes to that
// one's address.
func (d *counter) ambiguous(ctx context.Context, annas, brunos string) {
	d.Helper()
	d.mailbox.Clear()
	c := d.dsar(ctx, "person: {last_name: "+anna.LastName+"}\n", "open", "access", "--file", "-")
	require.Equal(d, rights.AmbiguousPerson, c.Match)
	task := d.openTask(ctx, c.ID, rights.ChooseGuest)
	d.refuses(ctx, starter.InvalidRequest, "", "dsar", "task", c.ID, task)
	d.dsar(ctx, "", "task", c.ID, task, "--scope", brunos)
	d.awaitCase(ctx, c.ID, rights.Verifying)
	d.dsar(ctx, "", "verify", c.ID, "--send")
	require.Equal(d, []string{bruno.Email}, d.letter(ctx, "^Ihr Code").To)
	out, exit := d.verb(ctx, "", "dsar", "task", "--hotel", d.Hotel.ID, c.ID, task, "--scope", annas)
	require.NotZero(d, exit, "whom it is about is not changed any more: %s", out)
	require.Equal(d, rights.Withdrawn, d.dsar(ctx, "", "withdraw", c.ID).State)
}

// late: past its due date no request is extended.
func (d *counter) late(ctx context.Context, scope string) {
	d.Helper()
	c := d.dsar(ctx, "", "open", "access", "--scope", scope, "--received", time.Now().AddDate(0, 0, -40).Format(time.DateOnly))
	d.awaitCase(ctx, c.ID, rights.Verifying)
	d.refuses(ctx, starter.RequestLate, "", "dsar", "extend", c.ID, "--reason", "complexity")
	require.True(d, d.dsar(ctx, "", "show", c.ID).Clock.Extended.IsZero())
	require.Equal(d, rights.Withdrawn, d.dsar(ctx, "", "withdraw", c.ID).State)
}

// held: what a legal hold keeps is not erased by two approvals; the guest is
// told why, and where to complain.
func (d *counter) held(ctx context.Context, scope string) {
	d.Helper()
	hold := d.place(ctx, "booking", scope)
	c, _ := d.agreed(ctx, "", "erasure", "--scope", scope)
	d.openTask(ctx, c.ID, rights.LookInto)
	require.Equal(d, anna.LastName, d.atHotel(ctx, scope).Booker.LastName)
	require.Equal(d, 1, openBooks(ctx, d.T, d.house).count(ctx, "guest where booking = $1", scope))
	out, exit := d.verb(ctx, "", "erasure", "plan", "--hotel", d.Hotel.ID, "--case", c.ID)
	require.Zero(d, exit, out)
	require.Regexp(d, `guest +\d+ +hold`, out)

	d.dsar(ctx, "", "refuse", c.ID, "--reason", "legal_claims")
	d.awaitCase(ctx, c.ID, rights.Refused)
	text := d.letter(ctx, "Antwort auf Ihren Antrag "+c.ID).Text
	require.Contains(d, text, "Art. 17 Abs. 3 Buchst. e DSGVO")
	require.Contains(d, text, "https://www.bfdi.bund.de")
	out, exit = d.verb(ctx, "", "hold", "release", "--hotel", d.Hotel.ID, hold)
	require.Zero(d, exit, out)
	out, exit = d.verb(ctx, "", "hold", "release", "--hotel", d.Hotel.ID, hold)
	require.Equal(d, exitRefused, exit, "the same person again: %s", out)
}

// place has a hold placed by one officer and approved by the other.
func (d *counter) place(ctx context.Context, kind, scope string) (hold string) {
	d.Helper()
	out, exit := d.verb(ctx, "", "hold", "place", scope, "--hotel", d.Hotel.ID, "--kind", kind, "--matter", "2026-17/B",
		"--review", time.Now().AddDate(0, 2, 0).Format(time.DateOnly), "--json")
	require.Zero(d, exit, out)
	var placed struct{ Hold string }
	require.NoError(d, json.Unmarshal([]byte(lastLine(out)), &placed), out)
	d.refuses(ctx, starter.SamePerson, "", "hold", "approve", placed.Hold)
	status, text := d.byAPI(ctx, http.MethodPost, "/holds/"+placed.Hold+"/approve", "")
	require.Equal(d, http.StatusOK, status, text)
	return placed.Hold
}

// refusedByTheHotel: the hotel's system lets no machine erase. Everything else
// is erased, a person has to do the rest, and the certificate says so. Forged, it
// is none.
func (d *counter) refusedByTheHotel(ctx context.Context, scope string) {
	d.Helper()
	for _, operation := range []string{"patchBooking", "patchReservation"} {
		require.NoError(d, d.HotelSystem().Fault(ctx, apaleo.Fault{Operation: operation, Kind: apaleo.ErrorBefore, Status: http.StatusUnprocessableEntity}))
	}
	c, _ := d.agreed(ctx, "", "erasure", "--scope", scope)
	task := d.openTask(ctx, c.ID, rights.CarryOutByHand)
	require.Equal(d, bruno.LastName, d.atHotel(ctx, scope).Booker.LastName)
	require.Zero(d, openBooks(ctx, d.T, d.house).count(ctx, "guest where booking = $1", scope))
	d.dsar(ctx, "", "task", c.ID, task)
	d.awaitCase(ctx, c.ID, rights.Completed)
	require.NoError(d, d.HotelSystem().ClearFaults(ctx))
	d.forged(ctx, c.ID)
}

// forged: a certificate in which a single byte is another one is refused.
func (d *counter) forged(ctx context.Context, id string) {
	d.Helper()
	folder, key := d.TempDir(), d.logKey(ctx)
	file := folder + "/case.json"
	out, exit := d.verb(ctx, "", "erasure", "certificate", "--hotel", d.Hotel.ID, "--case", id, "--out", file)
	require.Zero(d, exit, out)
	d.alone(ctx, "erasure", "verify", "--file", file, "--key", key)
	out, exit = d.verb(ctx, "", "erasure", "verify", "--file", spoilt(d.T, file), "--key", key)
	require.Equal(d, exitFailed, exit, out)
	require.Contains(d, out, "do not trust it")
}
