package apaleo

import (
	"context"
	"errors"
	"net/url"

	"github.com/voicehive/voicehive/connectors/pms"
)

type property struct {
	ID       string `json:"id"`
	Code     string `json:"code"`
	Name     text   `json:"name"`
	TimeZone string `json:"timeZone"`
	Currency string `json:"currencyCode"`
	Location struct {
		Country string `json:"countryCode"`
	} `json:"location"`
}

func (p property) named() pms.Named {
	return pms.Named{ID: p.ID, Code: p.Code, Name: string(p.Name)}
}

// listed is a unit group or rate plan in a list.
type listed struct {
	ID          string `json:"id"`
	Code        string `json:"code"`
	Name        text   `json:"name"`
	Description text   `json:"description"`
	UnitGroup   struct {
		ID string `json:"id"`
	} `json:"unitGroup"`
}

func (l listed) named() pms.Named {
	return pms.Named{ID: l.ID, Code: l.Code, Name: string(l.Name), Description: string(l.Description)}
}

func (c *Connector) readProperty(ctx context.Context, operation string) (property, error) {
	var p property
	if _, err := c.get(ctx, operation, "/inventory/v1/properties/"+c.property, nil, &p); err != nil {
		return property{}, err
	}
	if p.ID == "" {
		return property{}, unreadable(operation)
	}
	return p, nil
}

// Catalog implements pms.Connector. Rate plans are left out when the app has
// no right to read them; nothing else here needs that right.
func (c *Connector) Catalog(ctx context.Context) (pms.Catalog, error) {
	const operation = "catalog"
	p, err := c.readProperty(ctx, operation)
	if err != nil {
		return pms.Catalog{}, err
	}
	catalog := pms.Catalog{Property: p.named(), TimeZone: p.TimeZone, Currency: p.Currency, Country: p.Location.Country}

	query := url.Values{"propertyId": {c.property}}
	var groups struct {
		UnitGroups []listed `json:"unitGroups"`
	}
	if _, err := c.get(ctx, operation, "/inventory/v1/unit-groups", query, &groups); err != nil {
		return pms.Catalog{}, err
	}
	for _, g := range groups.UnitGroups {
		catalog.RoomTypes = append(catalog.RoomTypes, g.named())
	}

	// Apaleo publishes no machine-readable contract of this one.
	var plans struct {
		RatePlans []listed `json:"ratePlans"`
	}
	_, err = c.get(ctx, operation, "/rateplan/v1/rate-plans", query, &plans)
	if err != nil && !errors.Is(err, pms.ErrPermission) {
		return pms.Catalog{}, err
	}
	for _, r := range plans.RatePlans {
		catalog.RatePlans = append(catalog.RatePlans, pms.RatePlan{Named: r.named(), RoomTypeID: pms.RoomTypeID(r.UnitGroup.ID)})
	}
	return catalog, nil
}
