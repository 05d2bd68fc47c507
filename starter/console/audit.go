package console

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/starter"
)

// Log is the audit log, as far as one hotel may see it. *HotelLog is one.
type Log interface {
	Status(ctx context.Context) (audit.Status, error)
	// Keys are those that the log is checked by.
	Keys(ctx context.Context) ([]string, error)
	// Check exports the hotel's entries of the newest year and checks them as an
	// outsider would.
	Check(ctx context.Context, hotel string) (*audit.Report, error)
	// Find names the hotel's entries about a scope.
	Find(ctx context.Context, hotel, scope string) ([]audit.Place, error)
	// Prove is the .tlog-proof of an entry of the hotel; audit.ErrNoEntry for
	// those of others.
	Prove(ctx context.Context, hotel string, year int, n int64) ([]byte, error)
	// Pack writes the hotel's entries of the newest year, without their details.
	Pack(ctx context.Context, hotel string, out io.Writer) error
}

func (s *server) auditRoutes(mux *http.ServeMux) {
	mux.Handle("GET /h/{hotel}/audit", s.at(s.showLog))
	mux.Handle("POST /h/{hotel}/audit/check", s.act(s.checkLog))
	mux.Handle("GET /h/{hotel}/audit/entries", s.at(s.findEntries))
	mux.Handle("GET /h/{hotel}/audit/entries/{year}/{n}", s.at(s.downloadProof))
	mux.Handle("POST /h/{hotel}/audit/pack", s.act(s.downloadLog))
}

// A logPage is what audit.html shows.
type logPage struct {
	Status audit.Status
	Keys   []string
	// Report is of a check that was just made.
	Report *audit.Report
	Scope  string
	Found  []audit.Place
	Fault  fault
}

func (s *server) showLog(w http.ResponseWriter, r *http.Request, v *visit) error {
	return s.writeLog(w, r, v, logPage{})
}

// writeLog adds where the log stands to what else is told.
func (s *server) writeLog(w http.ResponseWriter, r *http.Request, v *visit, page logPage) (err error) {
	if page.Status, err = s.Log.Status(r.Context()); err != nil {
		return err
	}
	if page.Keys, err = s.Log.Keys(r.Context()); err != nil {
		return err
	}
	status := http.StatusOK
	if page.Fault.Is() {
		status = page.Fault.Status
	}
	return s.show(w, v, status, "audit", "Audit log", page)
}

// checkLog checks the log now. It reads all of the hotel's entries, so one
// check at a time is enough.
func (s *server) checkLog(w http.ResponseWriter, r *http.Request, v *visit) error {
	ctx, done, err := s.longWork(w, r)
	if err != nil {
		return err
	}
	defer done()
	r = r.WithContext(ctx)
	page := logPage{}
	page.Report, err = s.Log.Check(ctx, v.hotel.ID)
	if errors.Is(err, audit.ErrNoHead) {
		page.Fault = fault{Status: http.StatusConflict, Text: "No head of this year's log is signed yet. Come back in a minute."}
		return s.writeLog(w, r, v, page)
	}
	if err != nil {
		return err
	}
	what := map[string]any{"origin": page.Report.Origin, "size": page.Report.Size, "root": page.Report.Root, "findings": len(page.Report.Findings)}
	if err := s.remember(r.Context(), v.session.caller(), v.hotel.ID, KindVerified, what); err != nil {
		return err
	}
	return s.writeLog(w, r, v, page)
}

// longWork gives a request the time of one that reads much, when no other does.
// It waits a little for the other: that may be the same click.
func (s *server) longWork(w http.ResponseWriter, r *http.Request) (context.Context, func(), error) {
	waiting, stop := context.WithTimeout(r.Context(), patience)
	defer stop()
	select {
	case s.long <- struct{}{}:
	case <-waiting.Done():
		p := starter.TooMany.With("Somebody else is checking or downloading just now. Try again in a moment.")
		p.RetryAfter = longTime / 6
		return nil, nil, p
	}
	// Not every writer has deadlines; the server's own hold for those.
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(longTime + readTime))
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), longTime)
	gone := context.AfterFunc(r.Context(), func() {
		// Who goes away needs no answer; the time of a short page is no reason.
		if errors.Is(context.Cause(r.Context()), context.Canceled) {
			cancel()
		}
	})
	return ctx, func() { gone(); cancel(); <-s.long }, nil
}

// findEntries names the entries about a booking, call or request. Its id is no
// guest's data and may stand in the address.
func (s *server) findEntries(w http.ResponseWriter, r *http.Request, v *visit) error {
	page := logPage{Scope: strings.TrimSpace(r.URL.Query().Get("scope"))}
	id, err := ulid.ParseStrict(strings.ToUpper(page.Scope))
	if err != nil {
		page.Fault = fault{Status: http.StatusUnprocessableEntity, Field: "scope", Text: "An id looks like 01JD3Z8Q4X0000000000000000."}
		return s.writeLog(w, r, v, page)
	}
	if page.Found, err = s.Log.Find(r.Context(), v.hotel.ID, id.String()); err != nil {
		return err
	}
	if len(page.Found) == 0 {
		page.Fault = fault{Status: http.StatusNotFound, Field: "scope", Text: "The log has no entry of this hotel about that id. What just happened is there within some seconds."}
	}
	return s.writeLog(w, r, v, page)
}

// downloadProof sends the proof of one entry.
func (s *server) downloadProof(w http.ResponseWriter, r *http.Request, v *visit) error {
	year, yearErr := strconv.Atoi(r.PathValue("year"))
	n, err := strconv.ParseInt(r.PathValue("n"), 10, 64)
	if err != nil || yearErr != nil {
		return starter.NotFound.With("An entry is named by its year and number.")
	}
	text, err := s.Log.Prove(r.Context(), v.hotel.ID, year, n)
	if errors.Is(err, audit.ErrNoEntry) || errors.Is(err, audit.ErrNoHead) {
		return starter.NotFound.With("The log has no such entry of this hotel below its newest signed head. A new entry is there within some seconds.")
	}
	if err != nil {
		return err
	}
	name := fmt.Sprintf("%d-%d.tlog-proof", year, n)
	return s.send(w, r, v, name, "text/plain; charset=utf-8", text)
}

// downloadLog sends the hotel's part of the log. It is made whole before any of
// it is sent: half a pack would look like a log with its tail cut off.
func (s *server) downloadLog(w http.ResponseWriter, r *http.Request, v *visit) error {
	ctx, done, err := s.longWork(w, r)
	if err != nil {
		return err
	}
	defer done()
	file, err := os.CreateTemp("", "voicehive-log-")
	if err != nil {
		return fmt.Errorf("console: a file for the log: %w", err)
	}
	defer func() { _, _ = file.Close(), os.Remove(file.Name()) }()
	if err := s.Log.Pack(ctx, v.hotel.ID, file); errors.Is(err, audit.ErrNoHead) {
		return starter.NotFound.With("No head of this year's log is signed yet. Come back in a minute.")
	} else if err != nil {
		return err
	}
	return s.sendFile(ctx, w, v, "audit-"+v.hotel.ID+".zip", file)
}

// sendFile sends a file whole, once that is written down.
func (s *server) sendFile(ctx context.Context, w http.ResponseWriter, v *visit, name string, file *os.File) error {
	size, err := file.Seek(0, io.SeekEnd)
	if err == nil {
		_, err = file.Seek(0, io.SeekStart)
	}
	if err != nil {
		return fmt.Errorf("console: reading a file that is to be sent: %w", err)
	}
	if err := s.remember(ctx, v.session.caller(), v.hotel.ID, KindDownloaded, map[string]any{"file": name, "bytes": size}); err != nil {
		return err
	}
	attach(w, name, "application/zip")
	w.Header().Set("Content-Length", strconv.FormatInt(size, 10))
	_, _ = io.Copy(w, file) // a reader that is gone needs no more
	return nil
}

// attach makes the answer a file to keep. name is ours and needs no quoting.
func attach(w http.ResponseWriter, name, kind string) {
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
}
