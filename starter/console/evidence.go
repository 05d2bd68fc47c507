package console

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"time"

	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/compliance/evidence"
	"github.com/voicehive/voicehive/starter"
)

// Evidence makes packs for auditors. *HotelEvidence is one.
type Evidence interface {
	// Collect writes a pack: the same data makes the same bytes.
	Collect(ctx context.Context, r evidence.Request, out io.Writer) (evidence.Summary, error)
	// Check checks a pack as an outsider would.
	Check(ctx context.Context, pack io.ReaderAt, size int64) (*evidence.Report, error)
}

// Packs keeps what Evidence makes. *starter.Packs is one. Its errors are
// *starter.Problem.
type Packs interface {
	List(ctx context.Context, hotel, before string) (starter.PackList, error)
	Keep(ctx context.Context, hotel, subject string, of evidence.Summary, pack io.ReaderAt, size int64) (evidence.Kept, error)
	Open(ctx context.Context, hotel, subject, id string) (*starter.OutgoingPack, error)
}

func (s *server) evidenceRoutes(mux *http.ServeMux) {
	mux.Handle("GET /h/{hotel}/evidence", s.at(func(w http.ResponseWriter, r *http.Request, v *visit) error {
		return s.writeEvidence(w, r, v, lastQuarter(v))
	}))
	mux.Handle("POST /h/{hotel}/evidence", s.act(s.collect))
	if s.Packs != nil {
		mux.Handle("POST /h/{hotel}/evidence/{id}", s.act(s.downloadPack))
	}
}

// An evidencePage is what evidence.html shows.
type evidencePage struct {
	From, Until string // days, as the fields have them; Until is the last of them
	Fault       fault
	Summary     *evidence.Summary
	Report      *evidence.Report
	Size        int64
	// Keeps tells that packs are kept, Kept which those are; Later that they are
	// not the newest. New is the one that was just made, NotKept why it was not.
	Keeps   bool
	Kept    starter.PackList
	Later   bool
	New     string
	NotKept string
	Me      string // how a pack names the officer who looks
}

// lastQuarter is the period that auditors ask for.
func lastQuarter(v *visit) evidencePage {
	now := v.now.In(v.zone)
	first := time.Date(now.Year(), (now.Month()-1)/3*3+1, 1, 0, 0, 0, 0, v.zone)
	return evidencePage{From: first.AddDate(0, -3, 0).Format(time.DateOnly), Until: first.AddDate(0, 0, -1).Format(time.DateOnly)}
}

// writeEvidence adds the packs that are kept to what else is told.
func (s *server) writeEvidence(w http.ResponseWriter, r *http.Request, v *visit, page evidencePage) (err error) {
	status := http.StatusOK
	if page.Fault.Is() {
		status = page.Fault.Status
	}
	if page.Keeps = s.Packs != nil; page.Keeps {
		before := r.URL.Query().Get("before")
		page.Later = before != ""
		if page.Kept, err = s.Packs.List(r.Context(), v.hotel.ID, before); err != nil {
			return err
		}
		if page.Me, err = s.pseudonym(r.Context(), v.hotel.ID, v.who()); err != nil {
			return err
		}
	}
	return s.show(w, v, status, "evidence", "Evidence", page)
}

// downloadPack sends a pack that is kept. The shelf compares it with what was
// kept, and tells the audit log.
func (s *server) downloadPack(w http.ResponseWriter, r *http.Request, v *visit) error {
	ctx, done, err := s.longWork(w, r)
	if err != nil {
		return err
	}
	defer done()
	pack, err := s.Packs.Open(ctx, v.hotel.ID, v.who(), r.PathValue("id"))
	wrong, err := faultOf(err)
	if err != nil {
		return err
	}
	if wrong.Is() {
		page := lastQuarter(v)
		page.Fault = wrong
		return s.writeEvidence(w, r.WithContext(ctx), v, page)
	}
	defer func() { _ = pack.Close() }() // a file that is thrown away
	attach(w, pack.Name(), "application/zip")
	w.Header().Set("Content-Length", strconv.FormatInt(pack.Bytes, 10))
	_, _ = io.Copy(w, pack) // a reader that is gone needs no more
	return nil
}

// collect makes a pack, checks it, and keeps and shows it, or sends it. The same
// period makes the same pack again, which is kept once.
func (s *server) collect(w http.ResponseWriter, r *http.Request, v *visit) error {
	page := evidencePage{From: field(v, "from"), Until: field(v, "until")}
	order, err := periodOf(v)
	if page.Fault, err = faultOf(err); err != nil {
		return err
	}
	if page.Fault.Is() {
		return s.writeEvidence(w, r, v, page)
	}
	ctx, done, err := s.longWork(w, r)
	if err != nil {
		return err
	}
	defer done()
	r = r.WithContext(ctx)
	file, err := os.CreateTemp("", "voicehive-evidence-")
	if err != nil {
		return fmt.Errorf("console: a file for the pack: %w", err)
	}
	defer func() { _, _ = file.Close(), os.Remove(file.Name()) }()
	if err := s.pack(ctx, order, file, &page); err != nil {
		page.Fault, err = evidenceFault(err)
		if err != nil {
			return err
		}
		return s.writeEvidence(w, r, v, page)
	}
	if field(v, "download") == "" {
		s.keepPack(r, v, file, &page)
		return s.writeEvidence(w, r, v, page)
	}
	return s.sendFile(ctx, w, v, fmt.Sprintf("evidence-%s-%s-%s.zip", v.hotel.ID, page.From, page.Until), file)
}

// pack fills the file and the page.
func (s *server) pack(ctx context.Context, order evidence.Request, file *os.File, page *evidencePage) error {
	summary, err := s.Evidence.Collect(ctx, order, file)
	if err != nil {
		return err
	}
	if page.Size, err = file.Seek(0, io.SeekEnd); err != nil {
		return fmt.Errorf("console: reading the pack's file: %w", err)
	}
	page.Summary = &summary
	page.Report, err = s.Evidence.Check(ctx, file, page.Size)
	return err
}

// keepPack keeps a pack that is right. One that cannot be kept is shown all the
// same.
func (s *server) keepPack(r *http.Request, v *visit, file *os.File, page *evidencePage) {
	if s.Packs == nil || !page.Report.Right() {
		return
	}
	kept, err := s.Packs.Keep(r.Context(), v.hotel.ID, v.who(), *page.Summary, file, page.Size)
	if err != nil {
		page.NotKept = s.problemOf(r, err).Detail
		return
	}
	page.New = kept.ID
}

// periodOf reads the two days; both are within.
func periodOf(v *visit) (evidence.Request, error) {
	order := evidence.Request{Hotel: v.hotel.ID}
	var err error
	for name, into := range map[string]*time.Time{"from": &order.From, "until": &order.Until} {
		if *into, err = time.ParseInLocation(time.DateOnly, field(v, name), v.zone); err != nil {
			return order, starter.InvalidRequest.In("/"+name, "Write a day such as 2027-03-31.")
		}
	}
	order.Until = order.Until.AddDate(0, 0, 1)
	return order, nil
}

func evidenceFault(err error) (fault, error) {
	switch {
	case errors.Is(err, evidence.ErrPeriod):
		return fault{Status: http.StatusUnprocessableEntity, Field: "until", Text: "The period begins before it ends, lies in the past, and has at most 400 days."}, nil
	case errors.Is(err, audit.ErrNoHead):
		return fault{Status: http.StatusConflict, Text: "No head of the audit log is signed for that time yet. Come back in a minute."}, nil
	case errors.Is(err, context.DeadlineExceeded):
		return fault{Status: http.StatusConflict, Text: "There is so much that it takes longer than a page may. Choose a shorter period, or have an operator run voicehive evidence collect."}, nil
	}
	return fault{}, err
}

// control tells what a control asks, by its id.
func control(id string) evidence.Control {
	all, _, err := evidence.Controls()
	if err != nil {
		return evidence.Control{ID: id} // the list is a part of the build
	}
	for _, c := range all {
		if c.ID == id {
			return c
		}
	}
	return evidence.Control{ID: id}
}

// controlBadge colours the answer to a control; the word in it says the same.
func controlBadge(state evidence.State) string {
	return map[evidence.State]string{evidence.Satisfied: "good", evidence.NotSatisfied: "bad"}[state]
}
