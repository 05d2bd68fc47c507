package vaulttest

import (
	"net/url"
	"strings"
	"testing"

	"github.com/hashicorp/vault/api"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/attest"
	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/compliance/keys/keystest"
	"github.com/voicehive/voicehive/compliance/keys/vaultkeys"
	"github.com/voicehive/voicehive/connectors/credentials"
	"github.com/voicehive/voicehive/connectors/credentials/credentialstest"
	"github.com/voicehive/voicehive/internal/objects"
	"github.com/voicehive/voicehive/internal/postgres"
	"github.com/voicehive/voicehive/internal/postgres/leased"
	"github.com/voicehive/voicehive/internal/postgres/postgrestest"
	"github.com/voicehive/voicehive/internal/vault"
	"github.com/voicehive/voicehive/internal/vault/vaulttest"
)

// An installation is one that was set up as the README says.
type installation struct {
	*real
	keysDB *postgrestest.Database
}

// asTheReadmeSays runs the README, with this test's databases in the place of
// db.example and its Kubernetes.
func asTheReadmeSays(t testing.TB) *installation {
	i := &installation{real: boot(t), keysDB: postgrestest.New(t, keys.Migrations)}
	i.groups = newGroups(t, i.tables, i.keysDB)
	databases := map[string]*postgrestest.Database{"database/config/voicehive-app": i.tables, "database/config/voicehive-keys": i.keysDB}
	for _, command := range commands(t) {
		i.run(t, command, func(path string, data map[string]any) {
			if database := databases[path]; database != nil {
				require.Contains(t, data["connection_url"], "://{{username}}:{{password}}@")
				data["username"], data["password"], data["connection_url"] = vaultsLogin(t, database, i.groups)
			}
			if statements, ok := data["creation_statements"].(string); ok {
				data["creation_statements"] = i.groups.named(statements)
			}
		})
	}
	i.settle(t)
	return i
}

// A job is a process logged in by its own AppRole.
type job struct {
	*installation
	t      testing.TB
	name   string
	client *vault.Client
}

func (i *installation) job(t testing.TB, name string) *job {
	path := "auth/approle/role/voicehive-" + name
	found, err := i.root.Logical().ReadWithContext(t.Context(), path+"/role-id")
	require.NoError(t, err)
	require.NotNil(t, found, "the README makes no login for the %s", name)
	o := i.Options()
	secret := i.write(t, path+"/secret-id", nil).Data["secret_id"].(string)
	o.Login = vault.AppRole{RoleID: found.Data["role_id"].(string), SecretIDFile: vaulttest.SecretFile(t, secret)}
	client, err := vault.New(o)
	require.NoError(t, err)
	t.Cleanup(client.Close)
	return i.as(t, name, client)
}

func (i *installation) as(t testing.TB, name string, client *vault.Client) *job {
	return &job{installation: i, t: t, name: name, client: client}
}

// person is somebody who logged in to Vault as themselves, for a job.
func (i *installation) person(t testing.TB, name, job string) *job {
	token, err := i.root.Auth().Token().CreateWithContext(t.Context(), &api.TokenCreateRequest{
		DisplayName: name, Policies: []string{"voicehive-" + job}, NoDefaultPolicy: true, TTL: "1h",
	})
	require.NoError(t, err)
	o := i.Options()
	o.Login = vault.TokenFile{Path: vaulttest.SecretFile(t, token.Auth.ClientToken)}
	client, err := vault.New(o)
	require.NoError(t, err)
	t.Cleanup(client.Close)
	return i.as(t, job, client)
}

// pool is a database under a login that Vault lends this job.
func (j *job) pool(database *postgrestest.Database, role string) *postgres.Pool {
	at, err := url.Parse(database.AdminURL)
	require.NoError(j.t, err)
	at.User = nil
	lent := leased.From(j.client.Database("database"), role)
	pool, err := postgres.Open(j.t.Context(), at.String(), postgres.WithCredentials(lent), postgres.WithMaxConns(3))
	require.NoError(j.t, err, j.name)
	j.t.Cleanup(pool.Close)
	return pool
}

// The sequencer and the roller have logins of their own to what is theirs.
func (j *job) main() *postgres.Pool {
	switch j.name {
	case "sequencer":
		return j.pool(j.tables, "voicehive-sequencer")
	case "roller":
		return j.pool(j.tables, "voicehive-house")
	}
	return j.pool(j.tables, "voicehive-app")
}

func (j *job) keys() *postgres.Pool {
	if j.name == "roller" {
		return j.pool(j.keysDB, "voicehive-roller")
	}
	return j.pool(j.keysDB, "voicehive-keys")
}

func (j *job) root() keys.Root { return vaultkeys.New(j.client.Transit("transit")) }
func (j *job) signer() audit.Signer {
	return audit.NewTransitSigner(j.client.Transit("transit"), "voicehive-audit-1")
}

func (j *job) ring() *keys.Ring {
	return keys.New(keys.NewPostgres(j.keys()), j.root(), keys.Options{Buckets: 2, Reserve: 4})
}

// record writes an event of the house, as `voicehive keys` and `voicehive
// credentials` do.
func (j *job) record(ring *keys.Ring, pool *postgres.Pool, kind audit.Kind) {
	require.NoError(j.t, ring.EnsureTenant(j.t.Context(), audit.HouseTenant), j.name)
	require.NoError(j.t, audit.NewWriter(ring).Record(j.t.Context(), pool, audit.Event{Tenant: audit.HouseTenant, Kind: kind, Actor: "operator"}))
}

// TestEachJobUnderItsOwnLogin sets Vault up by the README and lets each process
// do its work: the roller opens an epoch, the worker seals, the codec opens, the
// sequencer signs, the operator keeps credentials, the roller rolls and retires.
func TestEachJobUnderItsOwnLogin(t *testing.T) {
	t.Parallel()
	i, ctx := asTheReadmeSays(t), t.Context()
	roller, worker, codec, sequencer, operator := i.job(t, "roller"), i.job(t, "worker"), i.job(t, "codec"), i.job(t, "sequencer"), i.job(t, "operator")

	epochs := keys.NewRoller(roller.keys(), roller.root(), keys.RollerOptions{})
	_, err := epochs.Roll(ctx, "2026-11")
	require.NoError(t, err)

	seals := worker.ring()
	require.NoError(t, seals.EnsureTenant(ctx, "seaview"))
	scope, err := seals.Create(ctx, "seaview")
	require.NoError(t, err)
	sealed, err := seals.Seal(ctx, scope, keys.Operations, "guest", []byte("Ada"))
	require.NoError(t, err)
	books := worker.main()
	worker.record(seals, books, "hotel.added")

	opens := codec.ring()
	plain, err := opens.Open(ctx, scope, keys.Operations, "guest", sealed)
	require.NoError(t, err)
	require.Equal(t, "Ada", string(plain))

	store := credentials.NewVaultStore(operator.client.KV("secret"))
	require.NoError(t, store.Put(ctx, "aurora", credentialstest.Hotel()))
	operator.record(operator.ring(), operator.main(), "credentials.stored")
	_, err = credentials.NewVaultStore(worker.client.KV("secret")).Credentials(ctx, "aurora")
	require.NoError(t, err)

	_, err = epochs.Roll(ctx, "2026-12")
	require.NoError(t, err)
	_, err = epochs.CheckBackup(ctx, keystest.Backup(t, i.keysDB).Pool(t), "Ada")
	require.NoError(t, err)
	for range 2 { // who holds the roller's one AppRole is one person, however often
		end, err := epochs.Retire(ctx, "2026-11")
		require.NoError(t, err)
		require.Equal(t, keys.Retirement{Person: "approle", ApprovedBy: []string{"approle"}}, end)
	}
	ada := i.person(t, "ada", "roller")
	end, err := keys.NewRoller(ada.keys(), ada.root(), keys.RollerOptions{}).Retire(ctx, "2026-11")
	require.NoError(t, err)
	require.Equal(t, keys.Retirement{Person: "token-ada", ApprovedBy: []string{"approle", "token-ada"}, Retired: true}, end)
	roller.record(roller.ring(), roller.main(), "keys.retired")
	plain, err = worker.ring().Open(ctx, scope, keys.Operations, "guest", sealed)
	require.NoError(t, err)
	require.Equal(t, "Ada", string(plain))

	heads, err := objects.OpenDirectory(t.TempDir())
	require.NoError(t, err)
	log, err := audit.NewSequencer(sequencer.main(), audit.SequencerOptions{Name: "audit.example", Signer: sequencer.signer(), Store: heads})
	require.NoError(t, err)
	require.NoError(t, log.Round(ctx))
	var signed int64
	require.NoError(t, books.AsRole(ctx, postgres.RoleAuditor, func(tx pgx.Tx) error {
		return tx.QueryRow(ctx, "select max(size) from audit_checkpoint").Scan(&signed)
	}))
	require.EqualValues(t, 4, signed, "the log's own first entry, and one of worker, operator and roller each")
}

// TestNoJobDoesAnothers: the same logins, at each other's work.
func TestNoJobDoesAnothers(t *testing.T) {
	t.Parallel()
	i, ctx := asTheReadmeSays(t), t.Context()
	roller := i.job(t, "roller")
	require.NoError(t, roller.root().Create(ctx, "2026-11"))
	secret := []keys.Plain{{Key: make([]byte, 32), AAD: []byte("a")}}
	wrapped, err := roller.root().Wrap(ctx, "2026-11", secret)
	require.NoError(t, err)
	for what, try := range map[string]struct {
		may string // the jobs that may
		do  func(j *job) error
	}{
		"sign a head": {"sequencer", func(j *job) error { _, _, err := j.signer().Sign(ctx, []byte("head")); return err }},
		"sign a certificate": {"worker", func(j *job) error {
			_, err := attest.Sign(ctx, audit.NewTransitSigner(j.client.Transit("transit"), "voicehive-certificates-1"), attest.Predicates+"test/v1",
				[]attest.Subject{attest.Digested("a", nil)}, struct{}{})
			return err
		}},
		"wrap":          {"worker roller", func(j *job) error { _, err := j.root().Wrap(ctx, "2026-11", secret); return err }},
		"make an epoch": {"roller", func(j *job) error { return j.root().Create(ctx, "2026-12") }},
		"list epochs":   {"roller", func(j *job) error { _, err := j.root().Epochs(ctx); return err }},
		"store credentials": {"operator", func(j *job) error {
			return credentials.NewVaultStore(j.client.KV("secret")).Put(ctx, j.name, credentialstest.Hotel())
		}},
		"lease the main one": {"worker codec operator", func(j *job) error { _, err := j.client.Database("database").Lease(ctx, "voicehive-app"); return err }},
		"lease the keys":     {"worker codec operator", func(j *job) error { _, err := j.client.Database("database").Lease(ctx, "voicehive-keys"); return err }},
		"unwrap": {"worker codec roller operator", func(j *job) error {
			_, err := j.root().Unwrap(ctx, "2026-11", []keys.Wrapped{{Data: wrapped[0], AAD: []byte("a")}})
			return err
		}},
	} {
		for _, name := range []string{"worker", "sequencer", "codec", "operator", "roller"} {
			err := try.do(i.job(t, name))
			if strings.Contains(try.may, name) {
				require.NoError(t, err, "%s: %s", name, what)
				continue
			}
			require.ErrorIs(t, err, vault.ErrDenied, "%s: %s", name, what)
		}
	}
	// Last: it ends what the others were tried on.
	for _, name := range []string{"worker", "sequencer", "codec", "operator"} {
		require.ErrorIs(t, i.job(t, name).root().Destroy(ctx, "2026-11"), vault.ErrDenied, name)
	}
	require.NoError(t, roller.root().Destroy(ctx, "2026-11"))
}
