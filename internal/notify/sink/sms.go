package sink

import (
	"mime"
	"net/http"
	"strconv"

	"github.com/voicehive/voicehive/internal/notify"
)

// The gateway's codes that the sink answers with.
const (
	smsSent        = "100"
	smsNoRecipient = "301"
	smsRecipient   = "202"
	smsNoText      = "305"
	smsTooLong     = "401"
	smsKey         = "900"
)

// receiveSMS does what the gateway does with one message to one number.
func (s *Sink) receiveSMS(w http.ResponseWriter, r *http.Request) {
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if r.Header.Get("X-Api-Key") == "" {
		writeJSON(w, smsKey)
		return
	}
	if kind != "application/x-www-form-urlencoded" || r.ParseForm() != nil {
		http.Error(w, "want a form", http.StatusBadRequest)
		return
	}
	to, text := r.PostForm.Get("to"), r.PostForm.Get("text")
	_, segments := notify.Segments(text)
	switch _, err := notify.ParsePhone(to); {
	case to == "":
		writeJSON(w, smsNoRecipient)
	case text == "":
		writeJSON(w, smsNoText)
	case err != nil:
		writeJSON(w, smsRecipient)
	case len([]rune(text)) > 1520: // the gateway's own bound
		writeJSON(w, smsTooLong)
	default:
		m := s.add(Received{
			Channel: notify.SMS, From: r.PostForm.Get("from"), To: []string{to}, Text: text,
			ID: r.PostForm.Get("foreign_id"), Segments: segments,
		})
		writeJSON(w, map[string]any{
			"success": smsSent, "total_price": 0, "balance": 0, "debug": "true", "sms_type": "direct",
			"messages": []any{map[string]any{
				"id": strconv.Itoa(m.Seq), "success": true, "error": nil, "error_text": nil,
				"recipient": to, "sender": m.From, "text": text, "parts": segments,
			}},
		})
	}
}

// showJournal lists the text messages to a number, newest first.
func (s *Sink) showJournal(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("X-Api-Key") == "" {
		writeJSON(w, smsKey)
		return
	}
	entries := []map[string]string{}
	all := s.Messages()
	for i := len(all) - 1; i >= 0; i-- {
		m := all[i]
		if m.Channel == notify.SMS && m.To[0] == r.URL.Query().Get("to") {
			entries = append(entries, map[string]string{
				"id": strconv.Itoa(m.Seq), "foreign_id": m.ID, "to": m.To[0], "from": m.From, "text": m.Text,
				"timestamp": m.At.Format("2006-01-02 15:04:05"),
			})
		}
	}
	writeJSON(w, entries)
}
