package apaleo

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"time"

	"github.com/voicehive/voicehive/connectors/pms"
	"github.com/voicehive/voicehive/connectors/transport"
)

// Vendor is the name of this vendor in the registry, errors and metrics.
const Vendor = "apaleo"

// The vendor's public hosts, for registry entries that name no others.
const (
	DefaultAPI      = "https://api.apaleo.com"
	DefaultIdentity = "https://identity.apaleo.com"
)

// TokenPath is where an identity host hands out tokens.
const TokenPath = "/connect/token"

// Options say which hotel a Connector serves.
type Options struct {
	// Client reaches Apaleo's API; its Settings.Refusal must be Refusal.
	Client *transport.Client
	// Property is Apaleo's id of the property, such as BER.
	Property string
	// TimeZone is the property's.
	TimeZone *time.Location
}

// A Connector is one property at Apaleo. It is safe for concurrent use.
type Connector struct {
	pms.Without
	client   *transport.Client
	property string
	zone     *time.Location
}

var _ pms.Connector = (*Connector)(nil)

// New returns a Connector. It makes no call.
func New(o Options) (*Connector, error) {
	switch {
	case o.Client == nil:
		return nil, errors.New("apaleo: a transport client is required")
	case !validID(o.Property):
		return nil, errors.New("apaleo: the property must be Apaleo's id of it, such as BER")
	case o.TimeZone == nil:
		return nil, errors.New("apaleo: the property's time zone is required")
	}
	return &Connector{Without: pms.Without{Vendor: Vendor}, client: o.Client, property: o.Property, zone: o.TimeZone}, nil
}

// maxStays bounds one booking. Apaleo documents no limit.
const maxStays = 10

// Capabilities implements pms.Connector.
func (c *Connector) Capabilities() pms.Capabilities {
	caps := pms.Capabilities{
		Vendor:     Vendor,
		Operations: map[pms.Operation]pms.Support{},
		KeyWindow:  24 * time.Hour, // documented
		// How long a write that was cut off may still take effect, and how late
		// a list shows it, is not documented: these are careful guesses.
		WriteTimeout: 60 * time.Second,
		ListLag:      30 * time.Second,
		MaxStays:     maxStays,
	}
	for _, o := range pms.Operations() {
		caps.Operations[o] = pms.Supported
	}
	return caps
}

// Health implements pms.Connector: it reads the property.
func (c *Connector) Health(ctx context.Context) (pms.Health, error) {
	start := time.Now()
	property, err := c.readProperty(ctx, "health")
	if err != nil {
		return pms.Health{}, err
	}
	return pms.Health{Property: property.named(), Latency: time.Since(start)}, nil
}

// get reads one resource into out; false when Apaleo has none (204).
func (c *Connector) get(ctx context.Context, operation, path string, query url.Values, out any) (bool, error) {
	response, err := c.client.Do(ctx, transport.Call{
		Operation: operation, Effect: transport.Read, Method: http.MethodGet, Path: path, Query: query, Out: out,
	})
	return response.Status != http.StatusNoContent, err
}

// failure is an error that this package finds itself.
func failure(operation string, kind error, field, detail string) *pms.Error {
	return &pms.Error{Kind: kind, Vendor: Vendor, Operation: operation, Field: field, Detail: detail}
}

// unreadable is an answer that is JSON but not Apaleo's contract.
func unreadable(operation string) error {
	return failure(operation, pms.ErrUnavailable, "", "the answer does not follow Apaleo's contract")
}

// idPattern is what Apaleo's ids look like. Ids come from callers and webhooks
// too; what cannot be one is not put into a path.
var idPattern = regexp.MustCompile(`^[A-Za-z0-9_]+(-[A-Za-z0-9_]+)*$`)

func validID(s string) bool { return len(s) <= 64 && idPattern.MatchString(s) }
