package stack

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/voicehive/voicehive/connectors/sandbox/apaleo"
)

// HotelSystem speaks with the control API of the simulated hotel system.
type HotelSystem struct {
	url  string
	http *http.Client
}

// HotelSystem returns the control of the stack's sandbox.
func (s *Stack) HotelSystem() *HotelSystem {
	return &HotelSystem{url: s.Sandbox + "/sandbox/v1", http: &http.Client{Timeout: time.Minute}}
}

// State reads what the hotel system holds, reservation by reservation.
func (h *HotelSystem) State(ctx context.Context) (apaleo.State, error) {
	var state apaleo.State
	return state, h.do(ctx, http.MethodGet, "/state?reservations=true", nil, &state)
}

// Counts is State without the reservations.
func (h *HotelSystem) Counts(ctx context.Context) (apaleo.State, error) {
	var state apaleo.State
	return state, h.do(ctx, http.MethodGet, "/state", nil, &state)
}

// Fault scripts a fault.
func (h *HotelSystem) Fault(ctx context.Context, f apaleo.Fault) error {
	return h.do(ctx, http.MethodPost, "/faults", f, nil)
}

// ClearFaults ends all faults.
func (h *HotelSystem) ClearFaults(ctx context.Context) error {
	return h.do(ctx, http.MethodDelete, "/faults", nil, nil)
}

// AwaitHeld waits until an answer is held back: the write has happened, and
// whoever asked does not know yet.
func (h *HotelSystem) AwaitHeld(ctx context.Context) error {
	var answer struct{ Held []apaleo.Held }
	if err := h.do(ctx, http.MethodGet, "/held?wait=30s", nil, &answer); err != nil {
		return err
	}
	if len(answer.Held) == 0 {
		return errors.New("stack: no answer was held back within half a minute")
	}
	return nil
}

// Drop cuts the connections of all held answers: they are lost for good.
func (h *HotelSystem) Drop(ctx context.Context) error {
	return h.do(ctx, http.MethodPost, "/release", map[string]any{"drop": true}, nil)
}

// Release sends all held answers.
func (h *HotelSystem) Release(ctx context.Context) error {
	return h.do(ctx, http.MethodPost, "/release", map[string]any{}, nil)
}

func (h *HotelSystem) do(ctx context.Context, method, path string, in, out any) error {
	var body io.Reader
	if in != nil {
		text, err := json.Marshal(in)
		if err != nil {
			return fmt.Errorf("stack: encode for the sandbox: %w", err)
		}
		body = bytes.NewReader(text)
	}
	request, err := http.NewRequestWithContext(ctx, method, h.url+path, body)
	if err != nil {
		return fmt.Errorf("stack: ask the sandbox: %w", err)
	}
	request.Header.Set("Content-Type", "application/json")
	answer, err := h.http.Do(request)
	if err != nil {
		return fmt.Errorf("stack: ask the sandbox: %w", err)
	}
	defer answer.Body.Close()
	if answer.StatusCode >= 300 {
		text, _ := io.ReadAll(io.LimitReader(answer.Body, 500))
		return fmt.Errorf("stack: the sandbox answered %s: %s", answer.Status, text)
	}
	if out == nil {
		return nil
	}
	if err := json.NewDecoder(answer.Body).Decode(out); err != nil {
		return fmt.Errorf("stack: read the sandbox's answer: %w", err)
	}
	return nil
}
