package evaluation

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// ErrFormat is a file that does not keep the format of README.md.
var ErrFormat = errors.New("evaluation: wrong format; README.md tells the right one")

// regions are the hotels' countries where a turn names no other.
var regions = map[string]string{
	"en": "GB", "de": "DE", "fr": "FR", "es": "ES", "it": "IT", "nl": "NL", "pl": "PL",
}

var tagForm = regexp.MustCompile(`^([!?]?)([A-Z][A-Z0-9_]*)(?:/([sk]))?$`)

// Parse reads the turns of one language's file.
func Parse(language, content string) ([]Turn, error) {
	if !utf8.ValidString(content) {
		return nil, fmt.Errorf("%w: %s is not UTF-8", ErrFormat, language)
	}
	var turns []Turn
	section := ""
	for i, line := range strings.Split(content, "\n") {
		if name, ok := strings.CutPrefix(line, "== "); ok {
			section = name
			continue
		}
		if line == "" || line[0] == '#' {
			continue
		}
		turn := Turn{ID: fmt.Sprintf("%s:%d", language, i+1), Section: section}
		turn.Request.Language, turn.Request.Region = language, regions[language]
		if err := turn.parse(line); err != nil {
			return nil, fmt.Errorf("%w: %s: %w", ErrFormat, turn.ID, err)
		}
		turns = append(turns, turn)
	}
	return turns, nil
}

// parse reads a line: attributes in braces, then the text with its marks.
func (t *Turn) parse(line string) error {
	rest := line
	for strings.HasPrefix(rest, "{") {
		var attribute string
		var err error
		if attribute, rest, err = enclosed(rest[1:], '}'); err != nil {
			return err
		}
		if err := t.attribute(attribute); err != nil {
			return err
		}
		var spaced bool
		if rest, spaced = strings.CutPrefix(rest, " "); !spaced {
			return errors.New("no space after an attribute")
		}
	}
	if err := t.text(rest); err != nil {
		return err
	}
	if t.Request.Text == "" || strings.TrimSpace(t.Request.Text) != t.Request.Text {
		return errors.New("the text is empty or has space around it")
	}
	return nil
}

// enclosed gives what stands before the closing byte, still escaped, and what
// follows it.
func enclosed(s string, closing byte) (inner, rest string, err error) {
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case closing:
			return s[:i], s[i+1:], nil
		case '[', '{':
			return "", "", errors.New("brackets inside brackets")
		}
	}
	return "", "", fmt.Errorf("no closing %c", closing)
}

// unescape takes the backslash from before []{};\ and refuses it elsewhere.
func unescape(s string) (string, error) {
	if !strings.ContainsRune(s, '\\') {
		return s, nil
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' {
			i++
			if i == len(s) || !strings.ContainsRune(`[]{};\`, rune(s[i])) {
				return "", errors.New("a backslash before a character that needs none")
			}
		}
		b.WriteByte(s[i])
	}
	return b.String(), nil
}

// list cuts an attribute's value at its unescaped semicolons.
func list(value string) ([]string, error) {
	var items []string
	from := 0
	for i := 0; i <= len(value); i++ {
		if i < len(value) && value[i] == '\\' {
			i++
			continue
		}
		if i < len(value) && value[i] != ';' {
			continue
		}
		item, err := unescape(strings.TrimSpace(value[from:i]))
		if err != nil {
			return nil, err
		}
		if item == "" {
			return nil, errors.New("an empty item in a list")
		}
		items = append(items, item)
		from = i + 1
	}
	return items, nil
}

func (t *Turn) attribute(attribute string) error {
	name, value, _ := strings.Cut(attribute, " ")
	items, err := list(value)
	if err != nil {
		return err
	}
	r := &t.Request
	switch name {
	case "agent":
		r.Agent, err = unescape(value)
	case "region":
		r.Region = items[0]
	case "expect":
		r.Expect = append(r.Expect, items...)
	case "allow":
		r.Allow = append(r.Allow, items...)
	case "known":
		err = t.known(items)
	default:
		err = errors.New("unknown attribute")
	}
	return err
}

func (t *Turn) known(items []string) error {
	r := &t.Request
	kinds := map[string]*[]string{
		"name": &r.Names, "phone": &r.Phones, "email": &r.Emails, "booking": &r.Bookings, "address": &r.Addresses,
	}
	for _, item := range items {
		kind, value, _ := strings.Cut(item, "=")
		values, ok := kinds[kind]
		if !ok || value == "" {
			return errors.New("a known value is neither name, phone, email, booking nor address")
		}
		*values = append(*values, value)
	}
	return nil
}

// text reads the text and its marks.
func (t *Turn) text(s string) error {
	var b strings.Builder
	for s != "" {
		at := unescapedBracket(s)
		plain, err := unescape(s[:at])
		if err != nil {
			return err
		}
		b.WriteString(plain)
		if at == len(s) {
			break
		}
		if s[at] != '[' {
			return fmt.Errorf("a bare %c", s[at])
		}
		inner, rest, err := enclosed(s[at+1:], ']')
		if err != nil {
			return err
		}
		truth, value, err := mark(inner)
		if err != nil {
			return err
		}
		truth.Start = b.Len()
		b.WriteString(value)
		truth.End = b.Len()
		t.Truths = append(t.Truths, truth)
		s = rest
	}
	t.Request.Text = b.String()
	return t.knownMarks()
}

func unescapedBracket(s string) int {
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '[', ']', '{', '}':
			return i
		}
	}
	return len(s)
}

// mark reads what stands between square brackets.
func mark(inner string) (Truth, string, error) {
	tag, value, _ := strings.Cut(inner, " ")
	parts := tagForm.FindStringSubmatch(tag)
	if parts == nil {
		return Truth{}, "", errors.New("a mark without a type")
	}
	value, err := unescape(value)
	if err != nil {
		return Truth{}, "", err
	}
	if value == "" || strings.TrimSpace(value) != value {
		return Truth{}, "", errors.New("a mark is empty or has space around its text")
	}
	truth := Truth{Type: parts[2]}
	switch parts[1] {
	case "?":
		truth.Mark = Optional
	case "!":
		truth.Mark = Invalid
	}
	switch parts[3] {
	case "s":
		truth.Way = Spoken
	case "k":
		truth.Way = KnownBefore
	}
	return truth, value, nil
}

// knownMarks sees that what is marked as known was given.
func (t *Turn) knownMarks() error {
	r := t.Request
	known := slices.Concat(r.Names, r.Phones, r.Emails, r.Bookings, r.Addresses)
	for _, truth := range t.Truths {
		if truth.Way == KnownBefore && len(known) == 0 {
			return errors.New("a mark of a known value without known values")
		}
	}
	return nil
}
