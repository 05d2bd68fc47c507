package console

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/voicehive/voicehive/compliance/register"
	"github.com/voicehive/voicehive/compliance/retention"
	"github.com/voicehive/voicehive/starter"
)

// Retention is what is erased when it has had its time. *starter.Retention is
// one. Its errors are *starter.Problem.
type Retention interface {
	Policy(ctx context.Context, hotel string, class register.Class) (starter.RetentionPolicy, error)
	DryRun(ctx context.Context, hotel string) (retention.Plan, error)
	Run(ctx context.Context, hotel, subject string) (retention.Run, error)
	Runs(ctx context.Context, hotel string) (starter.RetentionRuns, error)
	Show(ctx context.Context, hotel, id string) (retention.Run, error)
	Decide(ctx context.Context, hotel, subject, id string, d starter.RetentionDecision) (retention.Run, error)
}

func (s *server) retentionRoutes(mux *http.ServeMux) {
	mux.Handle("GET /h/{hotel}/retention", s.at(s.listRuns))
	mux.Handle("GET /h/{hotel}/retention/policy", s.at(s.showPolicy))
	mux.Handle("POST /h/{hotel}/retention/plan", s.act(s.dryRun))
	mux.Handle("POST /h/{hotel}/retention/run", s.act(s.startRun))
	mux.Handle("GET /h/{hotel}/retention/runs/{id}", s.at(func(w http.ResponseWriter, r *http.Request, v *visit) error {
		return s.writeRun(w, r, v, fault{})
	}))
	mux.Handle("GET /h/{hotel}/retention/runs/{id}/certificate", s.at(s.downloadRun))
	mux.Handle("POST /h/{hotel}/retention/runs/{id}/decide", s.act(s.decideRun))
}

// A runList is what retention.html shows.
type runList struct {
	Runs  []retention.Run
	Plan  *diff // of a dry run that was just made
	Fault fault
}

// A diff is a plan beside the one before.
type diff struct {
	retention.Plan
	Lines []diffLine
	// Before is the day of the plan that it is compared with; "" for none.
	Before string
}

// A diffLine is one store of a plan, with what it had before.
type diffLine struct {
	retention.Part
	Before int64
	// Gone tells that the plan does not have the store any more.
	Gone bool
}

// More and Fewer are how many rows more, or fewer, than before would go.
func (l diffLine) More() int64  { return l.Rows - l.Before }
func (l diffLine) Fewer() int64 { return l.Before - l.Rows }

// diffOf compares a plan with one of another run.
func diffOf(plan retention.Plan, before *retention.Plan) *diff {
	d := &diff{Plan: plan}
	old := map[string]retention.Part{}
	if before != nil {
		d.Before = before.AsOf
		for _, part := range before.Parts {
			old[part.Store] = part
		}
	}
	for _, part := range plan.Parts {
		d.Lines = append(d.Lines, diffLine{Part: part, Before: old[part.Store].Rows})
		delete(old, part.Store)
	}
	for _, part := range old {
		d.Lines = append(d.Lines, diffLine{Part: retention.Part{Store: part.Store, Class: part.Class, Act: part.Act}, Before: part.Rows, Gone: true})
	}
	slices.SortFunc(d.Lines, func(a, b diffLine) int { return strings.Compare(a.Store, b.Store) })
	return d
}

func (s *server) listRuns(w http.ResponseWriter, r *http.Request, v *visit) error {
	return s.writeRuns(w, r, v, runList{})
}

func (s *server) writeRuns(w http.ResponseWriter, r *http.Request, v *visit, page runList) error {
	all, err := s.Retention.Runs(r.Context(), v.hotel.ID)
	if err != nil {
		return err
	}
	page.Runs = all.Runs
	p := s.pageFor(v, "retention", "Retention")
	p.Done, p.Body = doneTexts[r.URL.Query().Get("done")], page
	status := http.StatusOK
	if page.Fault.Is() {
		status = page.Fault.Status
	}
	s.write(w, status, p)
	return nil
}

// dryRun shows what a run would erase now, beside what the last one did.
func (s *server) dryRun(w http.ResponseWriter, r *http.Request, v *visit) error {
	ctx, done, err := s.longWork(w, r)
	if err != nil {
		return err
	}
	defer done()
	plan, err := s.Retention.DryRun(ctx, v.hotel.ID)
	if err != nil {
		return err
	}
	all, err := s.Retention.Runs(ctx, v.hotel.ID)
	if err != nil {
		return err
	}
	var before *retention.Plan
	if len(all.Runs) > 0 {
		before = &all.Runs[0].Plan
	}
	return s.writeRuns(w, r.WithContext(ctx), v, runList{Plan: diffOf(plan, before)})
}

// A runPage is what run.html shows.
type runPage struct {
	retention.Run
	Diff  *diff
	Me    string
	Fault fault
}

// Mine tells whether the officer who looks started the run.
func (p runPage) Mine() bool { return p.StartedBy == p.Me }

// writeRun shows a run beside the one before it.
func (s *server) writeRun(w http.ResponseWriter, r *http.Request, v *visit, wrong fault) error {
	run, err := s.Retention.Show(r.Context(), v.hotel.ID, r.PathValue("id"))
	if err != nil {
		return err
	}
	all, err := s.Retention.Runs(r.Context(), v.hotel.ID)
	if err != nil {
		return err
	}
	page := runPage{Run: run, Fault: wrong}
	var before *retention.Plan
	if i := slices.IndexFunc(all.Runs, func(other retention.Run) bool { return other.ID == run.ID }); i >= 0 && i+1 < len(all.Runs) {
		before = &all.Runs[i+1].Plan
	}
	page.Diff = diffOf(run.Plan, before)
	if page.Me, err = s.pseudonym(r.Context(), v.hotel.ID, v.who()); err != nil {
		return err
	}
	p := s.pageFor(v, "run", "Retention run of "+run.Plan.AsOf)
	p.Done, p.Body = doneTexts[r.URL.Query().Get("done")], page
	status := http.StatusOK
	if wrong.Is() {
		status = wrong.Status
	}
	s.write(w, status, p)
	return nil
}

// downloadRun sends a run's certificate.
func (s *server) downloadRun(w http.ResponseWriter, r *http.Request, v *visit) error {
	run, err := s.Retention.Show(r.Context(), v.hotel.ID, r.PathValue("id"))
	if err != nil {
		return err
	}
	if len(run.Certificate) == 0 {
		return starter.NotFound.With("The run has no certificate. It gets one when it is done.")
	}
	return s.send(w, r, v, "retention-"+run.ID+".dsse.json", "application/json", run.Certificate)
}

// send sends a small file, once that is written down.
func (s *server) send(w http.ResponseWriter, r *http.Request, v *visit, name, kind string, content []byte) error {
	if err := s.remember(r.Context(), v.session.caller(), v.hotel.ID, KindDownloaded, map[string]any{"file": name}); err != nil {
		return err
	}
	attach(w, name, kind)
	_, _ = w.Write(content) // a reader that is gone needs no more
	return nil
}

// runTexts say what a state means, boundTexts what a rule's term is, actTexts
// what is done then, and becauseTexts why a run needs a second person.
var (
	runTexts = map[retention.State]string{
		retention.Planned: "About to begin", retention.Waiting: "Waits for a second person", retention.Running: "Erases, batch by batch",
		retention.Done: "Erased, read back and certified", retention.Refused: "Refused; nothing was erased", retention.Lapsed: "Nobody approved it in time; nothing was erased",
		retention.Changed: "The plan did not hold any more; nothing was erased",
	}
	boundTexts = map[retention.Bound]string{
		retention.Min: "The law demands that it is kept so long", retention.Max: "The law demands that it is gone by then", retention.Default: "Our own term; the hotel can shorten it",
	}
	actTexts = map[retention.Act]string{
		retention.Delete: "Deleted", retention.Shred: "Deleted, with its key", retention.Redact: "The guest's part is erased", retention.Restrict: "Kept, and used for nothing else",
	}
	becauseTexts = map[string]string{
		retention.OverThreshold: "more rows than may go without a second person", retention.UnusualVolume: "more than three times what is usual",
		retention.FirstRun: "the first run of the hotel",
	}
)

// runBadge colours a run's state; the word beside it says the same.
func runBadge(state retention.State) string {
	switch state {
	case retention.Waiting:
		return "warn"
	case retention.Planned, retention.Running:
		return "info"
	case retention.Done:
		return "good"
	case retention.Changed, retention.Lapsed:
		return "bad"
	}
	return ""
}

// runWaits is how long a run waits for its second person before it lapses.
const runWaits = 14 * 24 * time.Hour

func (s *server) retentionTile(ctx context.Context, v *visit, page *overviewPage) (tile, error) {
	all, err := s.Retention.Runs(ctx, v.hotel.ID)
	if err != nil {
		return tile{}, err
	}
	if len(all.Runs) == 0 {
		return tile{Count: "–", Text: "no run yet"}, nil
	}
	last := all.Runs[0]
	t := tile{Count: fmt.Sprint(last.Erased), Text: "rows erased by the run of " + last.CreatedAt.In(v.zone).Format("2 Jan")}
	if last.State == retention.Waiting {
		t = tile{Count: fmt.Sprint(last.Plan.Rows), Text: "rows would go", Cue: "Waits for a second person"}
		page.name(v, due{
			What: "Retention run of " + dayText(last.Plan.AsOf), Step: "A second person approves or refuses it, or it lapses",
			Href: s.hotelPath(v.hotel.ID, "/retention/runs/"+last.ID), At: last.CreatedAt.Add(runWaits), Yours: true,
		})
	}
	if last.Overdue != nil && *last.Overdue > 0 {
		t.Cue = fmt.Sprint(*last.Overdue) + " rows are left that should be gone"
	}
	return t, nil
}

// periodText is a term such as P8Y as people say it.
func periodText(p retention.Period) string {
	var said []string
	for _, part := range []struct {
		n    int
		unit string
	}{{p.Months / 12, "year"}, {p.Months % 12, "month"}, {p.Days, "day"}} {
		if part.n > 0 {
			said = append(said, plural(part.n, part.unit, part.unit+"s"))
		}
	}
	if len(said) == 0 {
		return "0 days"
	}
	return strings.Join(said, " and ")
}

// size is a number of bytes as people read it.
func size(n int64) string {
	const unit = 1024
	switch {
	case n < unit:
		return fmt.Sprintf("%d B", n)
	case n < unit*unit:
		return fmt.Sprintf("%.1f KB", float64(n)/unit)
	case n < unit*unit*unit:
		return fmt.Sprintf("%.1f MB", float64(n)/unit/unit)
	}
	return fmt.Sprintf("%.1f GB", float64(n)/unit/unit/unit)
}

// dayText is a day of a plan, such as 2026-01-31, as people write it.
func dayText(day string) string {
	at, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return day
	}
	return at.Format("2 Jan 2006")
}
