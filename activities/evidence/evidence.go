// Package evidence makes packs of evidence on a Schedule: the side effects of
// the workflow of a month. Packs go to the store of the audit log's copies,
// where what was written cannot be taken back; they hold no guest data.
//
// It stands on the activities floor, above compliance/evidence.
package evidence

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"

	"github.com/voicehive/voicehive/activities/heartbeat"
	"github.com/voicehive/voicehive/compliance/evidence"
	"github.com/voicehive/voicehive/connectors/registry"
	"github.com/voicehive/voicehive/internal/objects"
)

// Names of the activities on the wire. They live in histories: never change
// one.
const (
	HotelsActivity  = "evidence.hotels"
	CollectActivity = "evidence.collect"
)

// TypeRefused is the type of an error that no retry mends.
const TypeRefused = "refused"

// maxPack bounds a pack that a worker holds in memory.
const maxPack = 256 << 20

// Collector makes packs; evidence.Collector is one.
type Collector interface {
	Collect(ctx context.Context, r evidence.Request, out io.Writer) (evidence.Summary, error)
}

// Hotels lists the registry, by id.
type Hotels interface {
	Page(ctx context.Context, after string, most int) ([]registry.Hotel, error)
}

// Activities make packs. Register a value made by New.
type Activities struct {
	packs  Collector
	hotels Hotels
	store  objects.Store
}

// New returns the activities on the given parts.
func New(packs Collector, hotels Hotels, store objects.Store) *Activities {
	return &Activities{packs: packs, hotels: hotels, store: store}
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

// object is where the pack lies.
func (w Wanted) object() string {
	return fmt.Sprintf("evidence/%s/%s_%s.zip", w.Hotel, w.From.UTC().Format(time.DateOnly), w.Until.UTC().Format(time.DateOnly))
}

// A Made tells of a pack that lies in the store.
type Made struct {
	Object string `json:"object"`
	SHA256 string `json:"sha256"`
	Bytes  int    `json:"bytes"`
	// Known tells that it was there already.
	Known        bool `json:"known,omitempty"`
	NotSatisfied int  `json:"not_satisfied,omitempty"`
}

// Collect makes a pack and stores it. One that is there stays: a month has one.
func (a *Activities) Collect(ctx context.Context, w Wanted) (Made, error) {
	defer heartbeat.Start(ctx)()
	made := Made{Object: w.object()}
	content, err := a.store.Read(ctx, made.Object)
	switch {
	case err == nil:
		made.Known = true
	case !errors.Is(err, objects.ErrNotFound):
		return Made{}, err
	default:
		var out bounded
		summary, err := a.packs.Collect(ctx, evidence.Request{Hotel: w.Hotel, From: w.From, Until: w.Until}, &out)
		if errors.Is(err, evidence.ErrPeriod) || errors.Is(err, errTooLarge) {
			return Made{}, temporal.NewNonRetryableApplicationError("no pack can be made of this; make it with voicehive evidence collect", TypeRefused, err)
		}
		if err != nil {
			return Made{}, err
		}
		content, made.NotSatisfied = out.Bytes(), summary.NotSatisfied
		if err := a.store.Put(ctx, made.Object, content); err != nil {
			return Made{}, err
		}
	}
	sum := sha256.Sum256(content)
	made.SHA256, made.Bytes = hex.EncodeToString(sum[:]), len(content)
	return made, nil
}

var errTooLarge = errors.New("evidence: the pack is larger than 256 MiB")

// bounded is a buffer with an end.
type bounded struct{ bytes.Buffer }

// Write implements io.Writer.
func (b *bounded) Write(p []byte) (int, error) {
	if b.Len()+len(p) > maxPack {
		return 0, errTooLarge
	}
	return b.Buffer.Write(p)
}
