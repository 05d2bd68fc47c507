package console

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/voicehive/voicehive/starter"
)

// An overviewPage is what overview.html shows.
type overviewPage struct {
	// Due is what is due next, of all parts; nil when nothing is. Dues are what
	// the parts name for it.
	Due   *due
	Dues  []due
	Tiles []tile
	// Urgent are the requests whose time is shortest; Asked tells that there
	// could be some.
	Urgent []requestRow
	Asked  bool
}

// A tile is one number that matters today, and where to go with it.
type tile struct{ Href, Label, Count, Text, Cue string }

// A due is one thing that somebody has to do by a moment.
type due struct {
	What string // what it is about
	Step string // what to do
	Href string
	At   time.Time
	// Yours tells that an officer has to act, and not a machine or the guest.
	Yours bool
	// Class colours it as a clock; Left says the same in words. Note tells what
	// kind of date it is.
	Class, Left, Note string
}

// Last is the last moment: what is due is an end, and its day the one before.
func (d due) Last() time.Time { return d.At.Add(-time.Nanosecond) }

// name adds something that is due. What is due soon is told apart in words and
// in colour.
func (p *overviewPage) name(v *visit, d due) {
	left := d.At.Sub(v.now)
	switch {
	case left <= 0:
		d.Class, d.Left = "late", span(-left)+" overdue"
	case left < soon:
		d.Class, d.Left = "near", span(left)+" left"
	default:
		d.Left = span(left) + " left"
	}
	p.Dues = append(p.Dues, d)
}

// next is what has to be done first: by the day, and what waits for a person
// before what does not.
func (p *overviewPage) next() *due {
	if len(p.Dues) == 0 {
		return nil
	}
	first := slices.MinFunc(p.Dues, func(a, b due) int {
		switch {
		case a.Yours != b.Yours && a.Yours:
			return -1
		case a.Yours != b.Yours:
			return 1
		}
		return a.At.Compare(b.At)
	})
	return &first
}

// A part of the overview fills in what it knows.
type part struct {
	there bool
	label string
	path  string
	ask   func(context.Context, *visit, *overviewPage) (tile, error)
}

// overview shows what waits. A part that cannot be asked says so in its tile,
// and the others still show.
func (s *server) overview(w http.ResponseWriter, r *http.Request, v *visit) error {
	var page overviewPage
	for _, p := range []part{
		{s.Cases != nil, "Requests", "/requests", s.requestTile},
		{s.Holds != nil, "Legal holds", "/holds", s.holdTile},
		{s.Retention != nil, "Retention", "/retention", s.retentionTile},
		{s.Log != nil, "Audit log", "/audit", s.logTile},
	} {
		if !p.there {
			continue
		}
		t, err := p.ask(r.Context(), v, &page)
		if err != nil {
			s.Logger.ErrorContext(r.Context(), "a part of the overview cannot be read", "part", p.label, "error", err)
			t = tile{Count: "?", Text: "cannot be read just now"}
		}
		t.Label, t.Href = p.label, s.hotelPath(v.hotel.ID, p.path)
		page.Tiles = append(page.Tiles, t)
	}
	page.Due = page.next()
	return s.showDone(w, r, v, "overview", "Overview", page)
}

const (
	// mostCounted is how far requests are counted for the overview.
	mostCounted = 100
	mostUrgent  = 5
)

func (s *server) requestTile(ctx context.Context, v *visit, page *overviewPage) (tile, error) {
	open, err := s.Cases.List(ctx, v.hotel.ID, starter.CaseQuery{Open: true, Most: mostCounted})
	if err != nil {
		return tile{}, err
	}
	yours := 0
	for _, c := range open {
		if nextOfCase(c).Yours {
			yours++
		}
	}
	t := tile{Count: fmt.Sprint(len(open)), Text: "open"}
	if yours > 0 {
		t.Cue = plural(yours, "waits", "wait") + " for a person"
	}
	if len(open) == mostCounted {
		t.Count += "+"
	}
	slices.SortStableFunc(open, func(a, b starter.Case) int { return a.Clock.Due.Compare(b.Clock.Due) })
	for _, c := range open[:min(len(open), mostUrgent)] {
		page.Urgent = append(page.Urgent, requestRow{c, clockOf(c, v), nextOfCase(c)})
	}
	for _, c := range open {
		// The house's own date comes before the law's, and is the one to keep.
		by, note := c.Clock.Internal, "The house's own date; the law's is "+clockOf(c, v).DueDay.In(v.zone).Format("2 Jan 2006")+"."
		if !v.now.Before(by) {
			by, note = c.Clock.Due, "The house's own date has passed; this is the law's."
		}
		step := nextOfCase(c)
		page.name(v, due{What: words(c.Kind) + " request …" + short(c.ID), Step: step.Text, Href: s.hotelPath(v.hotel.ID, "/requests/"+c.ID), At: by, Yours: step.Yours, Note: note})
	}
	page.Asked = true
	return t, nil
}

func (s *server) logTile(ctx context.Context, v *visit, _ *overviewPage) (tile, error) {
	status, err := s.Log.Status(ctx)
	if err != nil {
		return tile{}, err
	}
	t := tile{Count: fmt.Sprint(status.Signed), Text: "entries of all hotels, signed"}
	if status.Lost > 0 {
		t.Cue = plural(status.Lost, "event is lost", "events are lost") + ": check the log"
	} else if status.Waiting > 0 && status.Oldest > lateLog {
		t.Cue = "Behind: nothing is signed since " + status.At.In(v.zone).Format("15:04")
	}
	return t, nil
}

// lateLog is how long an event may wait before the overview says that nobody
// signs the log.
const lateLog = 5 * time.Minute
