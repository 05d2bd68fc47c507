package console

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/voicehive/voicehive/compliance/erasure"
	"github.com/voicehive/voicehive/compliance/rights"
	"github.com/voicehive/voicehive/starter"
)

// Erasures has what erasures have to show. *erasure.Office is one.
type Erasures interface {
	// Envelope is a certificate; erasure.ErrNoCertificate when there is none.
	Envelope(ctx context.Context, hotel, request, id string) ([]byte, error)
}

// pageSize is how many rows a list has.
const pageSize = 25

func (s *server) requestRoutes(mux *http.ServeMux) {
	mux.Handle("GET /h/{hotel}/requests", s.at(s.listRequests))
	mux.Handle("GET /h/{hotel}/requests/new", s.at(s.newRequest))
	mux.Handle("POST /h/{hotel}/requests/new", s.act(s.openRequest))
	mux.Handle("GET /h/{hotel}/requests/{id}", s.at(s.showRequest))
	mux.Handle("POST /h/{hotel}/requests/{id}/words", s.act(s.showWords))
	if s.Erasures != nil {
		mux.Handle("GET /h/{hotel}/requests/{id}/certificate", s.at(s.downloadCertificate))
	}
	s.requestActs(mux)
}

// A requestList is what requests.html shows.
type requestList struct {
	Rows []requestRow
	// Show, Kind and Soon are the filter, as its fields have it.
	Show, Kind string
	Soon       bool
	Shows      []string
	Kinds      []rights.Kind
	// More is the address of the next page; Later tells that this is not the
	// first.
	More  string
	Later bool
}

type requestRow struct {
	starter.Case
	Bar  clock
	Next nextStep
}

// rowsIn are rows with the page that they stand on.
type rowsIn struct {
	Sheet *sheet
	Path  string
	Rows  []requestRow
}

func rowsOf(p *sheet, rows []requestRow) rowsIn { return rowsIn{p, p.Hotel.Path, rows} }

// soon is how near a due date is that the filter looks for.
const soon = 7 * 24 * time.Hour

// listRequests lists requests, those that are open first to come.
func (s *server) listRequests(w http.ResponseWriter, r *http.Request, v *visit) error {
	query := r.URL.Query()
	page := requestList{Show: query.Get("show"), Kind: query.Get("kind"), Soon: query.Get("soon") != "", Later: query.Get("after") != "", Kinds: rights.Kinds(), Shows: []string{"open", "all"}}
	for _, state := range rights.States() {
		page.Shows = append(page.Shows, string(state))
	}
	if !slices.Contains(page.Shows, page.Show) {
		page.Show = "open"
	}
	if !rights.Kind(page.Kind).Known() {
		page.Kind = ""
	}
	// One more than is shown tells whether there is more.
	q := starter.CaseQuery{Kind: rights.Kind(page.Kind), After: query.Get("after"), Most: pageSize + 1}
	switch page.Show {
	case "open":
		q.Open = true
	case "all":
	default:
		q.State = rights.State(page.Show)
	}
	if page.Soon {
		q.DueBefore = v.now.Add(soon)
	}
	cases, err := s.Cases.List(r.Context(), v.hotel.ID, q)
	if err != nil {
		return err
	}
	if len(cases) > pageSize {
		cases = cases[:pageSize]
		page.More = page.next(cases[pageSize-1].ID)
	}
	for _, c := range cases {
		page.Rows = append(page.Rows, requestRow{c, clockOf(c, v), nextOfCase(c)})
	}
	return s.showDone(w, r, v, "requests", "Requests", page)
}

// next is the query of the page behind an id.
func (p requestList) next(after string) string {
	q := url.Values{"show": {p.Show}, "after": {after}}
	if p.Kind != "" {
		q.Set("kind", p.Kind)
	}
	if p.Soon {
		q.Set("soon", "1")
	}
	return "?" + q.Encode()
}

// A requestPage is what request.html shows.
type requestPage struct {
	starter.Case
	Bar   clock
	Next  nextStep
	Steps []step
	// Once is the idempotency key of the page's forms: sent twice they act once.
	Once string
	Me   string // how the case names the officer who looks
	Mine bool   // that officer has approved
	// NoPlan tells that there will be one later.
	NoPlan bool
	Run    string // in Temporal's Web UI; "" without one
	// ProofAt is where its certificate is; "" without one.
	ProofAt string
	Fault   fault
	// Words are shown when the officer asked for them.
	Words *starter.CaseWords
	Story []moment
}

// A moment is a line of the timeline.
type moment struct {
	At   time.Time
	Text string
	By   string
}

// showRequest shows one request.
func (s *server) showRequest(w http.ResponseWriter, r *http.Request, v *visit) error {
	c, err := s.Cases.Show(r.Context(), v.hotel.ID, r.PathValue("id"))
	if err != nil {
		return err
	}
	return s.writeRequest(w, r, v, c, requestPage{})
}

// writeRequest adds to a page what it shows of the case.
func (s *server) writeRequest(w http.ResponseWriter, r *http.Request, v *visit, c starter.Case, page requestPage) error {
	me, err := s.pseudonym(r.Context(), v.hotel.ID, v.who())
	if err != nil {
		return err
	}
	page.Case, page.Bar, page.Next, page.Steps, page.Me, page.Once = c, clockOf(c, v), nextOfCase(c), stepsOf(c), me, newKey()
	page.Mine = slices.ContainsFunc(c.Acts, func(a starter.CaseAct) bool {
		return a.Kind == rights.ActApproved && a.Actor == me && a.VoidAt.IsZero()
	})
	page.Story = storyOf(c)
	if s.TemporalUI != "" {
		page.Run = s.TemporalUI + "/namespaces/" + url.PathEscape(s.Namespace) + "/workflows/" + url.PathEscape("dsar/"+v.hotel.ID+"/"+c.ID)
	}
	if s.Erasures != nil && c.Certificate != "" {
		page.ProofAt = s.hotelPath(v.hotel.ID, "/requests/"+c.ID+"/certificate")
	}
	page.NoPlan = c.Plan == nil && c.Kind == rights.Erasure && !c.State.Final()
	p := s.pageFor(v, "request", words(c.Kind)+" request …"+short(c.ID))
	p.Done, p.Body = doneTexts[r.URL.Query().Get("done")], page
	status := http.StatusOK
	if page.Fault.Is() {
		status = page.Fault.Status
	}
	s.write(w, status, p)
	return nil
}

// downloadCertificate sends what an erasure has to show.
func (s *server) downloadCertificate(w http.ResponseWriter, r *http.Request, v *visit) error {
	c, err := s.Cases.Show(r.Context(), v.hotel.ID, r.PathValue("id"))
	if err != nil {
		return err
	}
	none := starter.NotFound.With("The request has no certificate. An erasure gets one when it is done.")
	if c.Certificate == "" {
		return none
	}
	text, err := s.Erasures.Envelope(r.Context(), v.hotel.ID, c.ID, c.Certificate)
	if errors.Is(err, erasure.ErrNoCertificate) {
		return none
	}
	if err != nil {
		return err
	}
	return s.send(w, r, v, "erasure-"+c.ID+".dsse.json", "application/json", text)
}

// showWords shows what the requester said. That somebody read it stands in the
// audit log.
func (s *server) showWords(w http.ResponseWriter, r *http.Request, v *visit) error {
	c, err := s.Cases.Show(r.Context(), v.hotel.ID, r.PathValue("id"))
	if err != nil {
		return err
	}
	said, err := s.Cases.Words(r.Context(), v.hotel.ID, v.who(), c.ID)
	page := requestPage{}
	if page.Fault, err = faultOf(err); err != nil {
		return err
	}
	if !page.Fault.Is() {
		page.Words = &said
	}
	return s.writeRequest(w, r, v, c, page)
}

// storyOf is what happened, the newest first.
func storyOf(c starter.Case) []moment {
	all := []moment{{c.OpenedAt, "Opened: " + channelTexts[c.Channel], c.OpenedBy}}
	if !c.Clock.Received.Equal(c.OpenedAt) {
		all = append(all, moment{c.Clock.Received, "Received; the clock runs from here", ""})
	}
	for _, a := range c.Acts {
		all = append(all, moment{a.At, words(a.Kind), a.Actor})
		if !a.VoidAt.IsZero() {
			all = append(all, moment{a.VoidAt, words(a.Kind) + ": void, counts no more", a.Actor})
		}
	}
	for _, t := range c.Tasks {
		all = append(all, moment{t.At, "Task: " + taskTexts[t.Kind], ""})
	}
	if !c.ProvenAt.IsZero() {
		all = append(all, moment{c.ProvenAt, "Identity proven, " + proofTexts[c.Proof], ""})
	}
	if !c.ClosedAt.IsZero() {
		all = append(all, moment{c.ClosedAt, "Closed: " + words(c.State), ""})
	}
	slices.SortStableFunc(all, func(a, b moment) int { return b.At.Compare(a.At) })
	return all
}
