package region

import (
	"net/netip"
	"strings"
	"time"
)

// A Class tells whose a host is.
type Class string

// The classes. A host without one is refused.
const (
	Ours           Class = "ours"             // region proven
	Controller     Class = "controller"       // a hotel's own system, attested
	NoPersonalData Class = "no personal data" // paging, identity provider
	Loopback       Class = "loopback"         // this machine; development only
	Unclassified   Class = "unclassified"
)

// A State is the outcome of a check.
type State string

// The states. In production Unknown counts as Fail.
const (
	Pass     State = "PASS"
	Fail     State = "FAIL"
	Unknown  State = "UNKNOWN"
	Attested State = "ATTESTED"
)

// A Role is what an endpoint is for. It tells which classes it may have.
type Role string

// The roles.
const (
	Database  Role = "database"
	Vault     Role = "vault"
	Temporal  Role = "temporal"
	Telemetry Role = "telemetry"
	Speech    Role = "speech"
	Media     Role = "media"
	Objects   Role = "objects"
	Messages  Role = "messages" // mail and SMS
	Proxy     Role = "proxy"
	Identity  Role = "identity"
	Paging    Role = "paging"
	Detection Role = "detection" // a second engine that sees what was said
	Witness   Role = "witness"   // sees the size and root of the audit log
	Recipient Role = "recipient" // whom guests' data was disclosed to, and who is told of erasures
	System    Role = "hotel system"
)

// Roles are all of them.
func Roles() []Role {
	return []Role{Database, Vault, Temporal, Telemetry, Speech, Media, Objects, Messages, Proxy, Identity, Paging, Witness, Detection, Recipient, System}
}

// classes are those that a role allows, loopback apart.
func (r Role) classes() []Class {
	switch r {
	case System:
		return []Class{Controller}
	case Identity, Paging, Witness:
		return []Class{NoPersonalData, Ours}
	}
	return []Class{Ours}
}

// open tells whether no setting names a role's hosts: hotels are registered, an
// identity provider says itself where its keys are, and witnesses stand in a
// policy file. Others connect to nothing but what the settings name.
func (r Role) open() bool { return r == System || r == Identity || r == Witness }

// An Endpoint is one that something is configured to connect to.
type Endpoint struct {
	// Name is the setting, or the tenant with the endpoint's name.
	Name string
	Role Role
	// Address is as configured; see Hosts. It may hold a secret and is never
	// shown.
	Address string
	// Required refuses an empty address; else there is none to check.
	Required bool
	// Tenant is whose system it is; empty for the installation's own.
	Tenant string
	// Attestation is the tenant's word; nil when it gave none.
	Attestation *Attestation
}

// An Attestation is a controller's word on where its own system stands.
type Attestation struct {
	By       string
	Document string
	SHA256   string // of the document, in hex
	Hosts    []string
	Until    time.Time
}

// A Finding is what was found of one host of an endpoint. It holds no secret.
type Finding struct {
	Endpoint string `json:"endpoint"`
	Role     Role   `json:"role"`
	Tenant   string `json:"tenant,omitempty"`
	Host     string `json:"host"`
	Class    Class  `json:"class"`
	Provider string `json:"provider,omitempty"`
	Region   string `json:"region,omitempty"`
	Country  string `json:"country,omitempty"`
	State    State  `json:"state"`
	// Reason is why, in words; the next step where there is one.
	Reason string `json:"reason,omitempty"`
	// Evidence names what an operator or a tenant showed.
	Evidence  string       `json:"evidence,omitempty"`
	Addresses []netip.Addr `json:"addresses,omitempty"`
}

// Refuses tells whether an installation must not use what was found.
func (f Finding) Refuses(production bool) bool {
	return f.State == Fail || f.State == Unknown && production
}

// String tells it in one line.
func (f Finding) String() string {
	parts := []string{string(f.State), f.Endpoint, f.Host}
	if f.Reason != "" {
		parts = append(parts, f.Reason)
	}
	return strings.Join(parts, ": ")
}
