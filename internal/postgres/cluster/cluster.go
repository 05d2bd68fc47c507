//go:build unix

package cluster

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

// ErrInUse is the answer to starting a cluster that another process runs.
var ErrInUse = errors.New("cluster: another process runs this database cluster")

// Options say which cluster to run.
type Options struct {
	// Dir holds everything of the cluster. It is made when missing.
	Dir string
	// Databases are made when missing, owned by the owner login.
	Databases []string
	// Relaxed trades safety on a power cut for speed. For tests only.
	Relaxed bool
	// Log tells what takes long; nothing is told without it.
	Log *slog.Logger
}

// A Cluster is a running server.
type Cluster struct {
	port        int
	credentials credentials
	server      *server
	lock        *os.File
	stop        sync.Once
}

// Start runs the cluster in o.Dir, made first when it is not there, and
// returns when its databases can be used. ctx bounds the start only. ErrInUse
// tells that another process runs it.
func Start(ctx context.Context, o Options) (*Cluster, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	account, err := serverAccount()
	if err != nil {
		return nil, err
	}
	dir, err := prepareDir(o.Dir, account)
	if err != nil {
		return nil, err
	}
	lock, err := acquire(ctx, dir)
	if err != nil {
		return nil, err
	}
	c, err := start(ctx, dir, lock, account, o)
	if err != nil {
		release(lock)
		return nil, err
	}
	return c, nil
}

func start(ctx context.Context, dir string, lock *os.File, account *account, o Options) (*Cluster, error) {
	data, err := placeData(dir, account)
	if err != nil {
		return nil, err
	}
	programs, err := findPrograms(data)
	if err != nil {
		return nil, err
	}
	creds, err := loadCredentials(filepath.Join(dir, "credentials.json"))
	if err != nil {
		return nil, err
	}
	if err := initialise(ctx, programs, data, creds, account, o); err != nil {
		return nil, err
	}
	c := &Cluster{credentials: creds, lock: lock}
	if err := c.run(ctx, programs, data, filepath.Join(dir, "postgres.log"), account, o); err != nil {
		return nil, err
	}
	logins := Logins{OwnerPassword: creds.Owner, Password: creds.Login}
	if err := Bootstrap(ctx, c.AdminURL("postgres"), logins, o.Databases...); err != nil {
		c.Stop()
		return nil, err
	}
	return c, nil
}

// run starts the server on a free port. Somebody else may take the port
// between finding and using it, so it tries a few.
func (c *Cluster) run(ctx context.Context, programs programs, data, logFile string, account *account, o Options) error {
	var err error
	for range 3 {
		if c.port, err = freePort(); err != nil {
			return err
		}
		if c.server, err = launch(programs.postgres, data, c.port, logFile, c.lock, account, o.Relaxed); err != nil {
			return err
		}
		if err = c.ready(ctx); err == nil {
			return nil
		}
		c.server.stop()
		if ctx.Err() != nil {
			break
		}
	}
	return fmt.Errorf("cluster: the server did not start; its messages are in %s: %w", logFile, err)
}

// ready waits until the server takes connections, or is gone.
func (c *Cluster) ready(ctx context.Context) error {
	// After a kill the server first replays its log, which can take a while.
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	retry := time.NewTicker(20 * time.Millisecond)
	defer retry.Stop()
	for {
		conn, err := pgx.Connect(ctx, c.AdminURL("postgres"))
		if err == nil {
			return conn.Close(ctx)
		}
		select {
		case <-c.server.done:
			return errors.New("it ended at once")
		case <-ctx.Done():
			return err
		case <-retry.C:
		}
	}
}

// URL is how the product connects: as the login that owns nothing and may only
// take the query roles. It holds a password.
func (c *Cluster) URL(database string) string {
	return c.url(LoginName, c.credentials.Login, database)
}

// OwnerURL is how migrations connect. It holds a password.
func (c *Cluster) OwnerURL(database string) string {
	return c.url(OwnerName, c.credentials.Owner, database)
}

// AdminURL is how the cluster's superuser connects. It holds a password.
func (c *Cluster) AdminURL(database string) string {
	return c.url(adminName, c.credentials.Admin, database)
}

func (c *Cluster) url(user, password, database string) string {
	u := url.URL{
		Scheme:   "postgres",
		User:     url.UserPassword(user, password),
		Host:     net.JoinHostPort("127.0.0.1", strconv.Itoa(c.port)),
		Path:     "/" + database,
		RawQuery: "sslmode=disable",
	}
	return u.String()
}

// Done is closed when the server has ended, by Stop or by itself.
func (c *Cluster) Done() <-chan struct{} { return c.server.done }

// Stop ends the server: connections are cut, the data is written. It returns
// when the server is gone.
func (c *Cluster) Stop() {
	c.stop.Do(func() {
		c.server.stop()
		release(c.lock)
	})
}

func freePort() (int, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("cluster: finding a free port: %w", err)
	}
	port := listener.Addr().(*net.TCPAddr).Port
	return port, listener.Close()
}
