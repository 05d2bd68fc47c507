package access

import (
	"context"
	_ "embed"
	"encoding/json"
	"io"
	"slices"
	"time"

	"github.com/voicehive/voicehive/compliance/register"
	"github.com/voicehive/voicehive/compliance/rights"
)

//go:embed schema/pack-1.schema.json
var schema []byte

// Schema is the JSON Schema of data.json and of the transcripts.
func Schema() []byte { return slices.Clone(schema) }

// A document writes one JSON object, member by member, and lists of it record
// by record.
type document struct {
	into  io.Writer
	begun bool
	err   error
}

func (d *document) raw(text string) {
	if d.err == nil {
		_, d.err = io.WriteString(d.into, text)
	}
}

func (d *document) value(v any) {
	text, err := json.Marshal(v)
	if err != nil && d.err == nil {
		d.err = err
	}
	d.raw(string(text))
}

func (d *document) name(name string) {
	if d.begun {
		d.raw(",\n")
	} else {
		d.raw("{\n")
	}
	d.begun = true
	d.value(name)
	d.raw(": ")
}

func (d *document) member(name string, v any) {
	d.name(name)
	d.value(v)
}

// listed writes a list whose records come one by one.
func listed[T any](ctx context.Context, d *document, name string, each func(context.Context, func(T) error) error) {
	d.name(name)
	d.raw("[")
	first := true
	err := each(ctx, func(v T) error {
		if !first {
			d.raw(",")
		}
		first = false
		d.raw("\n")
		d.value(v)
		return d.err
	})
	if d.err == nil {
		d.err = err
	}
	d.raw("]")
}

// data writes data.json.
func (w *writer) data(ctx context.Context) error {
	f, err := w.file("data.json", true)
	if err != nil {
		return err
	}
	d := &document{into: f}
	d.member("schema", SchemaID)
	d.member("case", w.rights.ID)
	d.member("right", w.right())
	d.member("received_at", w.rights.Clock.Received)
	d.member("generated_at", w.generated.UTC().Truncate(time.Second))
	d.member("language", w.language)
	d.member("controller", Controller{Name: w.hotelEntry.Name, Country: w.hotelEntry.Country, Contact: w.hotelEntry.Privacy})
	d.member("person", Person{Names: some(w.person.Names), Emails: some(w.person.Emails), Phones: some(w.person.Phones)})
	listed(ctx, d, "bookings", w.bookings)
	listed(ctx, d, "companion_of", w.companions)
	listed(ctx, d, "calls", func(_ context.Context, each func(Call) error) error { return eachOf(w.talks, each) })
	listed(ctx, d, "consents", w.consents)
	if !w.portable {
		listed(ctx, d, "messages", w.messages)
		listed(ctx, d, "decisions", w.decisions)
		listed(ctx, d, "disclosures", w.disclosures)
		d.member("processing", w.processing())
	}
	d.raw("\n}\n")
	return named(d.err, "write the data")
}

func (s *source) right() string {
	if s.portable {
		return string(rights.Portability)
	}
	return string(rights.Access)
}

func eachOf[T any](all []T, each func(T) error) error {
	for _, v := range all {
		if err := each(v); err != nil {
			return err
		}
	}
	return nil
}

// some makes an empty list of none, for readers that expect a list.
func some(all []string) []string {
	if all == nil {
		return []string{}
	}
	return all
}

// processing tells of the purposes that what was found is processed for, and
// who gets it by name: the hotel's own system, and not those of other hotels.
func (s *source) processing() Processing {
	p := Processing{Purposes: []Purpose{}, Recipients: []Recipient{}}
	told := map[string]bool{}
	for _, a := range s.Register.Activities {
		if !slices.ContainsFunc(a.Classes, func(c register.Class) bool { return s.present[c] || c == register.Case }) {
			continue
		}
		purpose := Purpose{
			ID: a.ID, Name: a.Name, Purpose: a.Purpose, Categories: a.Data, Recipients: []string{},
			Transfers: a.Transfers, Term: a.Term, Source: a.Source, Automated: a.Automated,
		}
		for _, b := range a.Basis {
			purpose.Basis = append(purpose.Basis, b.Article+": "+b.Why)
		}
		for _, id := range a.Recipients {
			if r, ok := s.Register.Recipient(id); ok && len(s.by(r)) > 0 {
				purpose.Recipients = append(purpose.Recipients, id)
				told[id] = true
			}
		}
		p.Purposes = append(p.Purposes, purpose)
	}
	for _, r := range s.Register.Recipients {
		if told[r.ID] {
			p.Recipients = append(p.Recipients, s.by(r)...)
		}
	}
	return p
}

// by are those who a recipient of the register is for this hotel: none where it
// is another hotel's system, or nobody in this installation.
func (s *source) by(r register.Recipient) []Recipient {
	if r.Vendor != "" && r.Vendor != s.hotelEntry.Vendor {
		return nil
	}
	out := Recipient{ID: r.ID, Name: r.Name, Kind: r.Kind, What: r.What, Country: r.Country}
	if r.ID == "hotel" { // the register knows no hotel's name
		out.Name, out.Country = s.hotelEntry.Name, s.hotelEntry.Country
	}
	names, known := s.recipients[r.ID]
	if !known {
		return []Recipient{out}
	}
	var all []Recipient
	for _, n := range names {
		one := out
		one.Name, one.What = n.Name, r.Name+". "+r.What
		if n.Country != "" {
			one.Country = n.Country
		}
		all = append(all, one)
	}
	return all
}
