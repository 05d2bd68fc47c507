package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/spf13/cobra"
	"go.temporal.io/sdk/client"

	"github.com/voicehive/voicehive/activities/erasure"
	"github.com/voicehive/voicehive/compliance/region"
	"github.com/voicehive/voicehive/connectors"
	"github.com/voicehive/voicehive/connectors/registry"
	"github.com/voicehive/voicehive/internal/config"
	"github.com/voicehive/voicehive/internal/temporal"
	"github.com/voicehive/voicehive/workers"
)

func newRegion() *cobra.Command {
	group := &cobra.Command{
		Use:   "region",
		Short: "See that everything stands in the EU, and record what hotels attest",
		Long: `See that everything that VoiceHive connects to stands in the EU. A state is PASS,
FAIL, UNKNOWN (which production treats as FAIL) or ATTESTED: a hotel's own
system, by the hotel's word.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	group.AddCommand(newRegionCheck(), newRegionAttest(), newRegionList())
	return group
}

// newGuard makes the region guard of a process from its settings. It makes no
// connection; Start checks them.
func newGuard(c config.Config, getenv func(string) string, pool string, metrics prometheus.Registerer, log *slog.Logger) (*region.Guard, error) {
	rules, err := region.Default()
	if err != nil {
		return nil, err
	}
	declared, err := region.OpenDeclarations(c.RegionFile, rules)
	if err != nil {
		return nil, fmt.Errorf("VOICEHIVE_REGION_FILE: %w", err)
	}
	endpoints, err := settingsEndpoints(getenv, pool)
	if err != nil {
		return nil, err
	}
	witnesses, err := witnessEndpoints(c.Audit.Witnesses)
	if err != nil {
		return nil, err
	}
	endpoints = append(endpoints, witnesses...)
	recipients, err := recipientEndpoints(c.Recipients)
	if err != nil {
		return nil, err
	}
	endpoints = append(endpoints, recipients...)
	return region.New(region.Options{
		Rules: rules, Declared: declared, Production: c.Environment == config.Production,
		Endpoints: endpoints, Registerer: metrics, Logger: log,
	})
}

// witnessEndpoints are what the policy of the audit log's witnesses names.
func witnessEndpoints(file string) (all []region.Endpoint, err error) {
	if file == "" {
		return nil, nil
	}
	policy, err := readPolicy(file)
	if err != nil {
		return nil, fmt.Errorf("VOICEHIVE_AUDIT_WITNESSES: %w", err)
	}
	for i, address := range policy.Addresses() {
		all = append(all, region.Endpoint{
			Name: fmt.Sprintf("VOICEHIVE_AUDIT_WITNESSES[%d]", i), Role: region.Witness, Address: address, Required: true,
		})
	}
	return all, nil
}

// recipientEndpoints are those who are told of erasures.
func recipientEndpoints(file string) (all []region.Endpoint, err error) {
	f, err := erasure.OpenRecipients(file)
	if err != nil {
		return nil, fmt.Errorf("VOICEHIVE_RECIPIENTS: %w", err)
	}
	for i, r := range f.Recipients {
		all = append(all, region.Endpoint{
			Name: fmt.Sprintf("VOICEHIVE_RECIPIENTS[%d]", i), Role: region.Recipient, Address: r.URL, Required: true,
		})
	}
	return all, nil
}

// settingsEndpoints are what the settings name. A GPU pool needs a speech
// server, and an empty address would be somebody else's; where media goes,
// nobody can tell who is not told. A database that is not named is missed where
// it is opened: some verbs need one of them, or none.
func settingsEndpoints(getenv func(string) string, pool string) ([]region.Endpoint, error) {
	var all []region.Endpoint
	for _, e := range config.Endpoints() {
		role := region.Role(e.Purpose)
		addresses := e.Addresses(getenv(e.Setting))
		required := role == region.Speech && pool == workers.GPU ||
			e.Setting == "VOICEHIVE_MEDIA_NODES" && getenv("LIVEKIT_URL") != "" && getenv("VOICEHIVE_ENV") == config.Production
		if len(addresses) == 0 && required {
			addresses = []string{""}
		}
		for i, address := range addresses {
			name := e.Setting
			if i > 0 {
				name = fmt.Sprintf("%s[%d]", e.Setting, i)
			}
			all = append(all, region.Endpoint{Name: name, Role: role, Address: address, Required: required})
		}
	}
	address, err := temporalAddress(getenv)
	if err != nil {
		return nil, err
	}
	address = cmp.Or(address, client.DefaultHostPort)
	return append(all, region.Endpoint{Name: "TEMPORAL_ADDRESS", Role: region.Temporal, Address: address, Required: true}), nil
}

// temporalAddress is where the settings say that Temporal is, or "".
func temporalAddress(getenv func(string) string) (string, error) {
	if address := getenv("TEMPORAL_ADDRESS"); address != "" {
		return address, nil
	}
	settings, err := temporal.Environment()
	return settings.Address, err
}

func newRegionCheck() *cobra.Command {
	var settingsOnly bool
	var pool string
	c := &cobra.Command{
		Use:   "check",
		Short: "Check every endpoint of the settings and of the hotels now",
		Long: `Check every endpoint of the settings and of the hotels now, as a start does: whose
it is, where it stands, and where its name leads. It fails when one of them must
not be used. With --settings no database is needed.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			p, err := openBase(os.Getenv)
			if err != nil {
				return err
			}
			defer p.close()
			guard, err := newGuard(p.config, os.Getenv, pool, p.metrics, p.log)
			if err != nil {
				return err
			}
			findings := guard.Check(c.Context(), guard.Endpoints()...)
			if !settingsOnly && !refuses(guard, findings) {
				hotels, err := checkHotels(c.Context(), guard)
				if err != nil {
					return err
				}
				findings = append(findings, hotels...)
			}
			if err := show(c, findings, func(w io.Writer) { table(w, findingRows(findings)...) }); err != nil {
				return err
			}
			if refuses(guard, findings) {
				return fmt.Errorf("%w: see each line for why, and docs/region.md for what to do", region.ErrRefused)
			}
			return nil
		},
	}
	c.Flags().BoolVar(&settingsOnly, "settings", false, "check the settings only, and no hotel")
	c.Flags().StringVar(&pool, "pool", "", "check for a worker of this pool, too: gpu needs a speech server")
	return withJSON(c)
}

func refuses(guard *region.Guard, findings []region.Finding) bool {
	return slices.ContainsFunc(findings, func(f region.Finding) bool { return f.Refuses(guard.Production()) })
}

func checkHotels(ctx context.Context, guard *region.Guard) ([]region.Finding, error) {
	p, err := openStores(ctx, "region")
	if err != nil {
		return nil, err
	}
	defer p.close()
	hotels, err := p.registry.List(ctx)
	if err != nil {
		return nil, err
	}
	var endpoints []region.Endpoint
	for _, h := range hotels {
		its, err := p.hotelEndpoints(ctx, h)
		if err != nil {
			return nil, err
		}
		endpoints = append(endpoints, its...)
	}
	return guard.Check(ctx, endpoints...), nil
}

func (p *parts) hotelEndpoints(ctx context.Context, h registry.Hotel) ([]region.Endpoint, error) {
	addresses, err := connectors.Addresses(h)
	if err != nil {
		return nil, err
	}
	return p.registry.Endpoints(ctx, h.ID, addresses)
}

func findingRows(findings []region.Finding) [][]string {
	rows := [][]string{{"STATE", "ENDPOINT", "HOST", "CLASS", "PROVIDER", "REGION", "WHY"}}
	for _, f := range findings {
		rows = append(rows, []string{string(f.State), f.Endpoint, f.Host, string(f.Class), f.Provider, where(f), f.Reason})
	}
	return rows
}

func where(f region.Finding) string {
	if f.Region == "" {
		return f.Country
	}
	return f.Region
}

func newRegionList() *cobra.Command {
	return withJSON(&cobra.Command{
		Use:   "list",
		Short: "Show what the last checks found, and what hotels attested",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			p, err := openStores(c.Context(), "region")
			if err != nil {
				return err
			}
			defer p.close()
			checks, err := region.NewStore(p.pool).List(c.Context())
			if err != nil {
				return err
			}
			attestations, err := p.attestations(c.Context())
			if err != nil {
				return err
			}
			return show(c, map[string]any{"checks": checks, "attestations": attestations}, func(w io.Writer) {
				rows := [][]string{{"STATE", "ENDPOINT", "HOST", "CLASS", "PROVIDER", "REGION", "CHECKED", "SINCE", "WHY"}}
				for _, f := range checks {
					rows = append(rows, []string{string(f.State), f.Endpoint, f.Host, string(f.Class), f.Provider, where(f.Finding),
						moment(f.CheckedAt), moment(f.ChangedAt), f.Reason})
				}
				table(w, rows...)
				fmt.Fprintln(w)
				rows = [][]string{{"HOTEL", "ATTESTED BY", "DOCUMENT", "SHA-256", "UNTIL", "RECORDED"}}
				for _, a := range attestations {
					rows = append(rows, []string{a.Hotel, a.By, a.Document, a.SHA256, moment(a.Until), moment(a.RecordedAt)})
				}
				table(w, rows...)
			})
		},
	})
}

// attestations are the whole history of every hotel, the newest first.
func (p *parts) attestations(ctx context.Context) ([]registry.Attestation, error) {
	hotels, err := p.registry.List(ctx)
	if err != nil {
		return nil, err
	}
	all := []registry.Attestation{}
	for _, h := range hotels {
		its, err := p.registry.Attestations(ctx, h.ID)
		if err != nil {
			return nil, err
		}
		all = append(all, its...)
	}
	return all, nil
}

// residency is a word for each hotel on where its own system stands: ATTESTED,
// or what is lacking.
func (p *parts) residency(ctx context.Context, guard *region.Guard, h registry.Hotel) string {
	endpoints, err := p.hotelEndpoints(ctx, h)
	if err != nil {
		return string(region.Unknown)
	}
	state := region.Attested
	for _, e := range endpoints {
		for _, f := range guard.Name(e) {
			if f.State != region.Attested {
				state = f.State
			}
		}
	}
	return string(state)
}
