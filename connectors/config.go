package connectors

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/voicehive/voicehive/connectors/credentials"
	"github.com/voicehive/voicehive/connectors/pms"
	"github.com/voicehive/voicehive/connectors/registry"
)

// ErrConfiguration is wrapped by every *ConfigError: operations must correct
// the hotel's entry or its credentials.
var ErrConfiguration = errors.New("the hotel's connection is not configured well")

// A ConfigError says what keeps a hotel's connector from being made.
type ConfigError struct {
	Hotel   string
	Vendor  string
	Field   string // by its name in the hotel's file
	Problem string
	Cause   error // nil when the entry alone shows the problem
}

// Error tells hotel, field and problem in one line, and no value.
func (e *ConfigError) Error() string {
	text := fmt.Sprintf("connectors: hotel %s (%s): %s %s", e.Hotel, e.Vendor, e.Field, e.Problem)
	if e.Cause != nil {
		text += ": " + e.Cause.Error()
	}
	return text
}

// Unwrap lets errors.Is find ErrConfiguration and the cause.
func (e *ConfigError) Unwrap() []error {
	if e.Cause == nil {
		return []error{ErrConfiguration}
	}
	return []error{ErrConfiguration, e.Cause}
}

func configError(h registry.Hotel, field, problem string, cause error) *ConfigError {
	return &ConfigError{Hotel: h.ID, Vendor: h.Vendor, Field: field, Problem: problem, Cause: cause}
}

// A vendor is a line in the table: how its connector is made, and what an
// entry may say for it.
type vendor struct {
	build func(*Factory, registry.Hotel) (pms.Connector, error)
	// account is what the hotel's credentials open; nil for a vendor whose
	// credentials can be proved by a call only.
	account func(*Factory, registry.Hotel) (*credentials.Account, error)
	// endpoints are the names that an entry may give addresses to.
	endpoints []string
	// addresses are where the hotel's system is, with the vendor's own hosts;
	// nil: the entry names them all.
	addresses func(registry.Hotel) map[string]string
	// property is the form of the vendor's ids of properties, as in example.
	property *regexp.Regexp
	example  string
}

// check refuses what the connector would not understand. A misspelt endpoint
// would otherwise call the vendor's public host unseen.
func (v vendor) check(h registry.Hotel) error {
	for _, name := range slices.Sorted(maps.Keys(h.Endpoints)) {
		if !slices.Contains(v.endpoints, name) {
			return configError(h, "endpoints", "may name "+strings.Join(v.endpoints, ", ")+" and no others", nil)
		}
	}
	if !v.property.MatchString(h.Property) {
		return configError(h, "property", "must be the vendor's id of it, such as "+v.example, nil)
	}
	return nil
}

// checkCredentials refuses a hotel whose credentials are not there. A store
// that cannot be asked is no reason to: the call itself will ask again.
func (f *Factory) checkCredentials(ctx context.Context, h registry.Hotel) error {
	_, err := f.secrets.Credentials(ctx, h.CredentialsRef)
	if errors.Is(err, credentials.ErrNotFound) {
		missing := &pms.Error{Kind: pms.ErrAuthentication, Vendor: h.Vendor, Operation: "configure", Field: "credentials_ref"}
		return configError(h, "credentials_ref", "names no entry of the credentials store; add it there", missing)
	}
	if errors.Is(err, credentials.ErrInvalid) {
		return configError(h, "credentials_ref", "names an entry that cannot be used", err)
	}
	return nil
}

// CheckCredentials proves that the hotel's credentials are accepted and have
// the scopes that they ask for. It asks the vendor's identity server.
func (f *Factory) CheckCredentials(ctx context.Context, h registry.Hotel) error {
	v, ok := vendors()[h.Vendor]
	if !ok {
		return fmt.Errorf("connectors: hotel %s: %w; there are %v", h.ID, ErrUnknownVendor, Vendors())
	}
	if err := v.check(h); err != nil {
		return err
	}
	if v.account == nil {
		return f.checkCredentials(ctx, h)
	}
	account, err := v.account(f, h)
	if err != nil {
		return err
	}
	return account.Check(ctx)
}
