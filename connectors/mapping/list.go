package mapping

import (
	"context"
	"iter"

	"golang.org/x/sync/errgroup"

	"github.com/voicehive/voicehive/connectors/pms"
)

// maxPages bounds a list, which a vendor that ignores the page number would
// make endless.
const maxPages = 200

// Pages streams the items of a list that comes in pages, counted from 1, until
// fetch says that there are no more. While the list changes under us an item
// may move to the next page and come again, so an item whose id was seen is
// left out; one without an id is Malformed. An error is the last thing that is
// yielded.
func Pages[T any](id func(T) string, fetch func(page int) (items []T, more bool, err error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		seen := map[string]bool{}
		for page := 1; page <= maxPages; page++ {
			items, more, err := fetch(page)
			if err != nil {
				yield(none, err)
				return
			}
			for _, item := range items {
				name := id(item)
				if name == "" {
					yield(none, Malformed("id"))
					return
				}
				if seen[name] {
					continue
				}
				seen[name] = true
				if !yield(item, nil) {
					return
				}
			}
			if !more {
				return
			}
		}
		yield(none, &pms.Error{Kind: pms.ErrUnavailable, Detail: "the list does not end"})
	}
}

// Convert maps the items of a stream. An error is passed on as it is.
func Convert[A, B any](from iter.Seq2[A, error], to func(A) B) iter.Seq2[B, error] {
	return func(yield func(B, error) bool) {
		for item, err := range from {
			var mapped B
			if err == nil {
				mapped = to(item)
			}
			if !yield(mapped, err) {
				return
			}
		}
	}
}

// Each maps items, and none to none.
func Each[A, B any](items []A, to func(A) B) []B {
	var mapped []B
	for _, item := range items {
		mapped = append(mapped, to(item))
	}
	return mapped
}

// Gather maps items in parallel, at most atOnce at a time, and keeps their
// order. The first error ends it.
func Gather[A, B any](ctx context.Context, atOnce int, items []A, to func(context.Context, A) (B, error)) ([]B, error) {
	mapped := make([]B, len(items))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(atOnce)
	for i, item := range items {
		group.Go(func() (err error) {
			mapped[i], err = to(ctx, item)
			return err
		})
	}
	return mapped, group.Wait()
}

// Unique finds the one reservation that carries exactly our reference, in a
// stream whose references may only begin with it. The items are whatever the
// vendor lists, reservations or their stays; named tells the reference and the
// reservation of one, as OfStay does. It returns the first item of the reservation. Two
// reservations are a conflict that the desk must solve.
func Unique[T any](list iter.Seq2[T, error], ref pms.Reference, named func(T) (pms.Reference, pms.ReservationID)) (T, error) {
	var found, none T
	var id pms.ReservationID
	if ref == "" {
		return none, Refused(pms.ErrNotFound, "reference", "")
	}
	for item, err := range list {
		if err != nil {
			return none, err
		}
		carried, of := named(item)
		switch {
		case carried != ref:
		case of == "":
			return none, Malformed("id") // left out, it would be booked again
		case id == "":
			found, id = item, of
		case id != of:
			return none, Refused(pms.ErrConflict, "reference", "two bookings carry this reference; the desk must cancel one")
		}
	}
	if id == "" {
		return none, Refused(pms.ErrNotFound, "reference", "")
	}
	return found, nil
}

// OfStay tells the reference and the reservation of a stay.
func OfStay(s pms.Stay) (pms.Reference, pms.ReservationID) { return s.Reference, s.ReservationID }
