package letters

import "text/template"

type textTemplate = template.Template

// mustComplain tells that a letter must say how to complain (Article 12(4)
// GDPR): where nothing is done, or not all of it.
func mustComplain(data Data) bool {
	switch data.(type) {
	case Refusal, Partly, Deferral:
		return true
	}
	return len(kept(data)) > 0
}

func reasons(data Data) []string {
	switch d := data.(type) {
	case Extension:
		return d.Reasons
	case Refusal:
		return d.Reasons
	case Partly:
		return d.Reasons
	}
	return nil
}

func kept(data Data) []Kept {
	switch d := data.(type) {
	case Completion:
		return d.Kept
	case Certificate:
		return d.Kept
	case Partly:
		return d.Kept
	}
	return nil
}

func explanation(data Data) string {
	if d, ok := data.(Refusal); ok {
		return d.Explanation
	}
	return ""
}

func link(data Data) string {
	switch d := data.(type) {
	case Completion:
		return d.Link
	case Certificate:
		return d.Link
	}
	return ""
}
