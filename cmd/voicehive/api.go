package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/voicehive/voicehive/compliance/region"
	"github.com/voicehive/voicehive/connectors/registry"
	"github.com/voicehive/voicehive/connectors/webhooks"
	"github.com/voicehive/voicehive/starter"
	"github.com/voicehive/voicehive/starter/api"
	"github.com/voicehive/voicehive/starter/auth"
)

// drainAPI is how long requests under way may take when the API ends. It is
// longer than a caller may ask a write to wait.
const drainAPI = 65 * time.Second

func newAPI() *cobra.Command {
	var addr string
	c := &cobra.Command{
		Use:   "api",
		Short: "Serve the HTTP API, and carry out what nobody took up",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			ctx, cancel := processContext(c)
			defer cancel()
			p, err := openAll(ctx, "api")
			if err != nil {
				return err
			}
			defer p.close()
			if addr != "" {
				p.config.Addr = addr
			}
			return p.serveAPI(ctx, c)
		},
	}
	c.Flags().StringVar(&addr, "addr", "", "where to listen (default $VOICEHIVE_ADDR)")
	return withParent(c)
}

func (p *parts) serveAPI(ctx context.Context, c *cobra.Command) error {
	client, err := p.starter()
	if err != nil {
		return err
	}
	gate, err := auth.New(auth.Options{Keys: auth.NewKeys(p.pool), Issuers: p.issuers(), Client: p.client(region.Identity)})
	if err != nil {
		return err
	}
	mounted, err := p.mounted(ctx)
	if err != nil {
		return err
	}
	ready, err := p.readyAPI()
	if err != nil {
		return err
	}
	aged, err := p.retention()
	if err != nil {
		return err
	}
	exports, err := p.access()
	if err != nil {
		return err
	}
	handler, err := api.New(api.Options{
		Exports: exports,
		Starter: client, Auth: gate, Members: p.members, Logger: p.log, Registerer: p.metrics, Metrics: p.metrics.Handler(), Ready: ready, Version: version, Tracer: p.traces,
		Mount: mounted, Consents: starter.NewConsents(p.registry, p.consents(), p.ring),
		Subjects: starter.NewSubjects(p.registry, p.subjects(), p.ring), Requests: p.requests(), Procedure: p.requests(),
		Holds: starter.NewHolds(p.registry, p.holds(), p.subjects(), p.ring), Retention: aged, Packs: p.packs(),
	})
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", p.config.Addr)
	if err != nil {
		return fmt.Errorf("the API cannot listen; choose another --addr: %w", err)
	}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		client.Sweep(ctx, starter.Sweeping{})
		return nil
	})
	group.Go(func() error {
		client.Attend(ctx, starter.Attending{})
		return nil
	})
	group.Go(func() error {
		p.requests().Sweep(ctx, 0)
		return nil
	})
	group.Go(func() error { return api.Serve(ctx, listener, handler, p.log, drainAPI) })
	// In the group: when nobody can be told, all of it ends before this returns.
	group.Go(func() error {
		return printJSON(c.OutOrStdout(), readyLine{Ready: true, URL: "http://" + listener.Addr().String()})
	})
	return group.Wait()
}

// mounted are the pages and servers for people that the API has beside its own
// routes. Each checks its callers itself.
func (p *parts) mounted(ctx context.Context) (map[string]http.Handler, error) {
	all := map[string]http.Handler{}
	opener, err := p.codec()
	if err != nil {
		return nil, err
	}
	if opener != nil {
		all[codecPath+"/"] = http.StripPrefix(codecPath, opener)
	}
	desk, err := p.console(ctx)
	if err != nil {
		return nil, err
	}
	if desk != nil {
		all[consolePath+"/"] = http.StripPrefix(consolePath, desk)
	}
	return all, nil
}

// hotelNews names the channel on which processes tell each other that something
// changed at a hotel.
const hotelNews = "voicehive_hotel_changed"

// starter makes the client that the API is in front of.
func (p *parts) starter() (*starter.Client, error) {
	inbox, err := webhooks.New(p.pool)
	if err != nil {
		return nil, err
	}
	client := starter.New(starter.Options{
		Hotels: p.registry, Connectors: p.factory, Keys: p.ring, Ledger: p.ledger, Temporal: p.temporal,
		Statuses: p.factory, Webhooks: inbox, News: p.pool.Channel(hotelNews),
		Logger: p.log, HoldLife: p.config.Hold, Restrictions: p.restrictions(),
	})
	return client, client.Register(p.metrics)
}

// members reads who is bound to a hotel by its entry.
func (p *parts) members(ctx context.Context, hotel string) (map[string][]string, error) {
	entry, err := p.registry.Hotel(ctx, hotel)
	if errors.Is(err, registry.ErrUnknownHotel) {
		return nil, nil
	}
	members, unclear := auth.Members(entry.Roles, p.issuers())
	if unclear > 0 {
		p.log.WarnContext(ctx, "a hotel's entry names people without their issuer, and several issuers are trusted: write issuer#sub", "hotel", hotel, "people", unclear)
	}
	return members, err
}
