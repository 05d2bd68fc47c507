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
var ErrMalformed = errors.New("malformed scope or key id: want tenant/ULID or tenant/ULID/version")

// Scope is what one data key protects. ID is a ULID in its canonical form.
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

// ID names one version of a scope's key. Versions start at 1.
type ID struct {
	Scope
	Version int
}

// ParseID reads the form "tenant/ULID/version" and accepts nothing else.
func ParseID(text string) (ID, error) {
	cut := strings.LastIndexByte(text, '/')
	if cut < 0 {
		return ID{}, fmt.Errorf("%w (version)", ErrMalformed)
	}
	scope, err := ParseScope(text[:cut])
	if err != nil {
		return ID{}, err
	}
	// 31 bits: the version is an int4 in the database. Comparing the text back
	// refuses signs and leading zeros, so that one key has one name.
	version, err := strconv.ParseUint(text[cut+1:], 10, 31)
	if err != nil || version == 0 || strconv.FormatUint(version, 10) != text[cut+1:] {
		return ID{}, fmt.Errorf("%w (version)", ErrMalformed)
	}
	return ID{Scope: scope, Version: int(version)}, nil
}

func (id ID) String() string { return id.Scope.String() + "/" + strconv.Itoa(id.Version) }
