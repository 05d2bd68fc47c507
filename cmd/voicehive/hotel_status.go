package main

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/voicehive/voicehive/connectors"
	"github.com/voicehive/voicehive/connectors/status"
)

func newHotelStatus() *cobra.Command {
	return withJSON(&cobra.Command{
		Use:   "status [HOTEL]",
		Short: "Show where the hotels' connections stand",
		Long: `Show where the hotels' connections stand: available, degraded (the last health
checks failed), or in maintenance (an operator closed it).`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			p, err := openStores(c.Context(), "hotel")
			if err != nil {
				return err
			}
			defer p.close()
			var all []status.Connection
			if len(args) == 0 {
				all, err = p.statuses.List(c.Context())
			} else {
				all = make([]status.Connection, 1)
				all[0], err = p.connection(c, args[0])
			}
			if err != nil {
				return err
			}
			return show(c, all, func(w io.Writer) { table(w, statusRows(all)...) })
		},
	})
}

// connection reads one hotel's connection.
func (p *parts) connection(c *cobra.Command, id string) (status.Connection, error) {
	hotel, err := p.registry.Hotel(c.Context(), id)
	if err != nil {
		return status.Connection{}, err
	}
	now, err := p.statuses.Status(c.Context(), id)
	return status.Connection{Hotel: id, Vendor: hotel.Vendor, Status: now}, err
}

func statusRows(all []status.Connection) [][]string {
	rows := [][]string{{"HOTEL", "VENDOR", "STATUS", "SINCE", "UNTIL", "CHECKED", "REASON"}}
	for _, s := range all {
		rows = append(rows, []string{s.Hotel, s.Vendor, string(s.State), moment(s.Since), moment(s.Until), moment(s.CheckedAt), s.Reason})
	}
	return rows
}

// moment prints a time in the machine's zone, or a dash for none.
func moment(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.Local().Format("2006-01-02 15:04:05")
}

func newHotelMaintenance() *cobra.Command {
	var on, off bool
	var until, reason string
	c := &cobra.Command{
		Use:   "maintenance HOTEL --on|--off",
		Short: "Close a hotel's connection for maintenance, or open it again",
		Long: `Close a hotel's connection for maintenance, or open it again. While it is closed
nothing is asked of the hotel's system for callers, who are told so; bookings
that are under way wait and go on afterwards. Every process knows within
seconds. Health checks go on.`,
		Args: exactly(1, "a hotel's id"),
		RunE: func(c *cobra.Command, args []string) error {
			end, err := maintenanceEnd(on, off, until, reason)
			if err != nil {
				return usageError{err}
			}
			p, err := openStores(c.Context(), "hotel")
			if err != nil {
				return err
			}
			defer p.close()
			if _, err := p.registry.Hotel(c.Context(), args[0]); err != nil {
				return err
			}
			kind := eventMaintenanceEnded
			if on {
				kind = eventMaintenanceBegun
			}
			entry, err := p.told(c.Context(), args[0], kind, map[string]any{"reason": reason, "until": end})
			if err != nil {
				return err
			}
			var now connectors.Status
			if on {
				now, err = p.statuses.Maintain(c.Context(), args[0], reason, end, entry)
			} else {
				now, err = p.statuses.Reopen(c.Context(), args[0], entry)
			}
			if errors.Is(err, status.ErrMaintenance) {
				return usageError{err}
			}
			if err != nil {
				return err
			}
			answer := map[string]any{"hotel": args[0], "status": now}
			return show(c, answer, func(w io.Writer) { fmt.Fprintf(w, "The connection of %s is: %s.\n", args[0], now.State) })
		},
	}
	c.Flags().BoolVar(&on, "on", false, "close the connection")
	c.Flags().BoolVar(&off, "off", false, "open it again")
	c.Flags().StringVar(&until, "until", "", "when it opens by itself: 90m, 15:30 (today or tomorrow), or 2026-12-24T15:30:00+01:00")
	c.Flags().StringVar(&reason, "reason", "", "why, for operators and callers' agents to see; no names of guests")
	return withJSON(c)
}

// maintenanceEnd checks the flags and returns when the maintenance ends; zero
// when it does not by itself.
func maintenanceEnd(on, off bool, until, reason string) (time.Time, error) {
	switch {
	case on == off:
		return time.Time{}, errors.New("give either --on or --off")
	case off && (until != "" || reason != ""):
		return time.Time{}, errors.New("--until and --reason go with --on")
	case on && reason == "":
		return time.Time{}, errors.New("--on needs a --reason")
	case until == "":
		return time.Time{}, nil
	}
	return parseEnd(until, time.Now())
}

// parseEnd reads a span, a time of the day or a moment, seen from now.
func parseEnd(text string, now time.Time) (time.Time, error) {
	if span, err := time.ParseDuration(text); err == nil {
		return now.Add(span), nil
	}
	if clock, err := time.ParseInLocation("15:04", text, now.Location()); err == nil {
		end := time.Date(now.Year(), now.Month(), now.Day(), clock.Hour(), clock.Minute(), 0, 0, now.Location())
		if !end.After(now) {
			end = end.AddDate(0, 0, 1)
		}
		return end, nil
	}
	end, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}, errors.New("--until must look like 90m, 15:30 or 2026-12-24T15:30:00+01:00")
	}
	return end, nil
}
