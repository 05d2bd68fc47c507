//go:build unix

package postgrestest

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"

	"github.com/jackc/pgx/v5"

	"github.com/voicehive/voicehive/internal/postgres"
	"github.com/voicehive/voicehive/internal/postgres/cluster"
)

const (
	ownerName = cluster.OwnerName
	loginName = cluster.LoginName
)

// A server is what this process's test databases live on.
type server struct {
	adminURL, ownerURL, url func(database string) string
	home                    string // the database for administration

	mu        sync.Mutex
	templates map[string]bool
}

// theServer is started once in a process. It needs no end: the cluster ends
// with the process.
var theServer = once(func(ctx context.Context) (*server, error) {
	if given := os.Getenv("DATABASE_URL"); given != "" {
		return givenServer(ctx, given)
	}
	return privateServer(ctx)
})

// once is sync.OnceValues for a function that takes a context.
func once[T any](fn func(context.Context) (T, error)) func(context.Context) (T, error) {
	var (
		first sync.Once
		value T
		err   error
	)
	return func(ctx context.Context) (T, error) {
		first.Do(func() { value, err = fn(ctx) })
		return value, err
	}
}

// givenServer uses somebody's server. The logins' passwords follow from the
// URL, so that test processes beside each other set the same ones.
func givenServer(ctx context.Context, given string) (*server, error) {
	admin, err := url.Parse(given)
	if err != nil || admin.Host == "" {
		return nil, errors.New("DATABASE_URL must look like postgres://user:password@host:5432/database")
	}
	logins := cluster.Logins{OwnerPassword: derive(given, ownerName), Password: derive(given, loginName)}
	if err := cluster.Bootstrap(ctx, given, logins); err != nil {
		return nil, fmt.Errorf("the server of DATABASE_URL (its user must be a superuser): %w", err)
	}
	as := func(user *url.Userinfo) func(string) string {
		return func(database string) string {
			u := *admin
			u.User, u.Path = user, "/"+database
			return u.String()
		}
	}
	return &server{
		adminURL: as(admin.User),
		ownerURL: as(url.UserPassword(ownerName, logins.OwnerPassword)),
		url:      as(url.UserPassword(loginName, logins.Password)),
		home:     filepath.Base(admin.Path),
	}, nil
}

func derive(secret, name string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(name))
	return hex.EncodeToString(mac.Sum(nil))
}

// privateServer takes the first cluster that no other test process runs. So
// there are as many clusters as processes ever ran side by side, and no two
// processes share one.
func privateServer(ctx context.Context) (*server, error) {
	home, err := testHome()
	if err != nil {
		return nil, err
	}
	for slot := range 64 {
		c, err := cluster.Start(ctx, cluster.Options{Dir: filepath.Join(home, strconv.Itoa(slot)), Relaxed: true})
		if errors.Is(err, cluster.ErrInUse) {
			continue
		}
		if err != nil {
			return nil, err
		}
		s := &server{adminURL: c.AdminURL, ownerURL: c.OwnerURL, url: c.URL, home: "postgres"}
		return s, s.sweep(ctx)
	}
	return nil, fmt.Errorf("every test cluster in %s is in use", home)
}

// testHome is a folder in the shared temporary one, so it must be proven ours.
func testHome() (string, error) {
	home := filepath.Join(os.TempDir(), "voicehive-test-"+strconv.Itoa(os.Getuid()))
	if err := os.Mkdir(home, 0o711); err != nil && !errors.Is(err, fs.ErrExist) {
		return "", err
	}
	info, err := os.Lstat(home)
	if err != nil {
		return "", err
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !info.IsDir() || !ok || int(stat.Uid) != os.Getuid() {
		return "", fmt.Errorf("%s belongs to somebody else; set TMPDIR to a folder of yours", home)
	}
	return home, nil
}

// sweep drops what killed tests left behind, and templates beyond the few that
// are of use: migrations change often while they are written.
func (s *server) sweep(ctx context.Context) error {
	const stale = `
		select format('drop database if exists %I with (force)', datname) from pg_database
		where datname like 'voicehive\_test\_%'
		union all
		(select format('drop database if exists %I with (force)', datname) from pg_database
		 where datname like 'voicehive\_template\_%' order by oid desc offset 8)`
	conn, err := pgx.Connect(ctx, s.adminURL(s.home))
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(ctx) }()
	rows, err := conn.Query(ctx, stale)
	if err != nil {
		return err
	}
	drops, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return err
	}
	for _, drop := range drops {
		if _, err := conn.Exec(ctx, drop); err != nil {
			return err
		}
	}
	return nil
}

// admin runs one statement as the superuser.
func (s *server) admin(ctx context.Context, statement string) error {
	conn, err := pgx.Connect(ctx, s.adminURL(s.home))
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(ctx) }()
	_, err = conn.Exec(ctx, statement)
	return err
}

// template makes, or finds, a database with the migrations applied. It is
// renamed to its name when it is complete, so one that is there is whole.
func (s *server) template(ctx context.Context, migrations fs.FS) (string, error) {
	sum, err := fingerprint(migrations)
	if err != nil {
		return "", err
	}
	name := "voicehive_template_" + sum
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.templates[name] {
		return name, nil
	}
	conn, err := pgx.Connect(ctx, s.adminURL(s.home))
	if err != nil {
		return "", err
	}
	defer func() { _ = conn.Close(ctx) }()
	// Test processes beside each other may share a given server.
	if _, err := conn.Exec(ctx, "select pg_advisory_lock(hashtext('voicehive_template'))"); err != nil {
		return "", err
	}
	var exists bool
	if err := conn.QueryRow(ctx, "select exists (select from pg_database where datname = $1)", name).Scan(&exists); err != nil {
		return "", err
	}
	if !exists {
		if err := s.makeTemplate(ctx, conn, name, migrations); err != nil {
			return "", err
		}
	}
	if s.templates == nil {
		s.templates = map[string]bool{}
	}
	s.templates[name] = true
	return name, nil
}

func (s *server) makeTemplate(ctx context.Context, conn *pgx.Conn, name string, migrations fs.FS) error {
	const raw = "voicehive_template_new"
	for _, statement := range []string{
		"drop database if exists " + raw + " with (force)",
		"create database " + raw + " template template0 owner " + ownerName,
	} {
		if _, err := conn.Exec(ctx, statement); err != nil {
			return err
		}
	}
	if err := postgres.Migrate(ctx, s.ownerURL(raw), migrations, postgres.GrantTo(loginName)); err != nil {
		return err
	}
	// Renaming fails while anyone is connected; the migration's connection may
	// need a moment to leave, and no new one may come.
	for _, statement := range []string{
		"alter database " + raw + " allow_connections false",
		"select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = '" + raw + "'",
		"alter database " + raw + " rename to " + name,
	} {
		if _, err := conn.Exec(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}

// fingerprint names a set of migrations by its content.
func fingerprint(migrations fs.FS) (string, error) {
	files, err := fs.Glob(migrations, "*.sql")
	if err != nil {
		return "", err
	}
	if len(files) == 0 {
		return "", errors.New("the file system has no *.sql at its root")
	}
	hash := sha256.New()
	for _, file := range files {
		content, err := fs.ReadFile(migrations, file)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(hash, "%s %d\n%s", file, len(content), content)
	}
	return hex.EncodeToString(hash.Sum(nil)[:12]), nil
}
