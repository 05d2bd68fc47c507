//go:build unix

package access_test

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/access"
	"github.com/voicehive/voicehive/compliance/rights"
	"github.com/voicehive/voicehive/internal/postgres"
)

func (h *house) redeem(token string) (*access.Download, error) {
	return h.desk.Redeem(h.t.Context(), token)
}

func TestALinkIsUsedOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	p := h.build(h.open(rights.Access, h.book(ada)), false)
	link := h.link(p, 1)
	require.WithinDuration(t, time.Now().Add(7*24*time.Hour), link.Until, time.Hour)
	raw, err := base64.RawURLEncoding.DecodeString(link.Token)
	require.NoError(t, err)
	require.Len(t, raw, 32)

	download, err := h.redeem(link.Token)
	require.NoError(t, err)
	require.Equal(t, aurora, download.Hotel)
	require.True(t, strings.HasPrefix(download.Name, "access-") && strings.HasSuffix(download.Name, ".zip"))
	whole, err := io.ReadAll(download)
	require.NoError(t, err)
	require.Contains(t, files(t, whole), "data.json")
	require.NoError(t, download.Close(t.Context(), true))
	_, err = h.redeem(link.Token)
	require.ErrorIs(t, err, access.ErrLink, "used")
	require.Equal(t, 1, h.Count(`select count(*) from audit_outbox where kind = 'access.download_began'`))
	require.Equal(t, 1, h.Count(`select count(*) from audit_outbox where kind = 'access.downloaded'`))
	require.Zero(t, h.Count(`select count(*) from access_link l where position(convert_to($1, 'utf8') in convert_to(l::text, 'utf8')) > 0`, link.Token),
		"the token lies nowhere")
}

func TestABrokenDownloadCanBeBegunAgain(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	link := h.link(h.build(h.open(rights.Access, h.book(ada)), false), 1)
	for range 5 {
		download, err := h.redeem(link.Token)
		require.NoError(t, err)
		_, err = download.Read(make([]byte, 10))
		require.NoError(t, err)
		require.NoError(t, download.Close(t.Context(), false))
	}
	_, err := h.redeem(link.Token)
	require.ErrorIs(t, err, access.ErrLink, "not for ever")

	link = h.link(h.build(h.open(rights.Access, h.book(ada)), false), 1)
	_, err = h.redeem(link.Token)
	require.NoError(t, err)
	h.Database.Admin(t, "update access_link set started_at = started_at - interval '61 minutes'")
	_, err = h.redeem(link.Token)
	require.ErrorIs(t, err, access.ErrLink, "not a day later")
}

// TestLinksThatDoNotWork: whatever is wrong with a link, the answer is one.
func TestLinksThatDoNotWork(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	p := h.build(h.open(rights.Access, h.book(ada)), false)
	first := h.link(p, 1)
	second := h.link(p, 2)
	unknown := make([]byte, 32)
	rand.Read(unknown)
	for name, token := range map[string]string{
		"nothing": "", "words": "open sesame", "too short": "YWJj", "unknown": base64.RawURLEncoding.EncodeToString(unknown),
		"replaced": first.Token, "with padding": second.Token + "=", "one bit more": second.Token + "A", "another case": strings.ToUpper(second.Token),
	} {
		_, err := h.redeem(token)
		require.ErrorIs(t, err, access.ErrLink, name)
		require.Equal(t, access.ErrLink.Error(), err.Error(), name)
	}
	h.Database.Admin(t, "update access_link set expires_at = now() - interval '1 second'")
	_, err := h.redeem(second.Token)
	require.Equal(t, access.ErrLink, err, "over")
	h.Database.Admin(t, "update access_link set expires_at = now() + interval '1 hour'", "update access_pack set state = 'building'")
	_, err = h.redeem(second.Token)
	require.Equal(t, access.ErrLink, err, "without a pack")
	require.Zero(t, h.Count(`select count(*) from audit_outbox where kind = 'access.download_began'`))
}

// TestOneOfManyLinksCounts: of many who make a link for one attempt one wins,
// and its letter alone is queued.
func TestOneOfManyLinksCounts(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	p := h.build(h.open(rights.Access, h.book(ada)), false)
	var mu sync.Mutex
	var all sync.WaitGroup
	tokens, letters, queued := []string{}, map[string]bool{}, 0
	for range 8 {
		all.Go(func() {
			link, err := h.desk.MakeLink(t.Context(), aurora, p, 1, func(access.Link) (postgres.Step, error) {
				return func(context.Context, pgx.Tx) error {
					mu.Lock()
					defer mu.Unlock()
					queued++
					return nil
				}, nil
			})
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				t.Errorf("make a link: %v", err)
			}
			letters[link.Message] = true
			if link.Token != "" {
				tokens = append(tokens, link.Token)
			}
		})
	}
	all.Wait()
	require.Len(t, tokens, 1)
	require.Len(t, letters, 1)
	require.Equal(t, 1, queued)
	_, err := h.redeem(tokens[0])
	require.NoError(t, err)

	// A letter that cannot be queued leaves no link.
	broken := errors.New("the outbox is away")
	_, err = h.desk.MakeLink(t.Context(), aurora, p, 2, func(access.Link) (postgres.Step, error) {
		return func(context.Context, pgx.Tx) error { return broken }, nil
	})
	require.ErrorIs(t, err, broken)
	require.Equal(t, 1, h.Count(`select count(*) from access_link`))
	_, err = h.desk.MakeLink(t.Context(), boreal, p, 3, func(access.Link) (postgres.Step, error) {
		return func(context.Context, pgx.Tx) error { return nil }, nil
	})
	require.Error(t, err, "another hotel's pack")
}

// TestHandedOutByHand: where no letter reaches the guest a person hands the pack
// out, and the log says so first.
func TestHandedOutByHand(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	c := h.open(rights.Access, h.book(ada))
	all, err := h.desk.Packs(t.Context(), aurora, c.Case.ID)
	require.NoError(t, err)
	require.Empty(t, all)
	one, other := h.build(c, false), h.build(c, true)
	all, err = h.desk.Packs(t.Context(), aurora, c.Case.ID)
	require.NoError(t, err)
	require.Equal(t, []access.Pack{one, other}, all)
	content, err := h.desk.Open(t.Context(), aurora, one, "operator")
	require.NoError(t, err)
	whole, err := io.ReadAll(content)
	require.NoError(t, err)
	require.NoError(t, content.Close())
	require.Contains(t, files(t, whole), "data.json")
	require.Equal(t, 1, h.Count(`select count(*) from audit_outbox where kind = 'access.download_began' and actor = 'operator'`))
}
