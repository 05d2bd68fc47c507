package console

import (
	"errors"
	"net/http"
	"regexp"
	"strings"

	"github.com/voicehive/voicehive/starter"
)

// A fault is what is wrong with a form. It is shown above the form, which keeps
// what was typed.
type fault struct {
	Status int
	Field  string // the name of the field at fault; "" when it is none alone
	Text   string
}

// Is tells whether there is one.
func (f fault) Is() bool { return f.Text != "" }

// At tells whether it is about a field.
func (f fault) At(field string) bool { return f.Is() && f.Field == field }

// faultOf is what the officer can mend in the form; anything else stays an
// error.
func faultOf(err error) (fault, error) {
	var p *starter.Problem
	if !errors.As(err, &p) {
		return fault{}, err
	}
	switch p.Status {
	case http.StatusUnprocessableEntity, http.StatusConflict, http.StatusNotFound, http.StatusGone, http.StatusTooManyRequests:
		// A store's own words begin with its name; an officer knows no packages.
		text := p.Title + ". " + packageName.ReplaceAllString(p.Detail, "")
		return fault{Status: p.Status, Field: strings.ReplaceAll(strings.TrimPrefix(p.Field, "/"), "/", "_"), Text: text}, nil
	}
	return fault{}, err
}

// packageName begins an error of one of our packages.
var packageName = regexp.MustCompile(`^[a-z]+: `)

// field is a line of a form, without space around it.
func field(v *visit, name string) string { return strings.TrimSpace(v.form.Get(name)) }
