package console

import (
	"net/http"
	"regexp"
	"strings"

	"github.com/voicehive/voicehive/starter"
)

func (s *server) procedureRoutes(mux *http.ServeMux) {
	mux.Handle("GET /h/{hotel}/procedure", s.at(func(w http.ResponseWriter, r *http.Request, v *visit) error {
		return s.writeProcedure(w, r, v, fault{})
	}))
	mux.Handle("POST /h/{hotel}/procedure", s.act(func(w http.ResponseWriter, r *http.Request, v *visit) error {
		_, err := s.Procedure.ConfirmProcedure(r.Context(), v.hotel.ID, v.who(), starter.ProcedureConfirmation{Version: field(v, "version")})
		wrong, err := faultOf(err)
		if err != nil {
			return err
		}
		if wrong.Is() {
			wrong.Field = "" // the field is hidden
			return s.writeProcedure(w, r, v, wrong)
		}
		s.done(w, r, v, "/procedure", "confirmed")
		return nil
	}))
}

// A procedurePage is what procedure.html shows.
type procedurePage struct {
	starter.Procedure
	Intro string
	Rules []rule
	Fault fault
}

// A rule is one of the procedure's numbered ones.
type rule struct{ Head, Text string }

func (s *server) writeProcedure(w http.ResponseWriter, r *http.Request, v *visit, wrong fault) error {
	p, err := s.Procedure.Procedure(r.Context(), v.hotel.ID, v.who())
	if err != nil {
		return err
	}
	page := procedurePage{Procedure: p, Fault: wrong}
	page.Intro, page.Rules = rulesIn(p.Text)
	to := s.pageFor(v, "procedure", "Procedure")
	to.Done, to.Body = doneTexts[r.URL.Query().Get("done")], page
	status := http.StatusOK
	if wrong.Is() {
		status = wrong.Status
	}
	s.write(w, status, to)
	return nil
}

var ruleStart = regexp.MustCompile(`^\d+\. \*\*(.+?)\*\*`)

// rulesIn takes the procedure's Markdown apart: what comes before the first
// numbered rule, and the rules.
func rulesIn(text string) (intro string, rules []rule) {
	for line := range strings.Lines(strings.ReplaceAll(text, "`", "")) {
		line = strings.TrimSpace(line)
		if head := ruleStart.FindStringSubmatch(line); head != nil {
			rules = append(rules, rule{head[1], line[len(head[0]):]})
			continue
		}
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if len(rules) == 0 {
			intro += " " + line
			continue
		}
		rules[len(rules)-1].Text += " " + line
	}
	return strings.TrimSpace(intro), rules
}
