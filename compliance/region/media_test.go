package region_test

import (
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/region"
)

// rooms are settings of media: a LiveKit server and where its nodes send from.
func rooms(nodes ...string) []region.Endpoint {
	all := []region.Endpoint{{Name: "LIVEKIT_URL", Role: region.Media, Address: "wss://db.hotelhost.example"}}
	for _, node := range nodes {
		all = append(all, region.Endpoint{Name: "VOICEHIVE_MEDIA_NODES", Role: region.Media, Address: node, Required: true})
	}
	return all
}

func TestMediaIsStated(t *testing.T) {
	t.Parallel()
	for node, want := range map[string]region.State{
		"198.51.100.0/28":  region.Pass, // within what was declared of db.hotelhost.example
		"198.51.100.0/24":  region.Pass,
		"198.51.100.9":     region.Pass,
		"198.51.0.0/16":    region.Unknown, // wider than that
		"203.0.113.0/24":   region.Unknown,
		"198.51.100.1/24":  region.Fail, // not the beginning of a range
		"0.0.0.0/0":        region.Fail,
		"2001:db8::/16":    region.Fail,
		"169.254.0.0/16":   region.Fail,
		"127.0.0.1":        region.Fail,
		"turn:127.0.0.1:1": region.Fail,
		"":                 region.Fail,

		"turn:db.hotelhost.example:3478?transport=udp": region.Pass,
		"turns:DB.hotelhost.example:5349":              region.Pass,
		"stun:stun.l.google.example:19302":             region.Unknown,
		"wss://project.livekit.cloud":                  region.Unknown,
	} {
		g := guard(t, func(o *region.Options) { o.Declared, o.Endpoints = declared(t, declaration), rooms(node) })
		started, failed := g.Start(t.Context())
		require.Len(t, started, 2, node)
		require.Equal(t, want, started[1].State, "%s: %s", node, started[1].Reason)
		found, err := g.Media(t.Context())
		require.Equal(t, started, found, "what is asked before a join is what a start records")
		require.Equal(t, want == region.Pass, err == nil && failed == nil, node)
		named, err := guard(t, func(o *region.Options) { o.Declared, o.Endpoints = declared(t, declaration), rooms() }).Media(t.Context(), node)
		require.Equal(t, want, named[1].State, node)
		require.Equal(t, want == region.Pass, err == nil, node)
	}
	_, err := guard(t, nil).Media(t.Context())
	require.ErrorIs(t, err, region.ErrRefused, "no settings, no rooms")
}

func TestMediaCandidates(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
	g := guard(t, func(o *region.Options) {
		o.Declared, o.Endpoints, o.Now = declared(t, declaration), rooms("198.51.100.128/25", "203.0.113.0/24"), func() time.Time { return now }
	})
	for address, want := range map[string]bool{
		"198.51.100.200": true, "::ffff:198.51.100.200": true,
		"198.51.100.7":    false, // declared, but not for media
		"203.0.113.1":     false, // for media, but not declared
		"127.0.0.1":       false,
		"169.254.169.254": false,
	} {
		require.Equal(t, want, g.MediaCandidate(netip.MustParseAddr(address)), address)
	}
	now = now.AddDate(5, 0, 0)
	require.False(t, g.MediaCandidate(netip.MustParseAddr("198.51.100.200")), "its declaration ran out meanwhile")
	dev := guard(t, func(o *region.Options) { o.Production = false })
	require.True(t, dev.MediaCandidate(netip.MustParseAddr("127.0.0.1")))
	require.False(t, dev.MediaCandidate(netip.MustParseAddr("198.51.100.200")))
}
