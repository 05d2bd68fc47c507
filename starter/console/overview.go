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
	Tiles []tile
	// Urgent are the requests whose time is shortest; Asked tells that there
	// could be some.
	Urgent []requestRow
	Asked  bool
}

// A tile is one number that matters today, and where to go with it.
type tile struct{ Href, Label, Count, Text, Cue string }

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
	t := tile{Count: fmt.Sprint(len(open)), Text: "open", Cue: plural(yours, "waits", "wait") + " for a person"}
	if len(open) == mostCounted {
		t.Count += "+"
	}
	slices.SortStableFunc(open, func(a, b starter.Case) int { return a.Clock.Due.Compare(b.Clock.Due) })
	for _, c := range open[:min(len(open), mostUrgent)] {
		page.Urgent = append(page.Urgent, requestRow{c, clockOf(c, v), nextOfCase(c)})
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
