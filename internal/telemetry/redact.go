package telemetry

import (
	"context"
	"fmt"
	"log/slog"
	"reflect"
	"regexp"
	"slices"
	"strings"
)

// A Redactor hides what a text says about a person. It must be safe for
// concurrent use, and quick: it sees every line of the log.
type Redactor interface {
	Redact(text string) string
}

// redacting is a slog.Handler in front of another: no text passes it unread.
// Errors and what libraries log are texts like any other; a value that is no
// text, number or time does not pass at all, for nobody knows what it prints.
type redacting struct {
	next      slog.Handler
	redactors []Redactor
}

// Redacting puts the built-in patterns, and then the redactors, in front of a
// handler.
func Redacting(next slog.Handler, redactors ...Redactor) slog.Handler {
	return &redacting{next: next, redactors: append([]Redactor{patterns{}}, redactors...)}
}

// Enabled implements slog.Handler.
func (h *redacting) Enabled(ctx context.Context, level slog.Level) bool {
	return h.next.Enabled(ctx, level)
}

// Handle implements slog.Handler.
func (h *redacting) Handle(ctx context.Context, r slog.Record) error {
	clean := slog.NewRecord(r.Time, r.Level, h.text(r.Message), r.PC)
	r.Attrs(func(a slog.Attr) bool {
		clean.AddAttrs(h.attr(a))
		return true
	})
	return h.next.Handle(ctx, clean)
}

// WithAttrs implements slog.Handler.
func (h *redacting) WithAttrs(attrs []slog.Attr) slog.Handler {
	clean := make([]slog.Attr, len(attrs))
	for i, a := range attrs {
		clean[i] = h.attr(a)
	}
	return &redacting{next: h.next.WithAttrs(clean), redactors: h.redactors}
}

// WithGroup implements slog.Handler.
func (h *redacting) WithGroup(name string) slog.Handler {
	return &redacting{next: h.next.WithGroup(name), redactors: h.redactors}
}

func (h *redacting) attr(a slog.Attr) slog.Attr {
	value := a.Value.Resolve()
	switch value.Kind() {
	case slog.KindString:
		if !isID(a.Key, value.String()) {
			value = slog.StringValue(h.text(value.String()))
		}
	case slog.KindGroup:
		members := slices.Clone(value.Group())
		for i := range members {
			members[i] = h.attr(members[i])
		}
		value = slog.GroupValue(members...)
	case slog.KindAny:
		value = h.any(value.Any())
	}
	return slog.Attr{Key: a.Key, Value: value}
}

// any shows what has a text of its own, and lists of texts. A value that cannot
// tell its text, such as a nil pointer to an error, must not end the process.
func (h *redacting) any(v any) (text slog.Value) {
	defer func() {
		if recover() != nil {
			text = slog.StringValue(fmt.Sprintf("[hidden %T]", v))
		}
	}()
	switch v := v.(type) {
	case nil:
		return slog.AnyValue(nil)
	case error:
		return slog.StringValue(h.text(v.Error()))
	case []string:
		clean := make([]string, len(v))
		for i, text := range v {
			clean[i] = h.text(text)
		}
		return slog.AnyValue(clean)
	case fmt.Stringer:
		return slog.StringValue(h.text(v.String()))
	}
	switch of := reflect.ValueOf(v); of.Kind() {
	case reflect.String:
		return slog.StringValue(h.text(of.String()))
	case reflect.Bool, reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Float32, reflect.Float64:
		return slog.AnyValue(v)
	}
	return slog.StringValue(fmt.Sprintf("[hidden %T]", v))
}

func (h *redacting) text(s string) string {
	for _, r := range h.redactors {
		s = r.Redact(s)
	}
	return s
}

// ids are attributes that hold an id of ours or of Temporal's. They are looked
// up in earnest, and may hold many digits by chance.
var ids = []string{"request", "hotel", "booking", "reservation", "reference", "scope", "Namespace", "TaskQueue", "WorkflowID", "RunID", "ActivityID", "UpdateID", "WorkerID", "build", "BuildID", "TraceID", "SpanID"}

// idPattern is what such an id looks like; a telephone number or an e-mail
// address does not.
var idPattern = regexp.MustCompile(`^[A-Za-z0-9]([\w./:=-]*[A-Za-z][\w./:=-]*)?$`)

func isID(key, value string) bool {
	return slices.Contains(ids, key) && len(value) <= 200 && idPattern.MatchString(value)
}

// patterns is the built-in Redactor: what can be told by its form alone. It
// would rather hide a number too many.
type patterns struct{}

var (
	email  = regexp.MustCompile(`[\p{L}\p{N}._%+'-]+(@|%40)[\p{L}\p{N}.-]+\.[\p{L}]{2,}`)
	secret = regexp.MustCompile(`(?i)\b(bearer|basic)\s+[\w.~+/=-]{8,}|://[^/\s:@]+:[^/\s@]+@`)
	// digits are runs of digits as people write numbers of telephones, cards,
	// passports and accounts.
	digits = regexp.MustCompile(`[+(]?[0-9][0-9 ()./\x{00A0}-]*[0-9]`)
	// moment and address are runs of digits that name no person.
	moment  = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}([ ]\d{1,2})?$|^\d{4}/\d{2}/\d{2}([ ]\d{1,2})?$`)
	address = regexp.MustCompile(`^(\d{1,3}\.){3}\d{1,3}$`)
)

// account is the form of an IBAN.
var account = regexp.MustCompile(`\b[A-Z]{2}\d{2}( ?[A-Z0-9]{4}){2,7}( ?[A-Z0-9]{1,3})?\b`)

// shortest is how many digits a run must have to be hidden. Telephone numbers
// with fewer exist, but so do prices, ports and numbers of milliseconds.
const shortest = 7

// Redact implements Redactor.
func (patterns) Redact(s string) string {
	if strings.ContainsAny(s, "@%:") || strings.Contains(s, " ") {
		s = secret.ReplaceAllString(s, "[secret]")
		s = email.ReplaceAllString(s, "[e-mail]")
	}
	if !strings.ContainsAny(s, "0123456789") {
		return s
	}
	s = account.ReplaceAllString(s, "[account]")
	var out strings.Builder
	end := 0
	for _, at := range digits.FindAllStringIndex(s, -1) {
		run := s[at[0]:at[1]]
		if inWord(s, at[0], at[1]) || count(run) < shortest || moment.MatchString(run) || address.MatchString(run) {
			continue
		}
		out.WriteString(s[end:at[0]])
		out.WriteString("[number]")
		end = at[1]
	}
	if end == 0 {
		return s
	}
	out.WriteString(s[end:])
	return out.String()
}

// inWord tells whether a run of digits is a part of something longer, such as
// an id in hexadecimal digits.
func inWord(s string, from, to int) bool {
	letter := func(b byte) bool { return b == '_' || b|0x20 >= 'a' && b|0x20 <= 'z' }
	return from > 0 && letter(s[from-1]) || to < len(s) && letter(s[to])
}

func count(run string) (n int) {
	for _, r := range run {
		if r >= '0' && r <= '9' {
			n++
		}
	}
	return n
}
