package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/voicehive/voicehive/connectors/pms"
	"github.com/voicehive/voicehive/starter"
	"github.com/voicehive/voicehive/starter/api/client"
)

// guestVerb is a verb that talks to the API for one hotel.
type guestVerb struct {
	*cobra.Command
	api, hotel, key, idempotency string
	arrival, departure           string
	promo, corporate             string
	nights, adults               int
	children                     []int
}

// newGuestVerb makes a verb with the flags that all of them share.
func newGuestVerb(c *cobra.Command, run func(context.Context, *guestVerb, *client.Client, []string) error) *guestVerb {
	v := &guestVerb{Command: withJSON(c)}
	flags := c.Flags()
	flags.StringVar(&v.api, "api", "", "address of the API (default $VOICEHIVE_API, else http://127.0.0.1:8080)")
	flags.StringVar(&v.hotel, "hotel", "", "the hotel's id (default $VOICEHIVE_HOTEL)")
	c.RunE = func(c *cobra.Command, args []string) error {
		v.api = firstOf(v.api, os.Getenv("VOICEHIVE_API"), "http://127.0.0.1:8080")
		v.hotel = firstOf(v.hotel, os.Getenv("VOICEHIVE_HOTEL"))
		// A secret has no flag: a command line can be read by everybody.
		v.key = os.Getenv("VOICEHIVE_KEY")
		if v.hotel == "" || v.key == "" {
			return usageError{errors.New("set VOICEHIVE_HOTEL and VOICEHIVE_KEY; `voicehive dev` prints both")}
		}
		api, err := client.New(v.api, v.key)
		if err != nil {
			return usageError{err}
		}
		return run(c.Context(), v, api, args)
	}
	return v
}

// writes adds the flag of verbs that change something.
func (v *guestVerb) writes() *guestVerb {
	v.Flags().StringVar(&v.idempotency, "idempotency-key", "", "repeat an earlier request instead of making a new one (default: fresh)")
	return v
}

// stay adds the flags that describe a stay.
func (v *guestVerb) stay() *guestVerb {
	flags := v.Flags()
	flags.StringVar(&v.arrival, "arrival", "", "first day, such as 2026-12-24")
	flags.StringVar(&v.departure, "departure", "", "last day; or use --nights")
	flags.IntVar(&v.nights, "nights", 0, "number of nights, instead of --departure")
	flags.IntVar(&v.adults, "adults", 0, "number of adults (default 2 for a new stay)")
	flags.IntSliceVar(&v.children, "children", nil, "ages of the children, such as 4,9")
	flags.StringVar(&v.promo, "promo", "", "promotion code")
	flags.StringVar(&v.corporate, "corporate", "", "code of the guest's company")
	return v
}

func (v *guestVerb) idempotencyKey() string { return firstOf(v.idempotency, client.NewKey()) }

// dates reads the stay's days; days that are not given are zero.
func (v *guestVerb) dates() (arrival, departure pms.Date, err error) {
	if v.arrival != "" {
		if arrival, err = pms.ParseDate(v.arrival); err != nil {
			return arrival, departure, usageError{fmt.Errorf("--arrival: %w", err)}
		}
	}
	switch {
	case v.departure != "":
		departure, err = pms.ParseDate(v.departure)
	case v.nights != 0 && !arrival.IsZero():
		departure = arrival.AddDays(v.nights)
	case v.nights != 0:
		err = errors.New("needs --arrival beside it")
	}
	if err != nil {
		return arrival, departure, usageError{fmt.Errorf("--departure or --nights: %w", err)}
	}
	return arrival, departure, nil
}

func (v *guestVerb) occupancy() pms.Occupancy {
	return pms.Occupancy{Adults: v.adults, ChildrenAges: v.children}
}

// newOccupancy is occupancy for a new stay, which has two adults by default.
func (v *guestVerb) newOccupancy() pms.Occupancy {
	o := v.occupancy()
	if o.Adults == 0 {
		o.Adults = 2
	}
	return o
}

func newAvailability() *cobra.Command {
	c := &cobra.Command{
		Use: "availability", Short: "List what can be booked", Args: cobra.NoArgs,
		Example: "  voicehive availability --arrival 2026-12-01 --nights 2",
	}
	return newGuestVerb(c, func(ctx context.Context, v *guestVerb, api *client.Client, _ []string) error {
		arrival, departure, err := v.dates()
		if err != nil {
			return err
		}
		offers, err := api.Availability(ctx, v.hotel, starter.AvailabilityQuery{
			Arrival: arrival, Departure: departure, Occupancy: v.newOccupancy(), PromoCode: v.promo, CorporateCode: v.corporate,
		})
		if err != nil {
			return err
		}
		return show(c, offers, func(w io.Writer) { printOffers(w, offers) })
	}).stay().Command
}

func newQuote() *cobra.Command {
	var room, rate, change, stay string
	c := &cobra.Command{
		Use: "quote", Short: "Price a stay, or a change of a reservation", Args: cobra.NoArgs,
		Example: "  voicehive quote --room BER-DBL --rate BER-DBL-FLEX --arrival 2026-12-01 --nights 2\n" +
			"  voicehive quote --change 01JD3Z8Q4X0000000000000000 --nights 3 --arrival 2026-12-02",
	}
	v := newGuestVerb(c, func(ctx context.Context, v *guestVerb, api *client.Client, _ []string) error {
		arrival, departure, err := v.dates()
		if err != nil {
			return err
		}
		if change != "" && v.promo+v.corporate != "" {
			return usageError{errors.New("--promo and --corporate are for new stays; a change keeps the rate's own terms")}
		}
		request := starter.QuoteRequest{Reservation: change}
		if change == "" {
			request.Stays = []starter.StayRequest{{
				RoomType: pms.RoomTypeID(room), RatePlan: pms.RatePlanID(rate),
				Arrival: arrival, Departure: departure, Occupancy: v.newOccupancy(), PromoCode: v.promo, CorporateCode: v.corporate,
			}}
		} else {
			request.Changes = []starter.ChangedStay{{
				Stay: pms.StayID(stay), RoomType: pms.RoomTypeID(room), RatePlan: pms.RatePlanID(rate),
				Arrival: arrival, Departure: departure, Occupancy: v.occupancy(),
			}}
		}
		quote, err := api.Quote(ctx, v.hotel, request)
		if err != nil {
			return err
		}
		return show(c, quote, func(w io.Writer) {
			printOffers(w, quote.Offers)
			fmt.Fprintf(w, "\nQuote %s: %s until %s\n", quote.ID, quote.Total, quote.ExpiresAt.Local().Format(time.TimeOnly))
			if quote.Say != "" {
				fmt.Fprintln(w, quote.Say)
			}
		})
	}).stay()
	c.Flags().StringVar(&room, "room", "", "room type, from the availability")
	c.Flags().StringVar(&rate, "rate", "", "rate plan, from the availability")
	c.Flags().StringVar(&change, "change", "", "reservation that should change")
	c.Flags().StringVar(&stay, "stay", "", "which of its stays; not needed when it has one")
	return v.Command
}

func newBook() *cobra.Command {
	var request starter.BookRequest
	c := &cobra.Command{Use: "book QUOTE", Short: "Book a quote", Args: exactly(1, "a quote's id")}
	v := newGuestVerb(c, func(ctx context.Context, v *guestVerb, api *client.Client, args []string) error {
		request.Quote = args[0]
		return answered(c, v, func(key string) (starter.Reservation, error) { return api.Book(ctx, v.hotel, key, request) })
	}).writes()
	flags := c.Flags()
	flags.StringVar(&request.Guest.LastName, "last-name", "", "the guest's last name")
	flags.StringVar(&request.Guest.FirstName, "first-name", "", "the guest's first name")
	flags.StringVar(&request.Guest.Email, "email", "", "the guest's e-mail")
	flags.StringVar(&request.Guest.Phone, "phone", "", "the guest's phone number")
	flags.StringVar(&request.Comment, "comment", "", "a wish for the hotel's staff")
	flags.BoolVar(&request.Hold, "hold", false, "keep the room without confirming")
	return v.Command
}

func newModify() *cobra.Command {
	c := &cobra.Command{Use: "modify RESERVATION QUOTE", Short: "Change a reservation to what a quote offers", Args: exactly(2, "a reservation's and a quote's id")}
	return newGuestVerb(c, func(ctx context.Context, v *guestVerb, api *client.Client, args []string) error {
		return answered(c, v, func(key string) (starter.Reservation, error) { return api.Modify(ctx, v.hotel, args[0], key, args[1]) })
	}).writes().Command
}

func newCancel() *cobra.Command {
	c := &cobra.Command{Use: "cancel RESERVATION", Short: "Cancel a reservation, or release a hold", Args: exactly(1, "a reservation's id")}
	return newGuestVerb(c, func(ctx context.Context, v *guestVerb, api *client.Client, args []string) error {
		return answered(c, v, func(key string) (starter.Reservation, error) { return api.Cancel(ctx, v.hotel, args[0], key) })
	}).writes().Command
}

func newShow() *cobra.Command {
	c := &cobra.Command{Use: "show RESERVATION", Short: "Show a reservation", Args: exactly(1, "a reservation's id")}
	return newGuestVerb(c, func(ctx context.Context, v *guestVerb, api *client.Client, args []string) error {
		r, err := api.Reservation(ctx, v.hotel, args[0])
		if err != nil {
			return err
		}
		return show(c, r, func(w io.Writer) { printReservation(w, r) })
	}).Command
}

func newAdopt() *cobra.Command {
	c := &cobra.Command{Use: "adopt CONFIRMATION LAST-NAME", Short: "Take a reservation made elsewhere into the ledger", Args: exactly(2, "a confirmation number and a last name")}
	return newGuestVerb(c, func(ctx context.Context, v *guestVerb, api *client.Client, args []string) error {
		r, err := api.Adopt(ctx, v.hotel, starter.AdoptRequest{Confirmation: args[0], LastName: args[1]})
		if err != nil {
			return err
		}
		return show(c, r, func(w io.Writer) { printReservation(w, r) })
	}).Command
}

// answered carries out a write and shows what came of it, with the key that
// repeats it when its outcome is still open.
func answered(c *cobra.Command, v *guestVerb, write func(key string) (starter.Reservation, error)) error {
	key := v.idempotencyKey()
	r, err := write(key)
	if err != nil {
		return err
	}
	return show(c, r, func(w io.Writer) {
		printReservation(w, r)
		if !r.Settled() {
			fmt.Fprintf(w, "\nThe outcome is not known yet; VoiceHive goes on. Ask again with --idempotency-key %s\n", key)
		}
	})
}

func printOffers(w io.Writer, offers []pms.Offer) {
	if len(offers) == 0 {
		fmt.Fprintln(w, "Nothing is free on those nights.")
		return
	}
	rows := [][]string{{"ROOM", "RATE", "ROOM TYPE", "RATE PLAN", "NIGHTS", "LEFT", "TO PAY"}}
	for _, o := range offers {
		rows = append(rows, []string{
			o.RoomType.Name, o.RatePlan.Name, o.RoomType.ID, o.RatePlan.ID,
			fmt.Sprintf("%s to %s", o.Arrival, o.Departure), strconv.Itoa(o.Available), o.PayableTotal.String(),
		})
	}
	table(w, rows...)
}

func printReservation(w io.Writer, r starter.Reservation) {
	fmt.Fprintf(w, "Reservation %s: %s\n", r.ID, r.State)
	if r.Confirmation != "" {
		fmt.Fprintf(w, "Confirmation %s\n", r.Confirmation)
	}
	if !r.HoldUntil.IsZero() {
		fmt.Fprintf(w, "Held until %s\n", r.HoldUntil.Local().Format(time.DateTime))
	}
	for _, s := range r.Stays {
		fmt.Fprintf(w, "  %s, %s: %s to %s, %s\n", s.RoomType.Name, s.RatePlan.Name, s.Arrival, s.Departure, s.Total)
	}
	if r.PayableTotal.IsZero() {
		fmt.Fprintf(w, "Rooms %s; what comes on top, such as city tax, is in the quote\n", r.Total)
	} else {
		fmt.Fprintf(w, "Rooms %s, to pay %s\n", r.Total, r.PayableTotal)
	}
	if r.Say != "" {
		fmt.Fprintln(w, r.Say)
	}
}

func firstOf(values ...string) string {
	for _, v := range values {
		if strings.TrimSpace(v) != "" {
			return v
		}
	}
	return ""
}
