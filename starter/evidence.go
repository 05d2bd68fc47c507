package starter

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/voicehive/voicehive/compliance/evidence"
)

// PackShelf keeps packs of evidence. *evidence.Shelf is one.
type PackShelf interface {
	List(ctx context.Context, hotel, before string, most int) ([]evidence.Kept, error)
	Keep(ctx context.Context, by string, of evidence.Summary, pack io.ReaderAt, size int64) (evidence.Kept, error)
	Open(ctx context.Context, hotel, id, by string) (*evidence.Opened, error)
}

// Packs is the way to packs of evidence that are kept, for compliance officers.
// Its errors are *Problem. It is safe for concurrent use.
type Packs struct {
	hotels Hotels
	shelf  PackShelf
	macs   Macer
	slots  chan struct{}
}

// mostOut is how many packs are on their way out at once: each lies in a file
// meanwhile.
const mostOut = 4

// NewPacks returns it on the given parts.
func NewPacks(h Hotels, s PackShelf, m Macer) *Packs {
	return &Packs{hotels: h, shelf: s, macs: m, slots: make(chan struct{}, mostOut)}
}

// PackList are some of a hotel's packs, the newest first.
type PackList struct {
	Packs []evidence.Kept `json:"packs" nullable:"false"`
	// Next is the last of them when there are more.
	Next string `json:"next,omitempty"`
}

// packsListed is how many packs a list has.
const packsListed = 25

// List lists packs that are kept: those before the one with the id, or the
// newest when it is empty.
func (p *Packs) List(ctx context.Context, hotel, before string) (PackList, error) {
	list := PackList{Packs: []evidence.Kept{}}
	if _, err := (&Client{Options: Options{Hotels: p.hotels}}).hotel(ctx, hotel); err != nil {
		return list, err
	}
	if before != "" && !ulidPattern.MatchString(before) {
		return list, InvalidRequest.In("/before", "A pack's id looks like 01JD3Z8Q4X0000000000000000.")
	}
	all, err := p.shelf.List(ctx, hotel, before, packsListed+1)
	if err != nil {
		return list, packProblem(err)
	}
	if len(all) > packsListed {
		all = all[:packsListed]
		list.Next = all[packsListed-1].ID
	}
	list.Packs = append(list.Packs, all...)
	return list, nil
}

// Keep keeps a pack that an officer had made.
func (p *Packs) Keep(ctx context.Context, hotel, subject string, of evidence.Summary, pack io.ReaderAt, size int64) (evidence.Kept, error) {
	by, err := Pseudonym(ctx, p.macs, hotel, "compliance", subject)
	if err != nil {
		return evidence.Kept{}, err
	}
	kept, err := p.shelf.Keep(ctx, by, of, pack, size)
	return kept, packProblem(err)
}

// An OutgoingPack is a whole pack on its way to an officer. Close it.
type OutgoingPack struct {
	*evidence.Opened
	done func()
}

// Close implements io.Closer.
func (o *OutgoingPack) Close() error {
	defer o.done()
	return o.Opened.Close()
}

// Open hands a pack out, once it is known to be what was kept.
func (p *Packs) Open(ctx context.Context, hotel, subject, id string) (*OutgoingPack, error) {
	if !ulidPattern.MatchString(id) {
		return nil, packProblem(evidence.ErrUnknownPack)
	}
	by, err := Pseudonym(ctx, p.macs, hotel, "compliance", subject)
	if err != nil {
		return nil, err
	}
	select {
	case p.slots <- struct{}{}:
	default:
		busy := TooMany.With("Others are fetching packs just now. Try again in a moment.")
		busy.RetryAfter = 10 * time.Second
		return nil, busy
	}
	opened, err := p.shelf.Open(ctx, hotel, id, by)
	if err != nil {
		<-p.slots
		return nil, packProblem(err)
	}
	return &OutgoingPack{opened, func() { <-p.slots }}, nil
}

// packProblem is the one place where refusals of the shelf become problems.
func packProblem(err error) error {
	switch {
	case errors.Is(err, evidence.ErrUnknownPack):
		return UnknownPack.With("Look at the hotel's packs.").because(err)
	case errors.Is(err, evidence.ErrGone):
		return PackDamaged.With("The store does not have the whole pack any more. It stands in the audit log; tell an operator, and make a pack of the same period anew.").because(err)
	case errors.Is(err, evidence.ErrAltered):
		return PackDamaged.With("The store has other bytes than the pack that was kept, so it is handed out to nobody. It stands in the audit log; tell an operator.").because(err)
	case errors.Is(err, evidence.ErrLargePack):
		return InvalidRequest.In("/until", "The pack is larger than one that is kept may be. Choose a shorter period.").because(err)
	case errors.Is(err, evidence.ErrNoStore):
		return Unavailable.With("This process cannot reach the store of packs. An operator can: voicehive evidence get.").because(err)
	}
	return problemOf(err)
}
