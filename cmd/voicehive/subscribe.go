package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/voicehive/voicehive/connectors/pms"
	"github.com/voicehive/voicehive/connectors/registry"
	"github.com/voicehive/voicehive/connectors/webhooks"
)

func newHotelSubscribe() *cobra.Command {
	var public string
	c := &cobra.Command{
		Use:   "subscribe HOTEL",
		Short: "Have the hotel's system post its events here",
		Long: `Have the hotel's system post its events to this installation, so that what
the hotel's staff changes shows here at once. The API must run and be
reachable at the address, for the vendor checks it.

The address has a fresh secret in it, which is shown to nobody but the vendor.
Subscribing again replaces the secret; the one before it stays valid for a day.`,
		Example: "  voicehive hotel subscribe hotel-aurora --url https://voicehive.example.org",
		Args:    exactly(1, "a hotel's id"),
		RunE: func(c *cobra.Command, args []string) error {
			if public == "" {
				return usageError{errors.New("--url is needed: the public address of the API")}
			}
			p, err := openStores(c.Context(), "hotel")
			if err != nil {
				return err
			}
			defer p.close()
			hotel, conn, store, err := p.subscriber(c.Context(), args[0])
			if err != nil {
				return err
			}
			made, err := store.Subscribe(c.Context(), conn, hotel.ID, hotel.Vendor, public)
			if errors.Is(err, webhooks.ErrAddress) {
				return usageError{err}
			}
			if err != nil {
				return err
			}
			return show(c, map[string]any{"hotel": hotel.ID, "subscription": made.ID}, func(w io.Writer) {
				fmt.Fprintf(w, "%s is subscribed (%s).\n", hotel.ID, made.ID)
			})
		},
	}
	c.Flags().StringVar(&public, "url", "", "the public address of the API, such as https://voicehive.example.org")
	return withJSON(c)
}

func newHotelUnsubscribe() *cobra.Command {
	return withJSON(&cobra.Command{
		Use:   "unsubscribe HOTEL",
		Short: "End the hotel's subscription to events",
		Args:  exactly(1, "a hotel's id"),
		RunE: func(c *cobra.Command, args []string) error {
			p, err := openStores(c.Context(), "hotel")
			if err != nil {
				return err
			}
			defer p.close()
			hotel, conn, store, err := p.subscriber(c.Context(), args[0])
			if err != nil {
				return err
			}
			if err := store.Unsubscribe(c.Context(), conn, hotel.ID, hotel.Vendor); err != nil {
				return err
			}
			return show(c, map[string]any{"hotel": hotel.ID, "subscription": nil}, func(w io.Writer) {
				fmt.Fprintf(w, "%s has no subscription any more.\n", hotel.ID)
			})
		},
	})
}

// subscriber finds what a subscription of the hotel is made with.
func (p *parts) subscriber(ctx context.Context, id string) (registry.Hotel, pms.Connector, *webhooks.Store, error) {
	hotel, err := p.registry.Hotel(ctx, id)
	if err != nil {
		return registry.Hotel{}, nil, nil, err
	}
	conn, err := p.factory.Connector(ctx, id)
	if err != nil {
		return registry.Hotel{}, nil, nil, err
	}
	store, err := webhooks.New(p.pool)
	return hotel, conn, store, err
}

// webhookNotes tells why events of the hotel's system may not arrive. It is no
// fault of the hotel's entry, so it never fails the check of one.
func (p *parts) webhookNotes(ctx context.Context, hotel registry.Hotel) []string {
	conn, err := p.factory.Build(hotel)
	if err == nil {
		var store *webhooks.Store
		if store, err = webhooks.New(p.pool); err == nil {
			var notes []string
			if notes, err = store.Check(ctx, conn, hotel.ID, hotel.Vendor); err == nil {
				return notes
			}
		}
	}
	return []string{fmt.Sprintf("its subscription to events cannot be checked: %v", err)}
}
