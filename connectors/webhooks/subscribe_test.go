//go:build unix

package webhooks_test

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"path"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/connectors/credentials"
	"github.com/voicehive/voicehive/connectors/pms"
	"github.com/voicehive/voicehive/connectors/webhooks"
)

const public = "https://voicehive.example.org/in"

// hotelSystem is a vendor that keeps subscriptions, and fails where told to.
type hotelSystem struct {
	pms.Without
	t        *testing.T
	store    *webhooks.Store
	subs     []pms.Subscription
	lost     bool // the next answer to a write is lost after it took effect
	fail     map[pms.Operation]error
	made     int
	anywhere bool   // the address need not be public
	again    bool   // a second subscription changes the first
	late     func() // called before an answer to Subscribe
}

func (v *hotelSystem) Capabilities() pms.Capabilities {
	return pms.Capabilities{Vendor: vendor, Operations: map[pms.Operation]pms.Support{pms.OpSubscribe: pms.Supported}}
}

// Subscribe checks the address as a vendor does: its secret must be good before
// the subscription is made.
func (v *hotelSystem) Subscribe(ctx context.Context, r pms.SubscribeRequest) (pms.Subscription, error) {
	if err := v.fail[pms.OpSubscribe]; err != nil {
		return pms.Subscription{}, err
	}
	u, err := url.Parse(r.URL)
	require.NoError(v.t, err)
	require.True(v.t, v.anywhere || path.Dir(u.Path) == "/in/v1/webhooks/apaleo/"+aurora, r.URL)
	require.True(v.t, known(v.t, v.store, aurora, vendor, credentials.NewSecret(path.Base(u.Path))))
	if v.late != nil {
		v.late()
	}
	if v.again && len(v.subs) == 1 {
		v.subs[0].URL = r.URL
		return v.subs[0], nil
	}
	v.made++
	sub := pms.Subscription{ID: pms.SubscriptionID(fmt.Sprintf("sub-%d", v.made)), URL: r.URL}
	v.subs = append(v.subs, sub)
	if v.lost {
		v.lost = false
		return pms.Subscription{}, &pms.Error{Kind: pms.ErrOutcomeUnknown, Vendor: vendor, Operation: "subscribe"}
	}
	return sub, nil
}

func (v *hotelSystem) Subscriptions(context.Context) ([]pms.Subscription, error) {
	return v.subs, v.fail[pms.OpSubscriptions]
}

func (v *hotelSystem) Unsubscribe(_ context.Context, id pms.SubscriptionID) error {
	if err := v.fail[pms.OpUnsubscribe]; err != nil {
		return err
	}
	var left []pms.Subscription
	for _, sub := range v.subs {
		if sub.ID != id {
			left = append(left, sub)
		}
	}
	v.subs = left
	return nil
}

func system(t *testing.T) (*webhooks.Store, *hotelSystem) {
	t.Helper()
	s, _ := open(t)
	return s, &hotelSystem{t: t, store: s, fail: map[pms.Operation]error{}}
}

func (v *hotelSystem) secret(i int) credentials.Secret {
	return credentials.NewSecret(path.Base(v.subs[i].URL))
}

func TestSubscribeAndAgain(t *testing.T) {
	t.Parallel()
	s, v := system(t)
	ctx := t.Context()
	notes, err := s.Check(ctx, v, aurora, vendor)
	require.NoError(t, err)
	require.Len(t, notes, 1)
	require.Contains(t, notes[0], "no subscription")

	made, err := s.Subscribe(ctx, v, aurora, vendor, public)
	require.NoError(t, err)
	require.Equal(t, pms.SubscriptionID("sub-1"), made.ID)
	first := v.secret(0)
	made, err = s.Subscribe(ctx, v, aurora, vendor, public)
	require.NoError(t, err)
	require.Equal(t, pms.SubscriptionID("sub-2"), made.ID)
	require.Len(t, v.subs, 1, "the one before is ended at the vendor")
	require.True(t, known(t, s, aurora, vendor, first), "but what it posted late is taken")
	notes, err = s.Check(ctx, v, aurora, vendor)
	require.NoError(t, err)
	require.Empty(t, notes)

	last := v.secret(0)
	require.NoError(t, s.Unsubscribe(ctx, v, aurora, vendor))
	require.Empty(t, v.subs)
	require.False(t, known(t, s, aurora, vendor, last))
	require.NoError(t, s.Unsubscribe(ctx, v, aurora, vendor), "there is nothing to end")
}

func TestSubscribeWhoseAnswerWasLost(t *testing.T) {
	t.Parallel()
	s, v := system(t)
	v.lost = true
	made, err := s.Subscribe(t.Context(), v, aurora, vendor, public)
	require.NoError(t, err)
	require.Equal(t, pms.SubscriptionID("sub-1"), made.ID, "it was made, and is found by its address")
	require.True(t, known(t, s, aurora, vendor, v.secret(0)))
}

// TestAVendorThatKeepsOneSubscription has no other one to end.
func TestAVendorThatKeepsOneSubscription(t *testing.T) {
	t.Parallel()
	s, v := system(t)
	v.again = true
	for range 2 {
		made, err := s.Subscribe(t.Context(), v, aurora, vendor, public)
		require.NoError(t, err)
		require.Equal(t, pms.SubscriptionID("sub-1"), made.ID)
		require.Len(t, v.subs, 1)
		require.True(t, known(t, s, aurora, vendor, v.secret(0)))
	}
}

// TestTwoWhoSubscribeAtOnce: one of them wins, and the other leaves nothing.
func TestTwoWhoSubscribeAtOnce(t *testing.T) {
	t.Parallel()
	s, v := system(t)
	v.late = func() {
		_, err := s.Prepare(t.Context(), aurora, vendor)
		require.NoError(t, err)
	}
	_, err := s.Subscribe(t.Context(), v, aurora, vendor, public)
	require.ErrorContains(t, err, "try again")
	require.Empty(t, v.subs)
}

func TestSubscribeThatFails(t *testing.T) {
	t.Parallel()
	s, v := system(t)
	ctx := t.Context()
	_, err := s.Subscribe(ctx, v, aurora, vendor, public)
	require.NoError(t, err)
	first := v.secret(0)
	lost := &pms.Error{Kind: pms.ErrOutcomeUnknown, Vendor: vendor}
	for name, failure := range map[string]error{
		"refused":                   &pms.Error{Kind: pms.ErrValidation, Vendor: vendor},
		"lost, and it is not there": lost,
	} {
		v.fail[pms.OpSubscribe] = failure
		_, err = s.Subscribe(ctx, v, aurora, vendor, public)
		require.ErrorIs(t, err, failure, name)
		in, err := s.Subscription(ctx, aurora, vendor)
		require.NoError(t, err, name)
		require.Equal(t, pms.SubscriptionID("sub-1"), in.ID, name)
		require.True(t, known(t, s, aurora, vendor, first), name)
	}
	v.fail[pms.OpSubscribe], v.fail[pms.OpSubscriptions] = lost, errors.New("away")
	_, err = s.Subscribe(ctx, v, aurora, vendor, public)
	require.ErrorIs(t, err, pms.ErrOutcomeUnknown)
	_, err = s.Check(ctx, v, aurora, vendor)
	require.Error(t, err)
	require.Error(t, s.Unsubscribe(ctx, v, aurora, vendor))

	v.fail = map[pms.Operation]error{pms.OpUnsubscribe: errors.New("away")}
	_, err = s.Subscribe(ctx, v, aurora, vendor, public)
	require.ErrorContains(t, err, "end sub-1 at the vendor")
	in, err := s.Subscription(ctx, aurora, vendor)
	require.NoError(t, err)
	require.Equal(t, pms.SubscriptionID("sub-2"), in.ID, "the new one is in use all the same")
	require.Error(t, s.Unsubscribe(ctx, v, aurora, vendor))
	require.True(t, known(t, s, aurora, vendor, v.secret(1)), "as long as the vendor posts, it is heard")
}

func TestCheckMissesWhatTheVendorLost(t *testing.T) {
	t.Parallel()
	s, v := system(t)
	_, err := s.Subscribe(t.Context(), v, aurora, vendor, public)
	require.NoError(t, err)
	v.subs = nil
	notes, err := s.Check(t.Context(), v, aurora, vendor)
	require.NoError(t, err)
	require.Len(t, notes, 1)
	require.Contains(t, notes[0], "no longer has subscription sub-1")

	v.fail[pms.OpSubscriptions] = &pms.Error{Kind: pms.ErrUnsupported, Vendor: vendor}
	notes, err = s.Check(t.Context(), v, aurora, vendor)
	require.NoError(t, err)
	require.Empty(t, notes, "a vendor that does not list them")
	require.NoError(t, s.Unsubscribe(t.Context(), v, aurora, vendor))
	notes, err = s.Check(t.Context(), pms.Without{Vendor: vendor}, aurora, vendor)
	require.NoError(t, err)
	require.Empty(t, notes, "a vendor without events")
}

func TestAddress(t *testing.T) {
	t.Parallel()
	for base, want := range map[string]string{
		"https://voicehive.example.org":  "https://voicehive.example.org/v1/webhooks/apaleo/hotel-aurora/",
		"https://voicehive.example.org/": "https://voicehive.example.org/v1/webhooks/apaleo/hotel-aurora/",
		"http://127.0.0.1:8080":          "http://127.0.0.1:8080/v1/webhooks/apaleo/hotel-aurora/",
		"http://[::1]:8080":              "http://[::1]:8080/v1/webhooks/apaleo/hotel-aurora/",
		"http://localhost:8080/api":      "http://localhost:8080/api/v1/webhooks/apaleo/hotel-aurora/",
		"http://voicehive.example.org":   "", // anybody on the way could read the secret
		"ftp://voicehive.example.org":    "",
		"voicehive.example.org":          "",
		"https://user@example.org":       "",
		"https://example.org/?a=b":       "",
		"https://example.org/#a":         "",
		"":                               "",
		"https://exa mple.org":           "",
	} {
		s, v := system(t)
		v.anywhere = true
		_, err := s.Subscribe(t.Context(), v, aurora, vendor, base)
		if want == "" {
			require.ErrorIs(t, err, webhooks.ErrAddress, base)
			require.Empty(t, v.subs, base)
			continue
		}
		require.NoError(t, err, base)
		require.Equal(t, want, strings.TrimSuffix(v.subs[0].URL, v.secret(0).Reveal()), base)
	}
}
