package audittest

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/internal/objects"
)

// A Year is a log of a year that is long over, with an entry and a detail of each
// scope, signed and copied as a sequencer of that time would have done.
type Year struct {
	Name     string
	Year     int
	Signer   audit.Signer
	Store    objects.Store
	Scopes   []keys.Scope
	AdminURL string
}

// Write writes it into a database whose log is younger or empty.
func (y Year) Write(t testing.TB) {
	t.Helper()
	ctx := t.Context()
	conn, err := pgx.Connect(ctx, y.AdminURL)
	require.NoError(t, err)
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	exec := func(statement string, args ...any) {
		_, err := conn.Exec(ctx, statement, args...)
		require.NoError(t, err)
	}
	exec("set session_replication_role = replica")
	stored := memory{}
	origin, writer := audit.Origin(y.Name, y.Year), uuid.New()
	for n := range int64(len(y.Scopes) + 1) {
		tenant := ""
		if n > 0 {
			scope := y.Scopes[n-1]
			tenant = scope.Tenant
			exec("insert into audit_detail (tenant, writer, seq, scope, sealed) values ($1, $2, $3, $4, '\\xab')", tenant, writer, n, scope.ID)
		}
		leaf := entry(t, origin, y.Year, n, writer)
		exec("insert into audit_leaf (year, n, tenant, writer, seq, leaf) values ($1, $2, $3, $4, $5, $6)", y.Year, n, tenant, writer, n, leaf)
		hashes, err := tlog.StoredHashes(n, leaf, stored)
		require.NoError(t, err)
		for _, h := range hashes {
			exec("insert into audit_hash (year, first, hashes) values ($1, $2, $3)", y.Year, len(stored), h[:])
			stored[int64(len(stored))] = h
		}
	}
	size := int64(len(y.Scopes) + 1)
	root, err := tlog.TreeHash(size, stored)
	require.NoError(t, err)
	note, err := audit.SignHead(ctx, y.Signer, audit.Head{Origin: origin, Size: size, Root: root})
	require.NoError(t, err)
	exec("insert into audit_checkpoint (year, size, note) values ($1, $2, $3)", y.Year, size, string(note))
	require.NoError(t, y.Store.Put(ctx, fmt.Sprintf("audit/%d/%019d", y.Year, size), note))
}

// entry is an entry in its canonical form.
func entry(t testing.TB, origin string, year int, n int64, writer uuid.UUID) []byte {
	t.Helper()
	kind := "consent.given"
	if n == 0 {
		kind = string(audit.KindOpened)
	}
	text, err := json.Marshal(map[string]any{ // its keys come out in their order
		"actor": "agent", "commit": hex.EncodeToString(make([]byte, 32)), "kind": kind, "log": origin, "schema": 1, "seq": n,
		"tag": hex.EncodeToString(make([]byte, 16)), "tenant": hex.EncodeToString(make([]byte, 16)),
		"time": time.Date(year, 6, 1, 0, 0, int(n), 0, time.UTC).UnixMicro(), "writer": writer,
	})
	require.NoError(t, err)
	_, err = audit.ParseLeaf(text)
	require.NoError(t, err)
	return text
}

// memory is a tlog.HashReader.
type memory map[int64]tlog.Hash

func (m memory) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	found := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		found[i] = m[index]
	}
	return found, nil
}
