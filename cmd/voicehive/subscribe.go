package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

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
			hotel, err := p.registry.Hotel(c.Context(), args[0])
			if err != nil {
				return err
			}
			conn, err := p.factory.Connector(c.Context(), hotel.ID)
			if err != nil {
				return err
			}
			store, err := webhooks.New(p.pool)
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
			hotel, err := p.registry.Hotel(c.Context(), args[0])
			if err != nil {
				return err
			}
			conn, err := p.factory.Connector(c.Context(), hotel.ID)
			if err != nil {
				return err
			}
			store, err := webhooks.New(p.pool)
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
