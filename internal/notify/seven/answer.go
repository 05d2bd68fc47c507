package seven

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/voicehive/voicehive/internal/notify"
)

// Codes of the gateway, by its documentation. It answers with one of them
// alone, or inside JSON as "success" and as a message's "error".
const (
	codeNoCarrier     = "11"
	codeSent          = "100"
	codePartly        = "101"
	codeSender        = "201"
	codeRecipient     = "202"
	codeNoRecipient   = "301"
	codeNoText        = "305"
	codeTooLong       = "401"
	codeReloadLock    = "402"
	codeDailyLimit    = "403"
	codeCredit        = "500"
	codeCarrierFailed = "600"
	codeUnknown       = "700"
	codeKey           = "900"
	codeKeyDisabled   = "902"
	codeOrigin        = "903"
)

// failures say what each code means for a message.
var failures = map[string]notify.Error{
	codeNoCarrier:     {Outcome: notify.ErrTemporary, Problem: notify.ProblemBusy},
	codeCarrierFailed: {Outcome: notify.ErrTemporary, Problem: notify.ProblemBusy},
	codeDailyLimit:    {Outcome: notify.ErrTemporary, Problem: notify.ProblemBusy, RetryAfter: time.Hour},
	codeSender:        {Outcome: notify.ErrTemporary, Problem: notify.ProblemConfiguration},
	codeCredit:        {Outcome: notify.ErrTemporary, Problem: notify.ProblemConfiguration},
	codeKey:           {Outcome: notify.ErrTemporary, Problem: notify.ProblemLogin},
	codeKeyDisabled:   {Outcome: notify.ErrTemporary, Problem: notify.ProblemLogin},
	codeOrigin:        {Outcome: notify.ErrTemporary, Problem: notify.ProblemLogin},
	codeRecipient:     {Outcome: notify.ErrPermanent, Problem: notify.ProblemAddress},
	codeNoRecipient:   {Outcome: notify.ErrPermanent, Problem: notify.ProblemAddress},
	codeNoText:        {Outcome: notify.ErrPermanent, Problem: notify.ProblemContent},
	codeTooLong:       {Outcome: notify.ErrPermanent, Problem: notify.ProblemContent},
	codeUnknown:       {Outcome: notify.ErrUnknown, Problem: notify.ProblemLost},
}

// refused makes an error of a code. One that the documentation does not have
// tells nothing of the message.
func refused(code string) error {
	e, ok := failures[code]
	if !ok {
		return &notify.Error{Outcome: notify.ErrUnknown, Problem: notify.ProblemLost, Cause: errAnswer}
	}
	e.Code = code
	return &e
}

// text is a value that the gateway writes as a string or as a number.
type text string

// UnmarshalJSON implements json.Unmarshaler.
func (t *text) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		return nil
	}
	if data[0] == '"' {
		return json.Unmarshal(data, (*string)(t))
	}
	*t = text(data)
	return nil
}

// receipt reads the answer to a message.
func (a answer) receipt() (notify.Receipt, error) {
	if err := a.refusedByStatus(); err != nil {
		return notify.Receipt{}, err
	}
	var body struct {
		Success  text `json:"success"`
		Messages []struct {
			ID      text `json:"id"`
			Success bool `json:"success"`
			Error   text `json:"error"`
		} `json:"messages"`
	}
	if code, alone := a.code(); alone {
		body.Success = text(code)
	} else if !decode(a.body, &body) {
		return notify.Receipt{}, refused("")
	}
	code := string(body.Success)
	if len(body.Messages) == 1 {
		message := body.Messages[0]
		if message.Success && (code == codeSent || code == codePartly) {
			return notify.Receipt{Provider: provider, Reference: string(message.ID)}, nil
		}
		if message.Error != "" {
			code = string(message.Error)
		}
	}
	switch code {
	case codeReloadLock:
		// The same text went to the same number a moment ago: it is sent.
		return notify.Receipt{Provider: provider, Repeated: true}, nil
	case codeSent, codePartly:
		// Good news without the one message that we asked for.
		return notify.Receipt{}, refused("")
	}
	return notify.Receipt{}, refused(code)
}

// code is the code of a body that holds nothing else.
func (a answer) code() (string, bool) {
	body := string(bytes.Trim(bytes.TrimSpace(a.body), `"`))
	n, err := strconv.ParseUint(body, 10, 16)
	return body, err == nil && n > 0 && !strings.HasPrefix(body, "0")
}

// refusedByStatus reads an HTTP status that says no by itself.
func (a answer) refusedByStatus() error {
	e := &notify.Error{Outcome: notify.ErrTemporary, Problem: notify.ProblemBusy, Code: strconv.Itoa(a.status), RetryAfter: a.retryAfter}
	switch {
	case a.status == http.StatusOK:
		return nil
	case a.status == http.StatusUnauthorized, a.status == http.StatusForbidden:
		e.Problem = notify.ProblemLogin
	case a.status == http.StatusTooManyRequests, a.status == http.StatusServiceUnavailable:
	case a.status >= 500:
		// It failed, and perhaps after the message had gone.
		e.Outcome, e.Problem = notify.ErrUnknown, notify.ProblemLost
	default:
		e.Problem = notify.ProblemConfiguration // a wrong path, a redirect
	}
	return e
}

// entry looks for a message in a journal.
func (a answer) entry(id string) (notify.Receipt, error) {
	if err := a.refusedByStatus(); err != nil {
		return notify.Receipt{}, err
	}
	var journal []struct {
		ID        text `json:"id"`
		ForeignID text `json:"foreign_id"`
	}
	if code, alone := a.code(); alone {
		return notify.Receipt{}, refused(code)
	}
	if !decode(a.body, &journal) {
		return notify.Receipt{}, refused("")
	}
	for _, e := range journal {
		if string(e.ForeignID) == id {
			return notify.Receipt{Provider: provider, Reference: string(e.ID), Repeated: true}, nil
		}
	}
	return notify.Receipt{}, notify.ErrNotFound
}
