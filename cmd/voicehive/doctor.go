package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/voicehive/voicehive/connectors"
	"github.com/voicehive/voicehive/connectors/pms"
	"github.com/voicehive/voicehive/connectors/registry"
	"github.com/voicehive/voicehive/connectors/webhooks"
)

// An examination is one thing that doctor looked at.
type examination struct {
	Part    string `json:"part"`
	Healthy bool   `json:"healthy"`
	Finding string `json:"finding"`
	// Next is what to do about it; empty when it is healthy.
	Next string `json:"next,omitempty"`
}

func newConnectorDoctor() *cobra.Command {
	return withJSON(&cobra.Command{
		Use:   "doctor HOTEL",
		Short: "Explain why a hotel's connection is unhealthy",
		Long: `Explain why a hotel's connection is unhealthy: look at its entry, its status, its
credentials and their scopes, the way to the vendor, what the vendor says of the
property, and the webhooks, and say the next step for what is wrong. It changes
nothing.`,
		Args: exactly(1, "a hotel's id"),
		RunE: func(c *cobra.Command, args []string) error {
			p, err := openStores(c.Context(), "doctor")
			if err != nil {
				return err
			}
			defer p.close()
			ctx, cancel := context.WithTimeout(c.Context(), 2*time.Minute)
			defer cancel()
			found := p.examine(ctx, args[0])
			ill := 0
			rows := [][]string{{"", "PART", "FINDING"}}
			for _, e := range found {
				mark := "ok"
				if !e.Healthy {
					ill++
					mark = "ILL"
				}
				rows = append(rows, []string{mark, e.Part, e.Finding})
				if e.Next != "" {
					rows = append(rows, []string{"", "", "→ " + e.Next})
				}
			}
			if err := show(c, map[string]any{"hotel": args[0], "healthy": ill == 0, "examined": found}, func(w io.Writer) { table(w, rows...) }); err != nil {
				return err
			}
			if ill > 0 {
				return fmt.Errorf("the connection of %s is unhealthy in %d places; see above", args[0], ill)
			}
			return nil
		},
	})
}

// examine looks at one part after the other, and stops where the next could
// not work.
func (p *parts) examine(ctx context.Context, id string) []examination {
	hotel, err := p.registry.Hotel(ctx, id)
	if err != nil {
		return []examination{judge("entry", "", err)}
	}
	found := []examination{judge("entry", fmt.Sprintf("%s, property %s at %s", hotel.Name, hotel.Property, hotel.Vendor), nil)}
	if _, err = p.factory.Connector(ctx, id); err != nil {
		return append(found, judge("configuration", "", err))
	}
	// One that a maintenance does not close: it is what is being examined.
	conn, err := p.factory.Build(hotel)
	found = append(found, judge("configuration", "complete", err))
	if err != nil {
		return found
	}
	found = append(found, p.examineStatus(ctx, id), p.examineMatrix(conn), p.examineCredentials(ctx, hotel))
	health := examineHealth(ctx, conn)
	found = append(found, health)
	if !health.Healthy {
		return found
	}
	return append(append(found, examineCatalog(ctx, hotel, conn)), p.examineWebhooks(ctx, hotel, conn))
}

// judge makes an examination of an error, with the next step for its kind.
func judge(part, well string, err error) examination {
	if err == nil {
		return examination{Part: part, Healthy: true, Finding: well}
	}
	return examination{Part: part, Finding: err.Error(), Next: remedy(err)}
}

// remedy is what helps against a kind of failure.
func remedy(err error) string {
	switch {
	case errors.Is(err, registry.ErrUnknownHotel):
		return "register the hotel: voicehive hotel add FILE"
	case errors.Is(err, connectors.ErrUnknownVendor):
		return "correct the vendor in the hotel's file; a connector that is newer than this program is in the next build: make voicehive"
	case errors.Is(err, connectors.ErrMaintenance):
		return "end the maintenance: voicehive hotel maintenance HOTEL --off"
	case errors.Is(err, connectors.ErrConfiguration):
		return "correct the hotel's file and register it again: voicehive hotel add FILE"
	case errors.Is(err, pms.ErrAuthentication):
		return "renew the credentials: voicehive credentials put REF"
	case errors.Is(err, pms.ErrPermission):
		return "give the account the missing right at the vendor"
	case errors.Is(err, pms.ErrRateLimited):
		return "wait, and look which other system uses the same account"
	case errors.Is(err, pms.ErrNotFound):
		return "correct the property in the hotel's file: the account does not show it"
	case errors.Is(err, pms.ErrUnavailable):
		return "look at the vendor's status page, the endpoint, DNS and the way out of this network"
	}
	return "look at the log of the API and the workers"
}

func (p *parts) examineStatus(ctx context.Context, id string) examination {
	status, err := p.factory.Status(ctx, id)
	if err != nil {
		return judge("status", "", err)
	}
	finding := string(status.State)
	if !status.Since.IsZero() {
		finding += " since " + status.Since.Format(time.RFC3339)
	}
	if status.Reason != "" {
		finding += ": " + status.Reason
	}
	e := examination{Part: "status", Healthy: status.State == connectors.Available, Finding: finding}
	switch status.State {
	case connectors.Maintenance:
		e.Next = "end it when the work is done: voicehive hotel maintenance " + id + " --off"
	case connectors.Degraded:
		e.Next = "health checks fail; what is wrong stands below. It becomes available by itself"
	}
	return e
}

func (p *parts) examineMatrix(conn pms.Connector) examination {
	caps := conn.Capabilities()
	var missing, rebooked []string
	for _, o := range pms.Operations() {
		switch {
		case caps.Operations[o] == pms.ByRebooking:
			rebooked = append(rebooked, string(o))
		case !caps.Can(o):
			missing = append(missing, string(o))
		}
	}
	finding := "every operation is supported"
	if len(missing) > 0 {
		finding = "not supported by " + caps.Vendor + ": " + strings.Join(missing, ", ")
	}
	if len(rebooked) > 0 {
		finding += "; by rebooking: " + strings.Join(rebooked, ", ")
	}
	return judge("capabilities", finding, nil)
}

func (p *parts) examineCredentials(ctx context.Context, hotel registry.Hotel) examination {
	return judge("credentials", "complete; where they bring a token, it was granted with every scope", p.factory.CheckCredentials(ctx, hotel))
}

func examineHealth(ctx context.Context, conn pms.Connector) examination {
	health, err := conn.Health(ctx)
	return judge("health", fmt.Sprintf("%s answered in %s", health.Property.Name, health.Latency.Round(time.Millisecond)), err)
}

func examineCatalog(ctx context.Context, hotel registry.Hotel, conn pms.Connector) examination {
	if !conn.Capabilities().Can(pms.OpCatalog) {
		return judge("catalog", "the vendor has none to compare with", nil)
	}
	catalog, err := conn.Catalog(ctx)
	if err != nil {
		return judge("catalog", "", err)
	}
	findings := registry.Check(hotel, catalog)
	if len(findings) == 0 {
		return judge("catalog", fmt.Sprintf("%d room types, %d rate plans; the entry agrees", len(catalog.RoomTypes), len(catalog.RatePlans)), nil)
	}
	texts := make([]string, len(findings))
	for i, f := range findings {
		texts[i] = f.String()
	}
	return examination{Part: "catalog", Finding: strings.Join(texts, "; "), Next: "correct the hotel's file: voicehive hotel add FILE"}
}

func (p *parts) examineWebhooks(ctx context.Context, hotel registry.Hotel, conn pms.Connector) examination {
	switch caps := conn.Capabilities(); {
	case !caps.Can(pms.OpWebhook):
		return judge("webhooks", "the vendor posts no events; changes are found by reconciliation", nil)
	case !caps.Can(pms.OpSubscriptions):
		return judge("webhooks", "the vendor posts events, but where to cannot be read", nil)
	}
	store, err := webhooks.New(p.pool)
	if err != nil {
		return judge("webhooks", "", err)
	}
	problems, err := store.Check(ctx, conn, hotel.ID, hotel.Vendor)
	switch {
	case err != nil:
		return judge("webhooks", "", err)
	case len(problems) > 0:
		return examination{Part: "webhooks", Finding: strings.Join(problems, "; "), Next: "voicehive hotel subscribe " + hotel.ID + " --url https://your.public.host"}
	}
	return judge("webhooks", "the vendor posts its events here", nil)
}
