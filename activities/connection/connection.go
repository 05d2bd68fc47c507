// Package connection finds out whether hotels' systems answer: the side
// effects of the workflow that checks every hotel's connection on a Schedule.
//
// A check's result is what it found, good or bad, recorded in the status
// store; an error of an activity means that nothing could be found out. The
// package stands on the activities floor, above connectors.
package connection

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"

	"github.com/voicehive/voicehive/activities/heartbeat"
	"github.com/voicehive/voicehive/connectors"
	"github.com/voicehive/voicehive/connectors/pms"
	"github.com/voicehive/voicehive/connectors/registry"
	"github.com/voicehive/voicehive/connectors/status"
)

// Names of the activities on the wire. They live in histories: never change
// one.
const (
	HealthActivity = "connection.health"
	HotelsActivity = "connection.hotels"
)

// healthTime bounds one question to a hotel's system.
const healthTime = 15 * time.Second

// problemConfiguration stands in a status where the kind of a vendor's failure
// stands otherwise: the vendor was not asked.
const problemConfiguration = "configuration"

// Connectors finds the connector of a hotel.
type Connectors interface {
	Connector(ctx context.Context, hotel string) (pms.Connector, error)
}

// Statuses keeps what checks found, and knows which hotels there are.
type Statuses interface {
	Record(ctx context.Context, c status.Check) (connectors.Status, error)
	Page(ctx context.Context, after string, most int) ([]status.Connection, error)
}

// Activities are the activities of the health checks. Register a value made by
// New.
type Activities struct {
	connectors Connectors
	statuses   Statuses
}

// New returns the activities on the given parts.
func New(c Connectors, s Statuses) *Activities { return &Activities{connectors: c, statuses: s} }

// RegisterPMS registers the activity that calls the hotel's system, for a
// worker on a vendor's queue.
func RegisterPMS(r worker.ActivityRegistry, a *Activities) {
	r.RegisterActivityWithOptions(a.Health, activity.RegisterOptions{Name: HealthActivity})
}

// RegisterRecords registers the activity that reads our own records.
func RegisterRecords(r worker.ActivityRegistry, a *Activities) {
	r.RegisterActivityWithOptions(a.Hotels, activity.RegisterOptions{Name: HotelsActivity})
}

// A Page asks for hotels, by id, from the one after the last one seen.
type Page struct {
	After string `json:"after,omitempty"`
	Most  int    `json:"most"`
}

// A Hotel is one to look after, and the vendor on whose queue that is done.
type Hotel struct {
	ID     string `json:"id"`
	Vendor string `json:"vendor"`
}

// Hotels lists a page of the registered hotels.
func (a *Activities) Hotels(ctx context.Context, p Page) ([]Hotel, error) {
	page, err := a.statuses.Page(ctx, p.After, p.Most)
	if err != nil {
		return nil, err
	}
	hotels := make([]Hotel, len(page))
	for i, c := range page {
		hotels[i] = Hotel{ID: c.Hotel, Vendor: c.Vendor}
	}
	return hotels, nil
}

// A Probe asks for one hotel's health. At is when its round began: an attempt
// that is repeated counts once.
type Probe struct {
	Hotel string    `json:"hotel"`
	At    time.Time `json:"at"`
}

// Found is what a probe found, and where the connection stands with it.
type Found struct {
	State connectors.State `json:"state"`
	// Problem is the kind of failure; empty when the system is well.
	Problem string `json:"problem,omitempty"`
	// Untold tells that nothing could be learned, so that nothing was recorded.
	Untold bool `json:"untold,omitempty"`
}

// Health asks the hotel's system for its health and records the answer. A
// circuit that is open counts as an answer: the last calls failed.
func (a *Activities) Health(ctx context.Context, p Probe) (Found, error) {
	defer heartbeat.Start(ctx)()
	problem, told, err := a.ask(ctx, p.Hotel)
	if err != nil || !told {
		return Found{Untold: true}, err
	}
	now, err := a.statuses.Record(ctx, status.Check{Hotel: p.Hotel, At: p.At, Problem: problem})
	if err != nil {
		return Found{}, err
	}
	return Found{State: now.State, Problem: problem}, nil
}

// ask returns the kind of failure, or "". told is false when the answer says
// nothing of the hotel's system: our own limits stopped the request, or this
// worker is stopping.
func (a *Activities) ask(ctx context.Context, hotel string) (problem string, told bool, err error) {
	bounded, cancel := context.WithTimeout(ctx, healthTime)
	defer cancel()
	conn, err := a.connectors.Connector(bounded, hotel)
	if err == nil {
		_, err = conn.Health(bounded)
	}
	switch {
	case err == nil:
		return "", true, nil
	case ctx.Err() != nil:
		return "", false, fmt.Errorf("connection: the check was cut off: %w", ctx.Err())
	case errors.Is(err, registry.ErrUnknownHotel):
		return "", false, temporal.NewNonRetryableApplicationError("the hotel is not registered any more", "unknown_hotel", nil)
	case errors.Is(err, pms.ErrRateLimited), errors.Is(err, pms.ErrUnsupported):
		return "", false, nil
	case errors.Is(err, connectors.ErrConfiguration), errors.Is(err, connectors.ErrUnknownVendor):
		return problemConfiguration, true, nil
	case pms.KindName(err) == "internal":
		// Ours: the registry or the credentials store did not answer.
		return "", false, fmt.Errorf("connection: the check could not be made: %w", err)
	}
	return pms.KindName(err), true, nil
}
