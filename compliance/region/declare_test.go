package region_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/region"
)

// declaration is a valid one; others are made from it.
const declaration = `
endpoints:
  - host: db.hotelhost.example
    provider: Hetzner Online GmbH
    region: fsn1
    country: DE
    evidence: {document: dpa-hetzner.pdf, sha256: ` + digest + `}
    by: Data Protection Officer
    on: 2026-03-01
    until: 2027-02-28
    addresses: [198.51.100.0/24]
    aliases: [Node7.hetzner.example.]
`

const digest = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"

func declared(t *testing.T, text string) *region.Declarations {
	t.Helper()
	d, err := region.ReadDeclarations([]byte(text), rules(t))
	require.NoError(t, err)
	return d
}

func with(d *region.Declarations) func(*region.Options) {
	return func(o *region.Options) { o.Declared = d }
}

func TestAnOperatorDeclares(t *testing.T) {
	t.Parallel()
	name := func(g *region.Guard, host string) region.Finding {
		return g.Name(region.Endpoint{Name: "X", Role: region.Vault, Address: "https://" + host})[0]
	}
	g := guard(t, with(declared(t, declaration)))
	f := name(g, "DB.hotelhost.example.")
	require.Equal(t, region.Pass, f.State, f.Reason)
	require.Equal(t, "DE", f.Country)
	require.Equal(t, "dpa-hetzner.pdf, Data Protection Officer, 2026-03-01", f.Evidence)
	require.Equal(t, region.Unknown, name(g, "db2.hotelhost.example").State)

	late := guard(t, func(o *region.Options) {
		with(declared(t, declaration))(o)
		o.Now = func() time.Time { return time.Date(2027, 3, 1, 0, 0, 0, 0, time.UTC) }
	})
	require.Equal(t, region.Fail, name(late, "db.hotelhost.example").State, "the evidence ran out")

	for change, want := range map[string]region.State{
		"country: US": region.Fail, "country: CH": region.Fail, "country: IS": region.Pass,
	} {
		g := guard(t, with(declared(t, strings.Replace(declaration, "country: DE", change, 1))))
		require.Equal(t, want, name(g, "db.hotelhost.example").State, change)
	}
	wild := guard(t, with(declared(t, strings.Replace(declaration, "db.hotelhost.example", `"*.prod.svc.cluster.local"`, 1))))
	require.Equal(t, region.Pass, name(wild, "db.prod.svc.cluster.local").State)
	require.Equal(t, region.Unknown, name(wild, "a.db.prod.svc.cluster.local").State)
	require.Equal(t, region.Unknown, name(wild, "prod.svc.cluster.local").State)
	address := guard(t, with(declared(t, strings.Replace(declaration, "db.hotelhost.example", "198.51.100.9", 1))))
	require.Equal(t, region.Pass, name(address, "198.51.100.9").State)
	namespace := guard(t, with(declared(t, strings.Replace(declaration, "db.hotelhost.example", "prod.a1b2c.tmprl.cloud", 1))))
	require.Equal(t, region.Pass, name(namespace, "prod.a1b2c.tmprl.cloud").State)
}

func TestAdequacyIsANamedDatedException(t *testing.T) {
	t.Parallel()
	london := region.Endpoint{Name: "X", Role: region.Database, Address: "postgres://u:p@a.b.eu-west-2.rds.amazonaws.com/x"}
	const exception = "adequacy: [{country: GB, decision: Implementing Decision (EU) 2021/1772, by: DPO, until: 2026-07-01}]"
	g := guard(t, with(declared(t, exception)))
	f := g.Name(london)[0]
	require.Equal(t, region.Pass, f.State)
	require.Contains(t, f.Reason, "excepted until 2026-07-01")
	g = guard(t, func(o *region.Options) {
		with(declared(t, exception))(o)
		o.Now = func() time.Time { return noon.Add(12 * time.Hour) }
	})
	require.Equal(t, region.Fail, g.Name(london)[0].State, "the exception ran out")
}

func TestDeclarationsThatAreRefused(t *testing.T) {
	t.Parallel()
	for name, change := range map[string][2]string{
		"no evidence":       {"sha256: " + digest, "sha256: abcd"},
		"no document":       {"document: dpa-hetzner.pdf", "document: ''"},
		"nobody":            {"by: Data Protection Officer", "by: ''"},
		"no provider":       {"provider: Hetzner Online GmbH", "provider: ' '"},
		"no country":        {"country: DE", "country: ''"},
		"no end":            {"until: 2027-02-28", ""},
		"ends before":       {"until: 2027-02-28", "until: 2026-01-01"},
		"no day":            {"until: 2027-02-28", "until: soon"},
		"unknown field":     {"country: DE", "country: DE\n    stars: 5"},
		"this machine":      {"host: db.hotelhost.example", "host: localhost"},
		"this machine's IP": {"host: db.hotelhost.example", "host: '::ffff:127.0.0.1'"},
		"a top level":       {"host: db.hotelhost.example", "host: '*.example'"},
		"London":            {"host: db.hotelhost.example", "host: a.b.eu-west-2.rds.amazonaws.com"},
		"a known region":    {"host: db.hotelhost.example", "host: kms.eu-central-1.amazonaws.com"},
		"a global endpoint": {"host: db.hotelhost.example", "host: s3.amazonaws.com"},
		"NVIDIA's cloud":    {"host: db.hotelhost.example", "host: grpc.nvcf.nvidia.com"},
		"a hotel system":    {"host: db.hotelhost.example", "host: api.mews.com"},
		"a class":           {"country: DE", "country: DE\n    class: friends"},
		"an alias":          {"Node7.hetzner.example.", "a b"},
		"a range":           {"198.51.100.0/24", "everywhere"},
	} {
		require.Contains(t, declaration, change[0], name)
		_, err := region.ReadDeclarations([]byte(strings.Replace(declaration, change[0], change[1], 1)), rules(t))
		require.ErrorIs(t, err, region.ErrRules, name)
	}
	_, err := region.ReadDeclarations([]byte(declaration+strings.TrimPrefix(declaration, "\nendpoints:\n")), rules(t))
	require.ErrorContains(t, err, "twice")
	_, err = region.ReadDeclarations([]byte("adequacy: [{country: US, decision: x, by: y, until: 2027-01-01}]"), rules(t))
	require.ErrorIs(t, err, region.ErrRules)
	_, err = region.ReadDeclarations([]byte("adequacy: [{country: CH, decision: x, by: y}]"), rules(t))
	require.ErrorIs(t, err, region.ErrRules, "without a date")

	// A wildcard over a provider's domain is read, and never asked.
	d := declared(t, strings.Replace(declaration, "db.hotelhost.example", `"*.amazonaws.com"`, 1))
	g := guard(t, with(d))
	require.Equal(t, region.Fail, g.Name(region.Endpoint{Role: region.Vault, Address: "s3.amazonaws.com"})[0].State)
}

func TestDeclarationsFromAFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "region.yaml")
	_, err := region.OpenDeclarations(path, rules(t))
	require.ErrorIs(t, err, os.ErrNotExist)
	require.NoError(t, os.WriteFile(path, []byte(declaration), 0o600))
	_, err = region.OpenDeclarations(path, rules(t))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path, []byte(strings.Repeat("#", 300<<10)), 0o600))
	_, err = region.OpenDeclarations(path, rules(t))
	require.ErrorContains(t, err, "256 KiB")
	_, err = region.OpenDeclarations("", rules(t))
	require.NoError(t, err)
}
