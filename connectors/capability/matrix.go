package capability

import (
	"maps"
	"slices"
	"time"

	"github.com/voicehive/voicehive/connectors/pms"
	"github.com/voicehive/voicehive/connectors/transport"
)

// A Matrix says for each vendor what it can do. It is never changed once it is
// read, so it is safe for concurrent use.
type Matrix struct {
	version string
	vendors map[string]*Vendor
}

// A Fact is a value of the matrix with where it is from: a place in the
// vendor's documents, or nothing but our assumption.
type Fact[T any] struct {
	Value T `yaml:"value"`
	// Source names a file of the vendor's, or a page of its documentation.
	Source string `yaml:"source"`
	// Unconfirmed marks what no document of the vendor's tells. Note then says
	// what was assumed.
	Unconfirmed bool   `yaml:"unconfirmed"`
	Note        string `yaml:"note"`
}

// A Vendor is one entry of the matrix.
type Vendor struct {
	// Title is the vendor's name for people.
	Title string `yaml:"title"`
	// Specs is the folder of the vendor's own files beside the others.
	Specs       string                      `yaml:"specs"`
	Interface   Interface                   `yaml:"interface"`
	Operations  map[pms.Operation]Operation `yaml:"operations"`
	Limits      Limits                      `yaml:"limits"`
	Constraints Constraints                 `yaml:"constraints"`
	Timing      Timing                      `yaml:"timing"`
}

// Interface tells how one speaks with the vendor.
type Interface struct {
	API     Fact[string]   `yaml:"api"`     // style of the calls
	Auth    Fact[string]   `yaml:"auth"`    // how a call proves whose it is
	Regions Fact[[]string] `yaml:"regions"` // where the vendor keeps the hotel's data
	Events  Fact[string]   `yaml:"events"`  // how changes reach us
}

// Operation tells how one pms.Operation can be had.
type Operation struct {
	Support pms.Support `yaml:"support"`
	// Calls are the vendor's own operations behind it that stand in its files.
	Calls []string `yaml:"calls"`
	// Prose are those that are only told of in text.
	Prose       []string `yaml:"prose"`
	Source      string   `yaml:"source"`
	Unconfirmed bool     `yaml:"unconfirmed"`
	Note        string   `yaml:"note"`
}

// Limits are the vendor's limits of requests, and what we make of them.
type Limits struct {
	Windows []Fact[Window] `yaml:"windows"`
	// Pace is what one credential of ours keeps to.
	Pace Fact[Pace] `yaml:"pace"`
	// ReadsShare is the part of the pace that reads may take, 0 to 1.
	ReadsShare Fact[float64] `yaml:"reads_share"`
	// QueuePerSecond is the coarse guard: the activities per second of the
	// vendor's task queue, all hotels together.
	QueuePerSecond Fact[float64] `yaml:"queue_per_second"`
}

// A Window is a limit as the vendor tells it.
type Window struct {
	Requests int           `yaml:"requests"`
	Per      time.Duration `yaml:"per"`
	// Scope is what the vendor counts by, such as an access token.
	Scope string `yaml:"scope"`
	// Soft tells that the vendor does not refuse at once what goes beyond.
	Soft bool `yaml:"soft"`
}

// A Pace is a token bucket: PerSecond requests a second in the long run, and
// Burst at once.
type Pace struct {
	PerSecond float64 `yaml:"per_second"`
	Burst     int     `yaml:"burst"`
}

// Constraints bound what one call may ask for. 0 is no limit, or none that is
// documented.
type Constraints struct {
	MaxStays      Fact[int]    `yaml:"max_stays"`       // in one reservation
	MaxNights     Fact[int]    `yaml:"max_nights"`      // in one query or stay
	MaxAhead      Fact[int]    `yaml:"max_ahead"`       // days from today to an arrival
	PartialAmend  Fact[bool]   `yaml:"partial_amend"`   // of a stay that has begun
	RoomsPerQuery Fact[int]    `yaml:"rooms_per_query"` // in one question for offers
	PageSize      Fact[int]    `yaml:"page_size"`       // the largest page of a list
	IDsPerQuery   Fact[int]    `yaml:"ids_per_query"`   // ids in one filter
	Children      Fact[string] `yaml:"children"`        // how children are told of
	Currencies    Fact[string] `yaml:"currencies"`
	Hold          Fact[string] `yaml:"hold"` // what stands in for a hold
}

// Timing says how calls behave in time.
type Timing struct {
	KeyWindow    Fact[time.Duration] `yaml:"key_window"`    // 0: no idempotency keys
	WriteTimeout Fact[time.Duration] `yaml:"write_timeout"` // see pms.Capabilities
	ListLag      Fact[time.Duration] `yaml:"list_lag"`      // see pms.Capabilities
	HedgeAfter   Fact[time.Duration] `yaml:"hedge_after"`   // 0: never
}

// Version names the content of the matrix: equal contents, equal versions.
func (m *Matrix) Version() string { return m.version }

// Vendors lists the vendors by name.
func (m *Matrix) Vendors() []string { return slices.Sorted(maps.Keys(m.vendors)) }

// Vendor returns a vendor's entry, which must not be changed; false when there
// is none.
func (m *Matrix) Vendor(name string) (*Vendor, bool) {
	v, ok := m.vendors[name]
	return v, ok
}

// Capabilities tells what the vendor can do. One that is not in the matrix can
// do nothing. What is returned is the caller's own.
func (m *Matrix) Capabilities(vendor string) pms.Capabilities {
	v, ok := m.vendors[vendor]
	if !ok {
		return pms.Capabilities{Vendor: vendor, Operations: map[pms.Operation]pms.Support{}}
	}
	caps := pms.Capabilities{
		Vendor:       vendor,
		Operations:   make(map[pms.Operation]pms.Support, len(v.Operations)),
		KeyWindow:    v.Timing.KeyWindow.Value,
		WriteTimeout: v.Timing.WriteTimeout.Value,
		ListLag:      v.Timing.ListLag.Value,
		MaxStays:     v.Constraints.MaxStays.Value,
		MaxNights:    v.Constraints.MaxNights.Value,
		MaxAhead:     v.Constraints.MaxAhead.Value,
		PartialAmend: v.Constraints.PartialAmend.Value,
		HedgeAfter:   v.Timing.HedgeAfter.Value,
	}
	for name, operation := range v.Operations {
		caps.Operations[name] = operation.Support
	}
	return caps
}

// careful is for a vendor that the matrix does not know: slow enough for any.
var careful = transport.Rate{PerSecond: 1, Burst: 1, ReadShare: 0.5}

// Limits is the rate that each credential of the vendor keeps to.
func (m *Matrix) Limits(vendor string) transport.Rate {
	v, ok := m.vendors[vendor]
	if !ok {
		return careful
	}
	pace := v.Limits.Pace.Value
	return transport.Rate{PerSecond: pace.PerSecond, Burst: pace.Burst, ReadShare: v.Limits.ReadsShare.Value}
}

// Tuning is what the matrix says about the time of one operation's requests.
// Only a question for offers is asked twice, for a caller waits for those.
func (m *Matrix) Tuning(vendor, operation string) transport.Tuning {
	v, ok := m.vendors[vendor]
	if !ok || operation != string(pms.OpAvailability) {
		return transport.Tuning{}
	}
	return transport.Tuning{HedgeAfter: v.Timing.HedgeAfter.Value}
}

// QueueRate is how many activities a second the vendor's task queue hands out,
// all hotels together. It only keeps a flood from the workers; the limit that
// counts is that of each credential.
func (m *Matrix) QueueRate(vendor string) float64 {
	if v, ok := m.vendors[vendor]; ok {
		return v.Limits.QueuePerSecond.Value
	}
	return careful.PerSecond
}
