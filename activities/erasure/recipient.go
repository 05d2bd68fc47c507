package erasure

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/voicehive/voicehive/compliance/attest"
	"github.com/voicehive/voicehive/compliance/erasure"
)

const (
	// answerTime bounds one try at one recipient.
	answerTime = 20 * time.Second
	// maxReceipt bounds what a recipient answers, in bytes.
	maxReceipt = 64 << 10
)

// recipient is an erasure.Recipient that takes notices by HTTP, after the idea of
// OpenDSR's signed receipts.
type recipient struct {
	entry  RecipientEntry
	keys   attest.Keys
	client *http.Client
}

// noRedirect follows no redirect: whoever is told is who was configured.
func noRedirect(transport http.RoundTripper) *http.Client {
	return &http.Client{Transport: transport, Timeout: answerTime,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// Name implements erasure.Recipient.
func (r recipient) Name() string { return r.entry.Name }

// Keys implements erasure.Recipient.
func (r recipient) Keys() attest.Keys { return r.keys }

// Hotel implements erasure.Recipient.
func (r recipient) Hotel(hotel string) (string, erasure.Numbering, bool) {
	if r.entry.All {
		return hotel, r.entry.Reference, true
	}
	id, ok := r.entry.Hotels[hotel]
	return id, r.entry.Reference, ok
}

// Forget implements erasure.Recipient. The notice's id is the idempotency key.
func (r recipient) Forget(ctx context.Context, n erasure.Notice) (attest.Envelope, error) {
	body, err := json.Marshal(n)
	if err != nil {
		return attest.Envelope{}, fmt.Errorf("erasure: write a notice: %w", err)
	}
	ask, err := http.NewRequestWithContext(ctx, http.MethodPost, r.entry.URL, bytes.NewReader(body))
	if err != nil {
		return attest.Envelope{}, errors.New("erasure: the recipient's address cannot be asked")
	}
	ask.Header.Set("Content-Type", "application/json")
	ask.Header.Set("Accept", "application/json")
	ask.Header.Set("Idempotency-Key", n.ID)
	answer, err := r.client.Do(ask)
	if err != nil {
		return attest.Envelope{}, fmt.Errorf("erasure: the recipient does not answer: %w", err)
	}
	defer answer.Body.Close()
	if err := judge(answer.StatusCode); err != nil {
		return attest.Envelope{}, err
	}
	text, err := io.ReadAll(io.LimitReader(answer.Body, maxReceipt+1))
	if err != nil {
		return attest.Envelope{}, fmt.Errorf("erasure: the recipient's answer broke off: %w", err)
	}
	if len(text) > maxReceipt {
		return attest.Envelope{}, fmt.Errorf("%w: it has more than %d bytes", erasure.ErrReceipt, maxReceipt)
	}
	e, err := attest.Parse(text)
	if err != nil {
		return e, errors.Join(erasure.ErrReceipt, err)
	}
	return e, nil
}

// judge tells a definite no from a question that is open.
func judge(status int) error {
	switch {
	case status == http.StatusOK:
		return nil
	case status == http.StatusRequestTimeout, status == http.StatusTooEarly, status == http.StatusTooManyRequests:
	case status >= 400 && status < 500:
		return erasure.ErrRefused{Problem: fmt.Sprintf("http_%d", status)}
	}
	return fmt.Errorf("erasure: the recipient answers with HTTP %d and no receipt", status)
}
