package sink

import (
	_ "embed"
	"encoding/json"
	"html/template"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/voicehive/voicehive/internal/notify"
)

//go:embed page.html
var pageSource string

//go:embed page.css
var pageStyle []byte

//go:embed page.js
var pageScript []byte

var page = template.Must(template.New("page").Funcs(template.FuncMap{
	"list": func(to []string) string { return strings.Join(to, ", ") },
}).Parse(pageSource))

// Nothing is loaded from elsewhere, and a message's HTML may do nothing at all:
// it has no scripts, no forms and an origin of its own.
const (
	pagePolicy    = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
	messagePolicy = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; base-uri 'none'; frame-ancestors 'self'"
)

// handler answers to our own names only: else a page of the web could read the
// messages through a name of its own that leads to loopback.
func (s *Sink) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.showPage)
	mux.HandleFunc("GET /page.css", asset("text/css; charset=utf-8", pageStyle))
	mux.HandleFunc("GET /page.js", asset("text/javascript; charset=utf-8", pageScript))
	mux.HandleFunc("GET /messages.json", s.showJSON)
	mux.HandleFunc("GET /messages/{seq}/html", s.showHTML)
	mux.HandleFunc("POST /clear", func(w http.ResponseWriter, r *http.Request) {
		s.Clear()
		http.Redirect(w, r, "/", http.StatusSeeOther)
	})
	mux.HandleFunc("POST /api/sms", s.receiveSMS)
	mux.HandleFunc("GET /api/journal/outbound", s.showJournal)
	protected := http.NewCrossOriginProtection().Handler(mux)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !slices.Contains(s.names(), r.Host) {
			http.Error(w, "This page answers to its own address only.", http.StatusMisdirectedRequest)
			return
		}
		h := w.Header()
		h.Set("Content-Security-Policy", pagePolicy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		r.Body = http.MaxBytesReader(w, r.Body, maxHTTP)
		protected.ServeHTTP(w, r)
	})
}

// names are the hosts that this page goes by.
func (s *Sink) names() []string {
	_, port, _ := net.SplitHostPort(s.httpAddr)
	return []string{s.httpAddr, "localhost:" + port}
}

func asset(kind string, content []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", kind)
		_, _ = w.Write(content)
	}
}

// view is what the page shows.
type view struct {
	Messages       []Received // newest first
	Chosen         *Received
	Headers        []header
	MailURL, SMS   string
	Last           int
	Email, Numbers int
}

type header struct{ Name, Value string }

func (s *Sink) showPage(w http.ResponseWriter, r *http.Request) {
	v := view{Messages: s.Messages(), MailURL: s.MailURL(), SMS: s.SMSURL()}
	slices.Reverse(v.Messages)
	wanted, _ := strconv.Atoi(r.URL.Query().Get("message"))
	for i, m := range v.Messages {
		v.Last = max(v.Last, m.Seq)
		if m.Channel == notify.Email {
			v.Email++
		} else {
			v.Numbers++
		}
		if v.Chosen == nil && (wanted == 0 || m.Seq == wanted) {
			v.Chosen = &v.Messages[i]
		}
	}
	if v.Chosen != nil {
		v.Headers = headers(v.Chosen.Headers)
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_ = page.Execute(w, v)
}

// headers are those of a mail in the order of their names.
func headers(all map[string][]string) []header {
	var sorted []header
	for name, values := range all {
		for _, value := range values {
			sorted = append(sorted, header{name, value})
		}
	}
	slices.SortFunc(sorted, func(a, b header) int { return strings.Compare(a.Name+a.Value, b.Name+b.Value) })
	return sorted
}

func (s *Sink) showHTML(w http.ResponseWriter, r *http.Request) {
	seq, _ := strconv.Atoi(r.PathValue("seq"))
	m, ok := s.message(seq)
	if !ok || m.HTML == "" {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Security-Policy", messagePolicy)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write([]byte(m.HTML))
}

// showJSON answers with what is newer than ?after=, oldest first.
func (s *Sink) showJSON(w http.ResponseWriter, r *http.Request) {
	after, _ := strconv.Atoi(r.URL.Query().Get("after"))
	all := slices.DeleteFunc(s.Messages(), func(m Received) bool { return m.Seq <= after })
	if all == nil {
		all = []Received{}
	}
	writeJSON(w, all)
}

func writeJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}
