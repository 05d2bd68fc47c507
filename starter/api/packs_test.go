package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/audit/audittest"
	"github.com/voicehive/voicehive/compliance/consent/consenttest"
	"github.com/voicehive/voicehive/compliance/evidence"
	"github.com/voicehive/voicehive/connectors/registry"
	"github.com/voicehive/voicehive/internal/objects"
	"github.com/voicehive/voicehive/starter"
)

// newPacksBench is an API on a real shelf in a folder.
func newPacksBench(t *testing.T) (b *deskBench, desk *starter.Packs, folder string) {
	t.Helper()
	b, folder = newDeskBench(t), filepath.Join(t.TempDir(), "store")
	hotels, err := registry.New(b.house.Pool)
	require.NoError(t, err)
	store, err := objects.OpenDirectory(folder)
	require.NoError(t, err)
	shelf := &evidence.Shelf{Pool: b.house.Pool, Auditor: b.house.Writer, Store: store, Term: 24 * time.Hour, Temp: t.TempDir()}
	desk = starter.NewPacks(hotels, shelf, b.house.Ring)
	b.Handler, err = New(Options{Starter: b.starter, Auth: starAuth{}, Version: "1.2.3", Packs: desk, Logger: slog.New(slog.NewJSONHandler(b.log, nil))})
	require.NoError(t, err)
	return b, desk, folder
}

func keepPack(t *testing.T, desk *starter.Packs, n int, pack []byte) evidence.Kept {
	t.Helper()
	from := time.Date(2026, 1, 1+n, 0, 0, 0, 0, time.UTC)
	kept, err := desk.Keep(t.Context(), consenttest.Aurora, "cli:otto", evidence.Summary{Hotel: consenttest.Aurora, From: from, Until: from.AddDate(0, 0, 1), Satisfied: 3}, bytes.NewReader(pack), int64(len(pack)))
	require.NoError(t, err)
	return kept
}

func TestPacksThroughTheAPI(t *testing.T) {
	t.Parallel()
	b, desk, folder := newPacksBench(t)
	require.Empty(t, does[starter.PackList](t, b, "compliance", http.MethodGet, "/evidence", "", http.StatusOK).Packs)
	whole := bytes.Repeat([]byte("PK pack "), 200_000) // two parts
	kept := keepPack(t, desk, 0, whole)
	list := does[starter.PackList](t, b, "compliance", http.MethodGet, "/evidence", "", http.StatusOK)
	require.Len(t, list.Packs, 1)
	require.Equal(t, kept.SHA256, list.Packs[0].SHA256)
	require.Regexp(t, `^compliance:[0-9a-f]{16}`, list.Packs[0].By)

	answer := b.send(t, request{method: http.MethodGet, path: hotelPath + "/evidence/" + kept.ID, as: "compliance"})
	require.Equal(t, http.StatusOK, answer.Code)
	require.True(t, bytes.Equal(whole, answer.Body.Bytes()))
	require.Equal(t, "application/zip", answer.Header().Get("Content-Type"))
	require.Equal(t, fmt.Sprint(len(whole)), answer.Header().Get("Content-Length"))
	require.Equal(t, "no-store", answer.Header().Get("Cache-Control"))
	sum := sha256.Sum256(whole)
	require.Equal(t, "sha-256=:"+base64.StdEncoding.EncodeToString(sum[:])+":", answer.Header().Get("Repr-Digest"))
	require.Contains(t, audittest.Kinds(audittest.Waiting(t, b.house.Database.AdminURL, b.house.Ring)), evidence.EventHandedOut)

	for _, path := range []string{"", "/" + kept.ID} {
		does[starter.Problem](t, b, "agent", http.MethodGet, "/evidence"+path, "", http.StatusForbidden)
	}
	does[starter.Problem](t, b, "compliance", http.MethodGet, "/evidence/01JD3ZG0000000000000000000", "", http.StatusNotFound)
	does[starter.Problem](t, b, "compliance", http.MethodGet, "/evidence/nonsense", "", http.StatusNotFound)
	does[starter.Problem](t, b, "compliance", http.MethodGet, "/evidence?before=nonsense", "", http.StatusUnprocessableEntity)

	require.NoError(t, os.RemoveAll(filepath.Join(folder, "evidence")))
	gone := does[starter.Problem](t, b, "compliance", http.MethodGet, "/evidence/"+kept.ID, "", http.StatusConflict)
	require.Equal(t, starter.PackDamaged.Title, gone.Title)
	require.Contains(t, gone.Detail, "does not have the whole pack")
}

// TestPacksArePagedAndBounded: a list has pages, and packs go out a few at once.
func TestPacksArePagedAndBounded(t *testing.T) {
	t.Parallel()
	b, desk, _ := newPacksBench(t)
	var newest string
	for n := range 30 {
		newest = keepPack(t, desk, n, fmt.Append(nil, "PK", n)).ID
	}
	first := does[starter.PackList](t, b, "compliance", http.MethodGet, "/evidence", "", http.StatusOK)
	require.Len(t, first.Packs, 25)
	require.Equal(t, newest, first.Packs[0].ID)
	rest := does[starter.PackList](t, b, "compliance", http.MethodGet, "/evidence?before="+first.Next, "", http.StatusOK)
	require.Len(t, rest.Packs, 5)
	require.Empty(t, rest.Next)

	var out []*starter.OutgoingPack
	for {
		pack, err := desk.Open(context.WithoutCancel(t.Context()), consenttest.Aurora, "cli:otto", newest)
		if err != nil {
			require.ErrorContains(t, err, starter.TooMany.Code)
			break
		}
		out = append(out, pack)
		require.Less(t, len(out), 100)
	}
	does[starter.Problem](t, b, "compliance", http.MethodGet, "/evidence/"+newest, "", http.StatusTooManyRequests)
	for _, pack := range out {
		require.NoError(t, pack.Close())
	}
	require.Equal(t, http.StatusOK, b.send(t, request{method: http.MethodGet, path: hotelPath + "/evidence/" + newest, as: "compliance"}).Code)
}
