package credentials

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
)

func text(name string, at func(*Credentials) *string) field {
	return field{
		name: name,
		get: func(c *Credentials) any {
			if *at(c) == "" {
				return nil
			}
			return *at(c)
		},
		set: func(c *Credentials, value any) (reason string) {
			*at(c), reason = textOf(value)
			return reason
		},
	}
}

func secret(name string, at func(*Credentials) *Secret) field {
	return field{
		name: name,
		get: func(c *Credentials) any {
			if at(c).IsZero() {
				return nil
			}
			return at(c).Reveal()
		},
		set: func(c *Credentials, value any) string {
			plain, reason := textOf(value)
			*at(c) = NewSecret(plain)
			return reason
		},
	}
}

// list reads a list, or one text with spaces or commas, which is all that the
// command line of Vault can write.
func list(name string, at func(*Credentials) *[]string) field {
	return field{
		name: name,
		get: func(c *Credentials) any {
			if len(*at(c)) == 0 {
				return nil
			}
			all := make([]any, len(*at(c)))
			for i, each := range *at(c) {
				all[i] = each
			}
			return all
		},
		set: func(c *Credentials, value any) string {
			if joined, ok := value.(string); ok {
				*at(c) = strings.FieldsFunc(joined, func(r rune) bool { return r == ' ' || r == ',' })
				return ""
			}
			all, ok := value.([]any)
			if !ok || len(all) > maxEntries {
				return fmt.Sprintf("must be a list of at most %d texts", maxEntries)
			}
			*at(c) = nil
			for _, each := range all {
				one, reason := textOf(each)
				if reason != "" {
					return reason
				}
				if strings.ContainsAny(one, " ,") {
					return "must have one name an item, without spaces and commas"
				}
				*at(c) = append(*at(c), one)
			}
			return ""
		},
	}
}

func byName(name string, at func(*Credentials) *map[string]Secret) field {
	return field{
		name: name,
		get: func(c *Credentials) any {
			if len(*at(c)) == 0 {
				return nil
			}
			all := make(map[string]any, len(*at(c)))
			for each, value := range *at(c) {
				all[each] = value.Reveal()
			}
			return all
		},
		set: func(c *Credentials, value any) string {
			all, ok := value.(map[string]any)
			if !ok || len(all) == 0 || len(all) > maxEntries {
				return fmt.Sprintf("must hold from 1 to %d texts by name", maxEntries)
			}
			*at(c) = make(map[string]Secret, len(all))
			for _, each := range slices.Sorted(maps.Keys(all)) {
				if !namePattern.MatchString(each) || len(each) > 64 {
					return "has a name that cannot be sent; use letters, digits, - and _"
				}
				plain, reason := textOf(all[each])
				if reason != "" {
					return each + ": " + reason
				}
				(*at(c))[each] = NewSecret(plain)
			}
			return ""
		},
	}
}

var namePattern = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)

func moment(name string, at func(*Credentials) *time.Time) field {
	return field{
		name: name,
		get: func(c *Credentials) any {
			if at(c).IsZero() {
				return nil
			}
			return at(c).UTC().Format(time.RFC3339Nano)
		},
		set: func(c *Credentials, value any) string {
			switch v := value.(type) {
			case time.Time: // YAML knows times
				*at(c) = v
				return ""
			case string:
				parsed, err := time.Parse(time.RFC3339Nano, v)
				if err == nil {
					*at(c) = parsed
					return ""
				}
			}
			return "must be a time of RFC 3339, such as 2026-11-22T14:00:00Z"
		},
	}
}

// textOf refuses what a header or a form cannot carry, and the line end that
// pasting leaves behind, which no vendor would tell from a wrong secret.
func textOf(value any) (text, reason string) {
	text, ok := value.(string)
	switch {
	case !ok:
		return "", "must be text; put it in quotes"
	case text == "":
		return "", "is empty"
	case len(text) > maxValue:
		return "", fmt.Sprintf("is longer than %d bytes", maxValue)
	case strings.TrimSpace(text) != text:
		return "", "has spaces or line ends around it"
	case strings.ContainsFunc(text, unicode.IsControl):
		return "", "has control characters"
	}
	return text, ""
}
