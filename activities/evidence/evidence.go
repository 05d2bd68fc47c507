// Package evidence makes packs of evidence on a Schedule: the side effects of
// the workflow of a month. Packs go onto the shelf of the hotel's packs, whose
// store takes nothing back; they hold no guest data.
//
// It stands on the activities floor, above compliance/evidence.
package evidence

import (
	"bytes"
	"context"
	"errors"
	"io"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"

	"github.com/voicehive/voicehive/activities/heartbeat"
	"github.com/voicehive/voicehive/compliance/evidence"
	"github.com/voicehive/voicehive/connectors/registry"
)

// Names of the activities on the wire. They live in histories: never change
// one.
const (
	HotelsActivity  = "evidence.hotels"
	CollectActivity = "evidence.collect"
)

// TypeRefused is the type of an error that no retry mends.
const TypeRefused = "refused"

// bySchedule is who has the packs of a month made.
const bySchedule = "schedule"

// Collector makes packs; evidence.Collector is one.
type Collector interface {
	Collect(ctx context.Context, r evidence.Request, out io.Writer) (evidence.Summary, error)
}

// Hotels lists the registry, by id.
type Hotels interface {
	Page(ctx context.Context, after string, most int) ([]registry.Hotel, error)
}

// Shelf keeps packs; *evidence.Shelf is one.
type Shelf interface {
	Of(ctx context.Context, hotel string, from, until time.Time) (evidence.Kept, error)
	Keep(ctx context.Context, by string, of evidence.Summary, pack io.ReaderAt, size int64) (evidence.Kept, error)
	Forget(ctx context.Context, hotel string) (forgotten int, err error)
}

// Activities make packs. Register a value made by New.
type Activities struct {
	packs  Collector
	hotels Hotels
	shelf  Shelf
}

// New returns the activities on the given parts.
func New(packs Collector, hotels Hotels, shelf Shelf) *Activities {
	return &Activities{packs: packs, hotels: hotels, shelf: shelf}
}

// Register registers the activities, for a worker on the queue of records.
func Register(r worker.ActivityRegistry, a *Activities) {
	r.RegisterActivityWithOptions(a.Hotels, activity.RegisterOptions{Name: HotelsActivity})
	r.RegisterActivityWithOptions(a.Collect, activity.RegisterOptions{Name: CollectActivity})
}

// A Page asks for hotels, by id, from the one after the last one seen.
type Page struct {
	After string `json:"after,omitempty"`
	Most  int    `json:"most"`
}

// Hotels are the ids of a page.
func (a *Activities) Hotels(ctx context.Context, p Page) ([]string, error) {
	page, err := a.hotels.Page(ctx, p.After, p.Most)
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(page))
	for i, h := range page {
		ids[i] = h.ID
	}
	return ids, nil
}

// A Wanted names a pack.
type Wanted struct {
	Hotel string    `json:"hotel"`
	From  time.Time `json:"from"`
	Until time.Time `json:"until"`
}

// A Made tells of a pack that is kept.
type Made struct {
	// Object was where it lay before there was a shelf; histories have it.
	Object string `json:"object,omitempty"`
	// Pack is its id on the shelf.
	Pack   string `json:"pack,omitempty"`
	SHA256 string `json:"sha256"`
	Bytes  int    `json:"bytes"`
	// Known tells that it was there already.
	Known        bool `json:"known,omitempty"`
	NotSatisfied int  `json:"not_satisfied,omitempty"`
}

// Collect makes a pack and keeps it. One that is there stays: a month has one.
// Packs of the hotel whose time is over are forgotten on the way.
func (a *Activities) Collect(ctx context.Context, w Wanted) (Made, error) {
	defer heartbeat.Start(ctx)()
	if _, err := a.shelf.Forget(ctx, w.Hotel); err != nil {
		return Made{}, err
	}
	kept, err := a.shelf.Of(ctx, w.Hotel, w.From, w.Until)
	known := err == nil
	if errors.Is(err, evidence.ErrUnknownPack) {
		kept, err = a.make(ctx, w)
	}
	if err != nil {
		return Made{}, err
	}
	return Made{Pack: kept.ID, SHA256: kept.SHA256, Bytes: int(kept.Bytes), Known: known, NotSatisfied: kept.NotSatisfied}, nil
}

func (a *Activities) make(ctx context.Context, w Wanted) (evidence.Kept, error) {
	var out bounded
	summary, err := a.packs.Collect(ctx, evidence.Request{Hotel: w.Hotel, From: w.From, Until: w.Until}, &out)
	if err == nil {
		var kept evidence.Kept
		if kept, err = a.shelf.Keep(ctx, bySchedule, summary, bytes.NewReader(out.Bytes()), int64(out.Len())); err == nil {
			return kept, nil
		}
	}
	for _, lasting := range []error{evidence.ErrPeriod, evidence.ErrLargePack, evidence.ErrAltered} {
		if errors.Is(err, lasting) {
			return evidence.Kept{}, temporal.NewNonRetryableApplicationError("no pack can be kept of this; make it with voicehive evidence collect", TypeRefused, err)
		}
	}
	return evidence.Kept{}, err
}

// bounded is a buffer with an end.
type bounded struct{ bytes.Buffer }

// Write implements io.Writer.
func (b *bounded) Write(p []byte) (int, error) {
	if b.Len()+len(p) > evidence.MaxPack {
		return 0, evidence.ErrLargePack
	}
	return b.Buffer.Write(p)
}
