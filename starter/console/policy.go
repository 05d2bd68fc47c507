package console

import (
	"net/http"
	"slices"

	"github.com/voicehive/voicehive/compliance/register"
	"github.com/voicehive/voicehive/compliance/retention"
	"github.com/voicehive/voicehive/starter"
)

// A policyPage is what policy.html shows.
type policyPage struct {
	starter.RetentionPolicy
	Class   string
	Classes []register.Class
}

// showPolicy shows the rules for the hotel.
func (s *server) showPolicy(w http.ResponseWriter, r *http.Request, v *visit) (err error) {
	page := policyPage{Class: r.URL.Query().Get("class")}
	whole, err := s.Retention.Policy(r.Context(), v.hotel.ID, "")
	if err != nil {
		return err
	}
	for _, rule := range whole.Rules {
		if !slices.Contains(page.Classes, rule.Class) {
			page.Classes = append(page.Classes, rule.Class)
		}
	}
	page.RetentionPolicy = whole
	if slices.Contains(page.Classes, register.Class(page.Class)) {
		page.Rules = slices.DeleteFunc(slices.Clone(whole.Rules), func(rule retention.Rule) bool { return string(rule.Class) != page.Class })
	}
	return s.show(w, v, http.StatusOK, "policy", "Retention rules", page)
}

// Own is the hotel's own term for a class; "" where it set none.
func (p policyPage) Own(class register.Class) string {
	for _, setting := range p.Settings {
		if setting.Class == class {
			return periodText(setting.Period)
		}
	}
	return ""
}
