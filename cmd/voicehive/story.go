package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/voicehive/voicehive/activities/booking/ledger"
	"github.com/voicehive/voicehive/cmd/voicehive/internal/stack"
	"github.com/voicehive/voicehive/connectors/pms"
	"github.com/voicehive/voicehive/connectors/sandbox/apaleo"
	"github.com/voicehive/voicehive/starter"
	"github.com/voicehive/voicehive/starter/api/client"
)

// story is the demo's plot. Each chapter checks what it tells: the demo fails
// when VoiceHive does.
type story struct {
	*house
	api   *client.Client
	hotel *stack.HotelSystem
	out   io.Writer
	began time.Time

	chapters    []*chapter
	arrival     pms.Date
	reservation starter.Reservation
	letters     int // to the guest so far
}

func newStory(h *house, out io.Writer, began time.Time) (*story, error) {
	api, err := client.New(h.API, h.Key)
	if err != nil {
		return nil, err
	}
	zone, err := h.Hotel.Location()
	if err != nil {
		return nil, err
	}
	return &story{
		house: h, api: api, hotel: h.HotelSystem(), out: out, began: began,
		arrival: openDay(pms.DateOf(time.Now().In(zone)).AddDays(45)),
	}, nil
}

// openDay is the day, or one after the holidays: around Christmas and New Year
// the sandbox takes no arrivals, or no short stays.
func openDay(d pms.Date) pms.Date {
	if monthAndDay := d.String()[5:]; monthAndDay >= "12-20" || monthAndDay <= "01-02" {
		return d.AddDays(20)
	}
	return d
}

func (s *story) tell(ctx context.Context) error {
	for _, c := range []struct {
		title string
		play  func(context.Context, *chapter) error
	}{
		{"A guest calls: which rooms are free?", s.availability},
		{"The worker dies while the hotel's yes is on the way", s.killedWhileBooking},
		{"The guest changes dates and room", s.change},
		{"Two callers want the last suite", s.race},
		{"The guest cancels", s.cancel},
		{"What the hotel's system holds in the end", s.reckoning},
	} {
		began := time.Now()
		told := &chapter{Title: c.title, At: time.Since(s.began).Seconds()}
		s.chapters = append(s.chapters, told)
		printChapter(s.out, told)
		if err := c.play(ctx, told); err != nil {
			return fmt.Errorf("%s %w", c.title, err)
		}
		told.Took = time.Since(began).Seconds()
		if told.Workflow != "" {
			fmt.Fprintf(s.out, "         workflow: %s\n", told.Workflow)
		}
	}
	return nil
}

// say adds a line to a chapter.
func (s *story) say(c *chapter, format string, args ...any) {
	line := fmt.Sprintf(format, args...)
	c.Lines = append(c.Lines, line)
	fmt.Fprintf(s.out, "         %s\n", line)
}

func (s *story) availability(ctx context.Context, c *chapter) error {
	for _, from := range []string{"asked at the hotel", "from memory"} {
		began := time.Now()
		offers, err := s.api.Availability(ctx, s.Hotel.ID, starter.AvailabilityQuery{
			Arrival: s.arrival, Departure: s.arrival.AddDays(2), Occupancy: pms.Occupancy{Adults: 2},
		})
		if err != nil {
			return err
		}
		if len(offers) == 0 {
			return errors.New("the hotel has nothing to sell")
		}
		s.say(c, "%d offers for two nights from %s, %s in %s", len(offers), s.arrival, from, short(time.Since(began)))
	}
	return nil
}

func (s *story) killedWhileBooking(ctx context.Context, c *chapter) error {
	quote, err := s.quote(ctx, apaleo.Double, apaleo.Flexible(apaleo.Double), s.arrival, 2)
	if err != nil {
		return err
	}
	s.say(c, "Quote: %s, two nights, %s with taxes", quote.Offers[0].RoomType.Name, quote.Total)
	if err := s.hotel.Fault(ctx, apaleo.Fault{Operation: "createBooking", Kind: apaleo.HoldAfter, Count: 1}); err != nil {
		return err
	}
	type answer struct {
		r   starter.Reservation
		err error
	}
	answered := make(chan answer, 1)
	key := client.NewKey()
	go func() {
		r, err := s.api.Settle(ctx, func(ctx context.Context) (starter.Reservation, error) {
			return s.api.Book(ctx, s.Hotel.ID, key, starter.BookRequest{Quote: quote.ID, Guest: ada})
		})
		answered <- answer{r, err}
	}()
	if err := s.hotel.AwaitHeld(ctx); err != nil {
		return err
	}
	worker := s.Workers()[0]
	worker.Kill()
	killed := time.Now()
	s.say(c, "The hotel has accepted; worker %d is killed with SIGKILL before it hears", worker.PID())
	if err := s.hotel.Drop(ctx); err != nil {
		return err
	}
	next, err := s.StartWorker(ctx)
	if err != nil {
		return err
	}
	s.say(c, "Worker %d takes over", next.PID())
	a := <-answered
	if a.err != nil {
		return a.err
	}
	s.reservation = a.r
	c.Workflow = s.workflowURL(a.r.ID)
	s.say(c, "Confirmed as %s, %s after the kill", a.r.Confirmation, short(time.Since(killed)))
	if err := s.oneAtHotel(ctx, c, a.r); err != nil {
		return err
	}
	return s.told(ctx, c)
}

// oneAtHotel checks that the hotel has the reservation, once.
func (s *story) oneAtHotel(ctx context.Context, c *chapter, r starter.Reservation) error {
	state, err := s.hotel.State(ctx)
	if err != nil {
		return err
	}
	ours := slices.DeleteFunc(state.Reservations, func(stay apaleo.Stay) bool { return stay.ExternalCode != r.ID })
	if len(ours) != 1 || ours[0].Booking != string(r.Stays[0].ReservationID) {
		return fmt.Errorf("the hotel's system holds %d reservations with our reference, not one", len(ours))
	}
	s.say(c, "The hotel's system holds exactly one reservation; its create was sent %d times", state.Counters.Requests["createBooking"])
	return nil
}

func (s *story) change(ctx context.Context, c *chapter) error {
	arrival := s.arrival.AddDays(1)
	quote, err := s.api.Quote(ctx, s.Hotel.ID, starter.QuoteRequest{
		Reservation: s.reservation.ID,
		Changes: []starter.ChangedStay{{
			RoomType: apaleo.Family, RatePlan: pms.RatePlanID(apaleo.Flexible(apaleo.Family)),
			Arrival: arrival, Departure: arrival.AddDays(3),
		}},
	})
	if err != nil {
		return err
	}
	s.say(c, "Quote: %s, three nights from %s, %s", quote.Offers[0].RoomType.Name, arrival, quote.Total)
	changed, err := s.settled(ctx, func(ctx context.Context, key string) (starter.Reservation, error) {
		return s.api.Modify(ctx, s.Hotel.ID, s.reservation.ID, key, quote.ID)
	})
	if err != nil {
		return err
	}
	if changed.Arrival != arrival || changed.Stays[0].RoomType.ID != apaleo.Family {
		return errors.New("the reservation is not what was asked for")
	}
	s.reservation = changed
	c.Workflow = s.workflowURL(changed.ID)
	s.say(c, "Changed: %s, %s to %s, still confirmation %s", changed.Stays[0].RoomType.Name, changed.Arrival, changed.Departure, changed.Confirmation)
	return s.told(ctx, c)
}

func (s *story) race(ctx context.Context, c *chapter) error {
	var quotes [2]starter.Quote
	for i := range quotes {
		var err error
		if quotes[i], err = s.quote(ctx, apaleo.Suite, apaleo.Flexible(apaleo.Suite), s.arrival, 2); err != nil {
			return err
		}
	}
	s.say(c, "Both are quoted the last %s", quotes[0].Offers[0].RoomType.Name)
	type answer struct {
		r   starter.Reservation
		err error
	}
	answers := make(chan answer, len(quotes))
	for i, quote := range quotes {
		go func() {
			r, err := s.settled(ctx, func(ctx context.Context, key string) (starter.Reservation, error) {
				return s.api.Book(ctx, s.Hotel.ID, key, starter.BookRequest{Quote: quote.ID, Guest: callers[i]})
			})
			answers <- answer{r, err}
		}()
	}
	var won, lost int
	for range quotes {
		a := <-answers
		var problem *client.Problem
		switch {
		case a.err == nil && a.r.State == ledger.Confirmed:
			won++
			c.Workflow = s.workflowURL(a.r.ID)
			s.say(c, "One has it: confirmation %s", a.r.Confirmation)
		case errors.As(a.err, &problem) && problem.Code() == starter.SoldOut.Code:
			lost++
			s.say(c, "The other hears: %q", problem.Say)
			for _, o := range problem.Alternatives {
				s.say(c, "  instead: %s, %s, %s to %s, %s", o.RoomType.Name, o.RatePlan.Name, o.Arrival, o.Departure, o.PayableTotal)
			}
			if len(problem.Alternatives) == 0 {
				return errors.New("the loser was offered nothing")
			}
		default:
			return fmt.Errorf("an answer that is neither a yes nor a no: %w", a.err)
		}
	}
	if won != 1 || lost != 1 {
		return fmt.Errorf("%d won and %d lost the race for one room", won, lost)
	}
	return nil
}

func (s *story) cancel(ctx context.Context, c *chapter) error {
	cancelled, err := s.settled(ctx, func(ctx context.Context, key string) (starter.Reservation, error) {
		return s.api.Cancel(ctx, s.Hotel.ID, s.reservation.ID, key)
	})
	if err != nil {
		return err
	}
	if cancelled.State != ledger.Cancelled {
		return fmt.Errorf("the reservation is %s", cancelled.State)
	}
	c.Workflow = s.workflowURL(cancelled.ID)
	s.say(c, "Cancelled: %s", cancelled.Confirmation)
	return s.told(ctx, c)
}

func (s *story) reckoning(ctx context.Context, c *chapter) error {
	state, err := s.hotel.State(ctx)
	if err != nil {
		return err
	}
	confirmed, cancelled := state.ByStatus[apaleo.Confirmed], state.ByStatus[apaleo.Canceled]
	s.say(c, "%d confirmed, %d cancelled, lost answers survived: %d", confirmed, cancelled, state.Counters.LostAnswers)
	if confirmed != 1 || cancelled != 1 || state.Oversold != "" {
		return fmt.Errorf("expected one confirmed and one cancelled reservation: %s", state.Oversold)
	}
	return nil
}

func (s *story) quote(ctx context.Context, room, rate string, arrival pms.Date, nights int) (starter.Quote, error) {
	return s.api.Quote(ctx, s.Hotel.ID, starter.QuoteRequest{Stays: []starter.StayRequest{{
		RoomType: pms.RoomTypeID(room), RatePlan: pms.RatePlanID(rate),
		Arrival: arrival, Departure: arrival.AddDays(nights), Occupancy: pms.Occupancy{Adults: 2},
	}}})
}

// settled sends a write under a fresh key and repeats it until its outcome is
// known.
func (s *story) settled(ctx context.Context, write func(context.Context, string) (starter.Reservation, error)) (starter.Reservation, error) {
	key := client.NewKey()
	return s.api.Settle(ctx, func(ctx context.Context) (starter.Reservation, error) { return write(ctx, key) })
}

// The demo's callers. They do not exist.
var (
	ada     = pms.Guest{FirstName: "Ada", LastName: "Beispiel", Email: "ada@example.com", Phone: "+49 30 5550100", Language: "de"}
	callers = [2]pms.Guest{
		{FirstName: "Bruno", LastName: "Muster", Phone: "+49 30 5550101"},
		{FirstName: "Chiara", LastName: "Esempio", Phone: "+39 06 5550102"},
	}
)

// short rounds a duration for people.
func short(d time.Duration) string {
	if d < time.Second {
		return d.Round(100 * time.Microsecond).String()
	}
	return d.Round(100 * time.Millisecond).String()
}
