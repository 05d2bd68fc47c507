//go:build unix

// Package postgrestest gives each test a fresh, migrated database on a real
// PostgreSQL server.
//
// The server is the one that DATABASE_URL names (its user must be a
// superuser), or else a private cluster that the test process starts on first
// use and that ends with the process. Clusters are kept in the temporary
// folder and used again by the next process, together with one migrated
// template database for each set of migrations; a warm start takes a fraction
// of a second.
//
// Without PostgreSQL the test fails and says what to install. It never skips.
package postgrestest

import (
	"context"
	"crypto/rand"
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/voicehive/voicehive/internal/postgres"
)

// A Database is a test's own. All its URLs hold passwords.
type Database struct {
	Name string
	// URL is the product's login: it may only take the query roles.
	URL string
	// OwnerURL is the login that migrations run as.
	OwnerURL string
	// AdminURL is a superuser: row security does not hold it.
	AdminURL string
}

// New makes a database with the migrations applied, and drops it when the test
// ends.
func New(t testing.TB, migrations fs.FS) *Database {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	s, err := theServer(ctx)
	if err != nil {
		t.Fatalf("postgrestest: no database for the test: %v", err)
	}
	template, err := s.template(ctx, migrations)
	if err != nil {
		t.Fatalf("postgrestest: making the migrated template: %v", err)
	}
	name := "voicehive_test_" + strings.ToLower(rand.Text()[:16])
	if err := s.admin(ctx, fmt.Sprintf("create database %s template %s owner %s", name, template, ownerName)); err != nil {
		t.Fatalf("postgrestest: making the test's database: %v", err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := s.admin(ctx, fmt.Sprintf("drop database if exists %s with (force)", name)); err != nil {
			t.Errorf("postgrestest: dropping the test's database: %v", err)
		}
	})
	return &Database{Name: name, URL: s.url(name), OwnerURL: s.ownerURL(name), AdminURL: s.adminURL(name)}
}

// Pool opens a pool as the product's login, and closes it when the test ends.
func (d *Database) Pool(t testing.TB, opts ...postgres.Option) *postgres.Pool {
	t.Helper()
	pool, err := postgres.Open(context.Background(), d.URL, opts...)
	if err != nil {
		t.Fatalf("postgrestest: %v", err)
	}
	t.Cleanup(pool.Close)
	return pool
}

// Admin runs statements as the superuser, for what a test must arrange behind
// the product's back.
func (d *Database) Admin(t testing.TB, statements ...string) {
	t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, d.AdminURL)
	if err != nil {
		t.Fatalf("postgrestest: connecting as the administrator: %v", err)
	}
	defer func() { _ = conn.Close(ctx) }()
	for _, statement := range statements {
		if _, err := conn.Exec(ctx, statement); err != nil {
			t.Fatalf("postgrestest: %v", err)
		}
	}
}
