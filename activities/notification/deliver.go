package notification

import (
	"context"
	"crypto/sha256"
	"errors"
	"sync"
	"time"

	"go.temporal.io/sdk/activity"

	"github.com/voicehive/voicehive/activities/heartbeat"
	"github.com/voicehive/voicehive/activities/notification/letters"
	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/connectors/pms"
	"github.com/voicehive/voicehive/connectors/registry"
	"github.com/voicehive/voicehive/internal/notify"
)

// errErased is the key's absence, for good.
var errErased = keys.ErrDestroyed

const (
	// grace is what a claim lasts beyond the attempt: time to record it.
	grace = 5 * time.Second
	// recordTime bounds the recording, which goes on when the attempt is
	// cancelled: what the provider said must not be lost.
	recordTime = 10 * time.Second
)

// Problems beside those of package notify.
const (
	problemErased  = "erased"  // the message's key was destroyed
	problemContent = "content" // the letter cannot be written
	// The guest has left before the confirmation could be sent.
	problemStayOver = "stay_over"
	// It was tried for so long that it is nobody's news any more.
	problemNotInTime = "not_in_time"
)

// tryingTime is how long a message is tried, over all its deliveries. After it,
// a person has been told long since; one that was never tried has its chance.
const tryingTime = 7 * 24 * time.Hour

// told is the provider's word, left with Temporal before it is recorded: the
// database may be away just then.
type told struct {
	Attempt  int32  `json:"attempt"`
	Language string `json:"language"`
	Receipt  []byte `json:"receipt"`
}

// deliver is one attempt. By hand, it asks nothing about how late it is.
func (a *Activities) deliver(ctx context.Context, ref MessageRef, byHand bool) (Delivery, error) {
	j, settled, err := a.Outbox.claim(ctx, ref, a.SendTime+grace)
	if err != nil {
		return Delivery{}, err
	}
	if settled != nil {
		return *settled, nil
	}
	if t, ok := earlier(ctx); ok && j.doubtful {
		return a.settled(ctx, j, settlement{state: Sent, language: t.Language, receipt: t.Receipt}, nil)
	}
	if j.superseded {
		// Told after the newer one, the older would mislead the guest.
		return a.settled(ctx, j, settlement{state: Skipped, problem: problemSuperseded}, nil)
	}
	if !byHand && j.attempts > 1 && j.age > tryingTime {
		return a.settled(ctx, j, settlement{state: Failed, problem: problemNotInTime}, nil)
	}
	content, data, err := a.Outbox.open(ctx, j)
	problem, failed := a.unwanted(ctx, j, content.To, err)
	switch {
	case failed != nil:
		return Delivery{}, a.release(ctx, j, failed)
	case problem != "":
		return a.settled(ctx, j, settlement{state: Skipped, problem: problem}, nil)
	case errors.Is(err, errErased):
		return a.settled(ctx, j, settlement{state: Failed, problem: problemErased}, nil)
	case errors.Is(err, letters.ErrData):
		return a.settled(ctx, j, settlement{state: Failed, problem: problemContent}, nil)
	case err != nil:
		return Delivery{}, a.release(ctx, j, err)
	}
	hotel, err := a.Hotels.Hotel(ctx, ref.Hotel)
	if err == nil && !byHand && a.stayOver(hotel, data) {
		return a.settled(ctx, j, settlement{state: Skipped, problem: problemStayOver}, nil)
	}
	var letter letters.Letter
	if err == nil {
		letter, err = a.write(ctx, j, hotel, content, data)
	}
	if err != nil {
		if definite(err) {
			return a.settled(ctx, j, settlement{state: Failed, problem: problemContent}, nil)
		}
		return Delivery{}, a.release(ctx, j, err)
	}
	return a.hand(ctx, j, letter, notify.Message{
		ID: ref.Message, Channel: j.channel, To: content.To, From: hotel.Name,
		Language: letter.Language, Subject: letter.Subject, Text: letter.Text, HTML: letter.HTML,
	})
}

// stayOver tells that a message is about a stay to come, and the day of
// departure is here. That a booking was cancelled is news on any day.
func (a *Activities) stayOver(hotel registry.Hotel, data letters.Data) bool {
	var departure pms.Date
	switch d := data.(type) {
	case letters.Confirmation:
		departure = d.Departure
	case letters.Change:
		departure = d.Departure
	default:
		return false
	}
	today, err := hotel.Today(a.Now())
	return err == nil && !today.Before(departure)
}

// write writes the letter in the name of the hotel.
func (a *Activities) write(ctx context.Context, j job, hotel registry.Hotel, c content, data letters.Data) (letters.Letter, error) {
	order := letters.Order{
		Hotel: letters.Hotel{
			Name: hotel.Name, Country: hotel.Country, Languages: hotel.Languages, Phone: hotel.Reception(),
			Email: hotel.Contact.Email, Address: hotel.Contact.Address, Privacy: hotel.Contact.Privacy,
		},
		Languages: c.Languages, Channel: j.channel, Data: data,
	}
	language, err := letters.Choose(c.Languages, hotel.Languages)
	if err != nil {
		return letters.Letter{}, err
	}
	if j.channel == notify.Email {
		if order.Sentence, err = a.Outbox.sentence(ctx, j.ref.Hotel, j.kind, language); err != nil {
			return letters.Letter{}, err
		}
	}
	return a.Letters.Write(order)
}

// definite tells that a letter will not be written, ever.
func definite(err error) bool {
	for _, e := range []error{letters.ErrData, letters.ErrLanguage, letters.ErrSentence, letters.ErrChannel} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// hand gives the message to the provider, unless it may have it already and
// must not get it twice.
func (a *Activities) hand(ctx context.Context, j job, letter letters.Letter, m notify.Message) (Delivery, error) {
	digest := sha256.Sum256([]byte(letter.Subject + "\x00" + letter.Text))
	stop := beat(ctx)
	receipt, err := a.send(ctx, j, m)
	stop()
	if errors.Is(err, errTooOften) {
		return a.settled(ctx, j, settlement{state: Unknown, problem: string(notify.ProblemLost), language: letter.Language}, digest[:])
	}
	if err == nil {
		s := settlement{state: Sent, language: letter.Language, receipt: receipt.Digest()}
		if activity.IsActivity(ctx) {
			activity.RecordHeartbeat(ctx, told{Attempt: j.attempts, Language: s.language, Receipt: s.receipt})
		}
		return a.settled(ctx, j, s, digest[:])
	}
	s := settlement{problem: string(notify.ProblemOf(err)), language: letter.Language}
	switch notify.OutcomeOf(err) {
	case notify.ErrPermanent:
		s.state = Failed
		return a.settled(ctx, j, s, digest[:])
	case notify.ErrTemporary:
		s.state = Queued
		if j.doubtful {
			// It was not sent now; whether it was before is as open as it was.
			s.state = Sending
		}
	default:
		s.state, s.lost = Sending, true // the next attempt asks
	}
	if _, recordErr := a.settled(ctx, j, s, nil); recordErr != nil {
		return Delivery{}, recordErr
	}
	return Delivery{}, err
}

// errTooOften: the message may have gone, and once more would be too much.
var errTooOften = errors.New("notification: the message may have been sent and is not sent again")

// send sends, after it has asked what became of an attempt before.
func (a *Activities) send(ctx context.Context, j job, m notify.Message) (notify.Receipt, error) {
	ctx, cancel := context.WithTimeout(ctx, a.SendTime)
	defer cancel()
	if !j.doubtful {
		return a.Sender.Send(ctx, m)
	}
	if finder, ok := a.Sender.(notify.Finder); ok {
		receipt, err := finder.Find(ctx, m)
		switch {
		case err == nil:
			return receipt, nil
		case errors.Is(err, notify.ErrNotFound), errors.Is(err, notify.ErrNoRecords):
		default:
			// Nothing was sent now. Ask again before anything else is done.
			return notify.Receipt{}, &notify.Error{Outcome: notify.ErrTemporary, Problem: notify.ProblemOf(err), Cause: err}
		}
	}
	if int(j.unknowns) > resends(j.kind, j.channel) {
		return notify.Receipt{}, errTooOften
	}
	return a.Sender.Send(ctx, m)
}

// resends is how often a message may be sent again when it may have been sent
// before. A letter keeps its Message-ID, by which mail systems and readers tell
// a copy, and the law wants it to arrive. A text message has no such mark: it
// is repeated once, because a guest on the phone waits for a code, and a second
// copy of the same code does no harm; more than one would look like an attack
// and cost like one.
func resends(k letters.Kind, c notify.Channel) int {
	if c == notify.Email && k != letters.KindCode {
		return 5
	}
	return 1
}

// settled records a settlement and returns it. The recording outlives a
// cancelled attempt.
func (a *Activities) settled(ctx context.Context, j job, s settlement, text []byte) (Delivery, error) {
	outcome := string(s.state)
	if !s.state.final() {
		outcome = "retry"
	}
	a.deliveries.WithLabelValues(string(j.channel), string(j.kind), outcome).Inc()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordTime)
	defer cancel()
	events, err := a.audited(ctx, j, s, text)
	if err != nil {
		return Delivery{}, err
	}
	ours, err := a.Outbox.settle(ctx, j, s, events)
	if err != nil {
		return Delivery{}, err
	}
	if !ours && s.state != Sent {
		return Delivery{}, &claimedError{}
	}
	return Delivery{State: s.state, Problem: s.problem}, nil
}

// release gives a claim back that could not be worked on, and returns why.
func (a *Activities) release(ctx context.Context, j job, cause error) error {
	s := settlement{state: Queued, problem: "internal"}
	if j.doubtful {
		s.state = Sending
	}
	if _, err := a.settled(ctx, j, s, nil); err != nil {
		return errors.Join(cause, err)
	}
	return cause
}

// earlier is the provider's word from an attempt whose recording failed.
func earlier(ctx context.Context) (t told, ok bool) {
	if !activity.IsActivity(ctx) || !activity.HasHeartbeatDetails(ctx) {
		return t, false
	}
	err := activity.GetHeartbeatDetails(ctx, &t)
	return t, err == nil && len(t.Receipt) == sha256.Size
}

// beat tells Temporal that the worker is alive, where this is an activity. When
// stop returns no beat follows, so that none overwrites what is told after.
func beat(ctx context.Context) (stop func()) {
	if !activity.IsActivity(ctx) {
		return func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	var beating sync.WaitGroup
	beating.Go(func() {
		ticker := time.NewTicker(heartbeat.Every)
		defer ticker.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
				activity.RecordHeartbeat(ctx)
			}
		}
	})
	return func() {
		cancel()
		beating.Wait()
	}
}
