package main

import (
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/oklog/ulid/v2"
	"github.com/spf13/cobra"

	"github.com/voicehive/voicehive/compliance/consent"
)

// maxConsents bounds the events that are listed at once.
const maxConsents = 500

func newConsent() *cobra.Command {
	group := &cobra.Command{
		Use:   "consent",
		Short: "Record and read what guests agreed to",
		Long: `Record and read what guests agreed to. Events are only ever added: a withdrawal
is one more, it needs less than giving, and it counts at once.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	group.AddCommand(newConsentGive(), newConsentWithdraw(), newConsentList(), newConsentAt())
	return group
}

// consents is the store of consents on the opened parts.
func (p *parts) consents() *consent.Store {
	return consent.New(p.pool, p.ring, p.auditor)
}

// asked are the flags of give and withdraw.
type asked struct {
	event             consent.Event
	at                string
	offset            time.Duration
	purpose, channel  string
	method, eventNote string
}

func (a *asked) flags(c *cobra.Command) {
	f := c.Flags()
	f.StringVar(&a.event.Tenant, "hotel", "", "the hotel")
	f.StringVar(&a.event.Scope, "scope", "", "the id of the reservation or call that it belongs to")
	f.StringVar(&a.purpose, "purpose", "", "recording, transcription, marketing or profile")
	f.StringVar(&a.event.ID, "event", "", "a ULID of your own, to be able to repeat the command (default a fresh one)")
	f.StringVar(&a.event.Language, "language", "en", "in which the guest was spoken to")
	f.StringVar(&a.channel, "channel", string(consent.Desk), "voice, web, desk, email or letter")
	f.StringVar(&a.method, "method", string(consent.Written), "spoken, key_press, click, signature or written")
	f.StringVar(&a.event.Call, "call", "", "the call in which it was said")
	f.DurationVar(&a.offset, "offset", 0, "where in the call's audio it was said")
	f.StringVar(&a.at, "at", "", "when it happened, as RFC 3339 (default now)")
	f.StringVar(&a.eventNote, "note-file", "", "a file with what else is worth keeping; it is sealed")
	for _, name := range []string{"hotel", "scope", "purpose"} {
		_ = c.MarkFlagRequired(name)
	}
}

func newConsentGive() *cobra.Command {
	a := &asked{}
	c := &cobra.Command{
		Use:   "give",
		Short: "Record that a guest agreed",
		Args:  cobra.NoArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return a.record(c, consent.Given) },
	}
	a.flags(c)
	c.Flags().StringVar(&a.event.Wording, "wording", "", "the version of the words that were put to the guest (default the newest)")
	return withJSON(c)
}

func newConsentWithdraw() *cobra.Command {
	a := &asked{}
	c := &cobra.Command{
		Use:   "withdraw",
		Short: "Record that a guest took an agreement back",
		Args:  cobra.NoArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return a.record(c, consent.Withdrawn) },
	}
	a.flags(c)
	return withJSON(c)
}

func (a *asked) record(c *cobra.Command, action consent.Action) error {
	e, err := a.complete(action)
	if err != nil {
		return err
	}
	p, err := openStores(c.Context(), "consent")
	if err != nil {
		return err
	}
	defer p.close()
	if _, err := p.registry.Hotel(c.Context(), e.Tenant); err != nil {
		return err
	}
	kept, fresh, err := p.consents().Append(c.Context(), e)
	if err != nil {
		return err
	}
	return show(c, shownConsent(kept), func(w io.Writer) {
		told := "is recorded"
		if !fresh {
			told = "was recorded before"
		}
		fmt.Fprintf(w, "Event %s %s: %s %s.\n", kept.ID, told, kept.Purpose, kept.Action)
	})
}

// complete is the event that the flags tell.
func (a *asked) complete(action consent.Action) (consent.Event, error) {
	e := a.event
	e.Action, e.Purpose, e.Channel, e.Method = action, consent.Purpose(a.purpose), consent.Channel(a.channel), consent.Method(a.method)
	e.Offset, e.Actor, e.At = a.offset, "compliance:cli", time.Now()
	if e.ID == "" {
		e.ID = ulid.Make().String()
	}
	if a.at != "" {
		at, err := time.Parse(time.RFC3339, a.at)
		if err != nil {
			return e, usageError{fmt.Errorf("--at needs a time such as 2027-03-01T10:00:00Z")}
		}
		e.At = at
	}
	if action == consent.Given && e.Wording == "" {
		words, err := consent.WordingOf(e.Purpose, "", e.Language)
		if err != nil {
			return e, usageError{err}
		}
		e.Wording = words.Version
	}
	if a.eventNote != "" {
		text, err := os.ReadFile(a.eventNote)
		if err != nil {
			return e, fmt.Errorf("read the note: %w", err)
		}
		e.Detail = strings.TrimSpace(string(text))
	}
	return e, nil
}

func newConsentList() *cobra.Command {
	var hotel, after string
	var q consent.Query
	c := &cobra.Command{
		Use:   "list",
		Short: "List the events of a hotel, the oldest first",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			p, err := openStores(c.Context(), "consent")
			if err != nil {
				return err
			}
			defer p.close()
			q.After, q.Most = after, maxConsents
			events, err := p.consents().List(c.Context(), hotel, q)
			if err != nil {
				return err
			}
			all := make([]map[string]any, len(events))
			rows := [][]string{{"EVENT", "SCOPE", "PURPOSE", "ACTION", "CHANNEL", "WORDING", "HAPPENED", "RECORDED"}}
			for i, e := range events {
				all[i] = shownConsent(e)
				rows = append(rows, []string{e.ID, e.Scope, string(e.Purpose), string(e.Action), string(e.Channel), e.Wording, moment(e.At), moment(e.RecordedAt)})
			}
			return show(c, all, func(w io.Writer) { table(w, rows...) })
		},
	}
	c.Flags().StringVar(&hotel, "hotel", "", "the hotel")
	c.Flags().StringVar(&q.Scope, "scope", "", "events of this reservation or call only")
	c.Flags().StringVar((*string)(&q.Purpose), "purpose", "", "events of this purpose only")
	c.Flags().StringVar(&after, "after", "", "those that came after this event")
	_ = c.MarkFlagRequired("hotel")
	return withJSON(c)
}

func newConsentAt() *cobra.Command {
	var hotel, purpose string
	c := &cobra.Command{
		Use:   "at TIME SCOPE...",
		Short: "Tell what a guest had agreed to at a moment, and by which event",
		Long: `Tell what a guest had agreed to at a moment (RFC 3339, or "now"), and by which
event. Name all reservations and calls of the guest: a no in one counts for all.`,
		Args: cobra.MinimumNArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			at := time.Now()
			if args[0] != "now" {
				var err error
				if at, err = time.Parse(time.RFC3339, args[0]); err != nil {
					return usageError{fmt.Errorf("the moment must be a time such as 2027-03-01T10:00:00Z, or now")}
				}
			}
			p, err := openStores(c.Context(), "consent")
			if err != nil {
				return err
			}
			defer p.close()
			s, err := p.consents().AllowedAcross(c.Context(), hotel, args[1:], consent.Purpose(purpose), at)
			if err != nil {
				return err
			}
			answer := map[string]any{"allowed": s.Allowed, "purpose": purpose, "at": at}
			if s.Known {
				answer["event"] = shownConsent(s.Event)
			}
			return show(c, answer, func(w io.Writer) {
				switch {
				case !s.Known:
					fmt.Fprintln(w, "not allowed: nobody was asked by then")
				case s.Allowed:
					fmt.Fprintf(w, "allowed, by event %s\n", s.Event.ID)
				default:
					fmt.Fprintf(w, "not allowed: %s by event %s\n", s.Event.Action, s.Event.ID)
				}
			})
		},
	}
	c.Flags().StringVar(&hotel, "hotel", "", "the hotel")
	c.Flags().StringVar(&purpose, "purpose", "", "recording, transcription, marketing or profile")
	_ = c.MarkFlagRequired("hotel")
	_ = c.MarkFlagRequired("purpose")
	return withJSON(c)
}

// shownConsent is an event for --json, without its sealed note.
func shownConsent(e consent.Event) map[string]any {
	return map[string]any{
		"event_id": e.ID, "scope": e.Scope, "purpose": e.Purpose, "action": e.Action, "wording_version": e.Wording,
		"wording_sha256": hex.EncodeToString(e.Hash), "language": e.Language, "channel": e.Channel, "method": e.Method,
		"call_id": e.Call, "audio_offset_ms": e.Offset.Milliseconds(), "event_time": e.At, "recorded_at": e.RecordedAt, "actor": e.Actor,
	}
}
