package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"

	"github.com/spf13/cobra"

	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/compliance/region"
	"github.com/voicehive/voicehive/internal/temporal"
	"github.com/voicehive/voicehive/starter"
	"github.com/voicehive/voicehive/starter/api"
	"github.com/voicehive/voicehive/starter/auth"
	"github.com/voicehive/voicehive/starter/console"
)

// consolePath is where the console is, in the API and alone.
const consolePath = "/console"

func newConsole() *cobra.Command {
	var addr string
	c := &cobra.Command{
		Use:   "console",
		Short: "Serve the compliance officer's pages, apart from the API",
		Long: `Serve the compliance officer's pages, apart from the API, which serves the same
at /console: data-subject requests, holds, retention, consents, the audit log and
evidence. It needs the databases, Temporal, VOICEHIVE_OIDC, VOICEHIVE_CONSOLE_URL
and VOICEHIVE_CONSOLE_CLIENT. Put TLS in front of it: its cookies go over https
only.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			ctx, cancel := processContext(c)
			defer cancel()
			p, err := openAll(ctx, "console")
			if err != nil {
				return err
			}
			defer p.close()
			return p.serveConsole(ctx, c, addr)
		},
	}
	c.Flags().StringVar(&addr, "addr", "127.0.0.1:8082", "where to listen")
	return withParent(c)
}

func (p *parts) serveConsole(ctx context.Context, c *cobra.Command, addr string) error {
	handler, err := p.console(ctx)
	if err != nil {
		return err
	}
	if handler == nil {
		return errors.New("VOICEHIVE_CONSOLE_CLIENT is not set; officers must be able to log in")
	}
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return fmt.Errorf("the console cannot listen; choose another --addr: %w", err)
	}
	mux := http.NewServeMux()
	mux.Handle(consolePath+"/", http.StripPrefix(consolePath, handler))
	mux.Handle("GET /metrics", p.metrics.Handler())
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	if err := printJSON(c.OutOrStdout(), readyLine{Ready: true, URL: "http://" + listener.Addr().String()}); err != nil {
		return err
	}
	return api.Serve(ctx, listener, mux, p.log, drainCodec)
}

// console makes the officers' pages; nil where nobody could log in.
func (p *parts) console(ctx context.Context) (http.Handler, error) {
	settings := p.config.Console
	if settings.Client == "" {
		return nil, nil
	}
	// Sessions are sealed under the house's key.
	if err := p.ensureHouse(ctx); err != nil {
		return nil, err
	}
	gate, err := auth.New(auth.Options{Issuers: p.issuers(), Client: p.client(region.Identity)})
	if err != nil {
		return nil, err
	}
	log, err := p.hotelLog()
	if err != nil {
		return nil, err
	}
	collector, err := p.evidenceCollector(log.Log)
	if err != nil {
		return nil, err
	}
	erasures, err := p.erasures()
	if err != nil {
		return nil, err
	}
	terms, err := p.retention()
	if err != nil {
		return nil, err
	}
	where, err := temporal.Environment()
	if err != nil {
		return nil, err
	}
	return console.New(console.Options{
		Login: console.Login{Issuer: p.config.Issuers[0].URL, ClientID: settings.Client, URL: settings.URL, Client: p.client(region.Identity)},
		Auth:  gate, Hotels: p.registry, Keys: p.ring, Members: p.members,
		Journal: &console.Ledger{Pool: p.pool, Writer: p.auditor}, Ended: &console.EndedSessions{Pool: p.pool},
		People: starter.NewSubjects(p.registry, p.subjects(), p.ring), Consents: p.consents(), Bookings: p.ledger,
		Log: log, Cases: p.requests(), Procedure: p.requests(), Holds: starter.NewHolds(p.registry, p.holds(), p.subjects(), p.ring), Retention: terms,
		Erasures: erasures,
		Evidence: &console.HotelEvidence{Collector: collector}, Packs: p.packs(),
		TemporalUI: settings.TemporalUI, Namespace: namespaceOf(where), Logger: p.log,
	})
}

// hotelLog is the audit log as officers see it.
func (p *parts) hotelLog() (*console.HotelLog, error) {
	log, err := audit.NewLog(p.pool, p.config.Audit.Name)
	if err != nil {
		return nil, fmt.Errorf("VOICEHIVE_AUDIT_NAME: %w", err)
	}
	signer, err := p.auditSigner()
	if err != nil {
		return nil, err
	}
	return &console.HotelLog{Log: log, Name: p.config.Audit.Name, Signer: signer, Writer: p.auditor}, nil
}
