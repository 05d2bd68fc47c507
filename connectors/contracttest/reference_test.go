package contracttest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/voicehive/voicehive/connectors/pms"
)

// referenceName is the vendor of the reference connector, which keeps the
// contract in memory. The suite is proved on it: it passes as it is, and fails
// in the right place when it is broken.
const referenceName = "reference"

// A house is the reference vendor: it stands for the hotel system, the
// transport and the credentials in one.
type house struct {
	zone     *time.Location
	currency string
	withhold bool
	caps     pms.Capabilities

	mu       sync.Mutex
	offset   time.Duration
	faults   []*Fault
	silent   chan struct{} // takes one for each answer that is kept back
	cleared  chan struct{} // closed by Clear
	late     []lateWrite
	requests int
	tokens   int
	token    bool // the present one is good
	left     map[pms.RoomTypeID]int
	books    []*entry
	keys     map[string]keyed
	subs     []pms.Subscription
	hooks    []func(http.Header, []byte)
	kept     []post // events held back
	events   int
	log      strings.Builder
}

type lateWrite struct {
	due time.Time
	act func() error
}

// An entry is one reservation.
type entry struct {
	pms.Reservation
	created time.Time
	away    bool // at the other house
	remarks string
}

type keyed struct {
	body string
	id   pms.ReservationID
}

// start is a Monday.
var start = time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC)

func newHouse(o Options) *house {
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		panic(err)
	}
	h := &house{
		zone: zone, currency: "EUR", withhold: o.WithholdGuests, cleared: make(chan struct{}), silent: make(chan struct{}, 64),
		left: map[pms.RoomTypeID]int{"single": 9, "double": 9, "suite": 3}, keys: map[string]keyed{},
		caps: pms.Capabilities{
			Vendor: referenceName, Operations: map[pms.Operation]pms.Support{}, KeyWindow: 24 * time.Hour,
			WriteTimeout: time.Minute, ListLag: 30 * time.Second, MaxStays: 5,
		},
	}
	if o.Currency != "" {
		h.currency = o.Currency
	}
	for _, operation := range pms.Operations() {
		h.caps.Operations[operation] = pms.Supported
	}
	return h
}

// referencePage is how many stays a list has on a page.
const referencePage = 10

func (h *house) bench(conn pms.Connector) Bench {
	return Bench{
		Connector: conn, Property: "HOUSE", Zone: h.zone, Currency: h.currency, PageSize: referencePage, PromoCode: "SPRING", CorporateCode: "ACME",
		AsksReceivers: true, Elsewhere: h.elsewhere, Arrives: h.arrives, Raw: h.raw, Closed: closedDay, Sandbox: h, Log: h.logged, Secrets: []string{"reference-secret"},
	}
}

// reference is the target of a good reference connector, changed by break.
func reference(adjust func(*house), breakIt func(*house, pms.Connector) pms.Connector) Target {
	return Target{Vendor: referenceName, Currencies: []string{"JPY", "KWD"}, New: func(_ T, o Options) Bench {
		h := newHouse(o)
		if adjust != nil {
			adjust(h)
		}
		var conn pms.Connector = &faithful{Without: pms.Without{Vendor: referenceName}, h: h}
		if breakIt != nil {
			conn = breakIt(h, conn)
		}
		return h.bench(conn)
	}}
}

func (h *house) logged() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.log.String()
}

func (h *house) Now() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.now()
}

func (h *house) now() time.Time { return start.Add(h.offset) }

func (h *house) Advance(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.offset += d
	due := h.late
	h.late = nil
	for _, w := range due {
		if w.due.After(h.now()) {
			h.late = append(h.late, w)
			continue
		}
		_ = w.act() // nobody waits for its answer
	}
}

func (h *house) Plays() (kinds []Kind) {
	for _, r := range rules() {
		kinds = append(kinds, r.kind)
	}
	return append(kinds, ListLag, TwiceEvents, MixedEvents)
}

func (h *house) Play(f Fault) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if f.Kind == NoToken {
		h.token = false
	}
	h.faults = append(h.faults, &f)
	return nil
}

func (h *house) Clear() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.faults = nil
	close(h.cleared)
	h.cleared = make(chan struct{})
}

func (h *house) AwaitSilence(ctx context.Context) error {
	select {
	case <-h.silent:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// draw takes a fault off the script; the caller holds mu.
func (h *house) draw(o pms.Operation, kinds ...Kind) (Fault, bool) {
	for i, f := range h.faults {
		if (f.Operation != "" && f.Operation != o) || !slices.Contains(kinds, f.Kind) {
			continue
		}
		drawn := *f
		if f.Times == 1 {
			h.faults = slices.Delete(h.faults, i, i+1)
		} else if f.Times > 1 {
			f.Times--
		}
		return drawn, true
	}
	return Fault{}, false
}

func (h *house) Requests() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.requests
}

func (h *house) TokenRequests() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.tokens
}

func (h *house) Records() (records []Record) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, e := range h.books {
		for _, s := range e.Stays {
			status := s.Status
			if status == pms.StatusHeld {
				status = pms.StatusConfirmed
			}
			records = append(records, Record{
				Reservation: e.ID, Stay: s.ID, Reference: e.Reference, Status: status, RoomType: pms.RoomTypeID(s.RoomType.ID),
				Arrival: s.Arrival, Departure: s.Departure, Adults: s.Occupancy.Adults, Total: s.Total,
			})
		}
	}
	return records
}

func (h *house) SetRooms(room pms.RoomTypeID, n int) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	sold := 0
	for _, e := range h.books {
		for _, s := range e.Stays {
			if string(room) == s.RoomType.ID && living(s) {
				sold++
			}
		}
	}
	h.left[room] = n + sold
	return nil
}

func living(s pms.Stay) bool { return s.Status != pms.StatusCancelled && s.Status != pms.StatusNoShow }

func (h *house) Staff(id pms.StayID, d Deed) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	e, s := h.find(id)
	if s == nil {
		return errors.New("no such stay")
	}
	e.Modified = h.now()
	if !d.Departure.IsZero() {
		h.shape(s, h.offer(s.RoomType.ID, s.RatePlan.ID, s.Arrival, d.Departure, s.Occupancy))
		h.post("amended", e.ID, s.ID)
	}
	if d.Status != "" {
		s.Status = d.Status
		kind := "changed"
		if d.Status == pms.StatusCancelled {
			kind = "cancelled"
		}
		h.post(kind, e.ID, s.ID)
	}
	return nil
}

// find a stay; the caller holds mu.
func (h *house) find(id pms.StayID) (*entry, *pms.Stay) {
	for _, e := range h.books {
		for i := range e.Stays {
			if e.Stays[i].ID == id {
				return e, &e.Stays[i]
			}
		}
	}
	return nil, nil
}

func (h *house) Listen(_ T, receive func(http.Header, []byte)) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.hooks = append(h.hooks, receive)
	receive(http.Header{}, []byte(`{"Kind":"ping"}`))
	return nil
}

// elsewhere books at the account's other house.
func (h *house) elsewhere(ref pms.Reference, arrival pms.Date, inHouse bool) (Record, error) {
	h.mu.Lock()
	o := h.offer("suite", "flex", arrival, arrival.AddDays(1), pms.Occupancy{Adults: 1})
	e, err := h.enter(pms.OpCreate, pms.CreateRequest{Reference: ref, Booker: guest("Emil"), Stays: []pms.StayRequest{{Offer: o}}})
	if err != nil {
		h.mu.Unlock()
		return Record{}, err
	}
	e.away = true
	if inHouse {
		e.Stays[0].Status = pms.StatusInHouse
	}
	h.mu.Unlock()
	all := h.Records()
	return all[len(all)-1], nil
}

// closedDay is one on which nobody may arrive.
var closedDay = pms.NewDate(2026, time.December, 24)

// arrives books a night from the day that a moment lies in.
func (h *house) arrives(ref pms.Reference, at time.Time) (Record, error) {
	h.mu.Lock()
	day := pms.DateOf(at.In(h.zone))
	o := h.offer("suite", "flex", day, day.AddDays(1), couple)
	_, err := h.enter(pms.OpCreate, pms.CreateRequest{Reference: ref, Booker: guest("Emil"), Stays: []pms.StayRequest{{Offer: o}}})
	h.mu.Unlock()
	if err != nil {
		return Record{}, err
	}
	all := h.Records()
	return all[len(all)-1], nil
}

// hook is what the reference vendor posts.
type hook struct {
	ID, Kind, Property, Reservation, Stay string
	At                                    time.Time
}

// post sends an event; the caller holds mu, receivers only take it.
func (h *house) post(kind string, id pms.ReservationID, stay pms.StayID) {
	h.events++
	body, _ := json.Marshal(hook{fmt.Sprintf("event-%d", h.events), kind, "HOUSE", string(id), string(stay), h.now()})
	p := post{http.Header{}, body}
	if _, mixed := h.draw("", MixedEvents); mixed {
		h.kept = append(h.kept, p)
		return
	}
	queue := append([]post{p}, h.kept...)
	h.kept = nil
	if _, twice := h.draw("", TwiceEvents); twice {
		queue = append(queue, p)
	}
	for _, each := range queue {
		for _, receive := range h.hooks {
			receive(each.header, each.body)
		}
	}
}

// failed is an error of the reference connector.
func failed(o pms.Operation, kind error, status int) *pms.Error {
	return &pms.Error{
		Kind: kind, Vendor: referenceName, Hotel: "reference-house", Operation: string(o), Status: status, Detail: "from the reference",
	}
}

// before are the kinds at which nothing is done; after, those at which it is.
var (
	before = []Kind{CutBefore, ErrorBefore, BadGateway, LateCommit}
	after  = []Kind{CutAfter, ErrorAfter, GatewayLate, NotJSON, Truncated, HTML, Huge, Empty, NoContent, TextNumbers, OtherDates, WrongType}
	others = []Kind{RateLimited, Forbidden, TokenRevoked, TokenRefused, Silence, Drip}
)

// exchange is one request: act is what the vendor does, under its lock.
func (h *house) exchange(ctx context.Context, o pms.Operation, act func() error) error {
	lost := pms.ErrUnavailable
	if o.Writes() {
		lost = pms.ErrOutcomeUnknown
	}
	if ctx.Err() != nil {
		return failed(o, pms.ErrUnavailable, 0)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	fmt.Fprintf(&h.log, "request %s\n", o)
	if !h.token {
		h.tokens++
		if _, no := h.draw(o, NoToken); no {
			h.faults = append(h.faults, &Fault{Kind: NoToken, Operation: o})
			return failed(o, pms.ErrUnavailable, 0)
		}
		h.token = true
	}
	h.requests++
	fault, drawn := h.draw(o, slices.Concat(before, after, others)...)
	if !drawn {
		return act()
	}
	switch fault.Kind {
	case RateLimited:
		limited := failed(o, pms.ErrRateLimited, http.StatusTooManyRequests)
		limited.RetryAfter = fault.Wait
		return limited
	case Forbidden:
		return failed(o, pms.ErrPermission, http.StatusForbidden)
	case TokenRefused:
		h.token = false
		return failed(o, pms.ErrAuthentication, http.StatusUnauthorized)
	case TokenRevoked:
		h.tokens++
		return act()
	case LateCommit:
		h.late = append(h.late, lateWrite{h.now().Add(fault.Wait), act})
		return failed(o, lost, 0)
	case Silence, Drip:
		if err := act(); err != nil {
			return err
		}
		cleared := h.cleared
		h.silent <- struct{}{}
		h.mu.Unlock()
		defer h.mu.Lock()
		select {
		case <-ctx.Done():
		case <-cleared:
		}
		return failed(o, lost, 0)
	}
	if slices.Contains(after, fault.Kind) {
		if err := act(); err != nil {
			return err
		}
	}
	failure := failed(o, lost, http.StatusBadGateway)
	failure.Cause = io.ErrUnexpectedEOF
	if fault.Kind == TextNumbers || fault.Kind == OtherDates {
		failure.Field = "stays.total"
	}
	return failure
}
