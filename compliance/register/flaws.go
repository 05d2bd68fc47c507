package register

import (
	"fmt"
	"slices"
)

// Flaws names what does not agree: an unknown class, activity or recipient, two
// entries of one name, an entry that says too little.
func (r Register) Flaws() []error {
	var flaws []error
	find := func(format string, args ...any) { flaws = append(flaws, fmt.Errorf(format, args...)) }
	seen := map[string]bool{}
	once := func(what string) {
		if seen[what] {
			find("%s stands there twice", what)
		}
		seen[what] = true
	}
	for _, a := range r.Activities {
		once("activity " + a.ID)
		r.flawsOf(a, find)
	}
	for _, p := range r.Recipients {
		once("recipient " + p.ID)
		if p.ID == "" || p.Name == "" || p.Kind == "" || p.What == "" || p.Country == "" {
			find("recipient %q lacks id, name, kind, what or country", p.ID)
		}
	}
	for _, s := range r.Stores {
		once("store " + s.title())
		r.flawsOfStore(s, find)
	}
	return flaws
}

func (r Register) flawsOf(a Activity, find func(string, ...any)) {
	if a.ID == "" || a.Name == "" || a.Purpose == "" || len(a.People) == 0 || len(a.Data) == 0 ||
		len(a.Basis) == 0 || a.Transfers == "" || a.Term == "" || a.Source == "" {
		find("activity %q lacks name, purpose, people, data, basis, transfers, term or source", a.ID)
	}
	if a.Role != ForHotel && a.Role != Own {
		find("activity %q has the role %q", a.ID, a.Role)
	}
	for _, b := range a.Basis {
		if b.Article == "" || b.Why == "" {
			find("activity %q has a basis without article or reason", a.ID)
		}
	}
	for _, id := range a.Recipients {
		if _, ok := r.Recipient(id); !ok {
			find("activity %q names the recipient %q, whom nobody knows", a.ID, id)
		}
	}
	for _, c := range a.Classes {
		if err := c.Validate(); err != nil {
			find("activity %q names the class %q: %w", a.ID, c, err)
		}
	}
}

func (s Store) title() string { return string(s.Kind) + " " + s.Database + " " + s.Name }

var kinds = []Kind{Table, Objects, Queue, Connector, Temporal, Signal, Memory}

func (r Register) flawsOfStore(s Store, find func(string, ...any)) {
	if !slices.Contains(kinds, s.Kind) || s.Name == "" {
		find("a store has the kind %q and the name %q", s.Kind, s.Name)
	}
	if s.Kind == Table && (s.Database != Main && s.Database != Keys || len(s.Columns) == 0) {
		find("the table %q needs a database and columns", s.Name)
	}
	for name, c := range s.Columns {
		if (c.None == "") == (c.Data == "") || c.Data != "" && c.Sealed == "" {
			find("the column %s.%s needs either none with a reason, or data and sealed", s.Name, name)
		}
		if c.Data != "" && !s.Personal() {
			find("the table %q holds none, but its column %q does", s.Name, name)
		}
	}
	if !s.Personal() {
		return
	}
	if s.Holds == "" || s.Eraser == "" || s.Source == "" || len(s.Purposes) == 0 || s.Sealed == "" {
		find("the store %q lacks holds, sealed, eraser, source or purposes", s.title())
	}
	own := !slices.ContainsFunc(s.Purposes, func(id string) bool { a, _ := r.Activity(id); return a.Role != Own })
	for _, c := range append([]Class{s.Class}, s.Also...) {
		// Data of users and not of guests has no class.
		if err := c.Validate(); err != nil && !(own && c == "") {
			find("the store %q has the class %q: %w", s.title(), c, err)
		}
	}
	for _, id := range s.Purposes {
		if _, ok := r.Activity(id); !ok {
			find("the store %q names the activity %q, which nobody knows", s.title(), id)
		}
	}
}
