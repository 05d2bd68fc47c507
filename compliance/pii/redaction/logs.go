package redaction

import (
	"strings"

	"github.com/voicehive/voicehive/compliance/pii"
)

// logTypes are what a log line can hold of a guest. Its own times, addresses of
// servers and numbers stay, or nobody could read a log.
var logTypes = []pii.Type{
	pii.CreditCard, pii.CVV, pii.CardExpiry, pii.Email, pii.Phone, pii.IBAN, pii.Crypto, pii.DateOfBirth, pii.Person, pii.Health,
}

// A LogRedactor is a telemetry.Redactor with the house's detector.
type LogRedactor struct {
	detector Detector
	types    []pii.Type
}

// ForLogs returns the redactor of the log handler.
func ForLogs(d Detector) *LogRedactor {
	types := append([]pii.Type(nil), logTypes...)
	for _, t := range pii.Types() { // papers and tax numbers of a country, which are told by a check digit or a word beside
		if len(t) > 3 && t[2] == '_' && t != pii.IP {
			types = append(types, t)
		}
	}
	return &LogRedactor{d, types}
}

// logScore is above that of forms that ids and counters have too.
const logScore = 0.6

// Redact hides what text says about a person. A text that cannot be looked
// through is hidden whole.
func (l *LogRedactor) Redact(text string) (safe string) {
	if len(text) < 5 {
		return text
	}
	defer func() {
		if recover() != nil {
			Failures.Add(1)
			safe = Suppressed
		}
	}()
	spans, err := l.detector.Scan(nil, pii.Request{Text: text, Entities: l.types, MinScore: logScore})
	if err != nil {
		Failures.Add(1)
		return Suppressed
	}
	if len(spans) == 0 {
		return text
	}
	var out strings.Builder
	from := 0
	for _, s := range spans {
		out.WriteString(text[from:s.Start])
		out.WriteString("<" + string(s.Type) + ">")
		from = s.End
	}
	out.WriteString(text[from:])
	return out.String()
}
