package starter

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/voicehive/voicehive/compliance/consent"
)

// ConsentStore keeps what guests agreed to. *consent.Store is one.
type ConsentStore interface {
	Append(ctx context.Context, e consent.Event) (kept consent.Event, fresh bool, err error)
	List(ctx context.Context, tenant string, q consent.Query) ([]consent.Event, error)
}

// Macer authenticates data with the hotel's own key.
type Macer interface {
	MAC(ctx context.Context, tenant, purpose string, data ...[]byte) ([]byte, error)
}

// Consents is the way to the guests' consents for those who speak with guests
// and for officers. It is safe for concurrent use.
type Consents struct {
	hotels Hotels
	store  ConsentStore
	macs   Macer
}

// NewConsents returns it on the given parts.
func NewConsents(h Hotels, s ConsentStore, m Macer) *Consents {
	return &Consents{hotels: h, store: s, macs: m}
}

// ConsentRequest is one thing that a guest agreed to, refused or took back. The
// names follow the ideas of ISO/IEC TS 27560.
type ConsentRequest struct {
	EventID   string          `json:"event_id" minLength:"26" maxLength:"26" doc:"A fresh ULID for each event; the same one when you send the event again"`
	Scope     string          `json:"scope" minLength:"26" maxLength:"26" doc:"The id of the call or reservation that it belongs to"`
	Purpose   consent.Purpose `json:"purpose" enum:"recording,transcription,marketing,profile" doc:"What the guest was asked to agree to"`
	Action    consent.Action  `json:"action" enum:"given,refused,withdrawn" doc:"What the guest did; withdrawing needs no more than giving"`
	Wording   string          `json:"wording_version,omitempty" maxLength:"40" doc:"The version of the exact words that were put to the guest; see the wordings. A withdrawal needs none"`
	Hash      string          `json:"wording_sha256,omitempty" maxLength:"64" doc:"The SHA-256 of the words as you put them, in hexadecimal; refused when it is not that of the version"`
	Language  string          `json:"language" minLength:"2" maxLength:"2" doc:"In which the guest was spoken to, such as de"`
	Channel   consent.Channel `json:"channel" enum:"voice,web,desk,email,letter" doc:"The way on which it reached you"`
	Method    consent.Method  `json:"method" enum:"spoken,key_press,click,signature,written" doc:"How it was said"`
	Call      string          `json:"call_id,omitempty" maxLength:"26" doc:"The call in which it was said; needed with channel voice"`
	OffsetMS  int64           `json:"audio_offset_ms,omitempty" minimum:"0" maximum:"86400000" doc:"Where in the call's audio the answer ended"`
	EventTime time.Time       `json:"event_time" doc:"When it happened; it must lie in its call and not in the future"`
	Note      string          `json:"note,omitempty" maxLength:"2000" doc:"What else is worth keeping, such as the answer's words. It is sealed and never answered"`
}

// Consent is an event as it is kept, without its note.
type Consent struct {
	EventID    string          `json:"event_id"`
	Scope      string          `json:"scope"`
	Purpose    consent.Purpose `json:"purpose"`
	Action     consent.Action  `json:"action"`
	Wording    string          `json:"wording_version,omitempty"`
	Hash       string          `json:"wording_sha256,omitempty"`
	Language   string          `json:"language"`
	Channel    consent.Channel `json:"channel"`
	Method     consent.Method  `json:"method"`
	Call       string          `json:"call_id,omitempty"`
	OffsetMS   int64           `json:"audio_offset_ms,omitempty"`
	EventTime  time.Time       `json:"event_time"`
	RecordedAt time.Time       `json:"recorded_at" doc:"When it came here, by our clock"`
	Actor      string          `json:"actor" doc:"The role that sent it, with a pseudonym"`
}

// ConsentQuery asks for a page of a hotel's events, the oldest first.
type ConsentQuery struct {
	Scope   string
	Purpose consent.Purpose
	After   string // the last event seen; "" begins
	Most    int
}

// Record keeps an event, once for each event id, and tells whether it is new.
// subject is who sends it, as the API knows them.
func (c *Consents) Record(ctx context.Context, hotel, subject string, r ConsentRequest) (Consent, bool, error) {
	if err := c.known(ctx, hotel); err != nil {
		return Consent{}, false, err
	}
	hash, err := hex.DecodeString(r.Hash)
	if err != nil || len(hash) != 0 && len(hash) != 32 {
		return Consent{}, false, InvalidRequest.In("/wording_sha256", "64 hexadecimal digits, or nothing.")
	}
	actor, err := c.actor(ctx, hotel, subject)
	if err != nil {
		return Consent{}, false, err
	}
	kept, fresh, err := c.store.Append(ctx, consent.Event{
		ID: r.EventID, Tenant: hotel, Scope: r.Scope, Purpose: r.Purpose, Action: r.Action,
		Wording: r.Wording, Hash: hash, Language: r.Language, Channel: r.Channel, Method: r.Method,
		Call: r.Call, Offset: time.Duration(r.OffsetMS) * time.Millisecond, At: r.EventTime, Actor: actor, Detail: r.Note,
	})
	if err != nil {
		return Consent{}, false, consentProblem(err)
	}
	return consentOf(kept), fresh, nil
}

func (c *Consents) known(ctx context.Context, hotel string) error {
	_, err := (&Client{Options: Options{Hotels: c.hotels}}).hotel(ctx, hotel)
	return err
}

// actor is a role with a pseudonym: a caller's subject can be an address.
func (c *Consents) actor(ctx context.Context, hotel, subject string) (string, error) {
	return Pseudonym(ctx, c.macs, hotel, "agent", subject)
}

// List returns a page of events.
func (c *Consents) List(ctx context.Context, hotel string, q ConsentQuery) ([]Consent, error) {
	if err := c.known(ctx, hotel); err != nil {
		return nil, err
	}
	for field, id := range map[string]string{"scope": q.Scope, "after": q.After} {
		if id != "" && !ulidPattern.MatchString(id) {
			return nil, InvalidRequest.In(field, "An id looks like 01JD3Z8Q4X0000000000000000.")
		}
	}
	events, err := c.store.List(ctx, hotel, consent.Query{Scope: q.Scope, Purpose: q.Purpose, After: q.After, Most: q.Most})
	if err != nil {
		return nil, consentProblem(err)
	}
	all := make([]Consent, len(events))
	for i, e := range events {
		all[i] = consentOf(e)
	}
	return all, nil
}

func consentOf(e consent.Event) Consent {
	return Consent{
		EventID: e.ID, Scope: e.Scope, Purpose: e.Purpose, Action: e.Action, Wording: e.Wording, Hash: hex.EncodeToString(e.Hash),
		Language: e.Language, Channel: e.Channel, Method: e.Method, Call: e.Call, OffsetMS: e.Offset.Milliseconds(),
		EventTime: e.At, RecordedAt: e.RecordedAt, Actor: e.Actor,
	}
}

// Wordings are the exact words to put to callers of a hotel in one language.
type Wordings struct {
	Language string `json:"language"`
	// Notice comes before anything else is said (AI Act, Article 50).
	Notice    Words   `json:"notice" doc:"Play this before anything else, to its end; the hotel's own words may follow"`
	Questions []Words `json:"questions" nullable:"false" doc:"How to ask for each consent"`
}

// Words are exact: only as they stand here do they have the hash.
type Words struct {
	Purpose consent.Purpose `json:"purpose,omitempty"`
	Version string          `json:"version"`
	Text    string          `json:"text"`
	Hash    string          `json:"sha256"`
}

// Wordings returns the newest words in a language.
func (c *Consents) Wordings(ctx context.Context, hotel, language string) (Wordings, error) {
	if err := c.known(ctx, hotel); err != nil {
		return Wordings{}, err
	}
	notice, err := consent.NewNotice(language, "")
	if err != nil {
		return Wordings{}, InvalidRequest.In("language", fmt.Sprintf("One of %v.", consent.Languages()))
	}
	hash := notice.Hash()
	w := Wordings{Language: language, Notice: Words{Version: notice.Version(), Text: notice.Text(), Hash: hex.EncodeToString(hash[:])}}
	for _, purpose := range consent.Purposes() {
		words, err := consent.WordingOf(purpose, "", language)
		if err != nil {
			return Wordings{}, Internal.With("a wording is missing").because(err)
		}
		w.Questions = append(w.Questions, Words{Purpose: purpose, Version: words.Version, Text: words.Text, Hash: hex.EncodeToString(words.Hash[:])})
	}
	return w, nil
}

// consentProblem is the one place where refusals of consent events become
// problems.
func consentProblem(err error) error {
	switch {
	case errors.Is(err, consent.ErrFuture):
		return ImpossibleConsent.In("/event_time", "The event lies in the future; check the clock that the time comes from.")
	case errors.Is(err, consent.ErrOutsideCall):
		return ImpossibleConsent.In("/event_time", "The event's time and audio offset must lie in its call.")
	case errors.Is(err, consent.ErrOutOfOrder):
		return ImpossibleConsent.In("/event_time", "A later event of this purpose is known. Ask the guest again, and send the new answer.")
	case errors.Is(err, consent.ErrWording):
		return InvalidRequest.In("/wording_version", "No such words, or others under this version; read the wordings again.")
	case errors.Is(err, consent.ErrUnknownScope):
		return UnknownScope.In("/scope", "Use the id of a call or reservation of this hotel.")
	case errors.Is(err, consent.ErrReused):
		return ConsentReused.In("/event_id", "Use a fresh ULID for another event.")
	case errors.Is(err, consent.ErrErased):
		return GuestErased.With("Nothing can be kept of this guest any more.")
	case errors.Is(err, consent.ErrInvalid):
		return InvalidRequest.With(err.Error())
	}
	return problemOf(err)
}
