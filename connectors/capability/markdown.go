package capability

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/voicehive/voicehive/connectors/pms"
)

//go:generate go test -run TestDocumentIsCurrent -update

// Markdown shows the matrix as tables for people, with the source of each
// value. docs/capabilities.md is the program's own matrix.
func Markdown(m *Matrix) []byte {
	var b strings.Builder
	b.WriteString(`# What each hotel system can do

Written from connectors/capability/matrix.yaml by ` + "`go generate ./connectors/capability`" + `; do not edit it.

A star marks what no document of the vendor's tells: it is an assumption of ours, named in the
vendor's own table. Ask the vendor before you rely on it. Files are the vendor's published
specifications; "told in text" marks calls that stand in none of them. 0 is no limit, or none.

`)
	operations(&b, m)
	values(&b, m)
	for _, name := range m.Vendors() {
		m.vendors[name].write(&b, name)
	}
	return []byte(b.String())
}

// row writes one line of a table.
func row(b *strings.Builder, cells ...string) {
	escape := strings.NewReplacer("|", `\|`, "\n", " ")
	for _, cell := range cells {
		b.WriteString("| " + escape.Replace(cell) + " ")
	}
	b.WriteString("|\n")
}

func head(b *strings.Builder, cells ...string) {
	row(b, cells...)
	b.WriteString(strings.Repeat("|---", len(cells)) + "|\n")
}

// titles are the heads of the columns of vendors.
func titles(m *Matrix) []string {
	var names []string
	for _, name := range m.Vendors() {
		names = append(names, m.vendors[name].Title)
	}
	return names
}

func operations(b *strings.Builder, m *Matrix) {
	b.WriteString("## Operations\n\n")
	head(b, append([]string{"operation"}, titles(m)...)...)
	for _, o := range pms.Operations() {
		cells := []string{string(o)}
		for _, name := range m.Vendors() {
			operation := m.vendors[name].Operations[o]
			cells = append(cells, string(operation.Support)+star(operation.Unconfirmed))
		}
		row(b, cells...)
	}
	b.WriteString("\n\"rebook\" is not in the vendor's hands: a new booking is made, then the old one is cancelled.\n\n")
}

func values(b *strings.Builder, m *Matrix) {
	b.WriteString("## Limits, constraints and times\n\n")
	head(b, append([]string{"value"}, titles(m)...)...)
	all := make([][]shown, 0, len(m.vendors))
	for _, name := range m.Vendors() {
		all = append(all, m.vendors[name].numbers())
	}
	for i := range all[0] {
		cells := []string{all[0][i].name}
		for _, facts := range all {
			cells = append(cells, facts[i].value+star(facts[i].unconfirmed))
		}
		row(b, cells...)
	}
	b.WriteString("\n")
}

func star(unconfirmed bool) string {
	if unconfirmed {
		return " *"
	}
	return ""
}

// shown is a fact as text.
type shown struct {
	name, value string
	unconfirmed bool
	because     string // its source, or what was assumed
}

func show[T any](name string, f Fact[T], text func(T) string) shown {
	return shown{name: name, value: text(f.Value), unconfirmed: f.Unconfirmed, because: because(f.Source, f.Note)}
}

func because(source, note string) string {
	switch {
	case source == "":
		return "assumed: " + note
	case note == "":
		return source
	}
	return source + " (" + note + ")"
}

func plain(s string) string   { return s }
func number(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

func yesNo(yes bool) string {
	if yes {
		return "yes"
	}
	return "no"
}

// wait shows a time without the zeros that time.Duration ends with.
func wait(d time.Duration) string {
	text := strings.TrimSuffix(d.String(), "0s")
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	if text == "" || text[len(text)-1] < 'a' {
		return d.String()
	}
	return text
}

// numbers are the facts that vendors can be compared by.
func (v *Vendor) numbers() []shown {
	c, l, t := v.Constraints, v.Limits, v.Timing
	return []shown{
		show("our pace for a credential", l.Pace, func(p Pace) string {
			return fmt.Sprintf("%s a second, %d at once", number(p.PerSecond), p.Burst)
		}),
		show("reads' share of it", l.ReadsShare, number),
		show("task queue, a second", l.QueuePerSecond, number),
		show("stays in one reservation", c.MaxStays, strconv.Itoa),
		show("nights in one query or stay", c.MaxNights, strconv.Itoa),
		show("days ahead", c.MaxAhead, strconv.Itoa),
		show("a stay that has begun can be changed", c.PartialAmend, yesNo),
		show("rooms in one query", c.RoomsPerQuery, strconv.Itoa),
		show("largest page", c.PageSize, strconv.Itoa),
		show("ids in one filter", c.IDsPerQuery, strconv.Itoa),
		show("children", c.Children, plain),
		show("currencies", c.Currencies, plain),
		show("hold", c.Hold, plain),
		show("idempotency keys live for", t.KeyWindow, wait),
		show("a write may take effect for", t.WriteTimeout, wait),
		show("a list may lag by", t.ListLag, wait),
		show("a read is asked twice after", t.HedgeAfter, wait),
	}
}

// words are the facts that only make sense in a vendor's own table.
func (v *Vendor) words() []shown {
	facts := []shown{
		show("interface", v.Interface.API, plain),
		show("authentication", v.Interface.Auth, plain),
		show("regions", v.Interface.Regions, func(all []string) string { return strings.Join(all, ", ") }),
		show("events", v.Interface.Events, plain),
	}
	for _, window := range v.Limits.Windows {
		facts = append(facts, show("limit of the vendor's", window, func(w Window) string {
			soft := ""
			if w.Soft {
				soft = ", soft"
			}
			return fmt.Sprintf("%d requests in %s by %s%s", w.Requests, wait(w.Per), w.Scope, soft)
		}))
	}
	return facts
}

func (v *Vendor) write(b *strings.Builder, name string) {
	fmt.Fprintf(b, "## %s\n\n`%s` in a hotel's entry and in the matrix.\n\n", v.Title, name)
	head(b, "what", "value", "source")
	for _, f := range slices.Concat(v.words(), v.numbers()) {
		row(b, f.name, f.value+star(f.unconfirmed), f.because)
	}
	b.WriteString("\n")
	head(b, "operation", "", "calls", "source")
	for _, o := range pms.Operations() {
		operation := v.Operations[o]
		row(b, string(o), string(operation.Support)+star(operation.Unconfirmed), calls(operation), because(operation.Source, operation.Note))
	}
	b.WriteString("\n")
}

func calls(o Operation) string {
	var all []string
	for _, call := range o.Calls {
		all = append(all, "`"+call+"`")
	}
	for _, call := range o.Prose {
		all = append(all, "`"+call+"` (told in text)")
	}
	return strings.Join(all, ", ")
}
