package keys

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/oklog/ulid/v2"
)

// tenantID is the scope ID of a tenant's own key: for what belongs to no guest.
const tenantID = "00000000000000000000000000"

// tenantPattern is the form of a hotel's id in the registry.
var tenantPattern = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{1,62}$`)

// ErrMalformed says that a text is not a scope or a key id.
var ErrMalformed = errors.New("malformed scope or key id: want tenant/ULID, tenant/ULID/version or tenant/ULID/purpose/version")

// Scope is what is erased together: a booking, a call, a request. It has a key
// for each purpose. ID is a ULID in its canonical form.
type Scope struct {
	Tenant string
	ID     string
}

// TenantScope is the tenant's own scope, for payloads that belong to no guest.
func TenantScope(tenant string) Scope { return Scope{Tenant: tenant, ID: tenantID} }

// ParseScope reads the form "tenant/ULID" and accepts nothing else.
func ParseScope(text string) (Scope, error) {
	tenant, id, _ := strings.Cut(text, "/")
	s := Scope{Tenant: tenant, ID: id}
	return s, s.Validate()
}

// Validate returns ErrMalformed unless both parts are in their canonical form.
// The text itself stays out of the error: it may be anything.
func (s Scope) Validate() error {
	if !tenantPattern.MatchString(s.Tenant) {
		return fmt.Errorf("%w (tenant)", ErrMalformed)
	}
	id, err := ulid.ParseStrict(s.ID)
	if err != nil || id.String() != s.ID {
		return fmt.Errorf("%w (ULID)", ErrMalformed)
	}
	return nil
}

// IsTenant tells whether this is a tenant's own scope.
func (s Scope) IsTenant() bool { return s.ID == tenantID }

func (s Scope) String() string { return s.Tenant + "/" + s.ID }

// Slot is where a scope's key for one purpose stands.
type Slot struct {
	Scope
	Purpose Purpose
}

// Validate returns ErrMalformed unless scope and purpose are well formed.
func (s Slot) Validate() error {
	if err := s.Scope.Validate(); err != nil {
		return err
	}
	return s.Purpose.Validate()
}

func (s Slot) String() string { return s.Scope.String() + "/" + string(s.Purpose) }

// ID names one version of a scope's key. Versions start at 1.
type ID struct {
	Scope
	Purpose Purpose
	Version int
}

// ParseID reads the form "tenant/ULID/version", which is a key for Operations,
// or "tenant/ULID/purpose/version" for any other, and accepts nothing else.
func ParseID(text string) (ID, error) {
	parts := strings.Split(text, "/")
	purpose := Operations
	switch len(parts) {
	case 3:
	case 4:
		// One key has one name: Operations is never written out.
		if purpose = Purpose(parts[2]); purpose == Operations || purpose.Validate() != nil {
			return ID{}, fmt.Errorf("%w (purpose)", ErrMalformed)
		}
	default:
		return ID{}, ErrMalformed
	}
	scope := Scope{Tenant: parts[0], ID: parts[1]}
	if err := scope.Validate(); err != nil {
		return ID{}, err
	}
	last := parts[len(parts)-1]
	// 31 bits: the version is an int4 in the database. Comparing the text back
	// refuses signs and leading zeros.
	version, err := strconv.ParseUint(last, 10, 31)
	if err != nil || version == 0 || strconv.FormatUint(version, 10) != last {
		return ID{}, fmt.Errorf("%w (version)", ErrMalformed)
	}
	return ID{Scope: scope, Purpose: purpose, Version: int(version)}, nil
}

// Slot is the key's without its version.
func (id ID) Slot() Slot { return Slot{Scope: id.Scope, Purpose: id.Purpose} }

func (id ID) String() string {
	if id.Purpose == Operations {
		return id.Scope.String() + "/" + versionText(id.Version)
	}
	return id.Slot().String() + "/" + versionText(id.Version)
}

func versionText(version int) string { return strconv.Itoa(version) }
