package webhooks

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/voicehive/voicehive/connectors/pms"
)

// ErrAddress: events cannot be posted to that address.
var ErrAddress = errors.New("webhooks: the public address must look like https://voicehive.example.org; http is for this machine only")

// tidyTime bounds what is tidied up after a failure, even a caller's hang-up.
const tidyTime = 15 * time.Second

// parse reads the public address of the API.
func parse(public string) (*url.URL, error) {
	u, err := url.Parse(public)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, ErrAddress
	}
	if u.Scheme != "https" && (u.Scheme != "http" || !loopback(u.Hostname())) {
		return nil, ErrAddress
	}
	return u, nil
}

func loopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

// Subscribe asks the vendor to post the hotel's events to the public address,
// under a fresh secret. Where a subscription was in use this one replaces it:
// the old one is ended at the vendor, and its secret is valid for a day more.
// The vendor checks the address, so the API must be reachable there.
func (s *Store) Subscribe(ctx context.Context, conn pms.Connector, hotel, vendor, public string) (Subscription, error) {
	base, err := parse(public)
	if err != nil {
		return Subscription{}, err
	}
	secret, err := s.Prepare(ctx, hotel, vendor)
	if err != nil {
		return Subscription{}, err
	}
	address := base.JoinPath("v1", "webhooks", vendor, hotel, secret.Reveal()).String()
	made, err := conn.Subscribe(ctx, pms.SubscribeRequest{URL: address})
	if errors.Is(err, pms.ErrOutcomeUnknown) {
		made, err = find(ctx, conn, address, err)
	}
	tidy, cancel := context.WithTimeout(context.WithoutCancel(ctx), tidyTime)
	defer cancel()
	if err != nil {
		return Subscription{}, errors.Join(fmt.Errorf("webhooks: subscribe hotel %s: %w", hotel, err), s.Drop(tidy, hotel, vendor, secret))
	}
	old, err := s.Keep(ctx, hotel, vendor, secret, made.ID)
	if err != nil {
		// What the vendor would post now nobody would take.
		return Subscription{}, errors.Join(err, conn.Unsubscribe(tidy, made.ID))
	}
	for _, id := range old {
		if id == made.ID {
			continue // the vendor changed the one there was
		}
		if err := conn.Unsubscribe(ctx, id); err != nil {
			return Subscription{}, fmt.Errorf("webhooks: hotel %s is subscribed, but its subscription before could not be ended; end %s at the vendor: %w", hotel, id, err)
		}
	}
	return s.Subscription(ctx, hotel, vendor)
}

// find looks whether a subscription whose answer was lost was made.
func find(ctx context.Context, conn pms.Connector, address string, lost error) (pms.Subscription, error) {
	all, err := conn.Subscriptions(ctx)
	if err != nil {
		return pms.Subscription{}, errors.Join(lost, err)
	}
	at := slices.IndexFunc(all, func(sub pms.Subscription) bool { return sub.URL == address })
	if at < 0 {
		return pms.Subscription{}, lost
	}
	return all[at], nil
}

// Unsubscribe ends the hotel's subscriptions at the vendor, those that a lost
// answer left behind too, and then their secrets. Ending none is no error.
func (s *Store) Unsubscribe(ctx context.Context, conn pms.Connector, hotel, vendor string) error {
	rows, err := s.secrets(ctx, hotel, vendor)
	if err != nil {
		return err
	}
	if len(rows) == 0 {
		return nil
	}
	ids := map[pms.SubscriptionID]bool{}
	for _, row := range rows {
		if row.Subscription.Valid {
			ids[pms.SubscriptionID(row.Subscription.String)] = true
		}
	}
	listed, err := conn.Subscriptions(ctx)
	if err != nil && !errors.Is(err, pms.ErrUnsupported) {
		return fmt.Errorf("webhooks: list the subscriptions of hotel %s: %w", hotel, err)
	}
	for _, sub := range listed {
		secret := sub.URL[strings.LastIndexByte(sub.URL, '/')+1:]
		for _, row := range rows {
			if among([][]byte{row.Hash}, hashOf(secret)) {
				ids[sub.ID] = true
			}
		}
	}
	for id := range ids {
		if err := conn.Unsubscribe(ctx, id); err != nil {
			return fmt.Errorf("webhooks: end subscription %s of hotel %s: %w", id, hotel, err)
		}
	}
	return s.End(ctx, hotel, vendor)
}

// Check tells, for an operator, why the hotel's events may not arrive; nothing
// when all is well or its vendor has no events.
func (s *Store) Check(ctx context.Context, conn pms.Connector, hotel, vendor string) ([]string, error) {
	if !conn.Capabilities().Can(pms.OpSubscribe) {
		return nil, nil
	}
	in, err := s.Subscription(ctx, hotel, vendor)
	if errors.Is(err, ErrNotSubscribed) {
		return []string{"no subscription: what the staff changes shows here late; `voicehive hotel subscribe " + hotel + "` makes one"}, nil
	}
	if err != nil {
		return nil, err
	}
	listed, err := conn.Subscriptions(ctx)
	if errors.Is(err, pms.ErrUnsupported) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("webhooks: list the subscriptions of hotel %s: %w", hotel, err)
	}
	if !slices.ContainsFunc(listed, func(sub pms.Subscription) bool { return sub.ID == in.ID }) {
		return []string{"the vendor no longer has subscription " + string(in.ID) + "; `voicehive hotel subscribe " + hotel + "` makes a new one"}, nil
	}
	return nil, nil
}
