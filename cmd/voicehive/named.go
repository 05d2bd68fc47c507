package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	erasures "github.com/voicehive/voicehive/activities/erasure"
	"github.com/voicehive/voicehive/compliance/access"
	"github.com/voicehive/voicehive/compliance/region"
	"github.com/voicehive/voicehive/compliance/register"
)

const (
	// inReport is the register's country of what every installation has of its
	// own: its region report says who runs it, and where.
	inReport = "as the region report says"
	// toldOfErasures is the register's id of those in VOICEHIVE_RECIPIENTS.
	toldOfErasures = "told_of_erasures"
)

// named tells who this installation's recipients are, of whom the register says
// only what they are: by the region report, and by the file of those who are
// told of erasures.
func (p *parts) named(known register.Register) func(ctx context.Context, hotel string) (map[string][]access.Named, error) {
	return func(ctx context.Context, hotel string) (map[string][]access.Named, error) {
		file, err := erasures.OpenRecipients(p.config.Recipients)
		if err != nil {
			return nil, fmt.Errorf("VOICEHIVE_RECIPIENTS: %w", err)
		}
		checks, err := region.NewStore(p.pool).List(ctx)
		if err != nil {
			return nil, err
		}
		return namedBy(known, file, checks, hotel), nil
	}
}

// namedBy puts together what the file and the report say.
func namedBy(known register.Register, file erasures.RecipientsFile, checks []region.Check, hotel string) map[string][]access.Named {
	countries := map[string]string{} // by endpoint
	all := map[string][]access.Named{toldOfErasures: {}}
	for _, check := range checks {
		if check.Tenant != "" || check.Provider == "" {
			continue // a hotel's own system, which the register names
		}
		countries[check.Endpoint] = check.Country
		setting, _, _ := strings.Cut(check.Endpoint, "[")
		for _, r := range known.Recipients {
			one := access.Named{Name: check.Provider, Country: check.Country}
			if r.ID != toldOfErasures && r.Country == inReport && slices.Contains(strings.Split(r.Setting, ", "), setting) && !slices.Contains(all[r.ID], one) {
				all[r.ID] = append(all[r.ID], one)
			}
		}
	}
	for i, e := range file.Recipients {
		if _, ok := e.Hotels[hotel]; ok || e.All {
			all[toldOfErasures] = append(all[toldOfErasures], access.Named{Name: e.Name, Country: countries[fmt.Sprintf("VOICEHIVE_RECIPIENTS[%d]", i)]})
		}
	}
	return all
}
