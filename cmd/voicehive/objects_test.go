package main

import (
	"bytes"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/region"
	"github.com/voicehive/voicehive/internal/objects"
	"github.com/voicehive/voicehive/internal/objects/objectstest"
)

// stored are parts that have settings and the guard, and what they log.
func stored(t *testing.T, settings map[string]string) (*parts, *bytes.Buffer) {
	t.Helper()
	settings["VOICEHIVE_HOME"] = t.TempDir()
	settings["VOICEHIVE_SMTP"] = "" // of the machine that the tests run on
	getenv := func(name string) string { return settings[name] }
	p, err := openBase(getenv)
	require.NoError(t, err)
	t.Cleanup(p.close)
	var logged bytes.Buffer
	p.log = slog.New(slog.NewTextHandler(&logged, nil))
	require.NoError(t, p.openGuard(getenv))
	return p, &logged
}

func TestCopiesOfHeadsGoToALockedBucket(t *testing.T) {
	fake := objectstest.NewFake(t)
	fake.MakeBucket(t, "heads", objectstest.Locked)
	fake.MakeBucket(t, "unlocked", objectstest.Versioned)
	login := objectstest.LoginFile(t, fake.Login())
	// Nothing of these is used: neither a proxy nor another login.
	t.Setenv("AWS_ACCESS_KEY_ID", "stranger")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "stranger")
	t.Setenv("HTTP_PROXY", "http://127.0.0.1:1")

	p, _ := stored(t, map[string]string{"VOICEHIVE_AUDIT_STORE": objectstest.URL("heads", fake.Endpoint()), "VOICEHIVE_AUDIT_STORE_LOGIN_FILE": login})
	store, err := p.auditStore()
	require.NoError(t, err)
	require.NoError(t, store.Put(t.Context(), "audit/2026/1", []byte("head")))

	p, _ = stored(t, map[string]string{"VOICEHIVE_AUDIT_STORE": objectstest.URL("unlocked", fake.Endpoint()), "VOICEHIVE_AUDIT_STORE_LOGIN_FILE": login})
	_, err = p.auditStore()
	require.ErrorIs(t, err, objects.ErrNoLock, "refused at the start")
	require.ErrorContains(t, err, "VOICEHIVE_AUDIT_STORE")
	require.NotContains(t, err.Error(), fake.Login().SecretAccessKey)

	p, logged := stored(t, map[string]string{"VOICEHIVE_AUDIT_STORE": objectstest.URL("heads", "http://127.0.0.1:1"), "VOICEHIVE_AUDIT_STORE_LOGIN_FILE": login})
	store, err = p.auditStore()
	require.NoError(t, err, "bookings go on while the store is away")
	require.Contains(t, logged.String(), "does not answer")
	require.ErrorIs(t, store.Put(t.Context(), "audit/2026/1", []byte("head")), objects.ErrUnreachable)

	p, _ = stored(t, map[string]string{
		"VOICEHIVE_AUDIT_STORE": objectstest.URL("heads", fake.Endpoint()), "VOICEHIVE_AUDIT_STORE_LOGIN_FILE": login,
		"VOICEHIVE_RECORDINGS": objectstest.URL("recordings", fake.Endpoint()), "VOICEHIVE_RECORDINGS_LOGIN_FILE": login,
	})
	_, err = p.auditStore()
	require.ErrorContains(t, err, "the same login")
}

func TestProductionKeepsNothingInAPlainFolder(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "heads")
	p, _ := stored(t, map[string]string{"VOICEHIVE_ENV": "production", "VOICEHIVE_AUDIT_STORE": folder, "VOICEHIVE_RECORDINGS": folder})
	_, err := p.auditStore()
	require.ErrorContains(t, err, "VOICEHIVE_AUDIT_FOLDER")
	_, err = p.openRecordings()
	require.ErrorContains(t, err, "VOICEHIVE_RECORDINGS")
	require.NoDirExists(t, folder)
	p, _ = stored(t, map[string]string{"VOICEHIVE_ENV": "production", "VOICEHIVE_AUDIT_STORE": folder, "VOICEHIVE_AUDIT_FOLDER": "true"})
	store, err := p.auditStore()
	require.NoError(t, err)
	require.NoError(t, store.Put(t.Context(), "a", nil))
	none, err := p.openRecordings()
	require.NoError(t, err)
	require.Nil(t, none)
	p.recordings = none
	require.Nil(t, p.subjects().Objects, "and not a store that is nil inside")
}

func TestRecordingsCanBeErasedInDevelopment(t *testing.T) {
	t.Parallel()
	p, _ := stored(t, map[string]string{})
	var err error
	p.recordings, err = p.openRecordings()
	require.NoError(t, err)
	require.NoError(t, p.recordings.Put(t.Context(), "recordings/1", strings.NewReader("sealed")))
	desk := p.subjects()
	require.NoError(t, desk.Objects.Delete(t.Context(), "recordings/1"))
	there, err := desk.Objects.Exists(t.Context(), "recordings/1")
	require.NoError(t, err)
	require.False(t, there)
}

func TestBucketsStandInTheEU(t *testing.T) {
	t.Parallel()
	for at, state := range map[string]region.State{
		"s3://heads?region=eu-central-1": region.Pass,
		"s3://heads?region=eu-west-2":    region.Fail,
		"s3://heads":                     region.Fail,
		"s3://heads?region=eu-central-1&endpoint=https://s3.amazonaws.com":           region.Fail,
		"s3://heads?region=eu-central-1&endpoint=https://objects.svc.cluster.local/": region.Unknown,
	} {
		for _, setting := range []string{"VOICEHIVE_AUDIT_STORE", "VOICEHIVE_RECORDINGS"} {
			p, _ := stored(t, map[string]string{setting: at, setting + "_LOGIN_FILE": "login"})
			found := false
			for _, e := range p.guard.Endpoints() {
				if e.Name == setting {
					found = true
					require.Equal(t, region.Objects, e.Role)
					for _, f := range p.guard.Name(e) {
						require.Equal(t, state, f.State, "%s: %s", at, f)
					}
				}
			}
			require.True(t, found, at)
		}
	}
	// The client goes where the guard looked, and the guard keeps it there.
	p, _ := stored(t, map[string]string{"VOICEHIVE_AUDIT_STORE": "s3://heads?region=eu-central-1", "VOICEHIVE_AUDIT_STORE_LOGIN_FILE": "login"})
	p.config.Audit.Store.Place = "s3://heads?region=eu-west-2"
	p.config.Audit.Store.LoginFile = objectstest.LoginFile(t, objectstest.NewFake(t).Login())
	store, err := p.auditStore()
	require.NoError(t, err)
	require.ErrorIs(t, store.Put(t.Context(), "a", nil), region.ErrRefused)
}
