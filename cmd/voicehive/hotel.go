package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/voicehive/voicehive/connectors/pms"
	"github.com/voicehive/voicehive/connectors/registry"
)

func newHotel() *cobra.Command {
	group := &cobra.Command{
		Use:   "hotel",
		Short: "Register hotels and check them against their hotel system",
		Args:  cobra.NoArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	group.AddCommand(newHotelAdd(), newHotelCheck(), newHotelList(), newHotelStatus(), newHotelMaintenance(), newHotelSubscribe(), newHotelUnsubscribe())
	return group
}

func newHotelAdd() *cobra.Command {
	var unchecked bool
	c := &cobra.Command{
		Use:   "add FILE",
		Short: "Register a hotel, or replace its entry, from a YAML file",
		Long: `Register a hotel, or replace its entry, from a YAML file such as
config/hotels/hotel-aurora.yaml. The entry is checked against the hotel's own
system first; with a difference nothing is registered.`,
		Args: exactly(1, "the hotel's YAML file"),
		RunE: func(c *cobra.Command, args []string) error {
			hotel, err := registry.ParseFile(args[0])
			if err != nil {
				return err
			}
			p, err := openStores(c.Context(), "hotel")
			if err != nil {
				return err
			}
			defer p.close()
			if !unchecked {
				findings, told, err := p.check(c.Context(), hotel)
				if err != nil {
					return err
				}
				if !told {
					fmt.Fprintf(c.ErrOrStderr(), "%s: %s.\n", hotel.ID, nothingTold)
				}
				if len(findings) > 0 {
					return report(c, hotel, findings)
				}
			}
			if err := p.addHotel(c.Context(), hotel); err != nil {
				return err
			}
			return show(c, hotel, func(w io.Writer) {
				fmt.Fprintf(w, "%s is registered. Confirmations to its guests: %s.\n", hotel.ID, confirmations(hotel))
			})
		},
	}
	c.Flags().BoolVar(&unchecked, "unchecked", false, "register without asking the hotel's system")
	return withJSON(c)
}

func newHotelCheck() *cobra.Command {
	return withJSON(&cobra.Command{
		Use:   "check HOTEL|FILE",
		Short: "Compare a hotel's entry with its hotel system",
		Args:  exactly(1, "a hotel's id or YAML file"),
		RunE: func(c *cobra.Command, args []string) error {
			p, err := openStores(c.Context(), "hotel")
			if err != nil {
				return err
			}
			defer p.close()
			hotel, err := p.hotelNamed(c.Context(), args[0])
			if err != nil {
				return err
			}
			findings, told, err := p.check(c.Context(), hotel)
			if err != nil {
				return err
			}
			if len(findings) > 0 {
				return report(c, hotel, findings)
			}
			notes := p.webhookNotes(c.Context(), hotel)
			if !told {
				notes = append([]string{nothingTold}, notes...)
			}
			guests := p.confirmationsHere(hotel)
			return show(c, map[string]any{"hotel": hotel.ID, "findings": []any{}, "notes": notes, "confirmations": guests}, func(w io.Writer) {
				verdict := "agrees with its system"
				if !told {
					verdict = "has nothing to be compared with"
				}
				fmt.Fprintf(w, "%s %s.\n", hotel.ID, verdict)
				fmt.Fprintln(w, "Confirmations to its guests:", guests)
				for _, note := range notes {
					fmt.Fprintln(w, "Note:", note)
				}
			})
		},
	})
}

func newHotelList() *cobra.Command {
	return withJSON(&cobra.Command{
		Use:   "list",
		Short: "List the registered hotels",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			p, err := openStores(c.Context(), "hotel")
			if err != nil {
				return err
			}
			defer p.close()
			hotels, err := p.registry.List(c.Context())
			if err != nil {
				return err
			}
			guard, err := newGuard(p.config, os.Getenv, "", nil, p.log)
			if err != nil {
				return err
			}
			rows := [][]string{{"HOTEL", "NAME", "VENDOR", "PROPERTY", "TIME ZONE", "CURRENCY", "CONFIRMATIONS", "RESIDENCY"}}
			listed := make([]listedHotel, len(hotels))
			for i, h := range hotels {
				listed[i] = listedHotel{h, p.residency(c.Context(), guard, h)}
				rows = append(rows, []string{h.ID, h.Name, h.Vendor, h.Property, h.TimeZone, h.Currency, confirmations(h), listed[i].Residency})
			}
			return show(c, listed, func(w io.Writer) { table(w, rows...) })
		},
	})
}

// listedHotel is an entry with the state of its system's residency.
type listedHotel struct {
	registry.Hotel
	Residency string `json:"residency"`
}

// hotelNamed reads a hotel from a file, or from the registry by its id.
func (p *parts) hotelNamed(ctx context.Context, name string) (registry.Hotel, error) {
	if _, err := os.Stat(name); err == nil {
		return registry.ParseFile(name)
	}
	return p.registry.Hotel(ctx, name)
}

// nothingTold is the note on a hotel whose system has no catalogue.
const nothingTold = "its system has no catalogue, so nothing of the entry was compared; connector doctor tries the connection"

// check asks the hotel's system what it thinks of the entry; told is false when
// the system has no catalogue to ask for.
func (p *parts) check(ctx context.Context, hotel registry.Hotel) (findings []registry.Finding, told bool, err error) {
	conn, err := p.factory.Build(hotel)
	if err != nil {
		return nil, false, err
	}
	catalog, err := conn.Catalog(ctx)
	if errors.Is(err, pms.ErrUnsupported) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, fmt.Errorf("ask the system of %s: %w", hotel.ID, err)
	}
	return registry.Check(hotel, catalog), true, nil
}

// report prints what differs, and fails.
func report(c *cobra.Command, hotel registry.Hotel, findings []registry.Finding) error {
	err := show(c, map[string]any{"hotel": hotel.ID, "findings": findings}, func(w io.Writer) {
		for _, f := range findings {
			fmt.Fprintln(w, f)
		}
	})
	if err != nil {
		return err
	}
	return fmt.Errorf("%s differs from its system in %d places; correct the file", hotel.ID, len(findings))
}

// exactly demands n arguments and names them.
func exactly(n int, what string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) != n {
			return usageError{fmt.Errorf("%s needs %s", c.CommandPath(), what)}
		}
		return nil
	}
}
