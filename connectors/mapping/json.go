package mapping

import (
	"encoding/json"
	"errors"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/voicehive/voicehive/connectors/pms"
)

// JSON writes a value that can be nothing but written: one of a vendor
// package's own types. Any other is a bug, and panics.
func JSON(v any) json.RawMessage {
	data, err := json.Marshal(v)
	if err != nil {
		panic("mapping: " + err.Error())
	}
	return data
}

// Wrong is what the types here answer to a value of another form, and what a
// vendor's own type should answer from its UnmarshalJSON. It is the decoder's
// own error, so that the decoder adds the name of the field on the way out,
// which it does to no other error; form says what came and never quotes it.
func Wrong[T any](form string) error {
	return &json.UnmarshalTypeError{Value: form, Type: reflect.TypeFor[T]()}
}

// Kind names the kind of a JSON value: a form for Wrong when the kind alone is
// wrong.
func Kind(value []byte) string {
	switch value[0] {
	case '"':
		return "string"
	case '{':
		return "object"
	case '[':
		return "array"
	case 't', 'f':
		return "bool"
	case 'n':
		return "null"
	}
	return "number"
}

// A Decimal is a number of JSON with the digits as they were sent: as a float
// they would be others. A number within a string is refused. Empty is none.
type Decimal string

// UnmarshalJSON reads a number or null.
func (d *Decimal) UnmarshalJSON(data []byte) error {
	switch first := data[0]; {
	case string(data) == "null":
		return nil
	case first != '-' && (first < '0' || first > '9'):
		return Wrong[Decimal](Kind(data))
	}
	*d = Decimal(data)
	return nil
}

// MarshalJSON writes the digits, and 0 for none.
func (d Decimal) MarshalJSON() ([]byte, error) {
	if d == "" {
		return []byte("0"), nil
	}
	return []byte(d), nil
}

// Money reads an amount of a currency, rounded half away from zero to its
// minor unit, for many vendors send binary fractions. Neither a number nor a
// currency is no money at all.
func (d Decimal) Money(currency string) (pms.Money, error) {
	if d == "" && currency == "" {
		return pms.Money{}, nil
	}
	amount, err := pms.RoundMoney(string(d), currency)
	if err != nil {
		return pms.Money{}, Wrong[pms.Money]("amount or currency in another form")
	}
	return amount, nil
}

// A Moment is a date-time with an offset, and with any fraction of a second.
// Empty and null are the zero time.
type Moment struct{ time.Time }

// UnmarshalJSON reads a string of RFC 3339, "" or null.
func (m *Moment) UnmarshalJSON(data []byte) error {
	var text string
	if json.Unmarshal(data, &text) != nil {
		return Wrong[Moment](Kind(data))
	}
	if text == "" {
		*m = Moment{}
		return nil
	}
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return Wrong[Moment]("string that is no date-time with an offset")
	}
	m.Time = at
	return nil
}

// Day is the date that the wall clock in zone shows, none for the zero time.
func (m Moment) Day(zone *time.Location) pms.Date {
	if m.IsZero() {
		return pms.Date{}
	}
	return pms.DateOf(m.In(zone))
}

// Milliseconds are a moment counted since 1970. What is none becomes the zero
// time instead of an error: it is for the times of events, and an event counts
// without its time too.
type Milliseconds struct{ time.Time }

// UnmarshalJSON reads whatever there is.
func (m *Milliseconds) UnmarshalJSON(data []byte) error {
	*m = Milliseconds{}
	var ms int64
	end := time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli()
	if json.Unmarshal(data, &ms) == nil && ms > 0 && ms < end {
		m.Time = time.UnixMilli(ms).UTC()
	}
	return nil
}

// A Text is a string, or strings by language, of which English is taken first.
type Text string

// UnmarshalJSON reads a string, an object of strings, or null.
func (t *Text) UnmarshalJSON(data []byte) error {
	var plain string
	if json.Unmarshal(data, &plain) == nil {
		*t = Text(plain)
		return nil
	}
	var byLanguage map[string]string
	if json.Unmarshal(data, &byLanguage) != nil {
		return Wrong[Text](Kind(data))
	}
	*t = ""
	for _, language := range append([]string{"en"}, slices.Sorted(maps.Keys(byLanguage))...) {
		if *t == "" {
			*t = Text(byLanguage[language])
		}
	}
	return nil
}

// A List reads its elements one by one, so that a strange one does not hide
// the others. Whoever uses it must ask Strange when too little is left.
type List[T any] struct {
	Items []T
	// Strange is why the last element that was left out could not be read.
	Strange error
}

// UnmarshalJSON reads an array or null.
func (l *List[T]) UnmarshalJSON(data []byte) error {
	var elements []json.RawMessage
	if err := json.Unmarshal(data, &elements); err != nil {
		return err
	}
	*l = List[T]{}
	for _, element := range elements {
		var item T
		if err := json.Unmarshal(element, &item); err != nil {
			l.Strange = withoutEmbedded(err, reflect.TypeFor[T]())
			continue
		}
		l.Items = append(l.Items, item)
	}
	return nil
}

// withoutEmbedded takes from the field that a decoder names the steps into
// embedded structs, which are ours and not the vendor's.
func withoutEmbedded(err error, t reflect.Type) error {
	var form *json.UnmarshalTypeError
	if !errors.As(err, &form) {
		return err
	}
	var path []string
	for name := range strings.SplitSeq(form.Field, ".") {
		for t.Kind() == reflect.Slice || t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
		at := slices.IndexFunc(reflect.VisibleFields(structOf(t)), func(f reflect.StructField) bool {
			tag, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			return len(f.Index) == 1 && (tag == name || f.Anonymous && f.Name == name)
		})
		if at < 0 {
			path = append(path, name)
			continue
		}
		field := reflect.VisibleFields(t)[at]
		if !field.Anonymous {
			path = append(path, name)
		}
		t = field.Type
	}
	form.Field = strings.Join(path, ".")
	return form
}

// structOf is the type itself, or one without fields for what is no struct.
func structOf(t reflect.Type) reflect.Type {
	if t.Kind() != reflect.Struct {
		return reflect.TypeFor[struct{}]()
	}
	return t
}

// Readable maps a list's elements. One that cannot be mapped is left out like
// one that cannot be read; when none is left because of that, it is an error.
func Readable[A, B any](list List[A], to func(A) (B, error)) ([]B, error) {
	var mapped []B
	strange := list.Strange
	for _, item := range list.Items {
		if b, err := to(item); err == nil {
			mapped = append(mapped, b)
		} else {
			strange = err
		}
	}
	if len(mapped) > 0 {
		return mapped, nil
	}
	return nil, strange
}

// Overlay replaces fields of an object and keeps the others, which the caller
// need not know. An empty text takes its field away.
func Overlay(object json.RawMessage, fields map[string]string) (json.RawMessage, error) {
	var whole map[string]json.RawMessage
	if err := json.Unmarshal(object, &whole); err != nil {
		return nil, err
	}
	if whole == nil {
		return nil, Malformed("")
	}
	for name, value := range fields {
		whole[name] = JSON(value)
		if value == "" {
			delete(whole, name)
		}
	}
	return JSON(whole), nil
}

// Identified is a thing with an id, to be embedded. As the whole of an answer
// it is untrustworthy without a valid one: Check is what transport asks for.
type Identified struct {
	ID string `json:"id"`
}

// Check refuses an id that is none.
func (i *Identified) Check() error {
	if !ValidID(i.ID) {
		return Malformed("id")
	}
	return nil
}

// Present checks an answer that came without a body, where one may: what must
// be there checks itself as for transport, a list may be empty.
func Present(out any) error {
	if whole, ok := out.(interface{ Check() error }); ok {
		return whole.Check()
	}
	return nil
}
