package console

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"time"

	"github.com/voicehive/voicehive/compliance/holds"
	"github.com/voicehive/voicehive/compliance/register"
	"github.com/voicehive/voicehive/compliance/retention"
	"github.com/voicehive/voicehive/compliance/rights"
)

//go:embed pages
var pageFiles embed.FS

// A view is a page's template in the layout.
type view struct{ *template.Template }

// parsePages reads the templates: each page with the layout and the parts.
func parsePages() (map[string]*view, error) {
	shared, err := template.New("layout.html").Funcs(functions()).ParseFS(pageFiles, "pages/layout.html", "pages/parts.html")
	if err != nil {
		return nil, fmt.Errorf("console: reading the layout: %w", err)
	}
	files, err := fs.Glob(pageFiles, "pages/*.html")
	if err != nil {
		return nil, fmt.Errorf("console: listing the pages: %w", err)
	}
	pages := map[string]*view{}
	for _, file := range files {
		name := strings.TrimSuffix(path.Base(file), ".html")
		if name == "layout" || name == "parts" {
			continue
		}
		own, err := shared.Clone()
		if err == nil {
			own, err = own.ParseFS(pageFiles, file)
		}
		if err != nil {
			return nil, fmt.Errorf("console: reading the page %s: %w", name, err)
		}
		pages[name] = &view{own}
	}
	return pages, nil
}

func functions() template.FuncMap {
	return template.FuncMap{
		"words": words, "short": short, "plural": plural, "badge": badgeOf, "rows": rowsOf, "channelText": func(c rights.Channel) string { return channelTexts[c] }, "proofText": func(p rights.Proof) string { return proofTexts[p] }, "rightOf": func(k rights.Kind) any { return kindTexts[k] }, "kinds": rights.Kinds, "taskText": func(k rights.TaskKind) string { return taskTexts[k] }, "against": rights.Against, "grounds": rights.Grounds,
		"extendReasons": extendReasons, "refuseReasons": refuseReasons, "verdictText": verdictText, "verdictBadge": verdictBadge,
		"holdBadge": holdBadge, "holdText": func(state holds.State) string { return holdTexts[state] }, "holdReasons": holds.Reasons, "classes": register.Classes,
		"size": size, "control": control, "controlBadge": controlBadge, "actText": func(a retention.Act) string { return actTexts[a] }, "period": periodText, "dayText": dayText, "runBadge": runBadge, "runText": func(state retention.State) string { return runTexts[state] },
		"boundText": func(b retention.Bound) string { return boundTexts[b] }, "because": func(word string) string { return becauseTexts[word] },
		"lower": func(word any) string { return strings.ToLower(words(word)) },
		"days":  func(d time.Duration) string { return plural(int(d.Hours()/24), "day", "days") },
	}
}

// words makes a code such as carrying_out readable.
func words(code any) string {
	text := strings.NewReplacer("_", " ", "-", " ", ".", " ").Replace(fmt.Sprint(code))
	if text == "" {
		return ""
	}
	return strings.ToUpper(text[:1]) + text[1:]
}

// short is the end of an id, where ULIDs of one day differ.
func short(id string) string {
	const shown = 6
	if len(id) <= shown {
		return id
	}
	return id[len(id)-shown:]
}

func plural(n any, one, many string) string {
	if fmt.Sprint(n) == "1" {
		return "1 " + one
	}
	return fmt.Sprint(n) + " " + many
}

// A sheet is what the layout shows.
type sheet struct {
	name  string
	Title string
	Base  string
	// Session is nil before a login.
	Session *session
	Idle    time.Time // when the session ends unless it is used
	Hotel   *hotelView
	Nav     []link
	// Done tells what the last form did.
	Done string
	Now  time.Time
	zone *time.Location
	Body any
}

type hotelView struct{ ID, Name, Path, Zone string }

// A link of the navigation.
type link struct {
	Href, Text string
	Here       bool
}

// doneTexts are what is told after an act, by the word in the address.
var doneTexts = map[string]string{
	"opened":        "The request is kept, and its clock runs.",
	"approved":      "Your approval counts.",
	"withdrawn":     "The request is withdrawn.",
	"code-sent":     "A code is on its way to the address on file.",
	"verified":      "The person has proven who they are.",
	"vouched":       "You have vouched for who it is. A second person has to vouch as well.",
	"task-done":     "The task is noted.",
	"extended":      "The due date is two months later, and the person is told why.",
	"refused":       "The request is refused. The letter tells the reasons and how to complain.",
	"hold-placed":   "The hold binds. A second person has to approve it within a week.",
	"hold-approved": "The hold is approved.",
	"hold-reviewed": "The review is noted.",
	"hold-released": "Your word counts. A hold is released when two people have said so.",
	"run-started":   "The run has begun. Its plan is below.",
	"run-approved":  "The plan is approved, and the run goes ahead.",
	"run-refused":   "The run is refused. Nothing was erased.",
	"confirmed":     "Your confirmation is noted. It counts for a year, or until the text changes.",
	"pending":       "It is kept and under way. Load the page again in a moment.",
	"logged-out":    "You are logged out of the console. Your identity provider may still know you; close the browser on a shared machine.",
}

// blank is a page for somebody who is not known.
func (s *server) blank(name, title string) *sheet {
	return &sheet{name: name, Title: title, Base: s.login.base, Now: s.Now(), zone: time.UTC}
}

// pageFor is a page for a visit, which may be nil.
func (s *server) pageFor(v *visit, name, title string) *sheet {
	p := s.blank(name, title)
	if v == nil {
		return p
	}
	p.Session, p.Idle, p.Now, p.zone = v.session, v.session.idleEnd(s.Idle), v.now, v.zone
	if v.hotel.ID != "" {
		p.Hotel = &hotelView{v.hotel.ID, v.hotel.Name, s.hotelPath(v.hotel.ID, ""), v.zone.String()}
		p.Nav = s.navigation(v, name)
	}
	return p
}

// sections are the console's, in order; those that there are have a link.
func (s *server) navigation(v *visit, name string) []link {
	var all []link
	for _, section := range []struct {
		text, path, pages string
		there             bool
	}{
		{"Overview", "/", "overview", true},
		{"Requests", "/requests", "requests request newrequest", s.Cases != nil},
		{"Legal holds", "/holds", "holds hold newhold", s.Holds != nil},
		{"Retention", "/retention", "retention run policy", s.Retention != nil},
		{"Guests and consents", "/guests", "guests guest", s.People != nil && s.Consents != nil},
		{"Evidence", "/evidence", "evidence", s.Evidence != nil},
		{"Audit log", "/audit", "audit", s.Log != nil},
		{"Procedure", "/procedure", "procedure", s.Procedure != nil},
	} {
		if section.there {
			here := strings.Contains(" "+section.pages+" ", " "+name+" ")
			all = append(all, link{s.hotelPath(v.hotel.ID, section.path), section.text, here})
		}
	}
	return all
}

// show writes a page of a visit.
func (s *server) show(w http.ResponseWriter, v *visit, status int, name, title string, body any) error {
	p := s.pageFor(v, name, title)
	p.Body = body
	s.write(w, status, p)
	return nil
}

// showDone is show with what the last form did.
func (s *server) showDone(w http.ResponseWriter, r *http.Request, v *visit, name, title string, body any) error {
	p := s.pageFor(v, name, title)
	p.Done, p.Body = doneTexts[r.URL.Query().Get("done")], body
	s.write(w, http.StatusOK, p)
	return nil
}

// write makes the whole page before any of it is sent, so that a fault in a
// template is no half page.
func (s *server) write(w http.ResponseWriter, status int, p *sheet) {
	if status >= http.StatusBadRequest && status != http.StatusUnauthorized {
		// The title is what a screen reader says first.
		p.Title = "Error: " + p.Title
	}
	var b bytes.Buffer
	if err := s.pages[p.name].Execute(&b, p); err != nil {
		s.Logger.Error("a page of the console cannot be written", "page", p.name, "error", err)
		http.Error(w, "The page cannot be written. The error is in our log.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes()) // a reader that is gone needs none
}

// serveFile serves the style sheet and the icon, to anybody.
func serveFile(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "max-age=300")
	http.ServeFileFS(w, r, pageFiles, "pages"+r.URL.Path)
}

// At is a moment on the hotel's wall, down to the minute.
func (p *sheet) At(t time.Time) template.HTML { return p.moment(t, "2 Jan 2006, 15:04") }

// Day is the day of a moment on the hotel's wall.
func (p *sheet) Day(t time.Time) template.HTML { return p.moment(t, "2 Jan 2006") }

// Period is the days from a moment until another, which is not within. Those of
// the Schedule are of the calendar in UTC, and of no hotel's.
func (p *sheet) Period(from, until time.Time) template.HTML {
	days := *p
	if from.UTC().Equal(from.UTC().Truncate(24 * time.Hour)) {
		days.zone = time.UTC
	}
	first, last := days.Day(from), days.Day(until.Add(-time.Nanosecond))
	if until.Sub(from) <= 24*time.Hour {
		return first
	}
	return first + " to " + last
}

// Clock is the time of a moment on the hotel's wall.
func (p *sheet) Clock(t time.Time) template.HTML { return p.moment(t, "15:04") }

// moment writes a <time>. Nothing in it comes from outside.
func (p *sheet) moment(t time.Time, form string) template.HTML {
	if t.IsZero() {
		return "–"
	}
	local := t.In(p.zone)
	return template.HTML(fmt.Sprintf(`<time datetime="%s">%s</time>`, local.Format(time.RFC3339), local.Format(form)))
}

// Ago is how long ago a moment was, in the largest unit that fits.
func (p *sheet) Ago(t time.Time) string {
	d := p.Now.Sub(t)
	switch {
	case t.IsZero():
		return "never"
	case d < time.Minute:
		return "just now"
	case d < time.Hour:
		return plural(int(d.Minutes()), "minute", "minutes") + " ago"
	case d < 48*time.Hour:
		return plural(int(d.Hours()), "hour", "hours") + " ago"
	}
	return plural(int(d.Hours()/24), "day", "days") + " ago"
}
