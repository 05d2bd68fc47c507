package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/spf13/cobra"
	"go.temporal.io/sdk/client"

	"github.com/voicehive/voicehive/compliance/keys/temporalkeys"
	"github.com/voicehive/voicehive/compliance/region"
	"github.com/voicehive/voicehive/internal/temporal"
	"github.com/voicehive/voicehive/starter/api"
	"github.com/voicehive/voicehive/starter/auth"
	"github.com/voicehive/voicehive/starter/codec"
)

// drainCodec is how long requests under way may take when the server ends.
const drainCodec = 20 * time.Second

func newCodec() *cobra.Command {
	var addr string
	c := &cobra.Command{
		Use:   "codec",
		Short: "Open payloads for Temporal's Web UI, apart from the API",
		Long: `Open payloads for Temporal's Web UI, apart from the API, which serves the same
at /codec. Compliance officers read the payloads of their hotels, operations see
what stands where, and each request is in the audit log. It needs the databases
and VOICEHIVE_OIDC, and no connection to Temporal. Put TLS in front of it: the
Web UI passes its user's token to https addresses only.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			ctx, cancel := processContext(c)
			defer cancel()
			p, err := openStores(ctx, "codec")
			if err != nil {
				return err
			}
			defer p.close()
			p.attendKeys(ctx)
			return p.serveCodec(ctx, c, addr)
		},
	}
	c.Flags().StringVar(&addr, "addr", "127.0.0.1:8081", "where to listen")
	return withParent(c)
}

func (p *parts) serveCodec(ctx context.Context, c *cobra.Command, addr string) error {
	handler, err := p.codec()
	if err != nil {
		return err
	}
	if handler == nil {
		return errors.New("VOICEHIVE_OIDC is not set; the codec must know whose tokens count")
	}
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return fmt.Errorf("the codec cannot listen; choose another --addr: %w", err)
	}
	mux := http.NewServeMux()
	mux.Handle(codecPath+"/", http.StripPrefix(codecPath, handler))
	mux.Handle("GET /metrics", p.metrics.Handler())
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	if err := printJSON(c.OutOrStdout(), readyLine{Ready: true, URL: "http://" + listener.Addr().String()}); err != nil {
		return err
	}
	return api.Serve(ctx, listener, mux, p.log, drainCodec)
}

// codecPath is where the codec is, in the API and alone.
const codecPath = "/codec"

// codec makes the server that opens payloads; nil without an issuer, for it is
// for people, and API keys are none.
func (p *parts) codec() (http.Handler, error) {
	if len(p.config.Issuers) == 0 {
		return nil, nil
	}
	gate, err := auth.New(auth.Options{Issuers: p.issuers(), Client: p.client(region.Identity)})
	if err != nil {
		return nil, err
	}
	settings, err := temporal.Environment()
	if err != nil {
		return nil, err
	}
	plugin, err := p.plugin(namespaceOf(settings))
	if err != nil {
		return nil, err
	}
	options := codec.Options{
		Namespace: namespaceOf(settings), Opener: plugin, Auth: gate, Members: p.members, Origins: p.config.Codec.Origins,
		Journal: &codec.Ledger{Pool: p.pool, Writer: p.auditor, Ring: p.ring},
		Logger:  p.log, Registerer: p.metrics,
	}
	if p.config.Codec.Client != "" {
		options.Login = &codec.Login{Issuer: p.config.Issuers[0].URL, ClientID: p.config.Codec.Client, URL: p.config.Codec.URL, Client: p.client(region.Identity)}
	}
	return codec.New(options)
}

func (p *parts) issuers() []auth.Issuer {
	issuers := make([]auth.Issuer, len(p.config.Issuers))
	for i, issuer := range p.config.Issuers {
		issuers[i] = auth.Issuer{URL: issuer.URL, Audience: issuer.Audience, Clients: issuer.Clients}
		for _, role := range issuer.Roles {
			issuers[i].Roles = append(issuers[i].Roles, auth.Role(role))
		}
	}
	return issuers
}

// namespaceOf is the namespace in Temporal. Temporal's own default belongs to
// everybody, so it is not ours.
func namespaceOf(settings temporal.Config) string {
	if settings.Namespace == client.DefaultNamespace {
		return defaultNamespace
	}
	return cmp.Or(settings.Namespace, defaultNamespace)
}

// plugin makes the one that seals for a namespace.
func (p *parts) plugin(namespace string) (*temporal.Plugin, error) {
	return temporal.NewPlugin(temporal.Options{
		Namespace: namespace,
		Keys:      temporalkeys.New(p.ring),
		ScopeOf:   temporalkeys.ScopeOf,
		Clear:     codec.Clear,
	})
}
