package client

import (
	"fmt"
	"strings"

	"github.com/voicehive/voicehive/connectors/pms"
)

// A Problem is the API's refusal, as RFC 9457 has it.
type Problem struct {
	Type         string      `json:"type"`
	Title        string      `json:"title"`
	Status       int         `json:"status"`
	Detail       string      `json:"detail"`
	Instance     string      `json:"instance"` // the request's id, for the log
	Field        string      `json:"field"`    // JSON pointer to the input at fault
	Say          string      `json:"say"`      // a sentence for the caller
	RetryAfter   int         `json:"retry_after"`
	Alternatives []pms.Offer `json:"alternatives"`
}

// Code is the stable name of the kind, such as sold-out; "" when the answer
// was not the API's.
func (p *Problem) Code() string { return strings.TrimPrefix(p.Type, "/problems/") }

// Error tells code, detail and field in one line.
func (p *Problem) Error() string {
	text := p.Title
	if p.Detail != "" {
		text = p.Detail
	}
	if p.Field != "" {
		text += " (" + p.Field + ")"
	}
	if p.Code() == "" {
		return fmt.Sprintf("%s (HTTP %d)", text, p.Status)
	}
	return p.Code() + ": " + text
}
