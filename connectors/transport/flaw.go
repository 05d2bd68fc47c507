package transport

import (
	"bytes"
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
)

// findFlaw looks for the value of an answer that cannot be decoded, and tells
// its path and what is wrong with it. encoding/json's own error names no field
// when a type decodes itself (dates, amounts), and it quotes numbers. The path
// is made of our struct tags and of indexes, never of what the vendor sent.
func findFlaw(body []byte, t reflect.Type) (path, flaw string) {
	if flaw := syntaxFlaw(body); flaw != "" {
		return "", flaw
	}
	path, flaw = descend(body, t, "")
	return strings.TrimPrefix(path, "."), flaw
}

// descend goes down into the part of a value that cannot be decoded. It is
// called for values that are valid JSON; its depth is that of the Go type or,
// where the type holds itself, of the value, which encoding/json bounds.
func descend(raw json.RawMessage, t reflect.Type, path string) (string, string) {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if !decodesItself(t) {
		switch t.Kind() {
		case reflect.Struct:
			if at, flaw := descendStruct(raw, t, path); flaw != "" {
				return at, flaw
			}
		case reflect.Slice, reflect.Array:
			if at, flaw := descendList(raw, t, path); flaw != "" {
				return at, flaw
			}
		case reflect.Map:
			if at, flaw := descendMap(raw, t, path); flaw != "" {
				return at, flaw
			}
		}
	}
	if json.Unmarshal(raw, reflect.New(t).Interface()) == nil {
		return "", ""
	}
	return path, fmt.Sprintf("%s where %s belongs", found(raw), wanted(t))
}

func descendStruct(raw json.RawMessage, t reflect.Type, path string) (string, string) {
	var values map[string]json.RawMessage
	if json.Unmarshal(raw, &values) != nil {
		return "", ""
	}
	for i := range t.NumField() {
		field := t.Field(i)
		name, options, _ := strings.Cut(field.Tag.Get("json"), ",")
		// A number that is quoted by its tag is no field to look into.
		if name == "-" || options == "string" || !field.IsExported() && !field.Anonymous {
			continue
		}
		if field.Anonymous && name == "" {
			if at, flaw := descend(raw, field.Type, path); flaw != "" {
				return at, flaw
			}
			continue
		}
		if name == "" {
			name = field.Name
		}
		value, there := lookUp(values, name)
		if !there {
			continue
		}
		if at, flaw := descend(value, field.Type, path+"."+name); flaw != "" {
			return at, flaw
		}
	}
	return "", ""
}

// lookUp finds a key as encoding/json does: exactly, else without regard to case.
func lookUp(values map[string]json.RawMessage, name string) (json.RawMessage, bool) {
	if value, ok := values[name]; ok {
		return value, true
	}
	for key, value := range values {
		if strings.EqualFold(key, name) {
			return value, true
		}
	}
	return nil, false
}

func descendList(raw json.RawMessage, t reflect.Type, path string) (string, string) {
	var values []json.RawMessage
	if json.Unmarshal(raw, &values) != nil {
		return "", ""
	}
	for i, value := range values {
		if at, flaw := descend(value, t.Elem(), fmt.Sprintf("%s[%d]", path, i)); flaw != "" {
			return at, flaw
		}
	}
	return "", ""
}

// descendMap hides the key: it comes from the vendor.
func descendMap(raw json.RawMessage, t reflect.Type, path string) (string, string) {
	var values map[string]json.RawMessage
	if json.Unmarshal(raw, &values) != nil {
		return "", ""
	}
	for _, value := range values {
		if at, flaw := descend(value, t.Elem(), path+".*"); flaw != "" {
			return at, flaw
		}
	}
	return "", ""
}

var (
	unmarshaler     = reflect.TypeFor[json.Unmarshaler]()
	textUnmarshaler = reflect.TypeFor[encoding.TextUnmarshaler]()
)

func decodesItself(t reflect.Type) bool {
	return reflect.PointerTo(t).Implements(unmarshaler) || reflect.PointerTo(t).Implements(textUnmarshaler)
}

// found names the kind of a JSON value.
func found(raw json.RawMessage) string {
	switch bytes.TrimSpace(raw)[0] {
	case '"':
		return "a string"
	case '{':
		return "an object"
	case '[':
		return "a list"
	case 't', 'f':
		return "true or false"
	case 'n':
		return "null"
	}
	return "a number"
}

// wanted names what a Go type takes.
func wanted(t reflect.Type) string {
	if decodesItself(t) {
		return "another form (" + t.Name() + ")"
	}
	switch t.Kind() {
	case reflect.String:
		return "a string"
	case reflect.Bool:
		return "true or false"
	case reflect.Struct, reflect.Map:
		return "an object"
	case reflect.Slice, reflect.Array:
		return "a list"
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return "a whole number in range"
	}
	return "a number"
}
